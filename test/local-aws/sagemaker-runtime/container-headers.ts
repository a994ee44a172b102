import type { InvokeEndpointInput } from '@aws-sdk/client-sagemaker-runtime';

/** Of a request's headers the container gets those that InvokeEndpoint knows, and no others. [doc] */
export function containerHeaders(
  input: Pick<
    Partial<InvokeEndpointInput>,
    'ContentType' | 'Accept' | 'CustomAttributes' | 'InferenceId' | 'SessionId'
  >,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) headers[name] = value;
  };
  add('content-type', input.ContentType);
  add('accept', input.Accept);
  add('x-amzn-sagemaker-custom-attributes', input.CustomAttributes);
  add('x-amzn-sagemaker-inference-id', input.InferenceId);
  add('x-amzn-sagemaker-session-id', input.SessionId);
  return headers;
}
