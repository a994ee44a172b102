import { appendFile } from 'node:fs/promises';
import { reasonOf } from './errno.js';

/** The runner drops a longer one whole (actions/runner, CreateStepSummaryCommand). */
const MOST_BYTES = 1024 * 1024;

/**
 * Adds Markdown to the job's summary. A summary is told about, never needed: what keeps it from being written
 * is returned as a sentence, absent when all went well.
 *
 * The file is written here and not by `@actions/core`, which hides the system's reason.
 */
export async function writeJobSummary(env: NodeJS.ProcessEnv, markdown: string): Promise<string | undefined> {
  const path = env['GITHUB_STEP_SUMMARY'];
  if (!path) return 'There is no job summary: GITHUB_STEP_SUMMARY is not set.';
  const bytes = Buffer.byteLength(markdown);
  if (bytes > MOST_BYTES) {
    return `The job summary was left out: GitHub takes at most ${MOST_BYTES} bytes, it has ${bytes}.`;
  }
  try {
    await appendFile(path, markdown);
    return undefined;
  } catch (error) {
    return `The job summary could not be written: ${path}: ${reasonOf(error)}.`;
  }
}
