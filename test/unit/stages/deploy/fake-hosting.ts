import { Readable } from 'node:stream';
import type { AlarmState } from '../../../../src/aws/alarms.js';
import type { ScalingPolicy, ScalingTarget } from '../../../../src/aws/auto-scaling.js';
import { AwsError, type AwsErrorKind } from '../../../../src/aws/aws-error.js';
import type { Invocation, InvocationRequest } from '../../../../src/aws/endpoint-runtime.js';
import type {
  CreateEndpointConfigInput,
  DescribeEndpointOutput,
  UpdateEndpointInput,
} from '../../../../src/aws/endpoints.js';
import type { ModelRegistry } from '../../../../src/aws/model-registry.js';
import type { CreateModelInput } from '../../../../src/aws/models.js';
import { CanceledError } from '../../../../src/docker/docker.js';
import type { DeployConnection } from '../../../../src/stages/deploy/connection.js';
import type { JobClock } from '../../../../src/stages/train/job-clock.js';
import { type FakeEvent, pageOf } from '../train/fake-aws.js';

/** What an endpoint does after a change, by the seconds since it. */
export interface Step {
  readonly at: number;
  readonly status: string;
  /** The configuration that is live from here on; absent: as before. */
  readonly config?: string;
  readonly reason?: string;
  /** VariantStatus of each variant. */
  readonly variantStatus?: string;
  /** ResolvedImage of each variant. */
  readonly image?: string;
}

type Tags = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];

interface Endpoint {
  readonly arn: string;
  readonly tags: Map<string, string>;
  readonly created: number;
  changed: number;
  /** Live before the last change. */
  config: string;
  pending?: string;
  steps: readonly Step[];
}

interface Stream {
  readonly created: number;
  readonly events: readonly FakeEvent[];
}

export const UPDATED = (config: string): readonly Step[] => [
  { at: 0, status: 'Updating', variantStatus: 'Creating' },
  { at: 100, status: 'Updating', variantStatus: 'ActivatingTraffic' },
  { at: 180, status: 'InService', config },
];

/** The trap: an update that fails ends `InService` on what was live before. */
export const ROLLED_BACK = (reason?: string): readonly Step[] => [
  { at: 0, status: 'Updating' },
  { at: 300, status: 'RollingBack' },
  { at: 360, status: 'InService', ...(reason !== undefined && { reason }) },
];

export const CREATED = (config: string): readonly Step[] => [
  { at: 0, status: 'Creating', config },
  { at: 180, status: 'InService', config },
];

const REGION = 'eu-west-1';
const arnOf = (kind: string, name: string) => `arn:aws:sagemaker:${REGION}:123456789012:${kind}/${name}`;

/** SageMaker's hosting at the level of the action's own functions, with everything that can go wrong. */
export class FakeHosting {
  readonly models = new Map<string, { readonly request: CreateModelInput; readonly made: number }>();
  readonly configs = new Map<
    string,
    { readonly request: CreateEndpointConfigInput; readonly made: number }
  >();
  readonly endpoints = new Map<string, Endpoint>();
  readonly streams = new Map<string, Stream>();
  readonly targets = new Map<string, ScalingTarget>();
  readonly policies = new Map<string, ScalingPolicy>();
  readonly objects = new Map<string, string>();
  /** ETag of what no other call has put into S3. */
  etag: (uri: string) => string | undefined = () => 'e1';
  alarms: readonly AlarmState[] = [];
  readonly calls: { readonly operation: string; readonly name: string; readonly at: number }[] = [];
  readonly updates: UpdateEndpointInput[] = [];
  readonly invocations: InvocationRequest[] = [];

