import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  type ContainerDefinition,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  type CreateEndpointConfigInput,
  CreateModelCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  type DescribeEndpointOutput,
  SageMakerClient,
  UpdateEndpointCommand,
  type UpdateEndpointInput,
} from '@aws-sdk/client-sagemaker';
import {
  InvokeEndpointAsyncCommand,
  InvokeEndpointCommand,
  SageMakerRuntimeClient,
} from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { RUN_LABEL } from '../../../src/docker/leftovers.js';
import { requestModel } from '../../local-aws/sagemaker/hosting/model-request.js';
import { AWS_CLI, localAws, PYTHON, ROOT, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** Clients of all kinds at the hosting of local AWS, with containers that really serve. */
jest.setTimeout(240_000);

const SDK_PYTHON = join(ROOT, '.tools', 'sagemaker-sdk', 'bin', 'python');
const run = promisify(execFile);
const PREFIX = `hosting-${randomBytes(3).toString('hex')}`;
const REFERENCE = `${PREFIX}:1`;

let aws: SharedLocalAws;
let image: string;
let sagemaker: SageMakerClient;
let runtime: SageMakerRuntimeClient;
let s3: S3Client;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  runtime = new SageMakerRuntimeClient(aws.client());
  s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  // With a label, so that no other run of these tests has the same image.
  execFileSync('docker', [
    ...['build', '--quiet', '--label', `run=${PREFIX}`, '--tag', REFERENCE, join(__dirname, 'serving')],
  ]);
  const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
  image = (await python('push_image.py', [REFERENCE, PREFIX, config])).trim();
  rmSync(config, { recursive: true, force: true });
});
afterAll(() => {
  for (const client of [sagemaker, runtime, s3]) client.destroy();
  execFileSync('docker', ['rmi', '--force', REFERENCE], { stdio: 'ignore' });
});

async function python(file: string, args: readonly string[], program = PYTHON): Promise<string> {
  const { stdout } = await run(program, [join(__dirname, file), ...args], {
    env: { PATH: process.env['PATH'], HOME: tmpdir(), ...aws.env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

let number = 0;
function newName(): string {
  number += 1;
  return `${PREFIX}-${String(number).padStart(3, '0')}`;
}

/** Puts a model.tar.gz with these files into the bucket. */
async function upload(files: Readonly<Record<string, string>>): Promise<string> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return put(`${newName()}/model.tar.gz`, gzipSync(Buffer.concat(chunks)));
}

async function put(key: string, body: Buffer): Promise<string> {
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: body }));
  return `s3://${aws.bucket}/${key}`;
}

async function createModel(container: ContainerDefinition = {}, more: object = {}): Promise<string> {
  const ModelName = newName();
  await sagemaker.send(
    new CreateModelCommand({
      ModelName,
      ExecutionRoleArn: aws.executionRoleArn,
      PrimaryContainer: { Image: image, ...container },
      ...more,
    }),
  );
  return ModelName;
}

const variantOf = (ModelName: string, more: object = {}) => ({
  VariantName: 'AllTraffic',
  ModelName,
  InitialInstanceCount: 1,
  InstanceType: 'ml.m5.large' as const,
  InitialVariantWeight: 1,
  ...more,
});

async function createConfig(
  variants: CreateEndpointConfigInput['ProductionVariants'],
  more: Partial<CreateEndpointConfigInput> = {},
): Promise<string> {
  const EndpointConfigName = newName();
  await sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants: variants, ...more }),
  );
  return EndpointConfigName;
}

/** A configuration of one variant whose container answers with this version. */
const configOf = async (version: string, container: ContainerDefinition = {}) =>
  createConfig([variantOf(await createModel({ Environment: { VERSION: version }, ...container }))]);

async function createEndpoint(EndpointConfigName: string): Promise<string> {
  const EndpointName = newName();
  await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
  return EndpointName;
}

const describeEndpoint = (EndpointName: string): Promise<DescribeEndpointOutput> =>
  sagemaker.send(new DescribeEndpointCommand({ EndpointName }));

