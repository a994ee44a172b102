import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../../service.js';
import { paginate } from '../paginate.js';
import type { Tags } from '../tags.js';
import { listed } from './listed.js';
import { cardSchema, validateCard } from './model-card-schema.js';
import { userOf } from './user.js';

interface Version {
  readonly version: number;
  readonly content: string;
  status: api.ModelCardStatus;
  readonly created: Date;
  modified: Date;
}

interface Card {
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  readonly createdBy: api.UserContext;
  readonly security: api.ModelCardSecurityConfig | undefined;
  /** Never empty; the newest last. */
  readonly versions: Version[];
  modified: Date;
  modifiedBy: api.UserContext;
}

/**
 * Model cards. New content makes a new version, a new status changes the newest one, as the developer guide has it:
 * "any edits other than an approval status update result in additional versions".
 */
export class ModelCards {
  readonly #cards = new Map<string, Card>();

  constructor(private readonly tags: Tags) {}

  create(input: api.CreateModelCardRequest, context: CallContext): api.CreateModelCardResponse {
    const { ModelCardName: name = '', Content = '', ModelCardStatus = 'Draft' } = input;
    const arn = `arn:aws:sagemaker:${context.region}:${context.account}:model-card/${name}`;
    if (this.#cards.has(name)) {
      // The wording is ours.
      throw new AwsError('ConflictException', `Model card ${arn} already exists.`);
    }
    validateCard(Content, cardSchema);
    const created = context.now();
    const createdBy = userOf(context);
    this.#cards.set(name, {
      name,
      arn,
      created,
      createdBy,
      modified: created,
      modifiedBy: createdBy,
      security: input.SecurityConfig,
      versions: [{ version: 1, content: Content, status: ModelCardStatus, created, modified: created }],
    });
    this.tags.create(arn, input.Tags);
    return { ModelCardArn: arn };
  }

  describe({ ModelCardName, ModelCardVersion }: api.DescribeModelCardRequest): api.DescribeModelCardResponse {
    const card = this.#get(ModelCardName);
    const version =
      ModelCardVersion === undefined
        ? newest(card)
        : card.versions.find(({ version: number }) => number === ModelCardVersion);
    if (version === undefined) {
      throw new AwsError(
        'ResourceNotFound',
        `Model card ${card.name} with version ${ModelCardVersion} does not exist.`,
      );
    }
    return {
      ModelCardArn: card.arn,
      ModelCardName: card.name,
      ModelCardVersion: version.version,
      Content: version.content,
      ModelCardStatus: version.status,
      SecurityConfig: card.security,
      CreationTime: card.created,
      CreatedBy: card.createdBy,
      LastModifiedTime: version.modified,
      LastModifiedBy: card.modifiedBy,
    };
  }

  update(input: api.UpdateModelCardRequest, context: CallContext): api.UpdateModelCardResponse {
    const { Content, ModelCardStatus } = input;
    const card = this.#get(input.ModelCardName);
    if (Content !== undefined && ModelCardStatus !== undefined) {
      // As the API's reference says it.
      throw new AwsError(
        'ValidationException',
        'You cannot update both model card content and model card status in a single call.',
      );
    }
    const before = newest(card);
    const now = context.now();
    if (Content !== undefined) {
      validateCard(Content, cardSchema);
      card.versions.push({
        version: before.version + 1,
        content: Content,
        status: before.status,
        created: now,
        modified: now,
      });
    } else if (ModelCardStatus !== undefined) {
      before.status = ModelCardStatus;
      before.modified = now;
    }
    card.modified = now;
    card.modifiedBy = userOf(context);
    return { ModelCardArn: card.arn };
  }

  list(input: api.ListModelCardsRequest): api.ListModelCardsResponse {
    const cards = [...this.#cards.values()].filter(
      (card) => (input.ModelCardStatus ?? newest(card).status) === newest(card).status,
    );
    const page = paginate(
      listed(cards, ({ name, created }) => ({ name, created }), input),
      input,
    );
    return {
      ModelCardSummaries: page.items.map((card) => ({
        ModelCardName: card.name,
        ModelCardArn: card.arn,
        ModelCardStatus: newest(card).status,
        CreationTime: card.created,
        LastModifiedTime: card.modified,
      })),
      NextToken: page.next,
    };
  }

  listVersions(input: api.ListModelCardVersionsRequest): api.ListModelCardVersionsResponse {
    const card = this.#get(input.ModelCardName);
    const versions = card.versions.filter(({ status }) => (input.ModelCardStatus ?? status) === status);
    const page = paginate(
      listed(versions, ({ created }) => ({ name: card.name, created }), input),
      input,
    );
    return {
      ModelCardVersionSummaryList: page.items.map(({ version, status, created, modified }) => ({
        ModelCardName: card.name,
        ModelCardArn: card.arn,
        ModelCardStatus: status,
        ModelCardVersion: version,
        CreationTime: created,
        LastModifiedTime: modified,
      })),
      NextToken: page.next,
    };
  }

  delete({ ModelCardName }: api.DeleteModelCardRequest): void {
    const card = this.#get(ModelCardName);
    this.#cards.delete(card.name);
    this.tags.remove(card.arn);
  }

  /** As Search sees them: the newest version, with what its content says of the model, and tags. */
  get all(): readonly (api.ModelCard & { readonly Tags: api.Tag[] })[] {
    return [...this.#cards.values()].map((card) => {
      const content = JSON.parse(newest(card).content) as CardContent;
      return {
        ...this.describe({ ModelCardName: card.name }),
        ModelId: content.model_overview?.model_id ?? content.model_package_details?.model_package_arn,
        RiskRating: content.intended_uses?.risk_rating,
        ModelPackageGroupName: content.model_package_details?.model_package_group_name,
        Tags: this.tags.of(card.arn),
      };
    });
  }

  #get(nameOrArn = ''): Card {
    const name = nameOrArn.split('/').at(-1) ?? '';
    const card = this.#cards.get(name);
    if (card === undefined) {
      // The code is the model's, the wording ours.
      throw new AwsError('ResourceNotFound', `Model card ${name} does not exist.`);
    }
    return card;
  }
}

/** The members that Search knows by names of its own. */
interface CardContent {
  readonly model_overview?: { readonly model_id?: string };
  readonly model_package_details?: {
    readonly model_package_arn?: string;
    readonly model_package_group_name?: string;
  };
  readonly intended_uses?: { readonly risk_rating?: string };
}

const newest = ({ versions }: Card): Version => versions.at(-1) as Version;
