import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { listContainerFolder, readContainerFile } from '../../../src/contract/container-files.js';
import { CanceledError } from '../../../src/docker/docker.js';
import { COPY, type FakeDocker, fakeDocker } from '../docker/fake-docker.js';

const { signal } = new AbortController();

/** A container whose files are those of a folder. */
function container(fill: (root: string) => void, script = COPY): FakeDocker {
  const fake = fakeDocker(script);
  const root = join(fake.folder, 'root');
  mkdirSync(root);
  fill(root);
  return fake;
}

describe('readContainerFile', () => {
  const read = ({ docker }: FakeDocker, path: string, maxBytes = 1024) =>
    readContainerFile(docker, 'c', path, maxBytes, signal);

  test('gives the bytes of a file', async () => {
    const content = Buffer.from([0, 255, 10, 195]);
    const fake = container((root) => writeFileSync(join(root, 'failure'), content));
    expect(await read(fake, '/failure')).toEqual(content);
    expect(fake.calls()).toEqual([['cp', '--follow-link', 'c:/failure', '-']]);
  });

  test('gives an empty file as empty, and a missing one as undefined', async () => {
    const fake = container((root) => writeFileSync(join(root, 'empty'), ''));
    expect(await read(fake, '/empty')).toEqual(Buffer.alloc(0));
    expect(await read(fake, '/absent')).toBeUndefined();
  });

  test('stops at the limit, and reads no more of a huge file', async () => {
    const fake = container((root) => writeFileSync(join(root, 'huge'), Buffer.alloc(20 * 1024 ** 2, 'x')));
    expect(await read(fake, '/huge', 1000)).toEqual(Buffer.alloc(1000, 'x'));
  });

  test('gives undefined for what is no file', async () => {
    const fake = container((root) => {
      mkdirSync(join(root, 'folder'));
      symlinkSync('/nowhere', join(root, 'dangling'));
      execFileSync('mkfifo', [join(root, 'fifo')]);
    });
    expect(await read(fake, '/folder')).toBeUndefined();
    expect(await read(fake, '/dangling')).toBeUndefined();
    expect(await read(fake, '/fifo')).toBeUndefined();
  });

  test.each([
    'Error: No such container:path: c:/x',
    'Error response from daemon: Could not find the file /x in container c',
    'lstat /x/y: not a directory',
    'Error response from daemon: evalSymlinksInScope: too many links in /merged/opt/ml/output/failure',
  ])('takes “%s” for a missing file', async (words) => {
    expect(await read(fakeDocker(`echo '${words}' >&2; exit 1`), '/x')).toBeUndefined();
  });

  test('does not take it for a missing file when docker cannot tell', async () => {
    const fake = fakeDocker('exec >&-; sleep 0.05; echo "Error: No such container: c" >&2; exit 1');
    await expect(read(fake, '/x')).rejects.toThrow('No such container: c');
  });

  test('ends when it is cancelled', async () => {
    const fake = fakeDocker('exec sleep 60');
    const abort = new AbortController();
    const reading = readContainerFile(fake.docker, 'c', '/x', 10, abort.signal);
    abort.abort();
    await expect(reading).rejects.toThrow(CanceledError);
  });
});

describe('listContainerFolder', () => {
  const list = ({ docker }: FakeDocker, path: string, limit = 10) =>
    listContainerFolder(docker, 'c', path, limit, signal);

  test('gives the names below the folder', async () => {
    const fake = container((root) => {
      mkdirSync(join(root, 'model/sub'), { recursive: true });
      writeFileSync(join(root, 'model/sub/a'), 'a');
    });
    expect([...(await list(fake, '/model'))].sort()).toEqual(['sub/', 'sub/a']);
    expect(await list(fake, '/model', 1)).toHaveLength(1);
  });

  test('gives nothing for an empty folder and for none', async () => {
    const fake = container((root) => mkdirSync(join(root, 'empty')));
    expect(await list(fake, '/empty')).toEqual([]);
    expect(await list(fake, '/absent')).toEqual([]);
  });

  test('does not take a folder for empty when docker cannot tell', async () => {
    const fake = fakeDocker('echo "Error response from daemon: boom" >&2; exit 1');
    await expect(list(fake, '/model')).rejects.toThrow('boom');
  });
});
