import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Docker, feed, fetchOutput } from '../docker/docker.js';
import { labelArgs } from '../docker/leftovers.js';
import type { InputMode, MetricDefinition } from '../plan.js';
import { Container, type OnLine } from './container.js';
import { readContainerFile } from './container-files.js';
import { instanceHostname, type JobIdentity, trainingEnvironment } from './environment.js';
import { MemoryWatch } from './memory-watch.js';
import { MetricWatch } from './metric-watch.js';
import { archiveModel } from './model-archive.js';
import type { ContainerEnd, HostRun, ModelContents, PipeUse, StopRun, TrainingRun } from './observations.js';
import {
  type ChannelSettings,
  DATA_DIR,
  FAILURE_FILE,
  type HostGroup,
  hostNames,
  INPUT_DIR,
  MODEL_DIR,
  OPT_ML,
  OUTPUT_DIR,
  packChannels,
  packFolder,
  packTrainingTree,
} from './opt-ml.js';
import { PipeChannel } from './pipe-channel.js';
import type { ProcessTable } from './process-table.js';
import { fillVolume } from './volume.js';

/** Seconds between SIGTERM and SIGKILL when a training job is stopped. [doc] like `docker stop -t 120` */
export const STOP_GRACE_SECONDS = 120;
const FAILURE_FILE_BYTES = 64 * 1024;

/** What every run of one smoke test or one rehearsed job shares. */
export interface Engine {
  readonly docker: Docker;
  /** Marks every container, network and volume: see {@link labelArgs}. */
  readonly runId: string;
  /** A user-defined network: gives the hosts their names. Internal under network isolation. */
  readonly network: string;
  /** Absolute path of a folder for temporary files; the caller removes it. */
  readonly tempDir: string;
  readonly processTable: ProcessTable;
  readonly onLine: OnLine;
  /** Receives what is worth saying of a run while it goes on. */
  onNote?(words: string): void;
  readonly signal: AbortSignal;
  /** Takes work that nobody waits for, such as removing what is done with; the caller sees to its end. */
  later(work: Promise<unknown>): void;
}

export interface TrainingSpec {
  /** Part of the containers' names: `train`, `broken-input`. */
  readonly label: string;
  readonly jobName: string;
  readonly image: string;
  readonly hostCount: number;
  readonly instanceType: string;
  /** Several kinds of instances, in place of `instanceType`. */
  readonly instanceGroups?: readonly HostGroup[];
  readonly hyperparameters: ReadonlyMap<string, string>;
  readonly channels: ReadonlyMap<string, string>;
  readonly inputMode: InputMode;
  readonly environment: ReadonlyMap<string, string>;
  /** `ContainerEntrypoint`. */
  readonly entrypoint?: readonly string[];
  /** `ContainerArguments`. */
  readonly arguments?: readonly string[];
  readonly networkIsolation: boolean;
  readonly toolkitEnvironment: boolean;
  readonly metricDefinitions: readonly MetricDefinition[];
  readonly memoryBytes?: number;
  readonly timeoutSeconds: number;
  /** What single channels have of their own, in place of the job's. */
  readonly channelSettings?: ReadonlyMap<string, ChannelSettings>;
  /** What a host is given of the channels where hosts get different objects, or not the same channels. */
  readonly hostChannels?: (host: string) => ReadonlyMap<string, string>;
  /** `CheckpointConfig`: its folder in the container, and the folder of this machine that is restored there. */
  readonly checkpoints?: { readonly localPath: string; readonly source?: string };
  /** The job's own ARN and Region, where there is a control plane that gave them. */
  readonly identity?: JobIdentity;
}

/** A training job whose containers run. */
export interface StartedTraining {
  /** `algo-1` … `algo-N`. */
  readonly hosts: readonly string[];
  /** How each host ended, in the order of the hosts, once all of them did. */
  readonly ended: Promise<readonly HostRun[]>;
  /**
   * SIGTERM on every host that still runs, and SIGKILL after the grace: StopTrainingJob, a time limit, the loss
   * of a spot instance. Resolves when all have ended.
   */
  stop(graceSeconds?: number): Promise<void>;
  /** All hosts' copies of a folder in one .tar.gz. Best after the end. */
  archive(folder: string, file: string): Promise<ModelContents>;
  /** One host's copy of a folder as a tar stream whose paths begin with the folder's name; running or not. */
  copyOut(host: string, folder: string): Readable;
}

