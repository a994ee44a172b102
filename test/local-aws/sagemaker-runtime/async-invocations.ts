import { randomUUID } from 'node:crypto';
import type { AsyncInferenceOutputConfig } from '@aws-sdk/client-sagemaker';
import type { InvokeEndpointAsyncInput } from '@aws-sdk/client-sagemaker-runtime';
import type { Endpoint } from '../sagemaker/hosting/endpoint.js';
import { parseS3Uri } from '../sagemaker/object-store.js';
import { AwsError, type CallContext, type RestAnswer } from '../service.js';
import { containerHeaders } from './container-headers.js';
import type { RuntimeSurroundings } from './surroundings.js';

/** [doc] async-inference-invoke-endpoint */
const DEFAULT_LIMIT_SECONDS = 900;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

type Input = InvokeEndpointAsyncInput & { readonly Body?: Buffer };

interface Job {
  readonly id: string;
  readonly input: Input;
  readonly inputLocation: string;
  readonly outputLocation: string;
  readonly failureLocation: string | undefined;
  readonly endpoint: Endpoint;
  readonly output: AsyncInferenceOutputConfig;
  readonly received: Date;
}

/** Requests whose input is read from S3 and whose answer is written there. */
export class AsyncInvocations {
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(private readonly around: RuntimeSurroundings) {}

  async accept(input: Input, endpoint: Endpoint, context: CallContext): Promise<RestAnswer> {
    const output = endpoint.config.AsyncInferenceConfig?.OutputConfig;
    // The wordings are ours.
    if (output === undefined) {
      throw invalid(`Endpoint ${endpoint.name} is not asynchronous: use InvokeEndpoint.`);
    }
    if ((input.InputLocation === undefined) === (input.Body === undefined)) {
      throw invalid('Specify one of either InputLocation or Body.');
    }
    const path = output.S3OutputPath?.replace(/\/$/, '');
    if (path === undefined) {
      throw invalid(`Endpoint ${endpoint.name} has no S3OutputPath: local AWS makes no bucket of its own.`);
    }
    const id = randomUUID();
    const inferenceId = input.InferenceId ?? randomUUID();
    const below = input.S3OutputPathExtension?.replace(/^\/|\/$/g, '');
    const file = input.Filename ?? `${id}.out`;
    const outputLocation = [path, below, file].filter((part) => part !== undefined).join('/');
    const failureLocation =
      output.S3FailurePath && `${output.S3FailurePath.replace(/\/$/, '')}/${id}-error.out`;
    let { InputLocation: inputLocation } = input;
    if (inputLocation === undefined) {
      inputLocation = `${path}/input/${id}`;
      await this.around.store.put(input.Body ?? Buffer.alloc(0), parseS3Uri(inputLocation));
    }
    const job: Job = {
      id: inferenceId,
      input,
      inputLocation,
      outputLocation,
      failureLocation,
      endpoint,
      output,
      received: context.now(),
    };
    const running = this.#run(job).catch((error: unknown) =>
      this.around.log(`asynchronous request ${id} to ${endpoint.name}: ${error}`),
    );
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return {
      status: 202,
      headers: {
        'content-type': 'application/json',
        'x-amzn-sagemaker-outputlocation': outputLocation,
        ...(failureLocation !== undefined && { 'x-amzn-sagemaker-failurelocation': failureLocation }),
      },
      body: Buffer.from(JSON.stringify({ InferenceId: inferenceId })),
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.race([Promise.all(this.#running), this.around.clock.sleep(1000)]);
  }

  async #run(job: Job): Promise<void> {
    const { store } = this.around;
    const fleet = job.endpoint.traffic.next();
    const leave = fleet?.enter();
    try {
      if (fleet === undefined) throw new Error('no variant takes requests');
      const body = await store.bytes(parseS3Uri(job.inputLocation));
      const answer = await fleet.server.request({
        path: '/invocations',
        headers: containerHeaders(job.input),
        body,
        limitSeconds: job.input.InvocationTimeoutSeconds ?? DEFAULT_LIMIT_SECONDS,
      });
      const chunks: Buffer[] = [];
      for await (const chunk of answer.body) chunks.push(chunk as Buffer);
      const content = Buffer.concat(chunks);
      if (answer.status < 200 || answer.status >= 300) {
        const kind = answer.status < 500 ? 'client' : 'server';
        throw new Error(
          `Received ${kind} error (${answer.status}) from model with the message "${content.toString('utf8').slice(0, 1024)}"`,
        );
      }
      await store.put(content, parseS3Uri(job.outputLocation));
      await this.#notify(job, undefined);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (job.failureLocation !== undefined) {
        await store.put(Buffer.from(reason), parseS3Uri(job.failureLocation));
      }
      await this.#notify(job, reason);
    } finally {
      leave?.();
    }
  }

  /** The notification's form. [doc] async-inference-monitor */
  async #notify(job: Job, failure: string | undefined): Promise<void> {
    const { SuccessTopic, ErrorTopic } = job.output.NotificationConfig ?? {};
    const topic = failure === undefined ? SuccessTopic : ErrorTopic;
    if (topic === undefined) return;
    const message = {
      awsRegion: job.endpoint.region,
      eventTime: new Date(this.around.clock.now()).toISOString(),
      receivedTime: job.received.toISOString(),
      invocationStatus: failure === undefined ? 'Completed' : 'Failed',
      ...(failure !== undefined && { failureReason: failure }),
      requestParameters: {
        endpointName: job.endpoint.name,
        inputLocation: job.inputLocation,
        ...(job.input.ContentType !== undefined && { contentType: job.input.ContentType }),
      },
      ...(failure === undefined && { responseParameters: { outputLocation: job.outputLocation } }),
      inferenceId: job.id,
      eventVersion: '1.0',
      eventSource: 'aws:sagemaker',
      eventName: 'InferenceResult',
    };
    await this.around
      .publish(topic, JSON.stringify(message))
      .catch((error: unknown) => this.around.log(`notification to ${topic}: ${error}`));
  }
}
