import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetImageCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { CreateModelCommand, ListTrainingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Pace } from '../../../src/aws/retry-policy.js';
import { createDocker } from '../../../src/docker/docker.js';
import type { ImageRecord, PushPlan, PushRecord } from '../../../src/plan.js';
import type { JobState } from '../../../src/runner/state.js';
import { tempDirOf } from '../../../src/runner/temp-dir.js';
import { cleanUp } from '../../../src/stages/clean-up.js';
import { push } from '../../../src/stages/push.js';
import { StageFailure } from '../../../src/stages/stage-failure.js';
import type { TrainingImage } from '../../../src/stages/train/resolve-image.js';
import { type TrainResult, train } from '../../../src/stages/train.js';
import { SOURCE, trainingPlan } from '../../unit/stages/train/plans.js';
import { SeenLog } from '../../unit/stages/train/seen-log.js';
import { filesBelow } from '../files-below.js';
import { type ActionRun, type Cancel, runAction } from '../run-action.js';
import { FastClock } from './fast-clock.js';
import { DEPLOY_ROWS, STAGE_ROWS } from './fault-rows.js';
import { OwnKeys } from './own-keys.js';
import { localAws, ROOT, type SharedLocalAws } from './shared.js';

jest.setTimeout(300_000);

/*
 * Every trouble that a call of AWS can have, at every call that the action makes. The stages run here by
 * themselves, with the real SDK over real HTTP, on a clock that lets waiting pass a hundred times as fast; the
 * whole action, in a process of its own and in its own time, runs for some of each.
 */

const unique = randomBytes(3).toString('hex');
const PREFIX = `byoc-matrix-${unique}`;
const IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/matrix@sha256:${'ab'.repeat(32)}`;

/** What the matrix says of a cell: nothing when it is right. */
type Problems = readonly string[];

type FaultName = keyof typeof FAULTS;

/** More often than one call is tried while a job is followed, so that asking again is tried too. */
const TIMES = 4;
const FAULTS = {
  throttled: { kind: 'throttling', times: TIMES },
  'HTTP 500': { kind: 'internal-error', times: TIMES },
  'HTTP 503': { kind: 'unavailable', times: TIMES },
  reset: { kind: 'reset', times: TIMES },
  slow: { kind: 'slow', delayMs: 400, times: 2 },
  'lost answer': { kind: 'reset', executed: true, times: 1 },
  'expired token': { kind: 'expired-token' },
  'access denied': { kind: 'access-denied' },
} as const;
const TRANSIENT = ['throttled', 'HTTP 500', 'HTTP 503', 'reset', 'slow', 'lost answer'] as const;
const isTransient = (fault: string): boolean => (TRANSIENT as readonly string[]).includes(fault);

/** What a fault that stays is told as. */
const WORDS: Readonly<Record<string, RegExp>> = {
  'expired token': /expired/i,
  'access denied': /denies \w+:\w+/,
};

const cells: { readonly row: string; readonly fault: string; readonly problems: Problems }[] = [];

function judged(row: string, fault: string, problems: Problems): void {
  cells.push({ row, fault, problems });
}

/** Calls that have a row of faults: `ecr:PutImage`. */
const covered = new Set<string>();

const STACK_TRACE = /^\s+at .+:\d+:\d+\)?$|\b(?:TypeError|ReferenceError)\b/m;

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let ecr: ECRClient;
const environment = { ...process.env };

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client({ attempts: 3 }));
  ecr = new ECRClient(aws.client({ attempts: 3 }));
  await aws.control('POST', 'sagemaker/training', [
    { jobs: `${PREFIX}-long`, script: { lines: ['working {n}'], repeat: 600, lineInterval: 100 } },
    {
      jobs: `${PREFIX}-slow`,
      delays: { Starting: 3_000, Pending: 3_000, Downloading: 3_000, Uploading: 20_000 },
      script: { lines: ['working {n}'], repeat: 3 },
    },
    { jobs: `${PREFIX}-pending`, delays: { Pending: 60_000 }, script: {} },
    { jobs: `${PREFIX}-same`, script: { lines: ['loss=0.5'], repeat: 100, lineInterval: 20 } },
    {
      jobs: PREFIX,
      script: { lines: ['round {n} loss=0.5'], repeat: LINES, lineInterval: 10, after: 100 },
    },
  ]);
  keys.install(aws.env);
  startActions();
  startPushes();
});

const keys = new OwnKeys();

afterAll(async () => {
  await endActions();
  await endPushes();
  if (built.length > 0) execFileSync('docker', ['image', 'rm', '--force', ...built], { stdio: 'ignore' });
  keys.uninstall();
  sagemaker.destroy();
  ecr.destroy();
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const rows = [...new Set(cells.map(({ row }) => row))];
  const width = Math.max(...rows.map((row) => row.length));
  const mark = (row: string, fault: string) => {
    const found = cells.filter((cell) => cell.row === row && cell.fault === fault);
    return found.length === 0 ? '' : found.every(({ problems }) => problems.length === 0) ? 'right' : 'WRONG';
  };
  const line = (head: string, texts: readonly string[]) =>
    `${[head.padEnd(width), ...texts.map((text, index) => text.padEnd(faults[index]?.length ?? 0))].join('  ').trimEnd()}\n`;
  process.stdout.write(
    [
      line('', faults),
      ...rows.map((row) =>
        line(
          row,
          faults.map((fault) => mark(row, fault)),
        ),
      ),
      `${cells.length} cells, ${cells.filter(({ problems }) => problems.length === 0).length} right\n`,
    ].join(''),
  );
});

const paceOf = (clock: FastClock): Pace => ({
  now: () => clock.now(),
  sleep: (milliseconds) => clock.sleep(milliseconds),
  random: () => clock.random(),
});

const newKey = (): string => `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;

/** An access key of the cell's own, with its faults. */
async function withFaults(faults: readonly object[]): Promise<string> {
  const accessKeyId = newKey();
  if (faults.length > 0) {
    await aws.control(
      'POST',
      'faults',
      faults.map((fault) => ({ accessKeyId, ...fault })),
    );
  }
  return accessKeyId;
}

const metCount = async (accessKeyId: string): Promise<number> => {
  const all = (await aws.control('GET', 'faults')) as { accessKeyId?: string; kind: string; met: number }[];
  return all
    .filter((fault) => fault.accessKeyId === accessKeyId && fault.kind !== 'answer')
    .reduce((sum, { met }) => sum + met, 0);
};

const forget = (accessKeyId: string) => aws.control('DELETE', `faults?accessKeyId=${accessKeyId}`);