/** A training job whose containers are made and filled, and not started yet. */
export interface PreparedTraining {
  /**
   * Runs it to its end, once, and lets go of it.
   *
   * @param modelFile where model.tar.gz is written when every host ends with 0; absent: the model is not read
   * @param timeoutSeconds another limit than the request's
   */
  run(modelFile?: string, timeoutSeconds?: number): Promise<TrainingRun>;
  /**
   * Starts it, once, without a time limit, for who stops it and reads its folders himself. To be removed then.
   *
   * @param onEnd told of each host as it ends
   */
  start(onEnd?: (host: string, end: ContainerEnd) => void): StartedTraining;
  /** Removes the containers, running or not, with all that they were given. */
  remove(): Promise<void>;
  /** Lets go of it without a run. */
  discard(): void;
}

/**
 * Makes the containers as a training job would: the /opt/ml tree on each host, the platform's environment, the
 * argument `train` unless the request has an entry point or arguments.
 */
export async function prepareTraining(engine: Engine, spec: TrainingSpec): Promise<PreparedTraining> {
  const job = await TrainingJob.create(engine, spec);
  return {
    async run(modelFile, timeoutSeconds = spec.timeoutSeconds) {
      try {
        return await observeTraining(engine, { ...spec, timeoutSeconds }, job, modelFile);
      } finally {
        engine.later(job.remove());
      }
    },
    start: (onEnd) => startTraining(engine, job, onEnd),
    remove: () => job.remove(),
    discard: () => engine.later(job.remove()),
  };
}

function startTraining(
  engine: Engine,
  job: TrainingJob,
  onEnd: (host: string, end: ContainerEnd) => void = () => {},
): StartedTraining {
  for (const watch of job.start()) {
    watch.stop();
  }
  const hostOf = (container: Container) => job.hosts[job.containers.indexOf(container)] ?? '';
  const end = async (container: Container): Promise<HostRun> => {
    const ended = await container.wait(Number.POSITIVE_INFINITY);
    onEnd(hostOf(container), ended);
    return hostRun(engine, container, hostOf(container), ended);
  };
  const ended = Promise.all(job.containers.map(end)).finally(() => job.stopPipes());
  // Who only stops it does not look at how it ended.
  ended.catch(() => {});
  return {
    hosts: job.hosts,
    ended,
    async stop(graceSeconds = STOP_GRACE_SECONDS) {
      await Promise.all(
        job.containers.map(async (container) => {
          // A host that is only just being started gets its signal as soon as there is a process for it.
          while (!(await container.hasEnded()) && !(await container.signalProcess('SIGTERM'))) {
            await container.endsWithin(0.05);
          }
          if (!(await container.endsWithin(graceSeconds))) {
            await container.kill();
            await container.ended;
          }
        }),
      );
    },
    archive: (folder, file) => job.archive(folder, file),
    copyOut(host, folder) {
      const container = job.containers[job.hosts.indexOf(host)];
      if (container === undefined) {
        throw new Error(`no host ${host}`);
      }
      return fetchOutput(engine.docker, ['cp', `${container.name}:${folder}`, '-'], engine.signal);
    },
  };
}

async function hostRun(
  engine: Engine,
  container: Container,
  host: string,
  end: ContainerEnd,
): Promise<HostRun> {
  const failureFile = end.startError === undefined ? await readFailureFile(engine, container) : undefined;
  return { ...end, host, logTail: container.tail.lines, ...(failureFile !== undefined && { failureFile }) };
}

