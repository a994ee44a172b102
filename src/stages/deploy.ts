import { AwsError } from '../aws/aws-error.js';
import type { DescribeEndpointOutput, UpdateEndpointInput } from '../aws/endpoints.js';
import { type Explanation, explainEndpoint } from '../diagnosis/explain.js';
import { repositoryFiles } from '../diagnosis/repository-files.js';
import { CanceledError } from '../docker/docker.js';
import type { EndpointPlan, EndpointRecord, Failure, Plan, ProofRecord, RemovedResource } from '../plan.js';
import { whenAborted } from '../runner/cancel.js';
import type { DeploymentState } from '../runner/state.js';
import type { StageContext } from './context.js';
import { autoScale } from './deploy/auto-scale.js';
import { canceled, undoByHand } from './deploy/canceled.js';
import { type ConnectDeploy, connectDeployTo, type DeployConnection } from './deploy/connection.js';
import { type Decision, decide, isSettled } from './deploy/decide.js';
import {
  deleteByHand,
  type EndpointFacts,
  endpointRecord,
  followByHand,
  updateByHand,
} from './deploy/endpoint-record.js';
import { type FoundModel, findModel, type ModelFinder } from './deploy/find-model.js';
import { type Landing, landingOf } from './deploy/landing.js';
import { type Maker, makeConfig, makeModel, onceSeen } from './deploy/make.js';
import { type Owner, ownerOf } from './deploy/ownership.js';
import { type Proof, prove, readSamples, type Sample } from './deploy/prove.js';
import { removal, removeSuperseded } from './deploy/remove-superseded.js';
import {
  type DeploymentRequests,
  deploymentRequests,
  restoreRequest,
  shownRequests,
  updateRequest,
} from './deploy/requests.js';
import { undoDeployment } from './deploy/undo.js';
import { crashSentence, EndpointWatch, type Watched } from './deploy/watch.js';
import type { MadeModel } from './made-model.js';
import { isOfThisRun, pinningTags } from './pinning-tags.js';
import { refusal } from './register/refusal.js';
import { isLost, SteadyConnection } from './register/steady-connection.js';
import { StageFailure } from './stage-failure.js';
import type { StageResult } from './stage-result.js';
import { type JobClock, systemJobClock } from './train/job-clock.js';
import { duration } from './train/words.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Attempts of one call; the stage makes it again and again by itself. */
const ATTEMPTS = 3;
/** Of a call whose time is short. */
const HASTY_ATTEMPTS = 2;

/** After a cancel the stages have 4 s (run.ts): a change that is on its way may arrive, then it is taken back. */
const CHANGE_GRACE_MS = 1_200;
const UNDO_MS = 2_300;

/** What was changed just now may be seen so much later only. */
const UNSEEN_MS = 30 * SECOND;
/** Others have changed the endpoint at the same time: it is looked at again. */
const LOOK_AGAIN_MS = 2 * SECOND;
/** An endpoint that is deleted is gone within a minute or two. */
const DELETE_MS = 10 * MINUTE;

export interface DeployWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: EndpointRecord) => void;
  /** Keeps for post which deployment this run answers for; undefined: none any more. Called before the first change. */
  readonly remember: (deployment: DeploymentState | undefined) => void;
  readonly clock?: JobClock;
  readonly connect?: ConnectDeploy;
  /** The image by its digest. */
  readonly pin?: ModelFinder['pin'];
}

export interface DeployResult extends StageResult {
  readonly endpoint?: EndpointRecord;
}

/**
 * Deploys the model: creates the endpoint or updates it, watches it until it is in service on exactly what was asked
 * for, proves that it answers, and only then removes what it replaced. A deployment that is bad is taken back.
 *
 * @throws StageFailure when nothing was changed at the endpoint, because something is wrong with what was asked for
 * @throws CanceledError when the run is canceled before anything is known
 */
export async function deploy(
  context: StageContext,
  plan: Plan,
  made: MadeModel,
  world: DeployWorld,
): Promise<DeployResult> {
  const { endpoint } = plan;
  if (endpoint === undefined) throw new Error('The plan deploys nothing.');
  return new Deployment(context, plan, endpoint, made, world).run();
}

/** How far it has come: what a cancel finds. */
type Phase = 'before' | 'creating' | 'updating' | 'unproven' | 'restoring' | 'deleting' | 'settled';

/** What was decided and sent, and all that is needed to go back. */
interface Change {
  readonly kind: 'created' | 'updated' | 'replaced';
  readonly owner: Owner;
  readonly previousConfigName?: string;
  /** As it was sent; absent for a creation. */
  readonly update?: UpdateEndpointInput;
}

class Deployment {
  readonly #clock: JobClock;
  readonly #connect: ConnectDeploy;
  readonly #aws: SteadyConnection<DeployConnection>;
  readonly #watch: EndpointWatch;
  readonly #notices: string[] = [];
  readonly #deadline: number;
  #phase: Phase = 'before';
  #state: DeploymentState | undefined;
  #facts: EndpointFacts | undefined;
  /** A call that changes something and is on its way. */
  #pending: Promise<unknown> = Promise.resolve();
  /** Models and configurations that this run has made. */
  readonly #made: { readonly kind: 'model' | 'endpoint-config'; readonly name: string }[] = [];
  #replacing = false;

