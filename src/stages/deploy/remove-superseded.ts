import { AwsError } from '../../aws/aws-error.js';
import type { NamedResource } from '../../aws/models.js';
import type { RemovedResource, SourceRecord } from '../../plan.js';
import { PROVEN_TAG } from '../pinning-tags.js';
import { configsOf, modelsOfConfigs } from '../removal/hosting.js';
import { isYoung } from '../remove-unused/sort-out.js';
import type { DeployConnection } from './connection.js';
import { stemOf } from './names.js';
import { isMadeFor } from './ownership.js';

export interface Superseded {
  readonly endpointName: string;
  /** The live configuration. */
  readonly live: string;
  /** What was live before; absent: nothing, or it is gone. */
  readonly previous?: string;
  /** Whether the endpoint was in service on that. */
  readonly previousServed: boolean;
  readonly source: SourceRecord;
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Services = Pick<DeployConnection, 'models' | 'endpoints'>;

interface Own extends NamedResource {
  /** A configuration that was live for good. */
  readonly proven: boolean;
}

/**
 * Removes the configurations and models that this repository made for the endpoint and that neither the live nor the
 * previous deployment of any endpoint needs. When the previous one did not serve, or no run has proven it, the newest
 * that was proven stays too: it may be the only good one to go back to.
 *
 * Another run may be about to use what it has just made: what is younger than one hour stays unless it was live for
 * good. As soon as the endpoint is on its way to something else, nothing more is removed.
 *
 * @throws AwsError when it cannot be told what is needed
 */
export async function removeSuperseded(
  { models, endpoints }: Services,
  { endpointName, source, now, ...keeping }: Superseded,
  signal: AbortSignal,
): Promise<readonly RemovedResource[]> {
  const stem = stemOf(endpointName);
  async function ours(
    found: readonly NamedResource[],
    tagged: { tags(arn: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> },
  ): Promise<readonly Own[]> {
    const mine: Own[] = [];
    for (const one of found) {
      const tags = await tagged.tags(one.arn, signal);
      if (isMadeFor(tags, endpointName, source)) mine.push({ ...one, proven: tags.has(PROVEN_TAG) });
    }
    return mine;
  }
  const allConfigs = await ours(await endpoints.listConfigs(stem, signal), endpoints);
  const ofModels = await ours(await models.list(stem, signal), models);
  const keep = kept(allConfigs, keeping);
  const coming = allConfigs.filter(({ proven, createdAt }) => !proven && isYoung(createdAt, now));
  const stay = new Set([...keep, ...coming.map(({ name }) => name)]);
  const configs = allConfigs.filter(({ name }) => !stay.has(name));
  if (configs.length + ofModels.length === 0) return [];
  const needed = await inUse(endpoints, stay, signal);
  const superseded = await modelsOfConfigs({ endpoints }, new Set(configs.map(({ name }) => name)), signal);
  const isAsBefore = async () =>
    configsOf((await endpoints.describe(endpointName, signal)) ?? {}).every((name) =>
      needed.configs.has(name),
    );
  const removed: RemovedResource[] = [];
  for (const { name } of configs) {
    if (needed.configs.has(name)) continue;
    if (!(await isAsBefore())) return removed;
    removed.push(await removal('endpoint-config', name, () => endpoints.removeConfig(name, signal)));
  }
  for (const { name, createdAt } of ofModels) {
    if (needed.models.has(name) || (isYoung(createdAt, now) && !superseded.has(name))) continue;
    if (!(await isAsBefore())) return removed;
    removed.push(await removal('model', name, () => models.remove(name, signal)));
  }
  return removed;
}

/** @param configs the newest first */
function kept(
  configs: readonly Own[],
  { live, previous, previousServed }: Omit<Superseded, 'endpointName' | 'source' | 'now'>,
): readonly string[] {
  const isGood = previousServed && configs.some(({ name, proven }) => proven && name === previous);
  const others = configs.filter(({ name }) => name !== live && name !== previous);
  const wayBack = isGood ? undefined : (others.find(({ proven }) => proven) ?? others.at(0));
  return [live, previous, wayBack?.name].flatMap((name) => name ?? []);
}

/** What the endpoints of the account and the kept configurations need. */
async function inUse(
  endpoints: DeployConnection['endpoints'],
  keep: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<{ readonly configs: ReadonlySet<string>; readonly models: ReadonlySet<string> }> {
  const configs = new Set(keep);
  for (const { name } of await endpoints.list(signal)) {
    for (const config of configsOf((await endpoints.describe(name, signal)) ?? {})) configs.add(config);
  }
  return { configs, models: await modelsOfConfigs({ endpoints }, configs, signal) };
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