async function observeTraining(
  engine: Engine,
  spec: TrainingSpec,
  job: TrainingJob,
  modelFile: string | undefined,
): Promise<TrainingRun> {
  const metrics = new MetricWatch(spec.metricDefinitions);
  job.onLine = (line) => metrics.push(line);
  const memory = job.start();
  const ends = await Promise.all(job.containers.map((container) => container.wait(spec.timeoutSeconds)));
  const peaks = memory.map((watch) => watch.stop());
  const pipes = await job.stopPipes();
  const succeeded = ends.every(({ exitCode, timedOut }) => exitCode === 0 && !timedOut);
  const [hosts, model] = await Promise.all([
    Promise.all(
      job.containers.map(async (container, index): Promise<HostRun> => {
        const end = ends[index];
        if (end === undefined) {
          throw new Error(`no end of ${container.name}`);
        }
        const peak = peaks[index];
        return {
          ...(await hostRun(engine, container, job.hosts[index] ?? '', end)),
          ...(peak !== undefined && { memoryPeakBytes: peak }),
        };
      }),
    ),
    succeeded && modelFile !== undefined ? job.archive(MODEL_DIR, modelFile) : undefined,
  ]);
  return {
    hosts,
    timeoutSeconds: spec.timeoutSeconds,
    networkIsolation: spec.networkIsolation,
    toolkitEnvironment: spec.toolkitEnvironment,
    ...(spec.memoryBytes !== undefined && { memoryLimitBytes: spec.memoryBytes }),
    ...(model !== undefined && { model }),
    metrics: metrics.series,
    pipes,
  };
}

async function readFailureFile({ docker, signal }: Engine, { name }: Container): Promise<string | undefined> {
  const file = await readContainerFile(docker, name, FAILURE_FILE, FAILURE_FILE_BYTES, signal);
  return file?.toString('utf8');
}

/**
 * Starts a training run and stops it in its middle as StopTrainingJob would: SIGTERM, and SIGKILL after the
 * grace. The signal is sent once the program has had the time to install a handler: early signals are lost
 * in every program, on the platform too.
 *
 * @param undisturbedSeconds what the same run took when nobody stopped it
 */
export async function runAndStop(
  engine: Engine,
  spec: TrainingSpec,
  undisturbedSeconds: number | undefined,
): Promise<StopRun> {
  const job = await TrainingJob.create(engine, { ...spec, hostCount: 1 });
  const [container] = job.containers;
  if (container === undefined) {
    throw new Error('a training job without a host');
  }
  try {
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;
    for (const watch of job.start()) {
      watch.stop();
    }
    const expected = undisturbedSeconds ?? spec.timeoutSeconds;
    let handles: boolean | undefined;
    let sentAfter: number | undefined;
    while (!(await container.hasEnded())) {
      const state = await container.state();
      if (state.Running) {
        handles = await engine.processTable.handlesSigterm(state.Pid, state.Id);
        // Halfway, or a little later for a handler that is installed late, but well before the end.
        const due = elapsed() >= (handles === true ? (expected / spec.hostCount) * 0.5 : expected * 0.75);
        if (due || elapsed() >= spec.timeoutSeconds) {
          sentAfter = elapsed();
          break;
        }
      }
      await Promise.race([sleep(100), container.ended]);
    }
    let sigkilled = false;
    let stopSeconds: number | undefined;
    if (sentAfter !== undefined) {
      await container.signalProcess('SIGTERM');
      // A signal that the kernel drops needs no two minutes to be seen as dropped.
      const grace = handles === false ? 1 : STOP_GRACE_SECONDS;
      if (!(await container.endsWithin(grace))) {
        sigkilled = true;
        await container.kill();
      }
      await container.ended;
      stopSeconds = elapsed() - sentAfter;
    }
    const end = await container.end();
    return {
      ...end,
      logTail: container.tail.lines,
      graceSeconds: STOP_GRACE_SECONDS,
      sigkilled,
      ...(stopSeconds !== undefined && { stopSeconds }),
      ...(handles !== undefined && { handlesSigterm: handles }),
      ...(undisturbedSeconds !== undefined && { undisturbedSeconds }),
      ...(sentAfter !== undefined && { sentAfterSeconds: sentAfter }),
    };
  } finally {
    engine.later(job.remove());
  }
}