  constructor(
    private readonly context: StageContext,
    private readonly plan: Plan,
    private readonly part: EndpointPlan,
    private readonly made: MadeModel,
    private readonly world: DeployWorld,
  ) {
    this.#clock = world.clock ?? systemJobClock;
    this.#connect = world.connect ?? connectDeployTo(plan.aws);
    this.#aws = new SteadyConnection(() => this.#connect(ATTEMPTS), this.#clock, context.signal);
    this.#deadline = this.#clock.now() + part.timeoutSeconds * SECOND;
    this.#watch = new EndpointWatch({
      name: part.name,
      connect: this.#connect,
      clock: this.#clock,
      signal: context.signal,
      log: context.log,
      streamLogs: plan.follow.streamLogs,
      onSeen: (endpoint) => this.#seen(endpoint),
    });
  }

  async run(): Promise<DeployResult> {
    const { signal } = this.context;
    const work = this.#work().catch((error: unknown) => this.#troubled(error));
    const canceled = whenAborted(signal).then(() => 'canceled' as const);
    try {
      const result = await Promise.race([work, canceled]);
      if (result !== 'canceled') return result;
    } catch (error) {
      if (!(error instanceof CanceledError) && !signal.aborted) throw error;
    }
    // What is still on its way ends by itself, and what it says then is of no use.
    work.catch(() => {});
    return this.#cancel();
  }

  async #work(): Promise<DeployResult> {
    const { part, context, plan } = this;
    const samples = await readSamples(part.proof);
    const region = await this.#aws.call(async (connection) => connection.region);
    const models = new Map<string, FoundModel>();
    for (const variant of part.variants) models.set(variant.name, await this.#findModel(variant));
    const { source } = context;
    const requests = deploymentRequests({ plan: part, aws: plan.aws, source, models });
    for (const notice of requests.notices) this.#notice(notice);
    this.#facts = {
      plan: part,
      region,
      arn: '',
      wantedConfigName: requests.config.EndpointConfigName ?? '',
      configs: [requests.config],
      models: new Map(
        requests.models.flatMap(({ variant, request }) => {
          const found = models.get(variant);
          return found === undefined ? [] : [[request.ModelName ?? '', found] as const];
        }),
      ),
      transitions: [],
      autoScaled: false,
      removed: [],
      requests: {},
      overridden: requests.overridden,
      logTail: [],
    };
    for (let looks = 1; ; looks += 1) {
      if (looks > 1) await this.#clock.sleep(LOOK_AGAIN_MS, context.signal);
      const looked = await this.#look();
      if (!('now' in looked)) return looked;
      const { endpoint, owner, now } = looked;
      const decision = decide(now, this.#wantedName);
      const result = await this.#follow(decision, { requests, samples, endpoint, owner });
      if (result !== undefined) return result;
    }
  }

  /** @returns undefined when the endpoint is to be looked at again */
  async #follow(
    decision: Decision,
    {
      requests,
      samples,
      endpoint,
      owner,
    }: {
      readonly requests: DeploymentRequests;
      readonly samples: readonly Sample[];
      readonly endpoint: DescribeEndpointOutput | undefined;
      readonly owner: Owner;
    },
  ): Promise<DeployResult | undefined> {
    switch (decision.kind) {
      case 'refuse':
        throw new StageFailure({ message: decision.message, fix: decision.fix });
      case 'wait':
        return this.#waitUntilSettled(decision.why);
      case 'unchanged':
        return this.#unchanged(samples);
      case 'replace':
        return this.#removeToReplace(decision.why);
      case 'create':
        return this.#create(requests, samples);
      case 'update':
        return this.#update(requests, samples, endpoint, owner);
    }
  }

  // What there is

  async #findModel(variant: EndpointPlan['variants'][number]): Promise<FoundModel> {
    const { plan, made, context, world } = this;
    return this.#aws.call((connection) =>
      findModel(variant, {
        aws: plan.aws,
        made,
        registry: connection.registry,
        signal: context.signal,
        ...(world.pin && { pin: world.pin }),
      }),
    );
  }

  async #look(): Promise<
    | {
        readonly endpoint: DescribeEndpointOutput | undefined;
        readonly owner: Owner;
        readonly now: Parameters<typeof decide>[0];
      }
    | DeployResult
  > {
    const watched = await this.#watch.until({ reached: () => true, deadline: Number.POSITIVE_INFINITY });
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix);
    const { endpoint } = watched;
    if (endpoint === undefined) return { endpoint, owner: 'ours', now: undefined };
    const owner = await this.#ownerOf(endpoint);
    const { EndpointStatus: status = '', EndpointConfigName: configName, FailureReason } = endpoint;
    return {
      endpoint,
      owner,
      now: {
        name: this.part.name,
        status,
        ...(configName !== undefined && { configName }),
        ...(FailureReason && { failureReason: FailureReason }),
        owner,
      },
    };
  }

  async #ownerOf({ EndpointArn = '' }: DescribeEndpointOutput): Promise<Owner> {
    const { signal, source } = this.context;
    try {
      return ownerOf(await this.#aws.call(({ endpoints }) => endpoints.tags(EndpointArn, signal)), source);
    } catch (error) {
      if (!(error instanceof AwsError) || error.kind !== 'access-denied') throw error;
      this.#notice(`Whose the endpoint is cannot be told: ${error.message} ${error.fix}`);
      return 'nobody';
    }
  }

  async #waitUntilSettled(why: string): Promise<DeployResult | undefined> {
    const { name } = this.part;
    this.#say(`The endpoint ${name} is waited for: ${why}.`);
    const watched = await this.#watch.until({
      reached: (endpoint) => endpoint === undefined || isSettled(endpoint.EndpointStatus ?? ''),
      deadline: this.#deadline,
    });
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix);
    if (watched.end !== 'timeout') return undefined;
    const status = watched.endpoint?.EndpointStatus ?? 'unknown';
    return this.#failed({
      message: `The endpoint ${name} was still ${status} after ${this.#timeoutText}: ${why}. Nothing was changed.`,
      fix: `Run it again when that is done, or raise \`endpoint-timeout\`. Let deployments of one endpoint wait for each other with a \`concurrency:\` group. To look: \`${followByHand(name, this.#region)}\`.`,
    });
  }

  // Making

  /** Models and the configuration, as far as they are not there. They cost nothing and change nothing by themselves. */
  async #make({ models, config }: DeploymentRequests): Promise<void> {
    const { part, context } = this;
    const maker = (signal: AbortSignal): Maker => ({
      endpointName: part.name,
      source: context.source,
      clock: this.#clock,
      signal,
    });
    for (const { variant, request } of models) {
      const name = request.ModelName ?? '';
      const made = await this.#change((connection, signal) => makeModel(connection, request, maker(signal)));
      if (made === 'created') this.#made.push({ kind: 'model', name });
      this.#say(
        `The model ${name} of the variant ${variant} ${made === 'created' ? 'is made' : 'is there'}.`,
      );
    }
    const name = config.EndpointConfigName ?? '';
    const made = await this.#change((connection, signal) => makeConfig(connection, config, maker(signal)));
    if (made === 'created') this.#made.push({ kind: 'endpoint-config', name });
    this.#say(`The configuration ${name} ${made === 'created' ? 'is made' : 'is there'}.`);
  }

  async #create(requests: DeploymentRequests, samples: readonly Sample[]): Promise<DeployResult | undefined> {
    const { name } = this.part;
    const { creation } = requests;
    await this.#make(requests);
    const began = this.#clock.now();
    this.#known({ requests: shownRequests(requests) });
    this.#answerFor({ firstCreation: true, created: false, excluded: [] });
    this.#phase = 'creating';
    try {
      const arn = await this.#change(({ endpoints }, signal) =>
        onceSeen(() => endpoints.create(creation, signal), { clock: this.#clock, signal }),
      );
      this.#known({ arn });
    } catch (error) {
      const isThere = error instanceof AwsError && /already exist/i.test(error.message);
      // It was not there a moment ago: an attempt whose answer was lost, or another run, has created it.
      if (!isThere || !(await this.#isCreatedByThisRun())) {
        this.#forgetUnlessCanceled();
        if (!isThere) throw error;
        this.#say(`Another run has just created the endpoint ${name}.`);
        this.#phase = 'before';
        return undefined;
      }
    }
    this.#answerFor({ firstCreation: true, created: true, excluded: [] });
    this.#say(`Creating the endpoint ${name} in ${this.#region}.`);
    this.#tellConsole();
    this.#watch.followLogs(began);
    const watched = await this.#watch.until({
      reached: (endpoint) =>
        endpoint === undefined
          ? this.#clock.now() - began > UNSEEN_MS
          : isSettled(endpoint.EndpointStatus ?? ''),
      deadline: this.#deadline,
      endOnCrashLoop: true,
    });
    const kind = this.#replacing ? 'replaced' : 'created';
    return this.#landed(watched, { kind, owner: 'ours' }, requests, samples);
  }

  /** Whether an attempt to create the endpoint has come through although its answer was lost. */
  async #isCreatedByThisRun(): Promise<boolean> {
    const { signal, source } = this.context;
    return this.#aws.call(async ({ endpoints }) => {
      const endpoint = await endpoints.describe(this.part.name, signal);
      return (
        endpoint?.EndpointConfigName === this.#wantedName &&
        isOfThisRun(await endpoints.tags(endpoint.EndpointArn ?? '', signal), source)
      );
    });
  }

  async #update(
    requests: DeploymentRequests,
    samples: readonly Sample[],
    endpoint: DescribeEndpointOutput | undefined,
    owner: Owner,
  ): Promise<DeployResult | undefined> {
    const { part, context } = this;
    const { signal } = context;
    const { name } = part;
    if (owner === 'nobody') {
      this.#notice(
        `The endpoint ${name} was not made by this repository: it is updated, since endpoint-name names it, and never deleted.`,
      );
    }
    const liveName = endpoint?.EndpointConfigName ?? '';
    const live = await this.#aws.call(({ endpoints }) => endpoints.describeConfig(liveName, signal));
    if (live === undefined) {
      this.#notice(`The live configuration ${liveName} is gone: there is nothing to go back to.`);
    }
    await this.#make(requests);
    const update = updateRequest(part, requests.config, live);
    const previous = live === undefined ? {} : { previousConfigName: liveName };
    this.#known({
      ...previous,
      configs: [requests.config, ...(live ? [live] : [])],
      requests: shownRequests(requests, update),
    });
    const excluded = (update.ExcludeRetainedVariantProperties ?? []).flatMap(
      ({ VariantPropertyType }) => VariantPropertyType ?? [],
    );
    const began = this.#clock.now();
    this.#answerFor({ firstCreation: false, created: false, ...previous, excluded });
    this.#phase = 'updating';
    try {
      await this.#change(async ({ endpoints }, sending) => {
        try {
          await onceSeen(() => endpoints.update(update, sending), { clock: this.#clock, signal: sending });
        } catch (error) {
          // The answer to an attempt before this one may have been lost.
          if (!isInProgress(error) || !(await this.#isOnItsWay(endpoints))) throw error;
        }
      });
    } catch (error) {
      this.#forgetUnlessCanceled();
      if (!isInProgress(error)) throw error;
      this.#say(`Somebody else has just begun to change the endpoint ${name}.`);
      this.#phase = 'before';
      return undefined;
    }
    this.#say(`Updating the endpoint ${name} in ${this.#region} from ${liveName} to ${this.#wantedName}.`);
    this.#tellConsole();
    this.#watch.followLogs(began);
    let moved = false;
    const watched = await this.#watch.until({
      reached: (now) => {
        if (now === undefined) return true;
        const settled = isSettled(now.EndpointStatus ?? '');
        // For a moment AWS may still show the endpoint as it was before the update.
        const isAsBefore =
          !moved &&
          now.EndpointConfigName === liveName &&
          now.LastModifiedTime?.getTime() === endpoint?.LastModifiedTime?.getTime() &&
          this.#clock.now() - began < UNSEEN_MS;
        moved ||= !settled;
        return settled && !isAsBefore;
      },
      deadline: this.#deadline,
      onCrashLoop: `The update cannot succeed like this. SageMaker takes it back by itself; ${liveName} stays live, and this is followed.`,
    });
    return this.#landed(watched, { kind: 'updated', owner, ...previous, update }, requests, samples);
  }

  async #isOnItsWay(endpoints: DeployConnection['endpoints']): Promise<boolean> {
    const endpoint = await endpoints.describe(this.part.name, this.context.signal);
    return endpoint?.PendingDeploymentSummary?.EndpointConfigName === this.#wantedName;
  }

  async #removeToReplace(why: string): Promise<DeployResult | undefined> {
    const { name } = this.part;
    this.#say(`The endpoint ${name} is deleted and created anew. ${why}.`);
    this.#replacing = true;
    this.#phase = 'deleting';
    await this.#change(({ endpoints }, signal) => endpoints.remove(name, signal));
    const watched = await this.#watch.until({
      reached: (endpoint) => endpoint === undefined,
      deadline: this.#deadline,
    });
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix);
    if (watched.end !== 'timeout') {
      this.#phase = 'before';
      return undefined;
    }
    return this.#failed({
      message: `The endpoint ${name} was not deleted within ${this.#timeoutText}; it is ${watched.endpoint?.EndpointStatus}.`,
      fix: 'Run it again when it is gone.',
    });
  }

  // After it has come down

  async #landed(
    watched: Watched,
    change: Change,
    requests: DeploymentRequests,
    samples: readonly Sample[],
  ): Promise<DeployResult> {
    const { name } = this.part;
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix);
    if (watched.end === 'crash-loop') {
      const { lastLine } = watched.loop;
      return this.#bad({
        message: `${crashSentence(watched.loop)} It ended with: ${lastLine}`,
        fix: 'Run the smoke test of the image with this model: it starts the container in the same way.',
        explain: true,
      });
    }
    if (watched.end === 'timeout') return this.#timedOut(change, watched.endpoint);
    const landing = landingOf(watched.endpoint, {
      name,
      config: requests.config,
      models: this.#effectiveModels(requests),
    });
    if (landing.kind === 'live') return this.#proveChange(change, samples);
    return this.#notLanded(landing, change, samples);
  }

  /** By variant, with the images that the overrides may have changed. */
  #effectiveModels({ models }: DeploymentRequests): ReadonlyMap<string, FoundModel> {
    return new Map(
      models.flatMap(({ variant, request }) => {
        const found = this.#facts?.models.get(request.ModelName ?? '');
        const container = request.PrimaryContainer;
        if (found === undefined || container === undefined) return [];
        const { image: _, ...rest } = found;
        const image = container.Image ?? (container.ModelPackageName ? found.image : undefined);
        return [[variant, { ...rest, ...(image !== undefined && { image }) }] as const];
      }),
    );
  }

  async #notLanded(
    landing: Exclude<Landing, { kind: 'live' }>,
    change: Change,
    samples: readonly Sample[],
  ): Promise<DeployResult> {
    const { previousConfigName: previous } = change;
    if (change.kind !== 'updated') {
      return this.#bad({ message: landing.why, explain: true });
    }
    await this.#watch.drainLogs();
    this.#forget();
    const isBack = landing.kind === 'other' && previous === this.#facts?.endpoint?.EndpointConfigName;
    const goBack =
      previous === undefined
        ? ''
        : ` To put the configuration before back: \`${updateByHand(this.part.name, previous, this.#region)}\`.`;
    if (!isBack) {
      return this.#failed({ message: landing.why, fix: goBack.trim() }, { explain: true });
    }
    const restored = samples.length > 0 ? await this.#prove(samples) : undefined;
    this.#known({
      action: 'restored',
      ...(restored?.kind === 'judged' && { restoredProof: restored.record }),
    });
    return this.#failed(
      { message: `${landing.why} ${previous} is live.${answersText(restored)}` },
      { explain: true },
    );
  }

  async #timedOut(change: Change, endpoint: DescribeEndpointOutput | undefined): Promise<DeployResult> {
    const { name } = this.part;
    const status = endpoint?.EndpointStatus ?? 'unknown';
    const message = `The endpoint ${name} was not in service within ${this.#timeoutText}: it is ${status}.`;
    const raise = 'Raise `endpoint-timeout` when it needs longer.';
    if (change.kind !== 'updated') return this.#bad({ message, fix: raise, explain: true });
    await this.#watch.drainLogs();
    this.#forget();
    const { previousConfigName: previous } = change;
    const stays =
      previous === undefined
        ? ''
        : ` The update to ${this.#wantedName} goes on, and cannot be stopped; until it is through, ${previous} takes requests. When it comes into service, nobody has proven it.`;
    return this.#failed(
      {
        message: `${message}${stays}`,
        fix: `Follow it: \`${followByHand(name, this.#region)}\`; or run this again, which waits for it. ${raise}`,
      },
      { explain: true },
    );
  }

  // Proof

  async #unchanged(samples: readonly Sample[]): Promise<DeployResult> {
    const { name } = this.part;
    this.#known({ action: 'unchanged' });
    this.#phase = 'settled';
    this.#say(`The endpoint ${name} is in service on ${this.#wantedName} already: nothing is changed.`);
    const proof = samples.length > 0 ? await this.#prove(samples) : undefined;
    if (proof?.kind === 'judged') this.#known({ proof: proof.record });
    if (proof?.kind === 'impossible' && proof.lost) return this.#lost(proof.why, proof.fix);
    const bad = badProof(proof);
    if (bad !== undefined) {
      return this.#failed(
        {
          message: `The endpoint ${name} is as it should be (${this.#wantedName}), but it does not answer as it should: ${bad.why}`,
          ...(bad.fix && { fix: bad.fix }),
        },
        { explain: true },
      );
    }
    const scaled = await this.#autoScale();
    if (scaled !== undefined && 'outcome' in scaled) return scaled;
    const scaling = scaled?.changed ? ' Its auto-scaling was changed.' : '';
    if (scaling !== '') this.#known({ action: 'updated' });
    return this.#passed(
      `${scaling === '' ? 'Unchanged: the' : 'The'} endpoint ${name} is live on ${this.#wantedName}${provenText(proof)}.${scaling}`,
    );
  }

  async #proveChange(change: Change, samples: readonly Sample[]): Promise<DeployResult> {
    this.#phase = 'unproven';
    this.#known({ action: change.kind });
    const modifiedAt = this.#facts?.endpoint?.LastModifiedTime?.getTime();
    if (this.#state !== undefined && modifiedAt !== undefined) {
      this.#remember({ ...this.#state, modifiedAt });
    }
    const proof = samples.length > 0 ? await this.#prove(samples) : undefined;
    if (proof?.kind === 'judged') this.#known({ proof: proof.record });
    if (proof?.kind === 'impossible' && proof.lost) return this.#lost(proof.why, proof.fix);
    const bad = badProof(proof);
    if (bad !== undefined) {
      await this.#watch.drainLogs();
      const message = `${this.#wantedName} came into service, but it does not answer as it should: ${bad.why}`;
      return change.kind === 'updated'
        ? this.#restore(change, { message, ...(bad.fix && { fix: bad.fix }) }, samples)
        : this.#bad({ message, ...(bad.fix && { fix: bad.fix }), explain: true });
    }
    return this.#succeed(change, proof);
  }

  async #prove(samples: readonly Sample[]): Promise<Proof> {
    const { part, context } = this;
    const variants = this.#facts?.endpoint?.ProductionVariants ?? [];
    const asked = variants
      .filter(({ DesiredWeight, CurrentWeight }) => (DesiredWeight ?? CurrentWeight ?? 1) > 0)
      .flatMap(({ VariantName }) => VariantName ?? []);
    const requests = samples.length * Math.max(1, part.proof.repeats);
    this.#say(`Asking the endpoint ${part.name}: ${requests} requests a variant.`);
    let connection: DeployConnection | undefined;
    return prove({
      endpointName: part.name,
      plan: part.proof,
      samples,
      variants: variants.length > 1 && part.async === undefined ? asked : [],
      ...(part.async && { async: part.async }),
      runId: context.runId,
      connect: async (fresh) => {
        if (fresh) connection = undefined;
        connection ??= await this.#connect(HASTY_ATTEMPTS);
        return connection;
      },
      clock: this.#clock,
      signal: context.signal,
      log: context.log,
    });
  }

  /** All is well: now what was replaced may go. */
  async #succeed(change: Change, proof: Proof | undefined): Promise<DeployResult> {
    const { name } = this.part;
    this.#forget();
    this.#phase = 'settled';
    await this.#tagAnew(change);
    const scaled = await this.#autoScale();
    if (scaled !== undefined && 'outcome' in scaled) return scaled;
    if (proof === undefined) {
      this.#notice(
        `The endpoint ${name} is in service, and whether it answers is not known: there is no \`endpoint-payload\`. Nothing superseded was removed.`,
      );
    } else if (this.part.removeSuperseded) await this.#removeSuperseded(change);
    const what = { created: 'Created', updated: 'Updated', replaced: 'Replaced' }[change.kind];
    return this.#passed(
      `${what} the endpoint ${name}: it is live on ${this.#wantedName}${provenText(proof)}.`,
    );
  }

  /** The endpoint's tags lead to the run that made what is live; UpdateEndpoint itself takes none. */
  async #tagAnew({ kind, owner }: Change): Promise<void> {
    if (kind !== 'updated' || owner !== 'ours') return;
    const { context, plan } = this;
    const tags = pinningTags(context.source, plan.aws.tags);
    const arn = this.#facts?.endpoint?.EndpointArn ?? '';
    try {
      await this.#aws.call(({ endpoints }) => endpoints.tag(arn, tags, context.signal));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#notice(`The endpoint's tags still name the run before: ${error.message} ${error.fix}`);
    }
  }

  async #autoScale(): Promise<{ readonly changed: boolean } | DeployResult | undefined> {
    const { part, context } = this;
    const { autoScaling } = part;
    if (autoScaling === undefined) return undefined;
    const variants = part.variants.filter(({ hosting }) => hosting.kind === 'instance');
    const names = variants.map((variant) => variant.name);
    try {
      const changed = await this.#aws.call(async (connection) =>
        autoScale(await connection.scaling(), part.name, names, autoScaling, context.signal),
      );
      this.#known({ autoScaled: true });
      if (changed.length > 0) this.#say(`Auto-scaling is set of ${changed.join(', ')}.`);
      return { changed: changed.length > 0 };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { failure, diagnosis } = refusal(
        error,
        `The endpoint ${part.name} is live on ${this.#wantedName}, but its auto-scaling could not be set.`,
        this.#region,
      );
      const result = this.#failed(failure);
      return { ...(await result), ...(diagnosis && { diagnosis }) };
    }
  }

  async #removeSuperseded({ previousConfigName: previous }: Change): Promise<void> {
    const { part, context } = this;
    try {
      const removed = await this.#aws.call((connection) =>
        removeSuperseded(
          connection,
          {
            endpointName: part.name,
            keep: [this.#wantedName, ...(previous === undefined ? [] : [previous])],
            source: context.source,
          },
          context.signal,
        ),
      );
      this.#takeRemoved(removed);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#notice(`Superseded models and configurations were left: ${error.message} ${error.fix}`);
    }
  }

  // Going back

  /** Puts the previous configuration back, and proves that it answers. Red in any case. */
  async #restore(
    { previousConfigName: previous, update }: Change,
    bad: Failure,
    samples: readonly Sample[],
  ): Promise<DeployResult> {
    const { name, timeoutSeconds } = this.part;
    if (previous === undefined || update === undefined) {
      this.#forget();
      return this.#failed(
        { ...bad, message: `${bad.message} It stays live: the configuration before is gone.` },
        { explain: true },
      );
    }
    this.#say(`${bad.message} Putting ${previous} back.`);
    this.#phase = 'restoring';
    const byHand = `\`${updateByHand(name, previous, this.#region)}\``;
    const before = this.#facts?.endpoint;
    try {
      await this.#change(({ endpoints }, signal) =>
        endpoints.update(restoreRequest(update, previous), signal),
      );
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return this.#failed(
        {
          message: `${bad.message} ${previous} could not be put back: ${error.message} ${this.#wantedName} is live.`,
          fix: `Put it back by hand: ${byHand}. ${error.fix}`,
        },
        { explain: true },
      );
    }
    const began = this.#clock.now();
    let moved = false;
    const watched = await this.#watch.until({
      reached: (now) => {
        if (now === undefined) return true;
        const settled = isSettled(now.EndpointStatus ?? '');
        const isAsBefore =
          !moved &&
          now.LastModifiedTime?.getTime() === before?.LastModifiedTime?.getTime() &&
          this.#clock.now() - began < UNSEEN_MS;
        moved ||= !settled;
        return settled && !isAsBefore;
      },
      deadline: began + timeoutSeconds * SECOND,
    });
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix, bad.message);
    const { EndpointStatus: status, EndpointConfigName: configName } = watched.endpoint ?? {};
    this.#forget();
    if (watched.end !== 'reached' || status !== 'InService' || configName !== previous) {
      return this.#failed(
        {
          message: `${bad.message} Putting ${previous} back has not succeeded: the endpoint ${name} is ${status ?? 'gone'}${configName === undefined ? '' : ` on ${configName}`}.`,
          fix: `Look at it (\`${followByHand(name, this.#region)}\`), and put the configuration back by hand when it is settled: ${byHand}.`,
        },
        { explain: true },
      );
    }
    const restored = await this.#prove(samples);
    this.#known({
      action: 'restored',
      ...(restored.kind === 'judged' && { restoredProof: restored.record }),
    });
    return this.#failed(
      {
        ...bad,
        message: `${bad.message} ${previous} was put back, and is live.${answersText(restored)}`,
      },
      { explain: true },
    );
  }

  /** The first deployment of an endpoint is bad: there is nothing to go back to. */
  async #bad(bad: Failure & { readonly explain: boolean }): Promise<DeployResult> {
    const { part } = this;
    const { name } = part;
    const { explain, ...failure } = bad;
    await this.#watch.drainLogs();
    const explanation = explain ? this.#explain() : undefined;
    const status = this.#facts?.endpoint?.EndpointStatus ?? 'gone';
    const byHand = `\`${deleteByHand(name, this.#region)}\``;
    if (part.failedEndpoint === 'keep') {
      this.#forget();
      return this.#failed(
        {
          ...failure,
          message: `${failure.message} The endpoint is kept as it is (${status}), and paid for: failed-endpoint is keep.`,
          fix: [failure.fix, `Delete it when it is no longer needed: ${byHand}.`].filter(Boolean).join(' '),
        },
        { explanation },
      );
    }
    const deleted = await this.#deleteBad();
    const told = { ...failure, message: `${failure.message} ${deleted}` };
    return this.#failed(told, { explanation });
  }

  /** @returns what became of it, as a sentence */
  async #deleteBad(): Promise<string> {
    const { name } = this.part;
    const byHand = `\`${deleteByHand(name, this.#region)}\``;
    this.#phase = 'deleting';
    try {
      await this.#change(({ endpoints }, signal) => endpoints.remove(name, signal));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#forget();
      const status = this.#facts?.endpoint?.EndpointStatus ?? '';
      return status === 'Creating'
        ? `The endpoint cannot be deleted while SageMaker is creating it (${error.message}). It gives up after a while, about 24 min where that was seen; then the endpoint is Failed, costs nothing, and the next deployment replaces it. Or delete it then: ${byHand}.`
        : `The endpoint could not be deleted: ${error.message} Delete it by hand: ${byHand}.`;
    }
    const watched = await this.#watch.until({
      reached: (endpoint) => endpoint === undefined,
      deadline: this.#clock.now() + DELETE_MS,
    });
    this.#forget();
    if (watched.end !== 'reached') return 'The endpoint is being deleted.';
    this.#known({ action: 'deleted', status: 'Deleted' });
    this.#takeRemoved([
      {
        kind: 'endpoint',
        name,
        why: 'its first deployment was bad (failed-endpoint: delete)',
        result: 'removed',
      },
      ...(await this.#removeMade()),
    ]);
    return 'The endpoint was deleted.';
  }

  /** Models and the configuration that this run made for nothing; the configuration first, which names the models. */
  async #removeMade(): Promise<readonly RemovedResource[]> {
    const { signal } = this.context;
    const removed: RemovedResource[] = [];
    const why = 'made for the endpoint whose first deployment was bad';
    for (const { kind, name } of this.#made.toReversed()) {
      const remove = () =>
        this.#aws.call(({ endpoints, models }) =>
          kind === 'model' ? models.remove(name, signal) : endpoints.removeConfig(name, signal),
        );
      removed.push(await removal(kind, name, remove, why));
    }
    return removed;
  }

  #takeRemoved(removed: readonly RemovedResource[]): void {
    for (const { kind, name, result, why } of removed) {
      this.#say(
        result === 'removed' ? `Removed the ${kind} ${name}: ${why}.` : `Left the ${kind} ${name}: ${why}`,
      );
    }
    this.#known({ removed: [...(this.#facts?.removed ?? []), ...removed] });
  }

  // Cancel

  /** Takes back what is not proven, as far as it can be, and says exactly how things are. */
  async #cancel(): Promise<DeployResult> {
    const { context, plan, part } = this;
    const { name } = part;
    if (this.#facts === undefined) throw new CanceledError();
    await Promise.race([this.#pending, this.#clock.sleep(CHANGE_GRACE_MS)]);
    const state = this.#state;
    const end = (detail: string, change: Partial<EndpointFacts> = {}): DeployResult => {
      context.log.info(detail);
      this.#known(change);
      return this.#result({ outcome: 'canceled', detail });
    };
    if (state === undefined) {
      const settled = `The endpoint ${name} is live on ${this.#wantedName}; what was left to do after that was canceled.`;
      const replacing = `The endpoint ${name}, which could not be updated any more, was deleted or is being deleted; it was not created anew.`;
      return end(
        this.#phase === 'settled'
          ? settled
          : this.#replacing
            ? replacing
            : `Nothing was changed at the endpoint ${name}.`,
      );
    }
    if (!plan.follow.stopOnCancel) {
      this.#forget();
      return end(
        `The deployment of ${this.#wantedName} to the endpoint ${name} goes on, unproven: stop-on-cancel is false. Follow it: \`${followByHand(name, state.region)}\`. Take it back: \`${undoByHand(state)}\`.`,
      );
    }
    context.log.info(`The run is canceled: looking how the endpoint ${name} is.`);
    const undone = await undoDeployment(
      async () => (await this.#connect(HASTY_ATTEMPTS)).endpoints,
      { state, within: UNDO_MS, source: context.source },
      this.#clock,
    );
    const { detail, isOver, facts } = canceled(undone, state, this.#phase === 'restoring');
    if (isOver) this.#forget();
    return end(detail, facts);
  }

  // What is known and said

  get #region(): string {
    return this.#facts?.region ?? '';
  }

  get #wantedName(): string {
    return this.#facts?.wantedConfigName ?? '';
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

  #known(change: Partial<EndpointFacts>): void {
    if (this.#facts === undefined) return;
    this.#facts = {
      ...this.#facts,
      transitions: this.#watch.transitions,
      logTail: this.#watch.tail,
      ...change,
    };
    this.world.onKnown(endpointRecord(this.#facts));
  }

  #answerFor(
    state: Pick<DeploymentState, 'firstCreation' | 'created' | 'previousConfigName' | 'excluded'>,
  ): void {
    this.#remember({
      endpointName: this.part.name,
      region: this.#region,
      wantedConfigName: this.#wantedName,
      undo: this.plan.follow.stopOnCancel,
      ...state,
    });
  }

  #remember(state: DeploymentState): void {
    this.#state = state;
    this.world.remember(state);
  }

  #forget(): void {
    this.#state = undefined;
    this.world.remember(undefined);
  }

  /** Refused: there is nothing that post should look for. A cancel looks for itself. */
  #forgetUnlessCanceled(): void {
    if (!this.context.signal.aborted) this.#forget();
  }

  /** Makes a call that changes something. After a cancel it may come to its end, but none begins. */
  #change<Output>(
    send: (connection: DeployConnection, signal: AbortSignal) => Promise<Output>,
  ): Promise<Output> {
    if (this.context.signal.aborted) throw new CanceledError();
    const patience = new AbortController();
    void whenAborted(this.context.signal)
      .then(() => this.#clock.sleep(CHANGE_GRACE_MS))
      .then(() => patience.abort());
    const work = this.#aws.call((connection) => send(connection, patience.signal));
    this.#pending = work.catch(() => {});
    return work;
  }

  #explain(): Explanation | undefined {
    const { plan } = this;
    const endpoint = this.#facts?.endpoint;
    const status = endpoint?.EndpointStatus ?? 'Unknown';
    const reason = endpoint?.FailureReason;
    const failure = {
      status,
      ...(reason && { failureReason: reason }),
      logTail: this.#watch.tail,
      region: this.#region,
    };
    const files = repositoryFiles(plan.workspace);
    const explanation = explainEndpoint(failure, files);
    if (explanation.diagnosis.id !== 'unknown') return explanation;
    // The container and SageMaker say nothing that is known: then it is what can be seen.
    const configName = endpoint?.EndpointConfigName;
    const rolledBack = explainEndpoint(
      { ...failure, ...(configName !== undefined && { configName }), requestedConfigName: this.#wantedName },
      files,
    );
    return rolledBack.diagnosis.id === 'unknown' ? undefined : rolledBack;
  }

  async #failed(
    failure: Failure,
    { explain = false, explanation }: { explain?: boolean; explanation?: Explanation | undefined } = {},
  ): Promise<DeployResult> {
    this.#known({});
    const told = explanation ?? (explain ? this.#explain() : undefined);
    const lines = this.#watch.tail.slice(-30);
    const fix = [failure.fix, told?.diagnosis.fix].filter(Boolean).join(' ');
    return this.#result({
      outcome: 'failed',
      detail: failure.message,
      failure: {
        message: failure.message,
        ...(fix !== '' && { fix }),
        ...(lines.length > 0 && { lines }),
      },
      ...(told && { diagnosis: told.diagnosis, annotations: [told.annotation] }),
    });
  }

  #passed(detail: string): DeployResult {
    this.#known({});
    this.#say(detail);
    return this.#result({ outcome: 'passed', detail });
  }

  #lost(why: string, fix: string, before = ''): DeployResult {
    const { name } = this.part;
    this.#known({ status: 'Unknown' });
    const message =
      `${before} How the endpoint ${name} is cannot be known any more, and it may be well: ${why}`.trim();
    const again = `Look at it: \`${followByHand(name, this.#region)}\`; or run this again, which goes on from how it is.`;
    return this.#result({
      outcome: 'unknown',
      detail: message,
      failure: { message, fix: `${fix} ${again}` },
    });
  }

  /** What AWS refuses before anything was changed ends the stage; later, how things are must be said too. */
  #troubled(error: unknown): Promise<DeployResult> | DeployResult {
    if (!(error instanceof AwsError) || this.context.signal.aborted) throw error;
    if (isLost(error) && this.#facts !== undefined) return this.#lost(error.message, error.fix);
    const { name } = this.part;
    const what = {
      before: `The endpoint ${name} was not deployed to.`,
      creating: `The endpoint ${name} was not created.`,
      updating: `The endpoint ${name} was not updated, and is as it was.`,
      unproven: `The endpoint ${name} is live on ${this.#wantedName}, unproven.`,
      restoring: `The endpoint ${name} is being put back.`,
      deleting: `The endpoint ${name} was to be deleted.`,
      settled: `The endpoint ${name} is live on ${this.#wantedName}.`,
    }[this.#phase];
    const { failure, diagnosis } = refusal(error, what, this.#region);
    if (this.#facts === undefined) throw new StageFailure(failure, [], diagnosis);
    this.#known({});
    return this.#result({
      outcome: 'failed',
      detail: failure.message,
      failure,
      ...(diagnosis && { diagnosis }),
    });
  }

  #result(result: StageResult): DeployResult {
    const notices = [...this.#notices, ...this.#watch.notices];
    return {
      ...result,
      ...(this.#facts && { endpoint: endpointRecord(this.#facts) }),
      ...(notices.length > 0 && { notices }),
    };
  }

  #say(message: string): void {
    this.context.log.info(message);
  }

  #notice(message: string): void {
    this.#notices.push(message);
    this.context.log.info(message);
  }

  #tellConsole(): void {
    const url = this.#facts && endpointRecord(this.#facts).consoleUrl;
    if (url !== undefined) this.context.log.info(url);
  }
}

