import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { fillVolume } from '../../../src/contract/volume.js';
import { type FakeDocker, fakeDocker } from '../docker/fake-docker.js';

const fill = ({ docker }: FakeDocker) =>
  fillVolume(
    { docker, runId: 'run-1', signal: new AbortController().signal },
    'model:1',
    'volume-1',
    '/opt/ml/model',
    Readable.from([Buffer.from('tar')]),
  );

describe('fillVolume', () => {
  test('makes a marked volume and fills it through a container that is never started', async () => {
    const fake = fakeDocker('[ "$1" != cp ] || cat >"$FOLDER/sent"');
    await fill(fake);
    const [volume, create, copy] = fake.calls();
    const mark = ['--label', 'io.github.sagemaker-byoc.run=run-1'];
    expect(volume).toEqual(['volume', 'create', ...mark, 'volume-1']);
    expect(create?.[0]).toBe('create');
    expect(create).toEqual(expect.arrayContaining([...mark, '--network', 'none', 'model:1']));
    expect(create).toContain('type=volume,source=volume-1,target=/opt/ml/model,volume-nocopy');
    // Never with --archive: docker would give all of it to the image's USER.
    expect(copy).toEqual(['cp', '-', `${create?.[2]}:/opt/ml/model`]);
  });

  test('removes the container with the volumes of the image’s VOLUME lines, which nothing marks', async () => {
    const fake = fakeDocker('[ "$1" != cp ] || cat >/dev/null');
    await fill(fake);
    const name = fake.calls().find(([verb]) => verb === 'create')?.[2];
    expect(fake.calls().at(-1)).toEqual(['rm', '--force', '--volumes', name]);
  });

  test('removes the container also when it could not be filled', async () => {
    const fake = fakeDocker('[ "$1" != cp ] || { echo "no space left on device" >&2; exit 1; }');
    await expect(fill(fake)).rejects.toThrow('no space left on device');
    expect(fake.calls().at(-1)?.slice(0, 3)).toEqual(['rm', '--force', '--volumes']);
  });
});
