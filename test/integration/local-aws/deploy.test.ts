import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetImageCommand, ECRClient } from '@aws-sdk/client-ecr';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeEndpointCommand,
  ListEndpointConfigsCommand,
  ListModelsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { createDocker } from '../../../src/docker/docker.js';
import type { EndpointPlan, EndpointRecord, Plan } from '../../../src/plan.js';
import type { DeploymentState } from '../../../src/runner/state.js';
import { cleanUp } from '../../../src/stages/clean-up.js';
import { type DeployResult, deploy } from '../../../src/stages/deploy.js';
import { deployPlan, variant } from '../../unit/stages/deploy/plans.js';
import { SOURCE } from '../../unit/stages/train/plans.js';
import { SeenLog } from '../../unit/stages/train/seen-log.js';
import { type Cancel, runAction } from '../run-action.js';
import { localAws, PYTHON, ROOT, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** The stage deploy with the real SDK, over HTTP, at local AWS, whose model servers are scripted. */
jest.setTimeout(240_000);

const PREFIX = `byoc-deploy-${randomBytes(3).toString('hex')}`;
const before = { ...process.env };

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let image: string;
/** The same by its tag. */
let tagged: string;
let model: string;
let workspace: string;
let number = 0;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  const s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  Object.assign(process.env, aws.env);
  const pushed = await pushTinyImage(aws, PREFIX);
  tagged = pushed.uri;
  image = pushed.uri.replace(/:[^:/]+$/, `@${pushed.digest}`);
  const key = `${PREFIX}/model.tar.gz`;
  const tar = pack();
  tar.entry({ name: 'weights.bin' }, 'weights');
  tar.finalize();
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: gzipSync(await buffer(tar)) }));
  s3.destroy();
  model = `s3://${aws.bucket}/${key}`;
  workspace = mkdtempSync(join(tmpdir(), 'deploy-'));
  writeFileSync(join(workspace, 'request.json'), '{"instances": [1, 2]}');
  writeFileSync(join(workspace, 'serve.py'), 'import json\nimport torch\n');
});
afterEach(() => aws.clearFaults());
afterAll(() => {
  process.env = before;
  sagemaker.destroy();
  rmSync(workspace, { recursive: true });
});

/** None is part of another: a scenario is for all endpoints whose names contain its text. */
const newName = () => {
  number += 1;
  return `${PREFIX}-${String(number).padStart(2, '0')}`;
};

const script = (scenario: Readonly<Record<string, unknown>>) =>
  aws.control('POST', 'sagemaker/endpoints', scenario);

interface Deploying {
  readonly log: SeenLog;
  readonly known: EndpointRecord[];
  readonly remembered: (DeploymentState | undefined)[];
  readonly canceler: AbortController;
  readonly result: Promise<DeployResult>;
}

/** @param version is part of the model's environment, so that another one is another model */
function start(
  name: string,
  version: string,
  change: Partial<EndpointPlan> = {},
  follow: Partial<Plan['follow']> = {},
): Deploying {
  const log = new SeenLog();
  const known: EndpointRecord[] = [];
  const remembered: (DeploymentState | undefined)[] = [];
  const canceler = new AbortController();
  const plan = deployPlan(
    {
      name,
      roleArn: aws.executionRoleArn,
      variants: [variant({ model: { kind: 'artifacts', modelData: model, image } })],
      environment: new Map([['VERSION', version]]),
      proof: {
        payloads: [
          {
            path: join(workspace, 'request.json'),
            contentType: 'application/json',
            accept: 'application/json',
            expect: '{"instances": [1, 2]}',
          },
        ],
        repeats: 3,
      },
      timeoutSeconds: 120,
      ...change,
    },
    follow,
  );
  const context = {
    docker: createDocker({}),
    runId: randomBytes(6).toString('hex'),
    tempDir: '/nowhere',
    log,
    signal: canceler.signal,
    source: SOURCE,
  };
  const result = deploy(
    context,
    { ...plan, workspace },
    {},
    {
      onKnown: (record) => known.push(record),
      remember: (state) => remembered.push(state),
    },
  );
  return { log, known, remembered, canceler, result };
}

