import type * as api from '@aws-sdk/client-sagemaker';
import { START_WINDOW_SECONDS } from '../../../../src/contract/hosting-limits.js';
import type { JobClock } from '../clock.js';
import type { LogWriter } from '../log-writer.js';
import type { LogScenario } from '../scenario.js';
import type { Alarms } from './alarms.js';
import type { ModelServers } from './model-server.js';
import type { KeptModel } from './models.js';
import { retaining } from './retained-properties.js';
import type { EndpointPhase, EndpointScenario } from './scenario.js';
import { EarlyLines, startServerless } from './serverless-start.js';
import { Traffic } from './traffic.js';
import { planTraffic, type TrafficPlan } from './traffic-plan.js';
import { VariantFleet } from './variant-fleet.js';
import { DeploymentFailure, inProgress, invalid, REASONS } from './words.js';

const SECOND = 1000;
const MEGABYTE = 1024 * 1024;
/** [doc] serverless-endpoints */
const SERVERLESS_WINDOW_SECONDS = 180;
/** Between two looks at the alarms while a deployment bakes; not longer than a tenth of the wait. */
const ALARM_POLL_MS = 1000;
const REASON_LENGTH = 1024;

/** What all endpoints share. */
export interface EndpointSurroundings {
  readonly clock: JobClock;
  readonly servers: ModelServers;
  readonly alarms: Alarms;
  logWriter(endpointName: string, scenario: LogScenario): Pick<LogWriter, 'push' | 'flush'>;
  log(line: string): void;
}

export type EndpointConfig = api.DescribeEndpointConfigOutput & {
  ProductionVariants: api.ProductionVariant[];
};

/** What a deployment begins with: looked up when it is asked for, as nothing of it changes afterwards. */
export interface Deployment {
  readonly config: EndpointConfig;
  /** By variant. */
  readonly models: ReadonlyMap<string, KeptModel>;
  readonly scenario: EndpointScenario;
}

interface Pending {
  readonly configName: string;
  readonly fleets: readonly VariantFleet[];
  readonly start: Date;
}

const BUSY: readonly api.EndpointStatus[] = [
  'Creating',
  'Updating',
  'SystemUpdating',
  'RollingBack',
  'Deleting',
];

