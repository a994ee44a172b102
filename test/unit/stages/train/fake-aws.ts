import { AwsError, type AwsErrorKind } from '../../../../src/aws/aws-error.js';
import { type JobLogs, type LogPage, StaleTokenError } from '../../../../src/aws/job-logs.js';
import {
  type CreateTrainingJobRequest,
  type DescribeTrainingJobResponse,
  finalMetricsOf,
  type TrainingJobs,
} from '../../../../src/aws/training-jobs.js';
import { CanceledError } from '../../../../src/docker/docker.js';
import type { Connection } from '../../../../src/stages/train/connection.js';
import type { JobClock } from '../../../../src/stages/train/job-clock.js';

export type Operation =
  | 'connect'
  | 'create'
  | 'describe'
  | 'stop'
  | 'tags'
  | 'completed'
  | 'streams'
  | 'page';

/** What a job does, by the seconds since it was created. */
export interface Step {
  readonly at: number;
  readonly secondary: string;
  /** TrainingJobStatus; absent: InProgress. */
  readonly status?: string;
  readonly message?: string;
  readonly failureReason?: string;
}

export interface FakeEvent {
  /** Seconds since the job was created, from which CloudWatch has it. */
  readonly at: number;
  readonly message: string;
}

export interface Script {
  readonly steps?: readonly Step[];
  /** By the stream's name without the job's: `algo-1-1700000000`. */
  readonly logs?: Readonly<Record<string, readonly FakeEvent[]>>;
  readonly facts?: Partial<DescribeTrainingJobResponse>;
}

/** Some minutes, one host, and a good end. */
export const USUAL: readonly Step[] = [
  { at: 0, secondary: 'Starting', message: 'Starting the training job' },
  { at: 60, secondary: 'Downloading', message: 'Downloading the training image' },
  { at: 90, secondary: 'Training', message: 'Training image download completed. Training in progress.' },
  { at: 390, secondary: 'Uploading' },
  { at: 400, secondary: 'Completed', status: 'Completed' },
];

interface Job {
  readonly request: CreateTrainingJobRequest;
  readonly created: number;
  readonly script: Script;
  steps: readonly Step[];
}

/** SageMaker and CloudWatch Logs at the level of the action's own functions, with everything that can go wrong. */
export class FakeAws {
  readonly jobs = new Map<string, Job>();
  readonly calls: { readonly operation: Operation; readonly at: number; readonly name: string }[] = [];
  readonly region = 'eu-west-1';
  /** Asked before each call; what it gives is thrown. */
  fault: (operation: Operation, nth: number) => Error | undefined = () => undefined;
  /** After the job was made: an answer that is lost. */
  lostAnswer: (nth: number) => Error | undefined = () => undefined;
  /** What a job of this name does. */
  script: (name: string, request: CreateTrainingJobRequest) => Script = () => ({});
  /** Events a page, and empty pages before each one. */
  pages: { readonly size: number; readonly empty: number } = { size: 10_000, empty: 0 };
  /** Calls of the logs that AWS has refused so far, made again since. */
  throttles = 0;
  /** Whether a token that is sent is too old. */
  isStale: () => boolean = () => false;
  /** Seconds that a container takes to stop. */
  stopSeconds = 40;

  constructor(readonly clock: JobClock) {}

