import type * as api from '@aws-sdk/client-sagemaker';
import type { CallContext } from '../../service.js';
import type { FoundImage } from '../images.js';
import { parseS3Uri } from '../object-store.js';
import { paginate } from '../paginate.js';
import { listed } from '../registry/listed.js';
import type { Tags } from '../tags.js';
import { alreadyThere, hostingArn, invalid, notFound } from './words.js';

/** What CreateModel looks up elsewhere. */
export interface ModelSources {
  /** @throws AwsError when there is no such image */
  image(uri: string): Promise<FoundImage>;
  /** The keys of the bucket that begin with that of this URI. */
  keys(s3Uri: string): Promise<readonly string[]>;
  /** Whether there is such a role, and SageMaker may take it. */
  role(arn: string): Promise<boolean>;
  /** By name, ARN, or `group/version`; undefined when there is none. */
  modelPackage(nameOrArn: string): api.DescribeModelPackageOutput | undefined;
}

/** One container of a model, with what its model package said filled in: what an endpoint runs. */
export interface ResolvedContainer {
  /** As the request or the package names it. */
  readonly image: string;
  /** `registry/repository@sha256:…`, of the moment when the model was created. */
  readonly resolvedImage: string;
  /** Bytes of the image's layers, compressed: it is not smaller than this. */
  readonly imageBytes: number;
  /** Whether it comes from ECR, and not from a private registry that only a VPC reaches. */
  readonly fromEcr: boolean;
  readonly modelDataUrl?: string;
  readonly modelDataSource?: api.ModelDataSource;
  readonly environment: Readonly<Record<string, string>>;
}

/** A model as it was created. */
export interface KeptModel {
  readonly description: api.DescribeModelOutput;
  readonly container: ResolvedContainer;
}

const OCI = /^application\/vnd\.oci\./;

/** SageMaker's models: what an endpoint's variant runs. Local AWS runs one container a model. */
export class Models {
  readonly #models = new Map<string, KeptModel>();

  constructor(
    private readonly tags: Tags,
    private readonly sources: ModelSources,
  ) {}