  /** Asked before each call; what it gives is thrown. */
  fault: (operation: string, nth: number) => Error | undefined = () => undefined;
  /** Asked after a change was made: an answer that is lost. */
  lostAnswer: (operation: string, nth: number) => Error | undefined = () => undefined;
  creation: (config: string) => readonly Step[] = CREATED;
  /** What each update does, by its number from 1. */
  update: (config: string, nth: number) => readonly Step[] = UPDATED;
  /** Streams that come with each change, by name; times are in seconds since the change. */
  logs: (config: string, nth: number) => Readonly<Record<string, readonly FakeEvent[]>> = () => ({});
  /** What the endpoint answers while this configuration is live. */
  answer: (config: string, request: InvocationRequest, nth: number) => Invocation | Error = () =>
    json('{"ok": true}');
  /** Seconds that an invocation takes. */
  latency = 0.02;
  latestPackage: Awaited<ReturnType<ModelRegistry['latest']>>;
  packages = new Map<string, Record<string, unknown>>();

  constructor(readonly clock: JobClock) {}

  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** Calls that changed, or tried to change, something. */
  get changes(): readonly string[] {
    return this.calls
      .filter(({ operation }) => /^(?:create|update|remove|tagE|register|put)/.test(operation))
      .map(({ operation, name }) => `${operation} ${name}`);
  }

  /** An endpoint that is there already, live since long. */
  add(name: string, config: string, tags: ReadonlyMap<string, string>, steps?: readonly Step[]): void {
    const now = this.clock.now();
    this.endpoints.set(name, {
      arn: arnOf('endpoint', name),
      tags: new Map(tags),
      created: now - 86_400_000,
      changed: now - (steps === undefined ? 3_600_000 : 0),
      config,
      steps: steps ?? [{ at: 0, status: 'InService', config }],
    });
  }

  /** A change by somebody else. */
  change(name: string, steps: readonly Step[], pending?: string): void {
    const endpoint = this.#endpoint(name);
    const live = this.#now(endpoint).config;
    endpoint.config = live;
    endpoint.changed = this.clock.now();
    endpoint.steps = steps;
    if (pending === undefined) delete endpoint.pending;
    else endpoint.pending = pending;
  }

