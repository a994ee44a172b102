import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput, UpdateEndpointInput } from '../../aws/endpoints.js';
import type { Explanation } from '../../diagnosis/explain.js';
import { explainEndpoint } from '../../diagnosis/explain-endpoint.js';
import { repositoryFiles } from '../../diagnosis/repository-files.js';
import { CanceledError } from '../../docker/docker.js';
import type { EndpointPlan, EndpointRecord, Failure, Plan, RemovedResource } from '../../plan.js';
import { whenAborted } from '../../runner/cancel.js';
import type { DeploymentState } from '../../runner/state.js';
import type { StageContext } from '../context.js';
import type { MadeModel } from '../made-model.js';
import { refusal } from '../register/refusal.js';
import { isLost, SteadyConnection } from '../register/steady-connection.js';
import { StageFailure } from '../stage-failure.js';
import type { StageResult } from '../stage-result.js';
import { type JobClock, systemJobClock } from '../train/job-clock.js';
import { duration } from '../train/words.js';
import { type ConnectDeploy, connectDeployTo, type DeployConnection } from './connection.js';
import { type EndpointFacts, endpointRecord, followByHand } from './endpoint-record.js';
import type { ModelFinder } from './find-model.js';
import type { Owner } from './ownership.js';
import { ATTEMPTS, CHANGE_GRACE_MS } from './time-limits.js';
import { EndpointWatch } from './watch.js';

const SECOND = 1_000;

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

/** How far it has come: what a cancel finds. */
export type Phase = 'before' | 'creating' | 'updating' | 'unproven' | 'restoring' | 'deleting' | 'settled';

/** What was decided and sent, and all that is needed to go back. */
export interface Change {
  readonly kind: 'created' | 'updated' | 'replaced';
  readonly owner: Owner;
  readonly previousConfigName?: string;
  /** What was live before an update, even when that configuration is deleted since. */
  readonly liveBefore?: string;
  /** Whether the endpoint was in service before an update. */
  readonly previousServed?: boolean;
  /** As it was sent; absent for a creation. */
  readonly update?: UpdateEndpointInput;
}

/** One deployment on its way: what it has and knows of the endpoint, what it has made, and how it says so. */
export class Deployment {
  readonly clock: JobClock;
  readonly connect: ConnectDeploy;
  readonly aws: SteadyConnection<DeployConnection>;
  readonly watch: EndpointWatch;
  readonly notices: string[] = [];
  readonly #waitsUntil: number;
  #changesUntil: number | undefined;
  phase: Phase = 'before';
  state: DeploymentState | undefined;
  facts: EndpointFacts | undefined;
  /** A call that changes something and is on its way. */
  pending: Promise<unknown> = Promise.resolve();
  /** Models and configurations that this run has made. */
  readonly ownWork: { readonly kind: 'model' | 'endpoint-config'; readonly name: string }[] = [];
  replacing = false;
  /** CreationTime of the endpoint that this run changes, in milliseconds since 1970: with another one it is another's. */
  bornAt: number | undefined;
  /** A run before this one had proven the wanted configuration. */
  wasProven = false;

  constructor(
    readonly context: StageContext,
    readonly plan: Plan,
    readonly part: EndpointPlan,
    readonly made: MadeModel,
    readonly world: DeployWorld,
  ) {
    this.clock = world.clock ?? systemJobClock;
    this.connect = world.connect ?? connectDeployTo(plan.aws);
    this.aws = new SteadyConnection(() => this.connect(ATTEMPTS), this.clock, context.signal);
    this.#waitsUntil = this.#fromNow();
    this.watch = new EndpointWatch({
      name: part.name,
      connect: this.connect,
      clock: this.clock,
      signal: context.signal,
      log: context.log,
      streamLogs: plan.follow.streamLogs,
      onSeen: (endpoint) => this.seen(endpoint),
    });
  }

  get region(): string {
    return this.facts?.region ?? '';
  }

  get wantedName(): string {
    return this.facts?.wantedConfigName ?? '';
  }

  get timeoutText(): string {
    return `${duration(this.part.timeoutSeconds)} (endpoint-timeout)`;
  }

  seen(endpoint: DescribeEndpointOutput | undefined): void {
    if (this.facts === undefined) return;
    const { endpoint: _, ...facts } = this.facts;
    this.facts = { ...facts, ...(endpoint && { endpoint }) };
    this.known({});
  }

  known(change: Partial<EndpointFacts>): void {
    if (this.facts === undefined) return;
    this.facts = {
      ...this.facts,
      transitions: this.watch.transitions,
      logTail: this.watch.tail,
      earlierReason: this.watch.earlierReason,
      ...change,
    };
    this.world.onKnown(endpointRecord(this.facts));
  }

  /** The time for a change counts from its beginning, however long others were waited for: it can be judged. */
  get deadline(): number {
    return this.#changesUntil ?? this.#waitsUntil;
  }

