import { AwsError } from '../aws/aws-error.js';
import type { DescribeEndpointOutput } from '../aws/endpoints.js';
import { CanceledError } from '../docker/docker.js';
import type { EndpointRecord, Failure, Plan, UndeployPlan } from '../plan.js';
import type { StageContext } from './context.js';
import { isSettled } from './deploy/decide.js';
import { deleteByHand, followByHand } from './deploy/endpoint-record.js';
import { stemOf } from './deploy/names.js';
import { ownerOf } from './deploy/ownership.js';
import { EndpointWatch } from './deploy/watch.js';
import { type LiveFacts, liveRecord } from './live-record.js';
import { PINNING_TAGS } from './pinning-tags.js';
import { refusal } from './register/refusal.js';
import { isLost, SteadyConnection } from './register/steady-connection.js';
import { removeArtifacts } from './removal/artifacts.js';
import { type ConnectRemoval, connectRemovalTo, type RemovalConnection } from './removal/connection.js';
import {
  allEndpoints,
  configsOf,
  type KnownEndpoint,
  modelsOfConfigs,
  type OwnResource,
  ownResources,
} from './removal/hosting.js';
import { Ledger } from './removal/ledger.js';
import { containersOf, findNeeds, modelDataOf, type Needs } from './removal/needs.js';
import { removeRepository } from './removal/repository.js';
import { StageFailure } from './stage-failure.js';
import type { StageResult } from './stage-result.js';
import { type JobClock, systemJobClock } from './train/job-clock.js';
import { duration } from './train/words.js';

const SECOND = 1_000;

/** Attempts of one call; the stage makes it again and again by itself. */
const ATTEMPTS = 3;

export interface UndeployWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: EndpointRecord) => void;
  readonly clock?: JobClock;
  readonly connect?: ConnectRemoval;
}

export interface UndeployResult extends StageResult {
  readonly endpoint?: EndpointRecord;
}

/**
 * Removes the endpoint with the configurations and models that this repository made for it, and nothing else. An
 * endpoint that is not there is as good: what is left over of it goes all the same.
 *
 * @throws StageFailure when nothing was removed: the endpoint is somebody else's, or AWS refuses
 * @throws CanceledError when the run is canceled before anything is known
 */
export async function undeploy(
  context: StageContext,
  plan: Plan,
  world: UndeployWorld,
): Promise<UndeployResult> {
  if (plan.undeploy === undefined) throw new Error('The plan undeploys nothing.');
  return new Undeployment(context, plan, plan.undeploy, world).run();
}

/** What there is of an endpoint besides itself. */
interface Belongings {
  readonly configs: readonly OwnResource[];
  readonly models: readonly OwnResource[];
  /** Names of its variants, now or before. */
  readonly variants: readonly string[];
  /** Addresses in S3 of its models' data, by model. */
  readonly modelData: ReadonlyMap<string, readonly string[]>;
}

class Undeployment {
  readonly #clock: JobClock;
  readonly #aws: SteadyConnection<RemovalConnection>;
  readonly #watch: EndpointWatch;
  readonly #ledger: Ledger;
  readonly #notices: string[] = [];
  readonly #deadline: number;
  #facts: LiveFacts | undefined;
  #action: EndpointRecord['action'];

