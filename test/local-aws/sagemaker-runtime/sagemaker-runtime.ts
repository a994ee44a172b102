import { PassThrough, type Readable } from 'node:stream';
import type {
  InvokeEndpointAsyncInput,
  InvokeEndpointInput,
  InvokeEndpointWithResponseStreamInput,
} from '@aws-sdk/client-sagemaker-runtime';
import { INVOCATION_LIMIT_SECONDS } from '../../../src/contract/hosting-limits.js';
import type { Endpoint } from '../sagemaker/hosting/endpoint.js';
import type { Endpoints } from '../sagemaker/hosting/endpoints.js';
import { type ModelAnswer, NoAnswer } from '../sagemaker/hosting/model-server.js';
import type { VariantFleet } from '../sagemaker/hosting/variant-fleet.js';
import { AwsError, type CallContext, type RestAnswer, type RestHandler } from '../service.js';
import { AsyncInvocations } from './async-invocations.js';
import { containerHeaders } from './container-headers.js';
import { DataCapture } from './data-capture.js';
import { eventMessage } from './event-stream.js';
import { modelError, unanswered } from './model-error.js';
import type { RuntimeSurroundings } from './surroundings.js';

const MEGABYTE = 1024 * 1024;
/** Of a request and of an answer. [model] BodyBlob */
const BODY_LIMIT = 6 * MEGABYTE;
/** [doc] */
const SERVERLESS_LIMIT = 4 * MEGABYTE;
const PATH = '/invocations';

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

type Input = Omit<InvokeEndpointInput, 'Body'> & { readonly Body: Buffer };

/** Requests to endpoints: InvokeEndpoint, its streaming form, and the asynchronous one. */
export class SageMakerRuntime implements RestHandler {
  readonly #capture: DataCapture;
  readonly #async: AsyncInvocations;

  constructor(
    private readonly endpoints: Pick<Endpoints, 'find'>,
    around: RuntimeSurroundings,
  ) {
    this.#capture = new DataCapture(around.store, around.clock, around.log);
    this.#async = new AsyncInvocations(around);
  }

  async handle(operation: string, input: unknown, context: CallContext): Promise<RestAnswer> {
    switch (operation) {
      case 'InvokeEndpoint':
        return this.#invoke(input as Input, context);
      case 'InvokeEndpointWithResponseStream':
        return this.#stream(input as InvokeEndpointWithResponseStreamInput & Input, context);
      case 'InvokeEndpointAsync': {
        const request = input as InvokeEndpointAsyncInput & { readonly Body?: Buffer };
        return this.#async.accept(request, this.#find(request.EndpointName, context), context);
      }
    }
    throw new AwsError('UnknownOperationException', `Local AWS has no ${operation}.`, 404);
  }

  async close(): Promise<void> {
    await this.#async.close();
    await this.#capture.close();
  }

