import { endpointLogsPage, endpointPage } from '../../aws/console-links.js';
import type {
  CreateEndpointConfigInput,
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
} from '../../aws/endpoints.js';
import type {
  EndpointPlan,
  EndpointRecord,
  ProofRecord,
  RemovedResource,
  SecondaryTransition,
  VariantRecord,
} from '../../plan.js';
import { configChanges } from './config-changes.js';
import type { FoundModel } from './find-model.js';

/** Everything that is known of an endpoint at some moment. */
export interface EndpointFacts {
  readonly plan: EndpointPlan;
  readonly region: string;
  readonly arn: string;
  /** As it was seen last; absent: it is not there, or was never seen. */
  readonly endpoint?: DescribeEndpointOutput;
  /** In place of what was seen: `Unknown`, `Deleted`. */
  readonly status?: string;
  readonly action?: EndpointRecord['action'];
  readonly wantedConfigName: string;
  readonly previousConfigName?: string;
  /** Those that are known: the wanted one and the one before. */
  readonly configs: readonly (CreateEndpointConfigInput | DescribeEndpointConfigOutput)[];
  /** By the name of the model. */
  readonly models: ReadonlyMap<string, FoundModel>;
  readonly transitions: readonly SecondaryTransition[];
  readonly proof?: ProofRecord;
  readonly restoredProof?: ProofRecord;
  readonly autoScaled: boolean;
  readonly removed: readonly RemovedResource[];
  readonly requests: NonNullable<EndpointRecord['requests']>;
  readonly overridden: readonly string[];
  readonly logTail: readonly string[];
  readonly changedByOthers?: boolean;
  /** FailureReason from before this run: not what became of it. */
  readonly earlierReason?: string | undefined;
  /** Commit of the run that made what is live, where that is not this one. */
  readonly commit?: string;
}

export function endpointRecord(facts: EndpointFacts): EndpointRecord {
  const { plan, region, endpoint, wantedConfigName, previousConfigName } = facts;
  const { name } = plan;
  const configName = endpoint?.EndpointConfigName;
  const consoleUrl = endpointPage(region, name);
  const logsUrl = endpointLogsPage(region, name);
  const isBack = configName !== undefined && configName === previousConfigName;
  return {
    name,
    arn: endpoint?.EndpointArn ?? facts.arn,
    region,
    status: facts.status ?? endpoint?.EndpointStatus ?? 'Unknown',
    ...(endpoint?.FailureReason &&
      endpoint.FailureReason !== facts.earlierReason && { failureReason: endpoint.FailureReason }),
    ...(facts.action && { action: facts.action }),
    ...(configName !== undefined && { configName }),
    wantedConfigName,
    ...(previousConfigName !== undefined && { previousConfigName }),
    ...(facts.commit !== undefined && { commit: facts.commit }),
    ...changesOf(facts),
    variants: variantsOf(facts),
    transitions: facts.transitions,
    ...(facts.proof && { proof: facts.proof }),
    ...(facts.restoredProof && { restoredProof: facts.restoredProof }),
    ...(facts.autoScaled && plan.autoScaling && { autoScaling: plan.autoScaling }),
    removed: facts.removed,
    requests: facts.requests,
    ...(facts.overridden.length > 0 && { overridden: facts.overridden }),
    logTail: facts.logTail,
    ...(facts.changedByOthers && { changedByOthers: true }),
    ...([...facts.models.values()].some(({ unread }) => unread !== undefined) && { modelUnread: true }),
    ...(previousConfigName !== undefined &&
      !isBack && { goBack: updateByHand(name, previousConfigName, region) }),
    ...(consoleUrl !== undefined && { consoleUrl }),
    ...(logsUrl !== undefined && { logsUrl }),
  };
}

function changesOf({
  configs,
  wantedConfigName,
  previousConfigName,
}: EndpointFacts): Pick<EndpointRecord, 'changes'> {
  const named = (name: string | undefined) =>
    configs.find(({ EndpointConfigName }) => EndpointConfigName === name);
  const [before, after] = [named(previousConfigName), named(wantedConfigName)];
  return before === undefined || after === undefined ? {} : { changes: configChanges(before, after) };
}

function variantsOf({ endpoint, configs, models }: EndpointFacts): readonly VariantRecord[] {
  const config = configs.find(
    ({ EndpointConfigName }) => EndpointConfigName === endpoint?.EndpointConfigName,
  );
  return (endpoint?.ProductionVariants ?? []).map((variant) => {
    const wanted = config?.ProductionVariants?.find(({ VariantName }) => VariantName === variant.VariantName);
    const model = models.get(wanted?.ModelName ?? '');
    const serverless = variant.CurrentServerlessConfig ?? wanted?.ServerlessConfig;
    const image = variant.DeployedImages?.[0]?.ResolvedImage ?? model?.image;
    const status = variant.VariantStatus?.at(-1);
    return {
      name: variant.VariantName ?? '',
      ...(variant.CurrentWeight !== undefined && { currentWeight: variant.CurrentWeight }),
      ...(variant.DesiredWeight !== undefined && { desiredWeight: variant.DesiredWeight }),
      ...(wanted?.InstanceType !== undefined && { instanceType: wanted.InstanceType }),
      ...(variant.CurrentInstanceCount !== undefined && {
        currentInstanceCount: variant.CurrentInstanceCount,
      }),
      ...(variant.DesiredInstanceCount !== undefined && {
        desiredInstanceCount: variant.DesiredInstanceCount,
      }),
      ...(serverless?.MemorySizeInMB !== undefined && {
        serverless: {
          memorySizeInMB: serverless.MemorySizeInMB,
          maxConcurrency: serverless.MaxConcurrency ?? 0,
        },
      }),
      ...(image !== undefined && { image }),
      ...(wanted?.ModelName !== undefined && { modelName: wanted.ModelName }),
      ...(model?.modelArtifacts !== undefined && { modelArtifacts: model.modelArtifacts }),
      ...(model?.modelPackageArn !== undefined && { modelPackageArn: model.modelPackageArn }),
      ...(status?.Status !== undefined && {
        status: status.StatusMessage ? `${status.Status}: ${status.StatusMessage}` : status.Status,
      }),
    };
  });
}

/** How to put a configuration back by hand. */
export const updateByHand = (name: string, configName: string, region: string): string =>
  `aws sagemaker update-endpoint --endpoint-name ${name} --endpoint-config-name ${configName} --retain-all-variant-properties --region ${region}`;

export const deleteByHand = (name: string, region: string): string =>
  `aws sagemaker delete-endpoint --endpoint-name ${name} --region ${region}`;

export const followByHand = (name: string, region: string): string =>
  `aws sagemaker describe-endpoint --endpoint-name ${name} --region ${region}`;
