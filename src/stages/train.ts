import { AwsError } from '../aws/aws-error.js';
import { type Ecr, openEcr } from '../aws/ecr.js';
import { askHourlyPrice } from '../aws/price.js';
import { type Pace, systemPace } from '../aws/retry-policy.js';
import type { CreateTrainingJobRequest, DescribeTrainingJobResponse } from '../aws/training-jobs.js';
import { explainJob } from '../diagnosis/explain-job.js';
import { repositoryFiles } from '../diagnosis/repository-files.js';
import { CanceledError } from '../docker/docker.js';
import type {
  Annotation,
  BaselineRecord,
  Diagnosis,
  EcrRegistry,
  Failure,
  JobPlan,
  JobRecord,
  MetricRecord,
  Outcome,
  Plan,
} from '../plan.js';
import { PRICE_SOURCES } from '../report/cost.js';
import { whenAborted } from '../runner/cancel.js';
import type { JobState } from '../runner/state.js';
import type { StageContext } from './context.js';
import { StageFailure } from './stage-failure.js';
import { findBaseline } from './train/baseline.js';
import { isCapacityFailure } from './train/capacity-failure.js';
import { type Connect, connectTo } from './train/connection.js';
import { type Followed, follow } from './train/follow.js';
import { type JobClock, systemJobClock } from './train/job-clock.js';
import { type JobFacts, jobRecord } from './train/job-record.js';
import { machinesOf } from './train/machines.js';
import { outcomeOf } from './train/outcome.js';
import { type ResolvedImage, resolveImage, type TrainingImage } from './train/resolve-image.js';
import { findEarlier, type Started, start } from './train/start.js';
import { isMadeBy, mayBeStoppedBy, stopByHand, stopJob } from './train/stop-job.js';
import { type TrainingRequests, trainingRequests } from './train/training-request.js';

/** Attempts of a call whose failure ends the stage. */
const ATTEMPTS = 8;
/** Of a call whose time is short. */
const HASTY_ATTEMPTS = 2;

/** After a cancel the stages have 4 s (run.ts): the job is stopped within these, and it is said. */
const CANCEL_MS = 3_500;
/** A request that is on its way when the run is canceled has this long to arrive. */
const CREATE_GRACE_MS = 1_500;

/** What the stage takes from outside besides the context. */
export interface TrainWorld {
  /** Called with what is known of the job whenever that changes, so that a canceled run has it. */
  readonly onKnown: (job: JobRecord) => void;
  /** Keeps for post which job this run answers for; undefined: none any more. Called before the job is made. */
  readonly remember: (job: JobState | undefined) => void;
  readonly clock?: JobClock;
  /** Time and chance of waiting between the attempts of a call. */
  readonly pace?: Pace;
  readonly connect?: Connect;
  /** The registry of an image that is not by its digest. */
  readonly openEcr?: (registry: EcrRegistry | undefined, signal: AbortSignal) => Promise<Ecr>;
  /** US dollars for an hour of the instance type; undefined when nobody says. Never rejects for long. */
  readonly askPrice?: (
    region: string,
    instanceType: string,
    signal: AbortSignal,
  ) => Promise<number | undefined>;
}

export interface TrainResult {
  readonly outcome: Exclude<Outcome, 'invalid-input'>;
  /** One sentence for people. */
  readonly detail: string;
  readonly job: JobRecord;
  readonly failure?: Failure;
  readonly diagnosis?: Diagnosis;
  readonly annotations: readonly Annotation[];
  readonly metrics: readonly MetricRecord[];
  readonly notices: readonly string[];
}

/**
 * Trains the image as a SageMaker job: starts it, or joins the one that this run has started before; follows it
 * to its end, and says how that was. A job without capacity is tried on the next of the fallback types.
 *
 * When the run is canceled the job is stopped first (or left, as the plan wants), and the result says so.
 *
 * @throws StageFailure when AWS refuses to start the job
 * @throws CanceledError when the run is canceled before there is a job
 */
export async function train(
  context: StageContext,
  plan: Plan,
  image: TrainingImage,
  world: TrainWorld,
): Promise<TrainResult> {
  const { job } = plan;
  if (job === undefined) throw new Error('The plan trains nothing.');
  return new Train(context, plan, job, image, world).run();
}

const NOT_STARTED_HERE = 'this run has not started it';

