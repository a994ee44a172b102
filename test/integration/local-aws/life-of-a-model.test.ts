import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  BatchGetImageCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ecr';
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelPackageCommand,
  DescribeTrainingJobCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startGitHubApi, TOKEN } from '../../end-to-end/github-api/github-api.js';
import { recordsUse } from '../record-outputs.js';
import { type ActionRun, runAction } from '../run-action.js';
import { startTinyRegistry, type TinyRegistry } from '../tiny-registry.js';
import { localAws, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/**
 * A model from its image to its end, each step by the action as a runner runs it, from action.yml and dist. It gives
 * the inputs that other tests give the stages, or not at all: script/used-inputs.mjs counts them. Jobs and model
 * servers are scripted: none of the images runs.
 */
jest.setTimeout(120_000);

const PREFIX = `byoc-life-${randomBytes(3).toString('hex')}`;
const REPOSITORY = 'octo-org/life';

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let ecr: ECRClient;
let registry: TinyRegistry;
let workspace: string;
/** By its digest, with ECR's own name, for a platform that jobs run on. */
let image: { readonly uri: string };
/** Of the job that was started alone, and of the one whose model is registered. */
const artifacts = { base: '', best: '' };

beforeAll(async () => {
  [aws, registry] = [await localAws(), await startTinyRegistry()];
  sagemaker = new SageMakerClient(aws.client());
  ecr = new ECRClient(aws.client());
  workspace = mkdtempSync(join(tmpdir(), 'life-'));
  writeFileSync(join(workspace, 'request'), '{"instances": [1, 2]}');
  const { digest } = await pushTinyImage(aws, `${PREFIX}-trained`);
  image = { uri: `123456789012.dkr.ecr.${aws.region}.amazonaws.com/${PREFIX}-trained@${digest}` };
});
afterAll(async () => {
  await docker('image', 'rm', '--force', `${registry.host}/both/x:1`).catch(() => undefined);
  await registry.close();
  sagemaker.destroy();
  ecr.destroy();
  rmSync(workspace, { recursive: true, force: true });
});

/** Not in this process' own time, in which it is the registry. */
const docker = (...args: readonly string[]) => promisify(execFile)('docker', args);

interface ActOptions {
  /** Its waits are twenty times as fast. */
  readonly fast?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const act = (
  inputs: Readonly<Record<string, string>>,
  { fast = false, env = {} }: ActOptions = {},
): Promise<ActionRun> => {
  const { NODE_OPTIONS = '' } = recordsUse('integration');
  return runAction(
    { 'aws-region': aws.region, ...inputs },
    {
      workspace,
      env: {
        ...aws.env,
        GITHUB_REPOSITORY: REPOSITORY,
        GITHUB_REF: 'refs/heads/main',
        GITHUB_EVENT_NAME: 'push',
        ...(fast && {
          NODE_OPTIONS: `${NODE_OPTIONS} --require=${join(__dirname, '../fast-time.cjs')}`,
          FAST_STAGES: inputs['stages'] ?? '',
        }),
        ...env,
      },
    },
  );
};

/** How a run ended, with why, so that a test that fails says it. */
const ended = ({ exitCode, outputs }: ActionRun) => [exitCode, outputs['outcome'], outputs['failure-reason']];
const PASSED = [0, 'passed', ''];

/** Of the repository, in one stage after the other. */
const ROLE = () => ({ 'execution-role-arn': aws.executionRoleArn });

describe('its image', () => {
  const digests: string[] = [];
  const build = async (content: string, more: Readonly<Record<string, string>> = {}): Promise<ActionRun> => {
    mkdirSync(join(workspace, 'container'), { recursive: true });
    writeFileSync(join(workspace, 'container', 'content'), content);
    writeFileSync(
      join(workspace, 'container', 'Dockerfile'),
      `FROM ${registry.host}/both/x:1\nCOPY content /content\nCMD ["train"]\n`,
    );
    const run = await act({
      stages: 'build, push',
      platform: 'linux/arm64',
      repository: PREFIX,
      'create-repository': 'true',
      tags: 'team=forecasting',
      ...more,
    });
    if (run.report?.image) await docker('image', 'rm', '--force', run.report.image.uri);
    expect(ended(run)).toEqual(PASSED);
    digests.push(run.outputs['image-digest'] ?? '');
    return run;
  };

  test('is built for its platform, from a base that is looked up again, and with a cache', async () => {
    await docker('pull', '--quiet', '--platform', 'linux/arm64', `${registry.host}/both/x:1`);
    const before = registry.asked.length;
    const run = await build('one', {
      pull: 'true',
      'cache-from': `type=registry,ref=${registry.host}/arm64/cache:1`,
      'cache-to': 'type=inline',
    });
    const asked = registry.asked.slice(before);
    expect(run.report?.image?.platform).toBe('linux/arm64');
    expect(asked).toContain('/v2/both/x/manifests/1');
    expect(asked).toContain('/v2/arm64/cache/manifests/1');
    expect(run.log).toContain('exporting cache');
  });

  test('has the tags that it is given, takes the place of the one before, and is in a repository with tags of AWS', async () => {
    const before = registry.asked.length;
    const run = await build('two', { 'image-tags': 'two, of-two', 'keep-images': '1' });
    expect(registry.asked.slice(before)).toEqual([]);
    expect(run.report?.push?.removed).toEqual([digests[0]]);
    const { images = [], failures = [] } = await ecr.send(
      new BatchGetImageCommand({
        repositoryName: PREFIX,
        imageIds: [{ imageTag: 'two' }, { imageTag: 'of-two' }, { imageDigest: digests[0] }],
      }),
    );
    expect(images.map(({ imageId }) => imageId?.imageDigest)).toEqual([digests[1], digests[1]]);
    expect(failures).toHaveLength(1);
    const { repositories: [repository] = [] } = await ecr.send(
      new DescribeRepositoriesCommand({ repositoryNames: [PREFIX] }),
    );
    const { tags } = await ecr.send(
      new ListTagsForResourceCommand({ resourceArn: repository?.repositoryArn }),
    );
    expect(tags).toContainEqual({ Key: 'team', Value: 'forecasting' });
  });
});

describe('its training', () => {
  const training = (inputs: Readonly<Record<string, string>>, options: ActOptions = {}) =>
    act(
      {
        stages: 'train',
        'image-uri': image.uri,
        'output-path': `s3://${aws.bucket}/${PREFIX}`,
        'metric-definitions': 'loss=loss=([0-9.]+)',
        ...ROLE(),
        ...inputs,
      },
      options,
    );
  const describeJob = (name: string | undefined) =>
    sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));

  beforeAll(async () => {
    await aws.control('POST', 'sagemaker/training', [
      { jobs: `${PREFIX}-base`, script: { lines: ['loss=0.5'] } },
      { jobs: `${PREFIX}-endless`, script: { lines: ['working'], after: 240_000 } },
      { jobs: PREFIX, instanceType: 'ml.m5.xlarge', capacity: 'error' },
      { jobs: PREFIX, script: { lines: ['loss=0.25'], repeat: 400, lineInterval: 25, after: 30_000 } },
    ]);
  });

  test('is started as it is asked for, and nobody waits for it', async () => {
    const run = await training({
      'training-job-name': `${PREFIX}-base`,
      wait: 'false',
      'volume-size': '50',
      'keep-alive': '30m',
      subnets: 'subnet-0a1b2c3d',
      'security-group-ids': 'sg-0a1b2c3d',
      'kms-key-id': 'alias/training',
      'training-overrides': 'RetryStrategy: {MaximumRetryAttempts: 2}',
      'hourly-price': '0.5',
      environment: 'LOG_LEVEL=debug',
      tags: 'team=forecasting',
    });
    expect(ended(run)).toEqual(PASSED);
    expect(run.outputs['training-job-status']).toBe('InProgress');
    const job = await describeJob(`${PREFIX}-base`);
    expect(job).toMatchObject({
      ResourceConfig: {
        VolumeSizeInGB: 50,
        KeepAlivePeriodInSeconds: 1800,
        VolumeKmsKeyId: 'alias/training',
      },
      OutputDataConfig: { KmsKeyId: 'alias/training' },
      VpcConfig: { Subnets: ['subnet-0a1b2c3d'], SecurityGroupIds: ['sg-0a1b2c3d'] },
      RetryStrategy: { MaximumRetryAttempts: 2 },
      Environment: { LOG_LEVEL: 'debug' },
    });
    const { Tags } = await sagemaker.send(new ListTagsCommand({ ResourceArn: job.TrainingJobArn }));
    expect(Tags).toContainEqual({ Key: 'team', Value: 'forecasting' });
    while ((await describeJob(`${PREFIX}-base`)).TrainingJobStatus === 'InProgress') await sleep(100);
    const { ModelArtifacts } = await describeJob(`${PREFIX}-base`);
    artifacts.base = ModelArtifacts?.S3ModelArtifacts ?? '';
  });

  test('is left alone when its time is over and it is not to be stopped; its log is not shown', async () => {
    const name = `${PREFIX}-endless-1`;
    const run = await training(
      { 'training-job-name': name, timeout: '1m', 'stop-on-cancel': 'false', 'stream-logs': 'false' },
      { fast: true },
    );
    expect(ended(run)).toEqual([1, 'unknown', expect.stringContaining('within 1 min (timeout)')]);
    expect(run.log).not.toContain('algo-1 | working');
    expect((await describeJob(name)).TrainingJobStatus).toBe('InProgress');
  });

  test('is stopped when it says nothing any more', async () => {
    const name = `${PREFIX}-endless-2`;
    const run = await training({ 'training-job-name': name, 'stall-timeout': '2m' }, { fast: true });
    expect(run.outputs).toMatchObject({ outcome: 'failed', 'training-job-status': 'Stopped' });
    expect(run.log).toContain('algo-1 | working');
  });

  test('goes to the next instance type, is better than the last one, stops when it gets no better, and is registered', async () => {
    const group = `${PREFIX}-group`;
    const run = await training({
      stages: 'train, register',
      'training-job-name': `${PREFIX}-best`,
      'fallback-instance-types': 'ml.m5.2xlarge',
      'stop-when': '{metric: loss, direction: minimize, patience: 5}',
      'metric-gates': 'loss <= 0.3',
      'baseline-ref': 'main',
      'model-package-group': group,
      'create-model-package-group': 'true',
      'approval-status': 'Rejected',
      'model-description': 'Trained on all of 2026',
      'model-metadata': 'dataset=2026-11',
      'model-content-types': 'text/csv',
      'model-response-types': 'application/jsonlines',
      'model-instance-types': 'ml.m5.large, ml.m5.xlarge',
    });
    expect(ended(run)).toEqual(PASSED);
    expect(run.report?.job).toMatchObject({
      instanceType: 'ml.m5.2xlarge',
      status: 'Stopped',
      baseline: { jobName: `${PREFIX}-base`, ref: 'main', metrics: [{ name: 'loss', value: 0.5 }] },
    });
    artifacts.best = run.outputs['model-artifacts'] ?? '';
    const version = await sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName: run.outputs['model-package-arn'] }),
    );
    expect(version).toMatchObject({
      ModelPackageGroupName: group,
      ModelApprovalStatus: 'Rejected',
      ModelPackageDescription: 'Trained on all of 2026',
      CustomerMetadataProperties: { dataset: '2026-11' },
      InferenceSpecification: {
        SupportedContentTypes: ['text/csv'],
        SupportedResponseMIMETypes: ['application/jsonlines'],
        SupportedRealtimeInferenceInstanceTypes: ['ml.m5.large', 'ml.m5.xlarge'],
      },
    });
  });
});

