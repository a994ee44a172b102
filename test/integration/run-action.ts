import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { parse } from 'yaml';
import type { RunRecord } from '../../src/plan.js';
import { parseFileCommands } from './file-commands.js';
import { filesBelow } from './files-below.js';
import { recordOutputs, recordsUse } from './record-outputs.js';
import { type RunnerCommand, runnerCommands } from './runner-commands.js';

/** Absolute path of this repository, which is the action. */
export const REPOSITORY = resolve(__dirname, '../..');

/** A step that hangs is killed, and so does not outlive its test by more than this. */
const STEP_LIMIT_MS = 6 * 60_000;

export interface RunActionOptions {
  /** `GITHUB_WORKSPACE`, absolute. Default: this repository. */
  readonly workspace?: string;
  /** Variables added to the runner's own; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Cancels main. */
  readonly cancel?: Cancel;
  /** Whether post runs after main, as it does on GitHub. Default: true. */
  readonly post?: boolean;
}

export interface Cancel {
  /** Is sent once, when a line of main's output matches. */
  readonly after: RegExp;
  /**
   * `SIGINT` is what a cancelled workflow gets first. As the runner does, SIGTERM follows 7.5 s after it, and the
   * end 2.5 s after that, unless the action has ended by then. `SIGKILL`: a runner that was lost. Default: SIGINT.
   */
  readonly signal?: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
}

export interface StepRun {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface ActionRun extends StepRun {
  /** Both streams as they came, which is what the runner reads commands from. */
  readonly log: string;
  /** What the runner would have taken for a command in main's output, in order. */
  readonly commands: readonly RunnerCommand[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** The job summary's Markdown. */
  readonly summary: string;
  /** `report.json`; absent when none was written. */
  readonly report?: RunRecord;
  /** `junit.xml`; absent when none was written. */
  readonly junit?: string;
  /** The run's id in Docker's labels, for {@link leftovers}; empty when main ended before it had one. */
  readonly runId: string;
  readonly post?: StepRun;
  /** What main and post left in RUNNER_TEMP besides the reports: paths relative to it. */
  readonly temporaryFiles: readonly string[];
}

/**
 * Runs the action as GitHub's runner does: `main` of action.yml in a process of its own with the runner's
 * environment and no more (no credentials, no tokens), then `post` with the state that main saved.
 *
 * @param inputs the step's `with:`, by the inputs' names in action.yml
 */
export async function runAction(
  inputs: Readonly<Record<string, string>>,
  options: RunActionOptions = {},
): Promise<ActionRun> {
  const action = readAction();
  const workspace = options.workspace ?? REPOSITORY;
  const folder = mkdtempSync(join(tmpdir(), 'run-action-'));
  try {
    const temp = join(folder, 'temp');
    mkdirSync(temp);
    const files = new FileCommands(folder);
    const env = withoutUndefined({
      ...runnerEnvironment(workspace, temp),
      ...inputVariables(action, inputs),
      ...recordsUse('integration'),
      ...options.env,
    });

    const main = await runStep(
      action.main,
      workspace,
      { ...env, ...files.variables(), ...withoutUndefined(options.env ?? {}) },
      options.cancel,
    );
    const outputs = files.read('GITHUB_OUTPUT');
    recordOutputs('integration', outputs);
    const state = files.read('GITHUB_STATE');
    const summary = readFileSync(files.path('GITHUB_STEP_SUMMARY'), 'utf8');
    const reports = [outputs['report-path'], outputs['junit-path']].map((path) =>
      path && existsSync(path) ? { path: resolve(path), text: readFileSync(path, 'utf8') } : undefined,
    );

    let post: StepRun | undefined;
    if (options.post ?? true) {
      const states = Object.fromEntries(
        Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]),
      );
      post = await runStep(action.post, workspace, {
        ...env,
        ...states,
        ...new FileCommands(folder).variables(),
      });
    }

