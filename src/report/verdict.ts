import type { CheckGroup, CheckResult, Diagnosis, RunRecord, SourceLocation } from '../plan.js';
import { endpointAdvice, endpointPraise, leftByCancel } from './endpoint-verdict.js';
import { oneLine } from './escape.js';
import { duration, plural } from './format.js';
import { failedGates, remedyOf, seenOf } from './gate.js';
import { goesOn, jobBlame, jobPraise, startBlame } from './job-verdict.js';
import { lateStage } from './late-stage.js';
import { ownValue } from './own-value.js';

/** What happened in one line, and the one thing to do next. */
export interface Verdict {
  readonly icon: string;
  /** Made of constant words and numbers only: may stand in Markdown as it is. */
  readonly headline: string;
  /** Absent when there is nothing to do. */
  readonly next?: NextStep;
}

export interface NextStep {
  /** One visible line that may hold untrusted text: escape it for the place where it is shown. */
  readonly text: string;
  readonly location?: SourceLocation;
}

export function verdictOf(record: RunRecord): Verdict {
  switch (record.outcome) {
    case 'passed':
      return passed(record);
    case 'failed':
      return failed(record);
    case 'invalid-input':
      return invalidInput(record);
    case 'canceled':
      return canceled(record);
    case 'unknown':
      return unknown(record);
  }
}

export const failedErrors = (record: RunRecord): CheckResult[] =>
  record.checks.filter((check) => check.status === 'failed' && check.severity === 'error');

export const failedWarnings = (record: RunRecord): CheckResult[] =>
  record.checks.filter((check) => check.status === 'failed' && check.severity === 'warning');

const judgedChecks = (record: RunRecord): CheckResult[] =>
  record.checks.filter((check) => check.status !== 'skipped');

function passed(record: RunRecord): Verdict {
  const [warning] = failedWarnings(record);
  const untried = untriedInvocations(record);
  const live = endpointAdvice(record);
  const request = live === undefined && untried !== undefined ? oneLine(untried.evidence) : undefined;
  // Most warnings, such as how a server takes its end, matter less than that nobody knows what it answers.
  const isVital = failedWarnings(record).some(({ id }) => VITAL.has(id));
  const first = !isVital && request?.includes('`smoke-payload`') ? request : undefined;
  const text = first ?? (warning ? advice(warning) : (live ?? request));
  return {
    icon: '✅',
    headline: praise(record),
    ...(text !== undefined && { next: { text } }),
  };
}

/** The check of what an endpoint is for, when its server was tested and no request was sent to it. */
function untriedInvocations(record: RunRecord): CheckResult | undefined {
  return judgedChecks(record).some(({ group }) => group === 'hosting')
    ? record.checks.find(({ id, status }) => id === 'serve-invocations' && status === 'skipped')
    : undefined;
}

/** Who makes one of these a warning has reasons; that the container works is not among the things to say then. */
const VITAL = new Set([
  ...[
    'image-architecture',
    'train-starts',
    'train-environment',
    'train-exit-code',
    'train-time',
    'train-memory',
  ],
  ...['serve-starts', 'serve-memory', 'serve-port', 'serve-ping'],
]);

/** What was done, and with what result. What is live now is what the rest was for. */
function praise(record: RunRecord): string {
  const live = endpointPraise(record);
  if (live !== undefined) return live;
  const version = versionPraise(record);
  if (version === undefined) return workPraise(record);
  const worked = record.job !== undefined || record.push !== undefined || record.checks.length > 0;
  return worked ? `${workPraise(record)}; ${version}` : sentence(version);
}

const sentence = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1);

function versionPraise({ modelPackage, stages }: RunRecord): string | undefined {
  if (modelPackage === undefined) return undefined;
  const { version, created, approvalStatus } = modelPackage;
  const number = version === undefined ? 'a version' : `version ${version}`;
  const decided = stages.some(({ stage, status }) => stage === 'approve' && status === 'passed');
  const registered = stages.some(({ stage, status }) => stage === 'register' && status === 'passed');
  const words = { Approved: 'approved', Rejected: 'rejected', PendingManualApproval: 'to be approved' };
  const status = ownValue(words, approvalStatus) ?? 'in the registry';
  if (!registered) return decided ? `${number} of the model is ${status}` : undefined;
  const place = created ? `the model is registered as ${number}` : `the model is ${number} in the registry`;
  return `${place}, ${status}`;
}

/** Claims no more than what was seen: a container that was only trained is not said to be ready to host. */
function workPraise(record: RunRecord): string {
  const { job, push } = record;
  if (job !== undefined) {
    const warnings = failedWarnings(record).length;
    return `${jobPraise(job)}${warnings > 0 ? `; the smoke test has ${plural(warnings, 'warning')}` : ''}`;
  }
  if (push === undefined) return tested(record);
  const there = push.unchanged ? 'was in ECR already' : 'is in ECR';
  return record.checks.length === 0
    ? `The image ${there}; nothing was tested`
    : `${tested(record)}; the image ${there}`;
}