class Train {
  readonly #clock: JobClock;
  readonly #pace: Pace;
  readonly #connect: Connect;
  readonly #notices: string[] = [];
  readonly #annotations: Annotation[] = [];
  /** The job that this run answers for, from before it is made. */
  #current: { readonly job: JobState; readonly exists: boolean } | undefined;
  #facts: JobFacts | undefined;
  /** Seen in a status that is an end: what is still asked then is about its result. */
  #isOver = false;
  #price: JobFacts['price'];
  /** The run is canceled: what the work finds out from here on is told and kept no more. */
  #orphaned = false;
  /** Of a job that was joined and is not ours. */
  #starter = NOT_STARTED_HERE;

  constructor(
    private readonly context: StageContext,
    private readonly plan: Plan,
    private readonly job: JobPlan,
    private readonly image: TrainingImage,
    private readonly world: TrainWorld,
  ) {
    this.#clock = world.clock ?? systemJobClock;
    this.#pace = world.pace ?? systemPace;
    this.#connect = world.connect ?? connectTo(plan.aws, this.#pace);
  }

  async run(): Promise<TrainResult> {
    const { signal } = this.context;
    const work = this.#work();
    const canceled = whenAborted(signal).then(() => 'canceled' as const);
    try {
      const result = await Promise.race([work, canceled]);
      if (result !== 'canceled') return result;
      // There is nothing to stop any more, and all waiting ends by the signal: the job's result is the run's.
      if (this.#isOver) return await work;
    } catch (error) {
      if (!(error instanceof CanceledError)) throw error;
    }
    // What is still on its way ends by itself, and what it says then is of no use.
    this.#orphaned = true;
    work.catch(() => {});
    return this.#cancel();
  }

  async #work(): Promise<TrainResult> {
    const { context, plan, job } = this;
    const { source, runId } = context;
    const image = await this.#resolveImage();
    const requests = trainingRequests({
      plan,
      job,
      imageUri: image.uri,
      imageEntrypoint: image.entrypoint,
      source,
      runId,
    });
    const [{ CheckpointConfig, EnableManagedSpotTraining }] = requests.requests;
    if (EnableManagedSpotTraining && CheckpointConfig === undefined) {
      this.#notice(
        'The job is on spot instances without `checkpoint-path`: after an interruption it begins from scratch.',
      );
    }
    for (const omitted of requests.omitted) this.#notice(`toolkit-environment leaves out ${omitted}.`);
    const { jobs } = await this.#connected();
    const earlier = await findEarlier({ jobs, clock: this.#clock, signal: context.signal }, requests.earlier);
    // For the types before that of the earlier attempt's job there was no capacity.
    const candidates = requests.requests.slice(earlier?.position ?? 0);
    for (const [index, request] of candidates.entries()) {
      const result =
        index === 0 && earlier !== undefined
          ? await this.#joinEarlier(earlier.job, earlier.request, requests)
          : await this.#startAndSee(request, requests);
      const next = candidates[index + 1];
      if (next === undefined || !isCapacityFailure(result.job.failureReason)) return result;
      this.#notice(
        `There was no capacity for ${result.job.instanceType} (${result.job.name}): trying ${machinesOf(next.ResourceConfig).type}.`,
      );
    }
    throw new Error('There is always one request.');
  }