/** When nothing goes on any more. */
async function settled(name: string): Promise<DescribeEndpointOutput> {
  for (;;) {
    const found = await describeEndpoint(name);
    if (!/^(Creating|Updating|RollingBack|Deleting|SystemUpdating)$/.test(found.EndpointStatus ?? ''))
      return found;
    await sleep(100);
  }
}

async function update(name: string, more: Omit<UpdateEndpointInput, 'EndpointName'>): Promise<void> {
  await sagemaker.send(new UpdateEndpointCommand({ EndpointName: name, ...more }));
}

async function remove(EndpointName: string): Promise<void> {
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName }));
}

async function ask(name: string, body: object = {}, more: object = {}) {
  const answer = await runtime.send(
    new InvokeEndpointCommand({
      EndpointName: name,
      Body: JSON.stringify(body),
      ContentType: 'application/json',
      ...more,
    }),
  );
  return { ...answer, json: JSON.parse(Buffer.from(answer.Body ?? []).toString('utf8')) };
}

describe('An endpoint', () => {
  test('serves its model: root owns it and it is read-only, with the environment of the request alone', async () => {
    const url = await upload({ 'model.txt': 'weights' });
    const config = await configOf('one', { ModelDataUrl: url, Environment: { VERSION: 'one' } });
    const name = await createEndpoint(config);
    expect(await describeEndpoint(name)).toMatchObject({
      EndpointStatus: 'Creating',
      PendingDeploymentSummary: { ProductionVariants: [{ VariantStatus: [{ Status: 'Creating' }] }] },
    });
    await expect(remove(name)).rejects.toThrow(/^Cannot update in-progress endpoint "arn:aws:sagemaker:/);
    const live = await settled(name);
    const digest = expect.stringMatching(/@sha256:[0-9a-f]{64}$/);
    expect(live).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: config,
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          DeployedImages: [{ SpecifiedImage: image, ResolvedImage: digest }],
          CurrentWeight: 1,
          DesiredWeight: 1,
          CurrentInstanceCount: 1,
          DesiredInstanceCount: 1,
        },
      ],
    });
    const { json, InvokedProductionVariant } = await ask(name, { environment: true });
    expect(InvokedProductionVariant).toBe('AllTraffic');
    expect(json).toMatchObject({
      version: 'one',
      path: '/invocations',
      model: { 'model.txt': ['weights', 0] },
      writable: false,
    });
    expect(json.environment.filter((one: string) => /^(AWS|SM|SAGEMAKER)_/.test(one))).toEqual([]);
    await remove(name);
    await expect(settled(name)).rejects.toThrow(/^Could not find endpoint "arn:.*"\.$/);
    await expect(ask(name)).rejects.toMatchObject({ name: 'ValidationError' });
  });
});

