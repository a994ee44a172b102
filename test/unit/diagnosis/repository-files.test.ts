import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { repositoryFiles } from '../../../src/diagnosis/repository-files.js';

let root: string;
const write = (name: string, content: string | Buffer = 'x'): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'byoc-files-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the files of the repository', () => {
  test('are listed nearest first, without what is nobody’s source', () => {
    for (const name of [
      'b.py',
      'a/z.py',
      'a/b/c.py',
      '.git/config',
      'a/node_modules/x.js',
      '.venv/lib/y.py',
      'a/__pycache__/z.pyc',
      'venv/lib/site-packages/p.py',
      '.github/w.yml',
    ])
      write(name);
    expect(repositoryFiles(root).list()).toEqual(['b.py', '.github/w.yml', 'a/z.py', 'a/b/c.py']);
  });

  test('are no links, neither to files nor to folders, and no pipes', () => {
    write('real/train.py');
    symlinkSync('/etc/passwd', join(root, 'passwd'));
    symlinkSync('/etc', join(root, 'etc'));
    symlinkSync('real', join(root, 'alias'));
    symlinkSync('.', join(root, 'loop'));
    expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0);
    const files = repositoryFiles(root);
    expect(files.list()).toEqual(['real/train.py']);
    for (const name of ['passwd', 'etc/passwd', 'pipe', 'alias/train.py'])
      expect(files.read(name)).toBeUndefined();
  });

  test('are read when listed, and only then', () => {
    write('a/train.py', 'grüße\n');
    const files = repositoryFiles(join(root, 'a'));
    write('secret', 'x');
    expect(files.read('train.py')).toBe('grüße\n');
    for (const name of ['../secret', '/etc/passwd', './train.py', 'missing'])
      expect(files.read(name)).toBeUndefined();
  });

  test('that became a link or went away after the list are not read', () => {
    write('train.py');
    write('gone.py');
    const files = repositoryFiles(root);
    files.list();
    rmSync(join(root, 'train.py'));
    rmSync(join(root, 'gone.py'));
    symlinkSync('/etc/passwd', join(root, 'train.py'));
    expect([files.read('train.py'), files.read('gone.py')]).toEqual([undefined, undefined]);
  });

  test('that are big or no text are not read', () => {
    write('big.py', Buffer.alloc((1 << 20) + 1, 'x'));
    write('most.py', Buffer.alloc(1 << 20, 'x'));
    write('model.bin', Buffer.from([1, 2, 0, 3]));
    const files = repositoryFiles(root);
    expect([files.read('big.py'), files.read('most.py')?.length, files.read('model.bin')]).toEqual([
      undefined,
      1 << 20,
      undefined,
    ]);
  });

  test('are at most so many, the deepest left out, in no more folders than that', () => {
    for (let index = 0; index < 50; index++) write(`deep/${index}/x/y.py`);
    write('train.py');
    expect(repositoryFiles(root, { files: 10, bytesPerFile: 100 }).list()).toEqual(['train.py']);
    expect(repositoryFiles(root, { files: 200, bytesPerFile: 100 }).list()).toHaveLength(51);
  });

  test('of a folder that is not there are none', () => {
    expect(repositoryFiles(join(root, 'nowhere')).list()).toEqual([]);
  });
});
