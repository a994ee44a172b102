import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Between two looks at the peak of a process's memory. It never goes down, so only the very last rise can be missed. */
const LOOK_MS = 20;

/** What a process printed, with the times. */
export interface Printed {
  /** Milliseconds of `performance.now`, and the bytes that came then. */
  readonly chunks: readonly { readonly at: number; readonly bytes: Buffer }[];
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Peak resident memory in bytes; undefined where /proc is not there to tell. */
  readonly peakBytes: number | undefined;
}

/** Runs a program with its standard output as a pipe, as a runner does, and keeps all that it prints. */
export async function runProcess(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<Printed> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: { at: number; bytes: Buffer }[] = [];
  let stderr = '';
  let peakBytes: number | undefined;
  child.stdout.on('data', (bytes: Buffer) => chunks.push({ at: performance.now(), bytes }));
  child.stderr.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString()).slice(-20_000);
  });
  const timer = setInterval(() => {
    peakBytes = peakOf(child) ?? peakBytes;
  }, LOOK_MS);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code));
    });
    return { chunks, exitCode, stderr, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

function peakOf({ pid }: ChildProcess): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Runs the action, main only, as GitHub's runner does. @param inputs by their names in action.yml */
export async function runMain(
  root: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<Printed> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-step-'));
  try {
    const file = (name: string) => {
      const path = join(folder, name);
      writeFileSync(path, '');
      return path;
    };
    const { PATH, HOME } = process.env;
    return await runProcess(
      process.execPath,
      [join(root, 'dist/index.js')],
      {
        PATH,
        HOME,
        GITHUB_ACTIONS: 'true',
        GITHUB_REPOSITORY: 'octo-org/sagemaker-byoc-bench',
        GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
        GITHUB_WORKSPACE: root,
        RUNNER_TEMP: folder,
        GITHUB_OUTPUT: file('output'),
        GITHUB_STATE: file('state'),
        GITHUB_STEP_SUMMARY: file('summary'),
        GITHUB_ENV: file('env'),
        GITHUB_PATH: file('path'),
        ...env,
        ...Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
      },
      root,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