describe('An endpoint whose container does not serve', () => {
  const logOf = async (name: string) => {
    const logs = new CloudWatchLogsClient(aws.client());
    try {
      const { events = [] } = await logs.send(
        new FilterLogEventsCommand({ logGroupName: `/aws/sagemaker/Endpoints/${name}` }),
      );
      return events.map(({ logStreamName, message }) => `${logStreamName}: ${message}`);
    } finally {
      logs.destroy();
    }
  };

  test('is Creating while it crashes again and again, cannot be deleted, and fails with its log in CloudWatch', async () => {
    const config = await configOf('bad', { Environment: { VERSION: 'bad', CRASH: '1' } });
    await aws.control('POST', 'sagemaker/endpoints', { configs: config, crashLoop: 8000 });
    const name = await createEndpoint(config);
    await sleep(2000);
    expect(await describeEndpoint(name)).toMatchObject({ EndpointStatus: 'Creating' });
    await expect(remove(name)).rejects.toThrow('Cannot update in-progress endpoint');
    expect(await settled(name)).toMatchObject({
      EndpointStatus: 'Failed',
      FailureReason:
        'The primary container for production variant AllTraffic did not pass the ping health check. Please check CloudWatch logs for this endpoint.',
    });
    const log = await logOf(name);
    const starts = log.filter((line) => line.endsWith(': serving version bad'));
    expect(starts.length).toBeGreaterThan(1);
    // One instance, whose container is started again.
    expect(new Set(starts).size).toBe(1);
    expect(starts[0]).toMatch(/^AllTraffic\/i-0[0-9a-f]{16}: /);
    expect(log.join('\n')).toContain("ImportError: No module named 'torch'");
    await expect(ask(name)).rejects.toMatchObject({ name: 'ValidationError' });
    await remove(name);
  });

  test('fails with the reason of what is wrong: ping, program, archive, image', async () => {
    const reasonOf = async (config: string) => {
      const { EndpointStatus, FailureReason = '' } = await settled(await createEndpoint(config));
      expect(EndpointStatus).toBe('Failed');
      return FailureReason;
    };
    const deaf = await configOf('deaf', { Environment: { PING: '503' } });
    const bare = `${PREFIX}-bare`;
    execFileSync('docker', ['build', '--quiet', '--tag', bare, '-'], {
      input: 'FROM python:3.11-slim-bookworm',
    });
    const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
    const uri = (await python('push_image.py', [bare, bare, config])).trim();
    execFileSync('docker', ['rmi', '--force', bare], { stdio: 'ignore' });
    rmSync(config, { recursive: true, force: true });
    const serveless = await configOf('none', { Image: uri });
    const noArchive = await put(`${newName()}/model.tar.gz`, Buffer.from('no archive'));
    const garbage = await configOf('garbage', { ModelDataUrl: noArchive });
    const gone = await configOf('gone', { Image: (await pushTinyImage(aws, `${PREFIX}-gone`)).uri });
    // 480 seconds of the platform.
    await aws.control('POST', 'sagemaker/endpoints', {
      configs: PREFIX,
      timeScale: 0.005,
      crashLoop: 0,
      times: 4,
    });
    expect(await reasonOf(deaf)).toMatch(
      /^The primary container for production variant AllTraffic did not pass/,
    );
    expect(await reasonOf(serveless)).toBe(
      "CannotStartContainerError. Please ensure the model container for variant AllTraffic starts correctly when invoked with 'docker run <image> serve'",
    );
    expect(await reasonOf(garbage)).toBe(
      `Failed to extract model data archive from URL "${noArchive}". Please ensure that the object located at the URL is a valid tar.gz archive.`,
    );
    expect(await reasonOf(gone)).toMatch(
      /^Please make sure all images included in the model for the production variant AllTraffic exist/,
    );
  });

  test('is not even a model: an OCI image, one that is not there, no model data', async () => {
    const { uri } = await pushTinyImage(aws, `${PREFIX}-oci`, 'oci');
    await expect(createModel({ Image: uri })).rejects.toThrow(
      `Unsupported manifest media type application/vnd.oci.image.manifest.v1+json for image ${uri}. Ensure that valid manifest media type is used for specified image.`,
    );
    const missing = image.replace(/:1$/, ':2');
    await expect(createModel({ Image: missing })).rejects.toThrow(
      `Cannot find the requested image: ${missing}`,
    );
    const ModelDataUrl = `s3://${aws.bucket}/none/model.tar.gz`;
    await expect(createModel({ ModelDataUrl })).rejects.toThrow(
      `Could not find model data at ${ModelDataUrl}.`,
    );
    const ExecutionRoleArn = `${aws.executionRoleArn}-2`;
    await expect(createModel({}, { ExecutionRoleArn })).rejects.toThrow(
      `The execution role ARN "${ExecutionRoleArn}" is invalid.`,
    );
  });
});