/** Jobs of the cell: `name` → status. */
async function jobsNamed(name: string): Promise<Readonly<Record<string, string>>> {
  const { TrainingJobSummaries = [] } = await sagemaker.send(
    new ListTrainingJobsCommand({ NameContains: name }),
  );
  return Object.fromEntries(
    TrainingJobSummaries.map(({ TrainingJobName = '', TrainingJobStatus = '' }) => [
      TrainingJobName,
      TrainingJobStatus,
    ]),
  );
}

/** The one job's status; what is wrong when there are more or fewer. */
async function oneJob(name: string, problems: string[]): Promise<string> {
  const statuses = Object.values(await jobsNamed(name));
  if (statuses.length !== 1) problems.push(`${statuses.length} jobs`);
  return statuses[0] ?? '';
}

/** A job that goes on by itself comes to its end in a moment. */
async function comesToItsEnd(name: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const [status = ''] = Object.values(await jobsNamed(name));
    if (!/InProgress|Stopping/.test(status) || tries > 100) return status;
    await sleep(50);
  }
}

// Training

const LINES = 30;

interface Trained {
  readonly name: string;
  readonly runId: string;
  readonly accessKeyId: string;
  readonly result?: TrainResult;
  readonly error?: unknown;
  readonly log: SeenLog;
  /** What post would be told. */
  readonly left: JobState | undefined;
  readonly met: number;
}

/** Which script the job plays. */
type Kind = 'long' | 'slow' | 'pending' | 'same' | 'short';

interface TrainCell {
  readonly faults: readonly object[];
  readonly kind?: Kind;
  /** Of the job; made up when absent. */
  readonly name?: string;
  readonly change?: Parameters<typeof trainingPlan>[0];
  /** With whose last job the metrics are compared. */
  readonly baselineRef?: string;
  /** Number of the run's attempt. The action itself names the job then; `name` is in its name. */
  readonly attempt?: number;
  /** Of the step; made up when absent. */
  readonly runId?: string;
  /** In place of one by its digest. */
  readonly image?: TrainingImage;
  /** Asked after each moment; true: the run is canceled. */
  readonly cancelWhen?: (log: SeenLog, name: string) => boolean | Promise<boolean>;
}

let number = 0;

async function trainOnce(cell: TrainCell): Promise<Trained> {
  number += 1;
  const name = cell.name ?? `${PREFIX}-${cell.kind ?? 'short'}-${number}-x`;
  const accessKeyId = await withFaults(cell.faults);
  process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
  const clock = new FastClock();
  const log = new SeenLog();
  const canceler = new AbortController();
  let left: JobState | undefined;
  const base = trainingPlan({
    ...cell.change,
    training: { metricDefinitions: [{ name: 'loss', regex: 'loss=([0-9.]+)' }], ...cell.change?.training },
    job: {
      ...(cell.attempt === undefined && { name }),
      roleArn: aws.executionRoleArn,
      outputPath: `s3://${aws.bucket}/models`,
      ...cell.change?.job,
    },
  });
  const plan = cell.baselineRef
    ? { ...base, report: { ...base.report, baselineRef: cell.baselineRef } }
    : base;
  const context = {
    docker: createDocker({}),
    runId: cell.runId ?? randomBytes(6).toString('hex'),
    tempDir: '/nowhere',
    log,
    signal: canceler.signal,
    source:
      cell.attempt === undefined
        ? SOURCE
        : { ...SOURCE, repository: `octo-org/${name}`, runAttempt: cell.attempt },
  };
  const running = train(context, plan, cell.image ?? { uri: IMAGE }, {
    onKnown: () => {},
    remember: (job) => {
      left = job;
    },
    clock,
    pace: paceOf(clock),
  }).then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  if (cell.cancelWhen !== undefined) {
    // A cancel has its own few seconds: they are real.
    clock.speed = 10;
    const until = Date.now() + 20_000;
    while (!(await cell.cancelWhen(log, name)) && Date.now() < until) await sleep(10);
    clock.speed = 1;
    canceler.abort();
  }
  const ended = await running;
  const met = await metCount(accessKeyId);
  await forget(accessKeyId);
  return { name, runId: context.runId, accessKeyId, ...ended, log, left, met };
}

interface Expected {
  readonly outcome: TrainResult['outcome'];
  /** What the failure or the detail says. */
  readonly says?: RegExp;
  readonly notices?: number;
  readonly joined?: boolean;
  readonly allLines?: boolean;
  readonly jobs?: 0 | 1;
  readonly priced?: boolean;
  readonly status?: RegExp;
  /** A line of our own in the log. */
  readonly logs?: RegExp;
  /** Post is told of the job: it may be this run's. */
  readonly stays?: boolean;
}

/** Compares a cell with what it should be. */
async function judgeTraining(cell: Trained, expected: Expected, faulty = true): Promise<Problems> {
  const problems: string[] = [];
  const { result, error, log, name } = cell;
  if (faulty && cell.met === 0) problems.push('no call met the fault');
  if (error !== undefined && !(error instanceof StageFailure)) problems.push(`threw ${String(error)}`);
  const failure = error instanceof StageFailure ? error.failure : result?.failure;
  const outcome = error === undefined ? result?.outcome : 'failed';
  if (outcome !== expected.outcome) problems.push(`${outcome}, not ${expected.outcome}`);
  const said = [failure?.message, failure?.fix, result?.detail, ...(result?.notices ?? [])].join('\n');
  if (expected.says && !expected.says.test(said)) problems.push(`says: ${said}`);
  if (/failed|unknown/.test(expected.outcome) && !failure?.fix) problems.push('no fix');
  if (STACK_TRACE.test([said, ...log.info_].join('\n'))) problems.push('a stack trace');
  if (expected.logs && !log.info_.some((line) => expected.logs?.test(line))) {
    problems.push(`logs: ${log.info_.join(' | ')}`);
  }
  const notices = result?.notices ?? [];
  if (expected.notices !== undefined && notices.length !== expected.notices) {
    problems.push(`${notices.length} notices: ${notices.join(' | ')}`);
  }
  if (expected.joined !== undefined && result?.job.joined !== expected.joined) {
    problems.push(`joined: ${result?.job.joined}`);
  }
  if (expected.priced !== undefined && (result?.job.cost !== undefined) !== expected.priced) {
    problems.push(`cost: ${JSON.stringify(result?.job.cost)}`);
  }
  if (expected.allLines) {
    const lines = log.untrusted_.filter((line) => line.includes('round'));
    const wanted = Array.from({ length: LINES }, (_, n) => `algo-1 | round ${n + 1} loss=0.5`);
    if (lines.join() !== wanted.join()) problems.push(`${lines.length} lines of ${LINES}`);
  }
  if ((expected.jobs ?? 1) === 0) {
    const count = Object.keys(await jobsNamed(name)).length;
    if (count > 0) problems.push(`${count} jobs, and there should be none`);
    if (cell.left !== undefined) problems.push('post is told of a job');
  } else {
    if ((cell.left !== undefined) !== (expected.stays ?? false))
      problems.push(`post is told of ${cell.left?.name}`);
    await oneJob(name, problems);
    const status = await comesToItsEnd(name);
    if (!(expected.status ?? /^Completed$/).test(status)) problems.push(`the job is ${status}`);
  }
  return problems;
}

