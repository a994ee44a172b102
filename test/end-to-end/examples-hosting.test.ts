import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateModelPackageGroupCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelPackagesCommand,
  ListModelsCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { AWS_CLI } from '../integration/local-aws/shared.js';
import { recordsUse } from '../integration/record-outputs.js';
import type { ActRun } from './act.js';
import { REPOSITORY } from './action-copy.js';
import { type Example, openExample, pullRequest } from './examples.js';

jest.setTimeout(480_000);

/** What DescribeEndpoint says, by variant. */
async function weights({ sagemaker }: Example, EndpointName: string) {
  const { ProductionVariants = [] } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  return Object.fromEntries(
    ProductionVariants.map(({ VariantName = '', CurrentWeight }) => [VariantName, CurrentWeight]),
  );
}

/** Version of the model registry that each variant of a live endpoint serves. */
async function liveVersions({ sagemaker }: Example, EndpointName: string) {
  const { EndpointConfigName } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
  const config = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
  const versions = new Map<string, string>();
  for (const { VariantName = '', ModelName } of config.ProductionVariants ?? []) {
    const model = await sagemaker.send(new DescribeModelCommand({ ModelName }));
    const [container] = model.Containers ?? [model.PrimaryContainer];
    versions.set(VariantName, (container?.ModelPackageName ?? '').split(':').at(-1) ?? '');
  }
  return Object.fromEntries(versions);
}

/** Approval status of each version of a group, the first version first. */
async function approvals({ sagemaker }: Example, ModelPackageGroupName: string) {
  const { ModelPackageSummaryList = [] } = await sagemaker.send(
    new ListModelPackagesCommand({ ModelPackageGroupName, SortBy: 'CreationTime', SortOrder: 'Ascending' }),
  );
  return ModelPackageSummaryList.map(({ ModelApprovalStatus }) => ModelApprovalStatus);
}

/** Answer of InvokeEndpoint to a file of the example. */
async function ask(example: Example, EndpointName: string, file: string, ContentType: string) {
  const runtime = new SageMakerRuntimeClient(example.aws.client());
  try {
    const { Body } = await runtime.send(
      new InvokeEndpointCommand({ EndpointName, ContentType, Body: example.read(file) }),
    );
    return Buffer.from(Body ?? []).toString();
  } finally {
    runtime.destroy();
  }
}

/** All that SageMaker has for an endpoint of this name. */
async function leftInAws({ sagemaker }: Example, NameContains: string) {
  const [{ Endpoints = [] }, { EndpointConfigs = [] }, { Models = [] }] = await Promise.all([
    sagemaker.send(new ListEndpointsCommand({ NameContains })),
    sagemaker.send(new ListEndpointConfigsCommand({ NameContains })),
    sagemaker.send(new ListModelsCommand({ NameContains })),
  ]);
  return [
    ...Endpoints.map(({ EndpointName }) => EndpointName),
    ...EndpointConfigs.map(({ EndpointConfigName }) => EndpointConfigName),
    ...Models.map(({ ModelName }) => ModelName),
  ];
}

const dispatch = (inputs: Readonly<Record<string, string>> = {}) => ({
  name: 'workflow_dispatch',
  payload: { inputs },
});

const release = (tag: string) => ({ name: 'push', ref: `refs/tags/${tag}`, payload: {} });