  count(operation: Operation): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  readonly connect = async (): Promise<Connection> => {
    this.#called('connect', '');
    return { jobs: this.#jobs(), logs: this.#logs() };
  };

  /** A job that is there already. */
  add(request: CreateTrainingJobRequest, script: Script = {}, secondsAgo = 0): void {
    const name = request.TrainingJobName ?? '';
    const created = this.clock.now() - secondsAgo * 1000;
    this.jobs.set(name, { request, created, script, steps: script.steps ?? USUAL });
  }

  #jobs(): TrainingJobs {
    return {
      region: this.region,
      create: async (request, signal) => {
        const name = request.TrainingJobName ?? '';
        this.#called('create', name, signal);
        if (this.jobs.has(name)) {
          throw awsError('conflict', `Job name must be unique: ${name} exists`, 'ResourceInUse');
        }
        this.add(request, this.script(name, request));
        const lost = this.lostAnswer(this.count('create'));
        if (lost) throw lost;
        return arnOf(name);
      },
      describe: async (name, signal) => {
        this.#called('describe', name, signal);
        const job = this.jobs.get(name);
        return job && this.#describe(name, job);
      },
      stop: async (name, signal) => {
        this.#called('stop', name, signal);
        const job = this.jobs.get(name);
        if (job === undefined) return 'not-found';
        const { TrainingJobStatus } = this.#describe(name, job);
        if (TrainingJobStatus !== 'InProgress') return 'ended';
        const at = this.#since(job);
        job.steps = [
          ...job.steps.filter((step) => step.at <= at),
          { at, secondary: 'Stopping', status: 'Stopping' },
          { at: at + this.stopSeconds, secondary: 'Stopped', status: 'Stopped' },
        ];
        return 'stopping';
      },
      tags: async (arn, signal) => {
        this.#called('tags', arn, signal);
        const job = this.jobs.get(arn.split('/').at(-1) ?? '');
        return new Map((job?.request.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
      },
      completed: async (wanted, signal) => {
        this.#called('completed', '', signal);
        const tagged = [...this.jobs].map(([name, job]) => ({
          name,
          created: job.created,
          status: this.#describe(name, job).TrainingJobStatus,
          image: job.request.AlgorithmSpecification?.TrainingImage ?? '',
          tags: new Map((job.request.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
          finalMetrics: finalMetricsOf(this.#describe(name, job)),
        }));
        return tagged
          .filter(({ status }) => status === 'Completed')
          .filter(({ tags }) => [...wanted].every(([key, values]) => values.includes(tags.get(key) ?? '')))
          .sort((a, b) => b.created - a.created);
      },
      search: async () => {
        throw new Error('Not used here.');
      },
      remove: async () => {
        throw new Error('Not used here.');
      },
    };
  }

  #logs(): JobLogs {
    const throttles = () => this.throttles;
    return {
      get throttles() {
        return throttles();
      },
      streams: async (name, signal) => {
        this.#called('streams', name, signal);
        const job = this.jobs.get(name);
        return Object.entries(job?.script.logs ?? {})
          .filter(([, events]) => job && events.some(({ at }) => at <= this.#since(job)))
          .map(([stream]) => `${name}/${stream}`);
      },
      page: async (stream, token, signal) => {
        this.#called('page', stream, signal);
        if (token !== undefined && this.isStale()) throw new StaleTokenError('The nextToken is invalid.');
        const name = stream.slice(0, stream.indexOf('/'));
        const job = this.jobs.get(name);
        const events = job?.script.logs?.[stream.slice(name.length + 1)];
        if (job === undefined || events === undefined) return undefined;
        const there = events.filter(({ at }) => at <= this.#since(job));
        return pageOf(there, job.created, token, this.pages);
      },
    };
  }

  #called(operation: Operation, name: string, signal?: AbortSignal): void {
    if (signal?.aborted) throw new CanceledError();
    this.calls.push({ operation, at: this.clock.now(), name });
    const fault = this.fault(operation, this.count(operation));
    if (fault) throw fault;
  }

  #since = (job: Job): number => (this.clock.now() - job.created) / 1000;

  #describe(name: string, job: Job): DescribeTrainingJobResponse {
    const now = this.#since(job);
    const past = job.steps.filter(({ at }) => at <= now);
    const last = past.at(-1) ?? USUAL[0];
    const moment = (seconds: number) => new Date(job.created + seconds * 1000);
    const { TrainingJobName: _, Tags: __, ...fields } = job.request;
    return {
      ...fields,
      TrainingJobName: name,
      TrainingJobArn: arnOf(name),
      TrainingJobStatus: last?.status ?? 'InProgress',
      SecondaryStatus: last?.secondary,
      CreationTime: new Date(job.created),
      SecondaryStatusTransitions: past.map(({ at, secondary, message }, index) => {
        const next = past[index + 1];
        return {
          Status: secondary,
          StartTime: moment(at),
          ...(next && { EndTime: moment(next.at) }),
          ...(message && { StatusMessage: message }),
        };
      }),
      ...(last?.failureReason && { FailureReason: last.failureReason }),
      ...job.script.facts,
    } as DescribeTrainingJobResponse;
  }
}

/** Events that a page gives at once. */
const PIECE = 250;

/** A token names the event that comes next, and how many empty pages came before it. */
export function pageOf(
  events: readonly FakeEvent[],
  created: number,
  token: string | undefined,
  { size, empty }: { readonly size: number; readonly empty: number },
): LogPage {
  const [from = 0, blank = 0] = (token ?? '0/0').split('/').map(Number);
  const rest = events.slice(from);
  if (rest.length === 0) return { pieces: [], next: `${from}/0` };
  if (blank < empty) return { pieces: [], next: `${from}/${blank + 1}` };
  const page = rest.slice(0, size).map(({ at, message }) => ({ message, timestamp: created + at * 1000 }));
  return {
    pieces: Array.from({ length: Math.ceil(page.length / PIECE) }, (_, n) =>
      page.slice(n * PIECE, (n + 1) * PIECE),
    ),
    next: `${from + page.length}/0`,
  };
}

export const arnOf = (name: string): string =>
  `arn:aws:sagemaker:eu-west-1:123456789012:training-job/${name}`;

export const awsError = (kind: AwsErrorKind, message = `It is ${kind}`, code = 'SomeException'): AwsError =>
  new AwsError(kind, 'sagemaker:DescribeTrainingJob', code, `${message}.`, 'Do this.');