/** The step that starts a job for another one. */
const EARLIER_STEP = '0123456789ab';

/** A job of this run, as an earlier step of it has left it. */
async function startWithoutWaiting(kind: Kind = 'short'): Promise<string> {
  const change = { follow: { wait: false } };
  const { name, result } = await trainOnce({ kind, runId: EARLIER_STEP, faults: [], change });
  if (result?.outcome !== 'passed') throw new Error(`${name} was not started`);
  return name;
}

/** The same of an earlier attempt. @returns what is in the job's name, which the action has made */
async function startInEarlierAttempt(): Promise<string> {
  number += 1;
  const name = `${PREFIX}-${number}-x`;
  const change = { follow: { wait: false } };
  const { result } = await trainOnce({ name, faults: [], attempt: 1, change });
  if (result?.outcome !== 'passed') throw new Error(`${name} was not started`);
  return name;
}

/** All faults at one call. */
function row(
  title: string,
  operation: string,
  faults: readonly string[],
  cellOf: (fault: FaultName) => Omit<TrainCell, 'faults' | 'name'> & {
    readonly name?: () => Promise<string>;
    readonly after?: number;
    /** What local AWS is told to answer otherwise. */
    readonly answer?: object;
    readonly expected: Expected;
  },
): void {
  covered.add(operation);
  const [service = '', name = ''] = operation.split(':');
  test(`${title}: ${faults.join(', ')}`, async () => {
    const wrong: Record<string, Problems> = {};
    for (const fault of faults as readonly FaultName[]) {
      const { expected, after, answer: content, name: makeName, ...cell } = cellOf(fault);
      const jobName = await makeName?.();
      const late = fault === 'slow' && content && { answer: content };
      const faults = [
        { service, operation: name, ...FAULTS[fault], ...(after && { after }), ...late },
        ...(content ? [{ service, operation: name, kind: 'answer', answer: content }] : []),
      ];
      const problems = await judgeTraining(
        await trainOnce({ ...cell, ...(jobName && { name: jobName }), faults }),
        expected,
      );
      judged(title, String(fault), problems);
      if (problems.length > 0) wrong[fault] = problems;
    }
    expect(wrong).toEqual({});
  });
}

const ALL = Object.keys(FAULTS).filter((fault) => fault !== 'lost answer');
const WELL: Expected = { outcome: 'passed', allLines: true, notices: 0, joined: false, priced: true };

describe('training survives what passes, and tells what does not', () => {
  row('sagemaker:CreateTrainingJob', 'sagemaker:CreateTrainingJob', [...ALL, 'lost answer'], (fault) => ({
    expected: isTransient(fault) ? WELL : { outcome: 'failed', says: WORDS[fault] as RegExp, jobs: 0 },
  }));

  row('ecr:BatchGetImage, of a tag to train', 'ecr:BatchGetImage', ALL, (fault) => ({
    image: {
      uri: IMAGE.replace(/@.*/, ':1'),
      registry: { account: '123456789012', region: 'us-east-1' },
    },
    answer: {
      images: [
        {
          imageId: { imageDigest: `sha256:${'ab'.repeat(32)}`, imageTag: '1' },
          imageManifest: '{"schemaVersion": 2}',
          imageManifestMediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        },
      ],
    },
    expected: isTransient(fault)
      ? { ...WELL, logs: /matrix:1 is .*@sha256:abab/ }
      : fault === 'access denied'
        ? // The digest is nice to have.
          { ...WELL, notices: 1, says: /ecr:BatchGetImage/ }
        : { outcome: 'failed', says: WORDS[fault] as RegExp, jobs: 0 },
  }));

  row('sagemaker:DescribeTrainingJob, first', 'sagemaker:DescribeTrainingJob', ALL, (fault) => ({
    expected: isTransient(fault) ? WELL : { outcome: 'unknown', says: WORDS[fault] as RegExp },
  }));

  row('sagemaker:DescribeTrainingJob, later', 'sagemaker:DescribeTrainingJob', ALL, (fault) => ({
    after: 3,
    expected: isTransient(fault) ? WELL : { outcome: 'unknown', says: WORDS[fault] as RegExp },
  }));

  row('logs:DescribeLogStreams', 'logs:DescribeLogStreams', ALL, (fault) => ({
    expected: isTransient(fault) ? WELL : { outcome: 'passed', notices: 1 },
  }));

  row('logs:GetLogEvents', 'logs:GetLogEvents', ALL, (fault) => ({
    expected: isTransient(fault) ? WELL : { outcome: 'passed', notices: 1 },
  }));

  row('sagemaker:Search', 'sagemaker:Search', ALL, (fault) => ({
    baselineRef: 'main',
    // Only nice to have: it is asked twice, and then told of once.
    expected: fault === 'slow' ? WELL : { ...WELL, notices: 1, says: WORDS[fault] ?? /No baseline/ },
  }));

  row('pricing:GetProducts', 'pricing:GetProducts', ALL, (fault) => ({
    // Only nice to have: it is asked three times, and not more.
    expected: fault === 'slow' ? WELL : { ...WELL, priced: false },
  }));
});

const OF_ANOTHER_STEP = /never stopped from here: another job or step of this run has started it/;

describe('a job that is there already', () => {
  row('sagemaker:ListTags, joining', 'sagemaker:ListTags', ALL, (fault) => ({
    name: () => startWithoutWaiting(),
    expected: {
      outcome: 'passed',
      joined: true,
      // Whoever cannot see whose it is follows it, and never stops it.
      logs: isTransient(fault) ? OF_ANOTHER_STEP : /is there already, and joined/,
    },
  }));

  row('sagemaker:DescribeTrainingJob, joining', 'sagemaker:DescribeTrainingJob', ALL, (fault) => ({
    name: () => startWithoutWaiting(),
    expected: isTransient(fault)
      ? { outcome: 'passed', joined: true, logs: OF_ANOTHER_STEP }
      : { outcome: 'unknown', says: WORDS[fault] as RegExp, stays: true },
  }));
});

describe('a job of an earlier attempt of the run', () => {
  row(
    'sagemaker:DescribeTrainingJob, of an earlier attempt',
    'sagemaker:DescribeTrainingJob',
    ALL,
    (fault) => ({
      name: startInEarlierAttempt,
      attempt: 2,
      expected: isTransient(fault)
        ? { ...WELL, joined: true, logs: /An earlier attempt of this run has started the same job/ }
        : // Whether one goes on is not known: there is no second one.
          { outcome: 'failed', says: WORDS[fault] as RegExp },
    }),
  );
});

