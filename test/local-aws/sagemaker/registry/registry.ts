import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../../service.js';
import { paginate } from '../paginate.js';
import { search } from '../search.js';
import type { Tags } from '../tags.js';
import { ModelCards } from './model-cards.js';
import { ModelPackageGroups } from './model-package-groups.js';
import { type ModelPackageScenario, ModelPackages, type Sources } from './model-packages.js';

/** SageMaker's model registry: groups, packages and cards, as long as local AWS lives. */
export class ModelRegistry {
  readonly #groups: ModelPackageGroups;
  readonly #packages: ModelPackages;
  readonly #cards: ModelCards;
  readonly #tags: Tags;

  constructor(tags: Tags, sources: Sources) {
    this.#tags = tags;
    this.#groups = new ModelPackageGroups(tags);
    this.#packages = new ModelPackages(this.#groups, tags, sources);
    this.#cards = new ModelCards(tags);
  }

  /**
   * What DescribeModelPackage says.
   *
   * @param nameOrArn name or ARN of a package, or `group/version`
   * @returns undefined when there is no such package
   */
  modelPackage(nameOrArn: string): api.DescribeModelPackageOutput | undefined {
    return this.#packages.find(nameOrArn);
  }

  /** By the operation's name. */
  readonly operations: Readonly<Record<string, (input: never, context: CallContext) => unknown>> = {
    CreateModelPackageGroup: (input: api.CreateModelPackageGroupInput, context) =>
      this.#groups.create(input, context),
    DescribeModelPackageGroup: (input: api.DescribeModelPackageGroupInput, context) =>
      this.#groups.describe(input, context),
    ListModelPackageGroups: (input: api.ListModelPackageGroupsInput) => this.#groups.list(input),
    DeleteModelPackageGroup: (input: api.DeleteModelPackageGroupInput, context) =>
      this.#groups.delete(input, context, (name) => this.#packages.versions(name)),
    CreateModelPackage: (input: api.CreateModelPackageInput, context) =>
      this.#packages.create(input, context),
    DescribeModelPackage: (input: api.DescribeModelPackageInput, context) =>
      this.#packages.describe(input, context),
    UpdateModelPackage: (input: api.UpdateModelPackageInput, context) =>
      this.#packages.update(input, context),
    ListModelPackages: (input: api.ListModelPackagesInput, context) => this.#packages.list(input, context),
    DeleteModelPackage: (input: api.DeleteModelPackageInput, context) =>
      this.#packages.delete(input, context),
    CreateModelCard: (input: api.CreateModelCardRequest, context) => this.#cards.create(input, context),
    DescribeModelCard: (input: api.DescribeModelCardRequest) => this.#cards.describe(input),
    UpdateModelCard: (input: api.UpdateModelCardRequest, context) => this.#cards.update(input, context),
    ListModelCards: (input: api.ListModelCardsRequest) => this.#cards.list(input),
    ListModelCardVersions: (input: api.ListModelCardVersionsRequest) => this.#cards.listVersions(input),
    DeleteModelCard: (input: api.DeleteModelCardRequest) => this.#cards.delete(input),
  };

  /** Search, of what the registry has; undefined for another resource. */
  search(input: api.SearchRequest): api.SearchResponse | undefined {
    const items = {
      // What the descriptions have and the records of Search have not.
      ModelPackageGroup: () =>
        this.#groups.all.map(({ ManagedConfiguration: _, ...group }) => ({
          ...group,
          Tags: this.#tags.of(group.ModelPackageGroupArn),
        })),
      ModelPackage: () => this.#packages.all.map(({ ManagedStorageType: _, ...found }) => found),
      ModelCard: () => this.#cards.all,
    }[input.Resource as string];
    if (items === undefined) return undefined;
    const page = paginate(search(items(), input), input);
    return {
      Results: page.items.map((item) => ({ [input.Resource as string]: item })),
      NextToken: page.next,
    };
  }

  /**
   * `PUT model-packages`: a {@link ModelPackageScenario} or a list of them, for the packages to come, in place of
   * those in force; `DELETE model-packages`: none; `GET model-packages`: those in force.
   */
  control(method: string, body: unknown): readonly ModelPackageScenario[] {
    if (method !== 'GET') this.#packages.scenarios = method === 'DELETE' ? [] : readScenarios(body);
    return this.#packages.scenarios;
  }
}

const MEMBERS = ['packages', 'times', 'delay', 'failure'];

function readScenarios(body: unknown): readonly ModelPackageScenario[] {
  return [body].flat().map((scenario: unknown) => {
    const unknown =
      typeof scenario === 'object' && scenario !== null
        ? Object.keys(scenario).filter((name) => !MEMBERS.includes(name))
        : [JSON.stringify(scenario)];
    if (unknown.length > 0) {
      throw new AwsError(
        'BadScenario',
        `A scenario of model packages has no ${unknown.join(', ')}. It has: ${MEMBERS.join(', ')}.`,
      );
    }
    return scenario as ModelPackageScenario;
  });
}