  async create(input: api.CreateModelInput, context: CallContext): Promise<api.CreateModelOutput> {
    const { Tags, ...model } = input;
    const name = model.ModelName ?? '';
    const arn = hostingArn('model', name, context);
    this.#refuseExisting(name, arn);
    const role = model.ExecutionRoleArn;
    // [obs] A21
    if (role !== undefined && !(await this.sources.role(role))) {
      throw invalid(
        `The execution role ARN "${role}" is invalid. Please ensure that the role exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".`,
      );
    }
    const container = await this.#resolve(onlyContainer(model));
    // Another call with the same name can have come in the meantime.
    this.#refuseExisting(name, arn);
    this.#models.set(name, {
      description: {
        ...model,
        ...(model.PrimaryContainer && { PrimaryContainer: withMode(model.PrimaryContainer) }),
        ...(model.Containers && { Containers: model.Containers.map(withMode) }),
        ModelName: name,
        ModelArn: arn,
        CreationTime: context.now(),
        EnableNetworkIsolation: model.EnableNetworkIsolation ?? false,
        DeploymentRecommendation: { RecommendationStatus: 'COMPLETED', RealTimeInferenceRecommendations: [] },
      },
      container,
    });
    this.tags.create(arn, Tags);
    return { ModelArn: arn };
  }

  describe({ ModelName = '' }: api.DescribeModelInput, context: CallContext): api.DescribeModelOutput {
    return this.get(ModelName, context).description;
  }

  /** @throws AwsError when there is none */
  get(name: string, context: Pick<CallContext, 'region' | 'account'>): KeptModel {
    const model = this.#models.get(name);
    if (model === undefined) throw notFound('model', hostingArn('model', name, context));
    return model;
  }

  /** The newest first, unless asked otherwise. */
  list(input: api.ListModelsInput): api.ListModelsOutput {
    const all = listed(
      [...this.#models.values()].map(({ description }) => description),
      ({ ModelName = '', CreationTime = new Date(0) }) => ({ name: ModelName, created: CreationTime }),
      { SortOrder: 'Descending', ...input },
    );
    const page = paginate(all, input);
    return {
      Models: page.items.map(({ ModelName, ModelArn, CreationTime }) => ({
        ModelName,
        ModelArn,
        CreationTime,
      })),
      NextToken: page.next,
    };
  }

  delete(input: api.DeleteModelInput, context: CallContext): void {
    const { description } = this.get(input.ModelName ?? '', context);
    this.#models.delete(input.ModelName ?? '');
    this.tags.remove(description.ModelArn ?? '');
  }

  #refuseExisting(name: string, arn: string): void {
    if (this.#models.has(name)) throw alreadyThere('model', arn);
  }

  async #resolve(container: api.ContainerDefinition): Promise<ResolvedContainer> {
    const { Image, ModelDataUrl, ModelDataSource, ModelPackageName, Environment = {} } = container;
    // [obs] A23
    if (
      (Image === undefined) === (ModelPackageName === undefined) ||
      (ModelPackageName !== undefined && (ModelDataUrl ?? ModelDataSource) !== undefined)
    ) {
      throw invalid(
        'Specify one of either Image and Model Data URL or ModelPackageName in container definition.',
      );
    }
    if (container.Mode === 'MultiModel') {
      throw invalid('Local AWS has no multi-model endpoints: Mode must be SingleModel.');
    }
    if (Image !== undefined) {
      const privately = container.ImageConfig?.RepositoryAccessMode === 'Vpc';
      return {
        ...(privately
          ? { image: Image, resolvedImage: Image, imageBytes: 0, fromEcr: false }
          : await this.#image(Image, undefined)),
        ...(await this.#modelData(ModelDataUrl, ModelDataSource)),
        environment: Environment,
      };
    }
    const found = this.sources.modelPackage(ModelPackageName ?? '');
    const [inPackage, ...more] = found?.InferenceSpecification?.Containers ?? [];
    if (found === undefined || inPackage === undefined) {
      // The wording is ours.
      throw invalid(
        `Could not find model package "${ModelPackageName}", or it has no InferenceSpecification.`,
      );
    }
    if (more.length > 0) throw invalid('Local AWS runs model packages of one container only.');
    return {
      ...(await this.#image(inPackage.Image ?? '', inPackage.ImageDigest)),
      ...(await this.#modelData(inPackage.ModelDataUrl, inPackage.ModelDataSource)),
      environment: { ...inPackage.Environment, ...Environment },
    };
  }

  async #image(
    image: string,
    known: string | undefined,
  ): Promise<Pick<ResolvedContainer, 'image' | 'resolvedImage' | 'imageBytes' | 'fromEcr'>> {
    const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    const {
      digest,
      mediaType,
      size = 0,
    } = await this.sources.image(known ? `${repository}@${known}` : image);
    // [obs] A16
    if (OCI.test(mediaType)) {
      throw invalid(
        `Unsupported manifest media type ${mediaType} for image ${image}. Ensure that valid manifest media type is used for specified image.`,
      );
    }
    return { image, resolvedImage: `${repository}@${digest}`, imageBytes: size, fromEcr: true };
  }

  async #modelData(
    url: string | undefined,
    source: api.ModelDataSource | undefined,
  ): Promise<Pick<ResolvedContainer, 'modelDataUrl' | 'modelDataSource'>> {
    const { S3Uri, S3DataType } = source?.S3DataSource ?? {};
    const uri = url ?? S3Uri;
    if (uri !== undefined) {
      const keys = await this.sources.keys(uri);
      const found = S3DataType === 'S3Prefix' ? keys.length > 0 : keys.includes(parseS3Uri(uri).key);
      // [obs] A19
      if (!found) throw invalid(`Could not find model data at ${uri}.`);
    }
    return {
      ...(url !== undefined && { modelDataUrl: url }),
      ...(source !== undefined && { modelDataSource: source }),
    };
  }
}

function onlyContainer({ PrimaryContainer, Containers }: api.CreateModelInput): api.ContainerDefinition {
  const containers = [...(PrimaryContainer ? [PrimaryContainer] : []), ...(Containers ?? [])];
  const [only, ...more] = containers;
  if (only === undefined || (PrimaryContainer !== undefined && Containers !== undefined)) {
    // The wording is ours.
    throw invalid('Specify one of either PrimaryContainer or Containers.');
  }
  if (more.length > 0) {
    throw invalid('Local AWS runs one container a model: it has no inference pipelines.');
  }
  return only;
}

const withMode = (container: api.ContainerDefinition): api.ContainerDefinition => ({
  ...container,
  Mode: container.Mode ?? 'SingleModel',
});
