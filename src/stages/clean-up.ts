import { connectEndpoints, type Endpoints } from '../aws/endpoints.js';
import type { Pace } from '../aws/retry-policy.js';
import { connectTrainingJobs, type TrainingJobs } from '../aws/training-jobs.js';
import { CanceledError, type Docker, DockerUnavailableError } from '../docker/docker.js';
import { RUN_LABEL, removeImageName, removeLeftovers } from '../docker/leftovers.js';
import type { SourceRecord } from '../plan.js';
import { reasonOf } from '../runner/errno.js';
import type { DeploymentState, JobState, RunState, ShiftState } from '../runner/state.js';
import { removeTempDir } from '../runner/temp-dir.js';
import { undoByHand, unprovenText } from './deploy/canceled.js';
import { followByHand } from './deploy/endpoint-record.js';
import { type Undone, undoDeployment } from './deploy/undo.js';
import { hasWeights, shiftByHand, weightsOf, weightsText } from './shift/weights.js';
import { type JobClock, systemJobClock } from './train/job-clock.js';
import { isMadeBy, mayBeStoppedBy, stopByHand, stopJob } from './train/stop-job.js';
import { duration } from './train/words.js';

/** How a training job is reached and stopped, and a deployment taken back. */
export interface StopWorld {
  /** Whose job it must be, when that is not known yet. */
  readonly source: SourceRecord;
  /** Milliseconds that stopping it may take. */
  readonly within?: number;
  readonly clock?: JobClock;
  /** Time and chance of waiting between the attempts of a call. */
  readonly pace?: Pace;
  readonly connect?: (region: string) => Promise<TrainingJobs>;
  /** Called when nobody need look after the training job any more: it is on its way to its end, or there. */
  readonly onJobSettled?: (how: 'stopping' | 'ended') => void;
  /** Called when nobody need look after the deployment any more, with what became of it. */
  readonly onDeploymentSettled?: (how: Undone['kind']) => void;
  readonly connectEndpoints?: (region: string) => Promise<Endpoints>;
  /** Milliseconds that an endpoint which is being created may be waited for: before that, it cannot be deleted. */
  readonly waitForCreation?: number;
  /** Says what is waited for. */
  readonly say?: (message: string) => void;
}

/** Post has time, but the runner's credentials may be gone: then there is no use in waiting long. */
const STOP_MS = 30_000;
const STOP_ATTEMPTS = 2;
/** A request that main sent in its last moment arrives within seconds, or never. */
const COMING_MS = 10_000;

/**
 * Ends and removes what a run may have left: its training job, its unproven deployment, its containers, networks and volumes, then its
 * temporary files. Safe to repeat; never rejects, and one part's failure does not stop the other.
 *
 * @param signal ends it before its time, when the engine takes too long
 * @returns what was found and stopped, and what could not be removed, a sentence each with what to do; empty when
 * nothing was left
 */
export async function cleanUp(
  docker: Docker,
  state: RunState,
  signal?: AbortSignal,
  world: StopWorld = { source: {} },
): Promise<readonly string[]> {
  const [ofJob, ofDeployment, ofShift, ofEngine] = await Promise.all([
    state.job === undefined ? [] : stopLeftJob(state.job, state.runId, world),
    state.deployment === undefined ? [] : undoLeftDeployment(state.deployment, state.runId, world),
    state.shift === undefined ? [] : tellLeftShift(state.shift, world),
    removeLocal(docker, state, signal),
  ]);
  return [...ofJob, ...ofDeployment, ...ofShift, ...ofEngine];
}

/** The weights of a run that ended amid its steps: nobody looks at the alarms any more, so people are to decide. */
async function tellLeftShift(
  { endpointName: name, region, weights }: ShiftState,
  { within = STOP_MS, clock = systemJobClock, connectEndpoints: connect = endpointsIn }: StopWorld,
): Promise<readonly string[]> {
  const before = new Map(Object.entries(weights));
  const what = `The shift of the traffic of the endpoint ${name} ended amid its steps`;
  const byHand = `Before it, they were ${weightsText(before)}. Take them back by hand: \`${shiftByHand(name, before, region)}\`; or run the shift again.`;
  const patience = new AbortController();
  const done = new AbortController();
  void clock.sleep(within, done.signal).then(() => patience.abort());
  try {
    const endpoint = await (await connect(region)).describe(name, patience.signal);
    if (endpoint === undefined) return [];
    const now = weightsOf(endpoint);
    if (hasWeights(now, before)) return [];
    return [`${what}: its weights are ${weightsText(now)}, and stay. ${byHand}`];
  } catch (error) {
    return [`${what}, and its weights could not be looked at: ${reasonOf(error)}. ${byHand}`];
  } finally {
    done.abort();
  }
}

