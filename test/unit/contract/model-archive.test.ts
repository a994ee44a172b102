import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { archiveModel, openModelArchive } from '../../../src/contract/model-archive.js';
import { temporaryFolder } from '../inputs/workspace.js';
import { readTar, readTarFiles } from './tar.js';

/** A folder called `model`, as a container has it. */
function modelFolder(fill: (path: string) => void): string {
  const path = join(temporaryFolder(), 'model');
  mkdirSync(path);
  fill(path);
  return path;
}

/** The folder as `docker cp <container>:/opt/ml/model -` gives it: names begin with `model/`. */
function copied(model: string): Readable {
  const tar = execFileSync(
    'tar',
    ['--create', '--format=pax', '--sort=name', '--directory', join(model, '..'), 'model'],
    {
      maxBuffer: 64 * 1024 ** 2,
    },
  );
  return Readable.from([tar], { objectMode: false });
}

/** The archive, extracted by the system's own tar: what hosting would find. */
function extracted(archive: string): string {
  const target = temporaryFolder();
  execFileSync('tar', ['--extract', '--gzip', '--file', archive, '--directory', target]);
  return target;
}

const archivePath = (): string => join(temporaryFolder(), 'model.tar.gz');

describe('archiveModel', () => {
  test('makes an archive that other programs read, with paths relative to the folder', async () => {
    const model = modelFolder((path) => {
      writeFileSync(join(path, 'model.bin'), Buffer.from([0, 255, 10]));
      mkdirSync(join(path, 'code/deep'), { recursive: true });
      writeFileSync(join(path, 'code/deep/inference.py'), 'print("ü")\n');
      mkdirSync(join(path, 'empty'));
    });
    const archive = archivePath();
    expect(await archiveModel([copied(model)], archive)).toEqual({ files: 2, bytes: 15, unarchivable: [] });
    expect(execFileSync('diff', ['-r', model, extracted(archive)], { encoding: 'utf8' })).toBe('');
    const names = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n');
    expect(names.sort()).toEqual(['code/', 'code/deep/', 'code/deep/inference.py', 'empty/', 'model.bin']);
  });

  test('gives everything to root, and keeps modes and times', async () => {
    const model = modelFolder((path) => {
      writeFileSync(join(path, 'run.sh'), '#!/bin/sh');
      execFileSync('chmod', ['750', join(path, 'run.sh')]);
      execFileSync('touch', ['-d', '2020-02-03T04:05:06Z', join(path, 'run.sh')]);
    });
    const archive = archivePath();
    await archiveModel([copied(model)], archive);
    const [entry] = await readTar(openModelArchive(archive));
    expect(entry?.header).toMatchObject({
      name: 'run.sh',
      uid: 0,
      gid: 0,
      uname: 'root',
      gname: 'root',
      mode: 0o750,
      mtime: new Date('2020-02-03T04:05:06Z'),
    });
  });

  test('of an empty folder holds nothing', async () => {
    const archive = archivePath();
    expect(await archiveModel([copied(modelFolder(() => {}))], archive)).toEqual({
      files: 0,
      bytes: 0,
      unarchivable: [],
    });
    expect(await readTar(openModelArchive(archive))).toEqual([]);
  });

  test('puts the models of all hosts into one archive; of the same name the first stays', async () => {
    const one = modelFolder((path) => {
      writeFileSync(join(path, 'shared'), 'of algo-1');
      writeFileSync(join(path, 'only-1'), '1');
    });
    const two = modelFolder((path) => {
      writeFileSync(join(path, 'shared'), 'of algo-2, longer');
      writeFileSync(join(path, 'only-2'), '22');
    });
    const archive = archivePath();
    expect(await archiveModel([copied(one), copied(two)], archive)).toEqual({
      files: 3,
      bytes: 'of algo-1'.length + 3,
      unarchivable: [],
    });
    expect(await readTarFiles(openModelArchive(archive))).toEqual({
      shared: 'of algo-1',
      'only-1': '1',
      'only-2': '22',
    });
  });

  test('leaves out links and FIFOs, and names them', async () => {
    const model = modelFolder((path) => {
      writeFileSync(join(path, 'model.bin'), 'x');
      mkdirSync(join(path, 'cache'));
      symlinkSync('../model.bin', join(path, 'cache/latest'));
      symlinkSync('/nowhere', join(path, 'dangling'));
      execFileSync('mkfifo', [join(path, 'fifo')]);
    });
    const archive = archivePath();
    const { files, unarchivable } = await archiveModel([copied(model)], archive);
    expect(files).toBe(1);
    expect([...unarchivable].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'cache/latest', type: 'symbolic link' },
      { path: 'dangling', type: 'symbolic link' },
      { path: 'fifo', type: 'FIFO' },
    ]);
    expect(await readTarFiles(openModelArchive(archive))).toEqual({ 'model.bin': 'x' });
  });

  test('keeps hard links, which are files to whoever reads them', async () => {
    const model = modelFolder((path) => {
      mkdirSync(join(path, 'a'));
      writeFileSync(join(path, 'a/weights'), 'weights');
      linkSync(join(path, 'a/weights'), join(path, 'b'));
    });
    const archive = archivePath();
    expect((await archiveModel([copied(model)], archive)).files).toBe(2);
    const target = extracted(archive);
    expect(readFileSync(join(target, 'b'), 'utf8')).toBe('weights');
    expect(readFileSync(join(target, 'a/weights'), 'utf8')).toBe('weights');
  });

  test('can be extracted when a hard link’s target is another host’s', async () => {
    const hosts = [1, 2].map((host) =>
      modelFolder((path) => {
        writeFileSync(join(path, 'a'), `of algo-${host}`);
        linkSync(join(path, 'a'), join(path, `b-${host}`));
      }),
    );
    const archive = archivePath();
    expect((await archiveModel(hosts.map(copied), archive)).files).toBe(3);
    const target = extracted(archive);
    expect(['a', 'b-1', 'b-2'].every((name) => existsSync(join(target, name)))).toBe(true);
  });

  test('carries names that need more than a header’s 100 characters', async () => {
    const name = `${'folder-'.repeat(30)}/${'é'.repeat(90)}/${'x'.repeat(200)}.safetensors`;
    const model = modelFolder((path) => {
      mkdirSync(join(path, name, '..'), { recursive: true });
      writeFileSync(join(path, name), 'weights');
    });
    const archive = archivePath();
    await archiveModel([copied(model)], archive);
    expect(await readTarFiles(openModelArchive(archive))).toEqual({ [name]: 'weights' });
    expect(await readTarFiles(openModelArchive(archive, 'smoke/model/'))).toEqual({
      [`smoke/model/${name}`]: 'weights',
    });
    expect(readFileSync(join(extracted(archive), name), 'utf8')).toBe('weights');
  });

  test('carries files that are larger than any buffer on the way', async () => {
    const content = Buffer.alloc(20 * 1024 ** 2, 'abcdefghijk');
    const model = modelFolder((path) => writeFileSync(join(path, 'big'), content));
    const archive = archivePath();
    expect((await archiveModel([copied(model)], archive)).bytes).toBe(content.length);
    const [entry] = await readTar(openModelArchive(archive));
    expect(entry?.content.equals(content)).toBe(true);
  });

  test.each([700, 512 + 100_000])(
    'ends in an error for a stream that breaks off after %i bytes',
    async (size) => {
      const model = modelFolder((path) => writeFileSync(join(path, 'big'), Buffer.alloc(300_000)));
      const whole = execFileSync('tar', ['-c', '-C', join(model, '..'), 'model'], { maxBuffer: 1024 ** 2 });
      const cut = Readable.from([whole.subarray(0, 512 + size)], { objectMode: false });
      const other = copied(modelFolder(() => {}));
      await expect(archiveModel([cut, other], archivePath())).rejects.toThrow(/end of data|Premature/);
      // Whoever sends the other host's model must not wait for ever.
      expect(other.destroyed).toBe(true);
    },
  );

  test('ends in an error for a stream that is no tar, and for one that fails', async () => {
    const nonsense = Readable.from([Buffer.alloc(2048, 'nonsense ')], { objectMode: false });
    await expect(archiveModel([nonsense], archivePath())).rejects.toThrow(/Invalid tar header/);
    const failing = new Readable({
      read() {
        this.destroy(new Error('docker cp failed'));
      },
    });
    await expect(archiveModel([failing], archivePath())).rejects.toThrow('docker cp failed');
  });

  test('ends in an error when the archive cannot be written', async () => {
    const model = modelFolder((path) => writeFileSync(join(path, 'big'), Buffer.alloc(3 * 1024 ** 2, 1)));
    await expect(archiveModel([copied(model)], '/nowhere/model.tar.gz')).rejects.toThrow('/nowhere');
    // Every write to it fails with “no space left on device”.
    await expect(archiveModel([copied(model)], '/dev/full')).rejects.toThrow(/ENOSPC/);
  });
});

