import { connectJobLogs, type JobLogs } from '../../aws/job-logs.js';
import { type Pace, systemPace } from '../../aws/retry-policy.js';
import { connectTrainingJobs, type TrainingJobs } from '../../aws/training-jobs.js';
import type { AwsPlan } from '../../plan.js';

/** The ways to AWS that following a job needs. */
export interface Connection {
  readonly jobs: TrainingJobs;
  readonly logs: JobLogs;
}

/**
 * Makes a new connection, with credentials asked of the provider chain again.
 *
 * @param attempts of each call
 */
export type Connect = (attempts: number) => Promise<Connection>;

/** @param pace time and chance of waiting between the attempts of a call */
export const connectTo =
  (plan: AwsPlan, pace: Pace = systemPace): Connect =>
  async (attempts) => {
    const [jobs, logs] = await Promise.all([
      connectTrainingJobs(plan, attempts, pace),
      connectJobLogs(plan, attempts, pace),
    ]);
    return { jobs, logs };
  };
