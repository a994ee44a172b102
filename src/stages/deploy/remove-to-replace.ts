import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { Deployment, DeployResult } from './deployment.js';
import { removeEndpoint } from './remove-endpoint.js';
import { isUntouched } from './settled-again.js';

/**
 * Deletes an endpoint that can only be created anew.
 *
 * @param seen as it was when that was decided
 * @returns undefined when it is gone, or when others have changed it since: it is to be looked at again
 */
export async function removeToReplace(
  deployment: Deployment,
  why: string,
  seen: DescribeEndpointOutput | undefined,
): Promise<DeployResult | undefined> {
  const { part, context } = deployment;
  const { name } = part;
  const now = await deployment.aws.call(({ endpoints }) => endpoints.describe(name, context.signal));
  if (!isUntouched(now, seen)) return lookAgain(deployment);
  deployment.say(`The endpoint ${name} is deleted and created anew. ${why}.`);
  deployment.replacing = true;
  deployment.phase = 'deleting';
  try {
    await removeEndpoint(deployment, seen);
  } catch (error) {
    // `Cannot update in-progress endpoint "arn:…"`: somebody is replacing it, too. [obs]
    if (error instanceof AwsError && /in-progress endpoint/i.test(error.message)) {
      deployment.replacing = false;
      return lookAgain(deployment);
    }
    throw error;
  }
  const watched = await deployment.watch.until({
    // Deleted by this run or others: what has another CreationTime is not this one.
    reached: (endpoint) => endpoint?.CreationTime?.getTime() !== seen?.CreationTime?.getTime(),
    deadline: deployment.deadline,
  });
  if (watched.end === 'lost') return deployment.lost(watched.why, watched.fix);
  if (watched.end !== 'timeout') {
    deployment.phase = 'before';
    return undefined;
  }
  return deployment.failed({
    message: `The endpoint ${name} was not deleted within ${deployment.timeoutText}; it is ${watched.endpoint?.EndpointStatus}.`,
    fix: 'Run it again when it is gone.',
  });
}

function lookAgain(deployment: Deployment): undefined {
  deployment.say(`Somebody else has just begun to change the endpoint ${deployment.part.name}.`);
  deployment.phase = 'before';
}
