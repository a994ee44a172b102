import { AwsError } from '../../src/aws/aws-error.js';
import type { JobLogs } from '../../src/aws/job-logs.js';
import { RetryPolicy } from '../../src/aws/retry-policy.js';
import type { DescribeTrainingJobResponse, TrainingJobs } from '../../src/aws/training-jobs.js';
import type { Connection } from '../../src/stages/train/connection.js';
import type { JobClock } from '../../src/stages/train/job-clock.js';

export type Operation = 'DescribeTrainingJob' | 'DescribeLogStreams' | 'GetLogEvents';

/** Calls a second that are answered, of the account; what is not named is not limited. */
export type Quotas = Partial<Record<Operation, number>>;

/** When a job is in which phase, in milliseconds since 1970. */
export interface SimulatedJob {
  readonly name: string;
  readonly created: number;
  readonly training: number;
  readonly uploading: number;
  readonly end: number;
  /** Milliseconds between two lines of its one host, while it trains. */
  readonly lineEvery: number;
}

export const linesOfJob = ({ training, uploading, lineEvery }: SimulatedJob): number =>
  Math.floor((uploading - training) / lineEvery);

const PAGE = 10_000;
const STREAM = 'algo-1-1700000000';

/**
 * SageMaker and CloudWatch Logs of one account in simulated time. A call over a quota is throttled, and made again as
 * the action's own retry policy wants; each attempt counts as a call.
 */
export class SimulatedAccount {
  readonly jobs = new Map<string, SimulatedJob>();
  /** Moments of all attempts, in milliseconds since 1970. */
  readonly calls: Record<Operation, number[]> = {
    DescribeTrainingJob: [],
    DescribeLogStreams: [],
    GetLogEvents: [],
  };
  throttled = 0;
  readonly #buckets = new Map<Operation, { tokens: number; at: number }>();

  constructor(
    private readonly clock: JobClock,
    private readonly quotas: Quotas,
  ) {}

  /** A connection of a follower's own, with retry policies of its own. */
  connect(attempts: number): Connection {
    const pace = {
      now: () => this.clock.now(),
      sleep: (milliseconds: number) => this.clock.sleep(milliseconds),
      random: () => this.clock.random(),
    };
    const jobsPolicy = new RetryPolicy(attempts, pace);
    const logsPolicy = new RetryPolicy(attempts, pace);
    const unused = () => Promise.reject(new Error('Followers of a simulated account only look.'));
    const jobs: TrainingJobs = {
      region: 'eu-west-1',
      create: unused,
      stop: unused,
      tags: unused,
      completed: unused,
      search: unused,
      remove: unused,
      describe: async (name) => {
        await this.#call('DescribeTrainingJob', jobsPolicy);
        return this.#describe(this.#job(name));
      },
    };
    const logs: JobLogs = {
      get throttles() {
        return logsPolicy.throttles;
      },
      streams: async (name) => {
        await this.#call('DescribeLogStreams', logsPolicy);
        return this.clock.now() < this.#job(name).training ? [] : [`${name}/${STREAM}`];
      },
      page: async (stream, token) => {
        await this.#call('GetLogEvents', logsPolicy);
        const job = this.#job(stream.slice(0, stream.indexOf('/')));
        const there = Math.min(
          linesOfJob(job),
          Math.max(0, Math.floor((this.clock.now() - job.training) / job.lineEvery)),
        );
        const from = Number(token ?? 0);
        const next = Math.min(there, from + PAGE);
        const events = Array.from({ length: next - from }, (_, n) => ({
          message: String(from + n),
          timestamp: job.training + (from + n) * job.lineEvery,
        }));
        return { pieces: [events], next: String(next) };
      },
    };
    return { jobs, logs };
  }

  async #call(operation: Operation, policy: RetryPolicy): Promise<void> {
    let token = await policy.acquireInitialRetryToken();
    while (!this.#allows(operation)) {
      this.throttled += 1;
      try {
        const error = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
        token = await policy.refreshRetryTokenForRetry(token, { error });
      } catch {
        throw new AwsError('throttled', operation, 'ThrottlingException', 'Rate exceeded.', 'Wait.');
      }
    }
    policy.recordSuccess();
  }

  /** Counts the attempt. A second's calls are saved up at most, and one at least. */
  #allows(operation: Operation): boolean {
    const now = this.clock.now();
    this.calls[operation].push(now);
    const quota = this.quotas[operation];
    if (quota === undefined) return true;
    const most = Math.max(quota, 1);
    const bucket = this.#buckets.get(operation) ?? { tokens: most, at: now };
    const tokens = Math.min(most, bucket.tokens + ((now - bucket.at) / 1000) * quota);
    const allowed = tokens >= 1;
    this.#buckets.set(operation, { tokens: allowed ? tokens - 1 : tokens, at: now });
    return allowed;
  }

  #job(name: string): SimulatedJob {
    const job = this.jobs.get(name);
    if (job === undefined) throw new Error(`There is no job ${name}.`);
    return job;
  }

  #describe({ name, created, training, uploading, end }: SimulatedJob): DescribeTrainingJobResponse {
    const now = this.clock.now();
    const phases = [
      { Status: 'Starting', at: created },
      { Status: 'Training', at: training },
      { Status: 'Uploading', at: uploading },
      { Status: 'Completed', at: end },
    ].filter(({ at }) => at <= now);
    const secondary = phases.at(-1)?.Status ?? 'Starting';
    return {
      TrainingJobName: name,
      TrainingJobStatus: secondary === 'Completed' ? 'Completed' : 'InProgress',
      SecondaryStatus: secondary,
      CreationTime: new Date(created),
      ResourceConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large' },
      SecondaryStatusTransitions: phases.map(({ Status, at }) => ({ Status, StartTime: new Date(at) })),
    } as DescribeTrainingJobResponse;
  }
}
