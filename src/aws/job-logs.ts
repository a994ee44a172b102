import type { AwsPlan } from '../plan.js';
import { type LogStreams, openLogGroup } from './log-streams.js';
import { type Pace, systemPace } from './retry-policy.js';

export { type LogEvent, type LogPage, StaleTokenError } from './log-streams.js';

/** Where SageMaker's training jobs log. [doc] */
export const TRAINING_LOG_GROUP = '/aws/sagemaker/TrainingJobs';

/** The log streams of training jobs: `<job>/algo-1-1699307977`, one a host and start. */
export interface JobLogs extends LogStreams {
  /** How often AWS has refused a call so far because the account made too many, made again or not. */
  readonly throttles: number;
}

/**
 * @param attempts of one call
 * @param pace time and chance of waiting between them
 */
export async function connectJobLogs(
  plan: AwsPlan,
  attempts: number,
  pace: Pace = systemPace,
): Promise<JobLogs> {
  const group = await openLogGroup(plan, attempts, TRAINING_LOG_GROUP, pace);
  return {
    get throttles() {
      return group.throttles;
    },
    async streams(jobName, signal) {
      const names: string[] = [];
      // With the slash: `job-1` would have the streams of `job-10` too.
      for await (const some of group.list(`${jobName}/`, signal)) names.push(...some.map(({ name }) => name));
      return names;
    },
    page: group.page,
  };
}
