import { AwsError } from '../../aws/aws-error.js';
import { FIRST_CONTACT_MS, isAnswer, neverReached, wasReached } from '../../aws/first-contact.js';
import type {
  CreateTrainingJobRequest,
  DescribeTrainingJobResponse,
  TrainingJobs,
} from '../../aws/training-jobs.js';
import { CanceledError } from '../../docker/docker.js';
import type { SourceRecord } from '../../plan.js';
import { isOfThisRun, STEP_TAG } from '../pinning-tags.js';
import { StageFailure } from '../stage-failure.js';
import { differencesOf } from './differences.js';
import type { JobClock } from './job-clock.js';
import { refusalOf } from './refusal.js';
import { isToStop } from './stop-job.js';

/** The request is made again for so long, however often: the name makes sure that it makes one job. */
const PATIENCE_MS = 5 * 60_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/** A runner's clock may be so much before AWS's. */
const CLOCK_SKEW_MS = 5_000;

export type Started =
  | {
      readonly kind: 'started' | 'joined';
      readonly name: string;
      readonly arn: string;
      /** False: another run has started it, or another job or step of this attempt. It is followed, and never stopped. */
      readonly ours: boolean;
      /** Another job or step of this run has started it. False also for whoever may not read its tags. */
      readonly ofThisRun: boolean;
      /** What is otherwise in a job that was joined, in words. */
      readonly differs: readonly string[];
    }
  /** AWS could not be reached until the end of all patience: whether there is a job is not known. */
  | { readonly kind: 'lost'; readonly name: string; readonly why: string; readonly fix: string };

export interface StartOptions {
  readonly jobs: TrainingJobs;
  readonly request: CreateTrainingJobRequest;
  /** The name holds this run's own number. */
  readonly ownName: boolean;
  /** This run has built or pushed the image: a job of another one is not what was asked for. */
  readonly ownImage: boolean;
  readonly source: SourceRecord;
  /** The request's {@link STEP_TAG}. */
  readonly step: string;
  readonly clock: JobClock;
  /** Ends the calls. */
  readonly signal: AbortSignal;
  /** Aborted when the run is canceled: a call may come to its end, but none begins. */
  readonly canceled: AbortSignal;
}

/**
 * Starts the job, or finds that it is there already. However often the call is made, also by retries whose answer
 * was lost, there is one job: AWS takes a name once.
 *
 * @throws StageFailure when AWS refuses, or when the name is somebody else's
 * @throws CanceledError when the signal is aborted; the job may exist then
 */
export async function start(options: StartOptions): Promise<Started> {
  const { jobs, request, clock, signal, canceled } = options;
  const name = request.TrainingJobName ?? '';
  const began = clock.now();
  let answered = false;
  for (let failures = 0; ; ) {
    if (canceled.aborted) throw new CanceledError();
    try {
      const arn = await jobs.create(request, signal);
      return { kind: 'started', name, arn, ours: true, ofThisRun: true, differs: [] };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.kind === 'conflict') return await join(options, began, error, failures > 0);
      if (!/^(?:throttled|server|network)$/.test(error.kind)) throw refusalOf(error, jobs.region);
      failures += 1;
      answered ||= isAnswer(error.kind) || wasReached(error.action);
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
      if (clock.now() - began + wait > (answered ? PATIENCE_MS : FIRST_CONTACT_MS)) {
        const { message, fix } = answered ? error : neverReached(error, jobs.region);
        return { kind: 'lost', name, why: message, fix };
      }
      await clock.sleep(wait / 2 + (wait / 2) * clock.random(), canceled);
    }
  }
}

/**
 * The job that has the name already. A name that was given asks for it, whatever it is, but for one of another image
 * than this run has made. A made one is this run's: when
 * no call of this step has made it, another step has, or another leg of the matrix, with the same request.
 */
async function join(
  options: StartOptions,
  began: number,
  conflict: AwsError,
  repeated: boolean,
): Promise<Started> {
  const { jobs, request, clock, signal, ownName, source } = options;
  const name = request.TrainingJobName ?? '';
  let job: DescribeTrainingJobResponse | undefined;
  try {
    job = await describePatiently({ jobs, clock, signal }, name, began, true);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind: 'lost', name, why: error.message, fix: error.fix };
  }
  if (job === undefined) throw refusalOf(conflict, jobs.region);
  const arn = job.TrainingJobArn ?? '';
  const differs = differencesOf(request, job);
  const tags = await tagsOf(options, arn);
  const maker = tags?.get(STEP_TAG);
  // Only a call that was repeated can have met its own job: the answer to the first one was lost.
  const retried = repeated || attemptsOf(conflict) > 1;
  const justMade = retried && (job.CreationTime?.getTime() ?? 0) >= began - CLOCK_SKEW_MS;
  const isMade = maker === undefined ? justMade && (ownName || differs.length === 0) : maker === options.step;
  if (isMade) return { kind: 'started', name, arn, ours: true, ofThisRun: true, differs: [] };
  const ofThisRun = tags && isOfThisRun(tags, source);
  if (ownName && differs.length > 0 && ofThisRun === false) throw nameIsTaken(name, job);
  // Its model would go on as that of the image that was made just now.
  if (!ownName && options.ownImage && ofThisRun !== true) throwIfOfAnotherImage(request, job);
  const ours = !ownName && tags !== undefined && isToStop(tags, options.step, source);
  return { kind: 'joined', name, arn, ours, ofThisRun: ownName || ofThisRun === true, differs };
}

