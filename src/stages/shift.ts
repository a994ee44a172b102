import { AwsError } from '../aws/aws-error.js';
import type { DescribeEndpointOutput } from '../aws/endpoints.js';
import { CanceledError } from '../docker/docker.js';
import type { EndpointRecord, Failure, Plan, ShiftPlan } from '../plan.js';
import { whenAborted } from '../runner/cancel.js';
import type { ShiftState } from '../runner/state.js';
import type { StageContext } from './context.js';
import { isSettled } from './deploy/decide.js';
import { followByHand } from './deploy/endpoint-record.js';
import { ownerOf } from './deploy/ownership.js';
import { settledAgain } from './deploy/settled-again.js';
import { LOOK_AGAIN_MS } from './deploy/time-limits.js';
import { EndpointWatch, type Watched } from './deploy/watch.js';
import { type LiveFacts, liveRecord } from './live-record.js';
import { lookAtAlarms } from './look-at-alarms.js';
import { PINNING_TAGS } from './pinning-tags.js';
import { refusal } from './register/refusal.js';
import { isLost, SteadyConnection } from './register/steady-connection.js';
import { type ConnectShift, connectShiftTo, type ShiftConnection } from './shift/connection.js';
import { judgeGates } from './shift/judge.js';
import {
  gaining,
  hasWeights,
  shiftByHand,
  stepsBetween,
  type Weights,
  weightsOf,
  weightsText,
} from './shift/weights.js';
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

/** Between two looks at the alarms. Theirs is no finer than a minute. */
const LOOK_MS = 30 * SECOND;
/** Taking the weights back has time of its own: a time-out must not leave them in between. */
const BACK_MS = 15 * MINUTE;

/** After a cancel the stages have 4 s (run.ts): a change that is on its way may arrive, then it is taken back. */
const CHANGE_GRACE_MS = 1_200;
const UNDO_MS = 2_300;

export interface ShiftWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: EndpointRecord) => void;
  /** Keeps for post what the weights were; undefined: they are as they should be. Called before the first step. */
  readonly remember: (shift: ShiftState | undefined) => void;
  readonly clock?: JobClock;
  readonly connect?: ConnectShift;
}

export interface ShiftResult extends StageResult {
  readonly endpoint?: EndpointRecord;
}

/**
 * Moves the traffic between the variants of a live endpoint, in steps. After each one, alarms and gates are looked
 * at; a bad one takes the weights back to what they were.
 *
 * @throws StageFailure when nothing was changed, because something is wrong with what was asked for
 * @throws CanceledError when the run is canceled before anything is known
 */
export async function shift(context: StageContext, plan: Plan, world: ShiftWorld): Promise<ShiftResult> {
  if (plan.shift === undefined) throw new Error('The plan shifts nothing.');
  return new Shift(context, plan, plan.shift, world).run();
}

/** Weights that held for some time. */
type Step = NonNullable<EndpointRecord['steps']>[number];

