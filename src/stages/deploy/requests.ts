import type {
  CreateEndpointConfigInput,
  CreateEndpointInput,
  DescribeEndpointConfigOutput,
  UpdateEndpointInput,
} from '../../aws/endpoints.js';
import type { CreateModelInput } from '../../aws/models.js';
import type {
  AwsPlan,
  DeploymentPolicy,
  EndpointPlan,
  EndpointRecord,
  SourceRecord,
  VariantPlan,
} from '../../plan.js';
import { hideSecrets } from '../hide-secrets.js';
import { hasLocalDisk } from '../local-disk.js';
import { ENDPOINT_TAG, pinningTags, tagsOfRequest } from '../pinning-tags.js';
import { changedPaths, deepMerge, isPartOf, type Json } from '../train/deep-merge.js';
import type { FoundModel } from './find-model.js';
import { contentName } from './names.js';

/** Alarms are looked at for so long when the plan says no policy: without a time to bake they would see nothing. */
const BAKING_SECONDS = 300;

/** What a deployment asks of SageMaker, whole, but for how an update treats what it finds. */
export interface DeploymentRequests {
  /** In the order of the plan's variants. */
  readonly models: readonly { readonly variant: string; readonly request: CreateModelInput }[];
  readonly config: CreateEndpointConfigInput;
  readonly creation: CreateEndpointInput;
  /** Dotted paths of the fields that the overrides set: `CreateEndpointConfig.AsyncInferenceConfig`. */
  readonly overridden: readonly string[];
  readonly notices: readonly string[];
}

export interface RequestSource {
  readonly plan: EndpointPlan;
  readonly aws: AwsPlan;
  readonly source: SourceRecord;
  /** By variant. */
  readonly models: ReadonlyMap<string, FoundModel>;
}

/** The plan as CreateModel, CreateEndpointConfig and CreateEndpoint take it. The overrides are merged last. */
export function deploymentRequests(from: RequestSource): DeploymentRequests {
  const { plan } = from;
  const { overrides } = plan;
  const notices: string[] = [];
  const models = plan.variants.map((variant) => ({ variant: variant.name, request: modelOf(variant, from) }));
  const modelNames = new Map(models.map(({ variant, request }) => [variant, request.ModelName ?? '']));
  const { EndpointConfigName: _, Tags: configTags, ...config } = configOf(plan, modelNames, notices);
  const configName = contentName(plan.name, config);
  const { Tags: endpointTags, ...creation } = deepMerge({}, overrides.CreateEndpoint ?? {});
  return {
    models,
    config: {
      EndpointConfigName: configName,
      ...config,
      ...wire(tagsFor(from, configTags, true)),
    } as CreateEndpointConfigInput,
    creation: {
      ...creation,
      EndpointName: plan.name,
      EndpointConfigName: configName,
      ...wire(tagsFor(from, endpointTags, false)),
    },
    overridden: Object.entries(overrides).flatMap(([operation, changes]) =>
      changedPaths(changes ?? {}, `${operation}.`),
    ),
    notices,
  };
}

/** By operation, without values of secrets: for the summary and the report. */
export function shownRequests(
  { models, config, creation }: DeploymentRequests,
  update?: UpdateEndpointInput,
): NonNullable<EndpointRecord['requests']> {
  const shown = models.map(({ variant, request }) => [
    models.length === 1 ? 'CreateModel' : `CreateModel (${variant})`,
    hideSecrets(request, [
      request.PrimaryContainer?.Environment,
      ...(request.Containers ?? []).map(({ Environment }) => Environment),
    ]),
  ]);
  return {
    ...(Object.fromEntries(shown) as Record<string, Json>),
    CreateEndpointConfig: { ...config },
    ...(update === undefined ? { CreateEndpoint: { ...creation } } : { UpdateEndpoint: { ...update } }),
  };
}

/** A model is made once for the same content: its name says what is in it. */
function modelOf({ name, model: _ }: VariantPlan, from: RequestSource): CreateModelInput {
  const { plan, models } = from;
  const found = models.get(name);
  if (found === undefined) throw new Error(`No model was found for the variant ${name}.`);
  const {
    ModelName: __,
    Tags,
    ...content
  } = deepMerge(
    {
      PrimaryContainer: {
        ...found.container,
        ...(plan.environment.size > 0 && { Environment: Object.fromEntries(plan.environment) }),
      },
      ExecutionRoleArn: plan.roleArn,
      ...(plan.subnets.length > 0 && {
        VpcConfig: { Subnets: plan.subnets, SecurityGroupIds: plan.securityGroupIds },
      }),
      ...(plan.networkIsolation && { EnableNetworkIsolation: true }),
    },
    plan.overrides.CreateModel ?? {},
  );
  return {
    ModelName: contentName(
      `${plan.name}-${name}`,
      found.etag === undefined ? content : [content, found.etag],
    ),
    ...content,
    ...wire(tagsFor(from, Tags, true)),
  };
}