const live = async (name: string) => {
  const { EndpointStatus, EndpointConfigName } = await sagemaker.send(
    new DescribeEndpointCommand({ EndpointName: name }),
  );
  return { status: EndpointStatus, config: EndpointConfigName };
};

const left = async (name: string) => {
  const { EndpointConfigs = [] } = await sagemaker.send(
    new ListEndpointConfigsCommand({ NameContains: name }),
  );
  const { Models = [] } = await sagemaker.send(new ListModelsCommand({ NameContains: name }));
  return {
    configs: EndpointConfigs.map(({ EndpointConfigName }) => EndpointConfigName),
    models: Models.map(({ ModelName }) => ModelName),
  };
};

async function seen(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** An endpoint of its own that answers with what it is asked, at first. */
async function deployed(version = '1'): Promise<{ readonly name: string; readonly config: string }> {
  const name = newName();
  await script({ endpoints: name, script: {} });
  const result = await start(name, version).result;
  expect(result.failure).toBeUndefined();
  return { name, config: result.endpoint?.configName ?? '' };
}

describe('a deployment on local AWS', () => {
  test('of an image by its tag runs it by its digest, which ECR says', async () => {
    const name = newName();
    await script({ endpoints: name, script: {} });
    const source = (of: string) => ({
      variants: [variant({ model: { kind: 'artifacts', modelData: model, image: of } })],
    });
    const result = await start(name, '1', source(tagged)).result;
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { variants: [{ image }] } });
    await expect(start(name, '1', source(tagged.replace(/[^:]+$/, 'none'))).result).rejects.toMatchObject({
      failure: { message: expect.stringContaining('There is no image') },
    });
  });

  test('creates an endpoint, changes nothing when nothing is new, and updates it', async () => {
    const { name, config } = await deployed();
    const calls = await aws.calls();
    const again = await start(name, '1').result;
    expect(again).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged', configName: config } });
    const changing = (of: Readonly<Record<string, number>>) =>
      Object.entries(of).filter(([call]) => /:(?:Create|Update|Delete|Add|Put|Register)/.test(call));
    expect(changing(await aws.calls())).toEqual(changing(calls));

    const second = await start(name, '2').result;
    expect(second).toMatchObject({
      outcome: 'passed',
      endpoint: {
        action: 'updated',
        status: 'InService',
        previousConfigName: config,
        proof: { passed: true, samples: [{ requests: 3 }] },
        variants: [{ name: 'AllTraffic', image, modelArtifacts: model }],
      },
    });
    expect(await live(name)).toEqual({ status: 'InService', config: second.endpoint?.wantedConfigName });

    const third = await start(name, '3').result;
    expect(third.endpoint?.removed).toMatchObject([
      { kind: 'endpoint-config', name: config, result: 'removed' },
      { kind: 'model', result: 'removed' },
    ]);
    const { configs, models } = await left(name);
    expect(configs.sort()).toEqual([second, third].map(({ endpoint }) => endpoint?.wantedConfigName).sort());
    expect(models).toHaveLength(2);
  });

  test('that is rolled back in silence is red, and the one before stays', async () => {
    const { name, config } = await deployed();
    await script({ endpoints: name, on: 'update', script: {}, failure: 'It would not.', silent: true });
    const result = await start(name, '2').result;
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining(`is in service on ${config}, not on`),
      endpoint: { action: 'restored', configName: config, restoredProof: { passed: true } },
    });
    expect(result.failure?.message).toContain('SageMaker gives no reason');
    expect(await live(name)).toEqual({ status: 'InService', config });
    expect((await left(name)).configs).toContain(config);
  });

  test('whose new model is unhealthy is red, with what its container printed', async () => {
    const { name, config } = await deployed();
    await script({
      endpoints: name,
      on: 'update',
      script: {
        fails: 'ping',
        lines: [
          'Traceback (most recent call last):',
          '  File "/opt/program/serve.py", line 2, in <module>',
          '    import torch',
          "ModuleNotFoundError: No module named 'torch'",
        ],
      },
    });
    const { result, log } = start(name, '2');
    expect(await result).toMatchObject({
      outcome: 'failed',
      endpoint: { configName: config },
      diagnosis: { cause: expect.stringContaining('torch') },
      annotations: [{ location: { path: 'serve.py', line: 2 } }],
    });
    expect(log.untrusted_).toContain("AllTraffic | ModuleNotFoundError: No module named 'torch'");
  });

  test('that fails its proof is taken back', async () => {
    const { name, config } = await deployed();
    await script({ endpoints: name, on: 'update', times: 1, script: { body: '{"instances": []}' } });
    const result = await start(name, '2').result;
    expect(result).toMatchObject({
      outcome: 'failed',
      endpoint: {
        action: 'restored',
        configName: config,
        proof: { passed: false },
        restoredProof: { passed: true },
      },
    });
    expect(await live(name)).toEqual({ status: 'InService', config });
  });

  test('that is the first one and bad leaves nothing behind', async () => {
    const name = newName();
    await script({ endpoints: name, script: { status: 500, body: 'no' } });
    const result = await start(name, '1').result;
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'deleted', status: 'Deleted' } });
    await expect(live(name)).rejects.toThrow('Could not find endpoint');
    expect(await left(name)).toEqual({ configs: [], models: [] });
  });

  test('of an endpoint that failed replaces it', async () => {
    const name = newName();
    await script({ endpoints: name, on: 'create', times: 1, capacity: 'error', script: {} });
    const first = await start(name, '1', { failedEndpoint: 'keep' }).result;
    expect(first).toMatchObject({
      outcome: 'failed',
      endpoint: { status: 'Failed' },
      diagnosis: { id: 'E07' },
    });
    await script({ endpoints: name, script: {} });
    expect(await start(name, '1').result).toMatchObject({
      outcome: 'passed',
      endpoint: { action: 'replaced' },
    });
  });

  test('of an asynchronous endpoint is proven through S3', async () => {
    const name = newName();
    await script({ endpoints: name, script: {} });
    const async = { outputPath: `s3://${aws.bucket}/${name}/answers` };
    expect(await start(name, '1', { async }).result).toMatchObject({
      outcome: 'passed',
      endpoint: { action: 'created', proof: { passed: true, samples: [{ requests: 3 }] } },
    });
    await script({ endpoints: name, on: 'update', times: 1, script: { body: 'bad' } });
    expect(await start(name, '2', { async }).result).toMatchObject({
      outcome: 'failed',
      endpoint: { action: 'restored', restoredProof: { passed: true } },
    });
  });

  test('sets auto-scaling, once', async () => {
    const name = newName();
    await script({ endpoints: name, script: {} });
    const autoScaling = { minCapacity: 1, maxCapacity: 3, invocationsPerInstance: 200 };
    const first = await start(name, '1', { autoScaling }).result;
    expect(first).toMatchObject({ outcome: 'passed', endpoint: { action: 'created', autoScaling } });
    const calls = await aws.calls();
    const second = await start(name, '1', { autoScaling }).result;
    expect(second).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged', autoScaling } });
    for (const call of ['RegisterScalableTarget', 'PutScalingPolicy']) {
      const count = (of: Readonly<Record<string, number>>) => of[`application-autoscaling:${call}`];
      expect([call, count(calls)]).toEqual([call, 1]);
      expect(count(await aws.calls())).toBe(1);
    }
  });

  test('by canary, of several variants, asks each of them', async () => {
    const name = newName();
    await script({ endpoints: name, script: {}, timeScale: 0.01 });
    const variants = ['blue', 'green'].map((each) =>
      variant({
        name: each,
        model: { kind: 'artifacts', modelData: model, image },
        hosting: { kind: 'instance', type: 'ml.m5.large', count: 2 },
      }),
    );
    const policy = { kind: 'canary', percent: 50, waitSeconds: 60, terminationWaitSeconds: 60 } as const;
    await start(name, '1', { variants, policy }).result;
    const result = await start(name, '2', { variants, policy }).result;
    expect(result).toMatchObject({
      outcome: 'passed',
      endpoint: {
        action: 'updated',
        proof: { samples: [{ variant: 'blue' }, { variant: 'green' }] },
        requests: {
          UpdateEndpoint: {
            DeploymentConfig: {
              BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'CANARY' } },
            },
          },
        },
      },
    });
  });

  test('goes through throttling, lost answers and errors of AWS', async () => {
    const { name } = await deployed();
    const trouble = { service: 'sagemaker', times: 2 };
    await aws.fault({ ...trouble, operation: 'CreateModel', kind: 'reset', executed: true, times: 1 });
    await aws.fault({
      ...trouble,
      operation: 'CreateEndpointConfig',
      kind: 'reset',
      executed: true,
      times: 1,
    });
    await aws.fault({ ...trouble, operation: 'UpdateEndpoint', kind: 'reset', executed: true, times: 1 });
    await aws.fault({ ...trouble, operation: 'DescribeEndpoint', kind: 'throttling', after: 1 });
    await aws.fault({ service: 'logs', operation: '*', kind: 'unavailable', times: 2 });
    expect(await start(name, '2').result).toMatchObject({
      outcome: 'passed',
      endpoint: { action: 'updated' },
    });
  });
});

