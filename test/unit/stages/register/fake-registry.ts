import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError } from '../../../../src/aws/aws-error.js';
import { connectModelRegistry, type ModelRegistry } from '../../../../src/aws/model-registry.js';
import type { NewObject, Objects } from '../../../../src/aws/objects.js';
import type { DescribeTrainingJobResponse, TrainingJobs } from '../../../../src/aws/training-jobs.js';
import { CanceledError } from '../../../../src/docker/docker.js';
import type { RegisterConnection } from '../../../../src/stages/register.js';
import { ModelRegistry as LocalRegistry } from '../../../local-aws/sagemaker/registry/registry.js';
import { Tags } from '../../../local-aws/sagemaker/tags.js';
import type { AwsError as LocalError } from '../../../local-aws/service.js';
import type { VirtualClock } from '../train/virtual-clock.js';

export const REGION = 'eu-west-1';
export const ACCOUNT = '123456789012';
export const DIGEST = `sha256:${'ab'.repeat(32)}`;

/**
 * Local AWS's model registry behind the SDK's own client, and S3 in memory; with everything that can go wrong.
 */
export class FakeRegistry {
  readonly tags = new Tags();
  /** Objects of S3, by address. */
  readonly objects = new Map<string, { readonly body: Buffer; readonly kmsKeyId?: string }>();
  /** Training jobs, by name. */
  readonly jobs = new Map<string, Partial<DescribeTrainingJobResponse>>();
  /** Operations as they were called: `CreateModelPackage`, `PutObject`. */
  readonly calls: { readonly operation: string; readonly body: Readonly<Record<string, unknown>> }[] = [];
  /** Asked before each call; what it gives is thrown. */
  fault: (operation: string, nth: number) => Error | undefined = () => undefined;
  /** The same, after the call has done its work: an answer that is lost. */
  lostAnswer: (operation: string, nth: number) => Error | undefined = () => undefined;
  /** Does something right after a call has done its work. */
  after: (operation: string) => void | Promise<void> = () => {};
  connections = 0;
  readonly local: LocalRegistry;
  readonly #tries = new Map<string, number>();
  #environment = { ...process.env };

  readonly #server = createServer((request, response) => {
    void (async () => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const body = JSON.parse(await text(request)) as Record<string, unknown>;
      this.calls.push({ operation, body });
      const { status, answer } = await this.do(operation, body).then(
        (output) => ({ status: 200, answer: output ?? {} }),
        ({ code, message, status: refused }: LocalError) => ({
          status: refused,
          answer: { __type: code, message } as object,
        }),
      );
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(wire(answer)));
    })();
  });

  constructor(private readonly clock: VirtualClock) {
    this.local = new LocalRegistry(this.tags, {
      image: async (uri) => ({ digest: uri.split('@')[1] ?? DIGEST, mediaType: 'manifest' }),
      exists: async () => true,
      now: () => clock.now(),
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#environment = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    });
  }

  async close(): Promise<void> {
    process.env = { ...this.#environment };
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** One operation, as somebody else calls it. */
  async do<Output>(operation: string, input: object): Promise<Output> {
    const run = this.local.operations[operation] as (input: object, context: object) => unknown;
    return (await run(input, this.#context)) as Output;
  }

  describe(arn: string): api.DescribeModelPackageOutput {
    const found = this.local.modelPackage(arn);
    if (found === undefined) throw new Error(`There is no ${arn}.`);
    return found;
  }

  async card(name: string, version?: number): Promise<api.DescribeModelCardResponse> {
    return this.do('DescribeModelCard', { ModelCardName: name, ModelCardVersion: version });
  }

  readonly connect = async (): Promise<RegisterConnection> => {
    this.connections += 1;
    const real = await connectModelRegistry({ region: REGION, tags: new Map() }, 1);
    return { registry: this.#watched(real), objects: this.#objects(), jobs: this.#jobs() };
  };

  readonly connectRegistry = async (): Promise<ModelRegistry> => (await this.connect()).registry;

  get #context() {
    return {
      region: REGION,
      account: ACCOUNT,
      accessKeyId: 'AKIA',
      now: () => new Date(this.clock.now()),
      requestId: '1',
    };
  }

  /** Every method with faults before and after; the work itself goes over HTTP. */
  #watched(real: ModelRegistry): ModelRegistry {
    return new Proxy(real, {
      get: (target, name) => {
        const method = target[name as keyof ModelRegistry];
        if (typeof method !== 'function') return method;
        const operation = OPERATIONS[name as keyof typeof OPERATIONS];
        return (...args: readonly unknown[]) =>
          this.#through(operation, args.at(-1) as AbortSignal, () =>
            (method as (...args: readonly unknown[]) => Promise<unknown>)(...args),
          );
      },
    });
  }

  async #through<Output>(
    operation: string,
    signal: AbortSignal,
    work: () => Promise<Output>,
  ): Promise<Output> {
    if (signal.aborted) throw new CanceledError();
    const nth = (this.#tries.get(operation) ?? 0) + 1;
    this.#tries.set(operation, nth);
    const before = this.fault(operation, nth);
    if (before) throw before;
    const output = await work();
    await this.after(operation);
    if (signal.aborted) throw new CanceledError();
    const lost = this.lostAnswer(operation, nth);
    if (lost) throw lost;
    return output;
  }

  #objects(): Objects {
    return {
      open: (uri, signal) =>
        this.#through('GetObject', signal, async () => {
          this.calls.push({ operation: 'GetObject', body: { uri } });
          const object = this.objects.get(uri);
          return (
            object && {
              etag: `etag-of-${object.body.length}`,
              sizeBytes: object.body.length,
              body: Readable.from([object.body]),
            }
          );
        }),
      put: (uri, { body, kmsKeyId }: NewObject, signal) =>
        this.#through('PutObject', signal, async () => {
          this.calls.push({ operation: 'PutObject', body: { uri } });
          this.objects.set(uri, { body: Buffer.from(body), ...(kmsKeyId !== undefined && { kmsKeyId }) });
        }),
      remove: (uri, signal) =>
        this.#through('DeleteObject', signal, async () => {
          this.calls.push({ operation: 'DeleteObject', body: { uri } });
          this.objects.delete(uri);
        }),
    };
  }

  #jobs(): TrainingJobs {
    const describe: TrainingJobs['describe'] = (name, signal) =>
      this.#through('DescribeTrainingJob', signal, async () => {
        this.calls.push({ operation: 'DescribeTrainingJob', body: { name } });
        return this.jobs.get(name) as DescribeTrainingJobResponse | undefined;
      });
    return { region: REGION, describe } as unknown as TrainingJobs;
  }
}

const OPERATIONS = {
  describeGroup: 'DescribeModelPackageGroup',
  createGroup: 'CreateModelPackageGroup',
  create: 'CreateModelPackage',
  describe: 'DescribeModelPackage',
  update: 'UpdateModelPackage',
  versions: 'ListModelPackages',
  latest: 'ListModelPackages',
  describeCard: 'DescribeModelCard',
  createCard: 'CreateModelCard',
  updateCardContent: 'UpdateModelCard',
  updateCardStatus: 'UpdateModelCard',
} as const;

/** Trouble on the way to AWS, or AWS's own. */
export const trouble = (kind: AwsError['kind'], operation: string, message = `${kind} it is.`): AwsError =>
  new AwsError(kind, `sagemaker:${operation}`, kind, message, `Fix for ${kind}.`);

/** Times as AWS's JSON has them: seconds since 1970. */
function wire(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wire(item)]));
}