describe('examples/scikit-learn-nginx', () => {
  let example: Example;
  let checked: ActRun;
  let released: ActRun;
  let live: unknown;
  let answer: string;
  let removed: ActRun;

  beforeAll(async () => {
    example = await openExample('scikit-learn-nginx');
    await example.upload('container/sample/training', 'apartments/training');
    checked = await example.run('pull-request.yml', { event: pullRequest(example) });
    released = await example.run('release.yml', { event: release('v1.0.0') });
    live = await liveVersions(example, 'apartments');
    answer = await ask(example, 'apartments', 'container/sample/payload.csv', 'text/csv');
    removed = await example.run('undeploy.yml', { event: dispatch() });
  });
  afterAll(async () => {
    await example.deleteEndpoints('apartments');
    await example.close();
  });

  test('checks a pull request without AWS: training, and the server with nginx in front', () => {
    expect(checked.exitCode).toBe(0);
    expect(checked.credentials).toEqual([]);
    const { outputs = {} } = checked.byJob['Container'] ?? {};
    expect(outputs).toMatchObject({ outcome: 'passed', 'failed-checks': '', warnings: '' });
    // Neither the answer to the sample nor its type was left unjudged.
    expect(outputs['skipped-checks']?.split(',')).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^serve-content/)]),
    );
    expect(checked.summary).toContain('SageMaker would accept this container');
  });

  test('trains and registers at a tag, and puts that version live', async () => {
    expect(released.exitCode).toBe(0);
    expect(released.byJob['Train']?.outputs).toMatchObject({
      'training-job-status': 'Completed',
      'model-package-version': '1',
      'approval-status': 'Approved',
    });
    const metrics = JSON.parse(released.byJob['Train']?.outputs['metrics'] ?? '{}');
    expect(metrics['validation:mae']).toBeLessThan(60);
    expect(released.byJob['Deploy']?.outputs).toMatchObject({
      outcome: 'passed',
      'endpoint-status': 'InService',
      'endpoint-action': 'created',
    });
    expect(live).toEqual({ AllTraffic: 'model-package/apartments/1' });
    expect(released.summary).toContain('apartments');
  });

  test('answers through nginx: three apartments, three rents', () => {
    expect(answer.trim().split('\n').map(Number)).toEqual([
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ]);
    for (const rent of answer.trim().split('\n')) {
      expect(Number(rent)).toBeGreaterThan(400);
      expect(Number(rent)).toBeLessThan(1800);
    }
  });

  test('is removed by its own workflow: nothing is left, in AWS or on the runner', async () => {
    expect(removed.byJob['Undeploy']).toMatchObject({
      result: 'success',
      outputs: { outcome: 'passed', 'endpoint-status': 'Deleted', 'endpoint-action': 'deleted' },
    });
    expect(await leftInAws(example, 'apartments')).toEqual([]);
    expect([...checked.left, ...released.left, ...removed.left]).toEqual([]);
  });
});

