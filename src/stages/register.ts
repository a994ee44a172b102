import { AwsError } from '../aws/aws-error.js';
import {
  connectModelRegistry,
  type DescribeModelPackageOutput,
  type ModelRegistry,
} from '../aws/model-registry.js';
import { connectObjects, type Objects } from '../aws/objects.js';
import { connectTrainingJobs, type TrainingJobs } from '../aws/training-jobs.js';
import { CanceledError } from '../docker/docker.js';
import type { AwsPlan, ModelPackageRecord, Plan, RegisterPlan, SourceRecord } from '../plan.js';
import { whenAborted } from '../runner/cancel.js';
import type { StageContext } from './context.js';
import type { MadeModel } from './made-model.js';
import { pinningTags } from './pinning-tags.js';
import {
  type CardFacts,
  cardContent,
  fitsCard,
  packageCardContent,
  spelledIn,
} from './register/card-content.js';
import { type PinnedImage, pinImage } from './register/image-digest.js';
import { customerMetadata, sourceIn } from './register/metadata.js';
import { metricsReport, reportUri } from './register/metrics-report.js';
import { writeCard } from './register/model-card.js';
import { readModelInfo } from './register/model-info.js';
import { type PackageKnowledge, packageRecord, versionOf } from './register/package-record.js';
import { packageRequest } from './register/package-request.js';
import { refusal } from './register/refusal.js';
import { isLost, SteadyConnection } from './register/steady-connection.js';
import { findTraining, trainedByRun } from './register/trained-by.js';
import {
  findSame,
  type KnownVersion,
  knownVersions,
  listedOf,
  MOST_VERSIONS,
  shownVersion,
} from './register/versions.js';
import { StageFailure } from './stage-failure.js';
import type { StageResult } from './stage-result.js';
import { type JobClock, systemJobClock } from './train/job-clock.js';

/** Attempts of one call; the stage makes it again and again by itself. */
const ATTEMPTS = 3;
/** Of a call that nothing depends on. */
const HASTY_ATTEMPTS = 2;
/** A new group takes versions at once; a new version is complete at once, unless AWS validates it. */
const GROUP_WAIT_MS = 60_000;
const VERSION_WAIT_MS = 10 * 60_000;
const POLL_MS = 3_000;
/** A request that is on its way when the run is canceled has this long to be answered. */
const CREATE_GRACE_MS = 1_500;

export interface RegisterWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: ModelPackageRecord) => void;
  readonly clock?: JobClock;
  readonly connect?: (attempts: number) => Promise<RegisterConnection>;
  /** The image by its digest. */
  readonly pin?: (reference: string, plan: AwsPlan, signal: AbortSignal) => Promise<PinnedImage>;
}

/** The ways to AWS that the stage needs. */
export interface RegisterConnection {
  readonly registry: ModelRegistry;
  readonly objects: Objects;
  readonly jobs: TrainingJobs;
}

export interface RegisterResult extends StageResult {
  readonly modelPackage?: ModelPackageRecord;
}

/**
 * Registers the model as a version of its group, with where it comes from, its metrics and its card. The same
 * image and model are one version: a repeated run finds it.
 *
 * @throws StageFailure when nothing was registered
 * @throws CanceledError when the run is canceled before anything was registered
 */
export async function register(
  context: StageContext,
  plan: Plan,
  made: MadeModel,
  world: RegisterWorld,
): Promise<RegisterResult> {
  const { register: part } = plan;
  if (part === undefined) throw new Error('The plan registers nothing.');
  return new Registration(context, plan, part, made, world).run();
}

class Registration {
  readonly #clock: JobClock;
  readonly #aws: SteadyConnection<RegisterConnection>;
  readonly #registry: SteadyConnection<ModelRegistry>;
  readonly #notices: string[] = [];
  #region = '';
  #groupCreated = false;
  /** From the moment at which a version may be there. */
  #creating = false;
  #known: PackageKnowledge | undefined;

