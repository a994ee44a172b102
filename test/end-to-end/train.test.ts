import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  ListModelPackagesCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { localAws, type SharedLocalAws } from '../integration/local-aws/shared.js';
import { recordsUse } from '../integration/record-outputs.js';
import { type ActOptions, type ActRun, runWorkflow } from './act.js';
import { REPOSITORY } from './action-copy.js';
import { CALLER, type Checkout, type Forge, makeForge } from './forge.js';
import { type GitHubApi, startGitHubApi } from './github-api/github-api.js';

jest.setTimeout(480_000);

/** Does as the hyperparameter `mode` says, so that one image is enough. */
const TRAIN = `#!/usr/bin/env python3
import json, sys, time
from training import Training

mode = json.load(open("/opt/ml/input/config/hyperparameters.json"))["mode"]
if mode == "fail":
    raise KeyError("rent")
if mode == "endless":
    print("working", flush=True)
    time.sleep(600)
Training().run()
`;

let forge: Forge;
let aws: SharedLocalAws;
let github: GitHubApi;
let sagemaker: SageMakerClient;
let caller: Checkout;
/** Host of ECR, which a caller knows: with the account id, outputs cannot tell it. */
let registry: string;
const repository = `end-to-end-${randomBytes(3).toString('hex')}`;
/** As long as the run's number on GitHub: part of the name of the job. */
const runs = 80_000_000_000 + Math.floor(Math.random() * 1_000_000) * 10;
const runId = (number: number) => String(runs + number);

beforeAll(async () => {
  [aws, github] = [await localAws(), await startGitHubApi()];
  sagemaker = new SageMakerClient(aws.client());
  const s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  const numbers = '0.0,1.0\n1.0,3.0\n';
  const Key = `${repository}/train/numbers.csv`;
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body: numbers }));
  s3.destroy();
  const ecr = new ECRClient(aws.client());
  const { authorizationData: [login] = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  registry = new URL(login?.proxyEndpoint ?? '').host;
  ecr.destroy();
  forge = makeForge();
  caller = forge.caller({ 'container/program/train': TRAIN });
});
afterAll(async () => {
  sagemaker.destroy();
  await github.close();
  forge.remove();
});

const train = (mode: string, options: Partial<ActOptions> = {}): Promise<ActRun> => {
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, AWS_REGION: ___, ...env } = aws.env;
  return runWorkflow({
    ...{ forge, caller, workflow: 'train.yml', runId: runId(0) },
    ...options,
    env: { ...env, ...github.env, ...github.oidc, ...options.env },
    vars: {
      ROLE: 'arn:aws:iam::123456789012:role/ci',
      REGION: aws.region,
      EXECUTION_ROLE: aws.executionRoleArn,
      REPOSITORY: repository,
      BUCKET: aws.bucket,
      MODE: mode,
      REGISTRY: registry,
    },
  });
};

const statusOf = async (name: string | undefined) =>
  (await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }))).TrainingJobStatus;

const jobsOfThisFile = async (part: string) =>
  (await sagemaker.send(new ListTrainingJobsCommand({ NameContains: part }))).TrainingJobSummaries ?? [];

describe('a push that trains', () => {
  let first: ActRun;
  let again: ActRun;
  const id = runId(1);

  beforeAll(async () => {
    first = await train('fit', { runId: id });
    again = await train('fit', { runId: id, runAttempt: 2 });
  });

  test('is green: the role is assumed with OIDC, and the job has ended well', async () => {
    expect(first.jobs).toEqual({ byoc: 'success', later: 'success' });
    expect(first.exitCode).toBe(0);
    expect(first.credentials).toHaveLength(3);
    expect(await statusOf(first.outputs['training-job-name'])).toBe('Completed');
    expect(first.summary).toContain(first.outputs['training-job-name']);
  });

  test('hands on what later jobs need, none of it with the account id', () => {
    const { result, outputs = {} } = first.needs?.['train'] ?? {};
    expect(result).toBe('success');
    expect(outputs).toMatchObject({
      outcome: 'passed',
      repository,
      'image-digest': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      'training-job-name': expect.stringContaining(`-${id}-1-`),
      'training-job-status': 'Completed',
      'model-artifacts': expect.stringMatching(
        new RegExp(`^s3://${aws.bucket}/${repository}/models/.*model.tar.gz$`),
      ),
      metrics: '{"loss":0}',
    });
    const holding = Object.entries(outputs).filter(([, value]) => value.includes('123456789012'));
    expect(holding).toEqual([]);
  });

  test('is joined by its second attempt, which starts nothing', async () => {
    expect(again.exitCode).toBe(0);
    expect(again.log).toContain('It is joined.');
    expect(again.outputs['training-job-name']).toBe(first.outputs['training-job-name']);
    expect(await jobsOfThisFile(`-${id}-`)).toHaveLength(1);
  });

  test('shows no credentials: neither in the log nor to those who list processes', () => {
    // What is looked at is what there is to see.
    expect([...first.seen].some((line) => /docker.* push /.test(line))).toBe(true);
    // Not in all that act writes: it tells of each variable that a step sets, unmasked.
    for (const { log, summary, seen, credentials } of [first, again]) {
      for (const value of credentials.slice(1)) {
        expect(log + summary).not.toContain(value);
        expect([...seen].filter((line) => line.includes(value))).toEqual([]);
      }
      // ECR's password is of two thousand such characters.
      expect(log + summary).not.toMatch(/[\w+/-]{500}/);
      const docker = [...seen].filter((line) => /^\S*docker /.test(line));
      expect(docker.filter((line) => /[\w+/=-]{500}/.test(line))).toEqual([]);
    }
  });

  test('leaves nothing behind', () => {
    expect([...first.left, ...again.left]).toEqual([]);
  });
});

