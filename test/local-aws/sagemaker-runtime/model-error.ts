import { NoAnswer } from '../sagemaker/hosting/model-server.js';
import type { VariantFleet } from '../sagemaker/hosting/variant-fleet.js';
import { AwsError, type CallContext } from '../service.js';

/** Of Message and OriginalMessage. [model] */
const MESSAGE_LENGTH = 2048;

/** [obs] I01 */
const TIMED_OUT =
  'Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.';

/** The container's refusal, or its silence, as InvokeEndpoint tells of it. [obs] I01, I02 */
export function modelError(
  endpointName: string,
  status: number,
  answer: string,
  { region, account }: CallContext,
): AwsError {
  const group = `/aws/sagemaker/Endpoints/${endpointName}`;
  const kind = status >= 400 && status < 500 ? 'client' : 'server';
  const shown = answer.slice(0, MESSAGE_LENGTH / 2);
  return new AwsError(
    'ModelError',
    `Received ${kind} error (${status}) from primary with message "${shown}". See https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=${group} in account ${account} for more information.`,
    424,
    {
      OriginalStatusCode: status,
      OriginalMessage: answer.slice(0, MESSAGE_LENGTH),
      LogStreamArn: `arn:aws:logs:${region}:${account}:log-group:${group}`,
    },
  );
}

/** What went wrong on the way: the error that the caller gets. */
export function unanswered(
  endpointName: string,
  { serverless }: Pick<VariantFleet, 'serverless'>,
  error: unknown,
  context: CallContext,
): unknown {
  if (!(error instanceof NoAnswer)) return error;
  if (error.kind === 'unhealthy') {
    // [model] I03: of a serverless variant, while its container is loading; the wording is ours.
    return serverless === undefined
      ? new AwsError('ServiceUnavailable', 'Service Unavailable', 503)
      : new AwsError('ModelNotReadyException', 'The model is not ready. Please retry later.', 429);
  }
  const words = error.kind === 'time-out' ? TIMED_OUT : error.message;
  return modelError(endpointName, 0, words, context);
}
