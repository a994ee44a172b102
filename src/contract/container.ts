import { setTimeout as sleep } from 'node:timers/promises';
import { type Docker, DockerError, type DockerProcess } from '../docker/docker.js';
import { environmentArgs } from './environment.js';
import { LineSplitter, LogTail } from './log-lines.js';
import type { ContainerEnd } from './observations.js';

/** Receives each line that a container prints, as it comes. Untrusted text. */
export type OnLine = (source: string, line: string) => void;

export interface ContainerSpec {
  readonly name: string;
  readonly environment: ReadonlyMap<string, string>;
  /** Arguments of `docker create` between the name and the image. */
  readonly args: readonly string[];
  readonly image: string;
  readonly command: readonly string[];
}

/** The state of a container as `docker inspect` gives it, as far as it is used here. */
export interface ContainerState {
  readonly Id: string;
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly OOMKilled: boolean;
  readonly Error: string;
  readonly Pid: number;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  /** Of its memory, in bytes; absent: none was set. */
  readonly memoryLimit?: number;
  /** Address in its network. */
  readonly address?: string;
  /** Port of this machine that leads to the container's port 8080. */
  readonly publishedPort?: number;
}

/**
 * One container of a run: created, filled, started with its output attached (never with a TTY, which changes
 * buffering and colours), watched and ended. The engine keeps no log of it: everything is seen as it passes.
 */
export class Container {
  readonly tail = new LogTail();
  #attached: DockerProcess | undefined;
  #output: Promise<unknown> | undefined;
  #ended: Promise<number> | undefined;
  #timedOut = false;
  #killed = false;

