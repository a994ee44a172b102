import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../../service.js';
import type { FoundImage } from '../images.js';
import { paginate } from '../paginate.js';
import type { Tags } from '../tags.js';
import { ClientTokens } from './client-tokens.js';
import { listed } from './listed.js';
import { packageCardSchema, validateCard } from './model-card-schema.js';
import type { ModelPackageGroups } from './model-package-groups.js';
import { userOf } from './user.js';

/** What happens to the model packages to come; the first entry that fits is a package's. */
export interface ModelPackageScenario {
  /** Only packages with this text in the name of their group, or in their own. */
  readonly packages?: string;
  /** How many packages it is for; absent: all. */
  readonly times?: number;
  /** Milliseconds until its status is final; 0 when absent. */
  readonly delay?: number;
  /** It ends as Failed, and its validation says this. */
  readonly failure?: string;
}

/** What the registry looks up elsewhere. */
export interface Sources {
  /** @throws AwsError when there is no such image */
  image(uri: string): Promise<FoundImage>;
  /** Whether there is an object at this URI, or one below it. */
  exists(s3Uri: string): Promise<boolean>;
  /** Milliseconds since 1970. */
  now(): number;
}

interface Kept {
  readonly arn: string;
  /** Of the package; of the group for a version. */
  readonly name: string;
  readonly version: number | undefined;
  readonly created: Date;
  /** When its status becomes final, milliseconds since 1970. */
  readonly final: number;
  readonly failure: string | undefined;
  /** What a request said or changed. */
  content: Content;
  modified?: { readonly at: Date; readonly by: api.UserContext };
}

type Content = Omit<
  api.DescribeModelPackageOutput,
  | 'ModelPackageName'
  | 'ModelPackageArn'
  | 'CreationTime'
  | 'ModelPackageStatus'
  | 'ModelPackageStatusDetails'
  | 'ModelPackageGroupName'
  | 'ModelPackageVersion'
  | 'LastModifiedTime'
  | 'LastModifiedBy'
>;

const invalid = (message: string) => new AwsError('ValidationException', message);
const MOST_ADDITIONAL_SPECIFICATIONS = 15;
const MOST_METADATA = 50;

/** Model packages: versions of a group, and those with a name of their own. */
export class ModelPackages {
  /** By ARN's last part: `name`, or `group/version`. */
  readonly #packages = new Map<string, Kept>();
  readonly #tokens = new ClientTokens();
  #scenarios: { readonly scenario: ModelPackageScenario; left: number }[] = [];

  constructor(
    private readonly groups: ModelPackageGroups,
    private readonly tags: Tags,
    private readonly sources: Sources,
  ) {}

  create(input: api.CreateModelPackageInput, context: CallContext): Promise<api.CreateModelPackageOutput> {
    const { ClientToken, ...request } = input;
    return this.#tokens.once(ClientToken, request, () => this.#create(request, context));
  }

