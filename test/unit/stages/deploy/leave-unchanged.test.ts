import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createDocker } from '../../../../src/docker/docker.js';
import type { EndpointPlan } from '../../../../src/plan.js';
import { deploy } from '../../../../src/stages/deploy.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { FakeHosting, json, trouble } from './fake-hosting.js';
import { deployPlan, SOURCE } from './plans.js';

const EARLIER = 'The new version of last week is not healthy.';
const FIRST = { ...SOURCE, commit: '1'.repeat(40) };
const SECOND = { ...SOURCE, commit: '2'.repeat(40) };
const THIRD = { ...SOURCE, commit: '3'.repeat(40) };

let folder: string;
let clock: VirtualClock;
let aws: FakeHosting;
let log: SeenLog;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leave-unchanged-'));
  await writeFile(join(folder, 'rows.csv'), '1,2,3\n');
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeHosting(clock);
  log = new SeenLog();
});

function deployed(version: string, source = SOURCE, change: Partial<EndpointPlan> = {}) {
  const payload = {
    ...{ path: join(folder, 'rows.csv'), contentType: 'text/csv' },
    ...{ accept: 'application/json', expect: 'true' },
  };
  const plan = deployPlan({
    environment: new Map([['VERSION', version]]),
    proof: { payloads: [payload], repeats: 1 },
    ...change,
  });
  const context = {
    ...{ docker: createDocker({}), runId: '0123456789ab', tempDir: folder, log, source },
    signal: new AbortController().signal,
  };
  const world = { onKnown: () => {}, remember: () => {}, clock, connect: aws.connect };
  return clock.run(deploy(context, { ...plan, workspace: folder }, {}, world));
}

test('what is live already comes with the commit that made it, and the way back', async () => {
  const { endpoint: before } = await deployed('1', FIRST);
  await deployed('2', SECOND);
  const { endpoint } = await deployed('2', THIRD);
  expect(endpoint).toMatchObject({
    action: 'unchanged',
    commit: SECOND.commit,
    previousConfigName: before?.configName,
    goBack: `aws sagemaker update-endpoint --endpoint-name churn --endpoint-config-name ${before?.configName} --retain-all-variant-properties --region eu-west-1`,
  });
  // This run has changed nothing.
  expect(endpoint?.changes).toBeUndefined();
});

test('a new auto-scaling leaves what is live to the commit that made it', async () => {
  await deployed('1', FIRST);
  const autoScaling = { minCapacity: 1, maxCapacity: 4, invocationsPerInstance: 100 };
  const { endpoint } = await deployed('1', SECOND, { autoScaling });
  expect(endpoint).toMatchObject({ action: 'updated', commit: FIRST.commit });
});

test('a first one that is live already has no way back, and neither has one whose configuration before is gone', async () => {
  const { endpoint: first } = await deployed('1', FIRST);
  const again = await deployed('1', SECOND);
  expect(again.endpoint?.commit).toBe(FIRST.commit);
  expect(again.endpoint?.goBack).toBeUndefined();
  await deployed('2', SECOND);
  aws.configs.delete(first?.configName ?? '');
  const { endpoint } = await deployed('2', THIRD);
  expect(endpoint?.commit).toBe(SECOND.commit);
  expect(endpoint?.goBack).toBeUndefined();
});

test('tags that may not be read leave both out, and the run green', async () => {
  await deployed('1', FIRST);
  await deployed('2', SECOND);
  let configSeen = false;
  aws.fault = (operation) => {
    configSeen ||= operation === 'describeConfig';
    return configSeen && operation === 'tags' ? trouble('access-denied') : undefined;
  };
  const result = await deployed('2', THIRD);
  expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged' } });
  expect(result.endpoint?.commit).toBeUndefined();
  expect(result.endpoint?.goBack).toBeUndefined();
});

test('the reason of an update before this run is not told as its own', async () => {
  const { endpoint: first } = await deployed('1');
  aws.change('churn', [{ at: 0, status: 'InService', config: first?.configName ?? '', reason: EARLIER }]);
  const result = await deployed('1');
  expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged' } });
  expect(result.endpoint?.failureReason).toBeUndefined();
  expect(log.info_.join()).not.toContain(EARLIER);
});

test('the reason of an update before this run is not why the proof fails', async () => {
  const { endpoint: first } = await deployed('1');
  const reason =
    'The primary container for production variant AllTraffic did not pass the ping health check.';
  aws.change('churn', [{ at: 0, status: 'InService', config: first?.configName ?? '', reason }]);
  aws.answer = () => json('{"ok": false}');
  const result = await deployed('1');
  expect(result.outcome).toBe('failed');
  expect(result.failure?.message).toContain('does not answer as it should');
  expect(JSON.stringify([result.diagnosis, result.endpoint?.failureReason])).not.toContain('ping');
});

test('an update that is taken back for a reason that was there before says since when', async () => {
  const { endpoint: first } = await deployed('1');
  const back = { at: 60, status: 'InService', config: first?.configName ?? '', reason: EARLIER };
  aws.change('churn', [{ ...back, at: 0 }]);
  aws.update = () => [{ at: 0, status: 'Updating', reason: EARLIER }, back];
  const result = await deployed('2');
  expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'restored' } });
  expect(result.failure?.message).toContain(
    `SageMaker gives the reason that it gave before this update already: ${EARLIER}`,
  );
  expect(result.endpoint?.failureReason).toBeUndefined();
});

test('an update that fails for a new reason has that one', async () => {
  const { endpoint: first } = await deployed('1');
  const config = first?.configName ?? '';
  aws.change('churn', [{ at: 0, status: 'InService', config, reason: EARLIER }]);
  aws.update = () => [
    { at: 0, status: 'Updating', reason: EARLIER },
    { at: 60, status: 'InService', config, reason: 'An alarm.' },
  ];
  const result = await deployed('2');
  expect(result.endpoint?.failureReason).toBe('An alarm.');
  expect(result.failure?.message).toContain('An alarm.');
  expect(result.failure?.message).not.toContain(EARLIER);
});

test('another model at the same address is deployed', async () => {
  const { endpoint: first } = await deployed('1', FIRST);
  aws.etag = () => 'e2';
  const { endpoint } = await deployed('1', SECOND);
  expect(endpoint).toMatchObject({ action: 'updated', previousConfigName: first?.configName });
});

test('a model that may not be read is not silently taken for the same', async () => {
  aws.fault = (operation) => (operation === 'getObject' ? trouble('access-denied') : undefined);
  await deployed('1', FIRST);
  const result = await deployed('1', SECOND);
  expect(result).toMatchObject({
    outcome: 'passed',
    endpoint: { action: 'unchanged', modelUnread: true },
    detail: expect.stringMatching(
      /Whether what is at s3:\/\/models\/churn\/1\/model\.tar\.gz is still the model that it serves is not known\.$/,
    ),
    notices: [
      expect.stringMatching(/^Which model is at s3:.*model\.tar\.gz \(variant AllTraffic\) is not known/),
    ],
  });
});