/** The containers of one training job, one a host, with what is mounted into them. */
class TrainingJob {
  onLine: (line: string) => void = () => {};

  readonly containers: Container[] = [];
  private readonly pipes: PipeChannel[] = [];
  private readonly volumes: string[] = [];

  private constructor(
    private readonly engine: Engine,
    private readonly spec: TrainingSpec,
    readonly hosts: readonly string[],
  ) {}

  static async create(engine: Engine, spec: TrainingSpec): Promise<TrainingJob> {
    const job = new TrainingJob(engine, spec, hostNames(spec.hostCount));
    try {
      const shared = await job.shareChannels();
      for (const [index, host] of job.hosts.entries()) {
        await job.createHost(host, index, [
          ...shared,
          ...(await job.makePipes(host)),
          ...(await job.mountChannels(host)),
        ]);
      }
    } catch (error) {
      // What went wrong first is what is told; what cannot be removed now is removed after the run.
      await job.remove().catch(() => {});
      throw error;
    }
    return job;
  }

  private modeOf(channel: string): InputMode {
    return this.spec.channelSettings?.get(channel)?.inputMode ?? this.spec.inputMode;
  }

  private channelsOf(host: string): ReadonlyMap<string, string> {
    return this.spec.hostChannels?.(host) ?? this.spec.channels;
  }

  private hasPipes(host: string): boolean {
    return [...this.channelsOf(host).keys()].some((channel) => this.modeOf(channel) === 'Pipe');
  }

  /** Whether one read-only mount of /opt/ml/input/data serves every host: all channels FastFile, all alike. */
  private get sharesData(): boolean {
    const { channels, hostChannels } = this.spec;
    const names = [...channels.keys()];
    return (
      hostChannels === undefined &&
      names.length > 0 &&
      names.every((channel) => this.modeOf(channel) === 'FastFile')
    );
  }

  /** FastFile channels are one read-only mount for all hosts. */
  private async shareChannels(): Promise<readonly string[]> {
    return this.sharesData
      ? [await this.mountVolume('data', DATA_DIR, packChannels(this.spec.channels))].flat()
      : [];
  }

  /** Channels whose folder is a mount of its own, as far as they are not in the shared one. */
  private isMounted(channel: string, host: string): boolean {
    const mode = this.modeOf(channel);
    // Where FIFOs take /opt/ml/input/data itself, copied files need a mount too.
    return !this.sharesData && (mode === 'FastFile' || (mode === 'File' && this.hasPipes(host)));
  }

  private async mountChannels(host: string): Promise<readonly string[]> {
    const args: string[] = [];
    let number = 0;
    for (const [channel, source] of this.channelsOf(host)) {
      if (this.isMounted(channel, host)) {
        number += 1;
        const target = `${DATA_DIR}/${channel}`;
        args.push(...(await this.mountVolume(`${host}-data-${number}`, target, packFolder(source))));
      }
    }
    return args;
  }

  private async mountVolume(name: string, target: string, content: Readable): Promise<readonly string[]> {
    const { engine, spec } = this;
    const volume = `sagemaker-byoc-${engine.runId}-${spec.label}-${name}`;
    this.volumes.push(volume);
    await fillVolume(engine, spec.image, volume, target, content);
    return ['--mount', `type=volume,source=${volume},target=${target},readonly`];
  }

  /** In Pipe mode every host has FIFOs of its own: each brings the whole channel. */
  private async makePipes(host: string): Promise<readonly string[]> {
    if (!this.hasPipes(host)) {
      return [];
    }
    const folder = join(this.pipeDir, host);
    await mkdir(folder, { recursive: true });
    for (const [channel, source] of this.channelsOf(host)) {
      if (this.modeOf(channel) === 'Pipe') {
        this.pipes.push(await PipeChannel.create(host, channel, source, folder));
      } else {
        // The mount points of the other channels: the engine cannot make them on a read-only mount.
        await mkdir(join(folder, channel), { recursive: true });
      }
    }
    // Read-only, so that no container leaves a file of root's in a folder of the runner.
    return ['--mount', `type=bind,source=${folder},target=${DATA_DIR},readonly`];
  }

