import { randomBytes } from 'node:crypto';
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { connectEndpointMetrics } from '../../../src/aws/endpoint-metrics.js';
import type { ShiftPlan } from '../../../src/plan.js';
import { shift } from '../../../src/stages/shift.js';
import { allow, documented, emptyPlan, LiveEndpoints, stageContext, uncalled } from './live-endpoints.js';
import { localAws, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** The stage shift with the real SDK, over HTTP, at local AWS. */
jest.setTimeout(240_000);

const PREFIX = `byoc-shift-${randomBytes(3).toString('hex')}`;
const ALARM = `${PREFIX}-5xx`;
const before = { ...process.env };

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let cloudwatch: CloudWatchClient;
let endpoints: LiveEndpoints;
let number = 0;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  cloudwatch = new CloudWatchClient(aws.client());
  Object.assign(process.env, aws.env);
  endpoints = new LiveEndpoints(aws, sagemaker, (await pushTinyImage(aws, PREFIX)).uri);
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
});
afterEach(async () => {
  await aws.clearFaults();
  await allow(aws);
  await alarm('OK');
});
afterAll(() => {
  process.env = before;
  sagemaker.destroy();
  cloudwatch.destroy();
});

const alarm = (StateValue: 'OK' | 'ALARM') =>
  cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: `It is ${StateValue}.` }),
  );

async function twoVariants(): Promise<string> {
  number += 1;
  const name = `${PREFIX}-${String(number).padStart(3, '0')}`;
  await endpoints.endpoint(name, await endpoints.config(name, ['blue', 'green']));
  return name;
}

const shiftWith = (endpointName: string, change: Partial<ShiftPlan> = {}) =>
  shift(
    stageContext(),
    {
      ...emptyPlan(aws),
      stages: ['shift'],
      shift: {
        endpointName,
        weights: new Map([
          ['blue', 0.2],
          ['green', 0.8],
        ]),
        steps: 2,
        intervalSeconds: 1,
        alarms: [],
        gates: [],
        timeoutSeconds: 120,
        ...change,
      },
    },
    { onKnown: () => {}, remember: () => {} },
  );

async function weights(name: string): Promise<Readonly<Record<string, number>>> {
  const { ProductionVariants = [] } = await endpoints.describe(name);
  return Object.fromEntries(
    ProductionVariants.map(({ VariantName = '', CurrentWeight = 0 }) => [VariantName, CurrentWeight]),
  );
}

const measured = (name: string, metric: string, datum: object) =>
  cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'AWS/SageMaker',
      MetricData: [
        {
          MetricName: metric,
          Timestamp: new Date(),
          Dimensions: [
            { Name: 'EndpointName', Value: name },
            { Name: 'VariantName', Value: 'green' },
          ],
          ...datum,
        },
      ],
    }),
  );

describe('the traffic of an endpoint', () => {
  test('is shifted in steps, once, with no more than docs/permissions.md allows', async () => {
    const name = await twoVariants();
    const statements = documented('Shift');
    const calls = await aws.calls();
    await allow(aws, statements);
    const gates = [{ metric: 'Invocation5XXErrors', operator: '<=', value: 0 } as const];
    const result = await shiftWith(name, { alarms: [ALARM], gates });
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'shifted', status: 'InService' } });
    expect(result.endpoint?.steps?.map((step) => step.weights)).toEqual([
      { blue: 0.6, green: 0.4 },
      { blue: 0.2, green: 0.8 },
    ]);
    expect((await weights(name))['green']).toBeCloseTo(0.8, 5);
    expect(await shiftWith(name)).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged' } });
    expect((await aws.calls())['sagemaker:UpdateEndpointWeightsAndCapacities']).toBe(
      (calls['sagemaker:UpdateEndpointWeightsAndCapacities'] ?? 0) + 2,
    );
    expect(await uncalled(aws, statements, calls)).toEqual([]);
  });

  test('is left alone while an alarm is off, and goes back when it goes off', async () => {
    const name = await twoVariants();
    await alarm('ALARM');
    await expect(shiftWith(name, { alarms: [ALARM] })).rejects.toMatchObject({
      failure: { message: expect.stringContaining(`${ALARM} is in ALARM: It is ALARM. Nothing was changed`) },
    });
    expect(await weights(name)).toEqual({ blue: 1, green: 0 });
    await alarm('OK');
    const work = shiftWith(name, { alarms: [ALARM], intervalSeconds: 5 });
    while ((await weights(name))['green'] === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    await alarm('ALARM');
    expect(await work).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringMatching(/is in ALARM.*The weights are back: blue 1, green 0/) },
      endpoint: { action: 'restored' },
    });
    expect(await weights(name)).toEqual({ blue: 1, green: 0 });
  });

  test('goes back when the variant that gains it fails requests', async () => {
    const name = await twoVariants();
    await measured(name, 'Invocation5XXErrors', { Value: 3 });
    expect(
      await shiftWith(name, { gates: [{ metric: 'Invocation5XXErrors', operator: '<=', value: 0 }] }),
    ).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining('Invocation5XXErrors of the variant green was 3 (sum of') },
    });
    expect(await weights(name)).toEqual({ blue: 1, green: 0 });
  });

  test.each([
    ['a throttled call', { kind: 'throttling', times: 4 }],
    ['a lost answer', { kind: 'reset', executed: true, times: 1 }],
  ])('is shifted in spite of %s', async (_, fault) => {
    const name = await twoVariants();
    await aws.fault({ service: 'sagemaker', operation: 'UpdateEndpointWeightsAndCapacities', ...fault });
    expect(await shiftWith(name)).toMatchObject({ outcome: 'passed' });
    expect((await weights(name))['green']).toBeCloseTo(0.8, 5);
  });
});

test('metrics are summed, and averaged over the measurements, of the time that is asked for', async () => {
  const name = `${PREFIX}-metrics`;
  await measured(name, 'Invocation5XXErrors', { Value: 2 });
  await measured(name, 'Invocation5XXErrors', { Value: 1 });
  for (const Value of [100, 100, 400]) await measured(name, 'ModelLatency', { Value, Unit: 'Microseconds' });
  const metrics = await connectEndpointMetrics({ region: aws.region, tags: new Map() }, 2);
  const read = (from: number, to: number) =>
    metrics.read(
      name,
      ['green'],
      ['Invocation5XXErrors', 'ModelLatency', 'CPUUtilization'],
      { from, to },
      new AbortController().signal,
    );
  const now = Date.now();
  expect(await read(now - 300_000, now)).toEqual([
    { variant: 'green', metric: 'Invocation5XXErrors', value: 3 },
    { variant: 'green', metric: 'ModelLatency', value: 200 },
    { variant: 'green', metric: 'CPUUtilization' },
  ]);
  expect((await read(now - 3_600_000, now - 1_800_000)).every(({ value }) => value === undefined)).toBe(true);
});
