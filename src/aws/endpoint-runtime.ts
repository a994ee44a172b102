import type { AwsPlan } from '../plan.js';
import { AwsError } from './aws-error.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { RetryPolicy } from './retry-policy.js';

/** Requests to live endpoints. Every call rejects with {@link AwsError}, or CanceledError. */
export interface EndpointRuntime {
  invoke(request: InvocationRequest, signal: AbortSignal): Promise<Invocation>;
  /** Asks an asynchronous endpoint, whose answer comes to S3. */
  invokeAsync(request: AsyncInvocationRequest, signal: AbortSignal): Promise<AsyncInvocation>;
}

interface Request {
  readonly endpointName: string;
  readonly contentType: string;
  /** `Accept` header; absent: none is sent. */
  readonly accept?: string;
}

export interface InvocationRequest extends Request {
  readonly body: Buffer;
  /** Absent: SageMaker chooses by the weights. */
  readonly variant?: string;
}

export type Invocation =
  | {
      readonly kind: 'answered';
      readonly contentType: string;
      readonly body: Buffer;
      /** The variant that answered. */
      readonly variant?: string;
    }
  /** The container answered with another status than 2xx. */
  | {
      readonly kind: 'refused';
      /** The container's status; 0 when SageMaker does not say it. */
      readonly status: number;
      /** The container's answer, or SageMaker's words. Untrusted. */
      readonly message: string;
    };

export interface AsyncInvocationRequest extends Request {
  /** `s3://…` of the request's body. */
  readonly inputLocation: string;
}

export interface AsyncInvocation {
  /** `s3://…` at which the answer will be. */
  readonly outputLocation: string;
  /** `s3://…` at which the failure will be, when the endpoint writes them. */
  readonly failureLocation?: string;
}

/** SageMaker breaks an invocation off after 60 s; its own answer to that must arrive. [doc] */
const ANSWER_MS = 70_000;

/**
 * A client of its own: its credentials are asked of the provider chain again. It makes each call once: who
 * measures a latency, or judges an answer, must see every attempt.
 */
export async function connectEndpointRuntime(plan: AwsPlan): Promise<EndpointRuntime> {
  const sdk = await import('@aws-sdk/client-sagemaker-runtime');
  const options = clientOptions(plan);
  const client = new sdk.SageMakerRuntimeClient({
    ...options,
    maxAttempts: 1,
    retryStrategy: new RetryPolicy(1),
    requestHandler: { ...options.requestHandler, requestTimeout: ANSWER_MS },
  });
  return {
    async invoke({ endpointName, body, contentType, accept, variant }, signal) {
      try {
        const answer = await call('sagemaker:InvokeEndpoint', signal, (sending) =>
          client.send(
            new sdk.InvokeEndpointCommand({
              EndpointName: endpointName,
              Body: body,
              ContentType: contentType,
              ...(accept !== undefined && { Accept: accept }),
              ...(variant !== undefined && { TargetVariant: variant }),
            }),
            sending,
          ),
        );
        return {
          kind: 'answered',
          contentType: answer.ContentType ?? '',
          body: Buffer.from(answer.Body ?? []),
          ...(answer.InvokedProductionVariant !== undefined && { variant: answer.InvokedProductionVariant }),
        };
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        return refusal;
      }
    },
    async invokeAsync({ endpointName, inputLocation, contentType, accept }, signal) {
      const answer = await call('sagemaker:InvokeEndpointAsync', signal, (sending) =>
        client.send(
          new sdk.InvokeEndpointAsyncCommand({
            EndpointName: endpointName,
            InputLocation: inputLocation,
            ContentType: contentType,
            ...(accept !== undefined && { Accept: accept }),
          }),
          sending,
        ),
      );
      return {
        outputLocation: answer.OutputLocation ?? '',
        ...(answer.FailureLocation !== undefined && { failureLocation: answer.FailureLocation }),
      };
    },
  };
}

/** ModelError is the container's word, not a failure of the call. */
function refusalOf(error: unknown): Extract<Invocation, { kind: 'refused' }> | undefined {
  if (!(error instanceof AwsError) || error.code !== 'ModelError') return undefined;
  const { OriginalStatusCode, OriginalMessage, message } = Object(error.cause) as {
    readonly OriginalStatusCode?: number;
    readonly OriginalMessage?: string;
    readonly message?: string;
  };
  return {
    kind: 'refused',
    status: OriginalStatusCode ?? 0,
    message: OriginalMessage ?? message ?? error.message,
  };
}
