import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { JobClock } from '../train/job-clock.js';
import { isSettled } from './decide.js';
import { UNSEEN_MS } from './time-limits.js';

/**
 * Tells when an endpoint that was changed just now is settled again, or gone. For a moment AWS may still show it as it
 * was before the change, which is not the end of it.
 *
 * @param isAsBefore whether it looks as before the change
 */
export function settledAgain(
  clock: JobClock,
  isAsBefore: (endpoint: DescribeEndpointOutput) => boolean,
): (endpoint: DescribeEndpointOutput | undefined) => boolean {
  const began = clock.now();
  let moved = false;
  return (endpoint) => {
    if (endpoint === undefined) return true;
    if (!isSettled(endpoint.EndpointStatus ?? '')) {
      moved = true;
      return false;
    }
    return moved || !isAsBefore(endpoint) || clock.now() - began >= UNSEEN_MS;
  };
}

/** Whether nobody has changed the endpoint since: the same configuration, and neither modified nor created anew. */
export const isUntouched = (
  now: DescribeEndpointOutput | undefined,
  since: DescribeEndpointOutput | undefined,
): boolean =>
  now?.EndpointConfigName === since?.EndpointConfigName &&
  now?.CreationTime?.getTime() === since?.CreationTime?.getTime() &&
  now?.LastModifiedTime?.getTime() === since?.LastModifiedTime?.getTime();
