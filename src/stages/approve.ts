import { AwsError } from '../aws/aws-error.js';
import {
  connectModelRegistry,
  type DescribeModelPackageOutput,
  type ModelRegistry,
} from '../aws/model-registry.js';
import { CanceledError } from '../docker/docker.js';
import type { ApprovePlan, ModelPackageRecord, Plan, SourceRecord } from '../plan.js';
import type { StageContext } from './context.js';
import { tagValue } from './pinning-tags.js';
import { approvedCard } from './register/card-content.js';
import { METADATA } from './register/metadata.js';
import { writeCard } from './register/model-card.js';
import { numberedVersion } from './register/numbered-version.js';
import { groupOf, type PackageKnowledge, packageRecord, versionOf } from './register/package-record.js';
import { plainText } from './register/package-request.js';
import { refusal } from './register/refusal.js';
import { isLost, SteadyConnection } from './register/steady-connection.js';
import { knownVersions, shownVersion } from './register/versions.js';
import { StageFailure } from './stage-failure.js';
import type { StageResult } from './stage-result.js';
import { type JobClock, systemJobClock } from './train/job-clock.js';

/** Attempts of one call; the stage makes it again and again by itself. */
const ATTEMPTS = 3;

export interface ApproveWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: ModelPackageRecord) => void;
  readonly clock?: JobClock;
  readonly connect?: (attempts: number) => Promise<ModelRegistry>;
}

export interface ApproveResult extends StageResult {
  readonly modelPackage?: ModelPackageRecord;
}

/**
 * Gives a version of the model registry its approval status, with who decided it, when and in which run. A version
 * that has the status already is left as it is. Nothing is waited for: whoever must agree first is GitHub's
 * environment to ask.
 *
 * @throws StageFailure when there is no such version, or AWS refuses
 * @throws CanceledError
 */
export async function approve(
  context: StageContext,
  plan: Plan,
  world: ApproveWorld,
): Promise<ApproveResult> {
  const { approve: part } = plan;
  if (part === undefined) throw new Error('The plan approves nothing.');
  return new Approval(context, plan, part, world).run();
}

class Approval {
  readonly #clock: JobClock;
  readonly #aws: SteadyConnection<ModelRegistry>;
  readonly #notices: string[] = [];
  #region = '';
  #known: PackageKnowledge | undefined;
  /** `sent`: AWS may have changed the status. */
  #change: 'none' | 'sent' | 'done' = 'none';

  constructor(
    private readonly context: StageContext,
    plan: Plan,
    private readonly part: ApprovePlan,
    private readonly world: ApproveWorld,
  ) {
    this.#clock = world.clock ?? systemJobClock;
    const { connect = (attempts) => connectModelRegistry(plan.aws, attempts) } = world;
    this.#aws = new SteadyConnection(() => connect(ATTEMPTS), this.#clock, context.signal);
  }

  async run(): Promise<ApproveResult> {
    try {
      return await this.#work();
    } catch (error) {
      if (error instanceof CanceledError || this.context.signal.aborted) return this.#canceled(error);
      if (error instanceof AwsError) return this.#troubled(error);
      throw error;
    }
  }

  async #work(): Promise<ApproveResult> {
    const { context, part } = this;
    const { signal, log, source } = context;
    this.#region = (await this.#aws.connected()).region;
    const arn = await this.#find();
    const described = await this.#aws.call((registry) => registry.describe(arn, signal));
    if (described === undefined) throw missing(arn, this.#region);
    const group = described.ModelPackageGroupName ?? groupOf(arn);
    const base: PackageKnowledge = {
      arn: described.ModelPackageArn ?? arn,
      group,
      region: this.#region,
      created: false,
      groupCreated: false,
      described,
      versions: [],
    };
    this.#know(base);
    if (/^(?:Failed|Deleting)$/.test(described.ModelPackageStatus ?? '')) {
      throw new StageFailure({
        message: `The version ${base.arn} cannot be used: its status is ${described.ModelPackageStatus}.`,
        fix: 'Name another version in `model-package`, or register the model again.',
      });
    }
    const name = `${group} version ${described.ModelPackageVersion ?? versionOf(arn) ?? '?'}`;
    const before = described.ModelApprovalStatus ?? 'PendingManualApproval';
    if (before === part.status) {
      await this.#list(base);
      return this.#done(`Unchanged: ${name} is ${part.status} already.`);
    }
    const at = new Date(this.#clock.now()).toISOString();
    const description = approvalDescription(part, source, at);
    log.info(`Changing the approval status of ${name} from ${before} to ${part.status}.`);
    this.#change = 'sent';
    await this.#aws.call((registry) =>
      registry.update(
        {
          ModelPackageArn: base.arn,
          ModelApprovalStatus: part.status,
          ApprovalDescription: description,
          CustomerMetadataProperties: decisionMetadata(source, at),
        },
        signal,
      ),
    );
    this.#change = 'done';
    const after = (await this.#aws.call((registry) => registry.describe(base.arn, signal))) ?? described;
    const now: DescribeModelPackageOutput = { ...after, ModelApprovalStatus: part.status };
    this.#know({ described: now });
    await this.#noteOnCard(now, { description, at });
    await this.#list(base);
    return this.#done(`${name}: ${before} → ${part.status}.`);
  }

  async #find(): Promise<string> {
    const { package: wanted } = this.part;
    if (wanted.kind === 'arn') return wanted.arn;
    const { signal } = this.context;
    if (wanted.kind === 'version') {
      return this.#aws.call((registry) => numberedVersion(registry, wanted, signal));
    }
    const approved = wanted.kind === 'latest-approved';
    const found = await this.#aws.call((registry) => registry.latest(wanted.group, approved, signal));
    if (found !== undefined) return found.arn;
    throw new StageFailure({
      message: `The model package group ${wanted.group} has no ${approved ? 'approved ' : ''}version in ${this.#region}, or does not exist.`,
      fix: 'Check `model-package-group` and `aws-region`; register a version first (`stages: register`).',
    });
  }

