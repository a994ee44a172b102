import { AwsError } from '../../aws/aws-error.js';
import type { NamedResource } from '../../aws/models.js';
import type { RemovedResource, SourceRecord } from '../../plan.js';
import type { DeployConnection } from './connection.js';
import { stemOf } from './names.js';
import { isMadeFor } from './ownership.js';

export interface Superseded {
  readonly endpointName: string;
  /** The live configuration, and the one to go back to. */
  readonly keep: readonly string[];
  readonly source: SourceRecord;
}

type Services = Pick<DeployConnection, 'models' | 'endpoints'>;

/**
 * Removes the configurations and models that this repository made for the endpoint and that neither the live nor the
 * previous deployment of any endpoint needs.
 *
 * @throws AwsError when it cannot be told what is needed; then nothing was removed
 */
export async function removeSuperseded(
  { models, endpoints }: Services,
  { endpointName, keep, source }: Superseded,
  signal: AbortSignal,
): Promise<readonly RemovedResource[]> {
  const stem = stemOf(endpointName);
  const [configs, ofModels] = await Promise.all([
    ours(await endpoints.listConfigs(stem, signal), endpoints),
    ours(await models.list(stem, signal), models),
  ]);
  async function ours(
    found: readonly NamedResource[],
    tagged: { tags(arn: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> },
  ): Promise<readonly NamedResource[]> {
    const mine: NamedResource[] = [];
    for (const one of found) {
      if (keep.includes(one.name)) continue;
      if (isMadeFor(await tagged.tags(one.arn, signal), endpointName, source)) mine.push(one);
    }
    return mine;
  }
  if (configs.length + ofModels.length === 0) return [];
  const needed = await inUse(endpoints, keep, signal);
  const removed: RemovedResource[] = [];
  for (const { name } of configs) {
    if (needed.configs.has(name)) continue;
    removed.push(await removal('endpoint-config', name, () => endpoints.removeConfig(name, signal)));
  }
  for (const { name } of ofModels) {
    if (needed.models.has(name)) continue;
    removed.push(await removal('model', name, () => models.remove(name, signal)));
  }
  return removed;
}

/** What the endpoints of the account and the kept configurations need. */
async function inUse(
  endpoints: DeployConnection['endpoints'],
  keep: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly configs: ReadonlySet<string>; readonly models: ReadonlySet<string> }> {
  const configs = new Set(keep);
  for (const { name } of await endpoints.list(signal)) {
    const { EndpointConfigName, PendingDeploymentSummary } = (await endpoints.describe(name, signal)) ?? {};
    if (EndpointConfigName !== undefined) configs.add(EndpointConfigName);
    const pending = PendingDeploymentSummary?.EndpointConfigName;
    if (pending !== undefined) configs.add(pending);
  }
  const models = new Set<string>();
  for (const name of configs) {
    const config = await endpoints.describeConfig(name, signal);
    for (const { ModelName, InstancePools } of [
      ...(config?.ProductionVariants ?? []),
      ...(config?.ShadowProductionVariants ?? []),
    ]) {
      if (ModelName !== undefined) models.add(ModelName);
      for (const { ModelNameOverride } of InstancePools ?? []) {
        if (ModelNameOverride !== undefined) models.add(ModelNameOverride);
      }
    }
  }
  return { configs, models };
}

/** What AWS does not remove stays, and is said: the deployment is none the worse for it. */
export async function removal(
  kind: RemovedResource['kind'],
  name: string,
  remove: () => Promise<unknown>,
  why = 'superseded: neither the live nor the previous deployment needs it',
): Promise<RemovedResource> {
  try {
    await remove();
    return { kind, name, why, result: 'removed' };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind, name, why: error.message, result: 'kept' };
  }
}
