import type { Failure, JobRecord, Outcome } from '../../plan.js';
import { isCapacityFailure } from './capacity-failure.js';
import type { Followed } from './follow.js';
import { duration, figure } from './words.js';

/** How the stage ended, in the words for its row, and for the failure when it is one. */
export interface TrainOutcome {
  readonly outcome: Exclude<Outcome, 'invalid-input' | 'canceled'>;
  /** One sentence. */
  readonly detail: string;
  readonly failure?: Failure;
}

/** What is read in the statuses of a job that is over. Each has its own words. */
export function outcomeOf(job: JobRecord, followed: Pick<Followed, 'stopped'>): TrainOutcome {
  const reached = new Set([job.secondaryStatus, ...job.transitions.map(({ status }) => status)]);
  switch (job.status) {
    case 'Completed':
      return reached.has('MaxRuntimeExceeded')
        ? maxRuntime(job)
        : completed(job, job.joined ? `Joined ${job.name}, which completed` : `Trained ${job.name}`);
    case 'Failed':
      return failed(job);
    case 'Stopped':
      if (followed.stopped?.kind === 'stop-when') {
        return completed(job, `Stopped ${job.name} early: ${followed.stopped.because}`);
      }
      if (followed.stopped !== undefined) {
        return failure(
          `The training job was stopped by the action: ${followed.stopped.because}.`,
          followed.stopped.kind === 'stall'
            ? 'Look at its last lines for what it waits for. When it works in silence, give it a longer `stall-timeout`, or let it write a line now and then.'
            : 'Give it a longer `timeout`, or let it go on with `stop-on-cancel: false`.',
          job,
        );
      }
      if (reached.has('MaxRuntimeExceeded')) return maxRuntime(job);
      if (reached.has('MaxWaitTimeExceeded')) {
        return failure(
          'The training job was stopped by SageMaker: `max-wait` was over before it had ended. Waiting for spot capacity counts into it.',
          'Raise `max-wait`, allow other types with `fallback-instance-types`, or set `spot: false`.',
          job,
        );
      }
      return failure(
        `The training job was stopped by somebody else than this run${job.exitMessage ? `: ${job.exitMessage}` : ''}. Its model may be half trained.`,
        'See in CloudTrail who called StopTrainingJob; a spot quota, a budget action and a person in the console all do it. Run it again.',
        job,
      );
    default:
      return { outcome: 'unknown', detail: `The training job ${job.name} has the status ${job.status}.` };
  }
}

function completed(job: JobRecord, sentence: string): TrainOutcome {
  const broken = job.gates.filter(({ passed }) => !passed);
  if (broken.length === 0) {
    const took = job.trainingSeconds === undefined ? '' : ` in ${duration(job.trainingSeconds)}`;
    return { outcome: 'passed', detail: `${sentence}${took}.` };
  }
  const each = broken.map(({ metric, operator, value, actual }) =>
    actual === undefined
      ? `${metric} was never reported, and should be ${operator} ${figure(value)}`
      : `${metric} is ${figure(actual)}, and should be ${operator} ${figure(value)}`,
  );
  const missing = broken.some(({ actual }) => actual === undefined);
  return failure(
    `The model is not good enough: ${each.join('; ')}.`,
    missing
      ? 'Let `metric-definitions` have a metric of that name whose expression matches a line of the log, or correct the name in `metric-gates`.'
      : 'Train longer or better, or change `metric-gates` when the bar is too high.',
    job,
  );
}

const maxRuntime = (job: JobRecord): TrainOutcome =>
  failure(
    `The training job was stopped by SageMaker: it ran for longer than \`max-runtime\`${job.trainingSeconds === undefined ? '' : ` (after ${duration(job.trainingSeconds)})`}. What it had written to /opt/ml/model until then was kept.`,
    'Raise `max-runtime` (28 days at most), and write checkpoints, from which a next job can go on.',
    job,
  );

/** SageMaker's own word for who is to blame stands in front. [obs] */
function failed(job: JobRecord): TrainOutcome {
  const reason = job.failureReason ?? '';
  const said = reason === '' ? 'SageMaker gives no reason' : reason;
  if (isCapacityFailure(reason)) {
    return failure(
      `There was no capacity for ${job.instanceCount} × ${job.instanceType}: ${said}`,
      'This says nothing about the container. Run it again later, allow other types with `fallback-instance-types`, or subnets in more zones.',
      job,
    );
  }
  if (reason.startsWith('InternalServerError')) {
    return failure(
      `SageMaker had an error of its own: ${said}`,
      'Run it again. When it repeats and there is no log, look at the size of `checkpoint-path`, at the subnets’ routes, and run the image by the smoke test.',
      job,
    );
  }
  return failure(
    `The training job failed: ${said}`,
    reason.startsWith('ClientError')
      ? 'The message names what SageMaker could not use: the image, the data, the role or the network.'
      : 'The last lines of its log show why the program ended.',
    job,
  );
}

function failure(message: string, fix: string, { logTail, logTailBeforeRestart }: JobRecord): TrainOutcome {
  const lines = logTailBeforeRestart ? [] : logTail.slice(-30);
  return {
    outcome: 'failed',
    detail: message,
    failure: { message, fix, ...(lines.length > 0 && { lines }) },
  };
}
