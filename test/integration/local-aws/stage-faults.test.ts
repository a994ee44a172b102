import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { EndpointPlan, SourceRecord } from '../../../src/plan.js';
import { approve } from '../../../src/stages/approve.js';
import { deploy } from '../../../src/stages/deploy.js';
import { register } from '../../../src/stages/register.js';
import { shift } from '../../../src/stages/shift.js';
import { StageFailure } from '../../../src/stages/stage-failure.js';
import type { StageResult } from '../../../src/stages/stage-result.js';
import { iamAction } from '../../local-aws/request.js';
import { deployPlan, variant } from '../../unit/stages/deploy/plans.js';
import { approvePlan, CARD, job, registerPlan } from '../../unit/stages/register/plans.js';
import { SOURCE as ANY } from '../../unit/stages/train/plans.js';
import { FastClock } from './fast-clock.js';
import { STAGE_ROWS } from './fault-rows.js';
import { emptyPlan, LiveEndpoints, stageContext } from './live-endpoints.js';
import { localAws, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** Every trouble at the calls of the stages that keep models and endpoints, but for undeploy and clean-up, with the real SDK, at local AWS. */
jest.setTimeout(180_000);

const PREFIX = `byoc-stages-${randomBytes(3).toString('hex')}`;
/** So many cells run at the same time. */
const ABREAST = 8;

const FAULTS = {
  throttled: { kind: 'throttling', times: 2 },
  'HTTP 500': { kind: 'internal-error', times: 2 },
  'HTTP 503': { kind: 'unavailable', times: 2 },
  reset: { kind: 'reset', times: 2 },
  // Long, and answered in the end: the SDK's own limit of 30 s is not waited for.
  slow: { kind: 'slow', delayMs: 400, times: 1 },
  'expired token': { kind: 'expired-token', times: 1 },
  'access denied': { kind: 'access-denied' },
} as const;

type Stage = keyof typeof STAGE_ROWS;

/** Makes what the stage needs. @returns the stage's run, to be made under the faults */
type Scenario = (name: string, source: SourceRecord) => Promise<() => Promise<StageResult>>;

const environment = { ...process.env };
const ownKey = new AsyncLocalStorage<string>();
let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let cloudwatch: CloudWatchClient;
let s3: S3Client;
let image: string;
let endpoints: LiveEndpoints;
let workspace: string;
let number = 0;
const counts = { cells: 0, right: 0 };

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  cloudwatch = new CloudWatchClient(aws.client());
  s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  Object.assign(process.env, aws.env);
  // Each cell has a key of its own, where the SDK looks for it.
  const key = aws.accessKeyId;
  Object.defineProperty(process.env, 'AWS_ACCESS_KEY_ID', {
    ...{ configurable: true, enumerable: true },
    get: () => ownKey.getStore() ?? key,
  });
  const pushed = await pushTinyImage(aws, PREFIX);
  image = pushed.uri.replace(/:[^:/]+$/, `@${pushed.digest}`);
  endpoints = new LiveEndpoints(aws, sagemaker, image);
  workspace = mkdtempSync(join(tmpdir(), 'stage-faults-'));
  writeFileSync(join(workspace, 'request.json'), '{"instances": [1, 2]}');
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
  process.env = environment;
  for (const client of [sagemaker, cloudwatch, s3]) client.destroy();
  rmSync(workspace, { recursive: true });
  process.stdout.write(`${counts.cells} cells, ${counts.right} right\n`);
});

const world = () => ({ onKnown: () => {}, remember: () => {}, clock: new FastClock() });
const place = () => ({ region: aws.region, tags: new Map<string, string>() });

/** A model's archive, empty but for its name. @returns its address */
async function archived(name: string): Promise<string> {
  const Key = `${PREFIX}/${name}/output/model.tar.gz`;
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body: gzipSync(Buffer.alloc(1_024)) }));
  return `s3://${aws.bucket}/${Key}`;
}

async function registered(name: string, source: SourceRecord): Promise<() => Promise<StageResult>> {
  const made = { imageUri: image, job: job({ modelArtifacts: await archived(name) }) };
  const plan = { ...registerPlan({ group: name, card: CARD }), aws: place() };
  return () => register(stageContext(source), plan, made, world());
}