describe('a job that is to be stopped', () => {
  row('sagemaker:StopTrainingJob, stop-when', 'sagemaker:StopTrainingJob', ALL, (fault) => ({
    kind: 'same',
    change: { follow: { stopWhen: { metric: 'loss', direction: 'minimize', patience: 5 } } },
    expected: isTransient(fault)
      ? { outcome: 'passed', says: /stop-when/, status: /^Stopped$/ }
      : {
          outcome: 'unknown',
          says:
            fault === 'access denied'
              ? /should be stopped.*denies sagemaker:StopTrainingJob/s
              : /should be stopped.*expired/s,
        },
  }));
});

// Cancels

interface CancelMoment {
  readonly kind: TrainCell['kind'];
  readonly when: NonNullable<TrainCell['cancelWhen']>;
  readonly faults?: readonly object[];
  readonly status?: RegExp;
  /** Main cannot have seen the job: post is to look. */
  readonly leftToPost?: boolean;
  /** Of a job that was over before. */
  readonly outcome?: TrainResult['outcome'];
}

const told = (pattern: RegExp) => (log: SeenLog) =>
  log.info_.some((line) => pattern.test(line)) || log.untrusted_.some((line) => pattern.test(line));
const calling = (operation: string, fault: object) => [
  { service: 'sagemaker', operation, times: 1, ...fault },
];
const exists = async (_: SeenLog, name: string) => Object.keys(await jobsNamed(name)).length > 0;

const MOMENTS: Readonly<Record<string, CancelMoment>> = {
  'on the way to create': {
    kind: 'long',
    when: told(/^(?:Starting|Asking for) the training job/),
    faults: calling('CreateTrainingJob', { kind: 'slow', delayMs: 800 }),
  },
  'created, answer lost': {
    kind: 'long',
    when: exists,
    faults: calling('CreateTrainingJob', { kind: 'no-answer', executed: true }),
  },
  'refused for now': {
    kind: 'long',
    when: told(/^(?:Starting|Asking for) the training job/),
    faults: calling('CreateTrainingJob', { kind: 'throttling', times: 1_000 }),
    status: /^$/,
    leftToPost: true,
  },
  'created, not yet seen': {
    kind: 'long',
    when: exists,
    faults: calling('DescribeTrainingJob', { kind: 'slow', delayMs: 1_500 }),
  },
  pending: { kind: 'pending', when: told(/^Pending/) },
  training: { kind: 'long', when: told(/working/) },
  uploading: { kind: 'slow', when: told(/^Uploading/) },
  'read to its end': { kind: 'short', when: told(/^Completed/), status: /^Completed$/, outcome: 'passed' },
};

/** As the runner starts it after main, of the step `runId`. */
async function post(runId: string, job: JobState | undefined, faults: readonly object[] = []) {
  const accessKeyId = await withFaults(faults);
  process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
  const clock = new FastClock();
  clock.speed = 8;
  const said = await cleanUp(
    createDocker({ PATH: '/nowhere' }),
    { runId, tempDir: tempDirOf({ RUNNER_TEMP: tmpdir() }, runId), ...(job && { job }) },
    undefined,
    { source: SOURCE, clock, pace: paceOf(clock) },
  );
  const met = await metCount(accessKeyId);
  await forget(accessKeyId);
  return { said, met };
}

/** What must hold after every cancel: told as such, one job at most, and after post none that runs. */
async function judgeCancel(
  cell: Trained,
  {
    status = /^Stopp(?:ing|ed)$/,
    says,
    leftToPost = false,
    outcome = 'canceled',
  }: Pick<CancelMoment, 'status' | 'leftToPost' | 'outcome'> & { readonly says?: RegExp },
): Promise<Problems> {
  const problems: string[] = [];
  const { result, error, left, log, name } = cell;
  if (result?.outcome !== outcome) problems.push(`${result?.outcome} ${String(error ?? '')}`);
  if (says && !says.test(result?.detail ?? '')) problems.push(`says: ${result?.detail}`);
  if (STACK_TRACE.test(log.info_.join('\n'))) problems.push('a stack trace');
  if ((left !== undefined) !== leftToPost) problems.push(`post is told of ${left?.name}: ${result?.detail}`);
  const found = Object.values(await jobsNamed(name));
  if (found.length > 1) problems.push(`${found.length} jobs`);
  if (!leftToPost && !status.test(found[0] ?? '')) problems.push(`the job is ${found[0]}`);
  await post(cell.runId, left);
  const after = Object.values(await jobsNamed(name)).join();
  if (!status.test(after)) problems.push(`after post the job is ${after}`);
  return problems;
}

describe('a cancel stops the job', () => {
  test(`at every moment: ${Object.keys(MOMENTS).join(', ')}`, async () => {
    const wrong: Record<string, Problems> = {};
    for (const [moment, { kind = 'long', when, faults = [], ...expected }] of Object.entries(MOMENTS)) {
      const problems = await judgeCancel(await trainOnce({ kind, faults, cancelWhen: when }), expected);
      judged(`cancel, ${moment}`, 'no fault', problems);
      if (problems.length > 0) wrong[moment] = problems;
    }
    expect(wrong).toEqual({});
  });

  test.each(['StopTrainingJob', 'DescribeTrainingJob'])('with trouble at %s', async (operation) => {
    const wrong: Record<string, Problems> = {};
    for (const fault of ALL as readonly FaultName[]) {
      const passing = isTransient(String(fault));
      const script = { ...FAULTS[fault], ...(passing && { times: 1 }), service: 'sagemaker', operation };
      const cell = await trainOnce({
        kind: 'long',
        faults: [],
        cancelWhen: async (log) => {
          if (!told(/working/)(log)) return false;
          // From now on.
          await aws.control('POST', 'faults', { ...script, accessKeyId: process.env['AWS_ACCESS_KEY_ID'] });
          return true;
        },
      });
      const refused =
        operation === 'StopTrainingJob' ? (WORDS[fault] as RegExp) : /was not seen stopping yet/;
      const problems = await judgeCancel(cell, {
        leftToPost: !passing,
        says: passing ? /is stopping/ : refused,
      });
      if (cell.met === 0) wrong[`${fault} met`] = ['no call met the fault'];
      judged(`cancel, sagemaker:${operation}`, String(fault), problems);
      if (problems.length > 0) wrong[fault] = problems;
    }
    expect(wrong).toEqual({});
  });

  test.each(['StopTrainingJob', 'DescribeTrainingJob', 'ListTags'])(
    'post, with trouble at %s',
    async (operation) => {
      const wrong: Record<string, Problems> = {};
      for (const fault of ALL as readonly FaultName[]) {
        const passing = isTransient(String(fault));
        const name = await startWithoutWaiting('long');
        // As if main had been killed before AWS said whose the job is.
        const job: JobState = { name, region: aws.region, stopOnCancel: true, ours: false };
        const script = { ...FAULTS[fault], ...(passing && { times: 1 }), service: 'sagemaker', operation };
        const { said, met } = await post(EARLIER_STEP, job, [script]);
        const problems: string[] = [];
        if (met === 0) problems.push('no call met the fault');
        const [sentence = '', ...more] = said;
        if (more.length > 0) problems.push(`says: ${said.join(' | ')}`);
        const status = await oneJob(name, problems);
        if (passing) {
          if (!/^Stopp/.test(status)) problems.push(`the job is ${status}: ${sentence}`);
          if (!/is stopping now/.test(sentence)) problems.push(`says: ${sentence}`);
        } else {
          if (!WORDS[fault]?.test(sentence)) problems.push(`says: ${sentence}`);
          if (!sentence.includes(`stop-training-job --training-job-name ${name}`))
            problems.push('no way by hand');
          await post(EARLIER_STEP, job);
          if (!/^Stopp/.test(await oneJob(name, problems))) problems.push('the second post does not stop it');
        }
        judged(`post, sagemaker:${operation}`, String(fault), problems);
        if (problems.length > 0) wrong[fault] = problems;
      }
      expect(wrong).toEqual({});
    },
  );
});