function configOf(
  plan: EndpointPlan,
  modelNames: ReadonlyMap<string, string>,
  notices: string[],
): Json & { readonly EndpointConfigName?: unknown; readonly Tags?: unknown } {
  const { ProductionVariants: variants, ...changes } = plan.overrides.CreateEndpointConfig ?? {};
  const base = plan.variants.map((variant) => productionVariant(variant, plan, modelNames));
  return deepMerge(
    {
      ProductionVariants: mergeVariants(base, variants),
      ...(plan.dataCapture && {
        DataCaptureConfig: {
          EnableCapture: true,
          InitialSamplingPercentage: plan.dataCapture.percentage,
          DestinationS3Uri: plan.dataCapture.path,
          ...(plan.kmsKeyId && { KmsKeyId: plan.kmsKeyId }),
          CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
        },
      }),
      ...(plan.async && { AsyncInferenceConfig: asyncConfig(plan, plan.async) }),
      ...volumeKey(plan, notices),
    },
    changes,
  );
}

function productionVariant(
  { name, weight, hosting }: VariantPlan,
  { startupTimeoutSeconds, downloadTimeoutSeconds }: EndpointPlan,
  modelNames: ReadonlyMap<string, string>,
): Json {
  const common = { VariantName: name, ModelName: modelNames.get(name), InitialVariantWeight: weight };
  if (hosting.kind === 'serverless') {
    return {
      ...common,
      ServerlessConfig: {
        MemorySizeInMB: hosting.memorySizeInMB,
        MaxConcurrency: hosting.maxConcurrency,
        ...(hosting.provisionedConcurrency !== undefined && {
          ProvisionedConcurrency: hosting.provisionedConcurrency,
        }),
      },
    };
  }
  return {
    ...common,
    InstanceType: hosting.type,
    InitialInstanceCount: hosting.count,
    ...(startupTimeoutSeconds !== undefined && {
      ContainerStartupHealthCheckTimeoutInSeconds: startupTimeoutSeconds,
    }),
    ...(downloadTimeoutSeconds !== undefined && {
      ModelDataDownloadTimeoutInSeconds: downloadTimeoutSeconds,
    }),
  };
}

/**
 * The variants with what the overrides say of them: of the variant with the same VariantName, else of the one in the
 * same place. Their models' names hold hashes, which nobody can write into an override.
 */
function mergeVariants(base: readonly Json[], changes: unknown): readonly Json[] {
  if (!Array.isArray(changes)) return base;
  const merged = [...base];
  for (const [index, change] of changes.entries()) {
    const fields = Object(change) as Json;
    const name = fields['VariantName'];
    const place = name === undefined ? index : merged.findIndex(({ VariantName }) => VariantName === name);
    const before = merged[place];
    if (before === undefined) merged.push(fields);
    else merged[place] = deepMerge(before, fields);
  }
  return merged;
}

function asyncConfig({ kmsKeyId }: EndpointPlan, plan: NonNullable<EndpointPlan['async']>): Json {
  const { outputPath, failurePath, successTopic, errorTopic, maxConcurrentInvocations } = plan;
  return {
    ...(maxConcurrentInvocations !== undefined && {
      ClientConfig: { MaxConcurrentInvocationsPerInstance: maxConcurrentInvocations },
    }),
    OutputConfig: {
      S3OutputPath: outputPath,
      ...(failurePath !== undefined && { S3FailurePath: failurePath }),
      ...(kmsKeyId && { KmsKeyId: kmsKeyId }),
      ...((successTopic ?? errorTopic) !== undefined && {
        NotificationConfig: {
          ...(successTopic !== undefined && { SuccessTopic: successTopic }),
          ...(errorTopic !== undefined && { ErrorTopic: errorTopic }),
        },
      }),
    },
  };
}

/** The key of the instances' volumes; the API refuses one as soon as an instance brings its own disk. */
function volumeKey({ kmsKeyId, variants }: EndpointPlan, notices: string[]): Json {
  if (kmsKeyId === undefined) return {};
  const types = variants.flatMap(({ hosting }) => (hosting.kind === 'instance' ? [hosting.type] : []));
  if (types.length === 0) return {};
  const own = types.filter(hasLocalDisk);
  if (own.length === 0) return { KmsKeyId: kmsKeyId };
  notices.push(
    `The volumes of the endpoint are not encrypted with kms-key-id: ${own.join(', ')} has a disk of its own, which the instance encrypts, and SageMaker takes no key for it.`,
  );
  return {};
}

function tagsFor(
  { aws, source, plan }: RequestSource,
  own: unknown,
  ofEndpoint: boolean,
): ReadonlyMap<string, string> {
  const tags = new Map(pinningTags(source, new Map([...aws.tags, ...tagsOfRequest(own)])));
  if (ofEndpoint) tags.set(ENDPOINT_TAG, plan.name);
  return tags;
}

const wire = (tags: ReadonlyMap<string, string>) =>
  tags.size === 0 ? {} : { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };

