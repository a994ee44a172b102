import type {
  CreateModelPackageInput,
  DescribeModelPackageOutput,
  ModelPackageSummary,
  UpdateModelPackageInput,
} from '@aws-sdk/client-sagemaker';
import type { ApprovalStatus, AwsPlan, ModelCardPlan } from '../plan.js';
import { AwsError } from './aws-error.js';
import { call } from './call.js';
import { openSageMaker, sendingWhole } from './sagemaker.js';

export type { CreateModelPackageInput, DescribeModelPackageOutput, UpdateModelPackageInput };

/** A group of versions, as far as the action needs to know it. */
export interface ModelPackageGroup {
  readonly name: string;
  readonly arn: string;
  /** ModelPackageGroupStatus: `Completed` when versions can be added. */
  readonly status: string;
}

/** A version as ListModelPackages shows it. */
export interface ListedVersion {
  readonly arn: string;
  readonly version: number;
  /** ModelPackageStatus. */
  readonly status: string;
  readonly approvalStatus: ApprovalStatus;
  readonly createdAt: Date;
}

export interface ModelCard {
  readonly name: string;
  readonly arn: string;
  readonly version: number;
  readonly status: ModelCardPlan['status'];
  /** JSON by the model-card schema. */
  readonly content: string;
}

/**
 * SageMaker's model registry and its model cards in one Region. Every call rejects with {@link AwsError}, or
 * CanceledError.
 */