function tested(record: RunRecord): string {
  if (record.checks.length === 0) {
    return record.stages.some(({ stage, status }) => stage === 'build' && status === 'passed')
      ? 'The image is built; nothing was tested'
      : 'Nothing was tested';
  }
  const judged = new Set(judgedChecks(record).map((check) => check.group));
  if (failedWarnings(record).some(({ id }) => VITAL.has(id))) {
    return `Passed as \`smoke-severity\` wants it, with ${plural(failedWarnings(record).length, 'warning')}: SageMaker would not get far with this container`;
  }
  const warnings = failedWarnings(record).length;
  const counted = warnings > 0 ? `, with ${plural(warnings, 'warning')}` : '';
  const suffix = `${counted}${untriedInvocations(record) ? '; no request was tried' : ''}`;
  if (judged.has('training') && judged.has('hosting')) {
    return `SageMaker would accept this container${suffix}`;
  }
  if (judged.has('training')) {
    return `SageMaker would train with this container${suffix}; hosting was not tested`;
  }
  if (judged.has('hosting')) {
    return `SageMaker would host this container${suffix}; training was not tested`;
  }
  if (judged.has('image')) {
    return `SageMaker would accept this image${suffix}; the container was not run`;
  }
  return `Nothing was judged: ${plural(record.checks.length, 'check was', 'checks were')} skipped`;
}

function failed(record: RunRecord): Verdict {
  const errors = failedErrors(record);
  const next = nextStep(record, errors);
  if (errors.length > 0) {
    const share = `${errors.length} of ${plural(judgedChecks(record).length, 'check')} failed`;
    const verdict = lackOfRunner(record, errors)
      ? 'This runner lacks what the container asks for'
      : 'SageMaker would refuse this container';
    return { icon: '❌', headline: `${verdict}: ${share}`, ...next };
  }
  const late = lateStage(record);
  if (late !== undefined) {
    return { icon: '❌', headline: late.failed, ...next };
  }
  if (record.job !== undefined) {
    return { icon: '❌', headline: jobBlame(record.job, record), ...next };
  }
  return { icon: '❌', headline: failureHeadline(record), ...next };
}

/** Failures of which SageMaker would not know: it gives a container its role's credentials, and GPU types a GPU. */
const LACKS_OF_RUNNERS: readonly string[] = ['credentials-missing', 'gpu-missing'];

function lackOfRunner({ diagnosis }: RunRecord, errors: readonly CheckResult[]): boolean {
  return (
    LACKS_OF_RUNNERS.includes(diagnosis?.class ?? '') &&
    // An isolated container has no credentials on SageMaker either.
    errors.every((check) => explains(diagnosis, check) && !check.id.endsWith('-network-isolation'))
  );
}

/** Failures that are the runner's own: they say nothing about the image. */
const RUNNER_HEADLINES: Readonly<Record<string, string>> = {
  'docker-unavailable': 'Docker cannot be used on this runner: nothing was said about the container',
  'runner-not-supported': 'This action runs on Linux runners only: nothing was run',
};

function failureHeadline(record: RunRecord): string {
  const ofRunner = RUNNER_HEADLINES[record.failure?.class ?? ''];
  if (ofRunner !== undefined) return ofRunner;
  switch (record.stages.find(({ status }) => status === 'failed')?.stage) {
    case 'build':
      return 'The image could not be built';
    case 'smoke-test':
      // The unknown is not the failed: this says nothing against the container.
      return 'The smoke test could not be done: whether SageMaker would accept this container is not known';
    case 'push':
      return 'The image could not be pushed';
    case 'train':
      return startBlame(record);
    default:
      return 'The run failed before it could say anything about the container';
  }
}

function invalidInput(record: RunRecord): Verdict {
  const problems = record.failure?.lines?.length ?? 0;
  const count = problems > 0 ? `: ${plural(problems, 'problem')}, nothing was run` : ', nothing was run';
  return { icon: '❌', headline: `Invalid input${count}`, ...nextStep(record, []) };
}

function canceled(record: RunRecord): Verdict {
  const stage = record.stages.find(({ status }) => status === 'canceled')?.stage;
  const during = stage === undefined ? '' : ` during ${stage}`;
  const left = leftByCancel(stage, record);
  const next = record.failure?.fix ?? left?.next;
  return {
    icon: '⏹️',
    headline: `Canceled${during} after ${duration(record.seconds)}: ${left?.how ?? leftBy(record)}`,
    ...(next === undefined ? {} : step(next, undefined)),
  };
}