  /** The version's model card says who approved it and when; a version without a card needs none. */
  async #noteOnCard(
    described: DescribeModelPackageOutput,
    decision: { readonly description: string; readonly at: string },
  ): Promise<void> {
    const { signal, source } = this.context;
    const name = described.CustomerMetadataProperties?.[METADATA.modelCard];
    if (name === undefined) return;
    try {
      const card = await this.#aws.call((registry) => registry.describeCard(name, signal));
      const content = card && approvedCard(card.content, described, { ...decision, ...source });
      // The card is about another version by now.
      if (card === undefined || content === undefined) return;
      const written = await writeCard(
        this.#aws,
        { name, status: card.status, content, tags: new Map() },
        this.#clock,
        signal,
      );
      this.#know({ card: written.card });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // The decision itself stands with the version.
      this.#notice(`The model card ${name} does not say it: ${error.message} ${error.fix}`);
    }
  }

  /** The group's versions, for the summary; whoever may not list them goes without. */
  async #list({ group }: PackageKnowledge): Promise<void> {
    try {
      const versions = await knownVersions(this.#aws, group, this.context.signal);
      this.#know({ versions: versions.map(shownVersion) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#notice(`The versions of ${group} are not listed: ${error.message}`);
    }
  }

  #troubled(error: AwsError): ApproveResult {
    const unknown = this.#change === 'sent' && isLost(error);
    const done = this.#change === 'done';
    const what = unknown
      ? `Whether the approval status was changed to ${this.part.status} is not known.`
      : done
        ? `The approval status was changed to ${this.part.status}; the rest was not done.`
        : 'The approval status was not changed.';
    const { failure, diagnosis } = refusal(error, what, this.#region);
    const again = 'Running this again is safe: a version that has the status already is left as it is.';
    return this.#result({
      outcome: unknown || (done && isLost(error)) ? 'unknown' : 'failed',
      detail: failure.message,
      failure: { ...failure, fix: `${failure.fix ?? ''} ${again}`.trim() },
      ...(diagnosis && { diagnosis }),
    });
  }

  #canceled(error: unknown): ApproveResult {
    if (this.#known === undefined || this.#change === 'none') throw error;
    const { arn } = this.#known;
    const detail =
      this.#change === 'done'
        ? `The run was canceled when the approval status of ${arn} was ${this.part.status} already.`
        : `The run was canceled while the approval status of ${arn} was being changed: whether it is ${this.part.status} is not known. Running this again is safe.`;
    this.context.log.info(detail);
    return this.#result({ outcome: 'canceled', detail });
  }

  #know(change: Partial<PackageKnowledge>): void {
    this.#known = { ...(this.#known as PackageKnowledge), ...change };
    this.world.onKnown(packageRecord(this.#known));
  }

  #notice(message: string): void {
    this.#notices.push(message);
    this.context.log.info(message);
  }

  #done(detail: string): ApproveResult {
    this.context.log.info(detail);
    return this.#result({ outcome: 'passed', detail });
  }

  #result(result: Pick<ApproveResult, 'outcome' | 'detail' | 'failure' | 'diagnosis'>): ApproveResult {
    return {
      ...result,
      notices: this.#notices,
      ...(this.#known && { modelPackage: packageRecord(this.#known) }),
    };
  }
}

/** `ApprovalDescription`, at most 1024 characters: why, by whom, when, in which run. */
function approvalDescription({ status, description }: ApprovePlan, source: SourceRecord, at: string): string {
  const { actor, runUrl } = source;
  const facts = `${status}${actor ? ` by ${actor}` : ''} at ${at}${runUrl ? `, ${runUrl}` : ''}`;
  const why = plainText(description ?? '').slice(0, 1_000 - facts.length);
  return plainText(why === '' ? facts : `${why} (${facts})`);
}

/** The same for programs. */
function decisionMetadata({ actor, runUrl }: SourceRecord, at: string): Record<string, string> {
  const entries = [
    [METADATA.approvedBy, actor],
    [METADATA.approvedAt, at],
    [METADATA.approvalRun, runUrl],
  ] as const;
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (value ? [[key, tagValue(value)] as const] : [])),
  );
}

function missing(arn: string, region: string): StageFailure {
  return new StageFailure({
    message: `There is no model package ${arn} in ${region}.`,
    fix: 'Check `model-package` (account, Region, group and version) and `aws-region`.',
  });
}