  async #invoke(input: Input, context: CallContext): Promise<RestAnswer> {
    const { endpoint, fleet, leave } = this.#enter(input, context);
    try {
      const answer = await this.#ask(fleet, input, endpoint, context);
      const body = await collect(answer.body, BODY_LIMIT);
      if (body === undefined) {
        // The wording is ours.
        const words = `The answer is longer than ${BODY_LIMIT} bytes.`;
        throw modelError(endpoint.name, answer.status, words, context);
      }
      if (!isSuccess(answer.status)) {
        throw modelError(endpoint.name, answer.status, body.toString('utf8'), context);
      }
      const contentType = answer.headers['content-type'];
      if (endpoint.dataCapture !== undefined) {
        this.#capture.keep(endpoint.dataCapture, {
          endpointName: endpoint.name,
          variantName: fleet.name,
          inferenceId: input.InferenceId,
          input: { contentType: input.ContentType, body: input.Body },
          output: { contentType, body },
        });
      }
      return {
        status: 200,
        headers: {
          ...(contentType !== undefined && { 'content-type': contentType }),
          ...headersOf(answer, fleet),
        },
        body,
      };
    } catch (error) {
      throw unanswered(endpoint.name, fleet, error, context);
    } finally {
      leave();
    }
  }

  /** What the container answers, piece by piece as it comes. */
  async #stream(input: Input, context: CallContext): Promise<RestAnswer> {
    const { endpoint, fleet, leave } = this.#enter(input, context);
    try {
      const answer = await this.#ask(fleet, input, endpoint, context);
      if (!isSuccess(answer.status)) {
        const body = await collect(answer.body, BODY_LIMIT);
        throw modelError(endpoint.name, answer.status, body?.toString('utf8') ?? '', context);
      }
      const contentType = answer.headers['content-type'];
      const events = new PassThrough();
      events.on('close', leave);
      writeEvents(answer.body, events).catch(() => events.destroy());
      return {
        status: 200,
        headers: {
          'content-type': 'application/vnd.amazon.eventstream',
          ...(contentType !== undefined && { 'x-amzn-sagemaker-content-type': contentType }),
          ...headersOf(answer, fleet),
        },
        body: events,
      };
    } catch (error) {
      leave();
      throw unanswered(endpoint.name, fleet, error, context);
    }
  }

  #find(name: string | undefined, { account }: CallContext): Endpoint {
    const endpoint = this.endpoints.find(name ?? '');
    if (endpoint === undefined || !endpoint.isServing) {
      throw invalid(`Endpoint ${name} of account ${account} not found.`);
    }
    return endpoint;
  }

  /** Chooses who answers; from now on that fleet is not stopped until `leave` was called. */
  #enter(
    { EndpointName, TargetVariant, Body, TargetModel }: Input,
    context: CallContext,
  ): { readonly endpoint: Endpoint; readonly fleet: VariantFleet; readonly leave: () => void } {
    const endpoint = this.#find(EndpointName, context);
    // The wordings are ours, but for the last one's beginning.
    if (endpoint.config.AsyncInferenceConfig !== undefined) {
      throw invalid(`Endpoint ${EndpointName} is asynchronous: use InvokeEndpointAsync.`);
    }
    if (TargetModel !== undefined) {
      throw invalid(`Endpoint ${EndpointName} is not a multi-model endpoint: it takes no TargetModel.`);
    }
    if (TargetVariant !== undefined && !endpoint.hasVariant(TargetVariant)) {
      throw invalid(`Variant ${TargetVariant} not found for endpoint ${EndpointName}.`);
    }
    const fleet = endpoint.traffic.next(TargetVariant);
    if (fleet === undefined) throw new AwsError('ServiceUnavailable', 'Service Unavailable', 503);
    const { serverless } = fleet;
    if (serverless !== undefined) {
      if (Body.length > SERVERLESS_LIMIT) {
        throw invalid(
          `1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to ${SERVERLESS_LIMIT}`,
        );
      }
      if (fleet.inFlight >= (serverless.MaxConcurrency ?? 1)) {
        throw new AwsError('ThrottlingException', 'Rate exceeded', 429);
      }
    }
    return { endpoint, fleet, leave: once(fleet.enter()) };
  }

  #ask(fleet: VariantFleet, input: Input, endpoint: Endpoint, context: CallContext): Promise<ModelAnswer> {
    return fleet.server
      .request({
        path: PATH,
        headers: containerHeaders(input),
        body: input.Body,
        limitSeconds: INVOCATION_LIMIT_SECONDS,
      })
      .catch((error: unknown) => {
        throw unanswered(endpoint.name, fleet, error, context);
      });
  }
}

/** Of the container's headers the client gets these. */
function headersOf({ headers }: ModelAnswer, fleet: VariantFleet): Record<string, string> {
  const kept: Record<string, string> = { 'x-amzn-invoked-production-variant': fleet.name };
  for (const name of [
    'x-amzn-sagemaker-custom-attributes',
    'x-amzn-sagemaker-new-session-id',
    'x-amzn-sagemaker-closed-session-id',
  ]) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}

async function writeEvents(body: Readable, events: PassThrough): Promise<void> {
  try {
    for await (const chunk of body) {
      const part = eventMessage(
        {
          ':event-type': 'PayloadPart',
          ':content-type': 'application/octet-stream',
          ':message-type': 'event',
        },
        chunk as Buffer,
      );
      if (events.destroyed) return;
      if (!events.write(part))
        await new Promise((resolve) => events.once('drain', resolve).once('close', resolve));
    }
  } catch (error) {
    const timedOut = error instanceof NoAnswer && error.kind === 'time-out';
    events.write(
      eventMessage(
        {
          ':exception-type': 'ModelStreamError',
          ':content-type': 'application/json',
          ':message-type': 'exception',
        },
        Buffer.from(
          JSON.stringify({
            Message: error instanceof Error ? error.message : String(error),
            ErrorCode: timedOut ? 'ModelInvocationTimeExceeded' : 'StreamBroken',
          }),
        ),
      ),
    );
  }
  events.end();
}

/** @returns undefined when there is more than the limit */
async function collect(body: Readable, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > limit) return undefined;
  }
  return Buffer.concat(chunks);
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;
