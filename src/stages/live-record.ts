import { endpointLogsPage, endpointPage } from '../aws/console-links.js';
import type { DescribeEndpointConfigOutput, DescribeEndpointOutput } from '../aws/endpoints.js';
import type { EndpointRecord, SecondaryTransition, VariantRecord } from '../plan.js';

/** An endpoint that a stage finds and does not deploy to. */
export interface LiveFacts {
  readonly name: string;
  readonly region: string;
  /** As it was seen last; absent: it is not there. */
  readonly endpoint?: DescribeEndpointOutput;
  /** The live configuration, where it was asked for. */
  readonly config?: DescribeEndpointConfigOutput;
  /** In place of what was seen: `Unknown`, `Deleted`. */
  readonly status?: string;
  readonly transitions?: readonly SecondaryTransition[];
  /** FailureReason of a deployment before this run: not what became of it. */
  readonly earlierReason?: string | undefined;
}

export function liveRecord({
  name,
  region,
  endpoint,
  config,
  status,
  transitions,
  earlierReason,
}: LiveFacts): EndpointRecord {
  const consoleUrl = endpointPage(region, name);
  const logsUrl = endpointLogsPage(region, name);
  return {
    name,
    arn: endpoint?.EndpointArn ?? '',
    region,
    status: status ?? endpoint?.EndpointStatus ?? 'Deleted',
    ...(endpoint?.FailureReason &&
      endpoint.FailureReason !== earlierReason && { failureReason: endpoint.FailureReason }),
    ...(endpoint?.EndpointConfigName && { configName: endpoint.EndpointConfigName }),
    variants: (endpoint?.ProductionVariants ?? []).map((variant) => variantRecord(variant, config)),
    transitions: transitions ?? [],
    removed: [],
    logTail: [],
    ...(consoleUrl !== undefined && { consoleUrl }),
    ...(logsUrl !== undefined && { logsUrl }),
  };
}

function variantRecord(
  variant: NonNullable<DescribeEndpointOutput['ProductionVariants']>[number],
  config: DescribeEndpointConfigOutput | undefined,
): VariantRecord {
  const made = config?.ProductionVariants?.find(({ VariantName }) => VariantName === variant.VariantName);
  const { MemorySizeInMB, MaxConcurrency = 0 } =
    variant.CurrentServerlessConfig ?? made?.ServerlessConfig ?? {};
  const image = variant.DeployedImages?.[0]?.ResolvedImage;
  return {
    name: variant.VariantName ?? '',
    ...(variant.CurrentWeight !== undefined && { currentWeight: variant.CurrentWeight }),
    ...(variant.DesiredWeight !== undefined && { desiredWeight: variant.DesiredWeight }),
    ...(made?.InstanceType !== undefined && { instanceType: made.InstanceType }),
    ...(variant.CurrentInstanceCount !== undefined && { currentInstanceCount: variant.CurrentInstanceCount }),
    ...(variant.DesiredInstanceCount !== undefined && { desiredInstanceCount: variant.DesiredInstanceCount }),
    ...(MemorySizeInMB !== undefined && {
      serverless: { memorySizeInMB: MemorySizeInMB, maxConcurrency: MaxConcurrency },
    }),
    ...(image !== undefined && { image }),
    ...(made?.ModelName !== undefined && { modelName: made.ModelName }),
  };
}
