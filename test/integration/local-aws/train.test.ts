import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  DescribeTrainingJobCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createDocker } from '../../../src/docker/docker.js';
import type { JobState } from '../../../src/runner/state.js';
import { cleanUp } from '../../../src/stages/clean-up.js';
import type { TrainingImage } from '../../../src/stages/train/resolve-image.js';
import { type TrainResult, train } from '../../../src/stages/train.js';
import { SOURCE, trainingPlan } from '../../unit/stages/train/plans.js';
import { SeenLog } from '../../unit/stages/train/seen-log.js';
import { localAws, PYTHON, ROOT, type SharedLocalAws } from './shared.js';

jest.setTimeout(300_000);

const PREFIX = `byoc-train-${randomBytes(3).toString('hex')}`;
const REFERENCE = `${PREFIX}:1`;
const SCRIPTED = `${PREFIX}-scripted`;
const before = { ...process.env };

let aws: SharedLocalAws;
/** By its digest, and by its tag. */
let image: string;
let tagged: string;
let digest: string;
let sagemaker: SageMakerClient;
let ecr: ECRClient;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  ecr = new ECRClient(aws.client());
  Object.assign(process.env, aws.env);
  execFileSync('docker', ['build', '--quiet', '--tag', REFERENCE, join(ROOT, 'container')]);
  const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
  const pushed = await promisify(execFile)(
    PYTHON,
    [join(__dirname, 'push_image.py'), REFERENCE, PREFIX, config],
    { env: { PATH: process.env['PATH'], HOME: tmpdir(), ...aws.env } },
  );
  tagged = pushed.stdout.trim();
  const { imageDetails: [details] = [] } = await ecr.send(
    new DescribeImagesCommand({ repositoryName: PREFIX, imageIds: [{ imageTag: '1' }] }),
  );
  digest = details?.imageDigest ?? '';
  image = tagged.replace(/:1$/, `@${digest}`);
  await aws.control('POST', 'sagemaker/training', [{ jobs: SCRIPTED, script: { lines: ['trained'] } }]);
  rmSync(config, { recursive: true, force: true });
});
afterEach(() => aws.clearFaults());
afterAll(() => {
  process.env = before;
  sagemaker.destroy();
  ecr.destroy();
  execFileSync('docker', ['rmi', '--force', REFERENCE], { stdio: 'ignore' });
});

/** A program as the container's entry point: a container argument holds 256 characters, a hyperparameter 2500. */
const EXEC =
  "import base64,json;exec(base64.b64decode(json.load(open('/opt/ml/input/config/hyperparameters.json'))['code']))";

let number = 0;

interface Running {
  readonly name: string;
  readonly log: SeenLog;
  readonly remembered: (JobState | undefined)[];
  readonly canceler: AbortController;
  readonly result: Promise<TrainResult>;
}

function start(
  code: string,
  change: Parameters<typeof trainingPlan>[0] & {
    readonly asksPrice?: boolean;
    readonly image?: TrainingImage;
    readonly workspace?: string;
    readonly runId?: string;
  } = {},
): Running {
  number += 1;
  const name = `${PREFIX}-${number}`;
  const log = new SeenLog();
  const remembered: (JobState | undefined)[] = [];
  const canceler = new AbortController();
  const made = trainingPlan({
    ...change,
    training: {
      ...(!change.training?.toolkitEnvironment && { entrypoint: ['python', '-u', '-c', EXEC] }),
      ...change.training,
    },
    job: {
      name,
      roleArn: aws.executionRoleArn,
      outputPath: `s3://${aws.bucket}/models`,
      hyperparameters: new Map([['code', Buffer.from(code).toString('base64')]]),
      ...(!change.asksPrice && { hourlyPrice: 0.1 }),
      ...change.job,
    },
  });
  const plan = { ...made, ...(change.workspace !== undefined && { workspace: change.workspace }) };
  const context = {
    docker: createDocker({}),
    runId: change.runId ?? randomBytes(6).toString('hex'),
    tempDir: '/nowhere',
    log,
    signal: canceler.signal,
    source: SOURCE,
  };
  const result = train(context, plan, change.image ?? { uri: image }, {
    onKnown: () => {},
    remember: (job) => remembered.push(job),
  });
  return { name, log, remembered, canceler, result };
}

const statusOf = async (name: string) =>
  (await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name }))).TrainingJobStatus;

async function seen(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

const ROUNDS = `
import json, os, time
host = json.load(open('/opt/ml/input/config/resourceconfig.json'))['current_host']
for n in range(40):
    print(f'{host} round {n} loss={(40 - n) / 8}')
open('/opt/ml/model/model.json', 'w').write('{}')
`;
/** As Python writes it. */
const float = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value));
const ENDLESS = `
import time
print('working', flush=True)
while True: time.sleep(1)
`;