// Push

/** An image without a layer that anybody needs. */
function buildImage(text: string): ImageRecord {
  const context = mkdtempSync(join(tmpdir(), 'fault-matrix-'));
  const uri = `${PREFIX}-${text}:1`;
  try {
    writeFileSync(join(context, 'file'), `${unique} ${text}`);
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY file /file\nCMD ["train"]\n');
    execFileSync('docker', ['build', '--quiet', '--tag', uri, context], { env: environment, stdio: 'pipe' });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  built.push(uri);
  const [facts] = JSON.parse(execFileSync('docker', ['image', 'inspect', uri], { encoding: 'utf8' })) as [
    { Id: string; Os: string; Architecture: string; Size: number },
  ];
  return { uri, id: facts.Id, platform: `${facts.Os}/${facts.Architecture}`, sizeBytes: facts.Size };
}

const built: string[] = [];

interface Pushed {
  readonly record?: PushRecord;
  readonly error?: unknown;
  readonly log: SeenLog;
  readonly met: number;
  readonly accessKeyId: string;
}

async function pushOnce(
  image: ImageRecord,
  plan: Partial<PushPlan> & Pick<PushPlan, 'repository'>,
  faults: readonly object[] = [],
): Promise<Pushed> {
  const accessKeyId = await withFaults(faults);
  const clock = new FastClock();
  const log = new SeenLog();
  const tempDir = mkdtempSync(join(tmpdir(), 'fault-matrix-'));
  const context = {
    docker: createDocker(environment),
    runId: randomBytes(6).toString('hex'),
    tempDir,
    log,
    signal: new AbortController().signal,
    source: SOURCE,
  };
  try {
    const ended = await keys.run(accessKeyId, () =>
      push(
        context,
        { imageTags: [], createRepository: true, ...plan },
        { tags: new Map() },
        image,
        () => {},
        paceOf(clock),
      ).then(
        (record) => ({ record }),
        (error: unknown) => ({ error }),
      ),
    );
    return { ...ended, log, met: await metCount(accessKeyId), accessKeyId };
  } finally {
    await forget(accessKeyId);
    rmSync(tempDir, { recursive: true, force: true });
  }
}

function judgePush(
  { record, error, log, met }: Pushed,
  {
    says,
    notices = 0,
    removed,
  }: { readonly says?: RegExp; readonly notices?: number; readonly removed?: number },
): Problems {
  const problems: string[] = [];
  if (met === 0) problems.push('no call met the fault');
  if (says !== undefined) {
    if (!(error instanceof StageFailure))
      problems.push(error === undefined ? 'passed' : `threw ${String(error)}`);
    else if (!says.test(error.failure.message)) problems.push(`says: ${error.failure.message}`);
    else if (!error.failure.fix) problems.push('no fix');
  } else if (record === undefined) {
    problems.push(
      error instanceof StageFailure ? `failed: ${error.failure.message}` : `threw ${String(error)}`,
    );
  } else {
    const told = record.notices ?? [];
    if (told.length !== notices) problems.push(`${told.length} notices: ${told.join(' | ')}`);
    if (removed !== undefined && record.removed.length !== removed)
      problems.push(`removed ${record.removed}`);
  }
  if (STACK_TRACE.test(log.info_.join('\n'))) problems.push('a stack trace');
  return problems;
}

/** What local AWS is told to answer, so that SageMaker has what `keep-images` looks at. */
const answer = (operation: string, content: object) => ({
  service: 'sagemaker',
  operation,
  kind: 'answer',
  answer: content,
});
const arnOf = (resource: string) => `arn:aws:sagemaker:us-east-1:123456789012:${resource}`;
const TIMES_OF = { CreationTime: 0, LastModifiedTime: 0 };
const ENDPOINT = {
  EndpointName: 'churn',
  EndpointArn: arnOf('endpoint/churn'),
  EndpointStatus: 'InService',
  ...TIMES_OF,
};
const ENDPOINTS = [
  answer('ListEndpoints', { Endpoints: [ENDPOINT] }),
  answer('DescribeEndpoint', {
    ...ENDPOINT,
    EndpointConfigName: 'churn',
    ProductionVariants: [{ VariantName: 'all', DeployedImages: [{ ResolvedImage: 'example.com/other:2' }] }],
  }),
];
const MODEL_PACKAGES = [
  answer('DescribeModel', {
    ...{ ModelName: 'churn', ModelArn: arnOf('model/churn'), CreationTime: 0 },
    PrimaryContainer: { ModelPackageName: 'churn/1' },
  }),
  answer('DescribeModelPackage', {
    ...{ ModelPackageName: 'churn', ModelPackageArn: arnOf('model-package/churn/1'), CreationTime: 0 },
    ...{ ModelPackageStatus: 'Completed', ModelPackageStatusDetails: { ValidationStatuses: [] } },
    InferenceSpecification: { Containers: [{ Image: 'example.com/other:1' }] },
  }),
];

const TRAINING_JOB = {
  ...{ TrainingJobName: 'churn', TrainingJobArn: arnOf('training-job/churn') },
  ...{ TrainingJobStatus: 'InProgress', SecondaryStatus: 'Starting', ...TIMES_OF },
};
const TRAINING_JOBS = [
  answer('ListTrainingJobs', { TrainingJobSummaries: [TRAINING_JOB] }),
  answer('DescribeTrainingJob', {
    ...TRAINING_JOB,
    AlgorithmSpecification: { TrainingImage: 'example.com/other:3', TrainingInputMode: 'File' },
  }),
];

/** Calls of a push that ends it when they fail for good; and those that only `keep-images` makes. */
const PUSH_CALLS: Readonly<
  Record<
    string,
    {
      readonly change: 'again' | 'tag' | 'taken' | 'blob' | 'new' | 'keep';
      /** What SageMaker answers otherwise. */
      readonly answers?: readonly ReturnType<typeof answer>[];
    }
  >
> = {
  'ecr:GetAuthorizationToken': { change: 'again' },
  'ecr:BatchGetImage': { change: 'again' },
  'ecr:GetDownloadUrlForLayer': { change: 'blob' },
  'ecr:DescribeRepositories': { change: 'taken' },
  'ecr:PutImage': { change: 'tag' },
  'ecr:CreateRepository': { change: 'new' },
  'ecr:DescribeImages': { change: 'keep' },
  'ecr:BatchDeleteImage': { change: 'keep' },
  'sagemaker:ListModels': { change: 'keep' },
  'sagemaker:DescribeModel': { change: 'keep' },
  'sagemaker:DescribeModelPackage': { change: 'keep', answers: MODEL_PACKAGES },
  'sagemaker:ListEndpoints': { change: 'keep', answers: ENDPOINTS },
  'sagemaker:DescribeEndpoint': { change: 'keep', answers: ENDPOINTS },
  'sagemaker:ListTrainingJobs': { change: 'keep', answers: TRAINING_JOBS },
  'sagemaker:DescribeTrainingJob': { change: 'keep', answers: TRAINING_JOBS },
};
for (const call of Object.keys(PUSH_CALLS)) covered.add(call);

describe('a push survives what passes, and tells what does not', () => {
  const repository = `${PREFIX}/model`;
  let image: ImageRecord;
  let other: ImageRecord;
  let manifest: string;
  let count = 0;

  beforeAll(async () => {
    image = buildImage('a');
    other = buildImage('b');
    const { record } = await pushOnce(image, { repository });
    await pushOnce(other, { repository, imageTags: ['taken'] });
    const { images: [found] = [] } = await ecr.send(
      new BatchGetImageCommand({
        repositoryName: repository,
        imageIds: [{ imageDigest: record?.digest ?? '' }],
        acceptedMediaTypes: ['application/vnd.docker.distribution.manifest.v2+json'],
      }),
    );
    manifest = found?.imageManifest ?? '';
    await older();
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: `${PREFIX}-model`,
        ExecutionRoleArn: aws.executionRoleArn,
        PrimaryContainer: { Image: 'example.com/other:1', ImageConfig: { RepositoryAccessMode: 'Vpc' } },
        VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] },
      }),
    );
  });

  /** One more image that the action has pushed: the one before it is one too many for `keep-images: 1`. */
  async function older(): Promise<void> {
    count += 1;
    await ecr.send(
      new PutImageCommand({
        repositoryName: repository,
        imageManifest: manifest + ' '.repeat(count),
        imageManifestMediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        imageTag: `sagemaker-byoc-${randomBytes(16).toString('hex')}`,
      }),
    );
  }

  test.each(Object.entries(PUSH_CALLS))('%s', async (call, { change, answers = [] }) => {
    const [service = '', operation = ''] = call.split(':');
    const wrong: Record<string, Problems> = {};
    for (const fault of ALL as readonly FaultName[]) {
      if (change === 'keep') {
        // What earlier cells have kept goes first.
        await older();
        await pushOnce(image, { repository, keepImages: 1 });
        await older();
      }
      count += 1;
      const instead = answers.find((one) => one.operation === operation);
      // A slow call comes to its end, and has the answer then.
      const late = fault === 'slow' && instead && { answer: instead.answer };
      const faults = [{ service, operation, via: 'api', ...FAULTS[fault], ...late }, ...answers];
      const pushed = await pushOnce(
        // By its name the engine finds it too; but no digest in ECR is like that, and so its content is read.
        change === 'blob' ? { ...image, id: image.uri } : change === 'taken' ? other : image,
        {
          repository: change === 'new' ? `${repository}-${count}` : repository,
          ...(change === 'tag' && { imageTags: [`tag-${count}`] }),
          ...(change === 'taken' && { imageTags: [await takenTag()] }),
          ...(change === 'keep' && { keepImages: 1 }),
        },
        faults,
      );
      const goesOn = change === 'keep' || (change === 'taken' && fault === 'access denied');
      const problems = judgePush(
        pushed,
        isTransient(String(fault))
          ? // The other image has a tag of its own: that it stays is told.
            { notices: change === 'keep' ? 1 : 0, removed: change === 'keep' ? 1 : 0 }
          : goesOn
            ? { notices: change === 'keep' ? 1 : 0, removed: 0 }
            : { says: WORDS[fault] as RegExp },
      );
      judged(call, String(fault), problems);
      if (problems.length > 0) wrong[fault] = problems;
    }
    expect(wrong).toEqual({});
  });

  /** A tag of the first image, which the second is to have. */
  async function takenTag(): Promise<string> {
    count += 1;
    const tag = `taken-${count}`;
    await pushOnce(image, { repository, imageTags: [tag] });
    return tag;
  }
});

