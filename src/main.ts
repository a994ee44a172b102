import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { bugFailure } from './bug.js';
import { run } from './run.js';
import { annotate } from './runner/annotations.js';
import { createLog } from './runner/job-log.js';
import { waitForReader } from './runner/standard-output.js';

const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** Entry point of the action's main part. @returns the exit code */
export function main(): Promise<number> {
  waitForReader(process.stdout);
  const log = createLog({
    write: (text) => {
      process.stdout.write(text);
    },
    token: () => randomHex(16),
    now: () => performance.now(),
  });
  // A mistake in a callback that nothing awaits. Post cleans up.
  process.once('uncaughtException', (error) => {
    const { message, fix } = bugFailure(error, process.env);
    log.release();
    annotate([{ level: 'error', title: 'SageMaker BYOC', message: `${message}\n${fix}` }]);
    process.exit(1);
  });
  return run({
    env: process.env,
    log,
    randomHex,
    now: () => new Date(),
    sleep: (milliseconds) => setTimeout(milliseconds),
    signals: process,
    platform: process.platform,
  });
}
