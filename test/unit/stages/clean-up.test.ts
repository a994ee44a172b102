import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempDirOf } from '../../../src/runner/temp-dir.js';
import { cleanUp } from '../../../src/stages/clean-up.js';
import { fakeDocker } from '../docker/fake-docker.js';
import { temporaryFolder } from '../runner/temporary-folder.js';

test('a name that a killed push gave the image is taken away, before the file that holds it', async () => {
  const { docker, calls } = fakeDocker('exit 0');
  const runId = '0123456789ab';
  const tempDir = tempDirOf({ RUNNER_TEMP: temporaryFolder() }, runId);
  mkdirSync(tempDir);
  writeFileSync(join(tempDir, 'image-name'), 'registry.example/churn:1');
  expect(await cleanUp(docker, { runId, tempDir })).toEqual([]);
  expect(calls()).toContainEqual(['image', 'rm', '--no-prune', 'registry.example/churn:1']);
  expect(existsSync(tempDir)).toBe(false);
});