describe('a job on local AWS', () => {
  test('of two hosts: every line of each in order, metrics, model, cost, gates', async () => {
    const { log, result } = start(ROUNDS, {
      training: { metricDefinitions: [{ name: 'loss', regex: 'loss=([0-9.]+)' }] },
      job: { instanceCount: 2, metricGates: [{ metric: 'loss', operator: '<=', value: 0.125 }] },
    });
    const { outcome, job } = await result;
    expect({ outcome, status: job.status, joined: job.joined }).toEqual({
      outcome: 'passed',
      status: 'Completed',
      joined: false,
    });
    for (const host of ['algo-1', 'algo-2']) {
      expect(log.untrusted_.filter((line) => line.startsWith(`${host} | ${host} round`))).toEqual(
        Array.from({ length: 40 }, (_, n) => `${host} | ${host} round ${n} loss=${float((40 - n) / 8)}`),
      );
    }
    expect(job).toMatchObject({
      modelArtifacts: expect.stringMatching(/^s3:.*model\.tar\.gz$/),
      gates: [{ passed: true, actual: 0.125 }],
      cost: { hourlyPrice: 0.1 },
      instanceCount: 2,
    });
    expect(job.transitions.map(({ status }) => status)).toEqual(
      expect.arrayContaining(['Starting', 'Training', 'Completed']),
    );
    expect(log.info_.filter((line) => line.startsWith('Training'))).toHaveLength(1);
  });

  test('that fails tells the cause, with the last lines', async () => {
    const { result } = start("print('reading')\nraise ValueError('no such column: age')\n");
    expect(await result).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining('AlgorithmError') },
      job: { status: 'Failed', logTail: expect.arrayContaining(['ValueError: no such column: age']) },
    });
  });

  test('that a program of the repository fails tells cause, fix and the line', async () => {
    const workspace = join(ROOT, 'container');
    const { result } = start('', { training: { entrypoint: ['train'] }, workspace });
    const { outcome, diagnosis, annotations } = await result;
    const line =
      1 +
      readFileSync(join(workspace, 'train'), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes('raise ValueError(f"unknown hyperparameters'));
    expect(line).toBeGreaterThan(0);
    expect({ outcome, diagnosis }).toMatchObject({
      outcome: 'failed',
      diagnosis: {
        class: 'python-value-error',
        cause: expect.stringMatching(
          /It ended with exit code 1 after an uncaught `ValueError`: `unknown hyperparameters: code; /,
        ),
        fix: expect.stringContaining('hyperparameter'),
        location: { path: 'train', line },
      },
    });
    expect(annotations).toEqual([
      {
        level: 'error',
        title: expect.stringMatching(/^ValueError: unknown hyperparameters: code;/),
        message: `${diagnosis?.cause}\n${diagnosis?.fix}`,
        location: { path: 'train', line },
      },
    ]);
  });

  test('is one job through throttling, lost answers and errors of AWS', async () => {
    await aws.fault({
      service: 'sagemaker',
      operation: 'CreateTrainingJob',
      kind: 'reset',
      executed: true,
      times: 1,
    });
    await aws.fault({
      service: 'sagemaker',
      operation: 'DescribeTrainingJob',
      kind: 'throttling',
      after: 1,
      times: 3,
    });
    await aws.fault({ service: 'logs', operation: 'GetLogEvents', kind: 'unavailable', times: 2 });
    await aws.fault({ service: 'logs', operation: 'DescribeLogStreams', kind: 'reset', times: 1 });
    const { name, log, result } = start(ROUNDS);
    expect(await result).toMatchObject({ outcome: 'passed', job: { name, joined: false } });
    expect(log.untrusted_.filter((line) => line.includes('round'))).toHaveLength(40);
    const { TrainingJobSummaries } = await sagemaker.send(
      new ListTrainingJobsCommand({ NameContains: name }),
    );
    expect(TrainingJobSummaries).toHaveLength(1);
  });

  test('without permission for its logs costs one warning', async () => {
    await aws.fault({ service: 'logs', operation: '*', kind: 'access-denied' });
    const { outcome, notices, annotations } = await start(ROUNDS).result;
    expect(outcome).toBe('passed');
    expect(notices).toEqual([expect.stringContaining('logs:')]);
    expect(annotations).toEqual([{ level: 'warning', title: 'Training job', message: notices[0] }]);
  });

  test('of an image by its tag runs it by its digest', async () => {
    const { name, result } = start(ROUNDS, { image: { uri: tagged } });
    expect(await result).toMatchObject({ outcome: 'passed', notices: [], job: { image } });
    const { AlgorithmSpecification } = await sagemaker.send(
      new DescribeTrainingJobCommand({ TrainingJobName: name }),
    );
    expect(AlgorithmSpecification?.TrainingImage).toBe(image);
  });

  test('is stopped at once by a cancel, and left by nobody', async () => {
    const { name, log, remembered, canceler, result } = start(ENDLESS);
    await seen(() => log.untrusted_.includes('algo-1 | working'));
    const canceled = Date.now();
    canceler.abort();
    expect(await result).toMatchObject({ outcome: 'canceled', job: { status: 'Stopping' } });
    expect(Date.now() - canceled).toBeLessThan(4_000);
    expect(['Stopping', 'Stopped']).toContain(await statusOf(name));
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('that main has left is stopped by post, and nobody else’s', async () => {
    const state = { runId: '0123456789ab', tempDir: '/nowhere' };
    const { name, log, remembered, canceler, result } = start(ENDLESS, {
      follow: { stopOnCancel: false },
      runId: state.runId,
    });
    await seen(() => log.untrusted_.includes('algo-1 | working'));
    canceler.abort();
    expect(await result).toMatchObject({ outcome: 'canceled', detail: expect.stringContaining('goes on') });
    expect(await statusOf(name)).toBe('InProgress');
    // As if main had been killed before AWS said whose the job is.
    const job = { ...(remembered[0] as JobState), stopOnCancel: true };
    expect(job.ours).toBe(false);
    const otherStep = { ...state, runId: 'fedcba987654', job };
    const foreign = { source: { ...SOURCE, runUrl: `${SOURCE.runUrl}0` } };
    await cleanUp(createDocker({ PATH: '/nowhere' }), otherStep, undefined, foreign);
    expect(await statusOf(name)).toBe('InProgress');
    await cleanUp(createDocker({ PATH: '/nowhere' }), otherStep, undefined, { source: SOURCE });
    expect(await statusOf(name)).toBe('InProgress');
    await cleanUp(createDocker({ PATH: '/nowhere' }), { ...state, job }, undefined, { source: SOURCE });
    expect(['Stopping', 'Stopped']).toContain(await statusOf(name));
  });
});

describe('the policy in docs/permissions.md', () => {
  const page = readFileSync(join(ROOT, 'docs', 'permissions.md'), 'utf8');
  const policyOf = (heading: string): { Statement: { Action: string | string[] }[] } => {
    const [, json = ''] = (page.split(`\n${heading}\n`)[1] ?? '').split(/^```(?:json)?$/m);
    return JSON.parse(json);
  };
  const policy = policyOf('## Train');
  const METRIC = { training: { metricDefinitions: [{ name: 'loss', regex: 'loss=([0-9.]+)' }] } };

  afterAll(() => aws.control('DELETE', `policies/${aws.accessKeyId}`));

  test('is enough to train, to compare with the baseline, to join and to stop, and holds no more', async () => {
    await aws.control('PUT', `policies/${aws.accessKeyId}`, policy);
    const baseline = start(ROUNDS, { ...METRIC, asksPrice: true });
    expect(await baseline.result).toMatchObject({ outcome: 'passed', notices: [] });
    const compared = start(ROUNDS, { ...METRIC, baselineRef: 'main' });
    expect(await compared.result).toMatchObject({
      outcome: 'passed',
      notices: [],
      job: { baseline: { jobName: baseline.name, ref: 'main', metrics: [{ name: 'loss', value: 0.125 }] } },
    });
    const joined = start(ROUNDS, { ...METRIC, job: { name: compared.name } });
    expect(await joined.result).toMatchObject({ outcome: 'passed', job: { joined: true } });
    const { log, canceler, result } = start(ENDLESS);
    await seen(() => log.untrusted_.includes('algo-1 | working'));
    canceler.abort();
    expect(await result).toMatchObject({ outcome: 'canceled', job: { status: 'Stopping' } });
    // These two belong to CreateTrainingJob, and are no calls.
    const called = [...Object.keys(await aws.calls()), 'iam:PassRole', 'sagemaker:AddTags'];
    expect(
      policy.Statement.flatMap(({ Action }) => Action).filter((action) => !called.includes(action)),
    ).toEqual([]);
  });

  test('is enough, with that of image-uri, for an image by its tag that is nowhere but in ECR', async () => {
    const additional = policyOf('### image-uri');
    const statements = [...policy.Statement, ...additional.Statement];
    const account = /:(\d{12}):/.exec(aws.executionRoleArn)?.[1] ?? '';
    const { region } = aws;
    const host = `${account}.dkr.ecr.${region}.amazonaws.com`;
    const train = (name: string) =>
      start(ROUNDS, {
        image: { uri: `${host}/${PREFIX}:1`, platform: 'linux/amd64', registry: { account, region } },
        training: { toolkitEnvironment: true },
        job: { name, hyperparameters: new Map() },
      }).result;
    await aws.control('PUT', `policies/${aws.accessKeyId}`, { Statement: statements });
    const before = await aws.calls();
    expect(await train(`${SCRIPTED}-1`)).toMatchObject({
      outcome: 'passed',
      notices: [],
      job: { image: `${host}/${PREFIX}@${digest}` },
    });
    const after = await aws.calls();
    const calls = Object.keys(after).filter((call) => after[call] !== before[call]);
    const wanted = additional.Statement.flatMap(({ Action }) => Action);
    expect(calls.filter((call) => call.startsWith('ecr:')).sort()).toEqual([...wanted].sort());
    // And no less than that: without it, toolkit-environment cannot know what it is to start.
    await aws.control('PUT', `policies/${aws.accessKeyId}`, policy);
    await expect(train(`${SCRIPTED}-2`)).rejects.toThrow(
      /ENTRYPOINT, which cannot be known\. .*ecr:BatchGetImage/,
    );
  });
});
