import { CanceledError } from '../docker/docker.js';
import { toAwsError } from './aws-error.js';

/**
 * Makes one call of AWS, with the retries of the client it goes through.
 *
 * @param action the call as IAM names it: `ecr:CreateRepository`
 * @param signal ends the call, and the waiting between its attempts
 * @throws AwsError when it failed for good
 * @throws CanceledError when the signal was aborted
 */
export async function call<Output>(
  action: string,
  signal: AbortSignal,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output> {
  if (signal.aborted) throw new CanceledError();
  try {
    return await send({ abortSignal: signal });
  } catch (error) {
    throw toAwsError(error, action, signal);
  }
}
