import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  ApplicationAutoScalingClient,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  BatchGetImageCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  TagResourceCommand,
} from '@aws-sdk/client-ecr';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { EndpointPlan, SourceRecord } from '../../../src/plan.js';
import { approve } from '../../../src/stages/approve.js';
import { deploy } from '../../../src/stages/deploy.js';
import { pinningTags } from '../../../src/stages/pinning-tags.js';
import { register } from '../../../src/stages/register.js';
import { removeUnused } from '../../../src/stages/remove-unused.js';
import { shift } from '../../../src/stages/shift.js';
import { StageFailure } from '../../../src/stages/stage-failure.js';
import type { StageResult } from '../../../src/stages/stage-result.js';
import type { JobClock } from '../../../src/stages/train/job-clock.js';
import { undeploy } from '../../../src/stages/undeploy.js';
import { iamAction } from '../../local-aws/request.js';
import { deployPlan, variant } from '../../unit/stages/deploy/plans.js';
import { approvePlan, CARD, job, registerPlan } from '../../unit/stages/register/plans.js';
import { SOURCE as ANY } from '../../unit/stages/train/plans.js';
import { FastClock, hurryRetries } from './fast-clock.js';
import { STAGE_ROWS } from './fault-rows.js';
import { emptyPlan, LiveEndpoints, stageContext, wire } from './live-endpoints.js';
import { OwnKeys } from './own-keys.js';
import { localAws, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** Every trouble at the calls of the stages that keep models and endpoints, with the real SDK, at local AWS. */
jest.setTimeout(180_000);

const PREFIX = `byoc-stages-${randomBytes(3).toString('hex')}`;
/** So many cells run at the same time. */
const ABREAST = 8;
const BRANCH = 'refs/heads/feature/x';

/** What passes: one run meets it at each of its calls, and ends as if nothing had been. */
const PASSING = {
  throttled: { kind: 'throttling', times: 2 },
  'HTTP 500': { kind: 'internal-error', times: 2 },
  'HTTP 503': { kind: 'unavailable', times: 2 },
  reset: { kind: 'reset', times: 2 },
  // Long, and answered in the end: the SDK's own limit of 30 s is not waited for.
  slow: { kind: 'slow', delayMs: 400, times: 1 },
  'lost answer': { kind: 'reset', executed: true, times: 1 },
  'expired token': { kind: 'expired-token', times: 1 },
} as const;
type Passing = keyof typeof PASSING;

type Stage = keyof typeof STAGE_ROWS;

/** A stage, ready to run under the faults. */
interface Ready {
  readonly run: () => Promise<StageResult>;
  /** What is there after a run that passed, and should not be. */
  readonly left?: () => Promise<readonly string[]>;
}
type Scenario = (name: string, source: SourceRecord) => Promise<Ready>;

const keys = new OwnKeys();
let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let scaling: ApplicationAutoScalingClient;
let cloudwatch: CloudWatchClient;
let ecr: ECRClient;
let s3: S3Client;
let image: string;
let endpoints: LiveEndpoints;
let workspace: string;
let number = 0;
const counts = { cells: 0, right: 0 };

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  scaling = new ApplicationAutoScalingClient(aws.client());
  cloudwatch = new CloudWatchClient(aws.client());
  ecr = new ECRClient(aws.client());
  s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  keys.install(aws.env);
  hurryRetries();
  const pushed = await pushTinyImage(aws, PREFIX);
  image = pushed.uri.replace(/:[^:/]+$/, `@${pushed.digest}`);
  endpoints = new LiveEndpoints(aws, sagemaker, image);
  workspace = mkdtempSync(join(tmpdir(), 'stage-faults-'));
  writeFileSync(join(workspace, 'request.json'), '{"instances": [1, 2]}');
  await aws.control('POST', 'sagemaker/training', [
    { jobs: `${PREFIX}-going`, script: {}, delays: { Starting: 600_000 } },
    { jobs: PREFIX, script: {} },
  ]);
  // A registered version may need what is to be removed: that is looked at.
  await sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: PREFIX }));
  await sagemaker.send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: PREFIX,
      InferenceSpecification: {
        Containers: [{ Image: image, ModelDataUrl: await archived(PREFIX) }],
        SupportedContentTypes: ['text/csv'],
        SupportedResponseMIMETypes: ['text/csv'],
      },
    }),
  );
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: PREFIX, Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors' },
      ...{ ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Period: 60 },
      ...{ Statistic: 'Sum', Threshold: 0 },
    }),
  );
  await cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: PREFIX, StateValue: 'OK', StateReason: 'It is OK.' }),
  );
});
afterAll(() => {
  keys.uninstall();
  for (const client of [sagemaker, scaling, cloudwatch, ecr, s3]) client.destroy();
  rmSync(workspace, { recursive: true });
  process.stdout.write(`${counts.cells} cells, ${counts.right} right\n`);
});