describe('a push whose training fails', () => {
  let run: ActRun;
  beforeAll(async () => {
    run = await train('fail', { runId: runId(2) });
  });

  test('is red, with the failure of the program', async () => {
    expect(run.exitCode).toBe(1);
    expect(run.jobs).toEqual({ byoc: 'failure' });
    expect(run.outputs).toMatchObject({
      outcome: 'failed',
      'training-job-status': 'Failed',
      'failure-class': expect.stringMatching(/./),
      'failure-reason': expect.stringMatching(/./),
    });
    expect(run.summary).toContain('KeyError');
    expect(await statusOf(run.outputs['training-job-name'])).toBe('Failed');
  });
});

describe('a push that trains, registers, approves, deploys and shifts', () => {
  let run: ActRun;
  const ALARM = `${repository}-5xx`;

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
    const { NODE_OPTIONS = '' } = recordsUse('end-to-end');
    run = await train('fit', {
      runId: runId(5),
      workflow: 'release.yml',
      env: {
        NODE_OPTIONS: `${NODE_OPTIONS} --require=${join(REPOSITORY, 'test/integration/fast-time.cjs')}`,
        FAST_STAGES: 'shift',
      },
    });
  });

  test('approves the version that its first job registered', async () => {
    expect(run.exitCode).toBe(0);
    expect(run.needs?.['train']?.outputs).toMatchObject({
      'model-package-group': repository,
      'model-package-version': '1',
      'approval-status': 'PendingManualApproval',
    });
    expect(run.needs?.['deploy']?.outputs).toMatchObject({
      'model-package-version': '1',
      'approval-status': 'Approved',
    });
    const { ModelPackageSummaryList = [] } = await sagemaker.send(
      new ListModelPackagesCommand({ ModelPackageGroupName: repository }),
    );
    expect(ModelPackageSummaryList).toMatchObject([{ ModelApprovalStatus: 'Approved' }]);
  });

  test('puts it live beside the same by name, and proves both', () => {
    expect(run.needs?.['deploy']).toMatchObject({
      result: 'success',
      outputs: {
        outcome: 'passed',
        'endpoint-name': repository,
        'endpoint-status': 'InService',
        'endpoint-action': 'created',
      },
    });
  });

  test('shifts the traffic, in steps, while its alarm is quiet', async () => {
    expect(run.needs?.['shift']).toMatchObject({
      result: 'success',
      outputs: { outcome: 'passed', 'endpoint-action': 'shifted', 'endpoint-status': 'InService' },
    });
    const { EndpointStatus, ProductionVariants = [] } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: repository }),
    );
    expect(EndpointStatus).toBe('InService');
    const weights = ProductionVariants.map(({ VariantName, CurrentWeight }) => [VariantName, CurrentWeight]);
    expect(Object.fromEntries(weights)).toEqual({ blue: 1, green: 3 });
    expect(run.log).toContain('Step 1 of 2: blue 2, green 2.');
  });

  test('leaves nothing on the runner', () => {
    expect(run.left).toEqual([]);
  });

  afterAll(async () => {
    await sagemaker.send(new DeleteEndpointCommand({ EndpointName: repository })).catch(() => undefined);
  });
});

describe('a run that is canceled while its job trains', () => {
  let run: ActRun;
  beforeAll(async () => {
    run = await train('endless', { runId: runId(3), cancelAfter: /\bworking$/m });
  });

  test('leaves no job that is paid: post stops it', async () => {
    expect(run.exitCode).not.toBe(0);
    expect(run.steps['Post Build, smoke-test, push and train']).toBe('success');
    const jobs = await jobsOfThisFile(`-${runId(3)}-`);
    expect(jobs).toHaveLength(1);
    expect(['Stopping', 'Stopped']).toContain(jobs[0]?.TrainingJobStatus);
  });

  test('leaves nothing on the runner', () => {
    expect(run.left).toEqual([]);
  });
});

describe('a pull request from a fork, on a workflow that would train', () => {
  test('gets no credentials, and nothing is built, pushed or started', async () => {
    const id = runId(4);
    const run = await train('fit', {
      runId: id,
      event: {
        name: 'pull_request',
        ref: 'refs/pull/8/merge',
        payload: {
          number: 8,
          pull_request: { number: 8, head: { repo: { full_name: 'stranger/octo-model' } } },
          repository: { full_name: CALLER },
        },
      },
      env: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    });
    expect(run.exitCode).toBe(1);
    expect(run.steps['Main Assume the role in AWS']).toBe('failure');
    expect(run.outputs).toEqual({});
    expect(await jobsOfThisFile(`-${id}-`)).toEqual([]);
  });
});