/** @returns undefined for whoever may not read tags: such a job is neither taken for our own nor for another's */
async function tagsOf(
  { jobs, signal }: StartOptions,
  arn: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    return await jobs.tags(arn, signal);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

const attemptsOf = ({ cause }: AwsError): number =>
  (Object(cause) as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 1;

function nameIsTaken(name: string, job: DescribeTrainingJobResponse): StageFailure {
  const made = job.CreationTime?.toISOString() ?? 'some time ago';
  return new StageFailure({
    message: `There is another training job named ${name} already (${job.TrainingJobStatus}, created ${made}), with another request. A name can be used once.`,
    fix: 'Give the job a name of your own as `training-job-name`, with `github.run_id` and `github.run_attempt` in it.',
  });
}

/** @throws StageFailure unless the job trains the very image that is asked for, in whichever repository */
function throwIfOfAnotherImage(request: CreateTrainingJobRequest, job: DescribeTrainingJobResponse): void {
  const [asked = '', is = ''] = [request, job].map(
    ({ AlgorithmSpecification }) => AlgorithmSpecification?.TrainingImage,
  );
  if (digestIn(is) === digestIn(asked)) return;
  const { TrainingJobName: name = '', TrainingJobStatus: status } = job;
  const made = job.CreationTime?.toISOString() ?? 'some time ago';
  throw new StageFailure({
    class: 'job-name-taken',
    message: `The training job ${name} is there already (${status}, created ${made}), and trains another image than the one that this run has made: ${is}, not ${asked}. A name can be used once.`,
    fix: 'Leave `training-job-name` out, or put `github.sha` or `github.run_id` into it. To follow that job, name its image as `image-uri` in place of building or pushing one.',
  });
}

/** What an image is known by: its digest, or all of its name when it has none. */
const digestIn = (uri: string): string => /@(sha256:[0-9a-f]{64})$/.exec(uri)?.[1] ?? uri;

/**
 * A job that an earlier attempt of this run has started with the same request, if it goes on or has reached its
 * end. One that failed or was stopped is no reason not to try again.
 *
 * @param earlier the requests under the names that the attempts gave, which hold all that must be the same
 * @throws StageFailure when AWS does not say how they are: another job beside one that goes on would be paid twice
 */
export async function findEarlier<Asked extends { readonly request: CreateTrainingJobRequest }>(
  { jobs, clock, signal }: Pick<StartOptions, 'jobs' | 'clock' | 'signal'>,
  earlier: readonly Asked[],
): Promise<(Asked & { readonly job: DescribeTrainingJobResponse }) | undefined> {
  const began = clock.now();
  for (const asked of earlier) {
    const name = asked.request.TrainingJobName ?? '';
    const job = await describePatiently({ jobs, clock, signal }, name, began).catch((error: unknown) => {
      if (!(error instanceof AwsError)) throw error;
      throw new StageFailure({
        message: `No training job was started: whether an earlier attempt of this run has left ${name} is not known. ${error.message}`,
        fix: error.fix,
      });
    });
    if (job !== undefined && /^(?:InProgress|Completed)$/.test(job.TrainingJobStatus ?? '')) {
      return { ...asked, job };
    }
  }
  return undefined;
}

/**
 * Asks how the job is, again and again while what AWS answers may pass.
 *
 * @param began when patience began
 * @param answered whether AWS has answered this run before
 */
async function describePatiently(
  { jobs, clock, signal }: Pick<StartOptions, 'jobs' | 'clock' | 'signal'>,
  name: string,
  began: number,
  answered = false,
): Promise<DescribeTrainingJobResponse | undefined> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await jobs.describe(name, signal);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
      const again = /^(?:throttled|server|network)$/.test(error.kind);
      if (!again) throw error;
      answered ||= isAnswer(error.kind) || wasReached(error.action);
      if (clock.now() - began + wait > (answered ? PATIENCE_MS : FIRST_CONTACT_MS)) {
        throw answered ? error : neverReached(error, jobs.region);
      }
      await clock.sleep(wait / 2 + (wait / 2) * clock.random(), signal);
    }
  }
}