  async #create(
    request: Omit<api.CreateModelPackageInput, 'ClientToken'>,
    context: CallContext,
  ): Promise<api.CreateModelPackageOutput> {
    const { ModelPackageName, ModelPackageGroupName, Tags: tags, ...given } = request;
    if (ModelPackageName !== undefined && ModelPackageGroupName !== undefined) {
      throw invalid(
        'Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one to use.',
      );
    }
    const group =
      ModelPackageGroupName === undefined ? undefined : this.groups.get(ModelPackageGroupName, context);
    const name = ModelPackageName ?? group?.description.ModelPackageGroupName;
    if (name === undefined) throw invalid('Missing ARN.');
    if (group !== undefined && tags !== undefined && tags.length > 0) {
      // The wording is ours; that it is refused, the API's reference says.
      throw invalid(
        'Tags cannot be given for a version of a model package group: it uses the tags of its group.',
      );
    }
    if (group === undefined) {
      this.#refuseExisting(name, context);
      refuseUntyped(given.InferenceSpecification);
    }
    const content = await this.#resolved(given, context);
    // A call with the same name can have come in the meantime.
    if (group === undefined) this.#refuseExisting(name, context);
    let version: number | undefined;
    if (group !== undefined) {
      group.lastVersion += 1;
      version = group.lastVersion;
    }
    const key = version === undefined ? name : `${name}/${version}`;
    const arn = arnOf(key, context);
    const scenario = this.#take(name);
    this.#packages.set(key, {
      arn,
      name,
      version,
      created: context.now(),
      final: this.sources.now() + (scenario.delay ?? 0),
      failure: scenario.failure,
      content: {
        ...content,
        CertifyForMarketplace: given.CertifyForMarketplace ?? false,
        ...(version !== undefined && {
          ModelApprovalStatus: given.ModelApprovalStatus ?? 'PendingManualApproval',
        }),
        CreatedBy: userOf(context),
      },
    });
    if (group === undefined) this.tags.create(arn, tags);
    return { ModelPackageArn: arn };
  }

  /** With the digests of its images, and what its source fills in. */
  async #resolved<Given extends Pick<Content, 'SourceUri' | 'InferenceSpecification' | 'ModelCard'>>(
    given: Given & {
      readonly SkipModelValidation?: string | undefined;
      readonly AdditionalInferenceSpecifications?:
        | api.AdditionalInferenceSpecificationDefinition[]
        | undefined;
    },
    context: CallContext,
  ): Promise<Given> {
    if (given.SourceUri !== undefined && given.InferenceSpecification !== undefined) {
      // The SDK says that it is refused; the wording is ours.
      throw invalid('SourceUri and InferenceSpecification cannot be given together.');
    }
    checkCard(given.ModelCard);
    const check = given.SkipModelValidation !== 'All';
    const { InferenceSpecification, AdditionalInferenceSpecifications } = given;
    const source =
      given.SourceUri?.includes(':model-package/') === true
        ? this.#get(given.SourceUri, context).content.InferenceSpecification
        : undefined;
    const specification = InferenceSpecification ?? source;
    return {
      ...given,
      ...(specification !== undefined && {
        InferenceSpecification: {
          ...specification,
          Containers: await this.#containers(specification.Containers, check),
        },
      }),
      ...(AdditionalInferenceSpecifications !== undefined && {
        AdditionalInferenceSpecifications: await Promise.all(
          AdditionalInferenceSpecifications.map(async (additional) => ({
            ...additional,
            Containers: await this.#containers(additional.Containers, check),
          })),
        ),
      }),
    };
  }

  #containers(
    containers: readonly api.ModelPackageContainerDefinition[] | undefined,
    check: boolean,
  ): Promise<api.ModelPackageContainerDefinition[]> {
    return Promise.all(
      (containers ?? []).map(async (container) => {
        const { Image, ModelDataUrl, ModelDataSource } = container;
        if (ModelDataUrl !== undefined && ModelDataSource !== undefined) {
          throw invalid('Specify one of either ModelDataUrl or ModelDataSource in container definition.');
        }
        const data = ModelDataUrl ?? ModelDataSource?.S3DataSource?.S3Uri;
        if (check && data !== undefined && !(await this.sources.exists(data))) {
          // [obs] A19
          throw invalid(`Could not find model data at ${data}.`);
        }
        if (Image === undefined) return container;
        const { digest } = await this.sources.image(Image);
        return { ...container, ImageDigest: digest };
      }),
    );
  }

  describe({ ModelPackageName = '' }: api.DescribeModelPackageInput, context: CallContext) {
    return this.#description(this.#get(ModelPackageName, context));
  }

  /** What {@link describe} says, without a call; undefined when there is none. */
  find(nameOrArn: string): api.DescribeModelPackageOutput | undefined {
    const kept = this.#packages.get(keyOf(nameOrArn));
    return kept && this.#description(kept);
  }

  update(input: api.UpdateModelPackageInput, context: CallContext): Promise<api.UpdateModelPackageOutput> {
    const { ClientToken, ...request } = input;
    return this.#tokens.once(ClientToken, request, () => this.#update(request, context));
  }

  async #update(
    request: Omit<api.UpdateModelPackageInput, 'ClientToken'>,
    context: CallContext,
  ): Promise<api.UpdateModelPackageOutput> {
    const {
      ModelPackageArn = '',
      CustomerMetadataProperties,
      CustomerMetadataPropertiesToRemove = [],
      AdditionalInferenceSpecificationsToAdd = [],
      ...changes
    } = request;
    const kept = this.#get(ModelPackageArn, context);
    if (kept.version === undefined) {
      // The wording is ours; the API's reference calls it "updates a versioned model".
      throw invalid(`${kept.arn} is not a versioned model package: it cannot be updated.`);
    }
    const added = await this.#resolved(
      { ...changes, AdditionalInferenceSpecifications: AdditionalInferenceSpecificationsToAdd },
      context,
    );
    const metadata = { ...kept.content.CustomerMetadataProperties, ...CustomerMetadataProperties };
    for (const key of CustomerMetadataPropertiesToRemove) delete metadata[key];
    if (Object.keys(metadata).length > MOST_METADATA) {
      throw invalid(`A model package has at most ${MOST_METADATA} CustomerMetadataProperties.`);
    }
    const additional = [
      ...(kept.content.AdditionalInferenceSpecifications ?? []),
      ...(added.AdditionalInferenceSpecifications ?? []),
    ];
    if (additional.length > MOST_ADDITIONAL_SPECIFICATIONS) {
      throw invalid(
        `Total number of additional Inference Specifications can not exceed ${MOST_ADDITIONAL_SPECIFICATIONS}.`,
      );
    }
    const { CustomerMetadataProperties: _, AdditionalInferenceSpecifications: __, ...before } = kept.content;
    kept.content = {
      ...before,
      ...added,
      AdditionalInferenceSpecifications: additional.length > 0 ? additional : undefined,
      CustomerMetadataProperties: Object.keys(metadata).length > 0 ? metadata : undefined,
    };
    kept.modified = { at: context.now(), by: userOf(context) };
    return { ModelPackageArn: kept.arn };
  }

  list(input: api.ListModelPackagesInput, context: CallContext): api.ListModelPackagesOutput {
    const { ModelPackageGroupName: group, ModelApprovalStatus } = input;
    // Unversioned is the default; a group has nothing but versions.
    const type = input.ModelPackageType ?? (group === undefined ? 'Unversioned' : 'Versioned');
    const groupName = group && this.groups.get(group, context).description.ModelPackageGroupName;
    const found = listed(
      [...this.#packages.values()].filter(
        ({ name, version, content }) =>
          (type === 'Both' || (type === 'Versioned') === (version !== undefined)) &&
          (groupName === undefined || (version !== undefined && name === groupName)) &&
          (ModelApprovalStatus === undefined || ModelApprovalStatus === content.ModelApprovalStatus),
      ),
      ({ name, created }) => ({ name, created }),
      input,
    );
    const page = paginate(found, input);
    return {
      ModelPackageSummaryList: page.items.map((kept) => {
        const { ModelPackageDescription, ModelApprovalStatus, ModelLifeCycle, ModelPackageRegistrationType } =
          kept.content;
        return {
          ...identityOf(kept),
          CreationTime: kept.created,
          ModelPackageStatus: this.#status(kept),
          ModelPackageDescription,
          ModelApprovalStatus,
          ModelLifeCycle,
          ModelPackageRegistrationType,
        };
      }),
      NextToken: page.next,
    };
  }

  delete({ ModelPackageName = '' }: api.DeleteModelPackageInput, context: CallContext): void {
    const kept = this.#get(ModelPackageName, context);
    this.#packages.delete(keyOf(kept.arn));
    this.tags.remove(kept.arn);
  }

  /** How many versions a group has now. */
  versions(group: string): number {
    return [...this.#packages.values()].filter(({ name, version }) => version !== undefined && name === group)
      .length;
  }

  /** As Search sees them: descriptions with tags. */
  get all(): readonly (api.DescribeModelPackageOutput & { readonly Tags: api.Tag[] })[] {
    return [...this.#packages.values()].map((kept) => ({
      ...this.#description(kept),
      Tags: this.tags.of(kept.arn),
    }));
  }

  get scenarios(): readonly ModelPackageScenario[] {
    return this.#scenarios.map(({ scenario }) => scenario);
  }

  set scenarios(scenarios: readonly ModelPackageScenario[]) {
    this.#scenarios = scenarios.map((scenario) => ({
      scenario,
      left: scenario.times ?? Number.POSITIVE_INFINITY,
    }));
  }

  #take(name: string): ModelPackageScenario {
    const entry = this.#scenarios.find(
      ({ scenario, left }) => left > 0 && name.includes(scenario.packages ?? ''),
    );
    if (entry === undefined) return {};
    entry.left -= 1;
    return entry.scenario;
  }

  #get(nameOrArn: string, context: CallContext): Kept {
    const key = keyOf(nameOrArn);
    const kept = this.#packages.get(key);
    if (kept === undefined) {
      // As CloudFormation's handler of this resource expects it.
      throw invalid(`ModelPackage ${arnOf(key, context)} does not exist.`);
    }
    return kept;
  }

  #refuseExisting(name: string, context: CallContext): void {
    if (this.#packages.has(name)) {
      throw invalid(`Model Package already exists: ${arnOf(name, context)}`);
    }
  }

  #status({ final, failure }: Kept): api.ModelPackageStatus {
    if (this.sources.now() < final) return 'InProgress';
    return failure === undefined ? 'Completed' : 'Failed';
  }

  #description(kept: Kept): api.DescribeModelPackageOutput {
    const ModelPackageStatus = this.#status(kept);
    return {
      ...kept.content,
      ...identityOf(kept),
      CreationTime: kept.created,
      ModelPackageStatus,
      ModelPackageStatusDetails: {
        ValidationStatuses:
          ModelPackageStatus === 'Failed'
            ? [{ Name: 'ValidationProfile1', Status: 'Failed', FailureReason: kept.failure }]
            : [],
        ImageScanStatuses: [],
      },
      ...(kept.modified && { LastModifiedTime: kept.modified.at, LastModifiedBy: kept.modified.by }),
    };
  }
}

/** A version has the group's name and its number, and no name of its own, as the developer guide shows it. */
function identityOf({ arn, name, version }: Kept) {
  return {
    ModelPackageArn: arn,
    ...(version === undefined
      ? { ModelPackageName: name }
      : { ModelPackageName: undefined, ModelPackageGroupName: name, ModelPackageVersion: version }),
  };
}

/** The API's reference: optional for versioned models only. */
function refuseUntyped(specification: api.InferenceSpecification | undefined): void {
  if (specification === undefined) return;
  for (const member of [
    'SupportedTransformInstanceTypes',
    'SupportedRealtimeInferenceInstanceTypes',
  ] as const) {
    if ((specification[member] ?? []).length === 0) {
      throw invalid(`${member} is required for a model package that is not a version of a group.`);
    }
  }
}

function checkCard(card: api.ModelPackageModelCard | undefined): void {
  if (card?.ModelCardContent !== undefined) validateCard(card.ModelCardContent, packageCardSchema);
}

const keyOf = (nameOrArn: string): string => nameOrArn.replace(/^arn:[^/]*\//, '');

const arnOf = (key: string, { region, account }: CallContext): string =>
  `arn:aws:sagemaker:${region}:${account}:model-package/${key}`;
