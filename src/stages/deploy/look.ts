import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import { type decide, isSettled } from './decide.js';
import type { Deployment, DeployResult } from './deployment.js';
import { followByHand } from './endpoint-record.js';
import { type Owner, ownerOf } from './ownership.js';

/** The endpoint as it is now, and whose it is; a result when it cannot be seen any more. */
export async function look(deployment: Deployment): Promise<
  | {
      readonly endpoint: DescribeEndpointOutput | undefined;
      readonly owner: Owner;
      readonly now: Parameters<typeof decide>[0];
    }
  | DeployResult
> {
  const watched = await deployment.watch.until({ reached: () => true, deadline: Number.POSITIVE_INFINITY });
  if (watched.end === 'lost') return deployment.lost(watched.why, watched.fix);
  const { endpoint } = watched;
  if (endpoint === undefined) return { endpoint, owner: 'ours', now: undefined };
  const owner = await ownerOfEndpoint(deployment, endpoint);
  if (owner === 'nobody' && (await isGone(deployment)))
    return { endpoint: undefined, owner: 'ours', now: undefined };
  const { EndpointStatus: status = '', EndpointConfigName: configName, FailureReason } = endpoint;
  return {
    endpoint,
    owner,
    now: {
      name: deployment.part.name,
      status,
      ...(configName !== undefined && { configName }),
      ...(FailureReason && { failureReason: FailureReason }),
      owner,
    },
  };
}

/** What was deleted between the two calls has no tags. */
const isGone = async ({ aws, part, context }: Deployment): Promise<boolean> =>
  (await aws.call(({ endpoints }) => endpoints.describe(part.name, context.signal))) === undefined;

async function ownerOfEndpoint(
  deployment: Deployment,
  { EndpointArn = '' }: DescribeEndpointOutput,
): Promise<Owner> {
  const { signal, source } = deployment.context;
  try {
    return ownerOf(await deployment.aws.call(({ endpoints }) => endpoints.tags(EndpointArn, signal)), source);
  } catch (error) {
    if (!(error instanceof AwsError) || error.kind !== 'access-denied') throw error;
    deployment.notice(`Whose the endpoint is cannot be told: ${error.message} ${error.fix}`);
    return 'nobody';
  }
}

/** Waits while others change the endpoint. @returns undefined when it is settled */
export async function waitUntilSettled(
  deployment: Deployment,
  why: string,
): Promise<DeployResult | undefined> {
  const { name } = deployment.part;
  deployment.say(`The endpoint ${name} is waited for: ${why}.`);
  const watched = await deployment.watch.until({
    reached: (endpoint) => endpoint === undefined || isSettled(endpoint.EndpointStatus ?? ''),
    deadline: deployment.deadline,
  });
  if (watched.end === 'lost') return deployment.lost(watched.why, watched.fix);
  if (watched.end !== 'timeout') return undefined;
  const status = watched.endpoint?.EndpointStatus ?? 'unknown';
  return deployment.failed({
    message: `The endpoint ${name} was still ${status} after ${deployment.timeoutText}: ${why}. Nothing was changed.`,
    fix: `Run it again when that is done, or raise \`endpoint-timeout\`. Let deployments of one endpoint wait for each other with a \`concurrency:\` group. To look: \`${followByHand(name, deployment.region)}\`.`,
  });
}
