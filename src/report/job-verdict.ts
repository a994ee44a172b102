import type { JobRecord, RunRecord } from '../plan.js';
import { plural } from './format.js';
import { failedGates } from './gate.js';
import { ownValue } from './own-value.js';

/** The job still existed and ran when it was seen last. */
export const goesOn = ({ status }: JobRecord): boolean => status === 'InProgress' || status === 'Pending';

/** What became of a training job that is what it should be. Constant words and numbers only. */
export function jobPraise(job: JobRecord): string {
  const which = job.joined ? 'Joined a training job that was there already: it' : 'The training job';
  if (goesOn(job)) {
    return job.joined
      ? `${which} goes on, and this run does not wait for it`
      : `${which} was started and goes on: this run does not wait for it`;
  }
  const gates = job.gates.length;
  const passed =
    gates === 0 ? '' : `, ${gates === 1 ? 'its metric gate' : `its ${gates} metric gates`} passed`;
  const end = job.stoppedEarly === true ? 'was stopped early, as good as it gets' : 'completed';
  return `${which} ${end}${passed}`;
}

/** What became of a training job that is not what it should be. Constant words and numbers only. */
export function jobBlame(job: JobRecord, { diagnosis }: RunRecord): string {
  const byStatus = limitOf(job) ?? BY_SECONDARY_STATUS[job.secondaryStatus ?? ''];
  const failed = failedGates(job).length;
  if (job.stoppedEarly === true && failed > 0) {
    return `The training job was stopped early, and ${failed} of ${plural(job.gates.length, 'metric gate')} failed`;
  }
  if (job.stoppedBecause !== undefined) {
    return job.status === 'Stopping'
      ? 'The training job is being stopped by this run'
      : 'The training job was stopped by this run';
  }
  if (job.status === 'Stopped') return byStatus ?? 'The training job was stopped, not by this run';
  if (job.status === 'Stopping') return 'The training job is being stopped';
  if (goesOn(job)) return 'The training job still runs: this run waits no longer';
  if (job.status === 'Completed') {
    if (byStatus !== undefined) return byStatus;
    if (failed > 0)
      return `The training job completed, and ${failed} of ${plural(job.gates.length, 'metric gate')} failed`;
    return diagnosis?.class === 'no-model-artifacts'
      ? 'The training job completed without a model'
      : 'The training job completed, and the run failed';
  }
  return ownValue(BY_CLASS, diagnosis?.class ?? '') ?? byStatus ?? 'The training job failed';
}

/** A limit that ended the job stays among its transitions, whatever its last status is. */
function limitOf({ secondaryStatus, transitions }: JobRecord): string | undefined {
  const reached = [secondaryStatus, ...transitions.map(({ status }) => status)];
  const limit = ['MaxRuntimeExceeded', 'MaxWaitTimeExceeded'].find((status) => reached.includes(status));
  return limit === undefined ? undefined : ownValue(BY_SECONDARY_STATUS, limit);
}

const BY_SECONDARY_STATUS: Readonly<Record<string, string>> = {
  MaxRuntimeExceeded: 'The training job reached its time limit and was stopped',
  MaxWaitTimeExceeded: 'The spot training job used up its waiting time and was stopped',
  Interrupted: 'The training job lost its spot capacity',
};

/** Failures that say nothing against the container. */
const BY_CLASS: Readonly<Record<string, string>> = {
  'capacity-unavailable': 'AWS has no capacity for the training job now: nothing was trained',
  'platform-error': 'The training job failed by a fault that SageMaker reports of itself',
};

/** Why a training job could not be started, in words of its own where that is worth it. */
export function startBlame({ diagnosis, failure }: RunRecord): string {
  return (
    ownValue(START_BY_CLASS, diagnosis?.class ?? failure?.class ?? '') ??
    'The training job could not be started'
  );
}

const QUOTA = 'A quota of the account does not allow the training job';
const START_BY_CLASS: Readonly<Record<string, string>> = {
  'quota-exceeded': QUOTA,
  'spot-quota-exceeded': QUOTA,
  'resource-limit-exceeded': QUOTA,
  'job-name-taken': 'The name of the training job is taken by another one: nothing was trained',
  'capacity-unavailable': 'AWS has no capacity for the training job now: nothing was trained',
};