describe('An update', () => {
  /** Asks without pause, four at a time, until it is told to stop: each answer’s version, in order. */
  function load(name: string) {
    const versions: string[] = [];
    const failures: unknown[] = [];
    let going = true;
    const askers = Array.from({ length: 4 }, async () => {
      while (going) {
        await ask(name, { sleep: 0.05 }).then(
          ({ json }) => versions.push(json.version),
          (error: unknown) => failures.push(error),
        );
      }
    });
    return async () => {
      going = false;
      await Promise.all(askers);
      return { versions, failures };
    };
  }

  test('and one that goes back lose no request of those that come all the while', async () => {
    const [one, two, bad] = [
      await configOf('one'),
      await configOf('two'),
      await configOf('bad', { Environment: { CRASH: '1' } }),
    ];
    await aws.control('POST', 'sagemaker/endpoints', { configs: bad, crashLoop: 1000 });
    const name = await createEndpoint(one);
    await settled(name);
    const stop = load(name);
    await update(name, {
      EndpointConfigName: two,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: 'CANARY',
            CanarySize: { Type: 'CAPACITY_PERCENT', Value: 20 },
            WaitIntervalInSeconds: 1,
          },
        },
      },
    });
    expect(await settled(name)).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: two });
    await update(name, { EndpointConfigName: bad });
    const back = await settled(name);
    expect(back).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: two,
      FailureReason: expect.stringContaining('ping health check'),
    });
    const { versions, failures } = await stop();
    expect(failures).toEqual([]);
    expect(new Set(versions)).toEqual(new Set(['one', 'two']));
    expect(versions.slice(-20)).toEqual(Array(20).fill('two'));
    await remove(name);
  });

  test('is taken back when an alarm of CloudWatch fires while it bakes', async () => {
    const alarm = newName();
    const cloudWatch = new CloudWatchClient(aws.client());
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: alarm,
        Namespace: 'AWS/SageMaker',
        MetricName: 'Invocation5XXErrors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: alarm, StateValue: 'OK', StateReason: 'test' }),
    );
    const [one, two] = [await configOf('one'), await configOf('two')];
    const name = await createEndpoint(one);
    await settled(name);
    await update(name, {
      EndpointConfigName: two,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 600 },
        },
        AutoRollbackConfiguration: { Alarms: [{ AlarmName: alarm }] },
      },
    });
    for (;;) {
      const [variant] = (await describeEndpoint(name)).PendingDeploymentSummary?.ProductionVariants ?? [];
      if (variant?.VariantStatus?.[0]?.Status === 'Baking') break;
      await sleep(100);
    }
    expect((await ask(name)).json.version).toBe('two');
    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: alarm, StateValue: 'ALARM', StateReason: 'test' }),
    );
    expect(await settled(name)).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: one,
      FailureReason: expect.stringContaining(alarm),
    });
    expect((await ask(name)).json.version).toBe('one');
    cloudWatch.destroy();
    await remove(name);
  });
});

