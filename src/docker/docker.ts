import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { noteStep } from '../debug.js';

/**
 * The Docker command line, run with its arguments as an array, never through a shell. The command line and
 * not the engine's API, because it brings contexts, `DOCKER_HOST`, TLS and SSH as the user has set them up.
 */
export interface Docker {
  /** Runs a short command to its end and collects what it says. Rejects with {@link DockerError} unless 0. */
  run(args: readonly string[], options?: RunOptions): Promise<DockerOutput>;
  /** Starts a command whose output is followed, or whose input is fed, while it runs. */
  start(args: readonly string[], options?: StartOptions): DockerProcess;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Bytes for standard input; absent: standard input is closed. */
  readonly input?: Buffer;
  /** Variables added to the process' environment: the way to pass secrets. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface StartOptions {
  readonly signal?: AbortSignal;
  readonly stdin?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

export interface DockerOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export interface DockerProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly stdin: ChildProcess['stdin'];
  /** The exit code; rejects only when the program could not be started or was aborted. */
  readonly exitCode: Promise<number>;
  kill(): void;
}

/** A docker command that failed: what was run, and what docker said. */
export class DockerError extends Error {
  override readonly name = 'DockerError';
  constructor(
    readonly args: readonly string[],
    readonly exitCode: number,
    readonly stderr: string,
  ) {
    super(`docker ${args[0] ?? ''} failed (exit code ${exitCode}): ${lastLine(stderr)}`);
  }
}

/** Docker's program is missing, or its engine does not answer. */
export class DockerUnavailableError extends Error {
  override readonly name = 'DockerUnavailableError';
}

/** The error that an aborted command ends with, whatever it was doing. */
export class CanceledError extends Error {
  override readonly name = 'CanceledError';
  constructor(reason = 'canceled') {
    super(reason);
  }
}

/**
 * @param env environment of the docker processes; the action's own inputs are taken out of it, since they
 *   may hold secrets that no child process needs.
 */
export function createDocker(env: NodeJS.ProcessEnv): Docker {
  const childEnv = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(INPUT|STATE)_/.test(name)));

  function start(args: readonly string[], options: StartOptions = {}): DockerProcess {
    if (options.signal?.aborted) {
      throw new CanceledError();
    }
    const started = performance.now();
    const note = (ended: number | string) =>
      noteStep(() => ({ kind: 'docker', args, milliseconds: performance.now() - started, ended }));
    const child = spawn('docker', args, {
      env: { ...childEnv, ...options.env },
      stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      // A process group of its own: Ctrl-C in a terminal reaches this process only, which then ends its
      // children in the right order. GitHub's runner signals only the action's process anyway.
      detached: true,
    });
    // With its children: the command line runs plugins (buildx), which would go on, and hold its output open.
    const kill = () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          child.kill('SIGKILL');
        }
      }
    };
    options.signal?.addEventListener('abort', kill, { once: true });
    const exitCode = new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        options.signal?.removeEventListener('abort', kill);
        note(error.code ?? error.name);
        reject(
          error.code === 'ENOENT'
            ? new DockerUnavailableError('The program `docker` was not found on PATH.')
            : error,
        );
      });
      child.once('close', (code) => {
        options.signal?.removeEventListener('abort', kill);
        if (options.signal?.aborted) {
          note('canceled');
          reject(new CanceledError());
        } else {
          note(code ?? 137);
          resolve(code ?? 137);
        }
      });
    });
    // Whoever awaits it gets the rejection; until then it must not count as unhandled.
    exitCode.catch(() => {});
    // A program that ends before it has read its input closes the pipe: its exit code tells the story.
    child.stdin?.on('error', () => {});
    return {
      stdout: kept(child.stdout as Readable),
      stderr: kept(child.stderr as Readable),
      stdin: child.stdin,
      exitCode,
      kill,
    };
  }

  async function run(args: readonly string[], options: RunOptions = {}): Promise<DockerOutput> {
    const child = start(args, {
      ...(options.signal && { signal: options.signal }),
      ...(options.env && { env: options.env }),
      stdin: options.input !== undefined,
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.stdin?.end(options.input);
    const code = await child.exitCode;
    const output = { stdout: await stdout, stderr: await stderr };
    if (code !== 0) {
      throw failure(args, code, output.stderr);
    }
    return output;
  }

  return { run, start };
}

/**
 * Output that waits until it is read. Node throws away what is left of a child's output when the child ends
 * before anybody began to read.
 */
function kept(output: Readable): Readable {
  const waiting = new PassThrough();
  pipeline(output, waiting).catch(() => {});
  return waiting;
}

/** Output of a docker command as a stream (`docker cp container:/path -`), which fails when the command fails. */
export function fetchOutput(docker: Docker, args: readonly string[], signal?: AbortSignal): Readable {
  const child = docker.start(args, { ...(signal && { signal }) });
  const stderr = collect(child.stderr);
  const output = new PassThrough();
  pipeline(child.stdout, output, { end: false })
    .then(async () => {
      const code = await child.exitCode;
      if (code !== 0) {
        throw failure(args, code, await stderr);
      }
      output.end();
    })
    .catch((error: Error) => output.destroy(error));
  return output;
}

/** Feeds a stream into a docker command (`docker cp - container:/path`) and waits for its end. */
export async function feed(
  docker: Docker,
  args: readonly string[],
  source: Readable,
  signal?: AbortSignal,
): Promise<void> {
  const child = docker.start(args, { stdin: true, ...(signal && { signal }) });
  const stderr = collect(child.stderr);
  child.stdout.resume();
  if (child.stdin) {
    // The program's exit code and message say more than the broken pipe that its end leaves behind.
    await pipeline(source, child.stdin).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        child.kill();
        throw error;
      }
    });
  }
  const code = await child.exitCode;
  if (code !== 0) {
    throw failure(args, code, await stderr);
  }
}

function failure(args: readonly string[], code: number, stderr: string): Error {
  return isUnreachable(stderr)
    ? new DockerUnavailableError(lastLine(stderr))
    : new DockerError(args, code, stderr);
}

/** Whether docker says that its engine does not answer, in the words of its versions up to 29. */
export function isUnreachable(stderr: string): boolean {
  return /Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect|permission denied while trying to connect|Is the docker daemon running/i.test(
    stderr,
  );
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() || 'docker gave no reason';
}
