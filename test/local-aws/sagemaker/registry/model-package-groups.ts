import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../../service.js';
import { paginate } from '../paginate.js';
import type { Tags } from '../tags.js';
import { listed } from './listed.js';
import { userOf } from './user.js';

/** A group, and how many versions it has had. */
export interface ModelPackageGroup {
  readonly description: api.DescribeModelPackageGroupOutput & {
    readonly ModelPackageGroupName: string;
    readonly ModelPackageGroupArn: string;
    readonly CreationTime: Date;
  };
  /** The number of the newest version that there has been, 0 at first. */
  lastVersion: number;
}

const invalid = (message: string) => new AwsError('ValidationException', message);

/** The model package groups, by name. */
export class ModelPackageGroups {
  readonly #groups = new Map<string, ModelPackageGroup>();

  constructor(private readonly tags: Tags) {}

  create(input: api.CreateModelPackageGroupInput, context: CallContext): api.CreateModelPackageGroupOutput {
    const { Tags: tags, ModelPackageGroupName = '', ...rest } = input;
    const arn = arnOf(ModelPackageGroupName, context);
    if (this.#groups.has(ModelPackageGroupName)) {
      // As CloudFormation's handler of this resource expects it.
      throw invalid(`Model Package Group already exists: ${arn}`);
    }
    this.#groups.set(ModelPackageGroupName, {
      lastVersion: 0,
      description: {
        ...rest,
        ModelPackageGroupName,
        ModelPackageGroupArn: arn,
        ModelPackageGroupStatus: 'Completed',
        CreationTime: context.now(),
        CreatedBy: userOf(context),
      },
    });
    this.tags.create(arn, tags);
    return { ModelPackageGroupArn: arn };
  }

  describe(
    input: api.DescribeModelPackageGroupInput,
    context: CallContext,
  ): api.DescribeModelPackageGroupOutput {
    return this.get(input.ModelPackageGroupName ?? '', context).description;
  }

  list(input: api.ListModelPackageGroupsInput): api.ListModelPackageGroupsOutput {
    const found = listed(
      this.all,
      ({ ModelPackageGroupName, CreationTime }) => ({ name: ModelPackageGroupName, created: CreationTime }),
      input,
    );
    const page = paginate(found, input);
    return {
      ModelPackageGroupSummaryList: page.items.map(({ CreatedBy: _, ...summary }) => summary),
      NextToken: page.next,
    };
  }

  /** @param versions how many versions it holds */
  delete(
    input: api.DeleteModelPackageGroupInput,
    context: CallContext,
    versions: (name: string) => number,
  ): void {
    const { ModelPackageGroupName, ModelPackageGroupArn } = this.get(
      input.ModelPackageGroupName ?? '',
      context,
    ).description;
    if (versions(ModelPackageGroupName) > 0) {
      // C10; the wording is approximate.
      throw new AwsError(
        'ConflictException',
        `Model Package Group ${ModelPackageGroupArn} cannot be deleted because it still contains Model Packages`,
      );
    }
    this.#groups.delete(ModelPackageGroupName);
    this.tags.remove(ModelPackageGroupArn);
  }

  get all(): readonly ModelPackageGroup['description'][] {
    return [...this.#groups.values()].map(({ description }) => description);
  }

  /** @throws AwsError ValidationException, in the words that CloudFormation's handler and controllers look for */
  get(nameOrArn: string, context: CallContext): ModelPackageGroup {
    const name = nameOrArn.split('/').at(-1) ?? '';
    const group = this.#groups.get(name);
    if (group === undefined) {
      throw invalid(`ModelPackageGroup ${arnOf(name, context)} does not exist.`);
    }
    return group;
  }
}

const arnOf = (name: string, { region, account }: CallContext): string =>
  `arn:aws:sagemaker:${region}:${account}:model-package-group/${name}`;