class Shift {
  readonly #clock: JobClock;
  readonly #connect: ConnectShift;
  readonly #aws: SteadyConnection<ShiftConnection>;
  readonly #watch: EndpointWatch;
  readonly #notices: string[] = [];
  readonly #deadline: number;
  readonly #steps: Step[] = [];
  #facts: LiveFacts | undefined;
  #action: EndpointRecord['action'];
  /** Weights before the first step of the variants that are shifted. */
  #start: Weights | undefined;
  /** Of the configuration whose variants they are. */
  #configName: string | undefined;
  /** Whether they may be others by now: a step was sent, and they were not put back. */
  #moved = false;
  /** A call that changes something and is on its way. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly context: StageContext,
    private readonly plan: Plan,
    private readonly part: ShiftPlan,
    private readonly world: ShiftWorld,
  ) {
    this.#clock = world.clock ?? systemJobClock;
    this.#connect = world.connect ?? connectShiftTo(plan.aws);
    this.#aws = new SteadyConnection(() => this.#connect(ATTEMPTS), this.#clock, context.signal);
    this.#deadline = this.#clock.now() + part.timeoutSeconds * SECOND;
    this.#watch = new EndpointWatch({
      name: part.endpointName,
      connect: this.#connect,
      clock: this.#clock,
      signal: context.signal,
      log: context.log,
      streamLogs: false,
      onSeen: (endpoint) => this.#seen(endpoint),
    });
  }

  async run(): Promise<ShiftResult> {
    const result = await this.#run();
    // What stays moved is told of by post, too: with the weights that are live by then.
    if (this.#start !== undefined && !this.#moved) this.world.remember(undefined);
    return result;
  }

  async #run(): Promise<ShiftResult> {
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

  async #work(): Promise<ShiftResult> {
    const { part } = this;
    const { endpointName: name, weights: wanted, steps } = part;
    const region = (await this.#aws.connected()).region;
    this.#facts = { name, region };
    const watched = await this.#watch.until({
      reached: (endpoint) => endpoint === undefined || isSettled(endpoint.EndpointStatus ?? ''),
      deadline: this.#deadline,
    });
    if (watched.end === 'lost') return this.#lost(watched.why, watched.fix);
    const endpoint = this.#requireLive(watched);
    await this.#requireOurs(endpoint);
    const now = weightsOf(endpoint);
    this.#requireVariants(now);
    const start = new Map([...wanted.keys()].map((variant) => [variant, now.get(variant) ?? 0]));
    if (hasWeights(now, wanted)) {
      this.#action = 'unchanged';
      this.#known({});
      return this.#passed(
        `Unchanged: the variants of the endpoint ${name} have these weights already (${weightsText(wanted)}).`,
      );
    }
    this.#configName = endpoint.EndpointConfigName;
    const config = await this.#aws.call(({ endpoints }) =>
      endpoints.describeConfig(endpoint.EndpointConfigName ?? '', this.context.signal),
    );
    if (config !== undefined) this.#known({ config });
    const judged = gaining(now, wanted);
    await this.#requireCalm(judged);

    this.#start = start;
    this.#say(
      `Shifting the traffic of the endpoint ${name} from ${weightsText(start)} to ${weightsText(wanted)} in ${steps} ${steps === 1 ? 'step' : 'steps'}. By hand, it goes back with \`${shiftByHand(name, start, region)}\`.`,
    );
    for (const [index, weights] of stepsBetween(now, wanted, steps).entries()) {
      const bad = await this.#step(weights, index + 1, judged);
      if (bad !== undefined) return this.#takeBack(bad);
    }
    this.#action = 'shifted';
    this.#moved = false;
    this.#known({});
    return this.#passed(`Shifted the traffic of the endpoint ${name} to ${weightsText(wanted)}.`);
  }

  // Before the first step

  #requireLive(watched: Exclude<Watched, { end: 'lost' }>): DescribeEndpointOutput {
    const { endpointName: name } = this.part;
    const { endpoint } = watched;
    if (endpoint === undefined) {
      throw new StageFailure({
        message: `There is no endpoint ${name} whose traffic could be shifted.`,
        fix: 'Check `endpoint-name`, `aws-region` and the account; deploy the endpoint first.',
      });
    }
    const { EndpointStatus: status, FailureReason: reason } = endpoint;
    if (watched.end === 'timeout') {
      throw new StageFailure({
        message: `The endpoint ${name} was still ${status} after ${this.#timeoutText}: its traffic can only be shifted when it is InService. Nothing was changed.`,
        fix: `Run it again when that is done. Let deployments and shifts of one endpoint wait for each other with a \`concurrency:\` group. To look: \`${this.#followText}\`.`,
      });
    }
    if (status !== 'InService') {
      throw new StageFailure({
        message: `The endpoint ${name} is ${status}${reason ? ` (${reason})` : ''}: its traffic can only be shifted when it is InService.`,
        fix: `Bring it into service first: deploy to it. To look: \`${this.#followText}\`.`,
      });
    }
    return endpoint;
  }

  /** What others made is not touched. */
  async #requireOurs({ EndpointArn = '' }: DescribeEndpointOutput): Promise<void> {
    const { endpointName: name, weights } = this.part;
    const { signal, source } = this.context;
    const owner = ownerOf(
      await this.#aws.call(({ endpoints }) => endpoints.tags(EndpointArn, signal)),
      source,
    );
    if (owner === 'ours') return;
    const whose =
      owner === 'nobody'
        ? `it has no tag ${PINNING_TAGS.repository}`
        : `its tag ${PINNING_TAGS.repository} is ${owner.repository}`;
    throw new StageFailure({
      message: `The endpoint ${name} was not made by this repository (${whose}), so its traffic is not shifted.`,
      fix: `By hand: \`${shiftByHand(name, weights, this.#region)}\`. Should the endpoint be this repository’s from now on, set that tag of it first.`,
    });
  }

  #requireVariants(now: Weights): void {
    const { endpointName: name, weights } = this.part;
    const unknown = [...weights.keys()].filter((variant) => !now.has(variant));
    if (unknown.length === 0) return;
    throw new StageFailure({
      message: `The endpoint ${name} has no variant ${unknown.join(', ')}. Its variants are: ${[...now.keys()].join(', ')}.`,
      fix: 'Name these in `shift-weights`, or deploy the variant first.',
    });
  }

  /** No alarm is off before anything is touched; and metrics may be read, which is better known now than later. */
  async #requireCalm(judged: readonly string[]): Promise<void> {
    const bad = await this.#alarmed();
    if (bad.length > 0) {
      throw new StageFailure({
        message: `${bad.join(' ')} Nothing was changed at the endpoint ${this.part.endpointName}.`,
        fix: 'Look at why it is in alarm; run this again when it is OK, or leave it out of `rollback-alarms` when the shift is to mend it.',
      });
    }
    if (this.part.gates.length === 0) return;
    const now = this.#clock.now();
    await this.#measure(judged, now - this.#interval, now);
  }

  // A step

  /** @returns what is bad about it */
  async #step(weights: Weights, number: number, judged: readonly string[]): Promise<Failure | undefined> {
    const { steps } = this.part;
    const began = this.#clock.now();
    if (began >= this.#deadline) return this.#late(`step ${number} of ${steps} had not begun`);
    const trouble = await this.#move(weights, this.#deadline);
    if (trouble !== undefined) return trouble;
    this.#say(`Step ${number} of ${steps}: ${weightsText(weights)}.`);
    const since = this.#clock.now();
    const bad = await this.#observe(judged, since);
    const seconds = (this.#clock.now() - began) / SECOND;
    this.#steps.push({ weights: Object.fromEntries(weights), seconds });
    this.#known({});
    return bad.length === 0
      ? undefined
      : {
          message: `After step ${number} of ${steps} (${weightsText(weights)}): ${bad.join(' ')}`,
          fix: 'Look at the endpoint’s metrics and logs of this time; the variant that gained traffic is the suspect.',
        };
  }

  /** Waits for the interval; looks at the alarms all the time and at the gates in the end. */
  async #observe(judged: readonly string[], since: number): Promise<readonly string[]> {
    const { signal } = this.context;
    const { alarms, gates } = this.part;
    const end = since + this.#interval;
    for (let now = since; now < end; now = this.#clock.now()) {
      await this.#clock.sleep(alarms.length === 0 ? end - now : Math.min(LOOK_MS, end - now), signal);
      this.#throwIfCanceled();
      const bad = await this.#alarmed();
      if (bad.length > 0) return bad;
    }
    if (gates.length === 0) return [];
    const now = this.#clock.now();
    const measured = await this.#measure(judged, since, now);
    const { bad, notices } = judgeGates(gates, measured, (now - since) / SECOND);
    for (const notice of notices) this.#notice(notice);
    return bad;
  }

  /** @throws StageFailure when there is no alarm of a name */
  async #alarmed(): Promise<readonly string[]> {
    const { firing, absent } = await lookAtAlarms(this.#aws, this.part.alarms, this.context.signal);
    if (absent === undefined) return firing;
    if (this.#start !== undefined) return [absent, ...firing];
    throw new StageFailure({
      message: `${absent} Nothing was changed at the endpoint ${this.part.endpointName}.`,
      fix: 'Check the names in `rollback-alarms`. docs/alarms.md makes such alarms.',
    });
  }

  #measure(judged: readonly string[], from: number, to: number) {
    const { endpointName, gates } = this.part;
    const metrics = [...new Set(gates.map(({ metric }) => metric))];
    return this.#aws.call(async (connection) =>
      (await connection.metrics()).read(endpointName, judged, metrics, { from, to }, this.context.signal),
    );
  }

  /**
   * Sets the weights, and waits until they hold.
   *
   * @returns why they do not
   */
  async #move(weights: Weights, deadline: number): Promise<Failure | undefined> {
    const { endpointName: name } = this.part;
    const { signal } = this.context;
    const foreign = this.#foreign(await this.#aws.call(({ endpoints }) => endpoints.describe(name, signal)));
    if (foreign !== undefined) return foreign;
    for (;;) {
      const sent = await this.#send(weights);
      const watched = await this.#watch.until({
        reached: settledAgain(this.#clock, (endpoint) => sent && !hasWeights(weightsOf(endpoint), weights)),
        deadline,
      });
      if (watched.end === 'lost') throw new LostError(watched.why, watched.fix);
      const { endpoint } = watched;
      const changed = this.#foreign(endpoint);
      if (endpoint === undefined || changed !== undefined) return changed;
      const { EndpointStatus: status, FailureReason } = endpoint;
      if (watched.end === 'timeout') return this.#late(`the endpoint was ${status}`);
      if (status === 'InService' && hasWeights(weightsOf(endpoint), weights)) return undefined;
      if (status !== 'InService' || sent) {
        // That of a deployment before says nothing of this step.
        const reason = FailureReason === this.#watch.earlierReason ? undefined : FailureReason;
        return {
          message: `The endpoint ${name} did not take the weights ${weightsText(weights)}: it is ${status} with ${weightsText(weightsOf(endpoint))}.${reason ? ` ${reason}` : ''}`,
          fix: `Look at it: \`${this.#followText}\`.`,
        };
      }
      if (this.#clock.now() >= deadline)
        return this.#late('SageMaker took no weights, since the endpoint was being changed');
      // Somebody else was changing it, perhaps as AWS does unseen: soon it is our turn.
      await this.#clock.sleep(LOOK_AGAIN_MS, signal);
      this.#throwIfCanceled();
    }
  }

  /** @returns false when something else is changing the endpoint, which takes no weights until that is done */
  async #send(weights: Weights): Promise<boolean> {
    const { endpointName: name } = this.part;
    const before = this.#moved;
    this.#moved = true;
    if (!before && this.#start !== undefined) {
      const start = Object.fromEntries(this.#start);
      this.world.remember({ endpointName: name, region: this.#region, weights: start });
    }
    try {
      await this.#change(({ endpoints }, signal) =>
        endpoints.updateWeights(
          {
            EndpointName: name,
            DesiredWeightsAndCapacities: [...weights].map(([VariantName, DesiredWeight]) => ({
              VariantName,
              DesiredWeight,
            })),
          },
          signal,
        ),
      );
      return true;
    } catch (error) {
      if (isInProgress(error)) {
        // By somebody else, or by an attempt whose answer was lost.
        this.#say(`The endpoint ${name} is being changed already: it is waited for.`);
        return false;
      }
      if (error instanceof AwsError && !isLost(error)) this.#moved = before;
      throw error;
    }
  }

  /** Makes a call that changes something. After a cancel it may come to its end, but none begins. */
  #change<Output>(
    send: (connection: ShiftConnection, signal: AbortSignal) => Promise<Output>,
  ): Promise<Output> {
    this.#throwIfCanceled();
    const patience = new AbortController();
    void whenAborted(this.context.signal)
      .then(() => this.#clock.sleep(CHANGE_GRACE_MS))
      .then(() => patience.abort());
    const work = this.#aws.call((connection) => send(connection, patience.signal));
    this.#pending = work.catch(() => {});
    return work;
  }

  #late(how: string): Failure {
    return {
      message: `The shift was not through within ${this.#timeoutText}: ${how}.`,
      fix: 'Raise `endpoint-timeout`, or take fewer steps or a shorter `shift-interval`.',
    };
  }

  /** Whether somebody else has updated the endpoint: whatever its weights are now, they are not ours to set. */
  #foreign(endpoint: DescribeEndpointOutput | undefined): Failure | undefined {
    const { endpointName: name } = this.part;
    const live = endpoint?.EndpointConfigName;
    if (endpoint !== undefined && live === this.#configName) return undefined;
    const message =
      endpoint === undefined
        ? `The endpoint ${name} was deleted meanwhile.`
        : `The endpoint ${name} was updated by somebody else meanwhile, from ${this.#configName} to ${live}.`;
    this.#moved = false;
    return {
      message: `${message} Its weights were left alone.`,
      fix: 'Let deployments and shifts of one endpoint wait for each other with a `concurrency:` group, and run this again.',
    };
  }

  // Going back

  /** Red in any case. */
  async #takeBack(bad: Failure): Promise<ShiftResult> {
    const start = this.#start;
    if (!this.#moved || start === undefined) return this.#failed(bad);
    const { endpointName: name } = this.part;
    const back = weightsText(start);
    this.#say(`${bad.message} The weights go back to ${back}.`);
    const byHand = `Set them by hand: \`${shiftByHand(name, start, this.#region)}\`.`;
    let trouble: Failure | undefined;
    try {
      trouble = await this.#move(start, this.#clock.now() + BACK_MS);
    } catch (error) {
      if (error instanceof LostError) return this.#lost(error.message, `${error.fix} ${byHand}`, bad.message);
      if (!(error instanceof AwsError)) throw error;
      if (isLost(error)) return this.#lost(error.message, `${error.fix} ${byHand}`, bad.message);
      trouble = { message: error.message, fix: error.fix };
    }
    if (trouble !== undefined) {
      return this.#failed({
        message: `${bad.message} The weights could not be taken back to ${back}: ${trouble.message}`,
        fix: [trouble.fix, byHand].filter(Boolean).join(' '),
      });
    }
    this.#moved = false;
    this.#action = 'restored';
    return this.#failed({ ...bad, message: `${bad.message} The weights are back: ${back}.` });
  }

  /** Takes the weights back with one call, as far as it can be, and says exactly how things are. */
  async #cancel(): Promise<ShiftResult> {
    if (this.#facts === undefined) throw new CanceledError();
    const { endpointName: name } = this.part;
    await Promise.race([this.#pending, this.#clock.sleep(CHANGE_GRACE_MS)]);
    const start = this.#start;
    const end = (detail: string): ShiftResult => {
      this.#say(detail);
      this.#known({});
      return this.#result({ outcome: 'canceled', detail });
    };
    if (!this.#moved || start === undefined) {
      return end(
        this.#action === undefined
          ? `Nothing was changed at the endpoint ${name}.`
          : `The endpoint ${name} has the weights ${weightsText(weightsOf(this.#facts.endpoint ?? {}))}.`,
      );
    }
    const byHand = `By hand: \`${shiftByHand(name, start, this.#region)}\`.`;
    if (!this.plan.follow.stopOnCancel) {
      this.#moved = false;
      return end(
        `The weights of the endpoint ${name} stay as the last step has set them: stop-on-cancel is false. Take them back to ${weightsText(start)}. ${byHand}`,
      );
    }
    const patience = new AbortController();
    void this.#clock.sleep(UNDO_MS).then(() => patience.abort());
    try {
      const { endpoints } = await this.#connect(HASTY_ATTEMPTS);
      await endpoints.updateWeights(
        {
          EndpointName: name,
          DesiredWeightsAndCapacities: [...start].map(([VariantName, DesiredWeight]) => ({
            VariantName,
            DesiredWeight,
          })),
        },
        patience.signal,
      );
    } catch (error) {
      if (!(error instanceof AwsError) && !(error instanceof CanceledError)) throw error;
      const why = isInProgress(error)
        ? 'the last step is still on its way, and takes no change until it is done'
        : error instanceof AwsError
          ? error.message
          : 'AWS did not answer in time';
      return end(
        `The weights of the endpoint ${name} could not be taken back to ${weightsText(start)}: ${why}. ${byHand}`,
      );
    }
    this.#action = 'restored';
    this.#moved = false;
    return end(
      `The weights of the endpoint ${name} are on their way back to ${weightsText(start)}. Follow it: \`${this.#followText}\`.`,
    );
  }

  // What is known and said

  get #region(): string {
    return this.#facts?.region ?? '';
  }

  get #interval(): number {
    return this.part.intervalSeconds * SECOND;
  }

  get #timeoutText(): string {
    return `${duration(this.part.timeoutSeconds)} (endpoint-timeout)`;
  }

  get #followText(): string {
    return followByHand(this.part.endpointName, this.#region);
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
    const start = this.#start;
    return {
      ...liveRecord(facts),
      ...(this.#action && { action: this.#action }),
      ...(this.#steps.length > 0 && { steps: [...this.#steps] }),
      ...(start !== undefined &&
        this.#action !== 'restored' && { goBack: shiftByHand(facts.name, start, facts.region) }),
    };
  }

  #passed(detail: string): ShiftResult {
    this.#say(detail);
    return this.#result({ outcome: 'passed', detail });
  }

  #failed(failure: Failure): ShiftResult {
    this.#known({});
    return this.#result({ outcome: 'failed', detail: failure.message, failure });
  }

  #lost(why: string, fix: string, before = ''): ShiftResult {
    const { endpointName: name } = this.part;
    this.#known({ status: 'Unknown' });
    const message =
      `${before} How the endpoint ${name} is cannot be known any more, and it may be well: ${why}`.trim();
    const again = `Look at it: \`${this.#followText}\`; or run this again, which goes on from how it is.`;
    return this.#result({
      outcome: 'unknown',
      detail: message,
      failure: { message, fix: `${fix} ${again}` },
    });
  }

  /** Before the first step, what AWS refuses ends the stage; after it, the weights go back. */
  #troubled(error: unknown): Promise<ShiftResult> | ShiftResult {
    if (this.context.signal.aborted) throw error;
    if (error instanceof LostError) return this.#lost(error.message, error.fix);
    if (!(error instanceof AwsError)) throw error;
    if (isLost(error) && this.#facts !== undefined) return this.#lost(error.message, error.fix);
    const { endpointName: name } = this.part;
    if (this.#moved) return this.#takeBack({ message: error.message, fix: error.fix });
    const what = `The traffic of the endpoint ${name} was not shifted.`;
    const { failure, diagnosis } = refusal(error, what, this.#region);
    if (this.#facts === undefined) throw new StageFailure(failure, [], diagnosis);
    return { ...this.#failed(failure), ...(diagnosis && { diagnosis }) };
  }

  #result(result: StageResult): ShiftResult {
    const notices = [...new Set([...this.#notices, ...this.#watch.notices])];
    return {
      ...result,
      ...(this.#facts && { endpoint: this.#record(this.#facts) }),
      ...(notices.length > 0 && { notices }),
    };
  }

  #say(message: string): void {
    this.context.log.info(message);
  }

  #notice(message: string): void {
    this.#notices.push(message);
    this.#say(message);
  }

  #throwIfCanceled(): void {
    if (this.context.signal.aborted) throw new CanceledError();
  }
}

/** The endpoint could not be asked any more. */
class LostError extends Error {
  override readonly name = 'LostError';
  constructor(
    message: string,
    readonly fix: string,
  ) {
    super(message);
  }
}

/** `Cannot update in-progress endpoint "arn:…"`: something is changing it. [obs] */
const isInProgress = (error: unknown): boolean =>
  error instanceof AwsError && /in-progress endpoint/i.test(error.message);