describe('examples/two-variants', () => {
  /** Of another account in the example of a user; of local AWS here. */
  const vars = { AWS_ACCOUNT_ID: '123456789012' };
  const ALARMS = ['deliveries-candidate-5xx', 'deliveries-candidate-latency'] as const;
  const [FAILS] = ALARMS;
  let example: Example;
  let cloudwatch: CloudWatchClient;
  let checked: ActRun;
  let first: ActRun;
  let second: ActRun;
  let alarmed: ActRun;
  let afterAlarm: { weights: unknown; versions: unknown; approvals: unknown };
  let released: ActRun;
  let afterRelease: typeof afterAlarm;
  let answers: readonly string[];
  let removed: ActRun;

  const state = async () => ({
    weights: await weights(example, 'deliveries'),
    versions: await liveVersions(example, 'deliveries'),
    approvals: await approvals(example, 'deliveries'),
  });
  const setAlarm = (StateValue: 'OK' | 'ALARM') =>
    cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: FAILS, StateValue, StateReason: `It is ${StateValue}.` }),
    );

  beforeAll(async () => {
    example = await openExample('two-variants');
    cloudwatch = new CloudWatchClient(example.aws.client());
    for (const AlarmName of ALARMS) {
      await cloudwatch.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Namespace: 'AWS/SageMaker',
          MetricName: AlarmName.endsWith('5xx') ? 'Invocation5XXErrors' : 'ModelLatency',
          ComparisonOperator: 'GreaterThanThreshold',
          ...{ EvaluationPeriods: 1, Period: 60, Statistic: 'Average', Threshold: 1 },
          TreatMissingData: 'notBreaching',
        }),
      );
    }
    await example.upload('container/sample/train', 'deliveries/train');
    checked = await example.run('pull-request.yml', { event: pullRequest(example) });
    first = await example.run('train.yml', { event: dispatch({ 'approval-status': 'Approved' }) });
    second = await example.run('train.yml');

    const { NODE_OPTIONS = '' } = recordsUse('end-to-end');
    const options = {
      vars,
      event: dispatch({ version: '2', steps: '2', interval: '1m' }),
      env: {
        NODE_OPTIONS: `${NODE_OPTIONS} --require=${join(REPOSITORY, 'test/integration/fast-time.cjs')}`,
        FAST_STAGES: 'shift',
      },
    };
    const running = example.run('release.yml', options);
    // Goes off as soon as the candidate has more of the traffic.
    const watching = (async () => {
      for (const until = Date.now() + 60_000; Date.now() < until; await sleep(100)) {
        const { candidate = 0 } = await weights(example, 'deliveries').catch(() => ({}) as never);
        if (candidate > 1) return setAlarm('ALARM');
      }
      throw new Error('The candidate never got more of the traffic.');
    })();
    [alarmed] = await Promise.all([running, watching]);
    afterAlarm = await state();
    await setAlarm('OK');
    released = await example.run('release.yml', options);
    afterRelease = await state();
    answers = [
      await ask(example, 'deliveries', 'container/sample/payload.csv', 'text/csv'),
      await ask(example, 'deliveries', 'container/sample/payload.json', 'application/json'),
    ];
    removed = await example.run('undeploy.yml', { event: dispatch() });
  });
  afterAll(async () => {
    cloudwatch.destroy();
    await example.deleteEndpoints('deliveries');
    await example.close();
  });

  test('checks a pull request without AWS: the toolkit’s train, and the handler’s server', () => {
    expect(checked.exitCode).toBe(0);
    expect(checked.byJob['Container']?.outputs).toMatchObject({
      outcome: 'passed',
      'failed-checks': '',
      warnings: '',
    });
  });

  test('registers each training as a version: the first one approved, the next one waiting', () => {
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(first.byJob['Train']?.outputs).toMatchObject({
      'model-package-version': '1',
      'approval-status': 'Approved',
    });
    expect(second.byJob['Train']?.outputs).toMatchObject({
      'model-package-version': '2',
      'approval-status': 'PendingManualApproval',
    });
    // The hyperparameters have reached train.py as arguments.
    expect(second.log).toContain('train.py --epochs 100 --learning-rate 0.2');
  });

  test('takes the traffic back when an alarm goes off between two steps, and approves nothing', () => {
    expect(alarmed.exitCode).toBe(1);
    expect(alarmed.steps['Main Deploy both versions']).toBe('success');
    expect(alarmed.log).toContain('Step 1 of 2: current 4.5, candidate 5.5.');
    expect(alarmed.log).not.toContain('Step 2 of 2');
    expect(alarmed.steps['Main Shift the traffic to the candidate']).toBe('failure');
    expect(alarmed.summary).toContain(FAILS);
    expect(afterAlarm).toEqual({
      weights: { current: 9, candidate: 1 },
      versions: { current: 'model-package/deliveries/1', candidate: 'model-package/deliveries/2' },
      approvals: ['Approved', 'PendingManualApproval'],
    });
  });

  test('goes on from there: nothing is deployed anew, all of the traffic moves, and the version is approved', () => {
    expect(released.exitCode).toBe(0);
    expect(released.log).toContain('Unchanged');
    expect(released.log).toContain('Step 2 of 2: current 0, candidate 10.');
    expect(released.byJob['Release']?.outputs).toMatchObject({
      'model-package-version': '2',
      'approval-status': 'Approved',
    });
    expect(afterRelease).toEqual({
      weights: { current: 0, candidate: 10 },
      versions: { current: 'model-package/deliveries/1', candidate: 'model-package/deliveries/2' },
      approvals: ['Approved', 'Approved'],
    });
  });

  test('answers CSV and JSON', () => {
    const [csv = '', json = ''] = answers;
    expect(JSON.parse(json)).toEqual([expect.any(Number), expect.any(Number)]);
    expect(JSON.parse(csv)).toEqual(JSON.parse(json));
  });

  test('is removed by its own workflow: nothing is left, in AWS or on the runner', async () => {
    expect(removed.byJob['Undeploy']).toMatchObject({ result: 'success', outputs: { outcome: 'passed' } });
    expect(await leftInAws(example, 'deliveries')).toEqual([]);
    const runs = [checked, first, second, alarmed, released, removed];
    expect(runs.flatMap(({ left }) => left)).toEqual([]);
  });
});

/** Last values that the training of a run gave. */
const metricsOf = (run: ActRun | undefined) => JSON.parse(run?.byJob['Train']?.outputs['metrics'] ?? '{}');

