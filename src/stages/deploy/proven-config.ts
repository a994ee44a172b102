import { AwsError } from '../../aws/aws-error.js';
import type { CreateEndpointConfigInput, DescribeEndpointConfigOutput } from '../../aws/endpoints.js';
import { PINNING_TAGS, PROVEN_TAG, TAG_PREFIX } from '../pinning-tags.js';
import type { Deployment } from './deployment.js';
import { isMadeFor } from './ownership.js';
import type { Proof } from './prove.js';

/**
 * What a later run must know of a configuration that is live, when the run that put it there was killed or canceled
 * before its proof: whether it was ever proven, and what was live before it.
 */

/** Name of the configuration that was live before, set before the update begins. */
const PREVIOUS_TAG = `${TAG_PREFIX}previous-config`;

/** The configuration's request, with what is live before it. */
export function withPrevious(
  config: CreateEndpointConfigInput,
  previous: string | undefined,
): CreateEndpointConfigInput {
  if (previous === undefined) return config;
  return { ...config, Tags: [...(config.Tags ?? []), { Key: PREVIOUS_TAG, Value: previous }] };
}

/** The same for a configuration that is there already, and may say what was live before it some other time. */
export const rememberPrevious = (deployment: Deployment, previous: string): Promise<boolean> =>
  tagWanted(deployment, PREVIOUS_TAG, previous);

/** Called when the wanted configuration is live for good. @returns whether this run is the first to say so */
export const rememberProven = (deployment: Deployment, proof: Proof | undefined): Promise<boolean> =>
  tagWanted(deployment, PROVEN_TAG, proof === undefined ? 'unasked' : 'true');

/**
 * Tags help the next run only: this one is none the worse when they cannot be set.
 *
 * @returns whether the tag was set just now
 */
async function tagWanted(deployment: Deployment, key: string, value: string): Promise<boolean> {
  const { wantedName, context } = deployment;
  try {
    const wanted = await tagsOfWanted(deployment);
    if (wanted === undefined || wanted.tags.get(key) === value) return false;
    await deployment.aws.call(({ endpoints }) =>
      endpoints.tag(wanted.arn, new Map([[key, value]]), context.signal),
    );
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    deployment.say(`The configuration ${wantedName} could not be given the tag ${key}: ${error.message}`);
    return false;
  }
}

/**
 * Whether a run has said of the wanted configuration before that it is live for good. What this run made itself is new.
 *
 * @throws CanceledError
 */
export async function wasProven(deployment: Deployment): Promise<boolean> {
  if (deployment.ownWork.some(({ name }) => name === deployment.wantedName)) return false;
  try {
    return (await tagsOfWanted(deployment))?.tags.has(PROVEN_TAG) ?? false;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return false;
  }
}

/** @returns undefined when it is gone, or was not made by this repository for this endpoint */
async function tagsOfWanted({
  aws,
  wantedName,
  part,
  context: { signal, source },
}: Deployment): Promise<{ readonly arn: string; readonly tags: ReadonlyMap<string, string> } | undefined> {
  return aws.call(async ({ endpoints }) => {
    const arn = (await endpoints.describeConfig(wantedName, signal))?.EndpointConfigArn;
    if (arn === undefined) return undefined;
    const tags = await endpoints.tags(arn, signal);
    return isMadeFor(tags, part.name, source) ? { arn, tags } : undefined;
  });
}

/** Where the wanted configuration, which is live, comes from, and what there is to go back to. */
export interface Origin {
  /** Of the run that made it. */
  readonly commit?: string;
  /** What was live before, which is still there. */
  readonly previousConfigName?: string;
}

/** Tells the reader only: what cannot be read is left out. @throws CanceledError */
export async function originOfWanted(deployment: Deployment): Promise<Origin> {
  const { aws, wantedName, context } = deployment;
  try {
    const { tags } = (await tagsOfWanted(deployment)) ?? {};
    const commit = tags?.get(PINNING_TAGS.commit);
    const name = tags?.get(PREVIOUS_TAG);
    const isThere =
      name !== undefined &&
      name !== wantedName &&
      (await aws.call(({ endpoints }) => endpoints.describeConfig(name, context.signal))) !== undefined;
    return { ...(commit && { commit }), ...(isThere && { previousConfigName: name }) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {};
  }
}

export interface WayBack {
  /** What was live before, which is still there. */
  readonly previous: DescribeEndpointConfigOutput & { readonly EndpointConfigName: string };
  /** The live configuration was proven, or left without a proof, by a run that ended green. */
  readonly wasAccepted: boolean;
}

/** How to go back from the wanted configuration, which is live; undefined when nothing tells. */
export async function wayBack(deployment: Deployment): Promise<WayBack | undefined> {
  const { aws, wantedName, context } = deployment;
  try {
    const { tags } = (await tagsOfWanted(deployment)) ?? {};
    const name = tags?.get(PREVIOUS_TAG);
    if (tags === undefined || name === undefined || name === wantedName) return undefined;
    const previous = await aws.call(({ endpoints }) => endpoints.describeConfig(name, context.signal));
    if (previous === undefined) return undefined;
    return { previous: { ...previous, EndpointConfigName: name }, wasAccepted: tags.has(PROVEN_TAG) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    deployment.say(`What was live before ${wantedName} cannot be told: ${error.message}`);
    return undefined;
  }
}
