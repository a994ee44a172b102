import type * as api from '@aws-sdk/client-sagemaker';
import type { InvokeEndpointInput } from '@aws-sdk/client-sagemaker-runtime';
import { Hosting } from '../../../local-aws/sagemaker/hosting/hosting.js';
import type { ModelServer, ServerSpec } from '../../../local-aws/sagemaker/hosting/model-server.js';
import type { ModelSources } from '../../../local-aws/sagemaker/hosting/models.js';
import type { EndpointScenario } from '../../../local-aws/sagemaker/hosting/scenario.js';
import { scriptedServer } from '../../../local-aws/sagemaker/hosting/scripted-server.js';
import { type ObjectStore, parseS3Uri, type S3Location } from '../../../local-aws/sagemaker/object-store.js';
import { Tags } from '../../../local-aws/sagemaker/tags.js';
import { SageMakerRuntime } from '../../../local-aws/sagemaker-runtime/sagemaker-runtime.js';
import type { CallContext } from '../../../local-aws/service.js';
import { HandClock } from '../hand-clock.js';

export const ROLE = 'arn:aws:iam::123456789012:role/execution';
export const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:1';
export const DIGEST = `sha256:${'a'.repeat(64)}`;
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** Hosting whose servers are scripts, in a world whose time is moved by hand. */
export function world(given: Partial<ModelSources> = {}) {
  const clock = new HandClock();
  const tags = new Tags();
  const objects = new Map<string, string>();
  const alarms = new Set<string>();
  const lines: string[] = [];
  const published: { readonly topic: string; readonly message: unknown }[] = [];
  /** `started one`, `stopped one`, by the VERSION of the model. */
  const events: string[] = [];
  const context: CallContext = {
    region: 'eu-west-1',
    account: '123456789012',
    accessKeyId: 'AKIA',
    now: () => new Date(clock.now()),
    requestId: 'r',
  };
  const sources: ModelSources = {
    image: async () => ({ digest: DIGEST, mediaType: DOCKER_MANIFEST, size: 1000 }),
    keys: async (uri) => [parseS3Uri(uri).key],
    role: async (arn) => arn === ROLE,
    modelPackage: () => undefined,
    ...given,
  };
  const create = (spec: ServerSpec): ModelServer => {
    const version = spec.model.container.environment['VERSION'] ?? '';
    const server = scriptedServer(spec, { body: version, ...spec.scenario.script }, clock);
    return {
      ...server,
      start: async () => {
        await server.start();
        events.push(`started ${version}`);
      },
      stop: async () => {
        events.push(`stopped ${version}`);
        await server.stop();
      },
    };
  };
  const hosting = new Hosting(tags, sources, {
    clock,
    servers: { create, close: async () => {} },
    alarms: { firing: async (names) => names.filter((name) => alarms.has(name)) },
    logWriter: () => ({
      push: (source, line) => lines.push(`${source.replace(/i-0[0-9a-f]{16}$/, 'INSTANCE')}: ${line}`),
      flush: async () => {},
    }),
    log: () => {},
  });
  const uri = ({ bucket, key }: S3Location) => `s3://${bucket}/${key}`;
  const store = {
    put: async (content: Buffer, location: S3Location) => {
      objects.set(uri(location), content.toString('utf8'));
    },
    bytes: async (location: S3Location) => {
      const found = objects.get(uri(location));
      if (found === undefined) throw new Error(`no ${uri(location)}`);
      return Buffer.from(found);
    },
  } as unknown as ObjectStore;
  const runtime = new SageMakerRuntime(hosting.endpoints, {
    store,
    clock,
    publish: async (topic, message) => {
      published.push({ topic, message: JSON.parse(message) });
    },
    log: () => {},
  });

  /** Lets everything happen that needs no time. */
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  };
  /** Time passes, in steps in which others have their turn. */
  const pass = async (milliseconds: number, steps = 10) => {
    for (let step = 0; step < steps; step += 1) {
      await settle();
      clock.advance(milliseconds / steps);
    }
    await settle();
  };
  const call = async <Output>(operation: string, input: object): Promise<Output> =>
    (await hosting.operations[operation]?.(input as never, context)) as Output;
  const describe = (EndpointName = 'live') =>
    call<api.DescribeEndpointOutput>('DescribeEndpoint', { EndpointName });

  /** A model, and a configuration of the same name with one variant of it. */
  const config = async (
    version: string,
    variant: Partial<api.ProductionVariant> = {},
    more: Partial<api.CreateEndpointConfigInput> = {},
  ) => {
    await call('CreateModel', {
      ModelName: version,
      ExecutionRoleArn: ROLE,
      PrimaryContainer: { Image: IMAGE, Environment: { VERSION: version } },
    });
    const ProductionVariants = [
      {
        VariantName: 'AllTraffic',
        ModelName: version,
        ...(variant.ServerlessConfig === undefined && {
          InitialInstanceCount: 1,
          InstanceType: 'ml.m5.large',
        }),
        ...variant,
      },
    ];
    await call('CreateEndpointConfig', { EndpointConfigName: version, ProductionVariants, ...more });
  };
  /** An endpoint `live` in service with the configuration `one`. */
  const live = async (
    ...args: [Partial<api.ProductionVariant>?, Partial<api.CreateEndpointConfigInput>?]
  ) => {
    await config('one', ...args);
    await call('CreateEndpoint', { EndpointName: 'live', EndpointConfigName: 'one' });
    await settle();
  };
  const update = (EndpointConfigName: string, more: Partial<api.UpdateEndpointInput> = {}) =>
    call('UpdateEndpoint', { EndpointName: 'live', EndpointConfigName, ...more });
  const invoke = async (more: Partial<InvokeEndpointInput> = {}, operation = 'InvokeEndpoint') => {
    const answer = await runtime.handle(
      operation,
      { EndpointName: 'live', Body: Buffer.from('{}'), ...more },
      context,
    );
    return { ...answer, text: Buffer.isBuffer(answer.body) ? answer.body.toString('utf8') : '' };
  };
  /** How many of so many requests each version answered. */
  const split = async (requests: number) => {
    const counts: Record<string, number> = {};
    for (let request = 0; request < requests; request += 1) {
      const { text } = await invoke();
      counts[text] = (counts[text] ?? 0) + 1;
    }
    return counts;
  };
  const script = (...scenarios: readonly EndpointScenario[]) => hosting.controlScenarios('PUT', scenarios);

  return {
    ...{
      alarms,
      call,
      clock,
      config,
      context,
      describe,
      events,
      hosting,
      invoke,
      lines,
      live,
      objects,
      pass,
    },
    ...{ published, runtime, script, settle, split, tags, update },
  };
}
