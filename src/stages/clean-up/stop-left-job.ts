import type { Pace } from '../../aws/retry-policy.js';
import { connectTrainingJobs, type TrainingJobs } from '../../aws/training-jobs.js';
import { reasonOf } from '../../runner/errno.js';
import type { JobState } from '../../runner/state.js';
import { systemJobClock } from '../train/job-clock.js';
import { isMadeBy, mayBeStoppedBy, stopByHand, stopJob } from '../train/stop-job.js';
import { STOP_ATTEMPTS, STOP_MS, type StopWorld } from './stop-world.js';

/** A request that main sent in its last moment arrives within seconds, or never. */
const COMING_MS = 10_000;

/** The job of a run that could not stop it: it is paid for until somebody does. */
export async function stopLeftJob(
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
