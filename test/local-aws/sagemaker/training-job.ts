import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type {
  Channel,
  CreateTrainingJobRequest,
  DescribeTrainingJobResponse,
  SecondaryStatus,
  TrainingJobStatus,
} from '@aws-sdk/client-sagemaker';
import { extract } from 'tar-stream';
import { openModelArchive } from '../../../src/contract/model-archive.js';
import type { ContainerEnd, HostRun } from '../../../src/contract/observations.js';
import { MODEL_DIR, OUTPUT_DIR } from '../../../src/contract/opt-ml.js';
import { STOP_GRACE_SECONDS } from '../../../src/contract/training-run.js';
import { downloadChannel } from './channels.js';
import { Checkpoints } from './checkpoints.js';
import type { JobClock } from './clock.js';
import type { DockerFleets } from './docker-fleet.js';
import { FinalMetrics } from './final-metrics.js';
import type { Fleet, OnLine } from './fleet.js';
import { hostsOf, hostsOfChannel } from './instance-groups.js';
import { algorithmError, CAPACITY_ERROR, INTERNAL_ERROR, JobFailure, MEMORY_ERROR } from './job-failure.js';
import { LogWriter, trainingLog } from './log-writer.js';
import { type ObjectStore, parseS3Uri, s3Uri } from './object-store.js';
import type { Interruption, Phase, Scenario } from './scenario.js';
import { scriptedFleet } from './scripted-fleet.js';
import { MESSAGES, StatusHistory } from './status-history.js';
import type { WarmPools } from './warm-pools.js';

/** What all jobs share. */
export interface Surroundings {
  readonly clock: JobClock;
  readonly store: ObjectStore;
  readonly logs: CloudWatchLogsClient;
  readonly fleets: Pick<DockerFleets, 'prepare'>;
  readonly warmPools: WarmPools;
  /** A folder of the job's own; removed at its end. */
  readonly folder: string;
  log(line: string): void;
}

/** Why a job does not go on, and what its last status is then. */
const HALTS = {
  requested: ['Stopped', MESSAGES.stopped],
  'max-runtime': ['MaxRuntimeExceeded', MESSAGES.maxRuntime],
  'max-wait': ['MaxWaitTimeExceeded', MESSAGES.maxWait],
} as const satisfies Record<string, readonly [SecondaryStatus, string]>;
type Halt = keyof typeof HALTS;

/** Thrown where a halted job has nothing to end first. */
class Halted extends Error {}

/** [doc] CreateTrainingJob: a day, when the request says nothing. */
const DEFAULT_MAX_RUNTIME = 86_400;
const DEFAULT_SPOT_SAVING = 0.7;
const SECOND = 1000;

/** One training job: the platform's story of it, from Starting to its end. */
export class TrainingJob {
  readonly name: string;
  readonly created: Date;
  #status: TrainingJobStatus = 'InProgress';
  #modified: Date;
  #trainingStart: Date | undefined;
  #trainingEnd: Date | undefined;
  #failureReason: string | undefined;
  #artifacts: string | undefined;
  #halt: Halt | undefined;
  #epoch = 0;
  readonly #halting = new AbortController();
  readonly #closing = new AbortController();
  readonly #history: StatusHistory;
  readonly #metrics: FinalMetrics;
  readonly #checkpoints: Checkpoints | undefined;
  /** Set while the program runs: takes its instances away. */
  #interrupt: (() => void) | undefined;
  #over: Promise<void> = Promise.resolve();
  readonly #late: Promise<void>[] = [];

  /** @throws SyntaxError for a metric definition whose expression is none */
  constructor(
    readonly request: CreateTrainingJobRequest,
    readonly arn: string,
    private readonly region: string,
    private readonly scenario: Scenario,
    private readonly around: Surroundings,
  ) {
    this.name = request.TrainingJobName ?? '';
    this.#history = new StatusHistory(() => this.#now());
    this.#metrics = new FinalMetrics(request.AlgorithmSpecification?.MetricDefinitions ?? []);
    this.#checkpoints = request.CheckpointConfig && new Checkpoints(around.store, request.CheckpointConfig);
    this.created = this.#now();
    this.#modified = this.created;
    this.#enter('Starting', MESSAGES.starting);
  }