  private constructor(
    private readonly docker: Docker,
    readonly name: string,
    private readonly source: string,
    private readonly onLine: OnLine,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param source what the output is shown as: `algo-1`, `serve`
   * @param signal ends whatever is going on with this container
   */
  static async create(
    docker: Docker,
    spec: ContainerSpec,
    source: string,
    onLine: OnLine,
    signal: AbortSignal,
  ): Promise<Container> {
    const { args, env } = environmentArgs(spec.environment);
    const { stderr } = await docker.run(
      [
        ...['create', '--name', spec.name, '--log-driver', 'none'],
        // Neither is there on the platform: an init process, which an engine may be set to add, would take SIGTERM
        // in the program's place; the image's HEALTHCHECK would run beside the program.
        ...['--init=false', '--no-healthcheck'],
        ...[...args, ...spec.args, spec.image, ...spec.command],
      ],
      { signal, env },
    );
    // What was asked for is not there: what would be seen of the container says nothing then.
    if (/limitation discarded/i.test(stderr)) {
      throw new DockerError(['create'], 0, stderr);
    }
    return new Container(docker, spec.name, source, onLine, signal);
  }

  /** Starts it; the returned promise is settled once it ended and all of its output was seen. */
  start(): void {
    const attached = this.docker.start(['start', '--attach', this.name], { signal: this.signal });
    this.#attached = attached;
    const follow = async (stream: NodeJS.ReadableStream) => {
      const splitter = new LineSplitter((line) => {
        this.tail.push(line);
        this.onLine(this.source, line);
      });
      for await (const chunk of stream) {
        splitter.write(chunk as Buffer);
      }
      splitter.end();
    };
    this.#output = Promise.all([follow(attached.stdout), follow(attached.stderr)]);
    this.#output.catch(() => {});
    this.#ended = attached.exitCode;
  }

  /** Waits for the end; after `seconds` (Infinity: never) the container is killed and counts as timed out. */
  async wait(seconds: number): Promise<ContainerEnd> {
    const ended = this.#ended;
    if (ended === undefined) {
      throw new Error(`${this.name} was not started`);
    }
    if (!Number.isFinite(seconds)) {
      await ended;
      return this.end();
    }
    const timer = new AbortController();
    const limit = sleep(seconds * 1000, 'limit' as const, { signal: timer.signal, ref: false }).catch(
      () => 'off' as const,
    );
    try {
      if ((await Promise.race([ended, limit])) === 'limit') {
        this.#timedOut = true;
        await this.kill();
        await ended;
      }
    } finally {
      timer.abort();
    }
    return this.end();
  }

  /** True once the attached process saw the end. */
  async hasEnded(): Promise<boolean> {
    const pending = Symbol('pending');
    return (await Promise.race([this.#ended, Promise.resolve(pending)])) !== pending;
  }

  /** Resolves when the container ends, never rejects. */
  get ended(): Promise<unknown> {
    return this.#ended?.catch(() => {}) ?? Promise.resolve();
  }

  /** Waits for the end, but not longer than this; tells whether it came. */
  async endsWithin(seconds: number): Promise<boolean> {
    const timer = new AbortController();
    const { signal } = timer;
    await Promise.race([
      this.ended,
      sleep(seconds * 1000, undefined, { signal, ref: false }).catch(() => {}),
    ]);
    timer.abort();
    return this.hasEnded();
  }

  /** How it ended. Only after its end. */
  async end(): Promise<ContainerEnd> {
    await this.#output;
    let state = await this.state();
    // The attached process can see the end a moment before the engine has written it down.
    for (let tries = 0; state.Running && tries < 50; tries += 1) {
      await sleep(100, undefined, { signal: this.signal });
      state = await this.state();
    }
    if (state.Running) {
      // The engine was restarted, or its connection was lost. What the container did is not known then.
      const words = 'the engine let go of the container while it was running';
      throw new DockerError(['start', '--attach', this.name], (await this.#ended) ?? 1, words);
    }
    const neverStarted = state.StartedAt.startsWith('0001-') || state.Error !== '';
    if (neverStarted && ENGINES_OWN.test(state.Error)) {
      throw new DockerError(['start', this.name], state.ExitCode, state.Error);
    }
    // With cgroup v2 an engine can see the end before the kernel's event, and then never tells of it [obs]
    // hashicorp/nomad#13119. Nobody else sends SIGKILL to process 1.
    const killedUntold = state.ExitCode === 137 && state.memoryLimit !== undefined && !this.#killed;
    return {
      ...(neverStarted ? { startError: startMessage(state.Error) } : { exitCode: state.ExitCode }),
      oomKilled: state.OOMKilled || killedUntold,
      timedOut: this.#timedOut,
      seconds: neverStarted
        ? 0
        : Math.max(0, Date.parse(state.FinishedAt) - Date.parse(state.StartedAt)) / 1000,
    };
  }

  async state(): Promise<ContainerState> {
    const format =
      '{"Id":{{json .Id}},"State":{{json .State}},"Memory":{{json .HostConfig.Memory}},"Settings":{{json .NetworkSettings}}}';
    const { stdout } = await this.docker.run(['inspect', '--format', format, this.name], {
      signal: this.signal,
    });
    const { Id, State, Memory, Settings } = JSON.parse(stdout) as {
      Id: string;
      Memory?: number;
      State: Omit<ContainerState, 'Id' | 'address' | 'publishedPort'>;
      Settings: {
        Ports?: Record<string, readonly { HostPort: string }[] | null>;
        Networks?: Record<string, { IPAddress?: string }>;
      };
    };
    const address = Object.values(Settings.Networks ?? {})[0]?.IPAddress;
    const port = Settings.Ports?.['8080/tcp']?.[0]?.HostPort;
    return {
      ...State,
      Id,
      ...(Memory && { memoryLimit: Memory }),
      ...(address && { address }),
      ...(port && { publishedPort: Number(port) }),
    };
  }

  /** Sends a signal; a container that does not run, or is gone, is no error: tells whether it was there. */
  async signalProcess(signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
    try {
      await this.docker.run(['kill', '--signal', signal, this.name], { signal: this.signal });
      return true;
    } catch (error) {
      if (!(error instanceof DockerError && /is not running|No such container/i.test(error.stderr))) {
        throw error;
      }
      return false;
    }
  }

  async kill(): Promise<void> {
    this.#killed = true;
    await this.signalProcess('SIGKILL');
  }

  /** Removes it with its anonymous volumes, running or not. */
  async remove(): Promise<void> {
    this.#attached?.kill();
    await this.docker.run(['rm', '--force', '--volumes', this.name]);
  }
}

/** Reasons for which no container would have started: they say nothing about this one. */
const ENGINES_OWN =
  /no space left on device|too many open files|resource temporarily unavailable|external connectivity|container networking|port is already allocated|failed to create endpoint|network \S+ not found|error creating overlay mount|containerd\.sock|ttrpc: closed|context deadline exceeded/i;

/** Docker's message without its own prefixes, which say nothing to the reader. */
function startMessage(error: string): string {
  const text = error
    .replace(/^.*OCI runtime create failed:\s*/s, '')
    .replace(/^.*container_linux\.go:\d+:\s*/s, '')
    .replace(/^.*(?:unable to start container process|starting container process caused):\s*/s, '')
    .replace(/^error during container init:\s*/, '')
    .replace(/:\s*unknown$/, '')
    .trim();
  return text === '' ? 'The container could not be started.' : `The container could not be started: ${text}`;
}
