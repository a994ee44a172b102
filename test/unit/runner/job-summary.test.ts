import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeJobSummary } from '../../../src/runner/job-summary.js';
import { temporaryFolder } from './temporary-folder.js';

test('is added to what the file holds', async () => {
  const path = join(temporaryFolder(), 'summary');
  writeFileSync(path, 'before\n');
  expect(await writeJobSummary({ GITHUB_STEP_SUMMARY: path }, '## Größe\n')).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe('before\n## Größe\n');
});

test('without a file there is none, which is said', async () => {
  expect(await writeJobSummary({}, 'x')).toMatch(/GITHUB_STEP_SUMMARY is not set/);
});

test('a file that cannot be written is named, with the reason', async () => {
  const path = join(temporaryFolder(), 'summary');
  mkdirSync(path);
  expect(await writeJobSummary({ GITHUB_STEP_SUMMARY: path }, 'x')).toBe(
    `The job summary could not be written: ${path}: it is a folder (EISDIR).`,
  );
});

test('one that GitHub would drop is not written: bytes count, not characters', async () => {
  const path = join(temporaryFolder(), 'summary');
  writeFileSync(path, '');
  const text = 'ü'.repeat(524_289);
  expect(await writeJobSummary({ GITHUB_STEP_SUMMARY: path }, text)).toMatch(/1048576 bytes, it has 1048578/);
  expect(readFileSync(path, 'utf8')).toBe('');
  expect(await writeJobSummary({ GITHUB_STEP_SUMMARY: path }, text.slice(1))).toBeUndefined();
});
