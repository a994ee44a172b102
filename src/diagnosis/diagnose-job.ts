import type { Diagnosis } from '../plan.js';
import { CONTAINER_ROWS } from './container-rows.js';
import { diagnose, recognise } from './diagnose.js';
import { diagnoseApiError } from './diagnose-api-error.js';
import { isOfException } from './diagnose-exception.js';
import type { ContainerFailure, JobFailure } from './failure.js';
import { explainMessage, message } from './messages.js';
import { JOB_ROWS } from './rows/jobs.js';
import { excerpt, named } from './text.js';

/**
 * The catalogue's answer to a training job that did not end well. `AlgorithmError:` begins the reasons that the
 * container gave, which its own rows explain together with the log; other reasons are the platform's. A job
 * that stopped without a reason is told by its secondary status.
 */
export function diagnoseJob(failure: JobFailure): Diagnosis {
  const reason = message(failure.failureReason ?? '');
  const facts = stateOf(failure);
  if (/^AlgorithmError\b/.test(reason) && !saysNothing(reason)) return diagnose(containerOf(failure));

  const own = explainMessage(JOB_ROWS, reason, failure, facts);
  if (own !== undefined) return own;
  // Docker's words about the container, or those of a call that SageMaker made for us.
  const container = containerOf(failure);
  const said = reason === '' ? undefined : (recognise(reason, container) ?? refused(reason, failure));
  if (said !== undefined) return said;
  if (failure.status !== 'Failed') return unknown(failure, reason, facts);
  // A reason that nobody knows is a reason all the same: that there is no log says less than it does.
  if (failure.logStreams === 0 && saysNothing(reason)) {
    return notStarted(reason, facts) ?? unknown(failure, reason, facts);
  }
  const printed = diagnose(container);
  // A program that the platform ended may have printed a traceback too: a reason of its own says more than that.
  const isVague = printed.id === 'unknown' || (isOfException(printed) && !saysNothing(reason));
  return isVague ? unknown(failure, reason, facts) : printed;
}

/** No more than who is to blame: `AlgorithmError`, `ClientError:`. */
const saysNothing = (reason: string): boolean => /^(?:\w{1,40}Error)?[\s:.,]{0,8}$/.test(reason);

/** `TrainingJobStatus Stopped, SecondaryStatus MaxRuntimeExceeded` */
function stateOf({ status, secondaryStatus }: JobFailure): string {
  const second = secondaryStatus === undefined ? '' : `, SecondaryStatus ${named(secondaryStatus, 40)}`;
  return `TrainingJobStatus ${named(status, 40)}${second}`;
}

const EXIT_CODE = /,?\s{0,4}exit code:\s{0,4}(\d{1,3})\s{0,4}$/i;

/**
 * The container as its job describes it. Its reason is `AlgorithmError: <failure file>, exit code: 1`, the file's
 * text cut to what fits in 1,024 characters; `AlgorithmError: Exit Code: 1` is an older spelling.
 */
function containerOf(failure: JobFailure): ContainerFailure {
  const { logTail, networkIsolated, toolkitEnvironment, entrypoint, knownChannels } = failure;
  const reason = (failure.failureReason ?? '').slice(0, 8_000);
  const own = /^AlgorithmError:/.test(reason);
  const text = reason.replace(/^AlgorithmError:\s{0,8}/, '');
  const exit = EXIT_CODE.exec(text);
  const file = text.replace(EXIT_CODE, '').trim();
  const isOldSpelling = file === '' && /Exit Code/.test(text);
  return {
    phase: 'training',
    onPlatform: true,
    logTail,
    ...(own && exit?.[1] !== undefined && { exitCode: Number(exit[1]) }),
    ...(own && (file !== '' || isOldSpelling) && { failureFile: isOldSpelling ? reason : file }),
    ...(networkIsolated !== undefined && { networkIsolated }),
    ...(toolkitEnvironment !== undefined && { toolkitEnvironment }),
    ...(entrypoint !== undefined && { entrypoint }),
    ...(knownChannels !== undefined && { knownChannels }),
  };
}

function refused(reason: string, { region }: JobFailure): Diagnosis | undefined {
  const call = { service: 'sagemaker', operation: 'CreateTrainingJob', code: '', message: reason };
  const diagnosis = diagnoseApiError({ ...call, ...(region !== undefined && { region }) });
  return diagnosis.id === 'unknown' ? undefined : diagnosis;
}

function notStarted(reason: string, facts: string): Diagnosis | undefined {
  const row = CONTAINER_ROWS.find(({ id }) => id === 'T34');
  if (row === undefined) return undefined;
  return {
    id: row.id,
    class: row.class,
    cause: row.onPlatform?.cause ?? row.cause,
    fix: row.onPlatform?.fix ?? row.fix,
    evidence: reason === '' ? `${facts}, no log stream` : excerpt(reason),
  };
}

function unknown(failure: JobFailure, reason: string, facts: string): Diagnosis {
  const last = failure.logTail.findLast((line) => line.trim() !== '');
  const ended =
    failure.status === 'Failed' ? 'the job failed' : `the job is \`${named(failure.status, 40)}\``;
  const known =
    reason === ''
      ? 'SageMaker gives no reason, and the log holds no error that the failure catalogue knows'
      : 'the failure catalogue does not know the reason that SageMaker gives';
  return {
    id: 'unknown',
    class: 'unknown',
    cause: `The cause is unknown: ${ended}, and ${known}.`,
    fix: 'Read the reason and the last lines of the log; the console’s page of the job has the rest.',
    evidence: reason === '' ? excerpt(last ?? facts) : excerpt(reason),
  };
}
