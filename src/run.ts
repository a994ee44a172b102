import type { EventEmitter } from 'node:events';
import { bugFailure, bugTrace } from './bug.js';
import { CHECKS } from './contract/checks/index.js';
import { noteDecision } from './debug.js';
import { createDocker, type Docker } from './docker/docker.js';
import { hostOf } from './host-of.js';
import { type InputProblem, readPlan } from './inputs.js';
import type { Failure, Plan, RunRecord } from './plan.js';
import { earlyOutputs, publish } from './publish.js';
import { annotate } from './runner/annotations.js';
import { listenForCancel, whenAborted } from './runner/cancel.js';
import { debugTo } from './runner/debug-log.js';
import { githubDeployments } from './runner/deployment.js';
import { reasonOf } from './runner/errno.js';
import type { JobLog } from './runner/job-log.js';
import { Outputs } from './runner/outputs.js';
import { unsupportedRunner } from './runner/platform.js';
import { readSource } from './runner/source.js';
import {
  type DeploymentState,
  type JobState,
  type RunState,
  type ShiftState,
  saveDeploymentState,
  saveJobState,
  saveRunState,
  saveShiftState,
} from './runner/state.js';
import { makeTempDir, tempDirOf } from './runner/temp-dir.js';
import { cleanUp, type StopWorld } from './stages/clean-up.js';
import { stoppedLate } from './stopped-late.js';
import { takenBackLate } from './taken-back-late.js';
import { VERSION } from './version.js';

/** What the run takes from outside. */
export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly log: JobLog;
  /** So many random bytes as hex digits. */
  readonly randomHex: (bytes: number) => string;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Emits `SIGINT` and `SIGTERM`. */
  readonly signals: EventEmitter;
  /** `process.platform`. */
  readonly platform: NodeJS.Platform;
}

/**
 * After a cancel, 10 s are left until the runner kills the action: the stages have this long to stop what they
 * started, cleaning up has the next, and what remains is for the report. Post has another try at what is missed.
 */
const STOP_MS = 4_000;
const CLEAN_UP_MS = 3_000;

/** Cleaning up without a cancel: an engine that hangs must not keep the job until its own time-out. */
const CLEAN_UP_PATIENCE_MS = 120_000;

/** How a run ended, when there is no more to say than what was known before. */
type Ending = Pick<RunRecord, 'outcome' | 'failure'>;

/**
 * The action's main part: inputs to plan, plan to record, record to people; and nothing left behind.
 *
 * @returns the exit code
 */
export async function run(world: World): Promise<number> {
  const { env, log, now } = world;
  const started = now();
  const outputs = new Outputs(env, (message) => warn(log, message));
  let plan: Plan | undefined;
  let correct = (record: RunRecord): RunRecord => record;
  let known: RunRecord = {
    version: 1,
    outcome: 'failed',
    source: readSource(env),
    startedAt: started.toISOString(),
    seconds: 0,
    stages: [],
    checks: [],
    metrics: [],
    annotations: [],
    notices: [],
  };

  const endDebugging = debugTo(log, env);

  async function end(): Promise<RunRecord | Ending> {
    noteDecision(() => surroundings(env, world.platform));
    const unsupported = unsupportedRunner(world.platform);
    if (unsupported !== undefined) return { outcome: 'failed', failure: unsupported };
    const read = readPlan(
      env,
      CHECKS.map(({ id }) => id),
    );
    if ('problems' in read) {
      return { outcome: 'invalid-input', failure: inputFailure(read.problems) };
    }
    plan = read.plan;
    noteDecision(() => planned(read.plan));
    return carryOut(world, plan, {
      onProgress: (record) => {
        known = record;
        outputs.set(earlyOutputs(record));
      },
      onLate: (correction) => {
        const before = correct;
        correct = (record) => correction(before(record));
      },
    });
  }

  const ending = await end().catch((error: unknown): Ending => {
    const trace = bugTrace(error, env);
    if (trace !== undefined) log.info(trace);
    return { outcome: 'failed', failure: bugFailure(error, env) };
  });
  const seconds = (now().getTime() - started.getTime()) / 1000;
  const record: RunRecord = { ...known, seconds, ...ending };
  const succeeded = await publish(correct(record), {
    report: plan?.report,
    log,
    outputs,
    env,
  });
  endDebugging();
  return succeeded ? 0 : 1;
}

/** Who runs this where, for debugging: of addresses their hosts only, since a proxy's may hold a password. */
function surroundings(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const hosts = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'AWS_ENDPOINT_URL', 'DOCKER_HOST'];
  const shown = [
    ...hosts.flatMap((name) => (env[name] ? [`${name}=${hostOf(env[name])}`] : [])),
    ...['NO_PROXY', 'no_proxy', 'AWS_USE_FIPS_ENDPOINT', 'AWS_REGION', 'RUNNER_OS', 'RUNNER_ARCH'].flatMap(
      (name) => (env[name] ? [`${name}=${env[name]}`] : []),
    ),
  ];
  return [
    `sagemaker-byoc ${VERSION}, Node.js ${process.version}, ${platform}/${process.arch}`,
    ...shown,
  ].join(', ');
}