describe('openModelArchive', () => {
  const archiveOf = async (fill: (path: string) => void): Promise<string> => {
    const archive = archivePath();
    await archiveModel([copied(modelFolder(fill))], archive);
    return archive;
  };

  test('puts a prefix in front of every path, and of the targets of hard links', async () => {
    const archive = await archiveOf((path) => {
      mkdirSync(join(path, 'sub'));
      writeFileSync(join(path, 'sub/a'), 'a');
      linkSync(join(path, 'sub/a'), join(path, 'sub/b'));
    });
    const entries = await readTar(openModelArchive(archive, 'smoke/model/'));
    expect(entries.map(({ header }) => [header.type, header.name, header.linkname ?? null])).toEqual([
      ['directory', 'smoke/model/sub/', null],
      ['file', 'smoke/model/sub/a', null],
      ['link', 'smoke/model/sub/b', 'smoke/model/sub/a'],
    ]);
    // The system's tar agrees.
    const target = temporaryFolder();
    const chunks: Buffer[] = [];
    for await (const chunk of openModelArchive(archive, 'smoke/model/')) {
      chunks.push(chunk as Buffer);
    }
    execFileSync('tar', ['-x', '-C', target], { input: Buffer.concat(chunks) });
    expect(readFileSync(join(target, 'smoke/model/sub/b'), 'utf8')).toBe('a');
  });

  test.each(['', 'smoke/'])(
    'with prefix %j: a damaged archive is an error of the stream, not a hang',
    async (prefix) => {
      const archive = await archiveOf((path) => {
        writeFileSync(
          join(path, 'a'),
          Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * at) % 251)),
        );
      });
      truncateSync(archive, Math.floor(statSync(archive).size / 2));
      await expect(readTar(openModelArchive(archive, prefix))).rejects.toThrow(/unexpected end of file/);
      const text = archivePath();
      writeFileSync(text, 'this is no archive');
      await expect(readTar(openModelArchive(text, prefix))).rejects.toThrow(/incorrect header check/);
    },
  );

  test.each(['', 'smoke/'])(
    'with prefix %j: a missing archive is an error, also when nobody reads at once',
    async (prefix) => {
      const stream = openModelArchive('/nowhere/model.tar.gz', prefix);
      await new Promise((resolve) => setImmediate(resolve));
      await expect(readTar(stream)).rejects.toThrow('/nowhere/model.tar.gz');
    },
  );
});

test('a regular file of this machine can be read while it is archived', async () => {
  const archive = archivePath();
  const tar = join(temporaryFolder(), 'model.tar');
  const model = modelFolder((path) => writeFileSync(join(path, 'a'), 'a'));
  execFileSync('tar', ['-c', '-f', tar, '-C', join(model, '..'), 'model']);
  expect((await archiveModel([createReadStream(tar)], archive)).files).toBe(1);
});
