import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RUN_LABEL } from '../../src/docker/leftovers.js';
import { leftovers } from '../integration/leftovers.js';
import { recordOutputs, recordsUse } from '../integration/record-outputs.js';
import { REPOSITORY } from './action-copy.js';
import { CALLER, type Checkout, type Forge } from './forge.js';
import { commandLines, watchProcesses } from './processes.js';

/** What the bootstrap has built; a machine that has act already keeps its own. */
const ACT = join(REPOSITORY, '.tools', 'bin', 'act');

/** A run that hangs is killed, and so does not outlive its test by more than this. */
const LIMIT_MS = 5 * 60_000;

/** Versions of the actions that the workflows name, and what is in their place here. */
const STAND_INS: Readonly<Record<string, string>> = {
  'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1': 'checkout',
  // As the documentation names it.
  'actions/checkout@v7': 'checkout',
  'aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c':
    'configure-aws-credentials',
};

export interface ActOptions {
  readonly forge: Forge;
  readonly caller: Checkout;
  /** `<owner>/<name>` of the caller. Default: {@link CALLER}. */
  readonly repository?: string;
  /** File in .github/workflows of the caller. */
  readonly workflow: string;
  /** Default: `push` to `main`. */
  readonly event?: { readonly name: string; readonly payload: unknown; readonly ref?: string };
  readonly runId: string;
  readonly runAttempt?: number;
  /** Of the runner: what all steps have. */
  readonly env?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** `vars` of the repository. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Sends SIGINT to the runner, which cancels the run, when a line of a step matches. */
  readonly cancelAfter?: RegExp;
}

export interface ActRun {
  readonly exitCode: number | null;
  /** What the steps wrote, as the job's log shows it, masked. */
  readonly log: string;
  /** All that the runner wrote, its own JSON lines. */
  readonly raw: string;
  /** By the job's id in its own workflow. */
  readonly jobs: Readonly<Record<string, string>>;
  /** By name of the step, with its stage in front: `Main Deploy`. */
  readonly steps: Readonly<Record<string, string>>;
  /** Of all steps. */
  readonly summary: string;
  /** Outputs that the action set, also those that no job hands on; of several jobs that set one, the last. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The same by job: the name that it has in the caller's own workflow. */
  readonly byJob: Readonly<Record<string, JobRun>>;
  /** What a later job of the caller has in `needs`; absent when it did not run. */
  readonly needs?: Readonly<
    Record<string, { readonly result: string; readonly outputs: Record<string, string> }>
  >;
  /** The command lines of all processes of the machine while it ran. */
  readonly seen: ReadonlySet<string>;
  /** The action's own ids of its runs, by which {@link left} looks in Docker. */
  readonly runIds: readonly string[];
  /** What STS gave: key, secret key and session token. */
  readonly credentials: readonly string[];
  /** What is left of the run on this machine: files in its temporary folders, processes, and what is in Docker. */
  readonly left: readonly string[];
  readonly seconds: number;
}

export interface JobRun {
  /** Absent when the job did not end. */
  readonly result?: string;
  readonly outputs: Readonly<Record<string, string>>;
}

interface Entry {
  readonly msg?: string;
  /**
   * Names of the workflow and of the job, `Release/Report`; of the job, of the workflow that it calls, and of the job
   * there, `Train/Train/Build and train`.
   */
  readonly job?: string;
  readonly jobID?: string;
  readonly jobResult?: string;
  readonly step?: string;
  readonly stage?: string;
  readonly stepResult?: string;
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly content?: string;
  readonly raw_output?: boolean;
}