  constructor(
    private readonly context: StageContext,
    private readonly plan: Plan,
    private readonly part: RegisterPlan,
    private readonly made: MadeModel,
    private readonly world: RegisterWorld,
  ) {
    this.#clock = world.clock ?? systemJobClock;
    const connect = world.connect ?? connectTo(plan.aws);
    this.#aws = new SteadyConnection(() => connect(ATTEMPTS), this.#clock, context.signal);
    this.#registry = new SteadyConnection(
      async () => (await connect(ATTEMPTS)).registry,
      this.#clock,
      context.signal,
    );
  }

  async run(): Promise<RegisterResult> {
    try {
      return await this.#work();
    } catch (error) {
      if (error instanceof CanceledError || this.context.signal.aborted) return this.#canceled(error);
      if (error instanceof AwsError) return this.#troubled(error);
      throw error;
    }
  }

  async #work(): Promise<RegisterResult> {
    const { context, part, plan, made, world } = this;
    const { signal, source, log } = context;
    const modelArtifacts = this.#artifacts();
    const { pin = pinImage } = world;
    const image = await pin(this.#image(), plan.aws, signal);
    this.#region = (await this.#registry.connected()).region;
    await this.#ensureGroup();

    const objects = await this.#aws.call(async (connection) => connection.objects);
    const model = await readModelInfo(objects, modelArtifacts, signal);
    for (const notice of model.notices) this.#notice(notice);
    const training =
      made.job !== undefined && part.modelArtifacts === undefined
        ? trainedByRun(made.job)
        : await findTraining(async () => (await this.#connectHastily()).jobs, modelArtifacts, signal);

    const versions = await knownVersions(this.#registry, part.group, signal);
    const identity = {
      imageDigest: image.digest,
      modelArtifacts,
      ...(model.etag !== undefined && { etag: model.etag }),
    };
    const same = findSame(versions, identity);
    const facts: CardFacts = {
      source,
      group: part.group,
      imageUri: image.uri,
      modelArtifacts,
      ...(training && { training }),
    };
    if (same !== undefined) return this.#alreadyThere(same, versions, facts);

    const report = training && metricsReport(training, source);
    const reported = report && {
      uri: reportUri(modelArtifacts, part.reportPath, report.name),
      digest: report.digest,
    };
    if (report !== undefined && reported !== undefined) {
      const kmsKeyId = plan.job?.kmsKeyId;
      await this.#aws.call((connection) =>
        connection.objects.put(
          reported.uri,
          { body: report.body, contentType: 'application/json', ...(kmsKeyId !== undefined && { kmsKeyId }) },
          signal,
        ),
      );
    } else {
      this.#notice('There are no metrics to register: no training job of this model reported any.');
    }
    const { properties, leftOut } = customerMetadata({
      ...identity,
      source,
      own: part.metadata,
      info: model.info,
      ...(training && { training }),
      ...(part.card && { card: cardName(part) }),
    });
    if (leftOut.length > 0) {
      this.#notice(`The registry takes 50 entries of metadata; left out: ${leftOut.join(', ')}.`);
    }
    const told: CardFacts = { ...facts, ...(reported && { metricsReport: reported.uri }) };
    const card = part.card && packageCardContent(part.card, told);
    if (card !== undefined && !fitsCard(card)) throw cardTooLong(card);
    const request = packageRequest({
      plan: part,
      source,
      imageUri: image.uri,
      modelArtifacts,
      metadata: properties,
      newest: versions[0]?.listed.version ?? 0,
      ...(reported && { report: reported }),
      ...(card !== undefined && { card }),
    });

    log.info(`Registering the model as a version of ${part.group} in ${this.#region}.`);
    const creating = new AbortController();
    void whenAborted(signal)
      .then(() => this.#clock.sleep(CREATE_GRACE_MS))
      .then(() => creating.abort());
    this.#creating = true;
    const arn = await this.#registry.call((registry) => registry.create(request, creating.signal));
    this.#know({
      arn,
      group: part.group,
      region: this.#region,
      created: true,
      groupCreated: this.#groupCreated,
      wanted: {
        approvalStatus: part.approvalStatus,
        image: image.uri,
        modelArtifacts,
        metadata: properties,
        ...(reported && { metricsReport: reported.uri }),
      },
      versions: versions.map(shownVersion),
    });
    const described = await this.#whenComplete(arn);
    this.#know({
      described,
      versions: [
        shownVersion({ described, listed: listedOf(arn, described) }),
        ...versions.map(shownVersion),
      ].slice(0, MOST_VERSIONS),
    });
    if (described.ModelPackageStatus === 'Failed') return this.#registrationFailed(described);
    if (described.ModelPackageStatus !== 'Completed') return this.#notComplete(described);
    const words = await this.#writeCard(told, described);
    return this.#done(
      `Registered ${part.group} version ${versionOf(arn) ?? '?'} (${described.ModelApprovalStatus ?? part.approvalStatus}).${words}`,
    );
  }

  /** The very model is a version already: only its card may be missing. */
  async #alreadyThere(
    same: KnownVersion,
    versions: readonly KnownVersion[],
    facts: CardFacts,
  ): Promise<RegisterResult> {
    const { part } = this;
    const { described, listed } = same;
    this.#know({
      arn: listed.arn,
      group: part.group,
      region: this.#region,
      created: false,
      groupCreated: this.#groupCreated,
      described,
      versions: versions.map(shownVersion),
    });
    const status = described.ModelApprovalStatus ?? listed.approvalStatus;
    const wording = `${part.group} version ${listed.version} is this image and this model already (${status})`;
    if (status !== part.approvalStatus) {
      this.#notice(
        `${wording}; registering again changes no decision, so \`approval-status: ${part.approvalStatus}\` was not applied. To change it, use the stage \`approve\`.`,
      );
    }
    const metrics = described.ModelMetrics?.ModelQuality?.Statistics?.S3Uri;
    const words = await this.#writeCard({ ...facts, ...(metrics && { metricsReport: metrics }) }, described);
    return this.#done(`Unchanged: ${wording}.${words}`);
  }

  /** @returns what to add to the stage's sentence */
  async #writeCard(facts: CardFacts, described: DescribeModelPackageOutput): Promise<string> {
    const { context, part, plan } = this;
    if (part.card === undefined) return '';
    const arn = described.ModelPackageArn ?? '';
    const version = described.ModelPackageVersion;
    // The card says who registered the version, also when another run looks at it again.
    const registrant = await this.#registrant(described);
    const content = cardContent(
      part.card,
      { ...facts, source: registrant },
      {
        arn,
        ...(version !== undefined && { version }),
        approvalStatus: described.ModelApprovalStatus ?? part.approvalStatus,
        registeredAt: (described.CreationTime ?? new Date(this.#clock.now())).toISOString(),
      },
    );
    if (!fitsCard(content)) throw cardTooLong(content);
    const { card, change } = await writeCard(
      this.#registry,
      {
        name: cardName(part),
        status: part.card.status,
        content,
        tags: pinningTags(context.source, plan.aws.tags),
      },
      this.#clock,
      context.signal,
    );
    this.#know({ card });
    return ` Model card ${card.name} ${change === 'unchanged' ? 'is' : `${change}:`} version ${card.version}.`;
  }

  /** Whose version it is: this run's, or by its metadata; as its card spells it, where that is there already. */
  async #registrant({
    ModelPackageArn = '',
    CustomerMetadataProperties,
  }: DescribeModelPackageOutput): Promise<SourceRecord> {
    const { context, part } = this;
    if (this.#known?.created === true) return context.source;
    const source = sourceIn(CustomerMetadataProperties ?? {}, context.source);
    const card = await this.#registry.call((registry) =>
      registry.describeCard(cardName(part), context.signal),
    );
    return card === undefined ? source : spelledIn(card.content, ModelPackageArn, source);
  }

  async #ensureGroup(): Promise<void> {
    const { context, part, plan } = this;
    const { signal, source, log } = context;
    const look = () => this.#registry.call((registry) => registry.describeGroup(part.group, signal));
    const group = await look();
    if (group === undefined) {
      if (!part.createGroup) throw groupMissing(part.group, this.#region);
      log.info(`Creating the model package group ${part.group} in ${this.#region}.`);
      const tags = pinningTags(source, plan.aws.tags);
      const answer = await this.#registry.call((registry) => registry.createGroup(part.group, tags, signal));
      this.#groupCreated = answer === 'created';
    }
    const until = this.#clock.now() + GROUP_WAIT_MS;
    for (let seen = group ?? (await look()); ; seen = await look()) {
      if (seen?.status === 'Completed') return;
      if (seen !== undefined && /^(?:Deleting|DeleteFailed|Failed)$/.test(seen.status)) {
        throw new StageFailure({
          message: `The model package group ${part.group} cannot take a version: its status is ${seen.status}.`,
          fix: 'Use another group in `model-package-group`, or remove this one and let it be created anew.',
        });
      }
      if (this.#clock.now() >= until) {
        throw new StageFailure({
          message: `The model package group ${part.group} did not get ready within a minute (${seen?.status ?? 'not there yet'}).`,
          fix: 'Run it again.',
        });
      }
      await this.#clock.sleep(POLL_MS, signal);
    }
  }

  /** The version, when AWS is done with it or takes too long. */
  async #whenComplete(arn: string): Promise<DescribeModelPackageOutput> {
    const { signal } = this.context;
    const until = this.#clock.now() + VERSION_WAIT_MS;
    for (;;) {
      const described = await this.#registry.call((registry) => registry.describe(arn, signal));
      const over = this.#clock.now() >= until;
      if (described !== undefined) {
        if (over || !/^(?:Pending|InProgress)$/.test(described.ModelPackageStatus ?? '')) return described;
        this.#know({ described });
      } else if (over) {
        throw new StageFailure({
          message: `AWS gave the version the address ${arn}, and does not find it.`,
          fix: 'Somebody may have deleted it. Run it again.',
        });
      }
      await this.#clock.sleep(POLL_MS, signal);
    }
  }

  #registrationFailed({ ModelPackageStatusDetails: details }: DescribeModelPackageOutput): RegisterResult {
    const reasons = [...(details?.ValidationStatuses ?? []), ...(details?.ImageScanStatuses ?? [])].flatMap(
      ({ Name = '', FailureReason }) => (FailureReason ? [`${Name}: ${FailureReason}`] : []),
    );
    const message = `AWS refused the version ${this.#known?.arn ?? ''} after it was made${reasons.length > 0 ? `: ${reasons.join('; ')}` : ', and gave no reason'}.`;
    return this.#result({
      outcome: 'failed',
      detail: message,
      failure: {
        message,
        fix: 'Correct what it names and run it again: the version that failed is not used by anything, and can be deleted.',
      },
    });
  }

  #notComplete({ ModelPackageStatus, ModelPackageArn = '' }: DescribeModelPackageOutput): RegisterResult {
    const message = `The version ${ModelPackageArn} is there, and after ten minutes not complete yet (${ModelPackageStatus}).`;
    return this.#result({
      outcome: 'unknown',
      detail: message,
      failure: { message, fix: `${this.#howToLook()} Running this again finds the version and goes on.` },
    });
  }

  /** AWS refused a call, or could not be asked any more. */
  #troubled(error: AwsError): RegisterResult {
    const known = this.#known;
    const lost = isLost(error);
    if (known === undefined && !(this.#creating && lost)) {
      const { failure, diagnosis } = refusal(error, 'The model was not registered.', this.#region);
      throw new StageFailure(failure, [], diagnosis);
    }
    if (known === undefined) {
      const message = `Whether the model was registered is not known: ${error.message}`;
      return this.#result({
        outcome: 'unknown',
        detail: message,
        failure: {
          message,
          fix: `${error.fix} ${this.#howToLook()} Running this again is safe: the same model is registered once.`,
        },
      });
    }
    const place = `The model is registered (${known.arn})`;
    const what = lost
      ? `${place}; what became of the rest is not known.`
      : `${place}, the rest was not done.`;
    const { failure, diagnosis } = refusal(error, what, this.#region);
    return this.#result({
      outcome: lost ? 'unknown' : 'failed',
      detail: failure.message,
      failure: {
        ...failure,
        fix: `${failure.fix ?? ''} Running this again finds the version and goes on.`.trim(),
      },
      ...(diagnosis && { diagnosis }),
    });
  }

  #canceled(error: unknown): RegisterResult {
    if (this.#known === undefined && !this.#creating) throw error;
    const detail =
      this.#known === undefined
        ? `The run was canceled while the model was being registered: whether it is a version of ${this.part.group} is not known. Running this again is safe: the same model is registered once.`
        : `The run was canceled when the model was registered already: ${this.#known.arn}. Running this again finds the version and goes on.`;
    this.context.log.info(detail);
    return this.#result({ outcome: 'canceled', detail });
  }

  #howToLook(): string {
    return `To look: \`aws sagemaker list-model-packages --model-package-group-name ${this.part.group} --region ${this.#region}\`.`;
  }

  #artifacts(): string {
    const artifacts = this.part.modelArtifacts ?? this.made.job?.modelArtifacts;
    if (artifacts !== undefined) return artifacts;
    const { job } = this.made;
    throw new StageFailure(
      job === undefined
        ? {
            message:
              'There is no model to register: this run trained none, and `model-artifacts` names none.',
            fix: 'Add `train` to `stages`, or set `model-artifacts` to the model.tar.gz in S3.',
          }
        : {
            message: `There is no model to register: the training job ${job.name} (${job.status}) has not written one yet.`,
            fix: 'Leave out `wait: false`, so that the job is followed to its end; or register later with `model-artifacts`.',
          },
    );
  }

  #image(): string {
    const uri = this.made.imageUri;
    if (uri !== undefined) return uri;
    throw new StageFailure({
      message: 'There is no image in ECR to register the model with.',
      fix: 'Add `push` to `stages`, or set `image-uri`.',
    });
  }

  async #connectHastily(): Promise<RegisterConnection> {
    return (this.world.connect ?? connectTo(this.plan.aws))(HASTY_ATTEMPTS);
  }

  #know(change: Partial<PackageKnowledge>): void {
    this.#known = { ...(this.#known as PackageKnowledge), ...change };
    this.world.onKnown(packageRecord(this.#known));
  }

  #notice(message: string): void {
    this.#notices.push(message);
    this.context.log.info(message);
  }

  #done(detail: string): RegisterResult {
    this.context.log.info(detail);
    return this.#result({ outcome: 'passed', detail });
  }

  #result(result: Pick<RegisterResult, 'outcome' | 'detail' | 'failure' | 'diagnosis'>): RegisterResult {
    return {
      ...result,
      notices: this.#notices,
      ...(this.#known && { modelPackage: packageRecord(this.#known) }),
    };
  }
}

const connectTo =
  (plan: AwsPlan) =>
  async (attempts: number): Promise<RegisterConnection> => {
    const [registry, objects, jobs] = await Promise.all([
      connectModelRegistry(plan, attempts),
      connectObjects(plan, attempts),
      connectTrainingJobs(plan, attempts),
    ]);
    return { registry, objects, jobs };
  };

const cardName = ({ card, group }: RegisterPlan): string => card?.name ?? group;

function groupMissing(group: string, region: string): StageFailure {
  return new StageFailure({
    message: `There is no model package group ${group} in ${region}.`,
    fix: `Set \`create-model-package-group: true\`, or create it: \`aws sagemaker create-model-package-group --model-package-group-name ${group} --region ${region}\`. Check \`model-package-group\` and \`aws-region\` for a typing error.`,
  });
}

function cardTooLong(content: string): StageFailure {
  return new StageFailure({
    message: `The model card has ${content.length} characters of JSON with what the run fills in; SageMaker takes 100000.`,
    fix: 'Shorten the file that `model-card` names.',
  });
}