export interface ModelRegistry {
  readonly region: string;
  /** @returns undefined when there is no group of this name */
  describeGroup(name: string, signal: AbortSignal): Promise<ModelPackageGroup | undefined>;
  /** A group that is there already is as good. */
  createGroup(
    name: string,
    tags: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<'created' | 'existing'>;
  /** @returns the version's ARN; the same for every call with the same `ClientToken` and content */
  create(request: CreateModelPackageInput, signal: AbortSignal): Promise<string>;
  /** @returns undefined when there is no such version */
  describe(arn: string, signal: AbortSignal): Promise<DescribeModelPackageOutput | undefined>;
  update(request: UpdateModelPackageInput, signal: AbortSignal): Promise<void>;
  /** The group's newest versions, the newest first. None when there is no such group. */
  versions(group: string, options: VersionsOptions, signal: AbortSignal): Promise<readonly ListedVersion[]>;
  /**
   * The newest version of the group that is ready to be used (status `Completed`); with `approved`, that is
   * approved too. @returns undefined when there is none
   */
  latest(group: string, approved: boolean, signal: AbortSignal): Promise<ListedVersion | undefined>;
  /** The card's newest version. @returns undefined when there is no card of this name */
  describeCard(name: string, signal: AbortSignal): Promise<ModelCard | undefined>;
  /** @throws AwsError of kind `conflict` when there is a card of this name */
  createCard(
    card: Pick<ModelCard, 'name' | 'status' | 'content'>,
    tags: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<void>;
  /** New content makes a new version of the card. */
  updateCardContent(name: string, content: string, signal: AbortSignal): Promise<void>;
  updateCardStatus(name: string, status: ModelCard['status'], signal: AbortSignal): Promise<void>;
}

export interface VersionsOptions {
  /** At most so many, 1 or more. */
  readonly limit: number;
  readonly approvalStatus?: ApprovalStatus;
}

/** Versions of one ListModelPackages. [doc] MaxResults */
const PAGE = 100;
/** Pages in which the latest usable version is looked for: versions that failed are few. */
const MOST_PAGES = 10;

/**
 * A client of its own: its credentials are asked of the provider chain again.
 *
 * @param attempts of one call. Who asks again and again by himself needs few.
 */
export async function connectModelRegistry(plan: AwsPlan, attempts: number): Promise<ModelRegistry> {
  const { sdk, client, region } = await openSageMaker(plan, attempts, 'sagemaker:CreateModelPackage');

  async function* pages(group: string, approvalStatus: ApprovalStatus | undefined, signal: AbortSignal) {
    let NextToken: string | undefined;
    do {
      const token = NextToken;
      const page = await orNoSuch(
        call('sagemaker:ListModelPackages', signal, (options) =>
          client.send(
            new sdk.ListModelPackagesCommand({
              ModelPackageGroupName: group,
              ModelPackageType: 'Versioned',
              ...(approvalStatus && { ModelApprovalStatus: approvalStatus }),
              SortBy: 'CreationTime',
              SortOrder: 'Descending',
              MaxResults: PAGE,
              ...(token && { NextToken: token }),
            }),
            options,
          ),
        ),
      );
      // Versions that were made in one second come in any order: their numbers have one.
      yield (page?.ModelPackageSummaryList ?? []).flatMap(listed).sort((a, b) => b.version - a.version);
      NextToken = page?.NextToken;
    } while (NextToken);
  }

  return {
    region,
    async describeGroup(name, signal) {
      const group = await orNoSuch(
        call('sagemaker:DescribeModelPackageGroup', signal, (options) =>
          client.send(new sdk.DescribeModelPackageGroupCommand({ ModelPackageGroupName: name }), options),
        ),
      );
      return (
        group && {
          name: group.ModelPackageGroupName ?? name,
          arn: group.ModelPackageGroupArn ?? '',
          status: group.ModelPackageGroupStatus ?? 'Completed',
        }
      );
    },
    async createGroup(name, tags, signal) {
      try {
        await call('sagemaker:CreateModelPackageGroup', signal, (options) =>
          client.send(
            new sdk.CreateModelPackageGroupCommand({
              ModelPackageGroupName: name,
              ...(tags.size > 0 && { Tags: wire(tags) }),
            }),
            options,
          ),
        );
        return 'created';
      } catch (error) {
        if (error instanceof AwsError && alreadyExists(error)) return 'existing';
        throw error;
      }
    },
    async create(request, signal) {
      const command = sendingWhole(new sdk.CreateModelPackageCommand(request), request);
      const { ModelPackageArn = '' } = await call('sagemaker:CreateModelPackage', signal, (options) =>
        client.send(command, options),
      );
      return ModelPackageArn;
    },
    describe: (arn, signal) =>
      orNoSuch(
        call('sagemaker:DescribeModelPackage', signal, (options) =>
          client.send(new sdk.DescribeModelPackageCommand({ ModelPackageName: arn }), options),
        ),
      ),
    async update(request, signal) {
      await call('sagemaker:UpdateModelPackage', signal, (options) =>
        client.send(new sdk.UpdateModelPackageCommand(request), options),
      );
    },
    async versions(group, { limit, approvalStatus }, signal) {
      const found: ListedVersion[] = [];
      for await (const page of pages(group, approvalStatus, signal)) {
        found.push(...page);
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
    async latest(group, approved, signal) {
      let left = MOST_PAGES;
      for await (const page of pages(group, approved ? 'Approved' : undefined, signal)) {
        const usable = page.find(({ status }) => status === 'Completed');
        left -= 1;
        if (usable !== undefined || left === 0) return usable;
      }
      return undefined;
    },
    async describeCard(name, signal) {
      const card = await orNoSuch(
        call('sagemaker:DescribeModelCard', signal, (options) =>
          client.send(new sdk.DescribeModelCardCommand({ ModelCardName: name }), options),
        ),
      );
      return (
        card && {
          name: card.ModelCardName ?? name,
          arn: card.ModelCardArn ?? '',
          version: card.ModelCardVersion ?? 1,
          status: card.ModelCardStatus ?? 'Draft',
          content: card.Content ?? '{}',
        }
      );
    },
    async createCard({ name, status, content }, tags, signal) {
      await call('sagemaker:CreateModelCard', signal, (options) =>
        client.send(
          new sdk.CreateModelCardCommand({
            ModelCardName: name,
            ModelCardStatus: status,
            Content: content,
            ...(tags.size > 0 && { Tags: wire(tags) }),
          }),
          options,
        ),
      );
    },
    async updateCardContent(name, content, signal) {
      await call('sagemaker:UpdateModelCard', signal, (options) =>
        client.send(new sdk.UpdateModelCardCommand({ ModelCardName: name, Content: content }), options),
      );
    },
    // Content and status cannot be changed in one call. [doc] UpdateModelCard
    async updateCardStatus(name, status, signal) {
      await call('sagemaker:UpdateModelCard', signal, (options) =>
        client.send(
          new sdk.UpdateModelCardCommand({ ModelCardName: name, ModelCardStatus: status }),
          options,
        ),
      );
    },
  };
}

const wire = (tags: ReadonlyMap<string, string>) => [...tags].map(([Key, Value]) => ({ Key, Value }));

function listed(summary: ModelPackageSummary): readonly ListedVersion[] {
  const { ModelPackageArn: arn, ModelPackageVersion: version, CreationTime } = summary;
  return arn === undefined || version === undefined
    ? []
    : [
        {
          arn,
          version,
          status: summary.ModelPackageStatus ?? 'Completed',
          approvalStatus: summary.ModelApprovalStatus ?? 'PendingManualApproval',
          createdAt: CreationTime ?? new Date(0),
        },
      ];
}

/** `Model Package Group already exists: arn:…` is a ValidationException. [obs] */
const alreadyExists = (error: AwsError): boolean =>
  error.kind === 'conflict' || (error.kind === 'invalid' && /already exists/i.test(error.message));

/**
 * A missing group or version is a ValidationException, `ModelPackageGroup arn:… does not exist.` [obs: moto#7246];
 * a missing card has a code of its own.
 */
const isMissing = (error: unknown): boolean =>
  error instanceof AwsError &&
  (error.kind === 'not-found' ||
    (error.kind === 'invalid' && /\b(?:does not exist|Could not find)\b/i.test(error.message)));

async function orNoSuch<Output>(output: Promise<Output>): Promise<Output | undefined> {
  try {
    return await output;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