/** Runs a workflow of the caller with act, on this machine in place of a container. */
export async function runWorkflow(options: ActOptions): Promise<ActRun> {
  const { forge, caller, repository = CALLER, workflow, event, runId, runAttempt = 1 } = options;
  const folder = mkdtempSync(join(forge.folder, 'run-'));
  const started = performance.now();
  try {
    const cache = join(folder, 'cache');
    const needsFile = join(folder, 'needs.json');
    const credentialsFile = join(folder, 'credentials');
    const eventFile = join(folder, 'event.json');
    writeFileSync(eventFile, JSON.stringify(event?.payload ?? { repository: { full_name: repository } }));
    const runner: Record<string, string> = {
      GITHUB_REPOSITORY: repository,
      GITHUB_RUN_ID: runId,
      GITHUB_RUN_ATTEMPT: String(runAttempt),
      GITHUB_REF: event?.ref ?? 'refs/heads/main',
      // What act takes for `github.sha`.
      SHA_REF: caller.commit,
      NEEDS_FILE: needsFile,
      GIT_SERVER: forge.server,
      CREDENTIALS_FILE: credentialsFile,
      ...recordsUse('end-to-end'),
      ...options.env,
    };
    const envFile = join(folder, 'env');
    writeFileSync(
      envFile,
      Object.entries(runner)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(''),
    );
    const args = [
      ...[event?.name ?? 'push', '--eventpath', eventFile, '--workflows', `.github/workflows/${workflow}`],
      ...[
        '--json',
        '--platform',
        'ubuntu-latest=-self-hosted',
        '--no-skip-checkout',
        '--no-cache-server',
        '--rm',
      ],
      ...['--pull=false', '--env-file', envFile, '--secret-file', '', '--var-file', '', '--input-file', ''],
      ...Object.entries(STAND_INS).flatMap(([name, stand]) => [
        '--local-repository',
        `${name}=${join(__dirname, 'stand-ins', stand)}`,
      ]),
      ...['--local-repository', `org/sagemaker-byoc@v1=${forge.action}`],
      // The value comes from the environment, so that it is on no command line.
      ...Object.keys(options.secrets ?? {}).flatMap((name) => ['--secret', name]),
      ...Object.entries(options.vars ?? {}).flatMap(([name, value]) => ['--var', `${name}=${value}`]),
    ];
    const processes = watchProcesses(folder);
    const child = spawn(existsSync(ACT) ? ACT : 'act', args, {
      cwd: caller.path,
      env: { ...machine(folder, cache), ...options.secrets },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    let raw = '';
    let canceled = false;
    let searched = 0;
    const take = (text: string) => {
      raw += text;
      const end = raw.lastIndexOf('\n');
      if (options.cancelAfter === undefined || canceled || end < searched) return;
      canceled = read(raw.slice(searched, end)).some(
        ({ raw_output, msg = '' }) => raw_output === true && options.cancelAfter?.test(msg),
      );
      searched = end + 1;
      if (canceled) child.kill('SIGINT');
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const exitCode = await new Promise<number | null>((done, failed) => {
      child.once('error', failed);
      child.once('close', done);
    }).finally(() => processes.stop());
    if (exitCode === null) {
      throw new Error(
        `The runner was killed after ${LIMIT_MS / 1000} s. Its last lines:\n${raw.slice(-5_000)}`,
      );
    }
    if (options.cancelAfter !== undefined && !canceled) {
      throw new Error(`No line matched ${options.cancelAfter}, so nothing was canceled:\n${raw}`);
    }
    const entries = read(raw);
    const outputs = Object.fromEntries(
      entries.flatMap(({ command, name, arg }) =>
        command === 'set-output' && name !== undefined ? [[name, arg ?? '']] : [],
      ),
    );
    recordOutputs('end-to-end', outputs);
    // In the labels of what it starts in Docker.
    const ids = new Set(
      [...processes.marked].flatMap((line) => new RegExp(`${RUN_LABEL}=(\\w+)`).exec(line)?.[1] ?? []),
    );
    if (process.env['SHOW_ACT'] === '1') process.stderr.write(raw);
    return {
      exitCode,
      raw,
      log: entries.flatMap(({ raw_output, msg = '' }) => (raw_output === true ? [msg] : [])).join(''),
      jobs: Object.fromEntries(
        entries.flatMap(({ jobID, jobResult }) => (jobID && jobResult ? [[jobID, jobResult]] : [])),
      ),
      steps: Object.fromEntries(
        entries.flatMap(({ stage, step, stepResult }) =>
          step && stepResult ? [[`${stage ?? 'Job'} ${step}`, stepResult]] : [],
        ),
      ),
      summary: entries.flatMap(({ command, content }) => (command === 'summary' ? [content] : [])).join('\n'),
      outputs,
      byJob: jobsOf(entries),
      ...(existsSync(needsFile) && {
        needs: JSON.parse(readFileSync(needsFile, 'utf8')) as ActRun['needs'] & {},
      }),
      seen: processes.seen,
      runIds: [...ids],
      credentials: existsSync(credentialsFile)
        ? readFileSync(credentialsFile, 'utf8').split('\n').filter(Boolean)
        : [],
      left: [...leftOf(folder, cache), ...[...ids].flatMap(leftovers)],
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The machine's own variables, and no more: no credentials, no tokens. */
function machine(home: string, cache: string): Record<string, string> {
  const { PATH = '', DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG } = process.env;
  return {
    PATH,
    HOME: home,
    XDG_CACHE_HOME: cache,
    DOCKER_CONFIG: DOCKER_CONFIG ?? join(homedir(), '.docker'),
    ...(DOCKER_HOST !== undefined && { DOCKER_HOST }),
    ...(DOCKER_CONTEXT !== undefined && { DOCKER_CONTEXT }),
  };
}

/** The runner's lines; what it writes otherwise (warnings before a job) is left out. */
function read(text: string): readonly Entry[] {
  return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Entry] : []));
}

function jobsOf(entries: readonly Entry[]): Readonly<Record<string, JobRun>> {
  const jobs: Record<string, { result?: string; readonly outputs: Record<string, string> }> = {};
  for (const { job, jobResult, command, name, arg } of entries) {
    const names = job?.split('/') ?? [];
    const ofCaller = names.length === 2 ? names[1] : names[0];
    if (ofCaller === undefined) continue;
    jobs[ofCaller] ??= { outputs: {} };
    if (jobResult !== undefined) jobs[ofCaller].result = jobResult;
    if (command === 'set-output' && name !== undefined) jobs[ofCaller].outputs[name] = arg ?? '';
  }
  return jobs;
}

function leftOf(folder: string, cache: string): readonly string[] {
  const act = join(cache, 'act');
  const files = existsSync(act)
    ? readdirSync(act, { recursive: true, encoding: 'utf8' }).filter((path) => /^[0-9a-f]{16}\//.test(path))
    : [];
  const processes = [...commandLines().values()].filter((line) => line.includes(folder));
  return [...files.map((path) => `file ${path}`), ...processes.map((line) => `process ${line}`)];
}
