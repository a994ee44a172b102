import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { makeFolder } from './make-folder.js';

/** The run's own folder for temporary files. It is not made yet. */
export function tempDirOf(env: NodeJS.ProcessEnv, runId: string): string {
  return join(env['RUNNER_TEMP'] || tmpdir(), nameOf(runId));
}

/**
 * Makes the folder, for this user only.
 *
 * @throws NodeJS.ErrnoException when it cannot be made; also when it is there already, since another one made it
 */
export async function makeTempDir(path: string): Promise<void> {
  await makeFolder(dirname(path));
  await mkdir(path, { mode: 0o700 });
}

/**
 * Removes the folder and all below it. What is gone already is no error.
 *
 * @throws Error when the path is not the folder of this run: nothing else is ever removed
 */
export async function removeTempDir(path: string, runId: string): Promise<void> {
  if (!isAbsolute(path) || basename(path) !== nameOf(runId)) {
    throw new Error(`${path} is not the folder of run ${runId}.`);
  }
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

const nameOf = (runId: string): string => `sagemaker-byoc-${runId}`;