/** `host/repository:tag` → `host/repository@sha256:…` */
async function byDigest(uri: string): Promise<string> {
  const [, host, repositoryName, imageTag] = /^([^/]+)\/(.+):([^:]+)$/.exec(uri) ?? [];
  const ecr = new ECRClient(aws.client());
  const { images = [] } = await ecr.send(
    new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }),
  );
  ecr.destroy();
  return `${host}/${repositoryName}@${images[0]?.imageId?.imageDigest}`;
}

describe('a real container', () => {
  const reference = `${PREFIX}-serving:1`;
  let serving: string;

  beforeAll(async () => {
    execFileSync('docker', ['build', '--quiet', '--tag', reference, join(__dirname, 'serving')]);
    const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
    const pushed = await promisify(execFile)(
      PYTHON,
      [join(__dirname, 'push_image.py'), reference, `${PREFIX}-serving`, config],
      { env: { PATH: process.env['PATH'], HOME: tmpdir(), ...aws.env } },
    );
    serving = await byDigest(pushed.stdout.trim());
    rmSync(config, { recursive: true, force: true });
  });
  afterAll(() => {
    execFileSync('docker', ['rmi', '--force', reference], { stdio: 'ignore' });
  });

  const variants = () => [variant({ model: { kind: 'artifacts', modelData: model, image: serving } })];
  /** The server tells its version. */
  const proofOf = (expected: string): EndpointPlan['proof'] => ({
    payloads: [
      {
        path: join(workspace, 'request.json'),
        contentType: 'application/json',
        expect: `"version": "${expected}"`,
      },
    ],
    repeats: 2,
  });

  test('goes live, is replaced by a better one, and a crash loop never takes its place', async () => {
    const name = newName();
    const first = await start(name, '1', { variants: variants(), proof: proofOf('1') }).result;
    expect(first.failure).toBeUndefined();
    expect(first).toMatchObject({ outcome: 'passed', endpoint: { action: 'created' } });
    const second = await start(name, '2', { variants: variants(), proof: proofOf('2') }).result;
    expect(second).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
    // Long enough for three starts of the container on a busy machine.
    await script({ endpoints: name, crashLoop: 25_000 });
    const bad = start(name, '3', {
      variants: variants(),
      proof: proofOf('2'),
      environment: new Map([['CRASH', '1']]),
    });
    expect(await bad.result).toMatchObject({
      outcome: 'failed',
      endpoint: {
        action: 'restored',
        configName: second.endpoint?.wantedConfigName,
        restoredProof: { passed: true },
      },
      diagnosis: { cause: expect.stringContaining('torch') },
    });
    expect(bad.log.info_.join()).toContain('ends each time it is started');
  });

  test('that crashes again and again ends a creation long before SageMaker gives up', async () => {
    const name = newName();
    await script({ endpoints: name, crashLoop: 45_000 });
    const { result } = start(name, '1', {
      variants: variants(),
      environment: new Map([['CRASH', '1']]),
    });
    expect(await result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('ends each time it is started'),
      endpoint: { status: 'Creating' },
      diagnosis: { cause: expect.stringContaining('torch') },
    });
    expect((await live(name)).status).toBe('Creating');
  });
});