  status(name: string): { readonly status: string; readonly config: string } | undefined {
    const endpoint = this.endpoints.get(name);
    if (endpoint === undefined || this.#isGone(endpoint)) return undefined;
    const { status, config } = this.#now(endpoint);
    return { status, config };
  }

  readonly connect = async (): Promise<DeployConnection> => {
    this.#called('connect', '');
    return {
      region: REGION,
      models: {
        region: REGION,
        create: async (request, signal) => {
          const name = request.ModelName ?? '';
          this.#called('createModel', name, signal);
          if (this.models.has(name))
            throw refused(`Cannot create already existing model "${arnOf('model', name)}".`);
          this.models.set(name, { request, made: this.clock.now() });
          this.#answered('createModel');
          return arnOf('model', name);
        },
        describe: async (name, signal) => {
          this.#called('describeModel', name, signal);
          const model = this.models.get(name);
          const { Tags: _, ...content } = model?.request ?? {};
          return (
            model && {
              ...content,
              ModelName: name,
              ModelArn: arnOf('model', name),
              CreationTime: new Date(model.made),
            }
          );
        },
        remove: async (name, signal) => {
          this.#called('removeModel', name, signal);
          return this.models.delete(name) ? 'removed' : 'not-found';
        },
        list: async (nameContains, signal) => {
          this.#called('listModels', nameContains, signal);
          return listed(this.models, 'model', nameContains);
        },
        tags: async (arn, signal) => this.#tags(arn, signal),
      },
      endpoints: {
        region: REGION,
        create: async (request, signal) => {
          const name = request.EndpointName ?? '';
          const config = request.EndpointConfigName ?? '';
          this.#called('createEndpoint', name, signal);
          this.#requireConfig(config);
          if (this.status(name) !== undefined) {
            throw refused(`Cannot create already existing endpoint "${arnOf('endpoint', name)}".`);
          }
          this.endpoints.set(name, {
            arn: arnOf('endpoint', name),
            tags: tagsOf(request.Tags ?? []),
            created: this.clock.now(),
            changed: this.clock.now(),
            config,
            steps: this.creation(config),
          });
          this.#log(config, 0);
          this.#answered('createEndpoint');
          return arnOf('endpoint', name);
        },
        describe: async (name, signal) => {
          this.#called('describeEndpoint', name, signal);
          return this.#describe(name);
        },
        update: async (request, signal) => {
          const name = request.EndpointName ?? '';
          const config = request.EndpointConfigName ?? '';
          this.#called('updateEndpoint', `${name} ${config}`, signal);
          this.#requireConfig(config);
          const { status } = this.status(name) ?? {};
          if (status === undefined) throw refused(`Could not find endpoint "${arnOf('endpoint', name)}".`);
          if (!/^(?:InService|OutOfService|UpdateRollbackFailed)$/.test(status)) {
            throw refused(`Cannot update in-progress endpoint "${arnOf('endpoint', name)}".`);
          }
          this.updates.push(request);
          this.change(name, this.update(config, this.updates.length), config);
          this.#log(config, this.updates.length);
          this.#answered('updateEndpoint');
        },
        updateWeights: async () => {
          throw new Error('Not used here.');
        },
        remove: async (name, signal) => {
          this.#called('removeEndpoint', name, signal);
          const { status } = this.status(name) ?? {};
          if (status === undefined) return 'not-found';
          if (/^(?:Creating|Updating|SystemUpdating|RollingBack|Deleting)$/.test(status)) {
            throw refused(`Cannot update in-progress endpoint "${arnOf('endpoint', name)}".`);
          }
          this.change(name, [
            { at: 0, status: 'Deleting' },
            { at: 60, status: 'Gone' },
          ]);
          this.#answered('removeEndpoint');
          return 'removed';
        },
        list: async (signal) => {
          this.#called('listEndpoints', '', signal);
          return [...this.endpoints].map(([name, { arn, created }]) => ({
            name,
            arn,
            createdAt: new Date(created),
          }));
        },
        createConfig: async (request, signal) => {
          const name = request.EndpointConfigName ?? '';
          this.#called('createConfig', name, signal);
          for (const { ModelName = '' } of request.ProductionVariants ?? []) {
            if (!this.models.has(ModelName))
              throw refused(`Could not find model "${arnOf('model', ModelName)}".`);
          }
          if (this.configs.has(name)) {
            throw refused(
              `Cannot create already existing endpoint configuration "${arnOf('endpoint-config', name)}".`,
            );
          }
          this.configs.set(name, { request, made: this.clock.now() });
          this.#answered('createConfig');
          return arnOf('endpoint-config', name);
        },
        describeConfig: async (name, signal) => {
          this.#called('describeConfig', name, signal);
          const config = this.configs.get(name);
          const { Tags: _, ...content } = config?.request ?? {};
          return (
            config && {
              ...content,
              EndpointConfigName: name,
              EndpointConfigArn: arnOf('endpoint-config', name),
              ProductionVariants: config.request.ProductionVariants,
              CreationTime: new Date(config.made),
            }
          );
        },
        removeConfig: async (name, signal) => {
          this.#called('removeConfig', name, signal);
          return this.configs.delete(name) ? 'removed' : 'not-found';
        },
        listConfigs: async (nameContains, signal) => {
          this.#called('listConfigs', nameContains, signal);
          return listed(this.configs, 'endpoint-config', nameContains);
        },
        tags: async (arn, signal) => this.#tags(arn, signal),
        tag: async (arn, tags, signal) => {
          const config = this.configs.get(/:endpoint-config\/(.+)$/.exec(arn)?.[1] ?? '');
          if (config !== undefined) {
            this.#called('tagConfig', arn, signal);
            const tagged = new Map([...tagsOf(config.request.Tags ?? []), ...tags]);
            config.request.Tags = [...tagged].map(([Key, Value]) => ({ Key, Value }));
            return;
          }
          this.#called('tagEndpoint', arn, signal);
          const endpoint = this.#endpoint(arn.split('/').at(-1) ?? '');
          for (const [key, value] of tags) endpoint.tags.set(key, value);
        },
      },
      logs: async () => ({
        streams: async (_owner, signal) => {
          this.#called('streams', '', signal);
          const seconds = (stream: Stream) => (this.clock.now() - stream.created) / 1000;
          return [...this.streams]
            .filter(([, stream]) => stream.events.some(({ at }) => at <= seconds(stream)))
            .map(([name]) => name);
        },
        page: async (name, token, signal) => {
          this.#called('page', name, signal);
          const stream = this.streams.get(name);
          if (stream === undefined) return undefined;
          const seconds = (this.clock.now() - stream.created) / 1000;
          const there = stream.events.filter(({ at }) => at <= seconds);
          return pageOf(there, stream.created, token, { size: 10_000, empty: 0 });
        },
      }),
      runtime: async () => ({
        invoke: async (request, signal) => {
          this.#called('invoke', request.variant ?? '', signal);
          this.invocations.push(request);
          await this.clock.sleep(this.latency * 1000, signal);
          if (signal.aborted) throw new CanceledError();
          const { config = '' } = this.status(request.endpointName) ?? {};
          const answer = this.answer(config, request, this.invocations.length);
          if (answer instanceof Error) throw answer;
          return answer;
        },
        invokeAsync: async ({ inputLocation }, signal) => {
          this.#called('invokeAsync', inputLocation, signal);
          const body = this.objects.get(inputLocation) ?? '';
          const answer = this.answer('', { endpointName: '', contentType: '', body: Buffer.from(body) }, 1);
          const [outputLocation, failureLocation] = ['s3://out/answer', 's3://out/failure'];
          void this.clock.sleep(5_000).then(() => {
            if (answer instanceof Error) throw answer;
            if (answer.kind === 'answered') this.objects.set(outputLocation, answer.body.toString());
            else this.objects.set(failureLocation, answer.message);
          });
          return { outputLocation, failureLocation };
        },
      }),
      scaling: async () => ({
        targets: async (_name, variants, signal) => {
          this.#called('describeTargets', '', signal);
          return new Map([...this.targets].filter(([variant]) => variants.includes(variant)));
        },
        register: async (_name, variant, target, signal) => {
          this.#called('registerTarget', variant, signal);
          this.targets.set(variant, target);
        },
        policy: async (_name, variant, signal) => {
          this.#called('describePolicy', variant, signal);
          return this.policies.get(variant);
        },
        putPolicy: async (_name, variant, policy, signal) => {
          this.#called('putPolicy', variant, signal);
          this.policies.set(variant, policy);
        },
        deregister: async (_name, variant, signal) => {
          this.#called('deregisterTarget', variant, signal);
          this.policies.delete(variant);
          return this.targets.delete(variant) ? 'removed' : 'not-found';
        },
      }),
      alarms: async () => ({
        states: async (names, signal) => {
          this.#called('describeAlarms', names.join(), signal);
          return this.alarms.filter(({ name }) => names.includes(name));
        },
      }),
      registry: async () =>
        ({
          latest: async () => this.latestPackage,
          describe: async (arn: string) => this.packages.get(arn),
        }) as unknown as ModelRegistry,
      objects: async () => ({
        open: async (uri, signal) => {
          this.#called('getObject', uri, signal);
          const body = this.objects.get(uri);
          if (body !== undefined) return { body: Readable.from([body]) };
          const etag = /\/model\.tar\.gz$/.test(uri) ? this.etag(uri) : undefined;
          return etag === undefined ? undefined : { etag, body: Readable.from(['weights']) };
        },
        put: async (uri, { body }, signal) => {
          this.#called('putObject', uri, signal);
          this.objects.set(uri, body.toString());
        },
        remove: async (uri, signal) => {
          this.#called('removeObject', uri, signal);
          this.objects.delete(uri);
        },
      }),
    };
  };

  #called(operation: string, name: string, signal?: AbortSignal): void {
    if (signal?.aborted) throw new CanceledError();
    this.calls.push({ operation, name, at: this.clock.now() });
    const fault = this.fault(operation, this.count(operation));
    if (fault) throw fault;
  }