  get status(): TrainingJobStatus {
    return this.#status;
  }

  get secondaryStatus(): SecondaryStatus {
    return this.#history.current;
  }

  get modified(): Date {
    return this.#modified;
  }

  get trainingEnd(): Date | undefined {
    return this.#trainingEnd;
  }

  get warmPoolStatus(): DescribeTrainingJobResponse['WarmPoolStatus'] {
    if (!this.request.ResourceConfig?.KeepAlivePeriodInSeconds) {
      return undefined;
    }
    return this.#status === 'InProgress' || this.#status === 'Stopping'
      ? { Status: 'InUse' }
      : this.around.warmPools.status(this.name);
  }

  /** Begins; the end can be awaited with {@link close} or seen in the status. */
  begin(): void {
    this.#over = this.#run();
  }

  /** Resolves when the job has its last status and nothing of it is left. */
  get over(): Promise<void> {
    return this.#over;
  }

  /** StopTrainingJob. A job that is stopping already goes on doing so. */
  stop(): void {
    this.#haltFor('requested');
  }

  /** Takes a spot job's instances away; tells whether there were any. */
  interrupt(): boolean {
    this.#interrupt?.();
    return this.#interrupt !== undefined;
  }

  /** Ends it at once, as nothing on the platform does: local AWS itself ends. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#haltFor('requested');
    await this.#over;
    await Promise.all(this.#late);
  }

  describe(): DescribeTrainingJobResponse {
    const { Tags: _, ...request } = this.request;
    const metrics = this.#metrics.list;
    return {
      ...request,
      TrainingJobName: this.name,
      TrainingJobArn: this.arn,
      ModelArtifacts: this.#artifacts === undefined ? undefined : { S3ModelArtifacts: this.#artifacts },
      TrainingJobStatus: this.#status,
      SecondaryStatus: this.#history.current,
      FailureReason: this.#failureReason,
      StoppingCondition: { MaxRuntimeInSeconds: DEFAULT_MAX_RUNTIME, ...request.StoppingCondition },
      CreationTime: this.created,
      TrainingStartTime: this.#trainingStart,
      TrainingEndTime: this.#trainingEnd,
      LastModifiedTime: this.#modified,
      SecondaryStatusTransitions: [...this.#history.transitions],
      FinalMetricDataList: metrics.length > 0 ? metrics : undefined,
      EnableNetworkIsolation: request.EnableNetworkIsolation ?? false,
      EnableInterContainerTrafficEncryption: request.EnableInterContainerTrafficEncryption ?? false,
      EnableManagedSpotTraining: request.EnableManagedSpotTraining ?? false,
      WarmPoolStatus: this.warmPoolStatus,
      ...this.#times(),
      ProfilingStatus: 'Disabled',
    };
  }

  /** TrainingTimeInSeconds and BillableTimeInSeconds, once the instances are given back. */
  #times(): Pick<DescribeTrainingJobResponse, 'TrainingTimeInSeconds' | 'BillableTimeInSeconds'> {
    if (this.#trainingStart === undefined || this.#trainingEnd === undefined) {
      return {};
    }
    const measured = Math.round((this.#trainingEnd.getTime() - this.#trainingStart.getTime()) / SECOND);
    const training = this.scenario.trainingTimeInSeconds ?? Math.max(1, measured);
    const saving = this.request.EnableManagedSpotTraining
      ? (this.scenario.spotSaving ?? DEFAULT_SPOT_SAVING)
      : 0;
    return {
      TrainingTimeInSeconds: training,
      BillableTimeInSeconds:
        this.scenario.billableTimeInSeconds ?? Math.max(1, Math.round(training * (1 - saving))),
    };
  }

  async #run(): Promise<void> {
    const limits = new AbortController();
    try {
      this.#limitWaiting(limits.signal);
      await this.#startUntilItHolds();
      this.#end(this.#halt);
    } catch (error) {
      if (error instanceof Halted || this.#closing.signal.aborted) {
        this.#end(this.#halt ?? 'requested');
      } else {
        if (!(error instanceof JobFailure)) {
          this.around.log(`${this.name}: ${error instanceof Error ? error.stack : error}`);
        }
        this.#fail(error instanceof JobFailure ? error.message : INTERNAL_ERROR);
      }
    } finally {
      limits.abort();
      await rm(this.around.folder, { recursive: true, force: true });
    }
  }

