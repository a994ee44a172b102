import { AwsError } from '../aws/aws-error.js';
import { CanceledError } from '../docker/docker.js';
import type { CleanUpPlan, CleanUpRecord, Failure, Plan } from '../plan.js';
import type { StageContext } from './context.js';
import { ownerOf } from './deploy/ownership.js';
import { PINNING_TAGS, tagValue } from './pinning-tags.js';
import { refusal } from './register/refusal.js';
import { isLost, SteadyConnection } from './register/steady-connection.js';
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
import { findNeeds } from './removal/needs.js';
import { removeImages } from './remove-unused/images.js';
import { endJobs } from './remove-unused/jobs.js';
import { type Judged, sortOut } from './remove-unused/sort-out.js';
import { StageFailure } from './stage-failure.js';
import type { StageResult } from './stage-result.js';
import { type JobClock, systemJobClock } from './train/job-clock.js';

/** Attempts of one call; the stage makes it again and again by itself. */
const ATTEMPTS = 3;

export interface RemoveUnusedWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: CleanUpRecord) => void;
  readonly clock?: JobClock;
  readonly connect?: ConnectRemoval;
}

export interface RemoveUnusedResult extends StageResult {
  readonly cleanUp?: CleanUpRecord;
}

/**
 * Removes what runs of this repository left in AWS and nobody uses any more: superseded configurations and models,
 * images, and the jobs of a branch that is gone. What does not carry this repository's tags is never touched, nor is
 * anything that something in use needs.
 *
 * @throws StageFailure when nothing was removed because AWS refuses to tell what there is
 * @throws CanceledError when the run is canceled before anything is known
 */
export async function removeUnused(
  context: StageContext,
  plan: Plan,
  world: RemoveUnusedWorld,
): Promise<RemoveUnusedResult> {
  if (plan.cleanUp === undefined) throw new Error('The plan cleans nothing up.');
  if (!context.source.repository) {
    throw new StageFailure({
      message: 'Whose things are to be removed is not known: GITHUB_REPOSITORY is not set.',
      fix: 'Run this in a workflow of GitHub Actions, or set it to `owner/name`.',
    });
  }
  return new RemovalOfUnused(context, plan, plan.cleanUp, world).run();
}

class RemovalOfUnused {
  readonly #clock: JobClock;
  readonly #aws: SteadyConnection<RemovalConnection>;
  readonly #ledger: Ledger;
  readonly #notices: string[] = [];
  #region = '';