type Excluded = NonNullable<UpdateEndpointInput['ExcludeRetainedVariantProperties']>;

/**
 * What an update moves the endpoint to, and how. Instance counts and weights stay as auto-scaling and people have
 * set them on the live endpoint, unless the new configuration says something else of them than the one before.
 *
 * @param before the live configuration; absent when it is gone
 */
export function updateRequest(
  plan: EndpointPlan,
  config: CreateEndpointConfigInput,
  before: DescribeEndpointConfigOutput | undefined,
): UpdateEndpointInput {
  const excluded = excludedProperties(config, before);
  const deployment = deploymentConfig(plan);
  const { EndpointName: _, EndpointConfigName: __, ...changes } = plan.overrides.UpdateEndpoint ?? {};
  return {
    ...deepMerge(
      {
        RetainAllVariantProperties: true,
        ...(excluded.length > 0 && { ExcludeRetainedVariantProperties: excluded }),
        ...(deployment && { DeploymentConfig: deployment }),
      },
      changes,
    ),
    EndpointName: plan.name,
    EndpointConfigName: config.EndpointConfigName,
  };
}

/** Puts the configuration back that was live before, with the counts and weights that it had then. */
export function restoreRequest(update: UpdateEndpointInput, previousConfigName: string): UpdateEndpointInput {
  const { EndpointName, RetainAllVariantProperties, ExcludeRetainedVariantProperties: excluded } = update;
  return {
    EndpointName,
    EndpointConfigName: previousConfigName,
    RetainAllVariantProperties,
    ...(excluded && { ExcludeRetainedVariantProperties: excluded }),
  };
}

function excludedProperties(
  config: CreateEndpointConfigInput,
  before: DescribeEndpointConfigOutput | undefined,
): Excluded {
  // What the live endpoint was made from is not known, so nothing says that the plan changes it.
  if (before === undefined) return [];
  const differs = (field: 'InitialInstanceCount' | 'InitialVariantWeight') =>
    (config.ProductionVariants ?? []).some((variant) => {
      const old = before.ProductionVariants?.find(({ VariantName }) => VariantName === variant.VariantName);
      return old !== undefined && (old[field] ?? undefined) !== (variant[field] ?? undefined);
    });
  const names = (variants: CreateEndpointConfigInput['ProductionVariants']) =>
    (variants ?? [])
      .map(({ VariantName }) => VariantName)
      .sort()
      .join();
  return [
    ...(differs('InitialInstanceCount') ? [{ VariantPropertyType: 'DesiredInstanceCount' as const }] : []),
    // Weights only mean something beside each other: with other variants, all of the plan's hold.
    ...(differs('InitialVariantWeight') ||
    names(config.ProductionVariants) !== names(before.ProductionVariants)
      ? [{ VariantPropertyType: 'DesiredWeight' as const }]
      : []),
    ...((config.DataCaptureConfig === undefined) !== (before.DataCaptureConfig === undefined) ||
    !isPartOf(config.DataCaptureConfig, before.DataCaptureConfig)
      ? [{ VariantPropertyType: 'DataCaptureConfig' as const }]
      : []),
  ];
}

/** DeploymentConfig of UpdateEndpoint; guardrails are for instances only. [doc] */
function deploymentConfig({ policy, rollbackAlarms, variants }: EndpointPlan): Json | undefined {
  if (variants.some(({ hosting }) => hosting.kind === 'serverless')) return undefined;
  if (policy === undefined && rollbackAlarms.length === 0) return undefined;
  return {
    ...policyOf(policy ?? { kind: 'all-at-once', waitSeconds: BAKING_SECONDS, terminationWaitSeconds: 0 }),
    ...(rollbackAlarms.length > 0 && {
      AutoRollbackConfiguration: { Alarms: rollbackAlarms.map((AlarmName) => ({ AlarmName })) },
    }),
  };
}

function policyOf(policy: DeploymentPolicy): Json {
  const percent = (Value: number) => ({ Type: 'CAPACITY_PERCENT', Value });
  switch (policy.kind) {
    case 'rolling':
      return {
        RollingUpdatePolicy: {
          MaximumBatchSize: percent(policy.percent),
          WaitIntervalInSeconds: policy.waitSeconds,
        },
      };
    case 'all-at-once':
      return blueGreen(policy, { Type: 'ALL_AT_ONCE' });
    case 'canary':
      return blueGreen(policy, { Type: 'CANARY', CanarySize: percent(policy.percent) });
    case 'linear':
      return blueGreen(policy, { Type: 'LINEAR', LinearStepSize: percent(policy.percent) });
  }
}

const blueGreen = (
  {
    waitSeconds,
    terminationWaitSeconds,
  }: { readonly waitSeconds: number; readonly terminationWaitSeconds: number },
  routing: Json,
): Json => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: { ...routing, WaitIntervalInSeconds: waitSeconds },
    TerminationWaitInSeconds: terminationWaitSeconds,
  },
});