    const [report, junit] = reports;
    const kept = new Set(reports.map((file) => file?.path));
    return {
      ...main,
      commands: runnerCommands(main.log),
      outputs,
      state,
      summary,
      ...(report && { report: JSON.parse(report.text) as RunRecord }),
      ...(junit && { junit: junit.text }),
      runId: state['runId'] ?? '',
      ...(post && { post }),
      temporaryFiles: filesBelow(temp).filter((path) => !kept.has(join(temp, path))),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Action {
  readonly inputs: ReadonlyMap<string, string>;
  readonly main: string;
  readonly post: string;
}

/** What the runner takes from action.yml: inputs with their defaults, and the two programs. */
function readAction(): Action {
  const { inputs, runs } = parse(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { default?: string }>;
    runs: { main: string; post: string };
  };
  return {
    inputs: new Map(Object.entries(inputs).map(([name, input]) => [name, input.default ?? ''])),
    main: join(REPOSITORY, runs.main),
    post: join(REPOSITORY, runs.post),
  };
}

/** An input that is not given is there all the same, empty; one that action.yml does not know is passed on too. */
function inputVariables(action: Action, inputs: Readonly<Record<string, string>>): Record<string, string> {
  const values = new Map([...action.inputs, ...Object.entries(inputs)]);
  return Object.fromEntries(
    [...values].map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

function runnerEnvironment(workspace: string, temp: string): Record<string, string | undefined> {
  const { PATH, HOME, DOCKER_HOST, DOCKER_CONFIG, DOCKER_CONTEXT } = process.env;
  return {
    ...{ PATH, HOME, DOCKER_HOST, DOCKER_CONFIG, DOCKER_CONTEXT },
    CI: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_BASE_REF: 'main',
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_HEAD_REF: 'better-model',
    GITHUB_JOB: 'smoke-test',
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_REF_NAME: '7/merge',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REPOSITORY: 'octo-org/octo-model',
    GITHUB_REPOSITORY_OWNER: 'octo-org',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1658821493',
    GITHUB_RUN_NUMBER: '3',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
    GITHUB_WORKFLOW: 'Container',
    GITHUB_WORKSPACE: workspace,
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_NAME: 'runner',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: join(temp, '..', 'tools'),
    RUNNER_WORKSPACE: join(workspace, '..'),
  };
}

/** The files through which an action speaks to the runner, new and empty for each step. */
class FileCommands {
  private static readonly NAMES = [
    'GITHUB_ENV',
    'GITHUB_OUTPUT',
    'GITHUB_PATH',
    'GITHUB_STATE',
    'GITHUB_STEP_SUMMARY',
  ] as const;
  private readonly folder: string;

  constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, 'files-'));
    for (const name of FileCommands.NAMES) writeFileSync(this.path(name), '');
  }

  path(name: (typeof FileCommands.NAMES)[number]): string {
    return join(this.folder, name.toLowerCase());
  }

  variables(): Record<string, string> {
    return Object.fromEntries(FileCommands.NAMES.map((name) => [name, this.path(name)]));
  }

  read(name: 'GITHUB_OUTPUT' | 'GITHUB_STATE'): Record<string, string> {
    return parseFileCommands(readFileSync(this.path(name), 'utf8'));
  }
}

async function runStep(
  program: string,
  workspace: string,
  env: Record<string, string>,
  cancel?: Cancel,
): Promise<StepRun & { readonly log: string }> {
  const started = performance.now();
  const child = spawn(process.execPath, [program], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: STEP_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const timers: NodeJS.Timeout[] = [];
  const output = { stdout: '', stderr: '', log: '' };
  let searched = 0;
  let canceled = false;

  const follow = (name: 'stdout' | 'stderr') => {
    const decoder = new StringDecoder('utf8');
    child[name].on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk);
      output[name] += text;
      output.log += text;
      // Whole lines only; each is searched once.
      const end = output.log.lastIndexOf('\n');
      if (!cancel || canceled || end < searched) return;
      canceled = output.log
        .slice(searched, end)
        .split('\n')
        .some((line) => cancel.after.test(line));
      searched = end + 1;
      if (canceled) timers.push(...send(cancel.signal ?? 'SIGINT'));
    });
  };
  const send = (signal: NodeJS.Signals): NodeJS.Timeout[] => {
    child.kill(signal);
    if (signal === 'SIGKILL') return [];
    const kill = signal === 'SIGINT' ? 10_000 : 2_500;
    return [
      ...(signal === 'SIGINT' ? [setTimeout(() => child.kill('SIGTERM'), 7_500)] : []),
      setTimeout(() => child.kill('SIGKILL'), kill),
    ];
  };
  follow('stdout');
  follow('stderr');

  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, name) => done([code, name]));
  });
  for (const timer of timers) clearTimeout(timer);
  if (cancel && !canceled) {
    throw new Error(`No line of the output matched ${cancel.after}, so nothing was canceled:\n${output.log}`);
  }
  return { exitCode, signal, ...output, seconds: (performance.now() - started) / 1000 };
}

function withoutUndefined(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