const world = () => ({ onKnown: () => {}, remember: () => {}, clock: new FastClock() });
const place = () => ({ region: aws.region, tags: new Map<string, string>() });

/** What is younger than an hour stays when a branch is cleaned up: it is two hours later. */
function later(): JobClock {
  const clock = new FastClock();
  return {
    now: () => clock.now() + 7_200_000,
    random: () => clock.random(),
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
  };
}

async function startJob(name: string, source: SourceRecord): Promise<void> {
  await sagemaker.send(
    new CreateTrainingJobCommand({
      TrainingJobName: name,
      RoleArn: aws.executionRoleArn,
      AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File' },
      OutputDataConfig: { S3OutputPath: `s3://${aws.bucket}/${PREFIX}` },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 30 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      Tags: wire(pinningTags(source)),
    }),
  );
}

/** @returns the address of the job's model, when it has come to its end */
async function endOf(name: string): Promise<string> {
  for (let looks = 0; ; looks += 1) {
    const { TrainingJobStatus: status = '', ModelArtifacts } = await sagemaker.send(
      new DescribeTrainingJobCommand({ TrainingJobName: name }),
    );
    if (/^(?:Completed|Stopped)$/.test(status)) return ModelArtifacts?.S3ModelArtifacts ?? '';
    if (!/^(?:InProgress|Stopping)$/.test(status) || looks > 200) throw new Error(`${name} is ${status}`);
    await sleep(50);
  }
}

/** A model's archive, empty but for its name. @returns its address */
async function archived(name: string): Promise<string> {
  const Key = `${PREFIX}/${name}/output/model.tar.gz`;
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body: gzipSync(Buffer.alloc(1_024)) }));
  return `s3://${aws.bucket}/${Key}`;
}

async function registered(name: string, source: SourceRecord): Promise<Ready> {
  const made = { imageUri: image, job: job({ modelArtifacts: await archived(name) }) };
  const plan = { ...registerPlan({ group: name, card: CARD }), aws: place() };
  return { run: () => register(stageContext(source), plan, made, world()) };
}

/** @param change to the endpoint's plan; by what it is deployed already, and by what is deployed then */
async function deployed(
  name: string,
  source: SourceRecord,
  { before, now }: { readonly before?: Partial<EndpointPlan>; readonly now: Partial<EndpointPlan> },
): Promise<Ready> {
  await aws.control('POST', 'sagemaker/endpoints', { endpoints: name, script: {} });
  const modelData = await archived(name);
  const run = (change: Partial<EndpointPlan>) => {
    const plan = deployPlan({
      name,
      roleArn: aws.executionRoleArn,
      variants: [variant({ model: { kind: 'artifacts', modelData, image } })],
      proof: {
        payloads: [
          {
            path: join(workspace, 'request.json'),
            contentType: 'application/json',
            expect: '{"instances": [1, 2]}',
          },
        ],
        repeats: 1,
      },
      ...change,
    });
    return deploy(stageContext(source), { ...plan, aws: place(), workspace }, {}, world());
  };
  if (before !== undefined) {
    const { outcome, detail } = await run(before);
    if (outcome !== 'passed') throw new Error(detail);
  }
  return { run: () => run(now) };
}