  private get pipeDir(): string {
    return join(this.engine.tempDir, `${this.spec.label}-pipes`);
  }

  private async createHost(host: string, index: number, dataArgs: readonly string[]): Promise<void> {
    const { engine, spec } = this;
    const [program, ...rest] = spec.entrypoint ?? [];
    // [doc] With ContainerEntrypoint the argument `train` is not passed; ContainerArguments take its place.
    const command =
      spec.entrypoint !== undefined ? [...rest, ...(spec.arguments ?? [])] : (spec.arguments ?? ['train']);
    const container = await Container.create(
      engine.docker,
      {
        name: `sagemaker-byoc-${engine.runId}-${spec.label}-${host}`,
        environment: trainingEnvironment(spec.jobName, spec.environment, spec.identity),
        args: [
          ...labelArgs(engine.runId),
          ...['--network', engine.network, '--network-alias', host, '--hostname', instanceHostname(index)],
          // Anonymous volumes go with their container. `nocopy`: what the image holds there is hidden, as a
          // mount of the platform hides it.
          ...[
            ...[INPUT_DIR, MODEL_DIR, OUTPUT_DIR],
            ...(spec.checkpoints === undefined ? [] : [spec.checkpoints.localPath]),
          ].flatMap((target) => ['--mount', `type=volume,target=${target},volume-nocopy`]),
          ...dataArgs,
          ...memoryArgs(spec.memoryBytes),
          ...(program !== undefined ? ['--entrypoint', program] : []),
        ],
        image: spec.image,
        command,
      },
      host,
      (source, line) => {
        this.onLine(line);
        engine.onLine(source, line);
      },
      engine.signal,
    );
    this.containers.push(container);
    await feed(
      engine.docker,
      // Without --archive, which would give the files to the image's USER: the platform's belong to root.
      ['cp', '-', `${container.name}:${OPT_ML}`],
      packTrainingTree({
        host,
        hosts: this.hosts,
        instanceType: spec.instanceType,
        ...(spec.instanceGroups && { instanceGroups: spec.instanceGroups }),
        hyperparameters: spec.hyperparameters,
        channels: this.channelsOf(host),
        inputMode: spec.inputMode,
        ...(spec.channelSettings && { channelSettings: spec.channelSettings }),
      }),
      engine.signal,
    );
    if (spec.checkpoints?.source !== undefined) {
      const { localPath, source } = spec.checkpoints;
      await feed(
        engine.docker,
        ['cp', '--archive', '-', `${container.name}:${localPath}`],
        packFolder(source),
        engine.signal,
      );
    }
  }

  start(): readonly MemoryWatch[] {
    for (const pipe of this.pipes) {
      pipe.start();
    }
    return this.containers.map((container) => {
      container.start();
      return new MemoryWatch(this.engine.docker, container.name, this.engine.signal);
    });
  }

  stopPipes(): Promise<readonly PipeUse[]> {
    return Promise.all(this.pipes.map((pipe) => pipe.stop()));
  }

  /** All hosts' copies of a folder as one archive: /opt/ml/model as model.tar.gz. */
  archive(folder: string, file: string): Promise<ModelContents> {
    const { docker, signal } = this.engine;
    const sources = this.containers.map(({ name }) =>
      fetchOutput(docker, ['cp', `${name}:${folder}`, '-'], signal),
    );
    return archiveModel(sources, file);
  }

  async remove(): Promise<void> {
    await this.stopPipes();
    await Promise.all(this.containers.map((container) => container.remove()));
    if (this.volumes.length > 0) {
      await this.engine.docker.run(['volume', 'rm', '--force', ...this.volumes]);
    }
    await rm(this.pipeDir, { recursive: true, force: true });
  }
}

/** A memory limit without swap: an instance has none to fall back on. */
export function memoryArgs(bytes: number | undefined): readonly string[] {
  return bytes === undefined ? [] : ['--memory', String(bytes), '--memory-swap', String(bytes)];
}