describe('examples/scheduled-retraining', () => {
  const schedule = { name: 'schedule', payload: { schedule: '17 4 * * 1' } };
  let example: Example;
  let checked: ActRun;
  /** Of three weeks. */
  let runs: readonly ActRun[];
  let live: readonly unknown[];
  let answer: string;
  let removed: ActRun;

  beforeAll(async () => {
    example = await openExample('scheduled-retraining');
    await example.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: 'loans' }));
    // What GitHub's runners have on their PATH.
    const env = { PATH: `${dirname(AWS_CLI)}:${process.env['PATH']}` };
    const all = example.read('container/sample/train/loans.csv');
    const [header = '', ...rows] = all.split('\n').filter(Boolean);
    // In the first weeks, hardly anybody pays late.
    const early = [header, ...rows.filter((row) => Number(row.split(',')[2]) <= 1)].join('\n');
    await example.upload('container/sample/validation', 'loans/validation');
    checked = await example.run('pull-request.yml', { event: pullRequest(example) });
    const weeks: [ActRun, unknown][] = [];
    for (const data of [early, early, all]) {
      await example.put('loans/train/loans.csv', data);
      const run = await example.run('retrain.yml', { event: schedule, env });
      weeks.push([
        run,
        { versions: await liveVersions(example, 'loans'), approvals: await approvals(example, 'loans') },
      ]);
    }
    runs = weeks.map(([run]) => run);
    live = weeks.map(([, versions]) => versions);
    if (runs.at(-1)?.exitCode === 0)
      answer = await ask(example, 'loans', 'container/sample/payload.csv', 'text/csv');
    removed = await example.run('undeploy.yml', { event: dispatch() });
  });
  afterAll(async () => {
    await example.deleteEndpoints('loans');
    await example.close();
  });

  test('checks a pull request without AWS, with no live model there', () => {
    expect(checked.exitCode).toBe(0);
    expect(checked.credentials).toEqual([]);
    expect(checked.log).toContain('There is no live model');
    expect(checked.byJob['Container']?.outputs).toMatchObject({
      outcome: 'passed',
      'failed-checks': '',
      warnings: '',
    });
  });

  test('deploys the first model, which beats the most frequent answer, and approves it', () => {
    const [run] = runs;
    expect(run?.log).toContain('No version is live.');
    expect(metricsOf(run)).toEqual({ 'validation:accuracy': 0.875, 'live:accuracy': 0.625 });
    expect(run?.summary).toContain('Version 1 of loans is better, and is deployed.');
    expect(run?.byJob['Deploy']?.result).toBe('success');
    expect(run?.exitCode).toBe(0);
    expect(live[0]).toEqual({ versions: { AllTraffic: 'model-package/loans/1' }, approvals: ['Approved'] });
  });

  test('registers one that is no better than the live one, and is green: the endpoint is not touched', () => {
    const run = runs[1];
    // The live model was asked again, on the data of the day.
    expect(metricsOf(run)).toEqual({ 'validation:accuracy': 0.875, 'live:accuracy': 0.875 });
    expect(run?.summary).toContain('Version 2 of loans is no better: not deployed.');
    expect(run?.byJob['Train']?.outputs['image-tags']).toBe(runs[0]?.byJob['Train']?.outputs['image-tags']);
    expect(run?.byJob['Deploy']?.outputs ?? {}).toEqual({});
    expect(run?.exitCode).toBe(0);
    expect(live[1]).toEqual({
      versions: { AllTraffic: 'model-package/loans/1' },
      approvals: ['Approved', 'PendingManualApproval'],
    });
  });

  test('deploys one that is better than the live one, and approves it', () => {
    const run = runs[2];
    expect(metricsOf(run)).toEqual({ 'validation:accuracy': 0.975, 'live:accuracy': 0.875 });
    expect(run?.summary).toContain('Version 3 of loans is better, and is deployed.');
    expect(run?.exitCode).toBe(0);
    expect(live[2]).toEqual({
      versions: { AllTraffic: 'model-package/loans/3' },
      approvals: ['Approved', 'PendingManualApproval', 'Approved'],
    });
    expect(answer).toBe(example.read('container/sample/expected.csv'));
  });

  test('is removed by its own workflow: nothing is left, in AWS or on the runner', async () => {
    expect(removed.byJob['Undeploy']).toMatchObject({ result: 'success', outputs: { outcome: 'passed' } });
    expect(await leftInAws(example, 'loans')).toEqual([]);
    expect([checked, ...runs, removed].flatMap(({ left }) => left)).toEqual([]);
  });
});