// Docker's own push

/** What the requests of Docker's own push meet. Docker tries each layer again by itself, after 5 s and more. */
const REGISTRY_FAULTS = {
  throttled: { kind: 'throttling', times: 1 },
  'HTTP 500': { kind: 'internal-error', times: 1 },
  'HTTP 503': { kind: 'unavailable', times: 1 },
  reset: { kind: 'reset', times: 1 },
  slow: { kind: 'slow', delayMs: 400, times: 2 },
  // As a load balancer ends what is not answered; Docker itself waits for as long as it takes.
  'time-out': { kind: 'reset', delayMs: 2_000, times: 1 },
  'expired token': { kind: 'expired-token' },
  'access denied': { kind: 'access-denied' },
} as const;
const LASTING_FAULTS = {
  'throttled for good': { kind: 'throttling' },
  'HTTP 500 for good': { kind: 'internal-error' },
  'HTTP 503 for good': { kind: 'unavailable' },
  'reset for good': { kind: 'reset' },
} as const;

interface RegistryRequest {
  readonly operation: string;
  /** Such requests that pass before: the configuration's come after the layer's. */
  readonly after?: number;
  readonly faults: Readonly<Record<string, object>>;
  /** What all faults that stay are told as, where it is not {@link LASTING_WORDS}. */
  readonly says?: RegExp;
}

