import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../../../src/runner/make-folder.js';
import { temporaryFolder } from './temporary-folder.js';

test('makes what is missing, and leaves what is there', async () => {
  const path = join(temporaryFolder(), 'a/b/c');
  await makeFolder(path);
  await makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test('a link to a folder is a folder', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'target'));
  symlinkSync('target', join(folder, 'link'));
  await makeFolder(join(folder, 'link'));
  await makeFolder(join(folder, 'link/below'));
  expect(statSync(join(folder, 'target/below')).isDirectory()).toBe(true);
});

test('a file in the way is an error', async () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, '');
  await expect(makeFolder(path)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(path, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('a file system that takes no folders is an error, and not an endless attempt', async () => {
  await expect(makeFolder('/proc/reports/below')).rejects.toMatchObject({ code: 'ENOENT' });
});