describe('a cancel on local AWS', () => {
  test('of an update says how it stands, and cannot stop it', async () => {
    const { name, config } = await deployed();
    await script({ endpoints: name, on: 'update', script: {}, delays: { Updating: 20_000 } });
    const { canceler, result, log } = start(name, '2');
    await seen(() => log.info_.some((line) => line.startsWith('Updating')));
    canceler.abort();
    const canceled = await result;
    expect(canceled).toMatchObject({ outcome: 'canceled', endpoint: { status: 'Updating' } });
    expect(canceled.detail).toContain(`from ${config} to ${PREFIX}`);
  });

  test('before the proof puts the one before back', async () => {
    const { name, config } = await deployed();
    await script({ endpoints: name, on: 'update', times: 1, script: { delay: 5_000 } });
    const { canceler, result, log } = start(name, '2');
    await seen(() => log.info_.some((line) => line.startsWith('Asking the endpoint')));
    canceler.abort();
    expect(await result).toMatchObject({ outcome: 'canceled', endpoint: { action: 'restored' } });
    await seen(async () => (await live(name)).status === 'InService');
    expect((await live(name)).config).toBe(config);
  });

  test('that was not heard is made good by post', async () => {
    const { name, config } = await deployed();
    await script({ endpoints: name, on: 'update', times: 1, script: { delay: 6_000 } });
    const { canceler, result, log, remembered } = start(name, '2');
    await seen(() => log.info_.some((line) => line.startsWith('Asking the endpoint')));
    const deployment = remembered.at(-1);
    // What a killed main leaves: its state, and nobody who goes on.
    const said = await cleanUp(
      createDocker({}),
      { runId: '0123456789ab', tempDir: join(workspace, 'none'), ...(deployment && { deployment }) },
      undefined,
      { source: SOURCE },
    );
    expect(said).toContainEqual(expect.stringContaining(`${config} is being put back`));
    await seen(async () => (await live(name)).status === 'InService');
    expect((await live(name)).config).toBe(config);
    canceler.abort();
    await result;
  });
});