/** The deployment of a run that ended before it was proven. */
async function undoLeftDeployment(
  state: DeploymentState,
  runId: string,
  {
    within = STOP_MS,
    clock = systemJobClock,
    connectEndpoints: connect = endpointsIn,
    waitForCreation = 0,
    say = () => {},
    onDeploymentSettled,
  }: StopWorld,
): Promise<readonly string[]> {
  const { endpointName: name, region, previousConfigName: previous, wantedConfigName: wanted } = state;
  const what = `The deployment of ${wanted} to the endpoint ${name} ended before it was proven`;
  const follow = `Follow it: \`${followByHand(name, region)}\`.`;
  const byHand = `Take it back by hand: \`${undoByHand(state)}\`.`;
  if (!state.undo) return [`${what}; it goes on, since stop-on-cancel is false. ${follow} ${byHand}`];
  try {
    const onWaiting = () =>
      say(
        `The endpoint ${name} of this run is being created, and cannot be deleted before it is: it is waited for, up to ${duration(waitForCreation / 1_000)}.`,
      );
    const undone = await undoDeployment(
      () => connect(region),
      { state, within, step: runId, waitForCreation, onWaiting },
      clock,
    );
    // What is not there may be on its way.
    if (!/^(?:left|failed|absent)$/.test(undone.kind)) onDeploymentSettled?.(undone.kind);
    switch (undone.kind) {
      case 'restoring':
        return [`${what}: ${previous} is being put back. ${follow}`];
      case 'deleting':
        return [`${what}: the endpoint, which this run created, is being deleted.`];
      case 'left':
        if (state.firstCreation) {
          return [
            `${what}. It is ${undone.status}, and cannot be deleted as long as it is. ${unprovenText} ${follow} ${byHand}`,
          ];
        }
        return [
          `${what}. It is ${undone.status}${undone.configName === undefined ? '' : ` (${undone.configName})`}, and takes no change now. ${follow} ${byHand}`,
        ];
      case 'failed':
        return [`${what}, and could not be taken back. ${undone.why} ${undone.fix} ${follow} ${byHand}`];
      default:
        return [];
    }
  } catch (error) {
    return [`${what}: ${reasonOf(error)}. ${follow} ${byHand}`];
  }
}

const endpointsIn = (region: string): Promise<Endpoints> =>
  connectEndpoints({ region, tags: new Map() }, STOP_ATTEMPTS);

/** The job of a run that could not stop it: it is paid for until somebody does. */
async function stopLeftJob(
  { name, region, stopOnCancel, ours, coming }: JobState,
  runId: string,
  {
    source,
    within = STOP_MS,
    clock = systemJobClock,
    pace,
    connect = connectIn(pace),
    onJobSettled,
  }: StopWorld,
): Promise<readonly string[]> {
  const byHand = `Stop it by hand: \`${stopByHand(name, region)}\`.`;
  if (!stopOnCancel) {
    return [`The training job ${name} may go on, and is paid for: stop-on-cancel is false. ${byHand}`];
  }
  try {
    const isOurs = ours ? isMadeBy(runId) : mayBeStoppedBy(runId, source);
    const result = await stopJob(
      () => connect(region),
      {
        name,
        within,
        mayComeFor: coming ? Math.min(COMING_MS, within) : 0,
        ...(!(ours && !coming) && { isOurs }),
      },
      clock,
    );
    if (result.kind === 'stopping' || result.kind === 'ended') onJobSettled?.(result.kind);
    switch (result.kind) {
      case 'stopping':
        return [`The training job ${name} was left running by this step: it is stopping now.`];
      case 'accepted':
        return [
          `The training job ${name} was left running by this step. AWS has taken the call to stop it, and it was not seen stopping yet: see that it does. ${byHand}`,
        ];
      case 'failed':
        return [
          `The training job ${name} may go on, and is paid for: it could not be stopped. ${result.why} ${result.fix} ${byHand}`,
        ];
      default:
        return [];
    }
  } catch (error) {
    return [`The training job ${name} may go on, and is paid for: ${reasonOf(error)}. ${byHand}`];
  }
}

const connectIn =
  (pace: Pace | undefined) =>
  (region: string): Promise<TrainingJobs> =>
    connectTrainingJobs({ region, tags: new Map() }, STOP_ATTEMPTS, pace);

/** Containers, networks, volumes and files of the run. */
async function removeLocal(
  docker: Docker,
  { runId, tempDir }: RunState,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const problems: string[] = [];
  try {
    const timely = signal === undefined ? docker : within(docker, signal);
    await Promise.all([removeLeftovers(timely, runId), removeImageName(timely, tempDir)]);
  } catch (error) {
    // Without an engine nothing was made; one that stopped has stopped the containers too, and the run has said so.
    if (error instanceof CanceledError) {
      problems.push('Docker took too long to remove the containers of this run. The post part tries again.');
    } else if (!(error instanceof DockerUnavailableError)) {
      problems.push(
        `Containers, networks or volumes of this run could not be removed: ${reasonOf(error)}. ` +
          `On a runner of your own, look for the label ${RUN_LABEL}=${runId} and remove them with \`docker rm --force\`, ` +
          '`docker network rm` and `docker volume rm`.',
      );
    }
  }
  try {
    await removeTempDir(tempDir, runId);
  } catch (error) {
    problems.push(
      `Temporary files of this run could not be removed: ${tempDir}: ${reasonOf(error)}. ` +
        'On a runner of your own, remove the folder by hand.',
    );
  }
  return problems;
}

/** The same Docker, whose commands end when the signal is aborted. */
function within(docker: Docker, signal: AbortSignal): Docker {
  return {
    run: (args, options) => docker.run(args, { signal, ...options }),
    start: (args, options) => docker.start(args, { signal, ...options }),
  };
}