  #answered(operation: string): void {
    const lost = this.lostAnswer(operation, this.count(operation));
    if (lost) throw lost;
  }

  #requireConfig(name: string): void {
    if (this.configs.has(name)) return;
    throw refused(`Could not find endpoint configuration "${arnOf('endpoint-config', name)}".`);
  }

  #endpoint(name: string): Endpoint {
    const endpoint = this.endpoints.get(name);
    if (endpoint === undefined) throw new Error(`There is no endpoint ${name}.`);
    return endpoint;
  }

  #isGone(endpoint: Endpoint): boolean {
    return this.#now(endpoint).status === 'Gone';
  }

  #now(endpoint: Endpoint): { readonly step: Step; readonly status: string; readonly config: string } {
    const seconds = (this.clock.now() - endpoint.changed) / 1000;
    const past = endpoint.steps.filter(({ at }) => at <= seconds);
    const step = past.at(-1) ?? { at: 0, status: 'InService' };
    const config = past.findLast(({ config }) => config !== undefined)?.config ?? endpoint.config;
    return { step, status: step.status, config };
  }

  #describe(name: string): DescribeEndpointOutput | undefined {
    const endpoint = this.endpoints.get(name);
    if (endpoint === undefined || this.#isGone(endpoint)) return undefined;
    const { step, status, config } = this.#now(endpoint);
    const moment = (ms: number) => new Date(ms);
    const variants = (this.configs.get(config)?.request.ProductionVariants ?? []).map((variant) => {
      const image = step.image ?? this.models.get(variant.ModelName ?? '')?.request.PrimaryContainer?.Image;
      return {
        VariantName: variant.VariantName ?? '',
        CurrentWeight: variant.InitialVariantWeight,
        DesiredWeight: variant.InitialVariantWeight,
        CurrentInstanceCount: variant.InitialInstanceCount,
        DesiredInstanceCount: variant.InitialInstanceCount,
        ...(image && { DeployedImages: [{ SpecifiedImage: image, ResolvedImage: image }] }),
        ...(step.variantStatus && {
          VariantStatus: [
            {
              Status: step.variantStatus as 'Creating',
              StartTime: moment(endpoint.changed + step.at * 1000),
            },
          ],
        }),
      };
    });
    return {
      EndpointName: name,
      EndpointArn: endpoint.arn,
      EndpointConfigName: config,
      EndpointStatus: status as 'InService',
      ...(step.reason && { FailureReason: step.reason }),
      CreationTime: moment(endpoint.created),
      LastModifiedTime: moment(endpoint.changed + step.at * 1000),
      ProductionVariants: variants,
      ...(endpoint.pending &&
        status !== 'InService' && { PendingDeploymentSummary: { EndpointConfigName: endpoint.pending } }),
    };
  }

  #tags(arn: string, signal: AbortSignal): ReadonlyMap<string, string> {
    this.#called('tags', arn, signal);
    const [, kind = '', name = ''] = /:([a-z-]+)\/(.+)$/.exec(arn) ?? [];
    if (kind === 'endpoint') return this.endpoints.get(name)?.tags ?? new Map();
    const made = kind === 'model' ? this.models.get(name) : this.configs.get(name);
    return tagsOf(made?.request.Tags ?? []);
  }

  #log(config: string, nth: number): void {
    for (const [name, events] of Object.entries(this.logs(config, nth))) {
      this.streams.set(name, { created: this.clock.now(), events });
    }
  }
}

const tagsOf = (tags: Tags) => new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value]));

const listed = (of: ReadonlyMap<string, { readonly made: number }>, kind: string, nameContains: string) =>
  [...of]
    .filter(([name]) => name.includes(nameContains))
    .map(([name, { made }]) => ({ name, arn: arnOf(kind, name), createdAt: new Date(made) }));

export const json = (body: string): Invocation => ({
  kind: 'answered',
  contentType: 'application/json',
  body: Buffer.from(body),
});

export const trouble = (kind: AwsErrorKind, message = `It is ${kind}.`, code = 'SomeException'): AwsError =>
  new AwsError(kind, 'sagemaker:DescribeEndpoint', code, message, 'Do this.', {
    cause: new Error(message),
  });

/** A ValidationException, with AWS's words in it. */
export const refused = (message: string): AwsError =>
  new AwsError(
    'invalid',
    'sagemaker:UpdateEndpoint',
    'ValidationException',
    `AWS refuses the request of sagemaker:UpdateEndpoint: ${message} (ValidationException).`,
    'Change the input that the message names.',
    { cause: new Error(message) },
  );