describe('Requests', () => {
  let name: string;
  beforeAll(async () => {
    name = await createEndpoint(await configOf('one'));
    await settled(name);
  });
  afterAll(() => remove(name));

  test('bring the container the headers that InvokeEndpoint knows, and no others', async () => {
    const { json, CustomAttributes } = await ask(
      name,
      { headers: true },
      { Accept: 'text/plain', CustomAttributes: 'mine', InferenceId: 'id' },
    );
    expect(CustomAttributes).toBe('mine');
    expect(json.headers).toEqual({
      accept: 'text/plain',
      connection: expect.anything(),
      'content-length': expect.anything(),
      'content-type': 'application/json',
      host: expect.anything(),
      'x-amzn-sagemaker-custom-attributes': 'mine',
      'x-amzn-sagemaker-inference-id': 'id',
    });
  });

  test('end as on the platform when the container refuses, is gone, or says too much', async () => {
    await expect(ask(name, { status: 500 })).rejects.toMatchObject({
      name: 'ModelError',
      OriginalStatusCode: 500,
      OriginalMessage: expect.stringContaining('"version"'),
      $metadata: { httpStatusCode: 424 },
    });
    await expect(ask(name, { size: 6 * 1024 * 1024 + 1 })).rejects.toMatchObject({ name: 'ModelError' });
    const body = Buffer.alloc(6 * 1024 * 1024 + 1);
    await expect(
      runtime.send(new InvokeEndpointCommand({ EndpointName: name, Body: body })),
    ).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to 6291456",
    });
    await expect(ask(`${name}-none`)).rejects.toMatchObject({
      name: 'ValidationError',
      message: `Endpoint ${name}-none of account 123456789012 not found.`,
    });
    await expect(ask(name, { exit: 3 })).rejects.toMatchObject({ name: 'ModelError', OriginalStatusCode: 0 });
    // The container is replaced; until it serves, there is nobody to ask.
    for (;;) {
      const version = await ask(name).then(
        ({ json }) => json.version,
        (error: Error) => error.name,
      );
      if (version === 'one') break;
      expect(['ModelError', 'ServiceUnavailable']).toContain(version);
      await sleep(200);
    }
    expect(await describeEndpoint(name)).toMatchObject({ EndpointStatus: 'InService' });
  });

  test('are counted and made to fail like any other call', async () => {
    await aws.fault({ service: 'sagemaker', operation: 'InvokeEndpoint', kind: 'throttling', times: 1 });
    await expect(ask(name)).rejects.toMatchObject({ name: 'ThrottlingException' });
    await aws.control('PUT', `policies/${aws.accessKeyId}`, {
      Statement: [{ Effect: 'Allow', Action: 'sagemaker:Describe*' }],
    });
    await expect(ask(name)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:${aws.region}:123456789012:endpoint/${name}`,
      ),
    });
    await aws.control('DELETE', `policies/${aws.accessKeyId}`);
    expect((await aws.calls())['sagemaker:InvokeEndpoint']).toBeGreaterThan(1);
  });
});

test('A request that takes longer than its time is broken off', async () => {
  const server = createServer(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(
    requestModel(`http://127.0.0.1:${port}`, {
      path: '/invocations',
      headers: {},
      body: Buffer.from('{}'),
      limitSeconds: 0.2,
    }),
  ).rejects.toMatchObject({ kind: 'time-out' });
  server.closeAllConnections();
  server.close();
});

test('A model package is deployed by its ARN, with its image, model and environment', async () => {
  const group = newName();
  await sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: group }));
  const { ModelPackageArn } = await sagemaker.send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: group,
      ModelApprovalStatus: 'Approved',
      InferenceSpecification: {
        Containers: [
          {
            Image: image,
            ModelDataUrl: await upload({ 'model.txt': 'packed' }),
            Environment: { VERSION: 'package' },
          },
        ],
        SupportedContentTypes: ['application/json'],
        SupportedResponseMIMETypes: ['application/json'],
      },
    }),
  );
  const ModelName = newName();
  await sagemaker.send(
    new CreateModelCommand({
      ModelName,
      ExecutionRoleArn: aws.executionRoleArn,
      Containers: [{ ModelPackageName: ModelPackageArn }],
    }),
  );
  const name = await createEndpoint(await createConfig([variantOf(ModelName)]));
  expect(await settled(name)).toMatchObject({ EndpointStatus: 'InService' });
  expect((await ask(name)).json).toMatchObject({
    version: 'package',
    model: { 'model.txt': ['packed', 0] },
  });
  await remove(name);
});

test('Under network isolation the container is on an internal network, and requests reach it', async () => {
  const model = await createModel({ Environment: { VERSION: 'alone' } }, { EnableNetworkIsolation: true });
  const name = await createEndpoint(await createConfig([variantOf(model)]));
  expect(await settled(name)).toMatchObject({ EndpointStatus: 'InService' });
  expect((await ask(name)).json.version).toBe('alone');
  // Whether a packet gets out is for the engine: not every machine that runs this test has an outside.
  const id = docker('inspect', '--format', '{{.Id}}', REFERENCE);
  const networks = docker('ps', '--filter', `ancestor=${id}`, '--format', '{{.Networks}}').split('\n');
  const internal = networks.map((one) => docker('network', 'inspect', '--format', '{{.Internal}}', one));
  expect(internal).toContain('true');
  await remove(name);
});