/** A superseded configuration, an endpoint that stays, jobs and an image of a branch that is gone. */
async function leftByBranch(name: string, source: SourceRecord): Promise<Ready> {
  const ofBranch = { ...source, ref: BRANCH };
  const going = name.replace(PREFIX, `${PREFIX}-going`);
  const tag = `sagemaker-byoc-${randomBytes(16).toString('hex')}`;
  for (const one of [going, `${going}-stopped`]) await startJob(one, ofBranch);
  await sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: `${going}-stopped` }));
  await endpoints.endpoint(
    name,
    await endpoints.config(name, ['AllTraffic'], { source: ofBranch }),
    ofBranch,
  );
  await endpoints.config(`${name}-gone`, ['AllTraffic'], { source: ofBranch });
  await pushTinyImage(aws, name, 'docker', {
    tag,
    labels: {
      'org.opencontainers.image.source': `https://github.com/${source.repository}`,
      'io.github.sagemaker-byoc.ref': BRANCH,
    },
  });
  await endOf(`${going}-stopped`);
  const part = { keep: 1, dryRun: false, ref: BRANCH, repository: name };
  const plan = { ...emptyPlan(aws), stages: ['clean-up' as const], cleanUp: part };
  return {
    run: () => removeUnused(stageContext(source), plan, { onKnown: () => {}, clock: later() }),
    left: async () => {
      const { configs, models } = await endpoints.left(`${name}-gone`);
      const { images = [] } = await ecr.send(
        new BatchGetImageCommand({ repositoryName: name, imageIds: [{ imageTag: tag }] }),
      );
      const stopped = await sagemaker
        .send(new DescribeTrainingJobCommand({ TrainingJobName: `${going}-stopped` }))
        .then(
          () => [`${going}-stopped`],
          () => [],
        );
      await endOf(going);
      return [...configs, ...models, ...images.map(() => tag), ...stopped];
    },
  };
}

/** An endpoint that is scaled, with a model that a job made, and its repository of images. */
async function undeployable(name: string, source: SourceRecord): Promise<Ready> {
  await startJob(`${name}-job`, source);
  const { digest } = await pushTinyImage(aws, name);
  const { repositories: [found] = [] } = await ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [name] }),
  );
  await ecr.send(
    new TagResourceCommand({ resourceArn: found?.repositoryArn, tags: wire(pinningTags(source)) }),
  );
  const modelData = await endOf(`${name}-job`);
  await endpoints.endpoint(name, await endpoints.config(name, ['AllTraffic'], { source, modelData }), source);
  await scaling.send(
    new RegisterScalableTargetCommand({
      ...{ ServiceNamespace: 'sagemaker', ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' },
      ...{ ResourceId: `endpoint/${name}/variant/AllTraffic`, MinCapacity: 1, MaxCapacity: 2 },
    }),
  );
  const part = {
    ...{ endpointName: name, artifacts: true, repository: name, dryRun: false, timeoutSeconds: 120 },
  };
  const plan = { ...emptyPlan(aws), stages: ['undeploy' as const], undeploy: part };
  return {
    run: () => undeploy(stageContext(source), plan, world()),
    left: async () => {
      const { configs, models } = await endpoints.left(name);
      const images = await ecr
        .send(new BatchGetImageCommand({ repositoryName: name, imageIds: [{ imageDigest: digest }] }))
        .then(
          () => [digest],
          () => [],
        );
      const endpoint = await endpoints.describe(name).then(
        () => [name],
        () => [],
      );
      return [...endpoint, ...configs, ...models, ...images];
    },
  };
}

async function shiftable(name: string, source: SourceRecord): Promise<Ready> {
  await endpoints.endpoint(name, await endpoints.config(name, ['blue', 'green'], { source }), source);
  const weights = new Map([
    ['blue', 0],
    ['green', 1],
  ]);
  const part = {
    ...{ endpointName: name, weights, steps: 1, intervalSeconds: 60, timeoutSeconds: 600 },
    ...{ alarms: [PREFIX], gates: [{ metric: 'Invocation5XXErrors', operator: '<=', value: 0 } as const] },
  };
  const plan = { ...emptyPlan(aws), stages: ['shift' as const], shift: part };
  return {
    run: () => shift(stageContext(source), plan, world()),
    left: async () => {
      const { ProductionVariants = [] } = await endpoints.describe(name);
      return ProductionVariants.flatMap(({ VariantName = '', CurrentWeight }) =>
        CurrentWeight === weights.get(VariantName) ? [] : [`${VariantName}: ${CurrentWeight}`],
      );
    },
  };
}

const SCALED = { autoScaling: { minCapacity: 1, maxCapacity: 3, invocationsPerInstance: 200 } };