  #fromNow(): number {
    return this.clock.now() + this.part.timeoutSeconds * SECOND;
  }

  answerFor(
    state: Pick<DeploymentState, 'firstCreation' | 'created' | 'previousConfigName' | 'excluded'>,
  ): void {
    this.#changesUntil = this.#fromNow();
    this.remember({
      endpointName: this.part.name,
      region: this.region,
      wantedConfigName: this.wantedName,
      undo: this.plan.follow.stopOnCancel,
      wasProven: this.wasProven,
      ...(this.bornAt !== undefined && { bornAt: this.bornAt }),
      ...state,
    });
  }

  remember(state: DeploymentState): void {
    this.state = state;
    this.world.remember(state);
  }

  forget(): void {
    this.state = undefined;
    this.#changesUntil = undefined;
    this.world.remember(undefined);
  }

  /** Refused: there is nothing that post should look for. A cancel looks for itself. */
  forgetUnlessCanceled(): void {
    if (!this.context.signal.aborted) this.forget();
  }

  /** Makes a call that changes something. After a cancel it may come to its end, but none begins. */
  change<Output>(
    send: (connection: DeployConnection, signal: AbortSignal) => Promise<Output>,
  ): Promise<Output> {
    if (this.context.signal.aborted) throw new CanceledError();
    const patience = new AbortController();
    void whenAborted(this.context.signal)
      .then(() => this.clock.sleep(CHANGE_GRACE_MS))
      .then(() => patience.abort());
    const work = this.aws.call((connection) => send(connection, patience.signal));
    this.pending = work.catch(() => {});
    return work;
  }

  /** @param landed also what the comparison of the live configuration with the wanted one tells */
  explain(landed = false): Explanation | undefined {
    const { plan } = this;
    const endpoint = this.facts?.endpoint;
    const status = endpoint?.EndpointStatus ?? 'Unknown';
    // Of an update that failed it may be the reason all the same: SageMaker gives the same one again.
    const isEarlier = !landed && endpoint?.FailureReason === this.watch.earlierReason;
    const reason = isEarlier ? undefined : endpoint?.FailureReason;
    const printed = { status, logTail: this.watch.tail, region: this.region };
    const failure = { ...printed, ...(reason && { failureReason: reason }) };
    const files = repositoryFiles(plan.workspace);
    if (this.watch.crashLoop !== undefined) {
      // That it answered no ping, or was rolled back, is what came of it.
      const crash = explainEndpoint(printed, files);
      if (crash.diagnosis.id !== 'unknown') return crash;
    }
    const explanation = explainEndpoint(failure, files);
    if (explanation.diagnosis.id !== 'unknown') return explanation;
    // Where this run itself has put the configuration before back, the comparison would blame SageMaker.
    if (!landed) return undefined;
    const configName = endpoint?.EndpointConfigName;
    const rolledBack = explainEndpoint(
      { ...failure, ...(configName !== undefined && { configName }), requestedConfigName: this.wantedName },
      files,
    );
    return rolledBack.diagnosis.id === 'unknown' ? undefined : rolledBack;
  }

  async failed(
    failure: Failure,
    { explain = false, explanation }: { explain?: boolean; explanation?: Explanation | undefined } = {},
  ): Promise<DeployResult> {
    this.known({});
    const told = explanation ?? (explain ? this.explain() : undefined);
    const lines = this.watch.tail.slice(-30);
    const fix = [failure.fix, told?.diagnosis.fix].filter(Boolean).join(' ');
    return this.result({
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

  passed(detail: string): DeployResult {
    this.known({});
    this.say(detail);
    return this.result({ outcome: 'passed', detail });
  }

  lost(why: string, fix: string, before = ''): DeployResult {
    const { name } = this.part;
    this.known({ status: 'Unknown' });
    const message =
      `${before} How the endpoint ${name} is cannot be known any more${before === '' ? ', and it may be well' : ''}: ${why}`.trim();
    const again = `Look at it: \`${followByHand(name, this.region)}\`; or run this again, which goes on from how it is.`;
    return this.result({
      outcome: 'unknown',
      detail: message,
      failure: { message, fix: `${fix} ${again}` },
    });
  }

  /** What AWS refuses before anything was changed ends the stage; later, how things are must be said too. */
  troubled(error: unknown): Promise<DeployResult> | DeployResult {
    if (!(error instanceof AwsError) || this.context.signal.aborted) throw error;
    if (isLost(error) && this.facts !== undefined) return this.lost(error.message, error.fix);
    const { name } = this.part;
    const what = {
      before: `The endpoint ${name} was not deployed to.`,
      creating: `The endpoint ${name} was not created.`,
      updating: `The endpoint ${name} was not updated, and is as it was.`,
      unproven: `The endpoint ${name} is live on ${this.wantedName}, unproven.`,
      restoring: `The endpoint ${name} is being put back.`,
      deleting: `The endpoint ${name} was to be deleted.`,
      settled: `The endpoint ${name} is live on ${this.wantedName}.`,
    }[this.phase];
    const { failure, diagnosis } = refusal(error, what, this.region);
    if (this.facts === undefined) throw new StageFailure(failure, [], diagnosis);
    this.known({});
    return this.result({
      outcome: 'failed',
      detail: failure.message,
      failure,
      ...(diagnosis && { diagnosis }),
    });
  }

  result(result: StageResult): DeployResult {
    const notices = [...this.notices, ...this.watch.notices];
    return {
      ...result,
      ...(this.facts && { endpoint: endpointRecord(this.facts) }),
      ...(notices.length > 0 && { notices }),
    };
  }

  say(message: string): void {
    this.context.log.info(message);
  }

  notice(message: string): void {
    this.notices.push(message);
    this.context.log.info(message);
  }

  tellConsole(): void {
    const url = this.facts && endpointRecord(this.facts).consoleUrl;
    if (url !== undefined) this.context.log.info(url);
  }

  takeRemoved(removed: readonly RemovedResource[]): void {
    for (const { kind, name, result, why } of removed) {
      this.say(
        result === 'removed' ? `Removed the ${kind} ${name}: ${why}.` : `Left the ${kind} ${name}: ${why}`,
      );
    }
    this.known({ removed: [...(this.facts?.removed ?? []), ...removed] });
  }
}