test('A serverless variant has the memory of its configuration, and DescribeEndpoint says so', async () => {
  const ServerlessConfig = { MemorySizeInMB: 1024, MaxConcurrency: 2 };
  const config = await createConfig([
    { VariantName: 'AllTraffic', ModelName: await createModel(), ServerlessConfig },
  ]);
  const name = await createEndpoint(config);
  const live = await settled(name);
  expect(live).toMatchObject({
    EndpointStatus: 'InService',
    ProductionVariants: [{ CurrentServerlessConfig: ServerlessConfig }],
  });
  expect(live.ProductionVariants?.[0]?.CurrentInstanceCount).toBeUndefined();
  expect((await ask(name, { memory: true })).json.memory).toBe(String(1024 * 1024 * 1024));
  await remove(name);
});

test('An asynchronous endpoint answers through S3, and puts failures where it was told', async () => {
  const path = `s3://${aws.bucket}/${newName()}`;
  const config = await createConfig([variantOf(await createModel({ Environment: { VERSION: 'later' } }))], {
    AsyncInferenceConfig: { OutputConfig: { S3OutputPath: `${path}/out`, S3FailurePath: `${path}/failed` } },
  });
  const name = await createEndpoint(config);
  await settled(name);
  const read = async (uri = '') => {
    const Key = uri.slice(`s3://${aws.bucket}/`.length);
    for (let tries = 0; tries < 100; tries += 1) {
      const found = await s3.send(new GetObjectCommand({ Bucket: aws.bucket, Key })).catch(() => undefined);
      if (found !== undefined) return found.Body?.transformToString();
      await sleep(100);
    }
    throw new Error(`no ${uri}`);
  };
  const later = async (body: object) =>
    runtime.send(
      new InvokeEndpointAsyncCommand({
        EndpointName: name,
        InputLocation: await put(`${newName()}.json`, Buffer.from(JSON.stringify(body))),
        ContentType: 'application/json',
      }),
    );
  const good = await later({});
  expect(good.InferenceId).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse((await read(good.OutputLocation)) ?? '')).toMatchObject({ version: 'later' });
  const bad = await later({ status: 500 });
  expect(await read(bad.FailureLocation)).toMatch(/^Received server error \(500\) from model/);
  await remove(name);
});

test('Captured data comes to S3 as JSON Lines', async () => {
  const prefix = newName();
  const config = await createConfig([variantOf(await createModel())], {
    DataCaptureConfig: {
      EnableCapture: true,
      InitialSamplingPercentage: 100,
      DestinationS3Uri: `s3://${aws.bucket}/${prefix}`,
      CaptureOptions: [{ CaptureMode: 'InputAndOutput' }],
      CaptureContentTypeHeader: { JsonContentTypes: ['application/json'] },
    },
  });
  const name = await createEndpoint(config);
  expect(await settled(name)).toMatchObject({
    DataCaptureConfig: { EnableCapture: true, CaptureStatus: 'Started', CurrentSamplingPercentage: 100 },
  });
  await ask(name, { question: 1 });
  const listed = { Bucket: aws.bucket, Prefix: `${prefix}/${name}/AllTraffic/` };
  let Key: string | undefined;
  for (let tries = 0; tries < 50 && Key === undefined; tries += 1) {
    await sleep(100);
    Key = (await s3.send(new ListObjectsV2Command(listed))).Contents?.[0]?.Key;
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: aws.bucket, Key }));
  expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({
    captureData: { endpointInput: { mode: 'INPUT', data: '{"question":1}', encoding: 'JSON' } },
  });
  await remove(name);
});