describe('the action', () => {
  const act = (name: string, version: string, cancel?: Cancel) =>
    runAction(
      {
        stages: 'deploy',
        'aws-region': aws.region,
        'image-uri': image.replace(/^[^/]+/, `123456789012.dkr.ecr.${aws.region}.amazonaws.com`),
        'model-artifacts': model,
        'execution-role-arn': aws.executionRoleArn,
        'endpoint-name': name,
        'endpoint-instance-type': 'ml.m5.large',
        'endpoint-environment': `VERSION=${version}`,
        'endpoint-payload': 'request.json',
        'endpoint-expect': '{"instances": [1, 2]}',
      },
      { workspace, env: { ...aws.env }, ...(cancel && { cancel }) },
    );

  test('deploys, and says what is live', async () => {
    const name = newName();
    await script({ endpoints: name, script: {} });
    const created = await act(name, '1');
    expect(created.log).toContain(`Created the endpoint ${name}`);
    expect(created).toMatchObject({
      exitCode: 0,
      outputs: {
        outcome: 'passed',
        'endpoint-name': name,
        'endpoint-status': 'InService',
        'endpoint-action': 'created',
      },
      post: { exitCode: 0, stdout: '' },
    });
    const again = await act(name, '1');
    expect(again.outputs).toMatchObject({ outcome: 'passed', 'endpoint-action': 'unchanged' });
  });

  test('that is canceled before the proof has put the one before back when it ends', async () => {
    const name = newName();
    await script({ endpoints: name, script: {} });
    await act(name, '1');
    const { config } = await live(name);
    await script({ endpoints: name, on: 'update', times: 1, script: { delay: 8_000 } });
    const run = await act(name, '2', { after: /^Asking the endpoint/ });
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'canceled', 'endpoint-action': 'restored' },
      post: { exitCode: 0, stdout: '' },
    });
    expect(run.log).toContain(`${config} is being put back`);
    await seen(async () => (await live(name)).status === 'InService');
    expect((await live(name)).config).toBe(config);
  });

  test('that is killed before the proof has its post step put the one before back', async () => {
    const name = newName();
    await script({ endpoints: name, script: {} });
    await act(name, '1');
    const { config } = await live(name);
    await script({ endpoints: name, on: 'update', times: 1, script: { delay: 8_000 } });
    const run = await act(name, '2', { after: /^Asking the endpoint/, signal: 'SIGKILL' });
    expect(run.post).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${config} is being put back`),
    });
    await seen(async () => (await live(name)).status === 'InService');
    expect((await live(name)).config).toBe(config);
  });
});

describe('the policy in docs/permissions.md', () => {
  const page = readFileSync(join(ROOT, 'docs', 'permissions.md'), 'utf8');
  const section = page.split(/^## Deploy$/m)[1]?.split(/^## /m)[0] ?? '';
  const statements = (title: string) => {
    const part = title === '' ? section : (section.split(new RegExp(`^### ${title}$`, 'm'))[1] ?? '');
    const [, json = ''] = part.split(/^```(?:json)?$/m);
    return (JSON.parse(json) as { Statement: { Action: string | string[] }[] }).Statement;
  };

  afterEach(() => aws.control('DELETE', `policies/${aws.accessKeyId}`));

  test('is enough to create, to update, to take back, to remove and to replace, and holds no more', async () => {
    const all = [...statements(''), ...statements('remove-superseded')];
    await aws.control('PUT', `policies/${aws.accessKeyId}`, { Version: '2012-10-17', Statement: all });
    const { name } = await deployed();
    for (const version of ['2', '3']) {
      const result = await start(name, version).result;
      expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
      expect(result.notices).toBeUndefined();
    }
    await script({ endpoints: name, on: 'update', times: 1, script: { body: 'bad', lines: ['serving'] } });
    expect((await start(name, '4').result).endpoint).toMatchObject({ action: 'restored' });
    const other = newName();
    await script({ endpoints: other, script: { status: 500 } });
    expect((await start(other, '1').result).endpoint).toMatchObject({ action: 'deleted' });
    // It belongs to CreateModel, and is no call.
    const called = [...Object.keys(await aws.calls()), 'iam:PassRole'];
    expect(all.flatMap(({ Action }) => Action).filter((action) => !called.includes(action))).toEqual([]);
  });

  test('with that of rollback-alarms lets them be looked at before an update', async () => {
    const { name } = await deployed();
    const cloudwatch = new CloudWatchClient(aws.client());
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: name, Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors' },
        ...{ ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Threshold: 1 },
        ...{ Period: 60, Statistic: 'Sum' },
      }),
    );
    const setTo = (StateValue: 'OK' | 'ALARM') =>
      cloudwatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason: 'It was set.' }));
    const rollbackAlarms = [name];
    const policy = { kind: 'all-at-once', waitSeconds: 1, terminationWaitSeconds: 0 } as const;
    await setTo('ALARM');
    await expect(start(name, '2', { rollbackAlarms, policy }).result).rejects.toMatchObject({
      failure: { message: expect.stringContaining(`The alarm ${name} is in ALARM: It was set.`) },
    });
    await expect(start(name, '2', { rollbackAlarms: ['nobody'], policy }).result).rejects.toMatchObject({
      failure: { message: expect.stringContaining('There is no alarm nobody in') },
    });
    await setTo('OK');
    cloudwatch.destroy();
    const allow = (...titles: string[]) =>
      aws.control('PUT', `policies/${aws.accessKeyId}`, {
        Version: '2012-10-17',
        Statement: ['', 'remove-superseded', ...titles].flatMap(statements),
      });
    await allow();
    const unseen = await start(name, '2', { rollbackAlarms, policy }).result;
    expect(unseen.notices?.join()).toContain('could not be looked at');
    await allow('rollback-alarms');
    const seen = await start(name, '3', { rollbackAlarms, policy }).result;
    expect(seen).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
    expect(seen.notices).toBeUndefined();
  });

  test('without what removing needs removes nothing, and says so', async () => {
    await aws.control('PUT', `policies/${aws.accessKeyId}`, {
      Version: '2012-10-17',
      Statement: statements(''),
    });
    const { name } = await deployed();
    await start(name, '2').result;
    const third = await start(name, '3').result;
    expect(third).toMatchObject({ outcome: 'passed', endpoint: { removed: [] } });
    expect(third.notices?.join()).toContain('Superseded models and configurations were left');
  });
});