  constructor(
    private readonly context: StageContext,
    plan: Plan,
    private readonly part: CleanUpPlan,
    private readonly world: RemoveUnusedWorld,
  ) {
    const connect = world.connect ?? connectRemovalTo(plan.aws);
    this.#clock = world.clock ?? systemJobClock;
    this.#aws = new SteadyConnection(() => connect(ATTEMPTS), this.#clock, context.signal);
    this.#ledger = new Ledger({
      dryRun: part.dryRun,
      log: context.log,
      onChange: () => world.onKnown(this.#record),
    });
  }

  async run(): Promise<RemoveUnusedResult> {
    try {
      return await this.#work();
    } catch (error) {
      if (error instanceof CanceledError || this.context.signal.aborted) return this.#canceled();
      return this.#troubled(error);
    }
  }

  async #work(): Promise<RemoveUnusedResult> {
    const { part, context } = this;
    const { signal, source } = context;
    this.#region = (await this.#aws.connected()).region;
    const ref = part.ref === undefined ? undefined : tagValue(part.ref);
    const endpoints = await this.#aws.call((connection) => allEndpoints(connection, signal));

    const endedJobs =
      ref === undefined
        ? new Set<string>()
        : await endJobs(ref, { aws: this.#aws, ledger: this.#ledger, source, signal });
    const gone = await this.#removeHosting(endpoints, ref);
    if (part.repository !== undefined) {
      const needs = await this.#aws.call((connection) =>
        findNeeds(connection, { endpoints, without: gone, withoutJobs: endedJobs }, signal),
      );
      await removeImages(
        {
          repository: part.repository,
          keep: part.keep,
          now: this.#clock.now(),
          ...(part.ref !== undefined && { ref: part.ref }),
        },
        { aws: this.#aws, ledger: this.#ledger, needs, source, signal },
      );
    }
    if (ref !== undefined) await this.#tellEndpoints(endpoints, ref);
    return this.#end();
  }

  /** Configurations first, since they name the models. @returns names of the models that are gone, or would be */
  async #removeHosting(
    endpoints: readonly KnownEndpoint[],
    ref: string | undefined,
  ): Promise<ReadonlySet<string>> {
    const { part, context } = this;
    const { signal, source } = context;
    const { configs, models } = await this.#aws.call(async (connection) => ({
      configs: await ownResources(
        await connection.endpoints.listConfigs('', signal),
        connection.endpoints,
        source,
        signal,
      ),
      models: await ownResources(await connection.models.list('', signal), connection.models, source, signal),
    }));
    const live = new Map(
      endpoints.flatMap(({ name, description }) => configsOf(description).map((config) => [config, name])),
    );
    const rules = {
      keep: part.keep,
      now: this.#clock.now(),
      present: new Set(endpoints.map(({ name }) => name)),
      ...(ref !== undefined && { ref }),
    };
    const ofConfigs = sortOut(configs, {
      ...rules,
      inUse: (name) => {
        const endpoint = live.get(name);
        return endpoint === undefined ? undefined : `the endpoint ${endpoint} is on it`;
      },
    });
    const kept = new Set([...live.keys(), ...ofConfigs.filter(isKept).map(({ resource }) => resource.name)]);
    for (const judged of ofConfigs) {
      const { name } = judged.resource;
      const isGone = await this.#carryOut('endpoint-config', judged, () =>
        this.#aws.call((connection) => connection.endpoints.removeConfig(name, signal)),
      );
      if (!isGone) kept.add(name);
    }
    const needed = await this.#aws.call((connection) => modelsOfConfigs(connection, kept, signal));
    // To go back to a model takes a configuration: those that stay say how many models do.
    const counted = new Map<string, number>();
    for (const { resource } of ofConfigs) {
      const { name, endpointName } = resource;
      if (kept.has(name) && !live.has(name)) counted.set(endpointName, (counted.get(endpointName) ?? 0) + 1);
    }
    const ofModels = sortOut(models, {
      ...rules,
      counted,
      inUse: (name) => (needed.has(name) ? 'a configuration that stays needs it' : undefined),
    });
    const gone = new Set<string>();
    for (const judged of ofModels) {
      const { name } = judged.resource;
      const isGone = await this.#carryOut('model', judged, () =>
        this.#aws.call((connection) => connection.models.remove(name, signal)),
      );
      if (isGone) gone.add(name);
    }
    return gone;
  }

  /** What is live is not even told: it is no candidate. */
  async #carryOut(
    kind: string,
    { resource, verdict, why }: Judged<OwnResource>,
    remove: () => Promise<'removed' | 'not-found'>,
  ): Promise<boolean> {
    const { name } = resource;
    switch (verdict) {
      case 'remove':
        return this.#ledger.remove({ kind, name, why }, remove);
      case 'keep':
        this.#ledger.keep({ kind, name, why });
        return false;
      case 'in-use':
        return false;
    }
  }

  /** What still serves is not taken away by a rule: whoever wants that says so, with its name. */
  async #tellEndpoints(endpoints: readonly KnownEndpoint[], ref: string): Promise<void> {
    const { source, signal } = this.context;
    for (const { name, arn } of endpoints) {
      const tags = await this.#aws.call((connection) => connection.endpoints.tags(arn, signal));
      if (ownerOf(tags, source) !== 'ours' || tags.get(PINNING_TAGS.ref) !== ref) continue;
      this.#ledger.keep({
        kind: 'endpoint',
        name,
        why: `it was deployed from ${ref}, and is there: \`stages: undeploy\` with \`endpoint-name: ${name}\` removes it`,
      });
      this.#notices.push(
        `The endpoint ${name} was deployed from ${ref}, and is still there. Remove it with the stage \`undeploy\` and \`endpoint-name: ${name}\`.`,
      );
    }
  }

  // How it ends

  #end(): RemoveUnusedResult {
    const { dryRun } = this.part;
    const { refusals } = this.#ledger;
    const [first] = refusals;
    if (first !== undefined) {
      const left = `${refusals.length} ${refusals.length === 1 ? 'thing is' : 'things are'} left`;
      const { failure, diagnosis } = refusal(
        first,
        `Not everything could be removed (${left}).`,
        this.#region,
      );
      return { ...this.#failed(failure), ...(diagnosis && { diagnosis }) };
    }
    return this.#passed(dryRun ? `Dry run: ${this.#counts(true)}.` : this.#counts(false));
  }

  #counts(dry: boolean): string {
    const removed = this.#ledger.count('removed', 'would-be-removed');
    const stopped = this.#ledger.count('stopped', 'would-be-stopped');
    const kept = this.#ledger.count('kept');
    const would = dry ? 'would be ' : '';
    if (removed + stopped === 0)
      return dry ? 'nothing would be removed' : 'Unchanged: there is nothing to remove.';
    const parts = [
      `${removed} ${removed === 1 ? 'thing' : 'things'} ${would}removed`,
      ...(stopped > 0 ? [`${stopped} ${stopped === 1 ? 'job' : 'jobs'} ${would}stopped`] : []),
      ...(kept > 0 ? [`${kept} kept`] : []),
    ];
    return dry ? parts.join(', ') : `${parts.join(', ')}.`;
  }

  #canceled(): RemoveUnusedResult {
    const detail = `Canceled: ${this.#ledger.count('removed')} things were removed, and ${this.#ledger.count('stopped')} jobs stopped. Run this again to remove the rest.`;
    this.context.log.info(detail);
    return this.#result({ outcome: 'canceled', detail });
  }

  #troubled(error: unknown): RemoveUnusedResult {
    if (!(error instanceof AwsError)) throw error;
    const done = this.#ledger.count('removed', 'stopped');
    if (isLost(error) && this.#region !== '') {
      const message = `What there is cannot be known any more; ${done} ${done === 1 ? 'thing was' : 'things were'} removed or stopped before. ${error.message}`;
      return this.#result({
        outcome: 'unknown',
        detail: message,
        failure: { message, fix: `${error.fix} Then run this again, which removes the rest.` },
      });
    }
    const what = done === 0 ? 'Nothing was removed.' : 'Not everything was removed.';
    const { failure, diagnosis } = refusal(error, what, this.#region);
    if (done === 0) throw new StageFailure(failure, [], diagnosis);
    return { ...this.#failed(failure), ...(diagnosis && { diagnosis }) };
  }

  #passed(detail: string): RemoveUnusedResult {
    this.context.log.info(detail);
    return this.#result({ outcome: 'passed', detail });
  }

  #failed(failure: Failure): RemoveUnusedResult {
    return this.#result({ outcome: 'failed', detail: failure.message, failure });
  }

  #result(result: StageResult): RemoveUnusedResult {
    this.world.onKnown(this.#record);
    return {
      ...result,
      cleanUp: this.#record,
      ...(this.#notices.length > 0 && { notices: [...this.#notices] }),
    };
  }

  get #record(): CleanUpRecord {
    return { dryRun: this.part.dryRun, resources: this.#ledger.resources };
  }
}

const isKept = ({ verdict }: Judged<OwnResource>): boolean => verdict !== 'remove';