  constructor(
    private readonly context: StageContext,
    plan: Plan,
    private readonly part: UndeployPlan,
    private readonly world: UndeployWorld,
  ) {
    const connect = world.connect ?? connectRemovalTo(plan.aws);
    this.#clock = world.clock ?? systemJobClock;
    this.#aws = new SteadyConnection(() => connect(ATTEMPTS), this.#clock, context.signal);
    this.#deadline = this.#clock.now() + part.timeoutSeconds * SECOND;
    this.#ledger = new Ledger({ dryRun: part.dryRun, log: context.log, onChange: () => this.#known({}) });
    this.#watch = new EndpointWatch({
      name: part.endpointName,
      connect,
      clock: this.#clock,
      signal: context.signal,
      log: context.log,
      streamLogs: false,
      onSeen: (endpoint) => this.#seen(endpoint),
    });
  }

  async run(): Promise<UndeployResult> {
    try {
      return await this.#work();
    } catch (error) {
      if (error instanceof CanceledError || this.context.signal.aborted) return this.#canceled(error);
      return this.#troubled(error);
    }
  }

  async #work(): Promise<UndeployResult> {
    const { part, context } = this;
    const { endpointName: name } = part;
    const region = (await this.#aws.connected()).region;
    this.#facts = { name, region };
    const found = await this.#find();
    if ('outcome' in found) return found;
    const { endpoint } = found;
    if (endpoint !== undefined) await this.#requireOurs(endpoint);
    const belongings = await this.#belongings(endpoint);
    if (endpoint !== undefined) this.#tellForeign(endpoint, belongings.configs);

    if (endpoint !== undefined) {
      const trouble = await this.#removeEndpoint(endpoint);
      if (trouble !== undefined) return trouble;
    }
    // Only now: an endpoint that stays after all goes on serving, and has to be scaled.
    await this.#removeScaling(belongings.variants);
    const others = (await this.#aws.call((connection) => allEndpoints(connection, context.signal))).filter(
      (other) => other.name !== name,
    );
    const gone = await this.#removeHosting(belongings, others);
    await this.#removeFurther(belongings, others, gone);
    return this.#end();
  }

  /** The endpoint, when nobody is changing it any more; one that is being deleted is waited for. */
  async #find(): Promise<{ readonly endpoint: DescribeEndpointOutput | undefined } | UndeployResult> {
    const { endpointName: name, dryRun } = this.part;
    let told = false;
    const watched = await this.#watch.until({
      reached: (endpoint) => {
        const status = endpoint?.EndpointStatus ?? '';
        const done = endpoint === undefined || dryRun || isSettled(status);
        if (!done && !told) {
          told = true;
          this.#say(
            `The endpoint ${name} is ${status}, and cannot be deleted as long as it is: it is waited for.`,
          );
        }
        return done;
      },
      deadline: this.#deadline,
    });
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix);
    const { endpoint } = watched;
    if (watched.end === 'timeout') {
      // Deleting one that is not this repository's is not to be suggested.
      if (endpoint !== undefined) await this.#requireOurs(endpoint);
      return this.#failed({
        message: `The endpoint ${name} was still ${endpoint?.EndpointStatus} after ${this.#timeoutText}, and cannot be deleted as long as it is. Nothing was removed.`,
        fix: `Run this again when that is done, or raise \`endpoint-timeout\`. To look: \`${followByHand(name, this.#region)}\`.`,
      });
    }
    return { endpoint };
  }

  async #requireOurs({ EndpointArn = '' }: DescribeEndpointOutput): Promise<void> {
    const { endpointName: name } = this.part;
    const { signal, source } = this.context;
    const owner = ownerOf(
      await this.#aws.call(({ endpoints }) => endpoints.tags(EndpointArn, signal)),
      source,
    );
    if (owner === 'ours') return;
    // What was deleted between the two calls has no tags.
    if (
      owner === 'nobody' &&
      (await this.#aws.call(({ endpoints }) => endpoints.describe(name, signal))) === undefined
    ) {
      return;
    }
    const whose =
      owner === 'nobody'
        ? `it has no tag ${PINNING_TAGS.repository}`
        : `its tag ${PINNING_TAGS.repository} is ${owner.repository}`;
    throw new StageFailure({
      message: `The endpoint ${name} was not made by this repository (${whose}), so it is not deleted. Nothing was removed.`,
      fix: `Check \`endpoint-name\`. When nobody needs it any more, delete it by hand: \`${deleteByHand(name, this.#region)}\`.`,
    });
  }

  /** Everything is looked up before anything goes: afterwards, much of it could not be found any more. */
  async #belongings(endpoint: DescribeEndpointOutput | undefined): Promise<Belongings> {
    const { part, context } = this;
    const { signal, source } = context;
    return this.#aws.call(async ({ endpoints, models }) => {
      const stem = stemOf(part.endpointName);
      const ofThis = ({ endpointName }: OwnResource) => endpointName === part.endpointName;
      const own = async (
        found: Parameters<typeof ownResources>[0],
        tagged: Parameters<typeof ownResources>[1],
      ) =>
        (await ownResources(found, tagged, source, signal, new Set(found.map(({ name }) => name)))).filter(
          ofThis,
        );
      const configs = await own(await endpoints.listConfigs(stem, signal), endpoints);
      const ofModels = await own(await models.list(stem, signal), models);
      const variants = new Set(
        (endpoint?.ProductionVariants ?? []).flatMap(({ VariantName }) => VariantName ?? []),
      );
      for (const { name } of configs) {
        const config = await endpoints.describeConfig(name, signal);
        for (const { VariantName } of config?.ProductionVariants ?? [])
          if (VariantName) variants.add(VariantName);
      }
      const modelData = new Map<string, readonly string[]>();
      if (part.artifacts) {
        for (const { name } of ofModels) {
          modelData.set(name, modelDataOf(containersOf(await models.describe(name, signal))));
        }
      }
      return { configs, models: ofModels, variants: [...variants], modelData };
    });
  }

  /** A live configuration that somebody else made stays. */
  #tellForeign(endpoint: DescribeEndpointOutput, configs: readonly OwnResource[]): void {
    for (const name of configsOf(endpoint)) {
      if (configs.some((config) => config.name === name)) continue;
      this.#notice(`The configuration ${name} was not made by this repository for this endpoint: it stays.`);
    }
  }

  /** A target outlives its endpoint, and would scale the next one of its name. */
  async #removeScaling(variants: readonly string[]): Promise<void> {
    const { endpointName } = this.part;
    const { signal } = this.context;
    if (variants.length === 0) return;
    try {
      const targets = await this.#aws.call(async ({ scaling }) =>
        (await scaling()).targets(endpointName, variants, signal),
      );
      for (const variant of targets.keys()) {
        await this.#ledger.remove(
          {
            kind: 'scalable-target',
            name: `endpoint/${endpointName}/variant/${variant}`,
            why: 'its endpoint is undeployed',
          },
          () =>
            this.#aws.call(async ({ scaling }) =>
              (await scaling()).deregister(endpointName, variant, signal),
            ),
        );
      }
    } catch (error) {
      if (!(error instanceof AwsError) || error.kind !== 'access-denied') throw error;
      this.#notice(
        `Whether the endpoint is scaled automatically is not known: ${error.message} ${error.fix}`,
      );
    }
  }

  /**
   * Deletes the endpoint that was found to be this repository's. Others may have deleted it since, and created one of
   * their own under its name: that one is left alone.
   */
  async #removeEndpoint(seen: DescribeEndpointOutput): Promise<UndeployResult | undefined> {
    const { endpointName: name, dryRun } = this.part;
    const { signal } = this.context;
    const isAnothers = ({ CreationTime }: DescribeEndpointOutput) =>
      CreationTime?.getTime() !== seen.CreationTime?.getTime();
    const isGone = await this.#ledger.remove(
      { kind: 'endpoint', name, why: 'it is undeployed' },
      async () => {
        const removal = await this.#aws.call(async ({ endpoints }) => {
          const now = await endpoints.describe(name, signal);
          if (now === undefined || isAnothers(now)) return 'not-found';
          try {
            return await endpoints.remove(name, signal);
          } catch (error) {
            // The answer to an attempt before this one may have been lost.
            if (!isInProgress(error)) throw error;
            const status = (await endpoints.describe(name, signal))?.EndpointStatus ?? 'Deleting';
            if (status !== 'Deleting') throw error;
            return 'removed';
          }
        });
        if (removal === 'removed') this.#say(`Deleting the endpoint ${name} in ${this.#region}.`);
        return removal;
      },
    );
    if (dryRun) return undefined;
    if (!isGone) return this.#end();
    const watched = await this.#watch.until({
      reached: (endpoint) => endpoint === undefined || isAnothers(endpoint),
      deadline: this.#deadline,
    });
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix);
    if (watched.end === 'reached' && watched.endpoint !== undefined) {
      return this.#failed({
        message: `Others have created the endpoint ${name} anew meanwhile: theirs is left alone, with its configurations and models.`,
        fix: 'Let deployments and `undeploy` of one endpoint wait for each other with a `concurrency:` group. Run this again when the new one is to go, too.',
      });
    }
    if (watched.end === 'timeout') {
      return this.#failed({
        message: `The endpoint ${name} was not gone within ${this.#timeoutText}: it is ${watched.endpoint?.EndpointStatus}. Its configurations and models are left.`,
        fix: `Run this again, which goes on from how it is. To look: \`${followByHand(name, this.#region)}\`.`,
      });
    }
    this.#action = 'deleted';
    this.#known({ status: 'Deleted' });
    return undefined;
  }

  /** The configurations first, since they name the models. @returns names of the models that are gone, or would be */
  async #removeHosting(
    { configs, models }: Belongings,
    others: readonly KnownEndpoint[],
  ): Promise<ReadonlySet<string>> {
    const { endpointName } = this.part;
    const { signal } = this.context;
    const elsewhere = new Map(
      others.flatMap(({ name, description }) => configsOf(description).map((config) => [config, name])),
    );
    const kept = new Set<string>(elsewhere.keys());
    const why = `it was made for the endpoint ${endpointName}`;
    for (const { name } of configs) {
      const kind = 'endpoint-config';
      const user = elsewhere.get(name);
      if (user !== undefined) this.#ledger.keep({ kind, name, why: `the endpoint ${user} is on it` });
      else if (
        !(await this.#ledger.remove({ kind, name, why }, () =>
          this.#aws.call(({ endpoints }) => endpoints.removeConfig(name, signal)),
        ))
      ) {
        kept.add(name);
      }
    }
    const needed = await this.#aws.call((connection) => modelsOfConfigs(connection, kept, signal));
    const gone = new Set<string>();
    for (const { name } of models) {
      const kind = 'model';
      if (needed.has(name)) {
        this.#ledger.keep({ kind, name, why: 'a configuration that stays needs it' });
      } else if (
        await this.#ledger.remove({ kind, name, why }, () =>
          this.#aws.call((connection) => connection.models.remove(name, signal)),
        )
      ) {
        gone.add(name);
      }
    }
    return gone;
  }

  /** What was asked for besides: the artifacts in S3, and the repository of images. */
  async #removeFurther(
    { modelData }: Belongings,
    endpoints: readonly KnownEndpoint[],
    gone: ReadonlySet<string>,
  ): Promise<void> {
    const { artifacts, repository } = this.part;
    const { source, signal } = this.context;
    if (!artifacts && repository === undefined) return;
    const needs: Needs = await this.#aws.call((connection) =>
      findNeeds(connection, { endpoints, without: gone }, signal),
    );
    const removal = { aws: this.#aws, ledger: this.#ledger, needs, source, signal };
    if (artifacts) {
      const addresses = [...gone].flatMap((name) => modelData.get(name) ?? []);
      await removeArtifacts([...new Set(addresses)], removal);
    }
    if (repository !== undefined) await removeRepository(repository, removal);
  }

  // How it ends

  #end(): UndeployResult {
    const { endpointName: name, dryRun } = this.part;
    const { refusals } = this.#ledger;
    const [first] = refusals;
    if (first !== undefined) {
      const { failure, diagnosis } = refusal(
        first,
        `Not everything of the endpoint ${name} could be removed (${refusals.length} ${refusals.length === 1 ? 'thing is' : 'things are'} left).`,
        this.#region,
      );
      return { ...this.#failed(failure), ...(diagnosis && { diagnosis }) };
    }
    if (dryRun) {
      const would = this.#ledger.count('would-be-removed');
      this.#action = 'none';
      this.#known({});
      return this.#passed(
        `Dry run: ${would} ${would === 1 ? 'thing' : 'things'} of the endpoint ${name} would be removed.`,
      );
    }
    const removed = this.#ledger.count('removed');
    if (removed === 0) {
      this.#action = 'unchanged';
      this.#known({});
      return this.#passed(`Unchanged: there is no endpoint ${name}, and nothing is left of it.`);
    }
    const further = removed - (this.#action === 'deleted' ? 1 : 0);
    return this.#passed(
      this.#action === 'deleted'
        ? `Removed the endpoint ${name}${further > 0 ? ` and ${further} ${further === 1 ? 'thing' : 'things'} that belonged to it` : ''}.`
        : `There was no endpoint ${name}; ${removed} ${removed === 1 ? 'thing that was' : 'things that were'} left of it ${removed === 1 ? 'is' : 'are'} removed.`,
    );
  }

  #canceled(error: unknown): UndeployResult {
    const { endpointName: name } = this.part;
    if (this.#facts === undefined) throw error;
    const removed = this.#ledger.count('removed');
    const status = this.#facts.endpoint?.EndpointStatus;
    const how = status === undefined ? 'is not there' : `was ${status} when it was seen last`;
    const detail = `Canceled: the endpoint ${name} ${how}, and ${removed} ${removed === 1 ? 'thing was' : 'things were'} removed. Run this again to remove the rest.`;
    this.#say(detail);
    this.#known({});
    return this.#result({ outcome: 'canceled', detail });
  }

  #lost(why: string, fix: string): UndeployResult {
    const { endpointName: name } = this.part;
    this.#known({ status: 'Unknown' });
    const message = `How the endpoint ${name} is cannot be known any more: ${why}`;
    return this.#result({
      outcome: 'unknown',
      detail: message,
      failure: {
        message,
        fix: `${fix} Look at it: \`${followByHand(name, this.#region)}\`; or run this again, which goes on from how it is.`,
      },
    });
  }

  #troubled(error: unknown): UndeployResult {
    if (!(error instanceof AwsError)) throw error;
    if (isLost(error) && this.#facts !== undefined) return this.#lost(error.message, error.fix);
    const { endpointName: name } = this.part;
    const removed = this.#ledger.count('removed');
    const what =
      removed === 0
        ? `Nothing of the endpoint ${name} was removed.`
        : `Not everything of the endpoint ${name} was removed.`;
    const { failure, diagnosis } = refusal(error, what, this.#region);
    if (this.#facts === undefined) throw new StageFailure(failure, [], diagnosis);
    return { ...this.#failed(failure), ...(diagnosis && { diagnosis }) };
  }

  #passed(detail: string): UndeployResult {
    this.#say(detail);
    return this.#result({ outcome: 'passed', detail });
  }

  #failed(failure: Failure): UndeployResult {
    this.#known({});
    return this.#result({ outcome: 'failed', detail: failure.message, failure });
  }

  #result(result: StageResult): UndeployResult {
    const notices = [...this.#notices, ...this.#watch.notices];
    return {
      ...result,
      ...(this.#facts && { endpoint: this.#record(this.#facts) }),
      ...(notices.length > 0 && { notices }),
    };
  }

  get #region(): string {
    return this.#facts?.region ?? '';
  }

  get #timeoutText(): string {
    return `${duration(this.part.timeoutSeconds)} (endpoint-timeout)`;
  }

  #seen(endpoint: DescribeEndpointOutput | undefined): void {
    if (this.#facts === undefined) return;
    const { endpoint: _, ...facts } = this.#facts;
    this.#facts = { ...facts, ...(endpoint && { endpoint }) };
    this.#known({});
  }

  #known(change: Partial<LiveFacts>): void {
    if (this.#facts === undefined) return;
    const { transitions, earlierReason } = this.#watch;
    this.#facts = { ...this.#facts, transitions, earlierReason, ...change };
    this.world.onKnown(this.#record(this.#facts));
  }

  #record(facts: LiveFacts): EndpointRecord {
    return {
      ...liveRecord(facts),
      ...(this.#action && { action: this.#action }),
      removed: this.#ledger.resources,
    };
  }

  #say(message: string): void {
    this.context.log.info(message);
  }

  #notice(message: string): void {
    this.#notices.push(message);
    this.#say(message);
  }
}

/** `Cannot update in-progress endpoint "arn:…"`: something is changing it. [obs] */
const isInProgress = (error: unknown): boolean =>
  error instanceof AwsError && /in-progress endpoint/i.test(error.message);