function planned({ stages, image, aws }: Plan): string {
  const what =
    image.kind === 'build' ? `build ${image.build.context}` : image.kind === 'image' ? image.uri : 'no image';
  return `Plan: ${stages.join(', ')}; ${what}; Region ${aws.region ?? 'as the SDK finds it'}`;
}

interface Listeners {
  readonly onProgress: (record: RunRecord) => void;
  /** Called when cleaning up has changed what the stages know, with what that makes of the record. */
  readonly onLate: (correction: (record: RunRecord) => RunRecord) => void;
}

/** Carries the plan out, and removes what that left behind. Rejects for nothing but a bug. */
async function carryOut(
  world: World,
  plan: Plan,
  { onProgress, onLate }: Listeners,
): Promise<RunRecord | Ending> {
  const { env, log, now, sleep } = world;
  const runId = world.randomHex(6);
  const tempDir = tempDirOf(env, runId);
  const state: RunState = { runId, tempDir };
  const signal = listenForCancel(world.signals);
  try {
    saveRunState(env, state);
  } catch (error) {
    warn(log, `Should this step be killed, nothing cleans up: ${env['GITHUB_STATE']}: ${reasonOf(error)}.`);
  }
  let job: JobState | undefined;
  const remember = (current: JobState | undefined) => {
    job = current;
    try {
      saveJobState(env, current);
    } catch (error) {
      warn(
        log,
        `Should this step be killed, nothing stops its job: ${env['GITHUB_STATE']}: ${reasonOf(error)}.`,
      );
    }
  };
  let deployment: DeploymentState | undefined;
  const rememberDeployment = (current: DeploymentState | undefined) => {
    deployment = current;
    try {
      saveDeploymentState(env, current);
    } catch (error) {
      warn(
        log,
        `Should this step be killed, nothing takes its deployment back: ${env['GITHUB_STATE']}: ${reasonOf(error)}.`,
      );
    }
  };
  const rememberShift = (current: ShiftState | undefined) => {
    try {
      saveShiftState(env, current);
    } catch (error) {
      warn(
        log,
        `Should this step be killed, nothing tells of its weights: ${env['GITHUB_STATE']}: ${reasonOf(error)}.`,
      );
    }
  };
  const docker = createDocker(env);
  try {
    await makeTempDir(tempDir);
  } catch (error) {
    const message = `The folder for temporary files could not be made: ${tempDir}: ${reasonOf(error)}.`;
    const fix = 'Free some disk, or have RUNNER_TEMP name a folder that this user may write.';
    return { outcome: 'failed', failure: { message, fix } };
  }
  try {
    // Loaded now: wrong inputs are told of without it.
    const { runPipeline } = await import('./pipeline.js');
    const context = { docker, runId, tempDir, log, signal, source: readSource(env) };
    return await Promise.race([
      runPipeline(context, plan, {
        onProgress,
        remember,
        rememberDeployment,
        rememberShift,
        githubDeployments: (github) => githubDeployments(github, context.source, env, sleep),
        now,
      }),
      whenAborted(signal)
        .then(() => sleep(STOP_MS))
        .then((): Ending => ({ outcome: 'canceled' })),
    ]);
  } finally {
    const patience = signal.aborted ? CLEAN_UP_MS : CLEAN_UP_PATIENCE_MS;
    const left: RunState = { ...state, ...(job && { job }), ...(deployment && { deployment }) };
    const onJobSettled: StopWorld['onJobSettled'] = (how) => {
      // Post need not look after it again.
      remember(undefined);
      if (how === 'stopping') onLate(stoppedLate);
    };
    const onDeploymentSettled: StopWorld['onDeploymentSettled'] = (how) => {
      rememberDeployment(undefined);
      onLate((record) => takenBackLate(record, how));
    };
    const settled = { onJobSettled, onDeploymentSettled };
    const problems = await cleanUpWithin(patience, docker, left, { env, sleep, ...settled });
    for (const problem of problems) warn(log, problem);
  }
}

function cleanUpWithin(
  milliseconds: number,
  docker: Docker,
  state: RunState,
  {
    env,
    sleep,
    ...settled
  }: Pick<World, 'env' | 'sleep'> & Pick<StopWorld, 'onJobSettled' | 'onDeploymentSettled'>,
): Promise<readonly string[]> {
  const patience = new AbortController();
  void sleep(milliseconds).then(() => patience.abort());
  const source = readSource(env);
  return cleanUp(docker, state, patience.signal, { source, within: milliseconds, ...settled });
}

function warn(log: JobLog, message: string): void {
  log.release();
  annotate([{ level: 'warning', title: 'SageMaker BYOC', message }]);
}

function inputFailure(problems: readonly InputProblem[]): Failure {
  const message =
    problems.length === 1
      ? 'There is a mistake in the inputs; nothing was run.'
      : `There are ${problems.length} mistakes in the inputs; nothing was run.`;
  return { message, lines: problems.map(inputLine) };
}

/** A mistake in one line: the input, its value, the rule, the fix. */
function inputLine({ input, value, rule, fix }: InputProblem): string {
  const given = value === '' ? '' : ` ${JSON.stringify(value)}`;
  return `${input}${given}: ${rule} ${fix}`;
}
