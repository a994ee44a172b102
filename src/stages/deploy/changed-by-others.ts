import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import { isSettled } from './decide.js';
import type { Deployment, DeployResult } from './deployment.js';
import { followByHand } from './endpoint-record.js';
import { SCALED_MS } from './time-limits.js';

/**
 * Looks again whether the endpoint is still what this run has made of it, before it is deleted or put back. Nothing keeps
 * others from updating it in the meantime.
 *
 * @param seen as this run saw it last
 * @returns what it has become through others, as a sentence; undefined when it is still this run's work
 * @throws AwsError when it cannot be asked; CanceledError
 */
export async function changedByOthers(
  deployment: Deployment,
  seen: DescribeEndpointOutput | undefined,
): Promise<string | undefined> {
  const { part, context, wantedName, bornAt } = deployment;
  const now = await deployment.aws.call(({ endpoints }) => endpoints.describe(part.name, context.signal));
  if (isBornAt(now, bornAt) && isStillOurs(seen, now, wantedName)) return undefined;
  deployment.seen(now);
  return become(part.name, now);
}

function become(name: string, now: DescribeEndpointOutput | undefined): string {
  if (now === undefined) return `The endpoint ${name} was deleted by others meanwhile.`;
  const { EndpointStatus: status, EndpointConfigName: configName } = now;
  return `The endpoint ${name} was changed by others meanwhile: it is ${status}${configName === undefined ? '' : ` on ${configName}`} now.`;
}

/**
 * Looks again, after a proof that passed, whether what was proven is live. Auto-scaling may have changed the instances
 * since, or people the weights: that is waited for, and the configuration is the one that was proven all the same.
 *
 * @returns what it has become through others, as a sentence; undefined when what was proven is live
 * @throws AwsError when it cannot be asked; CanceledError
 */
export async function replacedByOthers(deployment: Deployment): Promise<string | undefined> {
  const { part, context, wantedName, bornAt, facts } = deployment;
  const seen = facts?.endpoint?.CreationTime?.getTime();
  let now = await deployment.aws.call(({ endpoints }) => endpoints.describe(part.name, context.signal));
  if (now?.EndpointConfigName === wantedName && !isSettled(now.EndpointStatus ?? '')) {
    deployment.say(`The endpoint ${part.name} is ${now.EndpointStatus} again: it is waited for.`);
    const watched = await deployment.watch.until({
      reached: (endpoint) => endpoint === undefined || isSettled(endpoint.EndpointStatus ?? ''),
      deadline: Math.max(deployment.deadline, deployment.clock.now() + SCALED_MS),
    });
    if (watched.end === 'lost') return `How the endpoint ${part.name} is now cannot be known: ${watched.why}`;
    now = watched.endpoint;
  }
  const isLive = now?.EndpointStatus === 'InService' && now.EndpointConfigName === wantedName;
  if (isLive && isBornAt(now, bornAt ?? seen)) return undefined;
  deployment.seen(now);
  return become(part.name, now);
}

/** Deleted and created anew it has the same name and ARN. */
export const isBornAt = (endpoint: DescribeEndpointOutput | undefined, bornAt: number | undefined): boolean =>
  endpoint === undefined || bornAt === undefined || endpoint.CreationTime?.getTime() === bornAt;

function isStillOurs(
  seen: DescribeEndpointOutput | undefined,
  now: DescribeEndpointOutput | undefined,
  wantedName: string,
): boolean {
  if (seen === undefined || now === undefined) return seen === now;
  if (now.CreationTime?.getTime() !== seen.CreationTime?.getTime()) return false;
  if (now.EndpointConfigName !== wantedName) return false;
  if (seen.EndpointStatus === 'InService') {
    return (
      now.EndpointStatus === 'InService' &&
      now.LastModifiedTime?.getTime() === seen.LastModifiedTime?.getTime()
    );
  }
  // What this run has created comes to its end by itself; it is not updated but by others.
  return now.EndpointStatus !== 'Updating' && now.EndpointStatus !== 'RollingBack';
}

/** Red, and nothing is touched: what is live now is for others to answer for. */
export function leaveToOthers(deployment: Deployment, message: string): Promise<DeployResult> {
  const { name } = deployment.part;
  deployment.forget();
  deployment.known({ changedByOthers: true });
  return deployment.failed({
    message: `${message} It is left as it is; ${deployment.wantedName} is not proven to be live.`,
    fix: `Look at it (\`${followByHand(name, deployment.region)}\`), and run this again when it is settled. Let deployments of one endpoint wait for each other with a \`concurrency:\` group.`,
  });
}
