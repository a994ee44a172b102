import { AwsError } from '../../aws/aws-error.js';
import type { DescribeTrainingJobResponse, TrainingJobs } from '../../aws/training-jobs.js';
import { CanceledError } from '../../docker/docker.js';
import type { SourceRecord } from '../../plan.js';
import { isOfThisRun, PINNING_TAGS, STEP_TAG, tagValue } from '../pinning-tags.js';
import type { JobClock } from './job-clock.js';

/** Between two tries: in the seconds after a cancel, and when there is more time. */
const AGAIN_MS = { soon: 400, later: 2_000 };
const SOON_MS = 4_000;
/** One call may take so long at first, doubled each time: one that hangs must not use up all the time there is. */
const FIRST_CALL_MS = 1_000;

/**
 * `stopping`: AWS says so. `accepted`: AWS has taken the call, and its status did not show it in time. `ended`: it was
 * over before. `absent`: there is no such job.
 */
export type StopResult =
  | { readonly kind: 'stopping' | 'accepted' | 'ended' | 'absent' | 'not-ours' }
  | { readonly kind: 'failed'; readonly why: string; readonly fix: string };

export interface StopOrder {
  readonly name: string;
  /** Milliseconds that all of it may take. */
  readonly within: number;
  /** Milliseconds for which its absence is waited out, since it may be a moment from being created. */
  readonly mayComeFor: number;
  /** Asked once the job is found; false: it is not touched. Absent: the job is known to be this run's own. */
  readonly isOurs?: (
    jobs: TrainingJobs,
    job: DescribeTrainingJobResponse,
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Called with the job whenever it was asked. */
  readonly onSeen?: (job: DescribeTrainingJobResponse) => void;
}

/**
 * Stops a job, now, and sees that AWS is at it. Tries again within its time, whatever goes wrong.
 *
 * @param connect a connection of its own, which no canceled signal has touched
 */
export async function stopJob(
  connect: () => Promise<TrainingJobs>,
  { name, within, mayComeFor, isOurs, onSeen }: StopOrder,
  clock: JobClock,
): Promise<StopResult> {
  const began = clock.now();
  const deadline = began + within;
  const mayComeYet = () => clock.now() + again() < began + mayComeFor;
  const again = () => (clock.now() - began < SOON_MS ? AGAIN_MS.soon : AGAIN_MS.later);
  const patience = new AbortController();
  const { signal } = patience;
  let failure: AwsError | undefined;
  let accepted = false;
  // A stop call whose answer was lost may have been the one that stopped it.
  let maybeStoppedHere = false;

  let callMs = FIRST_CALL_MS;

  /** @throws AwsError when it does not come to its end in time */
  async function timely<Result>(
    action: string,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const timer = new AbortController();
    const tooLate = new AbortController();
    const within = callMs;
    const late = clock.sleep(within, timer.signal).then((): never => {
      tooLate.abort();
      throw new AwsError('network', action, 'TimeoutError', NO_ANSWER.why, NO_ANSWER.fix);
    });
    late.catch(() => {});
    try {
      return await Promise.race([work(AbortSignal.any([signal, tooLate.signal])), late]);
    } catch (error) {
      if (tooLate.signal.aborted) callMs = within * 2;
      throw error;
    } finally {
      timer.abort();
    }
  }

  async function describe(jobs: TrainingJobs): Promise<DescribeTrainingJobResponse | undefined> {
    const job = await timely('sagemaker:DescribeTrainingJob', (signal) => jobs.describe(name, signal));
    if (job !== undefined) onSeen?.(job);
    return job;
  }

  // A container that ends at once on SIGTERM has done so by the time it is looked at: it was this that stopped it.
  const ended = (status: string | undefined): StopResult => ({
    kind: maybeStoppedHere && status === 'Stopped' ? 'stopping' : 'ended',
  });

  async function attempt(jobs: TrainingJobs): Promise<StopResult | undefined> {
    if (isOurs !== undefined && !accepted) {
      const job = await describe(jobs);
      if (job === undefined) return mayComeYet() ? undefined : { kind: 'absent' };
      if (isOver(job.TrainingJobStatus)) return ended(job.TrainingJobStatus);
      const ours = await timely('sagemaker:ListTags', (signal) => isOurs(jobs, job, signal));
      if (!ours) return { kind: 'not-ours' };
    }
    const answer = await timely('sagemaker:StopTrainingJob', (signal) => jobs.stop(name, signal)).catch(
      (error: unknown) => {
        if (error instanceof AwsError)
          maybeStoppedHere ||= error.kind === 'network' || error.kind === 'server';
        throw error;
      },
    );
    failure = undefined;
    if (answer === 'not-found') return mayComeYet() ? undefined : { kind: 'absent' };
    accepted = true;
    maybeStoppedHere ||= answer === 'stopping';
    // The answer to the stop call is no status: it is asked whether the job really is on its way.
    const status = (await describe(jobs))?.TrainingJobStatus;
    if (isOver(status)) return ended(status);
    return status === 'Stopping' ? { kind: 'stopping' } : undefined;
  }

  async function attempts(): Promise<StopResult> {
    let jobs: TrainingJobs | undefined;
    while (!signal.aborted) {
      try {
        jobs ??= await connect();
        const result = await attempt(jobs);
        if (result !== undefined) return result;
      } catch (error) {
        if (error instanceof CanceledError) break;
        if (!(error instanceof AwsError)) throw error;
        failure = error;
        if (error.kind === 'access-denied') break;
        jobs = undefined;
      }
      if (clock.now() + again() >= deadline) break;
      await clock.sleep(again(), signal);
    }
    return unfinished();
  }

  function unfinished(): StopResult {
    if (accepted) return { kind: 'accepted' };
    if (failure !== undefined) {
      // What passes by itself needs no advice but where to look.
      const passes = failure.kind === 'throttled' || failure.kind === 'server' || failure.kind === 'network';
      return { kind: 'failed', why: failure.message, fix: passes ? NO_ANSWER.fix : failure.fix };
    }
    return mayComeFor === 0 ? NO_ANSWER : { kind: 'absent' };
  }

  const done = new AbortController();
  const late = clock.sleep(within, done.signal).then((): StopResult => {
    patience.abort();
    return accepted || failure !== undefined ? unfinished() : NO_ANSWER;
  });
  try {
    return await Promise.race([attempts(), late]);
  } finally {
    done.abort();
    patience.abort();
  }
}

const NO_ANSWER = {
  kind: 'failed',
  why: 'AWS did not answer in time.',
  fix: 'Look at the job in the console.',
} as const satisfies StopResult;

const isOver = (status: string | undefined): boolean =>
  status !== undefined && /^(?:Completed|Failed|Stopped)$/.test(status);

/**
 * Whether a step may stop a job with these tags: it has made the job, or an earlier attempt of its run has, of which
 * nobody follows it any more. One that another step of the same attempt has made is that step's.
 *
 * @param step the value of {@link STEP_TAG}
 */
export function isToStop(tags: ReadonlyMap<string, string>, step: string, source: SourceRecord): boolean {
  const maker = tags.get(STEP_TAG);
  if (maker === step) return true;
  const sameAttempt = tags.get(PINNING_TAGS.runUrl) === tagValue(source.runUrl ?? '');
  return isOfThisRun(tags, source) && (maker === undefined || !sameAttempt);
}

/** Asks for the tags of a job whose name was given, and tells by {@link isToStop}. */
export const mayBeStoppedBy =
  (step: string, source: SourceRecord): NonNullable<StopOrder['isOurs']> =>
  async (jobs, { TrainingJobArn = '' }, signal) =>
    isToStop(await jobs.tags(TrainingJobArn, signal), step, source);

/**
 * Tells whether a job was made by the request of this very step, where another step may have made one of the same name.
 * Whoever may not read tags takes it for its own: one that is left is paid for.
 *
 * @param step the value of {@link STEP_TAG}
 */
export const isMadeBy =
  (step: string): NonNullable<StopOrder['isOurs']> =>
  async (jobs, { TrainingJobArn = '' }, signal) => {
    try {
      const maker = (await jobs.tags(TrainingJobArn, signal)).get(STEP_TAG);
      return maker === undefined || maker === step;
    } catch (error) {
      if (error instanceof AwsError) return true;
      throw error;
    }
  };

/** How to stop a job by hand. */
export const stopByHand = (name: string, region: string): string =>
  `aws sagemaker stop-training-job --training-job-name ${name} --region ${region}`;
