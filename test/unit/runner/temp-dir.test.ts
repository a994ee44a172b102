import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeTempDir, removeTempDir, tempDirOf } from '../../../src/runner/temp-dir.js';
import { temporaryFolder } from './temporary-folder.js';

const RUN = '0123456789ab';

test("lies in the runner's temporary folder, or in the system's", () => {
  expect(tempDirOf({ RUNNER_TEMP: '/runner/temp' }, RUN)).toBe(`/runner/temp/sagemaker-byoc-${RUN}`);
  expect(tempDirOf({ RUNNER_TEMP: '' }, RUN)).toBe(join(tmpdir(), `sagemaker-byoc-${RUN}`));
});

test('is for this user only', async () => {
  const path = tempDirOf({ RUNNER_TEMP: join(temporaryFolder(), 'not', 'there') }, RUN);
  await makeTempDir(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('is not taken over from somebody who made it before', async () => {
  const path = tempDirOf({ RUNNER_TEMP: temporaryFolder() }, RUN);
  mkdirSync(path);
  await expect(makeTempDir(path)).rejects.toMatchObject({ code: 'EEXIST' });
});

test('goes with all that is in it, and may be gone already', async () => {
  const path = tempDirOf({ RUNNER_TEMP: temporaryFolder() }, RUN);
  await makeTempDir(path);
  mkdirSync(join(path, 'a/b'), { recursive: true });
  writeFileSync(join(path, 'a/b/file'), '');
  await removeTempDir(path, RUN);
  expect(existsSync(path)).toBe(false);
  await removeTempDir(path, RUN);
});

test.each(['', '/', 'sagemaker-byoc-0123456789ab', '/home/runner/work'])(
  'a path that is not the folder of the run is never removed: %j',
  async (path) => {
    await expect(removeTempDir(path, RUN)).rejects.toThrow(/is not the folder of run/);
  },
);