/** The requests of a push, by the action of ECR that each needs. */
const REQUESTS: Readonly<Record<string, RegistryRequest>> = {
  'POST a layer': {
    operation: 'InitiateLayerUpload',
    // Docker spends the better part of a minute on each of these: they come first.
    faults: { ...LASTING_FAULTS, ...REGISTRY_FAULTS },
  },
  'PATCH a layer': { operation: 'UploadLayerPart', faults: REGISTRY_FAULTS },
  'PUT a layer': { operation: 'CompleteLayerUpload', faults: REGISTRY_FAULTS },
  'HEAD the configuration': {
    operation: 'BatchCheckLayerAvailability',
    faults: REGISTRY_FAULTS,
    // The answer has no body that could tell.
    says: /denied the push .* gave no reason/,
  },
  'POST the configuration': { operation: 'InitiateLayerUpload', after: 1, faults: REGISTRY_FAULTS },
  'PUT the manifest': { operation: 'PutImage', faults: { ...LASTING_FAULTS, ...REGISTRY_FAULTS } },
};

const LASTING_WORDS: Readonly<Record<string, RegExp>> = {
  'expired token': /does not take the login/,
  'access denied': /denies `ecr:\w+`|was denied/,
  'throttled for good': /too many requests/,
  'HTTP 500 for good': /lost the registry/,
  'HTTP 503 for good': /lost the registry/,
  'reset for good': /lost the registry/,
};

/** So many at a time. Docker sends five layers at a time, for all tests together. */
const PUSHES = 3;
const pushes = new Map<string, Promise<Problems>>();
const waitingPushes: (() => Promise<void>)[] = [];
let pushing: Promise<unknown> = Promise.resolve();

/** Starts them all, beside the tests: Docker waits, most of the time. */
function startPushes(): void {
  const image = buildImage('docker');
  for (const [request, { operation, after = 0, faults, says: always }] of Object.entries(REQUESTS)) {
    for (const [fault, script] of Object.entries(faults)) {
      const repository = `${PREFIX}/docker-${pushes.size}`;
      const says = LASTING_WORDS[fault] && (always ?? LASTING_WORDS[fault]);
      const ended = new Promise<Problems>((resolve) => {
        waitingPushes.push(async () => {
          const faulty = [{ service: 'ecr', operation, via: 'registry', after, ...script }];
          const judge = (pushed: Pushed) => judgePush(pushed, says ? { says } : {});
          resolve(await pushOnce(image, { repository }, faulty).then(judge, (error) => [String(error)]));
        });
      });
      pushes.set(`${request}: ${fault}`, ended);
    }
  }
  pushing = Promise.all(
    Array.from({ length: PUSHES }, async () => {
      for (let next = waitingPushes.shift(); next !== undefined; next = waitingPushes.shift()) await next();
    }),
  );
}

async function endPushes(): Promise<void> {
  waitingPushes.length = 0;
  await pushing;
}

describe('a push of Docker itself survives what passes, and tells what does not', () => {
  test.each(Object.entries(REQUESTS))('%s', async (request, { faults }) => {
    const wrong: Record<string, Problems> = {};
    for (const fault of Object.keys(faults)) {
      const problems = (await pushes.get(`${request}: ${fault}`)) ?? ['did not run'];
      judged(`docker push, ${request}`, fault, problems);
      if (problems.length > 0) wrong[fault] = problems;
    }
    expect(wrong).toEqual({});
  });

  test('and makes no other requests', async () => {
    const { error, accessKeyId } = await pushOnce(buildImage('requests'), { repository: `${PREFIX}/docker` });
    expect(error).toBeUndefined();
    const calls = (await aws.control('GET', `calls?list&accessKeyId=${accessKeyId}`)) as {
      readonly via: string;
      readonly operation: string;
    }[];
    const made = new Set(calls.filter(({ via }) => via === 'registry').map(({ operation }) => operation));
    expect([...made].toSorted()).toEqual(
      [...new Set(Object.values(REQUESTS).map(({ operation }) => operation))].toSorted(),
    );
  });
});

// All calls

/** Services as local AWS and the rows name them, where the SDK's package has another name. */
const SERVICES: Readonly<Record<string, string>> = {
  'cloudwatch-logs': 'logs',
  cloudwatch: 'monitoring',
  'application-auto-scaling': 'application-autoscaling',
  'sagemaker-runtime': 'sagemaker',
};
// Of these, which are made through a module that opens the client.
const OPENERS: Readonly<Record<string, string>> = { './sagemaker.js': 'sagemaker' };
/** Those of the other files that try every trouble. */
for (const call of [...DEPLOY_ROWS, ...Object.values(STAGE_ROWS).flat()]) covered.add(call);