const SCENARIOS: Readonly<Record<Stage, Scenario>> = {
  'clean-up': leftByBranch,
  undeploy: undeployable,
  shift: shiftable,
  'deploy, with alarms': (name, source) =>
    deployed(name, source, {
      before: {},
      now: {
        rollbackAlarms: [PREFIX],
        policy: { kind: 'all-at-once', waitSeconds: 1, terminationWaitSeconds: 0 },
        environment: new Map([['VERSION', '2']]),
      },
    }),
  'deploy, scaled': (name, source) => deployed(name, source, { now: SCALED }),
  'deploy, scaled already': (name, source) => deployed(name, source, { before: SCALED, now: SCALED }),
  'deploy, asynchronous': (name, source) =>
    deployed(name, source, { now: { async: { outputPath: `s3://${aws.bucket}/${name}/answers` } } }),
  register: registered,
  approve: async (name, source) => {
    await (await registered(name, source)).run();
    const plan = { ...approvePlan({ package: { kind: 'latest', group: name } }), aws: place() };
    return { run: () => approve(stageContext(source), plan, world()) };
  },
};

interface Ran {
  readonly result?: StageResult;
  readonly left?: Ready['left'];
  /** All that is told. */
  readonly text: string;
  /** What is wrong already. */
  readonly problems: readonly string[];
  /** How often each call met its fault. */
  readonly met: Readonly<Record<string, number>>;
}

/** Runs the stage once, with the fault at each of the calls. */
async function underFaults(stage: Stage, calls: readonly string[], fault: object): Promise<Ran> {
  number += 1;
  const name = `${PREFIX}-${String(number).padStart(4, '0')}`;
  const { run, left } = await SCENARIOS[stage](name, { ...ANY, repository: `octo-org/${name}` });
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
  const scripted = calls.map((call) => {
    const [service, operation] = call.split(':');
    return { accessKeyId, service, operation, ...fault };
  });
  await aws.control('POST', 'faults', scripted);
  const problems: string[] = [];
  let result: StageResult | undefined;
  let text = '';
  try {
    result = await keys.run(accessKeyId, run);
    text = JSON.stringify(result);
  } catch (error) {
    if (error instanceof StageFailure) text = JSON.stringify(error.failure);
    else problems.push(`it throws ${(error as Error).stack}`);
  }
  const all = (await aws.control('GET', 'faults')) as {
    readonly accessKeyId?: string;
    readonly service: string;
    readonly operation: string;
    readonly met: number;
  }[];
  await aws.control('DELETE', `faults?accessKeyId=${accessKeyId}`);
  const met = Object.fromEntries(
    all
      .filter((one) => one.accessKeyId === accessKeyId)
      .map((one) => [`${one.service}:${one.operation}`, one.met]),
  );
  return { ...(result && { result }), ...(left && { left }), text, problems, met };
}

/** What is wrong with each call's cell; nothing when it is right. */
async function passes(stage: Stage, fault: Passing): Promise<Readonly<Record<string, readonly string[]>>> {
  const calls = STAGE_ROWS[stage];
  const { result, left, text, problems, met } = await underFaults(stage, calls, PASSING[fault]);
  const ended = [...problems];
  if (result?.outcome !== 'passed') ended.push(`${result?.outcome ?? 'failed'}: ${text}`);
  for (const thing of (await left?.()) ?? []) ended.push(`left: ${thing}`);
  return Object.fromEntries(
    calls.map((call) => [
      call,
      met[call] === PASSING[fault].times ? ended : [...ended, `met ${met[call]} times`],
    ]),
  );
}

async function isDenied(stage: Stage, call: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { text, problems, met } = await underFaults(stage, [call], { kind: 'access-denied' });
  const [service = '', operation = ''] = call.split(':');
  return {
    [call]: [
      ...problems,
      ...(met[call] === 0 ? ['the call is never made'] : []),
      ...(text.includes(iamAction(service, operation)) ? [] : [`nobody names the action: ${text}`]),
    ],
  };
}

test.each(Object.keys(STAGE_ROWS) as Stage[])(
  '%s goes on through what passes, and names what is denied',
  async (stage) => {
    const wrong: Record<string, readonly string[]> = {};
    const work = [
      ...(Object.keys(PASSING) as Passing[]).map((fault) => [fault, () => passes(stage, fault)] as const),
      ...STAGE_ROWS[stage].map((call) => ['access denied', () => isDenied(stage, call)] as const),
    ].values();
    await Promise.all(
      Array.from({ length: ABREAST }, async () => {
        for (const [fault, run] of work) {
          for (const [call, problems] of Object.entries(await run())) {
            counts.cells += 1;
            if (problems.length === 0) counts.right += 1;
            else wrong[`${call}, ${fault}`] = problems;
          }
        }
      }),
    );
    expect(wrong).toEqual({});
  },
);
