import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeReportFiles } from '../../../src/runner/report-files.js';
import { temporaryFolder } from './temporary-folder.js';

const TEXTS = { 'report.json': '{}\n', 'junit.xml': '<testsuites/>\n' };

test('the folder is made, and each file is there whole', async () => {
  const folder = join(temporaryFolder(), 'a/b');
  const files = await writeReportFiles(folder, TEXTS);
  expect(files.problem).toBeUndefined();
  expect([...files.paths]).toEqual([
    ['report.json', join(folder, 'report.json')],
    ['junit.xml', join(folder, 'junit.xml')],
  ]);
  expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'report.json']);
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('{}\n');
});

test('a report of an earlier run is replaced', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'report.json'), 'old and longer');
  await writeReportFiles(folder, TEXTS);
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('{}\n');
});

test('a link in the place of a file is replaced, and what it leads to is left alone', async () => {
  const folder = temporaryFolder();
  const outside = temporaryFolder();
  writeFileSync(join(outside, '.profile'), 'mine');
  symlinkSync(join(outside, '.profile'), join(folder, 'report.json'));
  symlinkSync(join(outside, 'new'), join(folder, 'junit.xml'));
  expect((await writeReportFiles(folder, TEXTS)).problem).toBeUndefined();
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('{}\n');
  expect(readFileSync(join(outside, '.profile'), 'utf8')).toBe('mine');
  expect(readdirSync(outside)).toEqual(['.profile']);
});

test('a full disk: the path and the reason, and no half of a file', async () => {
  const folder = temporaryFolder();
  // Everything that is written to this device fails as on a full disk.
  symlinkSync('/dev/full', join(folder, 'report.json'));
  const files = await writeReportFiles(folder, TEXTS);
  expect(files.problem).toBe(
    `The report could not be saved: ${join(folder, 'report.json')}: no space left on the disk (ENOSPC).`,
  );
  expect(files.paths.size).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test('a file in the way of the folder', async () => {
  const folder = join(temporaryFolder(), 'file/reports');
  writeFileSync(join(folder, '..'), '');
  const { problem } = await writeReportFiles(folder, TEXTS);
  expect(problem).toBe(
    `The report could not be saved: ${folder}: a part of the path is a file, not a folder (ENOTDIR).`,
  );
});

test('a folder in the place of a file: what was written before it counts', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'junit.xml'));
  const files = await writeReportFiles(folder, TEXTS);
  expect([...files.paths.keys()]).toEqual(['report.json']);
  expect(files.problem).toContain(`${join(folder, 'junit.xml')}: it is a folder (EISDIR)`);
  expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'report.json']);
});