test('every call of AWS in the sources has its row', () => {
  const sources = join(ROOT, 'src');
  const programs = filesBelow(sources).filter((file) => file.endsWith('.ts'));
  const calls = programs.flatMap((file) => {
    const text = readFileSync(join(sources, file), 'utf8');
    const commands = [...text.matchAll(/\bnew [\w.#]*?(\w+)Command\(/g)].map(([, command]) => command);
    const clients = new Set([...text.matchAll(/@aws-sdk\/client-([\w-]+)/g)].map(([, client]) => client));
    for (const [opener, client] of Object.entries(OPENERS)) {
      if (clients.size === 0 && text.includes(`from '${opener}'`)) clients.add(client);
    }
    if (commands.length > 0 && clients.size !== 1) throw new Error(`${file}: of which service?`);
    const [client = ''] = clients;
    return commands.map((command) => `${SERVICES[client] ?? client}:${command}`);
  });
  expect(calls).toEqual(
    expect.arrayContaining([
      'sagemaker:CreateTrainingJob',
      'logs:GetLogEvents',
      'sagemaker:ListModelPackageGroups',
    ]),
  );
  expect([...new Set(calls)].filter((call) => !covered.has(call)).sort()).toEqual([]);
});

// The whole action

interface Acted {
  readonly title: string;
  readonly fault: string;
  readonly kind?: Kind;
  readonly faults?: readonly object[];
  readonly cancel?: Cancel;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly expected: {
    readonly outcome?: string;
    readonly exitCode: number | null;
    readonly says?: RegExp;
    readonly status?: RegExp;
    /** What the summary says once. */
    readonly once?: RegExp;
  };
}

const on = (service: string, operation: string, fault: FaultName) => [
  { service, operation, ...FAULTS[fault] },
];
const STOPPED = /^Stopp(?:ing|ed)$/;

const ACTED: readonly Acted[] = [
  // First: it takes the two minutes for which other credentials are waited for.
  {
    title: 'action, every call from now on',
    fault: 'expired token',
    kind: 'slow',
    faults: [{ service: '*', operation: '*', after: 4, kind: 'expired-token' }],
    // It goes on by itself, and may be well.
    expected: { outcome: 'unknown', exitCode: 1, says: /expired/, status: /^(?:InProgress|Completed)$/ },
  },
  ...(['throttled', 'HTTP 500', 'HTTP 503', 'reset', 'slow', 'lost answer'] as const).map((fault) => ({
    title: 'action, every call of SageMaker and the logs',
    fault,
    faults: [
      { service: 'sagemaker', operation: 'CreateTrainingJob', ...FAULTS[fault], times: 1 },
      { service: 'sagemaker', operation: 'DescribeTrainingJob', ...FAULTS[fault], times: 1 },
      { service: 'logs', operation: '*', ...FAULTS[fault], times: 1 },
    ],
    expected: { outcome: 'passed', exitCode: 0 },
  })),
  {
    title: 'action, sagemaker:CreateTrainingJob',
    fault: 'expired token',
    faults: on('sagemaker', 'CreateTrainingJob', 'expired token'),
    expected: { outcome: 'failed', exitCode: 1, says: /expired/, status: /^$/ },
  },
  {
    title: 'action, sagemaker:CreateTrainingJob',
    fault: 'access denied',
    faults: on('sagemaker', 'CreateTrainingJob', 'access denied'),
    expected: { outcome: 'failed', exitCode: 1, says: /sagemaker:CreateTrainingJob/, status: /^$/ },
  },
  {
    title: 'action, sagemaker:DescribeTrainingJob',
    fault: 'no answer',
    faults: [{ service: 'sagemaker', operation: 'DescribeTrainingJob', kind: 'no-answer', times: 1 }],
    expected: { outcome: 'passed', exitCode: 0 },
  },
  {
    title: 'action, logs:*',
    fault: 'access denied',
    faults: on('logs', '*', 'access denied'),
    expected: {
      outcome: 'passed',
      exitCode: 0,
      once: /logs cannot be shown/g,
    },
  },
  {
    title: 'action, pricing:GetProducts',
    fault: 'access denied',
    faults: on('pricing', 'GetProducts', 'access denied'),
    expected: { outcome: 'passed', exitCode: 0, once: /pricing:GetProducts/g },
  },
  ...(['SIGINT', 'SIGTERM'] as const).flatMap((signal) => [
    {
      title: `action, ${signal}, at the create call`,
      fault: 'no fault',
      kind: 'long' as const,
      cancel: { after: /(?:Starting|Asking for) the training job/, signal },
      expected: { outcome: 'canceled', exitCode: 1, status: STOPPED },
    },
    {
      title: `action, ${signal}, training`,
      fault: 'no fault',
      kind: 'long' as const,
      cancel: { after: /working/, signal },
      expected: { outcome: 'canceled', exitCode: 1, status: STOPPED },
    },
  ]),
  ...[/(?:Starting|Asking for) the training job/, /console/, /working/].map((after, index) => ({
    title: `action, SIGKILL and post, ${['at the create call', 'created', 'training'][index]}`,
    fault: 'no fault',
    kind: 'long' as const,
    cancel: { after, signal: 'SIGKILL' as const },
    expected: { exitCode: null, status: /^(?:|Stopping|Stopped)$/ },
  })),
];

/** So many at a time: they wait, most of the time. */
const LANES = 4;
const actions = new Map<
  Acted,
  { readonly ended: Promise<Problems>; readonly end: (problems: Problems) => void }
>();
const queue: Acted[] = [];
let lanes: Promise<unknown> = Promise.resolve();
let workspace: string;

/** Starts them all, beside the tests that have this process for themselves. */
function startActions(): void {
  workspace = mkdtempSync(join(tmpdir(), 'fault-matrix-'));
  for (const cell of ACTED) {
    let end: (problems: Problems) => void = () => {};
    const ended = new Promise<Problems>((resolve) => {
      end = resolve;
    });
    actions.set(cell, { ended, end });
    queue.push(cell);
  }
  lanes = Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
        const problems = await act(cell).catch((error: unknown): Problems => [String(error)]);
        actions.get(cell)?.end(problems);
      }
    }),
  );
}

async function endActions(): Promise<void> {
  queue.length = 0;
  await lanes;
  rmSync(workspace, { recursive: true, force: true });
}

describe('the whole action', () => {
  test.each(ACTED.map((cell) => [cell.title, cell.fault, cell] as const))(
    '%s: %s',
    async (title, fault, cell) => {
      const problems = (await actions.get(cell)?.ended) ?? ['did not run'];
      judged(title, fault, problems);
      expect(problems).toEqual([]);
    },
  );
});

async function act(cell: Acted): Promise<Problems> {
  number += 1;
  const name = `${PREFIX}-${cell.kind ?? 'short'}-${number}-x`;
  const accessKeyId = await withFaults(cell.faults ?? []);
  const run = await runAction(
    {
      stages: 'train',
      'image-uri': IMAGE,
      'training-job-name': name,
      'execution-role-arn': aws.executionRoleArn,
      'output-path': `s3://${aws.bucket}/models`,
      'instance-type': 'ml.m5.large',
      ...cell.inputs,
    },
    {
      workspace,
      env: { ...aws.env, AWS_ACCESS_KEY_ID: accessKeyId },
      ...(cell.cancel && { cancel: cell.cancel }),
    },
  );
  const problems = [...judgeAction(run, cell)];
  if (cell.faults !== undefined && (await metCount(accessKeyId)) === 0)
    problems.push('no call met the fault');
  await forget(accessKeyId);
  const found = Object.values(await jobsNamed(name));
  if (found.length > 1) problems.push(`${found.length} jobs`);
  const status = cell.expected.status ?? /^Completed$/;
  if (!status.test(found[0] ?? '')) problems.push(`the job is ${found[0]}`);
  return problems;
}

function judgeAction(run: ActionRun, { expected, cancel }: Acted): Problems {
  const problems: string[] = [];
  if (run.exitCode !== expected.exitCode) problems.push(`exit code ${run.exitCode}:\n${run.log}`);
  if (expected.outcome !== undefined && run.outputs['outcome'] !== expected.outcome) {
    problems.push(`outcome ${run.outputs['outcome']}`);
  }
  const told = `${run.log}\n${run.summary}`;
  if (expected.says && !expected.says.test(told)) problems.push(`says: ${run.log}`);
  for (const text of [run.log, run.summary, run.post?.stdout ?? '', run.post?.stderr ?? '']) {
    if (STACK_TRACE.test(text)) problems.push(`a stack trace:\n${text}`);
  }
  if (expected.once && run.summary.match(expected.once)?.length !== 1) {
    problems.push(`the summary: ${run.summary}`);
  }
  if (run.post?.exitCode !== 0) problems.push(`post: ${run.post?.exitCode} ${run.post?.stderr}`);
  if (cancel && cancel.signal !== 'SIGKILL' && run.seconds > 60) problems.push(`${run.seconds} s`);
  if (run.temporaryFiles.length > 0) problems.push(`left ${run.temporaryFiles.join()}`);
  return problems;
}
