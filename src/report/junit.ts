import type {
  CheckGroup,
  CheckResult,
  EndpointRecord,
  JobRecord,
  ProofRecord,
  RunRecord,
  Stage,
  StageRecord,
} from '../plan.js';
import { cut, lastOverwrite, oneLine, visible } from './escape.js';
import { claimOf, type Gate, isJudged, seenOf } from './gate.js';
import { goesOn, jobBlame } from './job-verdict.js';
import { lateStage } from './late-stage.js';
import { secondsOf } from './timeline.js';
import { verdictOf } from './verdict.js';

/**
 * `junit.xml`: a suite for the run itself and one for each group of checks. A case's class name holds the
 * check's stable id, its name the check's title. A failed check of severity error is a failure, one of severity
 * warning passes and says so in `system-out`, a skipped one says why. A training job is a suite of its own, with a
 * case for itself and one for each metric gate; an endpoint is one with a case for itself and one for each sample of its
 * proofs. A run that ended otherwise than by its checks or its job is an error of the suite `run`: no report of a broken run looks green.
 */
export function renderJunit(record: RunRecord): string {
  const groups: readonly CheckGroup[] = ['image', 'training', 'hosting'];
  const suites = [
    runSuite(record),
    ...groups.map((group) =>
      suite(group, record.checks.filter((check) => check.group === group).map(checkCase), record),
    ),
    suite('training-job', record.job === undefined ? [] : jobCases(record, record.job), record),
    suite('endpoint', record.endpoint === undefined ? [] : endpointCases(record, record.endpoint), record),
  ].filter((one) => one.cases.length > 0);
  const total = attributes({
    name: 'sagemaker-byoc',
    ...count(suites.flatMap(({ cases }) => cases)),
    time: seconds(record.seconds),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${total}>`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Case {
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped';
  readonly seconds: number;
  readonly xml: string;
}

interface Suite {
  readonly cases: readonly Case[];
  readonly xml: string;
}

function suite(name: string, cases: readonly Case[], record: RunRecord): Suite {
  const time = seconds(cases.reduce((sum, one) => sum + one.seconds, 0));
  const head = attributes({ name, ...count(cases), time, timestamp: timestamp(record.startedAt) });
  return {
    cases,
    xml: [`  <testsuite${head}>`, ...cases.map(({ xml }) => xml), '  </testsuite>'].join('\n'),
  };
}

function runSuite(record: RunRecord): Suite {
  const { failure, outcome } = record;
  const stages = record.stages.map((stage) => {
    const base = {
      classname: `sagemaker-byoc.run.${stage.stage}`,
      name: `Stage ${stage.stage}`,
      seconds: stage.seconds,
    };
    return stage.status === 'skipped'
      ? testCase({ ...base, kind: 'skipped', body: empty('skipped', stage.detail) })
      : testCase({ ...base, kind: 'passed', body: element('system-out', stage.detail) });
  });
  // A run that failed by its checks alone, or by its job, is told by them.
  const told = [
    ...(record.job === undefined ? [] : jobCases(record, record.job)),
    ...(record.endpoint === undefined ? [] : endpointCases(record, record.endpoint)),
  ];
  const isTold = told.some(({ kind }) => isBad(kind));
  const isBroken = !isTold && (failure !== undefined || (outcome !== 'passed' && !hasFailedCheck(record)));
  if (!isBroken) {
    return suite('run', stages, record);
  }
  const { headline } = verdictOf(record);
  const text = [failure?.message ?? headline, failure?.fix, ...tail(failure?.lines)];
  const broken = testCase({
    classname: 'sagemaker-byoc.run',
    name: 'The run comes to its end',
    seconds: 0,
    kind: 'error',
    body: element('error', text.filter((line) => line !== undefined).join('\n'), {
      message: oneLine(failure?.message ?? headline),
      type: outcome,
    }),
  });
  return suite('run', [...stages, broken], record);
}

const isBad = (kind: Case['kind']): boolean => kind === 'failure' || kind === 'error';

function jobCases(record: RunRecord, job: JobRecord): Case[] {
  return [jobCase(record, job), ...job.gates.map((gate) => gateCase(gate, job))];
}

/** A job that could not be asked any more is an error, not a failure: it may be well. */
function jobCase(record: RunRecord, job: JobRecord): Case {
  const base = {
    classname: 'sagemaker-byoc.training-job',
    name: 'The training job completes',
    seconds: job.trainingSeconds ?? 0,
  };
  const { diagnosis, failure } = record;
  const status = `${job.name} is ${job.status}${job.secondaryStatus === undefined ? '' : ` (${job.secondaryStatus})`}.`;
  const isDone = job.stoppedEarly === true || job.status === 'Completed';
  if (isDone && !hitsLimit(record, job)) {
    return testCase({ ...base, kind: 'passed', body: element('system-out', status) });
  }
  if (goesOn(job) && record.outcome === 'passed') {
    return testCase({
      ...base,
      kind: 'skipped',
      body: empty('skipped', `${status} This run does not wait for it.`),
    });
  }
  const isUnknown = record.outcome === 'unknown';
  const message = isUnknown
    ? (failure?.message ?? verdictOf(record).headline)
    : (job.stoppedBecause ?? diagnosis?.cause ?? jobBlame(job, record));
  const fix = diagnosis?.fix ?? failure?.fix;
  const text = [
    message,
    status,
    ...(job.failureReason === undefined ? [] : [job.failureReason]),
    ...(fix === undefined ? [] : [`Fix: ${fix}`]),
    ...(job.instanceCount > 1 && job.logTailHost !== undefined ? [`Last lines of ${job.logTailHost}:`] : []),
    ...tail(job.logTail),
  ].join('\n');
  const kind = isUnknown ? 'error' : 'failure';
  const type = isUnknown ? 'unknown' : (diagnosis?.class ?? job.status);
  return testCase({
    ...base,
    kind,
    body: element(kind, text, { message: oneLine(message), type: oneLine(type, 100) }),
  });
}

/** Completed, and failed all the same, though no gate did: its time was over. */
const hitsLimit = (record: RunRecord, { gates, transitions }: JobRecord): boolean =>
  record.outcome === 'failed' &&
  lateStage(record) === undefined &&
  gates.every(({ passed }) => passed) &&
  transitions.some(({ status }) => status === 'MaxRuntimeExceeded');

function gateCase(gate: Gate, job: JobRecord): Case {
  const base = {
    classname: `sagemaker-byoc.training-job.gate.${gate.metric}`,
    name: claimOf(gate),
    seconds: 0,
  };
  const seen = seenOf(gate);
  if (gate.passed) return testCase({ ...base, kind: 'passed', body: element('system-out', seen) });
  if (!isJudged(gate, job)) {
    return testCase({
      ...base,
      kind: 'skipped',
      body: empty('skipped', 'The training job did not complete.'),
    });
  }
  const extra = { message: oneLine(seen), type: 'metric-gate-failed' };
  return testCase({ ...base, kind: 'failure', body: element('failure', seen, extra) });
}

const ENDPOINT_CLAIMS: Readonly<Partial<Record<Stage, string>>> = {
  deploy: 'The endpoint is live on what was asked for',
  shift: 'The traffic is split as asked for',
  undeploy: 'The endpoint is removed',
};

/** The endpoint by what the last stage that looked after it was to reach, and its answers. */
function endpointCases(record: RunRecord, endpoint: EndpointRecord): Case[] {
  const stage = record.stages.findLast(
    ({ stage, status }) => ENDPOINT_CLAIMS[stage] !== undefined && status !== 'skipped',
  );
  if (stage === undefined) return [];
  return [
    endpointCase(record, endpoint, stage),
    ...proofCases('proof', endpoint.proof),
    ...proofCases('restored', endpoint.restoredProof),
  ];
}

function endpointCase(
  record: RunRecord,
  endpoint: EndpointRecord,
  { stage, status, detail }: StageRecord,
): Case {
  const base = {
    classname: `sagemaker-byoc.endpoint.${stage}`,
    name: ENDPOINT_CLAIMS[stage] ?? stage,
    seconds: secondsOf(endpoint.transitions),
  };
  if (status === 'passed') return testCase({ ...base, kind: 'passed', body: element('system-out', detail) });
  const { diagnosis, failure } = record;
  const message = failure?.message ?? detail;
  const text = [
    message,
    `${endpoint.name} is ${endpoint.status}.`,
    ...(endpoint.failureReason === undefined ? [] : [endpoint.failureReason]),
    ...(diagnosis === undefined ? [] : [diagnosis.cause]),
    ...(failure?.fix === undefined ? [] : [`Fix: ${failure.fix}`]),
    ...tail(endpoint.logTail),
  ].join('\n');
  // What could not be asked, or was canceled, may be well.
  const kind = record.outcome === 'failed' ? 'failure' : 'error';
  const type = kind === 'failure' ? (diagnosis?.class ?? `${stage}-failed`) : record.outcome;
  const extra = { message: oneLine(message), type: oneLine(type, 100) };
  return testCase({ ...base, kind, body: element(kind, text, extra) });
}

function proofCases(name: string, proof: ProofRecord | undefined): Case[] {
  return (proof?.samples ?? []).map((sample) => {
    const of = sample.variant === undefined ? '' : ` by ${sample.variant}`;
    const again = name === 'restored' ? ', once more after going back' : '';
    const base = {
      classname: `sagemaker-byoc.endpoint.${name}`,
      name: `${sample.name} is answered${of}${again}`,
      seconds: 0,
    };
    if (sample.passed) {
      return testCase({ ...base, kind: 'passed', body: element('system-out', sample.evidence) });
    }
    const extra = { message: oneLine(sample.evidence), type: 'proof-failed' };
    return testCase({ ...base, kind: 'failure', body: element('failure', sample.evidence, extra) });
  });
}

const hasFailedCheck = (record: RunRecord): boolean =>
  record.checks.some(({ status, severity }) => status === 'failed' && severity === 'error');

function checkCase(check: CheckResult): Case {
  const base = {
    classname: `sagemaker-byoc.${check.group}.${check.id}`,
    name: check.title,
    seconds: check.seconds ?? 0,
  };
  const fix = check.fix === undefined ? [] : [`Fix: ${check.fix}`];
  const text = [check.evidence, ...fix, ...tail(check.lines)].join('\n');
  if (check.status === 'skipped') {
    return testCase({ ...base, kind: 'skipped', body: empty('skipped', check.evidence) });
  }
  if (check.status === 'passed') {
    return testCase({ ...base, kind: 'passed', body: element('system-out', check.evidence) });
  }
  if (check.severity === 'warning') {
    return testCase({ ...base, kind: 'passed', body: element('system-out', `Warning: ${text}`) });
  }
  const message = oneLine(check.evidence);
  return testCase({ ...base, kind: 'failure', body: element('failure', text, { message, type: check.id }) });
}

function testCase(one: Omit<Case, 'xml'> & { classname: string; name: string; body: string }): Case {
  const head = attributes({
    classname: oneLine(one.classname, 300),
    name: oneLine(one.name, 300),
    time: seconds(one.seconds),
  });
  return {
    kind: one.kind,
    seconds: Number.isFinite(one.seconds) ? one.seconds : 0,
    xml: `    <testcase${head}>\n      ${one.body}\n    </testcase>`,
  };
}

const LAST_LINES = 200;

/** Readers of JUnit files show a text as a whole: the last lines have to do. */
function tail(lines: readonly string[] = []): string[] {
  return lines.slice(-LAST_LINES).map((line) => cut(lastOverwrite(line), 2_000));
}

function count(cases: readonly Case[]): Record<string, string> {
  const of = (kind: Case['kind']) => String(cases.filter((one) => one.kind === kind).length);
  return {
    tests: String(cases.length),
    failures: of('failure'),
    errors: of('error'),
    skipped: of('skipped'),
  };
}

const seconds = (value: number): string => (Number.isFinite(value) ? Math.max(0, value) : 0).toFixed(3);

/** The schema's type has no zone and no fraction: times are UTC. */
function timestamp(startedAt: string): string {
  const time = new Date(startedAt);
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().slice(0, 19);
}

function element(name: string, text: string, extra: Record<string, string> = {}): string {
  return `<${name}${attributes(extra)}>${escapeXml(text)}</${name}>`;
}

const empty = (name: string, message: string): string =>
  `<${name}${attributes({ message: oneLine(message) })}/>`;

function attributes(map: Record<string, string>): string {
  return Object.entries(map)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
}

/** Every character that {@link visible} leaves is legal in XML 1.0. */
function escapeXml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
