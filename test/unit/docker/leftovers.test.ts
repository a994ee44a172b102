import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  labelArgs,
  removeImageName,
  removeLeftovers,
  removeNetworks,
  withImageName,
} from '../../../src/docker/leftovers.js';
import { temporaryFolder } from '../runner/temporary-folder.js';
import { fakeDocker } from './fake-docker.js';

const LISTS = `case "$1 $2" in
  'ps --all') printf 'c1\\nc2\\n';;
  'network ls') printf 'n1\\n';;
  'volume ls') printf 'v1\\nv2\\n';;
`;
const FILTER = ['--filter', 'label=io.github.sagemaker-byoc.run=run-1'];

test('labelArgs marks what belongs to a run', () => {
  expect(labelArgs('run-1')).toEqual(['--label', 'io.github.sagemaker-byoc.run=run-1']);
});

describe('removeLeftovers', () => {
  test('removes the run’s containers first, then its networks and volumes, and nothing else', async () => {
    const { docker, calls } = fakeDocker(`${LISTS} esac`);
    await removeLeftovers(docker, 'run-1');
    const made = calls();
    for (const call of made
      .filter(([, verb]) => verb === 'ls')
      .concat(made.filter(([verb]) => verb === 'ps'))) {
      expect(call.slice(-2)).toEqual(FILTER);
    }
    const removals = made.filter((call) => call.includes('rm'));
    expect(removals[0]).toEqual(['rm', '--force', '--volumes', 'c1', 'c2']);
    expect(removals.slice(1).sort()).toEqual([
      ['network', 'rm', 'n1'],
      ['volume', 'rm', '--force', 'v1', 'v2'],
    ]);
  });

  test('removes nothing when there is nothing', async () => {
    const { docker, calls } = fakeDocker('exit 0');
    await removeLeftovers(docker, 'run-1');
    expect(calls().filter((call) => call.includes('rm'))).toEqual([]);
  });

  test('is content when something is gone already, or is being removed by another', async () => {
    const { docker } = fakeDocker(`${LISTS}
      'rm --force') echo 'Error: No such container: c1' >&2
        echo 'Error response from daemon: removal of container c2 is already in progress' >&2; exit 1;;
      'network rm') echo 'Error response from daemon: network n1 not found' >&2; exit 1;;
      'volume rm') echo 'Error: No such volume: v1' >&2; exit 1;;
    esac`);
    await expect(removeLeftovers(docker, 'run-1')).resolves.toBeUndefined();
  });

  test('says so when something cannot be removed', async () => {
    const { docker } = fakeDocker(`${LISTS}
      'rm --force') echo 'Error: No such container: c1' >&2; echo 'Error: device or resource busy' >&2; exit 1;;
    esac`);
    await expect(removeLeftovers(docker, 'run-1')).rejects.toThrow('device or resource busy');
  });
});

describe('removeNetworks', () => {
  test('takes off a network what is still on it, and then removes it', async () => {
    const { docker, calls } = fakeDocker(`case "$1 $2" in
      'network rm') [ -e "$FOLDER/off" ] || {
        echo 'Error response from daemon: error while removing network: network n1 has active endpoints' >&2; exit 1
      };;
      'network inspect') printf 'n1 c9\\n\\n';;
      'network disconnect') touch "$FOLDER/off";;
    esac`);
    await removeNetworks(docker, ['n1']);
    expect(calls().map((call) => call.filter((word) => !word.startsWith('{{')))).toEqual([
      ['network', 'rm', 'n1'],
      ['network', 'inspect', '--format', 'n1'],
      ['network', 'disconnect', '--force', 'n1', 'c9'],
      ['network', 'rm', 'n1'],
    ]);
  });

  test('asks nothing of docker when there are none', async () => {
    const { docker, calls } = fakeDocker('exit 1');
    await removeNetworks(docker, []);
    expect(calls()).toEqual([]);
  });

  test('says so when docker cannot', async () => {
    const { docker } = fakeDocker('echo "Error: permission denied" >&2; exit 1');
    await expect(removeNetworks(docker, ['n1'])).rejects.toThrow('permission denied');
  });
});

describe('a name that an image has for the moment', () => {
  const NAME = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:sagemaker-byoc-1';
  const image = { id: 'sha256:1', name: NAME };
  const REMOVAL = ['image', 'rm', '--no-prune', NAME];
  const named = async (script: string, use: () => Promise<string>) => {
    const { docker, calls } = fakeDocker(script);
    const tempDir = temporaryFolder();
    const { signal } = new AbortController();
    const result = await withImageName(docker, image, { tempDir, signal }, use).catch(
      (error: Error) => error.message,
    );
    return { docker, calls, tempDir, result };
  };

  test.each([
    ['used', async () => 'done', 'done'],
    ['used in vain', () => Promise.reject(new Error('refused')), 'refused'],
  ])('is taken away when it was %s, and a later process has nothing to do', async (_, use, expected) => {
    const { docker, calls, tempDir, result } = await named('[ "$2" != inspect ]', use);
    expect(result).toBe(expected);
    expect(calls().slice(1)).toEqual([['tag', image.id, NAME], REMOVAL]);
    await removeImageName(docker, tempDir);
    expect(calls()).toHaveLength(3);
  });

  test('is taken away by a later process when this one was killed meanwhile', async () => {
    const { docker, calls } = fakeDocker('[ "$2" != inspect ]');
    const tempDir = temporaryFolder();
    const { signal } = new AbortController();
    await new Promise<void>((began) => {
      void withImageName(docker, image, { tempDir, signal }, () => {
        began();
        return new Promise<never>(() => {});
      });
    });
    expect(calls().at(-1)).toEqual(['tag', image.id, NAME]);
    await removeImageName(docker, tempDir);
    expect(calls().at(-1)).toEqual(REMOVAL);
  });

  test('stays when the engine had it before', async () => {
    const { docker, calls, tempDir } = await named('exit 0', async () => 'done');
    await removeImageName(docker, tempDir);
    expect(calls().filter((call) => call.includes('rm'))).toEqual([]);
    expect(readdirSync(tempDir)).toEqual([]);
  });

  test('that is gone already is no error', async () => {
    const { docker } = fakeDocker('echo "Error: No such image: x" >&2; exit 1');
    const tempDir = temporaryFolder();
    writeFileSync(join(tempDir, 'image-name'), NAME);
    await expect(removeImageName(docker, tempDir)).resolves.toBeUndefined();
  });

  test('is never an option of docker', async () => {
    const { docker, calls } = fakeDocker('exit 0');
    const tempDir = temporaryFolder();
    writeFileSync(join(tempDir, 'image-name'), '--all');
    await removeImageName(docker, tempDir);
    expect(calls()).toEqual([]);
  });
});
