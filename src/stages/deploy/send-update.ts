import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput, UpdateEndpointInput } from '../../aws/endpoints.js';
import type { Deployment } from './deployment.js';
import { onceSeen } from './make.js';
import { isUntouched } from './settled-again.js';

/**
 * Sends the update, unless somebody else has changed the endpoint since it was looked at: what is live by now would not
 * be what this run goes back to.
 *
 * @param seen the endpoint as this run saw it last
 * @returns false when somebody else has, or is about to
 * @throws AwsError when it was refused, or when its answer was lost: then it may be on its way
 * @throws CanceledError
 */
export function sendUpdate(
  deployment: Deployment,
  update: UpdateEndpointInput,
  seen: DescribeEndpointOutput | undefined,
): Promise<boolean> {
  const { clock, part } = deployment;
  const wanted = update.EndpointConfigName;
  let attempts = 0;
  return deployment.change(async ({ endpoints }, signal) => {
    attempts += 1;
    const now = await endpoints.describe(part.name, signal);
    // The answer to an attempt before this one may have been lost.
    if (attempts > 1 && hasCome(now, seen, wanted)) return true;
    if (!isUntouched(now, seen)) return false;
    try {
      await onceSeen(() => endpoints.update(update, signal), { clock, signal });
      return true;
    } catch (error) {
      if (!isInProgress(error)) throw error;
      return hasCome(await endpoints.describe(part.name, signal), seen, wanted);
    }
  });
}

/** Whether the endpoint goes to the wanted configuration, or is there already. */
function hasCome(
  now: DescribeEndpointOutput | undefined,
  seen: DescribeEndpointOutput | undefined,
  wanted: string | undefined,
): boolean {
  if (wanted === undefined || now === undefined) return false;
  if (now.CreationTime?.getTime() !== seen?.CreationTime?.getTime()) return false;
  if (now.PendingDeploymentSummary?.EndpointConfigName === wanted) return true;
  return now.EndpointConfigName === wanted && seen?.EndpointConfigName !== wanted;
}

/** `Cannot update in-progress endpoint "arn:…"`: somebody is changing it. [obs] */
export const isInProgress = (error: unknown): boolean =>
  error instanceof AwsError && /in-progress endpoint/i.test(error.message);
