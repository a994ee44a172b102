import type { DescribeEndpointConfigOutput, DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { NamedResource } from '../../aws/models.js';
import type { SourceRecord } from '../../plan.js';
import { ownerOf } from '../deploy/ownership.js';
import { ENDPOINT_TAG, PINNING_TAGS, PROVEN_TAG } from '../pinning-tags.js';
import type { RemovalConnection } from './connection.js';

type Services = Pick<RemovalConnection, 'models' | 'endpoints'>;

/** An endpoint of the account, as it is. */
export interface KnownEndpoint {
  readonly name: string;
  readonly arn: string;
  readonly description: DescribeEndpointOutput;
}

/** A model or a configuration that this repository made for an endpoint. */
export interface OwnResource extends NamedResource {
  /** Name of the endpoint. */
  readonly endpointName: string;
  /** The branch or tag whose run made it. */
  readonly ref?: string;
  /** A configuration that was live, and answered as it should. */
  readonly proven: boolean;
}

/** All endpoints of the account and Region. */
export async function allEndpoints(
  { endpoints }: Services,
  signal: AbortSignal,
): Promise<readonly KnownEndpoint[]> {
  const known: KnownEndpoint[] = [];
  for (const { name, arn } of await endpoints.list(signal)) {
    const description = await endpoints.describe(name, signal);
    if (description !== undefined) known.push({ name, arn, description });
  }
  return known;
}

/** Names that end like those that the action gives: a hyphen, and ten digits of the content's hash. */
const CONTENT_NAME = /-[0-9a-f]{10}$/;

/**
 * Those that carry this repository's tags and name the endpoint that they were made for, the newest first. Nothing
 * else is ever looked at.
 *
 * @param given names that are looked at whatever they are like
 */
export async function ownResources(
  found: readonly NamedResource[],
  tagged: { tags(arn: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> },
  source: SourceRecord,
  signal: AbortSignal,
  given: ReadonlySet<string> = new Set(),
): Promise<readonly OwnResource[]> {
  const own: OwnResource[] = [];
  for (const one of found) {
    if (!CONTENT_NAME.test(one.name) && !given.has(one.name)) continue;
    const tags = await tagged.tags(one.arn, signal);
    const endpointName = tags.get(ENDPOINT_TAG);
    if (ownerOf(tags, source) !== 'ours' || endpointName === undefined) continue;
    const ref = tags.get(PINNING_TAGS.ref);
    own.push({ ...one, endpointName, proven: tags.has(PROVEN_TAG), ...(ref !== undefined && { ref }) });
  }
  return own.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
}

/** Configurations that an endpoint is on, or on its way to. */
export const configsOf = ({
  EndpointConfigName,
  PendingDeploymentSummary,
}: Partial<DescribeEndpointOutput>): readonly string[] =>
  [EndpointConfigName, PendingDeploymentSummary?.EndpointConfigName].flatMap((name) => name ?? []);

/** Names of the models that a configuration needs. */
export const modelsOf = (config: DescribeEndpointConfigOutput | undefined): readonly string[] =>
  [...(config?.ProductionVariants ?? []), ...(config?.ShadowProductionVariants ?? [])].flatMap(
    ({ ModelName, InstancePools }) => [
      ...(ModelName === undefined ? [] : [ModelName]),
      ...(InstancePools ?? []).flatMap(({ ModelNameOverride }) => ModelNameOverride ?? []),
    ],
  );

/** Names of the models that any of the configurations needs. */
export async function modelsOfConfigs(
  { endpoints }: Pick<Services, 'endpoints'>,
  configs: Iterable<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const config of configs) {
    for (const name of modelsOf(await endpoints.describeConfig(config, signal))) names.add(name);
  }
  return names;
}