  async #joinEarlier(
    job: DescribeTrainingJobResponse,
    request: CreateTrainingJobRequest,
    requests: TrainingRequests,
  ): Promise<TrainResult> {
    const { region } = (await this.#connected()).jobs;
    const { TrainingJobName: name = '', TrainingJobArn: arn = '' } = job;
    // Nobody of that attempt follows it any more: whoever of this one does, stops it.
    this.#answerFor(name, region, { ours: true, exists: true });
    this.context.log.info(`An earlier attempt of this run has started the same job: ${name}. It is joined.`);
    const trained = job.AlgorithmSpecification?.TrainingImage;
    const built = request.AlgorithmSpecification?.TrainingImage;
    if (trained !== undefined && trained !== built) {
      this.#notice(`The joined job trains the image as that attempt built it: ${trained}, not ${built}.`);
    }
    return this.#see({ kind: 'joined', name, arn, ours: true }, request, requests, region);
  }

  async #startAndSee(request: CreateTrainingJobRequest, requests: TrainingRequests): Promise<TrainResult> {
    const { context } = this;
    const { jobs } = await this.#connected();
    const name = request.TrainingJobName ?? '';
    const { region } = jobs;
    this.#throwIfCanceled();
    this.#answerFor(name, region, { ours: requests.ownNames, exists: false });
    this.#facts = { ...this.#factsOf(request, requests, region), arn: '', joined: false };
    const where = `the training job ${name} in ${region} on ${machines(request)}.`;
    // Whether there is a job of a name that was given shows when AWS takes the request, or does not.
    context.log.info(requests.ownNames ? `Starting ${where}` : `Asking for ${where}`);
    const creating = new AbortController();
    void whenAborted(context.signal)
      .then(() => this.#clock.sleep(CREATE_GRACE_MS))
      .then(() => creating.abort());
    let started: Started;
    try {
      started = await start({
        jobs,
        request,
        ownName: requests.ownNames,
        ownImage: this.#ownImage,
        source: context.source,
        step: context.runId,
        clock: this.#clock,
        signal: creating.signal,
        canceled: context.signal,
      });
    } catch (error) {
      // Refused: there is nothing that post should look for. A cancel looks for itself.
      if (error instanceof StageFailure && !context.signal.aborted) this.#letGo();
      throw error;
    }
    if (started.kind === 'lost') return this.#lostAtStart(started);
    this.#answerFor(name, region, { ours: started.ours, exists: true });
    if (started.kind === 'joined') {
      this.#starter = started.ofThisRun ? 'another job or step of this run has started it' : NOT_STARTED_HERE;
      context.log.info(
        started.ours
          ? `This run has started ${name} before: it is joined.`
          : `${name} is there already, and joined; it is never stopped from here: ${this.#starter}.`,
      );
      if (started.differs.length > 0) {
        this.#notice(
          `The job ${name} that was joined is not quite what was asked for: ${started.differs.join(', ')}.`,
        );
      }
    } else if (!requests.ownNames) {
      context.log.info(`Started ${where}`);
    }
    return this.#see(started, request, requests, region);
  }

  /** Follows the job, or only says how it is. */
  async #see(
    { name, arn, ours, kind }: Pick<Exclude<Started, { kind: 'lost' }>, 'name' | 'arn' | 'ours' | 'kind'>,
    request: CreateTrainingJobRequest,
    requests: TrainingRequests,
    region: string,
  ): Promise<TrainResult> {
    const { context, plan, world } = this;
    const base: JobFacts = {
      ...this.#factsOf(request, requests, region),
      name,
      arn,
      joined: kind === 'joined',
    };
    const known = (job?: DescribeTrainingJobResponse) => {
      this.#facts = { ...base, ...(job && { job }), ...(this.#price && { price: this.#price }) };
      this.#isOver = isOver(job?.TrainingJobStatus);
      if (!this.#orphaned) world.onKnown(jobRecord(this.#facts));
    };
    known();
    const { consoleUrl } = jobRecord(base);
    if (consoleUrl !== undefined) context.log.info(consoleUrl);
    if (!plan.follow.wait) return this.#withoutWaiting(base);
    const price = this.#askPrice(region, machinesOf(request.ResourceConfig).type);
    const followed = await follow({
      name,
      connect: this.#connect,
      clock: this.#clock,
      signal: context.signal,
      log: context.log,
      plan: plan.follow,
      metricDefinitions: plan.training.metricDefinitions,
      mayStop: ours,
      hourlyPrice: () => this.#price?.hourly,
      onSeen: known,
    });
    await price;
    this.#notices.push(...followed.notices.filter((notice) => !this.#notices.includes(notice)));
    for (const message of followed.warnings) this.#warn(message);
    const facts: JobFacts = {
      ...base,
      ...(followed.job && { job: followed.job }),
      followed,
      ...(this.#price && { price: this.#price }),
    };
    const baseline = await this.#findBaseline(facts);
    return this.#told({ ...facts, ...(baseline && { baseline }) }, followed);
  }

  /** For a job with metrics, what the baseline ref's last one reached; one notice when that is not known. */
  async #findBaseline(facts: JobFacts): Promise<BaselineRecord | undefined> {
    const { baselineRef: ref } = this.plan.report;
    const { finalMetrics, series = [] } = jobRecord(facts);
    if (ref === undefined || facts.followed?.end !== 'ended' || finalMetrics.length + series.length === 0) {
      return undefined;
    }
    const connect = async () => (await this.#connect(HASTY_ATTEMPTS)).jobs;
    const { source, signal } = this.context;
    const imageUri = facts.job?.AlgorithmSpecification?.TrainingImage ?? this.image.uri;
    try {
      const answer = await findBaseline(connect, { ref, source, jobName: facts.name, imageUri }, signal);
      if (answer.baseline === undefined) this.#notice(answer.why);
      return answer.baseline;
    } catch (error) {
      if (!(error instanceof CanceledError)) throw error;
      this.#notice(`No baseline: the run was canceled while the jobs of ${ref} were looked for.`);
      return undefined;
    }
  }

  async #withoutWaiting(base: JobFacts): Promise<TrainResult> {
    const { name } = base;
    let job: DescribeTrainingJobResponse | undefined;
    try {
      job = await (await this.#connected()).jobs.describe(name, this.context.signal);
    } catch (error) {
      // It is started; how it is, is for whoever waits.
      if (!(error instanceof AwsError)) throw error;
    }
    const facts = { ...base, ...(job && { job }) };
    const record = jobRecord(facts);
    this.#letGo();
    if (isOver(record.status)) {
      return this.#result(record, outcomeOf(record, {}), []);
    }
    const detail = `${record.joined ? 'Joined' : 'Started'} ${name}; it is not waited for.`;
    this.context.log.info(`${detail} ${this.#howToJoin(name)}`);
    return this.#result(record, { outcome: 'passed', detail }, []);
  }

  /** The result in words, after following. */
  #told(facts: JobFacts, followed: Followed): TrainResult {
    const record = jobRecord(facts);
    const { name, region } = record;
    this.#letGo();
    if (followed.end !== 'ended') {
      const left = followed.end === 'left';
      const message = left
        ? (followed.why ?? '')
        : `How the training job ${name} is cannot be known any more, and it may be well: ${followed.why}`;
      const fix = [followed.fix, this.#howToJoin(name), `Or stop it: \`${stopByHand(name, region)}\`.`];
      return this.#result(
        record,
        {
          outcome: 'unknown',
          detail: message,
          failure: { message, fix: fix.filter(Boolean).join(' ') },
        },
        followed.series,
      );
    }
    const interruptions = record.transitions.filter(({ status }) => status === 'Interrupted').length;
    if (interruptions > 0) {
      this.#notice(
        `The job lost its spot capacity ${interruptions === 1 ? 'once' : `${interruptions} times`}.`,
      );
    }
    if (record.status === 'Completed' && followed.lines > 0) {
      const silent = followed.series.filter(({ values }) => values.length === 0).map(({ name }) => name);
      if (silent.length > 0) {
        this.#notice(
          `No line of the log matched the metric ${silent.join(', ')}: see \`metric-definitions\`.`,
        );
      }
    }
    const outcome = outcomeOf(record, followed);
    const explained =
      outcome.outcome === 'failed' && record.status !== 'Completed' && record.stoppedBecause === undefined;
    return this.#result(
      record,
      outcome,
      followed.series,
      explained ? this.#explain(facts, followed) : undefined,
    );
  }

  #explain({ job, region }: JobFacts, followed: Followed): Pick<TrainResult, 'diagnosis' | 'annotations'> {
    const { plan } = this;
    const { training } = plan;
    const statusMessage = job?.SecondaryStatusTransitions?.findLast(({ StatusMessage }) => StatusMessage);
    const { diagnosis, annotation } = explainJob(
      {
        status: job?.TrainingJobStatus ?? 'Unknown',
        ...(job?.SecondaryStatus && { secondaryStatus: job.SecondaryStatus }),
        ...(job?.FailureReason && { failureReason: job.FailureReason }),
        ...(statusMessage?.StatusMessage && { statusMessage: statusMessage.StatusMessage }),
        logTail: followed.tail.beforeRestart ? [] : followed.tail.lines,
        ...(followed.logStreams !== undefined && { logStreams: followed.logStreams }),
        spot: this.job.spot,
        checkpoints: this.job.checkpointPath !== undefined,
        region,
        networkIsolated: training.networkIsolation,
        toolkitEnvironment: training.toolkitEnvironment,
        ...(training.entrypoint && { entrypoint: training.entrypoint }),
        knownChannels: this.job.channels.map(({ name }) => name),
      },
      repositoryFiles(plan.workspace),
    );
    return { diagnosis, annotations: [annotation] };
  }

  #lostAtStart({ name, why, fix }: Extract<Started, { kind: 'lost' }>): TrainResult {
    // Post is not told to let go: should the job be there, it is this run's.
    const message = `Whether the training job ${name} was started is not known: ${why}`;
    const facts = this.#facts as JobFacts;
    const record = { ...jobRecord(facts), status: 'Unknown' };
    return this.#result(record, {
      outcome: 'unknown',
      detail: message,
      failure: { message, fix: `${fix} ${this.#howToJoin(name)}` },
    });
  }

  /** Stops the job, or leaves it as the plan wants, and says what was done. */
  async #cancel(): Promise<TrainResult> {
    const { context, world } = this;
    const current = this.#current;
    const facts = this.#facts;
    if (current === undefined || facts === undefined) throw new CanceledError();
    const { name, region, stopOnCancel, ours } = current.job;
    const letGo = () => world.remember(undefined);
    const byHand = `Stop it by hand: \`${stopByHand(name, region)}\`.`;
    let { arn } = facts;
    const end = (detail: string, change: Partial<JobRecord> = {}): TrainResult => {
      context.log.info(detail);
      const record: JobRecord = { ...jobRecord({ ...facts, arn }), ...change };
      world.onKnown(record);
      return this.#result(record, { outcome: 'canceled', detail });
    };
    const foreign = current.exists && !ours;
    if (foreign || !stopOnCancel) {
      letGo();
      const why = !foreign ? 'stop-on-cancel is false' : this.#starter;
      return end(
        `The training job ${name} goes on, and is paid for: ${why}. ${this.#howToJoin(name)} ${byHand}`,
      );
    }
    context.log.info(`The run is canceled: stopping the training job ${name}.`);
    // Before AWS has said that it is made, another leg of the matrix may be the one that makes it.
    const isOurs = ours ? isMadeBy(context.runId) : mayBeStoppedBy(context.runId, context.source);
    const result = await stopJob(
      async () => (await this.#connect(HASTY_ATTEMPTS)).jobs,
      {
        name,
        within: CANCEL_MS,
        mayComeFor: current.exists ? 0 : CANCEL_MS,
        ...(!(ours && current.exists) && { isOurs }),
        // The answer to the create call may never have come.
        onSeen: ({ TrainingJobArn }) => {
          arn = TrainingJobArn ?? arn;
        },
      },
      this.#clock,
    );
    const because = 'the run was canceled';
    switch (result.kind) {
      case 'stopping':
        letGo();
        return end(
          `The training job ${name} is stopping: its container gets SIGTERM and 120 s, what it has written to /opt/ml/model is kept.`,
          { status: 'Stopping', stoppedBecause: because },
        );
      case 'accepted':
        return end(
          `AWS has taken the call to stop the training job ${name}, and it was not seen stopping yet. The post step looks again. ${byHand}`,
          { status: 'Unknown' },
        );
      case 'ended':
        letGo();
        return end(`The training job ${name} had come to its end already.`);
      case 'not-ours':
        letGo();
        return end(`The training job ${name} is not this run's: it was left alone.`);
      case 'absent':
        // It may be on its way still: post looks again.
        return end(`The training job ${name} was not there to be stopped. The post step looks again.`);
      case 'failed':
        return end(
          `The training job ${name} could not be stopped yet: ${result.why} ${result.fix} The post step tries again. ${byHand}`,
          { status: 'Unknown' },
        );
    }
  }

  /** The image that is trained is one that this run has built or pushed. */
  get #ownImage(): boolean {
    const { image, push } = this.plan;
    return (image.kind === 'build' || push !== undefined) && !namesImage(this.job.overrides);
  }

  #howToJoin(name: string): string {
    // Built again, it is perhaps another one, with which another run's job is not joined.
    const how = this.#ownImage
      ? '; in another run, name its image as `image-uri` in place of building or pushing one'
      : '';
    return `To follow it, run this step again with the same inputs and \`training-job-name: ${name}\`${how}.`;
  }

  #factsOf(request: CreateTrainingJobRequest, { overridden }: TrainingRequests, region: string): JobFacts {
    const name = request.TrainingJobName ?? '';
    return { name, arn: '', region, joined: false, request, overridden, plan: this.job };
  }

  #answerFor(
    name: string,
    region: string,
    { ours, exists }: { readonly ours: boolean; readonly exists: boolean },
  ): void {
    const { stopOnCancel } = this.plan.follow;
    const job: JobState = { name, region, stopOnCancel, ours, ...(!exists && { coming: true }) };
    this.#current = { job, exists };
    this.#isOver = false;
    this.#remember(exists && !ours ? undefined : job);
  }

  #letGo(): void {
    this.#remember(undefined);
  }

  #remember(job: JobState | undefined): void {
    if (!this.#orphaned) this.world.remember(job);
  }

  async #connected() {
    try {
      return await this.#connect(ATTEMPTS);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new StageFailure({ message: error.message, fix: error.fix });
    }
  }

  /** The price that the user gave, or AWS's; without either, nothing is estimated. */
  async #askPrice(region: string, instanceType: string): Promise<void> {
    const given = this.job.hourlyPrice;
    if (given !== undefined) {
      this.#price = { hourly: given, source: PRICE_SOURCES.given };
      return;
    }
    this.#price = undefined;
    try {
      const {
        askPrice = (at, type, signal) =>
          askHourlyPrice({ region: at, instanceType: type }, signal, this.#pace),
      } = this.world;
      const hourly = await askPrice(region, instanceType, this.context.signal);
      if (hourly !== undefined) this.#price = { hourly, source: PRICE_SOURCES.asked };
    } catch (error) {
      // Nice to have, and most roles may not ask.
      if (!(error instanceof AwsError) && !(error instanceof CanceledError)) throw error;
    }
  }

  /** The image as the job runs it: pinned, when that can be. */
  async #resolveImage(): Promise<ResolvedImage> {
    const { docker, signal } = this.context;
    const { toolkitEnvironment, entrypoint } = this.plan.training;
    const { image } = this;
    const open =
      this.world.openEcr ??
      ((registry) =>
        openEcr({ ...this.plan.aws, ...(registry && { region: registry.region }) }, signal, this.#pace));
    const resolved = await resolveImage({
      docker,
      signal,
      image,
      pins: !namesImage(this.job.overrides),
      needsEntrypoint: toolkitEnvironment && entrypoint === undefined,
      open: () => open(image.registry, signal),
    });
    if (resolved.notice !== undefined) this.#notice(resolved.notice);
    if (resolved.uri !== image.uri) this.context.log.info(`${image.uri} is ${resolved.uri}.`);
    return resolved;
  }

  #throwIfCanceled(): void {
    if (this.context.signal.aborted) throw new CanceledError();
  }

  /** Once, however many jobs it was so with. */
  #warn(message: string): void {
    if (this.#annotations.some((annotation) => annotation.message === message)) return;
    this.#annotations.push({ level: 'warning', title: 'Training job', message });
  }

  #notice(message: string): void {
    this.#notices.push(message);
    this.context.log.info(message);
  }

  #result(
    job: JobRecord,
    { outcome, detail, failure }: Pick<TrainResult, 'outcome' | 'detail' | 'failure'>,
    metrics: readonly MetricRecord[] = [],
    explanation: Pick<TrainResult, 'diagnosis' | 'annotations'> = { annotations: [] },
  ): TrainResult {
    if (!this.#orphaned) this.world.onKnown(job);
    return {
      outcome,
      detail,
      job,
      ...(failure && { failure }),
      ...explanation,
      annotations: [...this.#annotations, ...explanation.annotations],
      metrics: metrics.filter(({ values }) => values.length > 0),
      notices: [...this.#notices],
    };
  }
}

/** Whether the overrides say themselves what is trained. */
function namesImage(overrides: JobPlan['overrides']): boolean {
  const specification = Object(overrides['AlgorithmSpecification']) as Record<string, unknown>;
  return 'TrainingImage' in specification || 'AlgorithmName' in specification;
}

const isOver = (status: string | undefined): boolean => /^(?:Completed|Failed|Stopped)$/.test(status ?? '');

function machines({ ResourceConfig, EnableManagedSpotTraining }: CreateTrainingJobRequest): string {
  const { type, count } = machinesOf(ResourceConfig);
  return `${count} × ${type}${EnableManagedSpotTraining ? ' (spot)' : ''}`;
}