/** One endpoint, from CreateEndpoint until it is gone. */
export class Endpoint {
  readonly created: Date;
  modified: Date;
  readonly #traffic = new Traffic();
  readonly #closing = new AbortController();
  /** By the text of the scenario's part: a scenario changes how lines come. */
  readonly #writers = new Map<string, Pick<LogWriter, 'push' | 'flush'>>();
  #status: api.EndpointStatus = 'Creating';
  #failureReason: string | undefined;
  #config: EndpointConfig;
  #capture: api.DataCaptureConfig | undefined;
  #fleets: readonly VariantFleet[] = [];
  #pending: Pending | undefined;
  #lastDeploymentConfig: api.DeploymentConfig | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly region: string,
    config: EndpointConfig,
    private readonly around: EndpointSurroundings,
  ) {
    this.#config = config;
    this.created = this.modified = this.#now();
  }

  get status(): api.EndpointStatus {
    return this.#status;
  }

  get config(): EndpointConfig {
    return this.#config;
  }

  /** Of the requests that it takes now. */
  get dataCapture(): api.DataCaptureConfig | undefined {
    return this.#capture;
  }

  get traffic(): Traffic {
    return this.#traffic;
  }

  /** Whether it takes requests: as long as it has a fleet that does. */
  get isServing(): boolean {
    return this.#fleets.length > 0 && this.#status !== 'OutOfService' && this.#status !== 'Deleting';
  }

  hasVariant(name: string): boolean {
    return [...this.#fleets, ...(this.#pending?.fleets ?? [])].some((fleet) => fleet.name === name);
  }

  create(deployment: Deployment, config: api.DeploymentConfig | undefined): void {
    planTraffic(config, instancesOf(deployment.config.ProductionVariants));
    this.#begin(() => this.#create(deployment));
  }

  /** @throws AwsError when its status does not allow it, or the request makes no sense */
  update(deployment: Deployment, input: api.UpdateEndpointInput): void {
    this.refuseBusy();
    if (this.#status === 'Failed') {
      // [doc] DeleteEndpoint is the only operation on it; the wording is ours.
      throw invalid(`Cannot update endpoint "${this.arn}" with status Failed: it can only be deleted.`);
    }
    const wanted = input.RetainDeploymentConfig
      ? (input.DeploymentConfig ?? this.#lastDeploymentConfig)
      : input.DeploymentConfig;
    const config = retaining(deployment.config, input, this.#fleets, this.#capture);
    const plan = planTraffic(wanted, instancesOf(config.ProductionVariants));
    this.#lastDeploymentConfig = wanted;
    this.#begin(() => this.#update({ ...deployment, config }, plan));
  }

  /** @throws AwsError when its status does not allow it, or there is no such variant */
  updateWeights(wanted: readonly api.DesiredWeightAndCapacity[], scenario: EndpointScenario): void {
    this.refuseBusy();
    const changes = wanted.map((change) => {
      const fleet = this.#fleets.find(({ name }) => name === change.VariantName);
      if (fleet === undefined) {
        // The wording is ours.
        throw invalid(`Could not find variant "${change.VariantName}" of endpoint "${this.arn}".`);
      }
      return { fleet, change };
    });
    this.#begin(() => this.#updateWeights(changes, scenario));
  }

  /** @throws AwsError when its status does not allow it */
  delete(scenario: EndpointScenario, onGone: () => void): void {
    this.refuseBusy();
    this.#begin(async () => {
      await this.#enter('Deleting', scenario);
      this.#traffic.set([]);
      await Promise.all(this.#fleets.map((fleet) => fleet.retire()));
      await this.#flushLogs();
      onGone();
    });
  }

  /** What the platform does on its own: from now on it has this status, whatever else. Scripted. */
  force(status: api.EndpointStatus, milliseconds: number | undefined): void {
    const before = this.#status;
    this.#set(status);
    if (milliseconds === undefined) return;
    const until = this.#sleep(milliseconds).then(() => {
      if (this.#status === status) this.#set(before);
    });
    this.#work = Promise.all([this.#work, until]).then(() => {});
  }

  /** Ends what goes on, and leaves the containers to who made them. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
    await this.#flushLogs();
  }

  describe(): api.DescribeEndpointOutput {
    const pending = this.#pending;
    const capture = this.#capture;
    return {
      EndpointName: this.name,
      EndpointArn: this.arn,
      EndpointConfigName: this.#config.EndpointConfigName,
      EndpointStatus: this.#status,
      FailureReason: this.#failureReason,
      CreationTime: this.created,
      LastModifiedTime: this.modified,
      ...(this.#fleets.length > 0 && { ProductionVariants: this.#fleets.map((fleet) => fleet.summary()) }),
      ...(pending && {
        PendingDeploymentSummary: {
          EndpointConfigName: pending.configName,
          StartTime: pending.start,
          ProductionVariants: pending.fleets.map((fleet) => ({
            ...fleet.summary(),
            InstanceType: fleet.variant.InstanceType,
          })),
        },
      }),
      ...(capture && {
        DataCaptureConfig: {
          EnableCapture: capture.EnableCapture ?? false,
          CaptureStatus: capture.EnableCapture ? 'Started' : 'Stopped',
          CurrentSamplingPercentage: capture.InitialSamplingPercentage,
          DestinationS3Uri: capture.DestinationS3Uri,
          KmsKeyId: capture.KmsKeyId ?? '',
        },
      }),
      LastDeploymentConfig: this.#lastDeploymentConfig,
      AsyncInferenceConfig: this.#config.AsyncInferenceConfig,
    };
  }

  /** @throws AwsError while something goes on */
  refuseBusy(): void {
    if (BUSY.includes(this.#status)) throw inProgress(this.arn);
  }

  #begin(work: () => Promise<void>): void {
    this.#work = work().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) {
        this.around.log(`endpoint ${this.name}: ${error instanceof Error ? error.stack : error}`);
        this.#fail(REASONS.service);
      }
    });
  }

  async #create(deployment: Deployment): Promise<void> {
    const { config, scenario } = deployment;
    const fleets = this.#plan(deployment);
    try {
      await this.#enter('Creating', scenario);
      await this.#startAll(fleets, deployment);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#pending = undefined;
      await Promise.all(fleets.map((fleet) => fleet.retire()));
      await this.#flushLogs();
      this.#fail(this.#reasonOf(error));
      return;
    }
    this.#takeOver(fleets, config);
    this.#set('InService');
  }

  async #update(deployment: Deployment, plan: TrafficPlan): Promise<void> {
    const { config, scenario } = deployment;
    const blue = this.#fleets;
    const green = this.#plan(deployment);
    const scale = scenario.timeScale ?? 1;
    this.#failureReason = undefined;
    const seconds = plan.limitSeconds;
    const until = seconds === undefined ? undefined : this.around.clock.now() + seconds * SECOND * scale;
    try {
      await this.#enter('Updating', scenario);
      await this.#startAll(green, deployment);
      for (const share of plan.shares) {
        mark(green, 'ActivatingTraffic');
        this.#traffic.shift(blue, green, share);
        mark(green, 'Baking');
        await this.#bake(plan, scale, until, seconds ?? 0);
      }
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      await this.#rollBack(green, this.#reasonOf(error), scenario);
      return;
    }
    mark(blue, 'Deleting');
    await this.#sleep(plan.terminationWaitSeconds * SECOND * scale);
    if (this.#closing.signal.aborted) return;
    this.#traffic.set(green);
    await Promise.all(blue.map((fleet) => fleet.retire()));
    this.#takeOver(green, config);
    this.#set('InService');
  }

  /** All of the traffic goes back at once; the new fleet ends when its last request has. */
  async #rollBack(green: readonly VariantFleet[], reason: string, scenario: EndpointScenario): Promise<void> {
    this.around.log(`the update of endpoint ${this.name} is taken back: ${reason}`);
    this.#traffic.set(this.#fleets);
    this.#failureReason = scenario.silent ? undefined : reason;
    await this.#enter('RollingBack', scenario);
    await Promise.all(green.map((fleet) => fleet.retire()));
    this.#pending = undefined;
    this.#set(scenario.rollback === 'error' ? 'UpdateRollbackFailed' : 'InService');
  }

  async #updateWeights(
    changes: readonly { readonly fleet: VariantFleet; readonly change: api.DesiredWeightAndCapacity }[],
    scenario: EndpointScenario,
  ): Promise<void> {
    const before = changes.map(({ fleet }) => ({ weight: fleet.desiredWeight, count: fleet.desiredCount }));
    for (const { fleet, change } of changes) {
      fleet.desiredWeight = change.DesiredWeight ?? fleet.desiredWeight;
      fleet.desiredCount = change.DesiredInstanceCount ?? fleet.desiredCount;
      fleet.status = 'Updating';
    }
    this.#failureReason = undefined;
    await this.#enter('Updating', scenario);
    if (this.#closing.signal.aborted) return;
    const reason = scenario.capacity === 'error' ? REASONS.capacity : scenario.failure;
    if (reason !== undefined) {
      for (const [index, { fleet }] of changes.entries()) {
        fleet.desiredWeight = before[index]?.weight ?? fleet.desiredWeight;
        fleet.desiredCount = before[index]?.count;
        fleet.status = undefined;
      }
      await this.#rollBack([], reason, scenario);
      return;
    }
    for (const { fleet, change } of changes) {
      fleet.currentWeight = fleet.desiredWeight;
      fleet.currentCount = fleet.desiredCount;
      fleet.serverless = fleet.serverless && { ...fleet.serverless, ...change.ServerlessUpdateConfig };
      fleet.status = undefined;
    }
    this.#set('InService');
  }

  #plan({ config, models }: Deployment): readonly VariantFleet[] {
    const fleets = config.ProductionVariants.map((variant) => {
      const model = models.get(variant.VariantName ?? '');
      if (model === undefined) throw new Error(`no model for the variant ${variant.VariantName}`);
      return new VariantFleet(variant, model, () => this.#now());
    });
    mark(fleets, 'Creating');
    this.#pending = { configName: config.EndpointConfigName ?? '', fleets, start: this.#now() };
    return fleets;
  }

  /** @throws DeploymentFailure of the first that does not get healthy */
  async #startAll(fleets: readonly VariantFleet[], { config, scenario }: Deployment): Promise<void> {
    if (scenario.capacity === 'error') throw new DeploymentFailure(REASONS.capacity);
    const writer = this.#writer(scenario.log ?? {});
    const scale = scenario.timeScale ?? 1;
    const starts: (() => Promise<void>)[] = [];
    for (const fleet of fleets) {
      const { variant, model } = fleet;
      const isServerless = variant.ServerlessConfig !== undefined;
      const window =
        variant.ContainerStartupHealthCheckTimeoutInSeconds ??
        (isServerless ? SERVERLESS_WINDOW_SECONDS : START_WINDOW_SECONDS);
      const write = (line: string) => writer.push(`${fleet.name}/${fleet.instanceId}`, line);
      const early = isServerless ? new EarlyLines(write) : undefined;
      const server = this.around.servers.create({
        endpointName: this.name,
        variantName: fleet.name,
        model,
        region: this.region,
        networkIsolation:
          (model.description.EnableNetworkIsolation || config.EnableNetworkIsolation) ?? false,
        ...(variant.ServerlessConfig && {
          memoryBytes: (variant.ServerlessConfig.MemorySizeInMB ?? 0) * MEGABYTE,
        }),
        windowSeconds: window * scale,
        scenario,
        onLine: early === undefined ? write : (line) => early.push(line),
      });
      fleet.server = server;
      starts.push(() => (early === undefined ? server.start() : startServerless(fleet.name, server, early)));
    }
    await Promise.all(starts.map((start) => start()));
    this.#closing.signal.throwIfAborted();
    if (scenario.failure !== undefined) throw new DeploymentFailure(scenario.failure);
  }

  /** @throws DeploymentFailure when an alarm fires, or the deployment's time is over */
  async #bake(plan: TrafficPlan, scale: number, until: number | undefined, seconds: number): Promise<void> {
    const { clock, alarms } = this.around;
    const wait = plan.bakeSeconds * SECOND * scale;
    const end = clock.now() + wait;
    const poll = Math.max(1, Math.min(ALARM_POLL_MS, wait / 10));
    for (;;) {
      const firing = await alarms.firing(plan.alarms);
      if (firing.length > 0) throw new DeploymentFailure(REASONS.alarms(firing));
      this.#closing.signal.throwIfAborted();
      const left = end - clock.now();
      if (left <= 0) return;
      if (until !== undefined && clock.now() >= until) throw new DeploymentFailure(REASONS.time(seconds));
      await this.#sleep(Math.min(poll, left));
    }
  }

  #takeOver(fleets: readonly VariantFleet[], config: EndpointConfig): void {
    mark(fleets, undefined);
    this.#fleets = fleets;
    this.#config = config;
    this.#capture = config.DataCaptureConfig;
    this.#pending = undefined;
    this.#traffic.set(fleets);
  }

  #reasonOf(error: unknown): string {
    if (error instanceof DeploymentFailure) return error.message;
    this.around.log(`endpoint ${this.name}: ${error instanceof Error ? error.stack : error}`);
    return REASONS.service;
  }

  #fail(reason: string): void {
    this.#failureReason = reason.slice(0, REASON_LENGTH);
    this.#set('Failed');
  }

  async #enter(phase: EndpointPhase, scenario: EndpointScenario): Promise<void> {
    this.#set(phase);
    await this.#sleep(scenario.delays?.[phase] ?? 0);
  }

  #set(status: api.EndpointStatus): void {
    this.#status = status;
    this.modified = this.#now();
  }

  #writer(scenario: LogScenario): Pick<LogWriter, 'push' | 'flush'> {
    const key = JSON.stringify(scenario);
    const writer = this.#writers.get(key) ?? this.around.logWriter(this.name, scenario);
    this.#writers.set(key, writer);
    return writer;
  }

  async #flushLogs(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.flush()));
  }

  #now(): Date {
    return new Date(this.around.clock.now());
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await this.around.clock.sleep(milliseconds, this.#closing.signal);
  }
}

function mark(fleets: readonly VariantFleet[], status: api.VariantStatus | undefined): void {
  for (const fleet of fleets) fleet.status = status;
}

const instancesOf = (variants: readonly api.ProductionVariant[]): number =>
  variants.reduce((sum, { InitialInstanceCount = 1 }) => sum + InitialInstanceCount, 0);