describe('its endpoint', () => {
  const ALARM = `${PREFIX}-5xx`;
  const script = (scenario: Readonly<Record<string, unknown>>) =>
    aws.control('POST', 'sagemaker/endpoints', scenario);
  const deploy = (inputs: Readonly<Record<string, string>>, options: ActOptions = {}) =>
    act(
      {
        stages: 'deploy',
        'image-uri': image.uri,
        'model-artifacts': artifacts.best,
        'endpoint-payload': 'request',
        ...ROLE(),
        ...inputs,
      },
      options,
    );
  const liveConfig = async (name: string) => {
    const { EndpointConfigName } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
    return sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
  };
  const ON_INSTANCES = {
    'endpoint-name': `${PREFIX}-live`,
    'endpoint-instance-type': 'ml.m5.large',
    'endpoint-instance-count': '2',
    'data-capture-percentage': '20',
    'auto-scaling': '{min: 1, max: 4, invocations-per-instance: 600}',
    'startup-timeout': '2m',
    'model-download-timeout': '3m',
    'endpoint-timeout': '10m',
    'endpoint-content-type': 'application/json',
    'endpoint-accept': 'application/json',
    'endpoint-expect': '{"instances": [1, 2]}',
    'endpoint-requests': '3',
    'endpoint-max-latency': '5s',
    'endpoint-overrides': 'CreateEndpointConfig: {MetricsConfig: {EnableEnhancedMetrics: true}}',
    'kms-key-id': 'alias/hosting',
    tags: 'team=forecasting',
  };
  const onInstances = (
    version: string,
    more: Readonly<Record<string, string>> = {},
    options: ActOptions = {},
  ) =>
    deploy(
      {
        ...ON_INSTANCES,
        'model-artifacts': artifacts.base,
        'data-capture-path': `s3://${aws.bucket}/${PREFIX}/captured`,
        'endpoint-environment': `VERSION=${version}`,
        ...more,
      },
      options,
    );

  beforeAll(async () => {
    const cloudwatch = new CloudWatchClient(aws.client());
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: ALARM,
        Namespace: 'AWS/SageMaker',
        MetricName: 'Invocation5XXErrors',
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        Period: 60,
        Statistic: 'Sum',
        Threshold: 0,
      }),
    );
    cloudwatch.destroy();
    await script({ endpoints: PREFIX, script: {}, timeScale: 0.01 });
  });

  test('is created as it is asked for, proven, and shown by GitHub', async () => {
    const github = await startGitHubApi();
    const run = await onInstances(
      '1',
      { 'github-environment': 'production', 'github-token': TOKEN },
      { env: github.env },
    ).finally(() => github.close());
    expect(ended(run)).toEqual(PASSED);
    expect(github.mistakes).toEqual([]);
    expect(github.calls).toEqual(
      expect.arrayContaining(['repos/create-deployment', 'repos/create-deployment-status']),
    );
    expect(run.outputs).toMatchObject({ 'endpoint-action': 'created' });
    expect(run.report?.endpoint).toMatchObject({
      autoScaling: { minCapacity: 1, maxCapacity: 4, invocationsPerInstance: 600 },
      proof: { passed: true, samples: [{ name: 'request', requests: 3 }] },
    });
    const config = await liveConfig(`${PREFIX}-live`);
    expect(config).toMatchObject({
      ProductionVariants: [
        {
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 2,
          ContainerStartupHealthCheckTimeoutInSeconds: 120,
          ModelDataDownloadTimeoutInSeconds: 180,
        },
      ],
      DataCaptureConfig: {
        InitialSamplingPercentage: 20,
        DestinationS3Uri: `s3://${aws.bucket}/${PREFIX}/captured`,
      },
      KmsKeyId: 'alias/hosting',
      MetricsConfig: { EnableEnhancedMetrics: true },
    });
    const { Tags } = await sagemaker.send(new ListTagsCommand({ ResourceArn: config.EndpointConfigArn }));
    expect(Tags).toContainEqual({ Key: 'team', Value: 'forecasting' });
  });

  test('is updated in steps that an alarm watches, and keeps what was before', async () => {
    for (const version of ['2', '3']) {
      const run = await onInstances(version, {
        'deployment-policy': '{type: canary, percent: 50, wait: 1m}',
        'rollback-alarms': ALARM,
        'remove-superseded': 'false',
      });
      expect(ended(run)).toEqual(PASSED);
      expect(run.report?.endpoint).toMatchObject({
        action: 'updated',
        removed: [],
        requests: {
          UpdateEndpoint: {
            DeploymentConfig: {
              BlueGreenUpdatePolicy: {
                TrafficRoutingConfiguration: { Type: 'CANARY', WaitIntervalInSeconds: 60 },
              },
              AutoRollbackConfiguration: { Alarms: [{ AlarmName: ALARM }] },
            },
          },
        },
      });
    }
  });

  test('without instances that is bad is kept where it is to be looked at', async () => {
    const name = `${PREFIX}-serverless`;
    await script({ endpoints: name, script: { status: 500, body: 'no' } });
    const run = await deploy({
      'endpoint-name': name,
      serverless: '{memory-size: 4096, max-concurrency: 7}',
      'failed-endpoint': 'keep',
    });
    expect(ended(run)).toEqual([1, 'failed', expect.stringContaining('500')]);
    const { ProductionVariants } = await liveConfig(name);
    expect(ProductionVariants).toMatchObject([
      { ServerlessConfig: { MemorySizeInMB: 4096, MaxConcurrency: 7 } },
    ]);
  });

  test('that answers through S3 is proven there', async () => {
    const name = `${PREFIX}-async`;
    const output = `s3://${aws.bucket}/${name}/answers`;
    const run = await deploy({
      'endpoint-name': name,
      'endpoint-instance-type': 'ml.m5.large',
      'async-inference': `output-path=${output}\nmax-concurrency=2`,
    });
    expect(ended(run)).toEqual(PASSED);
    expect(await liveConfig(name)).toMatchObject({
      AsyncInferenceConfig: {
        OutputConfig: { S3OutputPath: output },
        ClientConfig: { MaxConcurrentInvocationsPerInstance: 2 },
      },
    });
  });
});