  /** RetryStrategy: what failed for an error of the platform is started again, within the same limits. [doc] */
  async #startUntilItHolds(): Promise<void> {
    const { MaximumRetryAttempts = 0 } = this.request.RetryStrategy ?? {};
    for (let retries = 0; ; retries += 1) {
      try {
        await this.#provision();
        await this.#train();
        return;
      } catch (error) {
        const isInternal = error instanceof JobFailure && error.message.startsWith('InternalServerError');
        if (!isInternal || retries >= MaximumRetryAttempts || this.#halting.signal.aborted) {
          throw error;
        }
        this.#enter('Starting', MESSAGES.starting);
      }
    }
  }

  async #provision(): Promise<void> {
    await this.#phase('Starting');
    const reused = this.around.warmPools.reuse(this.request);
    if (!reused) {
      const { capacity } = this.scenario;
      if (this.scenario.delays?.Pending !== undefined || capacity !== undefined) {
        this.#enter('Pending', MESSAGES.waiting);
      }
      await this.#phase('Pending');
      for (let tries = 0; typeof capacity === 'number' && tries < capacity; tries += 1) {
        this.#enter('Pending', MESSAGES.insufficient);
        await this.#pause(this.scenario.delays?.Pending ?? 0);
      }
      if (capacity === 'error') {
        throw new JobFailure(CAPACITY_ERROR);
      }
    }
    this.#enter(this.#history.current, MESSAGES.preparing);
  }

  /** Start after start until the program ends, or the job is halted; then what it made goes to S3. */
  async #train(): Promise<void> {
    for (;;) {
      const attempt = this.#attempts;
      this.#attempts += 1;
      const fleet = await this.#prepare(attempt);
      try {
        const ends = await this.#runProgram(fleet, attempt);
        if (ends !== undefined) {
          await this.#finish(fleet, ends);
          return;
        }
      } finally {
        await fleet.remove();
      }
      this.#enter('Interrupted', MESSAGES.interrupted);
      await this.#phase('Restarting');
      this.#enter('Restarting', MESSAGES.restarting);
    }
  }

  /** Starts of the program so far. */
  #attempts = 0;

  async #prepare(attempt: number): Promise<Fleet> {
    this.#trainingStart ??= this.#now();
    this.#enter('Downloading', MESSAGES.data);
    await this.#phase('Downloading');
    const folder = join(this.around.folder, String(attempt));
    await mkdir(folder, { recursive: true });
    const { hosts } = this;
    const restored = join(folder, 'checkpoints');
    await this.#checkpoints?.restore(hosts, restored);
    if (this.scenario.script) {
      this.#enter('Downloading', MESSAGES.image);
      return scriptedFleet(hosts, this.scenario.script, this.around.clock, this.#writeLogs());
    }
    const channelFolder = await this.#download(folder);
    this.#throwIfHalted();
    this.#enter('Downloading', MESSAGES.image);
    const fleet = await this.around.fleets.prepare({
      job: this.request,
      arn: this.arn,
      region: this.region,
      attempt,
      channelFolder,
      ...(this.#checkpoints && {
        checkpoints: { localPath: this.#checkpoints.localPath, source: restored },
      }),
      folder,
      onLine: this.#writeLogs(),
      signal: this.#closing.signal,
    });
    if (this.#halting.signal.aborted) {
      await fleet.remove();
      throw new Halted();
    }
    return fleet;
  }

  /** Copies the channels from S3; hosts share what is the same for all of them. */
  async #download(folder: string): Promise<(host: string, channel: string) => string> {
    const inputMode = this.request.AlgorithmSpecification?.TrainingInputMode ?? 'File';
    const isSharded = (channel: Channel) =>
      channel.DataSource?.S3DataSource?.S3DataDistributionType === 'ShardedByS3Key';
    const sharded = new Set<string>();
    const where = (host: string, channel: string) =>
      join(folder, 'input', sharded.has(channel) ? host : 'all', channel);
    for (const channel of this.request.InputDataConfig ?? []) {
      const { ChannelName = '' } = channel;
      if (isSharded(channel)) {
        sharded.add(ChannelName);
      }
      const all = hostsOfChannel(channel, this.request.ResourceConfig);
      for (const [index, host] of (isSharded(channel) ? all : all.slice(0, 1)).entries()) {
        const target = where(host, ChannelName);
        const mode = channel.InputMode ?? inputMode;
        await downloadChannel(this.around.store, channel, mode, index, all.length, target);
        this.#throwIfHalted();
      }
    }
    return where;
  }

  /** Receives lines: each goes to CloudWatch Logs and through the metric definitions. */
  #writeLogs(): OnLine {
    this.#epoch = Math.max(this.#epoch + 1, Math.floor(this.around.clock.now() / SECOND));
    const { log = {} } = this.scenario;
    const writer = new LogWriter(
      this.around.logs,
      this.around.clock,
      trainingLog(this.name, this.#epoch),
      log,
      (error) => this.around.log(`log of ${this.name}: ${error}`),
    );
    this.#flushLogs = async () => {
      const isLate = log.delay !== undefined || log.late !== undefined;
      const flushed = writer.flush(!isLate || this.#closing.signal.aborted);
      if (isLate) {
        this.#late.push(flushed);
      } else {
        await flushed;
      }
    };
    this.#closing.signal.addEventListener('abort', () => void writer.flush(), { once: true });
    return (host, line) => {
      this.#metrics.push(line, this.#now());
      this.#onLine(line);
      writer.push(host, line);
    };
  }

  #flushLogs: () => Promise<void> = async () => {};
  #onLine: (line: string) => void = () => {};

  /** Runs the program on every host; undefined when it lost its instances. */
  async #runProgram(fleet: Fleet, attempt: number): Promise<readonly HostRun[] | undefined> {
    await this.#phase('Training', false);
    this.#throwIfHalted();
    this.#enter('Training', MESSAGES.training);
    const done = new AbortController();
    const grace = this.scenario.stopGraceSeconds ?? STOP_GRACE_SECONDS;
    let interrupted = false;
    let failed: string | undefined;
    const stopping: Promise<void>[] = [];
    const stop = (seconds: number) => {
      const stopped = fleet.stop(seconds);
      stopped.catch(() => {});
      stopping.push(stopped);
    };
    const ended = fleet.run((host: string, end: ContainerEnd) => {
      if (end.exitCode !== 0 && failed === undefined) {
        failed = host;
        // One host that failed is the end of the job: the others would wait for it for ever.
        if (!interrupted && !this.#halting.signal.aborted) {
          stop(0);
        }
      }
    });
    ended.catch(() => {});
    const onHalt = () => stop(this.#closing.signal.aborted ? 0 : grace);
    this.#halting.signal.addEventListener('abort', onHalt);
    if (this.#halting.signal.aborted) {
      onHalt();
    }
    this.#interrupt = () => {
      if (this.request.EnableManagedSpotTraining && !interrupted && !this.#halting.signal.aborted) {
        interrupted = true;
        stop(grace);
      }
    };
    this.#scheduleInterruption(this.scenario.interruptions?.[attempt], done.signal);
    this.#limitRuntime(done.signal);
    const syncing = this.#syncCheckpoints(fleet, done.signal);
    try {
      const ends = await ended;
      await Promise.all(stopping);
      done.abort();
      await syncing;
      await this.#checkpoints?.sync(fleet);
      await this.#flushLogs();
      if (interrupted && this.#halt === undefined) {
        return undefined;
      }
      return failed === undefined
        ? ends
        : ends.toSorted((a, b) => Number(b.host === failed) - Number(a.host === failed));
    } finally {
      done.abort();
      this.#interrupt = undefined;
      this.#onLine = () => {};
      this.#halting.signal.removeEventListener('abort', onHalt);
    }
  }

  #scheduleInterruption(interruption: Interruption | undefined, done: AbortSignal): void {
    const { after, afterLine } = interruption ?? {};
    if (after !== undefined) {
      void this.around.clock.sleep(after, done).then(() => done.aborted || this.#interrupt?.());
    }
    if (afterLine !== undefined) {
      this.#onLine = (line) => {
        if (line.includes(afterLine)) {
          this.#interrupt?.();
        }
      };
    }
  }

  async #syncCheckpoints(fleet: Fleet, done: AbortSignal): Promise<void> {
    while (this.#checkpoints && !done.aborted) {
      await this.around.clock.sleep(this.scenario.checkpointInterval ?? SECOND, done);
      if (!done.aborted) {
        // A file can change while it is read: the next look sees it whole.
        await this.#checkpoints.sync(fleet).catch(() => {});
      }
    }
  }

  /** @param ends the host that failed first before all others */
  async #finish(fleet: Fleet, ends: readonly HostRun[]): Promise<void> {
    const [first] = ends;
    const unstarted = ends.find(({ startError }) => startError !== undefined);
    if (this.#halt === undefined && unstarted?.startError !== undefined) {
      // [obs] T15: the platform tells of a container that cannot start in the words of a failed upload.
      const words = unstarted.startError.replace(/^The container could not be started: /, '');
      throw new JobFailure(
        `ClientError: Artifact upload failed:API error (400): OCI runtime create failed: ${words}: unknown`,
      );
    }
    await this.#upload(fleet, this.#halt === undefined && first?.exitCode !== 0);
    if (this.#halt === undefined && first !== undefined && first.exitCode !== 0) {
      throw new JobFailure(
        first.oomKilled ? MEMORY_ERROR : algorithmError(first.failureFile, first.exitCode ?? 1),
      );
    }
  }

  /** @param failed then nothing is brought to S3: what the platform does with such artifacts is not established */
  async #upload(fleet: Fleet, failed: boolean): Promise<void> {
    this.#enter('Uploading', MESSAGES.uploading);
    this.#failAt('Uploading');
    await this.around.clock.sleep(this.scenario.delays?.Uploading ?? 0, this.#closing.signal);
    if (failed || this.#closing.signal.aborted) {
      return;
    }
    const { S3OutputPath = '', CompressionType } = this.request.OutputDataConfig ?? {};
    const { bucket, key } = parseS3Uri(S3OutputPath);
    const prefix = `${key.replace(/\/$/, '')}/${this.name}/output/`.replace(/^\//, '');
    const model = join(this.around.folder, 'model.tar.gz');
    const output = join(this.around.folder, 'output.tar.gz');
    await fleet.archive(MODEL_DIR, model);
    // The program may have removed its folder: then there is nothing to bring.
    const data = await fleet.archive(`${OUTPUT_DIR}/data`, output).catch(() => ({ files: 0 }));
    try {
      if (CompressionType === 'NONE') {
        await this.#uploadFiles(model, bucket, `${prefix}model/`);
        this.#artifacts = s3Uri({ bucket, key: `${prefix}model/` });
      } else {
        await this.around.store.upload(model, { bucket, key: `${prefix}model.tar.gz` });
        this.#artifacts = s3Uri({ bucket, key: `${prefix}model.tar.gz` });
      }
      if (data.files > 0) {
        await this.around.store.upload(output, { bucket, key: `${prefix}output.tar.gz` });
      }
    } catch (error) {
      const { name, message } = error as Error;
      throw new JobFailure(
        `ClientError: Artifact upload failed:Unable to upload file to s3 (${name}: ${message})`.slice(
          0,
          1024,
        ),
      );
    }
  }

  async #uploadFiles(archive: string, bucket: string, prefix: string): Promise<void> {
    for await (const entry of openModelArchive(archive).pipe(extract())) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) {
        chunks.push(chunk as Buffer);
      }
      if (entry.header.type === 'file') {
        await this.around.store.put(Buffer.concat(chunks), { bucket, key: `${prefix}${entry.header.name}` });
      }
    }
  }

  private get hosts(): readonly string[] {
    return hostsOf(this.request.ResourceConfig);
  }

  #haltFor(halt: Halt): void {
    if (this.#status !== 'InProgress') {
      return;
    }
    this.#halt = halt;
    this.#status = 'Stopping';
    this.#enter('Stopping', MESSAGES.stopping);
    this.#halting.abort();
  }

  #limitRuntime(done: AbortSignal): void {
    const seconds = this.request.StoppingCondition?.MaxRuntimeInSeconds ?? DEFAULT_MAX_RUNTIME;
    const spent = this.#trained;
    const began = this.around.clock.now();
    void this.around.clock.sleep(seconds * SECOND - spent, done).then(() => {
      this.#trained += this.around.clock.now() - began;
      if (!done.aborted) {
        this.#haltFor('max-runtime');
      }
    });
  }

  /** Milliseconds that earlier starts of a spot job have run: the limit is for all of them. */
  #trained = 0;

  #limitWaiting(done: AbortSignal): void {
    const { MaxWaitTimeInSeconds } = this.request.StoppingCondition ?? {};
    if (this.request.EnableManagedSpotTraining && MaxWaitTimeInSeconds !== undefined) {
      void this.around.clock.sleep(MaxWaitTimeInSeconds * SECOND, done).then(() => {
        if (!done.aborted) {
          this.#haltFor('max-wait');
        }
      });
    }
  }

  /** A phase takes its time, or fails, as the scenario says. */
  async #phase(phase: Phase, throwing = true): Promise<void> {
    this.#failAt(phase);
    await this.#pause(this.scenario.delays?.[phase] ?? 0, throwing);
  }

  #failAt(phase: Phase): void {
    const { at, times = Number.POSITIVE_INFINITY } = this.scenario.failure ?? {};
    if (this.scenario.failure !== undefined && at === phase && this.#failures < times) {
      this.#failures += 1;
      throw new JobFailure(this.scenario.failure.reason);
    }
  }

  /** So often it failed as the scenario says. */
  #failures = 0;

  async #pause(milliseconds: number, throwing = true): Promise<void> {
    await this.around.clock.sleep(milliseconds, this.#halting.signal);
    if (throwing) {
      this.#throwIfHalted();
    }
  }

  #throwIfHalted(): void {
    if (this.#halting.signal.aborted) {
      throw new Halted();
    }
  }

  #enter(status: SecondaryStatus, message: string): void {
    this.#history.enter(status, message);
    this.#modified = this.#now();
  }

  #end(halt: Halt | undefined): void {
    const [secondary, message] =
      halt === undefined ? (['Completed', MESSAGES.completed] as const) : HALTS[halt];
    this.#close(halt === undefined ? 'Completed' : 'Stopped', secondary, message);
  }

  #fail(reason: string): void {
    this.#failureReason = reason;
    this.#close('Failed', 'Failed', MESSAGES.failed);
  }

  #close(status: TrainingJobStatus, secondary: SecondaryStatus, message: string): void {
    if (this.#trainingStart !== undefined) {
      this.#trainingEnd = this.#now();
      if (this.request.ResourceConfig?.KeepAlivePeriodInSeconds && this.scenario.warmPools !== false) {
        this.around.warmPools.keep(this.request);
      }
    }
    this.#history.end(secondary, message);
    this.#status = status;
    this.#modified = this.#now();
  }

  #now(): Date {
    return new Date(this.around.clock.now());
  }
}
