import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { Removal } from '../../aws/sagemaker.js';
import type { Deployment } from './deployment.js';

/**
 * Deletes the endpoint. When an attempt before may have come through although its answer was lost, others may have
 * created the endpoint anew since: that one is left alone.
 *
 * @param seen as this run saw it last
 * @throws AwsError; CanceledError
 */
export function removeEndpoint(
  deployment: Deployment,
  seen: DescribeEndpointOutput | undefined,
): Promise<Removal> {
  const { name } = deployment.part;
  let attempts = 0;
  return deployment.change(async ({ endpoints }, signal) => {
    attempts += 1;
    if (attempts > 1) {
      const now = await endpoints.describe(name, signal);
      if (now?.CreationTime?.getTime() !== seen?.CreationTime?.getTime()) return 'not-found';
    }
    return endpoints.remove(name, signal);
  });
}
