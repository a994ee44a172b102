import type * as api from '@aws-sdk/client-sagemaker';
import type { CallContext } from '../../service.js';
import { paginate } from '../paginate.js';
import { listed } from '../registry/listed.js';
import type { Tags } from '../tags.js';
import type { Models } from './models.js';
import { alreadyThere, hostingArn, invalid, notFound } from './words.js';

const SERVERLESS_MEMORY_STEP = 1024;
/** Bytes, uncompressed. [doc] */
const SERVERLESS_IMAGE_LIMIT = 10_737_418_240;

/** Endpoint configurations. They never change. */
export class EndpointConfigs {
  readonly #configs = new Map<string, api.DescribeEndpointConfigOutput>();

  constructor(
    private readonly tags: Tags,
    private readonly models: Models,
  ) {}

  create(input: api.CreateEndpointConfigInput, context: CallContext): api.CreateEndpointConfigOutput {
    const { Tags, ...config } = input;
    const name = config.EndpointConfigName ?? '';
    const arn = hostingArn('endpoint-config', name, context);
    if (this.#configs.has(name)) throw alreadyThere('endpoint-config', arn);
    refuseUnsupported(config);
    const variants = config.ProductionVariants ?? [];
    if (new Set(variants.map(({ VariantName }) => VariantName)).size < variants.length) {
      // The wording is ours.
      throw invalid('Variant names must be unique within an endpoint configuration.');
    }
    for (const variant of variants) this.#check(variant, config, context);
    this.#configs.set(name, {
      ...config,
      EndpointConfigName: name,
      EndpointConfigArn: arn,
      ProductionVariants: variants.map((variant) => ({ InitialVariantWeight: 1, ...variant })),
      CreationTime: context.now(),
      EnableNetworkIsolation: config.EnableNetworkIsolation ?? false,
    });
    this.tags.create(arn, Tags);
    return { EndpointConfigArn: arn };
  }

  describe(
    { EndpointConfigName = '' }: api.DescribeEndpointConfigInput,
    context: CallContext,
  ): api.DescribeEndpointConfigOutput {
    return this.get(EndpointConfigName, context);
  }

  /** @throws AwsError when there is none */
  get(
    name: string,
    context: Pick<CallContext, 'region' | 'account'>,
  ): api.DescribeEndpointConfigOutput & { ProductionVariants: api.ProductionVariant[] } {
    const config = this.#configs.get(name);
    if (config === undefined) throw notFound('endpoint-config', hostingArn('endpoint-config', name, context));
    return { ...config, ProductionVariants: config.ProductionVariants ?? [] };
  }

  /** The newest first, unless asked otherwise. */
  list(input: api.ListEndpointConfigsInput): api.ListEndpointConfigsOutput {
    const all = listed(
      [...this.#configs.values()],
      ({ EndpointConfigName = '', CreationTime = new Date(0) }) => ({
        name: EndpointConfigName,
        created: CreationTime,
      }),
      { SortOrder: 'Descending', ...input },
    );
    const page = paginate(all, input);
    return {
      EndpointConfigs: page.items.map(({ EndpointConfigName, EndpointConfigArn, CreationTime }) => ({
        EndpointConfigName,
        EndpointConfigArn,
        CreationTime,
      })),
      NextToken: page.next,
    };
  }

  delete({ EndpointConfigName = '' }: api.DeleteEndpointConfigInput, context: CallContext): void {
    const { EndpointConfigArn = '' } = this.get(EndpointConfigName, context);
    this.#configs.delete(EndpointConfigName);
    this.tags.remove(EndpointConfigArn);
  }

  #check(variant: api.ProductionVariant, config: api.CreateEndpointConfigInput, context: CallContext): void {
    const { ServerlessConfig: serverless, InstanceType, InitialInstanceCount, InstancePools } = variant;
    if (variant.ModelName === undefined) {
      throw invalid('Local AWS has no inference components: every variant needs a ModelName.');
    }
    const model = this.models.get(variant.ModelName, context);
    if (serverless === undefined) {
      // The wording is ours.
      if (InstancePools === undefined && (InstanceType === undefined || InitialInstanceCount === undefined)) {
        throw invalid(
          `Production variant ${variant.VariantName} needs InstanceType and InitialInstanceCount, or ServerlessConfig.`,
        );
      }
      return;
    }
    // [doc] serverless-endpoints: what they lack. The wordings are ours, except the last one's.
    const refused = [
      [InstanceType ?? InitialInstanceCount ?? InstancePools, 'an instance type or count'],
      [config.ProductionVariants?.[1], 'several production variants'],
      [config.DataCaptureConfig?.EnableCapture || undefined, 'data capture'],
      [config.AsyncInferenceConfig, 'asynchronous inference'],
      [model.description.VpcConfig ?? config.VpcConfig, 'a VPC'],
      [
        model.description.EnableNetworkIsolation || config.EnableNetworkIsolation || undefined,
        'network isolation',
      ],
    ].find(([given]) => given !== undefined);
    if (refused !== undefined) throw invalid(`Serverless endpoints do not support ${refused[1]}.`);
    const memory = serverless.MemorySizeInMB ?? 0;
    if (memory % SERVERLESS_MEMORY_STEP !== 0) {
      throw invalid(`MemorySizeInMB must be a multiple of ${SERVERLESS_MEMORY_STEP}, not ${memory}.`);
    }
    if ((serverless.ProvisionedConcurrency ?? 0) > (serverless.MaxConcurrency ?? 0)) {
      throw invalid('ProvisionedConcurrency must be less than or equal to MaxConcurrency.');
    }
    // [obs] A30
    if (model.container.imageBytes > SERVERLESS_IMAGE_LIMIT) {
      throw invalid(
        `Image size ${model.container.imageBytes} is greater than supported size ${SERVERLESS_IMAGE_LIMIT}`,
      );
    }
    // [obs] A31
    if (!model.container.fromEcr) {
      throw invalid(
        'The container image URI is not a prebuilt SageMaker algorithm or deep learning image, or the bring-your-own container image URI does not reside in an Amazon ECR repository within the same AWS account creating the endpoint.',
      );
    }
    // [obs] A32
    if (model.container.modelDataSource !== undefined) {
      throw invalid(
        'Model with containers that use ModelDataSource cannot be deployed to a serverless endpoint',
      );
    }
  }
}

function refuseUnsupported(config: api.CreateEndpointConfigInput): void {
  const unsupported = [
    [config.ShadowProductionVariants?.[0], 'shadow variants (ShadowProductionVariants)'],
    [config.ExplainerConfig, 'explanations (ExplainerConfig)'],
  ].find(([given]) => given !== undefined);
  if (unsupported !== undefined) throw invalid(`Local AWS has no ${unsupported[1]}.`);
}