describe('its end', () => {
  const removed = ({ outputs }: ActionRun) =>
    (JSON.parse(outputs['removed'] ?? '[]') as { kind: string; name: string; result: string }[]).map(
      ({ kind, name, result }) => `${result} ${kind} ${name}`,
    );

  test('stops what a branch has left running', async () => {
    const run = await act({ stages: 'clean-up', 'clean-up-ref': 'refs/heads/main' });
    expect(ended(run)).toEqual(PASSED);
    expect(removed(run)).toContain(`stopped training-job ${PREFIX}-endless-1`);
    expect(await exists(`${PREFIX}-live`)).toBe(true);
  });

  test('lists what would go an hour later: what is superseded, but for the newest', async () => {
    const run = await act(
      { stages: 'clean-up', 'keep-models': '1', 'dry-run': 'true' },
      { fast: true, env: { AHEAD_SECONDS: '3700' } },
    );
    expect(ended(run)).toEqual(PASSED);
    const configs = removed(run).filter((line) => line.includes(` endpoint-config ${PREFIX}-live-`));
    expect(configs.map((line) => line.split(' ')[0]).sort()).toEqual(['kept', 'would-be-removed']);
  });

  test('takes its endpoint, its artifacts and its images', async () => {
    const inputs = {
      stages: 'undeploy',
      'endpoint-name': `${PREFIX}-live`,
      repository: PREFIX,
      'delete-repository': 'true',
      'delete-artifacts': 'true',
    };
    const dry = await act({ ...inputs, 'dry-run': 'true' });
    expect(ended(dry)).toEqual(PASSED);
    expect(await exists(`${PREFIX}-live`)).toBe(true);
    const run = await act(inputs);
    expect(ended(run)).toEqual(PASSED);
    expect(removed(run)).toEqual(
      expect.arrayContaining([
        `removed endpoint ${PREFIX}-live`,
        `removed object ${artifacts.base}`,
        `removed repository ${PREFIX}`,
      ]),
    );
    expect(await exists(`${PREFIX}-live`)).toBe(false);
  });

  const exists = (EndpointName: string) =>
    sagemaker.send(new DescribeEndpointCommand({ EndpointName })).then(
      () => true,
      () => false,
    );
});