describe('Other clients', () => {
  test('boto3: from create_model to invoke_endpoint, and its stream', async () => {
    const name = newName();
    const data = await upload({ 'model.txt': 'weights' });
    const seen = JSON.parse(await python('host.py', [image, aws.executionRoleArn, data, name]));
    expect(seen).toMatchObject({
      arn: `arn:aws:sagemaker:${aws.region}:123456789012:endpoint/${name}`,
      tags: [{ Key: 'made-by', Value: 'boto3' }],
      answer: 'A,B',
      contentType: 'text/csv',
      variant: 'AllTraffic',
      streamType: 'text/plain',
      error: { OriginalStatusCode: 503 },
    });
    expect(seen.pieces.join('')).toBe('onetwothree');
    // As it came, not all at once.
    expect(seen.pieces.length).toBeGreaterThan(1);
  });

  test('the AWS CLI', async () => {
    const name = await createEndpoint(await configOf('cli'));
    const folder = mkdtempSync(join(tmpdir(), 'aws-cli-'));
    const cli = async (...args: readonly string[]) =>
      (await run(AWS_CLI, args, { env: { PATH: process.env['PATH'], HOME: folder, ...aws.env } })).stdout;
    // Its own wait looks every 30 seconds only.
    await settled(name);
    const described = JSON.parse(await cli('sagemaker', 'describe-endpoint', '--endpoint-name', name));
    expect(described.EndpointStatus).toBe('InService');
    const file = join(folder, 'answer');
    const answer = await cli(
      ...[
        'sagemaker-runtime',
        'invoke-endpoint',
        '--endpoint-name',
        name,
        '--content-type',
        'application/json',
      ],
      ...['--body', '{}', file],
    );
    expect(JSON.parse(answer)).toMatchObject({ InvokedProductionVariant: 'AllTraffic' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 'cli' });
    await expect(
      cli('sagemaker-runtime', 'invoke-endpoint', '--endpoint-name', 'none', '--body', '{}', file),
    ).rejects.toThrow(
      '(ValidationError) when calling the InvokeEndpoint operation: Endpoint none of account',
    );
    await cli('sagemaker', 'delete-endpoint', '--endpoint-name', name);
    rmSync(folder, { recursive: true, force: true });
  });

  test('the SageMaker SDK: Model.deploy, Predictor.predict, update_endpoint', async () => {
    const data = await upload({ 'model.txt': 'weights' });
    const args = [image, aws.executionRoleArn, aws.bucket, data, newName()];
    const lines = (await python('deploy_model.py', args, SDK_PYTHON)).trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      first: { version: 'sdk', model: { 'model.txt': ['weights', 0] } },
      second: { version: 'sdk-2' },
    });
  });
});

test('Local AWS that ends takes the containers, networks and volumes of its endpoints with it', async () => {
  const child = spawn(join(ROOT, 'script', 'local-aws'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (/^ready$/m.test(output)) break;
  }
  const own = Object.fromEntries(
    [...output.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  const before = { aws, sagemaker, image };
  try {
    const endpoint = own['AWS_ENDPOINT_URL'] ?? '';
    aws = {
      ...aws,
      env: { ...aws.env, ...own },
      executionRoleArn: own['EXECUTION_ROLE_ARN'] ?? '',
      client: (options) => ({ ...before.aws.client(options), endpoint }),
    };
    sagemaker = new SageMakerClient(aws.client());
    const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
    image = (await python('push_image.py', [REFERENCE, PREFIX, config])).trim();
    rmSync(config, { recursive: true, force: true });
    await settled(await createEndpoint(await configOf('one')));
    await createEndpoint(await configOf('never', { Environment: { PING: '503' } }));
    await createEndpoint(await configOf('crashing', { Environment: { CRASH: '1' } }));
    const id = docker('inspect', '--format', '{{.Id}}', REFERENCE);
    const labels = () =>
      docker('ps', '--all', '--filter', `ancestor=${id}`, '--format', `{{.Label "${RUN_LABEL}"}}`)
        .split('\n')
        .filter(Boolean);
    while (labels().length < 3) await sleep(100);
    const [run] = labels();
    const began = Date.now();
    child.kill('SIGTERM');
    await exit;
    // Nobody is given the half minute, or the rest of its 8 minutes.
    expect(Date.now() - began).toBeLessThan(25_000);
    for (const what of ['container', 'network', 'volume']) {
      const left = docker(what, 'ls', '--quiet', '--filter', `label=${RUN_LABEL}=${run}`);
      expect([what, left]).toEqual([what, '']);
    }
    expect(docker('image', 'ls', '--quiet', image.replace(/:1$/, ''))).toBe('');
  } finally {
    sagemaker.destroy();
    ({ aws, sagemaker, image } = before);
    child.kill('SIGTERM');
    await exit;
  }
});

const docker = (...args: readonly string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
