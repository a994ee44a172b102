import { diagnoseJob } from './diagnose-job.js';
import { type Explanation, placed } from './explain.js';
import type { JobFailure } from './failure.js';
import type { LocateOptions, RepositoryFiles } from './locate.js';

/** The whole story of a failed training job: its log, and the end of the program's text in the failure reason. */
export function explainJob(
  failure: JobFailure,
  files: RepositoryFiles,
  options: LocateOptions = {},
): Explanation {
  const reason = (failure.failureReason ?? '').replace(/^AlgorithmError:\s{0,8}/, '');
  return placed(diagnoseJob(failure), [failure.logTail, reason.split('\n')], files, {
    ...options,
    what: 'The training job failed',
  });
}