/** `Cannot update in-progress endpoint "arn:…"`: somebody is changing it. [obs] */
const isInProgress = (error: unknown): boolean =>
  error instanceof AwsError && /in-progress endpoint/i.test(error.message);

function badProof(proof: Proof | undefined): { readonly why: string; readonly fix?: string } | undefined {
  if (proof === undefined || (proof.kind === 'judged' && proof.record.passed)) return undefined;
  return proof.kind === 'judged'
    ? {
        why: proof.why ?? 'a sample was answered badly.',
        fix: 'Compare the answer with `endpoint-expect`, `endpoint-accept` and `endpoint-max-latency`. The smoke test with the same samples (`smoke-payload`) finds it before anything is deployed.',
      }
    : { why: `it could not be asked. ${proof.why}`, fix: proof.fix };
}

const requestsOf = ({ samples }: ProofRecord): number =>
  samples.reduce((sum, { requests }) => sum + requests, 0);

/** How the configuration that is back answers. */
function answersText(proof: Proof | undefined): string {
  if (proof === undefined) return '';
  if (proof.kind === 'impossible') return ` Whether it answers is not known: ${proof.why}`;
  return proof.record.passed
    ? ` It answers (${requestsOf(proof.record)} requests).`
    : ` It does not answer the samples as they should be either: ${proof.why}`;
}

const provenText = (proof: Proof | undefined): string =>
  proof?.kind === 'judged' ? `, and has answered ${requestsOf(proof.record)} requests` : '';