async function deployed(
  name: string,
  source: SourceRecord,
  change: Partial<EndpointPlan>,
): Promise<() => Promise<StageResult>> {
  await aws.control('POST', 'sagemaker/endpoints', { endpoints: name, script: {} });
  const modelData = await archived(name);
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
  return () => deploy(stageContext(source), { ...plan, aws: place(), workspace }, {}, world());
}

const SCENARIOS: Readonly<Record<Stage, Scenario>> = {
  register: registered,
  approve: async (name, source) => {
    await (await registered(name, source))();
    const plan = { ...approvePlan({ package: { kind: 'latest', group: name } }), aws: place() };
    return () => approve(stageContext(source), plan, world());
  },
  'deploy, scaled': (name, source) =>
    deployed(name, source, {
      autoScaling: { minCapacity: 1, maxCapacity: 3, invocationsPerInstance: 200 },
    }),
  'deploy, asynchronous': (name, source) =>
    deployed(name, source, { async: { outputPath: `s3://${aws.bucket}/${name}/answers` } }),
  shift: async (name, source) => {
    await endpoints.endpoint(name, await endpoints.config(name, ['blue', 'green'], { source }), source);
    const weights = new Map([
      ['blue', 0],
      ['green', 1],
    ]);
    const part = {
      ...{ endpointName: name, weights, steps: 1, intervalSeconds: 60, timeoutSeconds: 600 },
      ...{ alarms: [PREFIX], gates: [{ metric: 'Invocation5XXErrors', operator: '<=', value: 0 } as const] },
    };
    return () => shift(stageContext(source), { ...emptyPlan(aws), stages: ['shift'], shift: part }, world());
  },
};

/** What is wrong with the cell; nothing when it is right. */
async function problemsOf(
  stage: Stage,
  call: string,
  fault: keyof typeof FAULTS,
): Promise<readonly string[]> {
  number += 1;
  const name = `${PREFIX}-${String(number).padStart(4, '0')}`;
  const run = await SCENARIOS[stage](name, { ...ANY, repository: `octo-org/${name}` });
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
  const [service = '', operation = ''] = call.split(':');
  await aws.control('POST', 'faults', [{ accessKeyId, service, operation, ...FAULTS[fault] }]);
  let result: StageResult | undefined;
  let text = '';
  try {
    result = await ownKey.run(accessKeyId, run);
    text = JSON.stringify(result);
  } catch (error) {
    if (!(error instanceof StageFailure)) return [`it throws ${(error as Error).stack}`];
    text = JSON.stringify(error.failure);
  }
  const all = (await aws.control('GET', 'faults')) as { accessKeyId?: string; met: number }[];
  const met = all.filter((one) => one.accessKeyId === accessKeyId).reduce((sum, one) => sum + one.met, 0);
  await aws.control('DELETE', `faults?accessKeyId=${accessKeyId}`);
  const problems: string[] = [];
  if (fault === 'access denied') {
    if (met === 0) problems.push('the call is never made');
    if (!text.includes(iamAction(service, operation))) problems.push(`nobody names the action: ${text}`);
    return problems;
  }
  if (met !== FAULTS[fault].times) problems.push(`met ${met} times`);
  if (result?.outcome !== 'passed') problems.push(`${result?.outcome ?? 'failed'}: ${text}`);
  return problems;
}

test.each(Object.keys(STAGE_ROWS) as Stage[])(
  '%s goes on through what passes, and names what is denied',
  async (stage) => {
    const faults = Object.keys(FAULTS) as (keyof typeof FAULTS)[];
    const cells = STAGE_ROWS[stage].flatMap((call) => faults.map((fault) => ({ call, fault })));
    const wrong: Record<string, readonly string[]> = {};
    const work = cells.values();
    await Promise.all(
      Array.from({ length: ABREAST }, async () => {
        for (const { call, fault } of work) {
          const problems = await problemsOf(stage, call, fault);
          counts.cells += 1;
          if (problems.length === 0) counts.right += 1;
          else wrong[`${call}, ${fault}`] = problems;
        }
      }),
    );
    expect(wrong).toEqual({});
  },
);