/** What a cancel leaves: above all whether a job that costs money still runs. */
function leftBy({ job }: RunRecord): string {
  if (job === undefined) return 'no verdict on the container';
  if (job.status === 'Stopping') return 'the training job is being stopped';
  if (job.status === 'Stopped') return 'the training job is stopped';
  if (job.status === 'Unknown') return 'whether the training job stopped is not known';
  return goesOn(job) ? 'the training job goes on' : 'the training job had ended';
}

/** Nothing is said against the job: it may be well. */
function unknown(record: RunRecord): Verdict {
  const { job, failure } = record;
  const late = lateStage(record);
  if (late !== undefined) {
    const again = 'Run this again: what is done already is found.';
    return { icon: '⚠️', headline: late.unknown, ...step(failure?.fix ?? again, undefined) };
  }
  const again = 'Run this again: it joins the job, and starts no second one.';
  return {
    icon: '⚠️',
    headline:
      job === undefined
        ? 'Whether the training job was started is not known'
        : goesOn(job)
          ? 'The training job was left running: this run follows it no longer'
          : 'How the training job ends is not known: it could no longer be asked',
    ...step(failure?.fix ?? record.diagnosis?.fix ?? again, undefined),
  };
}

const GROUPS: readonly CheckGroup[] = ['image', 'training', 'hosting'];

/**
 * The fix of the most important failure. What is wrong with the image explains what goes wrong when it runs;
 * after that nobody knows more than the diagnosis, which read the container's own words.
 */
function nextStep(record: RunRecord, errors: readonly CheckResult[]): { next?: NextStep } {
  const [first] = GROUPS.flatMap((group) => errors.filter((check) => check.group === group));
  const { diagnosis, failure, job, endpoint } = record;
  if (endpoint !== undefined && first === undefined && lateStage(record) !== undefined) {
    // What is safe again leaves only the cause to be mended; otherwise how things are comes first.
    const isSafe = endpoint.action === 'restored' || endpoint.action === 'deleted';
    // Of bad answers the stage knows more than the log.
    const isMute = endpoint.proof?.passed !== false;
    const text =
      (isSafe && isMute ? diagnosis?.fix : undefined) ?? failure?.fix ?? diagnosis?.fix ?? failure?.message;
    if (text !== undefined) return step(text, diagnosis?.location);
  }
  if (job !== undefined && first === undefined) {
    const [gate] = job.status === 'Completed' || job.stoppedEarly === true ? failedGates(job) : [];
    if (gate !== undefined) return step(`${seenOf(gate)} ${remedyOf(gate)}`, undefined);
    // Of a job that this run stopped, it knows why; of one that failed, the diagnosis knows more.
    if (job.stoppedBecause !== undefined && failure === undefined)
      return step(`${job.stoppedBecause}`, undefined);
    if (diagnosis !== undefined && job.stoppedBecause === undefined)
      return step(diagnosis.fix, diagnosis.location);
  }
  if (failure !== undefined && first === undefined) {
    const place = record.annotations.find(({ level, location }) => level === 'error' && location)?.location;
    return step(failure.fix ?? failure.lines?.[0] ?? failure.message, place);
  }
  if (diagnosis !== undefined && first?.group !== 'image') {
    const { id, fix, location } = diagnosis;
    // Which check a training run failed says more than that nobody knows why.
    const named = id === 'unknown' && first?.group === 'training' && !explains(diagnosis, first);
    return step(named ? advice(first) : fix, location);
  }
  return first === undefined ? {} : step(advice(first), locationOf(record, first));
}

function step(text: string, location: SourceLocation | undefined): { next: NextStep } {
  return { next: { text: oneLine(text), ...(location && { location }) } };
}

function advice(check: CheckResult): string {
  return oneLine(check.fix ?? `${check.title}: ${check.evidence}`);
}

/** Whether the check failed by what the diagnosis explains. */
export function explains(diagnosis: Diagnosis | undefined, check: CheckResult): diagnosis is Diagnosis {
  return diagnosis !== undefined && (check.fix === diagnosis.fix || check.evidence.includes(diagnosis.cause));
}

/** The place that an annotation gives for a check: it names the check in its title. */
export function locationOf(record: RunRecord, check: CheckResult): SourceLocation | undefined {
  return record.annotations.find(({ title, location }) => location !== undefined && names(title, check))
    ?.location;
}

export function names(title: string, check: CheckResult): boolean {
  // Titles are short; what is longer is no title, and not worth a search for each check.
  const short = title.slice(0, 500);
  return short.includes(check.title) || short.split(/[^a-z0-9-]+/).includes(check.id);
}
