import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CanceledError, createDocker } from '../../../../src/docker/docker.js';
import type { EndpointPlan, EndpointRecord, Plan, SamplePayload } from '../../../../src/plan.js';
import type { DeploymentState } from '../../../../src/runner/state.js';
import { undoDeployment } from '../../../../src/stages/deploy/undo.js';
import { type DeployResult, deploy } from '../../../../src/stages/deploy.js';
import { ENDPOINT_TAG, pinningTags } from '../../../../src/stages/pinning-tags.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { CREATED, FakeHosting, json, ROLLED_BACK, refused, trouble, UPDATED } from './fake-hosting.js';
import { deployPlan, IMAGE_URI, SOURCE, variant } from './plans.js';

const OLD = 'churn-old0000000';
const OTHER_DIGEST = IMAGE_URI.replace(/ab/g, 'cd');

let folder: string;
let sample: SamplePayload;
let clock: VirtualClock;
let aws: FakeHosting;
let log: SeenLog;
let known: EndpointRecord[];
let remembered: (DeploymentState | undefined)[];
let cancel: AbortController;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deploy-'));
  await writeFile(join(folder, 'rows.csv'), '1,2,3\n');
  sample = {
    path: join(folder, 'rows.csv'),
    contentType: 'text/csv',
    accept: 'application/json',
    expect: 'true',
  };
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeHosting(clock);
  log = new SeenLog();
  known = [];
  remembered = [];
  cancel = new AbortController();
});

const proof = () => ({ payloads: [sample], repeats: 2 });

function deployWith(
  change: Partial<EndpointPlan> = {},
  follow: Partial<Plan['follow']> = {},
  source = SOURCE,
): Promise<DeployResult> {
  const context = {
    docker: createDocker({}),
    runId: '0123456789ab',
    tempDir: folder,
    log,
    signal: cancel.signal,
    source,
  };
  const plan = { ...deployPlan({ proof: proof(), ...change }, follow), workspace: folder };
  return clock.run(
    deploy(
      context,
      plan,
      {},
      {
        onKnown: (record) => known.push(record),
        remember: (state) => remembered.push(state),
        clock,
        connect: aws.connect,
      },
    ),
  );
}

/** The endpoint as an earlier deployment of this repository has left it. */
function addLive(tags = pinningTags(SOURCE), name = 'churn'): void {
  const made = pinningTags(SOURCE, new Map());
  const Tags = [...made, [ENDPOINT_TAG, name] as const].map(([Key, Value]) => ({ Key, Value }));
  const hour = clock.now() - 3_600_000;
  aws.models.set('churn-AllTraffic-old0000000', {
    request: {
      ModelName: 'churn-AllTraffic-old0000000',
      PrimaryContainer: { Image: OTHER_DIGEST, ModelDataUrl: 's3://models/churn/0/model.tar.gz' },
      ExecutionRoleArn: 'arn:aws:iam::123456789012:role/serving',
      Tags,
    },
    made: hour,
  });
  aws.configs.set(OLD, {
    request: {
      EndpointConfigName: OLD,
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          ModelName: 'churn-AllTraffic-old0000000',
          InitialInstanceCount: 1,
          InitialVariantWeight: 1,
          InstanceType: 'ml.m5.large',
        },
      ],
      Tags,
    },
    made: hour,
  });
  aws.add(name, OLD, tags);
}

const live = () => aws.status('churn')?.config;
/** The configuration that was made last. */
const newest = () => [...aws.configs.keys()].at(-1) ?? '';
const text = () => log.info_.join('\n');

describe('an endpoint that is not there', () => {
  test('is created, proven, and known by exact names', async () => {
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: expect.stringMatching(
        /^Created the endpoint churn: it is live on churn-[0-9a-f]{10}, and has answered 2 requests\.$/,
      ),
      endpoint: {
        status: 'InService',
        action: 'created',
        region: 'eu-west-1',
        variants: [{ name: 'AllTraffic', image: IMAGE_URI, instanceType: 'ml.m5.large' }],
        proof: { passed: true, p50Seconds: 0.02, p95Seconds: 0.02 },
      },
    });
    expect(result.endpoint?.configName).toBe(result.endpoint?.wantedConfigName);
    expect(result.endpoint?.goBack).toBeUndefined();
    expect(aws.changes).toEqual([
      expect.stringMatching(/^createModel churn-AllTraffic-[0-9a-f]{10}$/),
      expect.stringMatching(/^createConfig churn-[0-9a-f]{10}$/),
      'createEndpoint churn',
    ]);
  });

  test('and its model and configuration carry the tags that lead to the commit', async () => {
    await deployWith();
    const made = [...aws.models.values(), ...aws.configs.values()];
    for (const { request } of made) {
      expect(request.Tags).toEqual(
        expect.arrayContaining([
          { Key: 'sagemaker-byoc:repository', Value: SOURCE.repository },
          { Key: 'sagemaker-byoc:endpoint', Value: 'churn' },
        ]),
      );
    }
    expect(aws.endpoints.get('churn')?.tags.get('sagemaker-byoc:commit')).toBe(SOURCE.commit);
  });

  test('is remembered before it is made, and let go of when it is proven', async () => {
    aws.fault = (operation) => {
      if (operation === 'createEndpoint') expect(remembered).toHaveLength(1);
      return undefined;
    };
    await deployWith();
    expect(remembered[0]).toMatchObject({
      endpointName: 'churn',
      firstCreation: true,
      created: false,
      undo: true,
    });
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('tells each status once, with the time it took', async () => {
    const { endpoint } = await deployWith();
    expect(endpoint?.transitions.map(({ status }) => status)).toEqual(['Creating', 'InService']);
    expect(endpoint?.transitions[0]?.seconds).toBeGreaterThanOrEqual(180);
    expect(text()).toMatch(/InService \(Creating took 3 min/);
  });

  test('without samples is in service, and that is all that is said', async () => {
    const result = await deployWith({ proof: { payloads: [], repeats: 1 } });
    expect(result.outcome).toBe('passed');
    expect(result.endpoint?.proof).toBeUndefined();
    expect(result.notices?.join()).toContain('whether it answers is not known');
  });

  test('is retried while AWS does not see the configuration that was made a moment ago', async () => {
    aws.fault = (operation, nth) =>
      operation === 'createEndpoint' && nth <= 2
        ? refused('Could not find endpoint configuration "arn:aws:sagemaker:eu-west-1:1:endpoint-config/x".')
        : undefined;
    expect((await deployWith()).outcome).toBe('passed');
    expect(aws.count('createEndpoint')).toBe(3);
  });

  test('whose creation’s answer is lost is this run’s own', async () => {
    aws.lostAnswer = (operation, nth) =>
      operation === 'createEndpoint' && nth === 1 ? trouble('network') : undefined;
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'created' } });
  });

  test('that another run has just created is updated', async () => {
    aws.fault = (operation, nth) => {
      if (operation !== 'createEndpoint' || nth > 1) return undefined;
      addLive();
      return undefined;
    };
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
  });
});

describe('an endpoint that is live', () => {
  beforeEach(() => addLive());

  test('is updated, and the way back is said', async () => {
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'passed',
      endpoint: { action: 'updated', status: 'InService', previousConfigName: OLD },
    });
    expect(live()).toBe(result.endpoint?.wantedConfigName);
    expect(result.endpoint?.goBack).toBe(
      `aws sagemaker update-endpoint --endpoint-name churn --endpoint-config-name ${OLD} --retain-all-variant-properties --region eu-west-1`,
    );
    expect(aws.updates).toMatchObject([{ RetainAllVariantProperties: true }]);
    expect(aws.updates[0]?.ExcludeRetainedVariantProperties).toBeUndefined();
  });

  test('keeps the configuration before and its model', async () => {
    await deployWith();
    expect(aws.configs.has(OLD)).toBe(true);
    expect(aws.models.has('churn-AllTraffic-old0000000')).toBe(true);
  });

  test('takes the tags of the run that made what is live', async () => {
    await deployWith({}, {}, { ...SOURCE, commit: '1111111111111111111111111111111111111111' });
    expect(aws.endpoints.get('churn')?.tags.get('sagemaker-byoc:commit')).toMatch(/^1{40}$/);
  });

  test('with nothing new is unchanged: no call changes anything', async () => {
    await deployWith();
    const before = aws.changes.length;
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: expect.stringMatching(/^Unchanged: /),
      endpoint: { action: 'unchanged', proof: { passed: true } },
    });
    expect(aws.changes.slice(before)).toEqual([]);
  });

  test('with nothing new, that does not answer, is red', async () => {
    await deployWith();
    aws.answer = () => json('{"ok": false}');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'unchanged' } });
  });

  test('loses the configurations and models before last, and nothing else', async () => {
    const first = await deployWith();
    const second = await deployWith({ environment: new Map([['VERSION', '2']]) });
    expect(second.endpoint?.removed.map(({ kind, name, result }) => `${kind} ${name} ${result}`)).toEqual([
      `endpoint-config ${OLD} removed`,
      'model churn-AllTraffic-old0000000 removed',
    ]);
    expect(aws.configs.has(first.endpoint?.wantedConfigName ?? '')).toBe(true);
  });

  test.each([
    ['OutOfService', 'updated'],
    ['UpdateRollbackFailed', 'updated'],
    ['Failed', 'replaced'],
  ])('that was %s keeps the newest that was proven, to go back to', async (status, action) => {
    const good = (await deployWith()).endpoint?.wantedConfigName ?? '';
    const next = { environment: new Map([['VERSION', '2']]) };
    aws.update = () => [
      { at: 0, status: 'Updating' },
      { at: 60, status, config: newest() },
    ];
    expect((await deployWith(next)).outcome).toBe('failed');
    const bad = newest();
    aws.update = UPDATED;
    const result = await deployWith({ environment: new Map([['VERSION', '3']]) });
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action } });
    expect([...aws.configs.keys()]).toEqual(
      expect.arrayContaining([good, ...(action === 'updated' ? [bad] : [])]),
    );
    // What was live before the good one is of no use any more.
    expect(aws.configs.has(OLD)).toBe(false);
  });

  test('that went out of service keeps one besides, though it was proven once', async () => {
    const first = (await deployWith()).endpoint?.wantedConfigName ?? '';
    const second = await deployWith({ environment: new Map([['VERSION', '2']]) });
    aws.change('churn', [{ at: 0, status: 'OutOfService' }]);
    const third = await deployWith({ environment: new Map([['VERSION', '3']]) });
    expect([...aws.configs.keys()]).toEqual([
      first,
      second.endpoint?.wantedConfigName,
      third.endpoint?.wantedConfigName,
    ]);
  });

  test.each([
    ['another repository', 'sagemaker-byoc:repository', 'octo-org/other'],
    ['another endpoint', ENDPOINT_TAG, 'churn-eu'],
  ])('never removes what was made for %s', async (_, key, value) => {
    await deployWith();
    for (const { request } of [aws.models.get('churn-AllTraffic-old0000000'), aws.configs.get(OLD)].flatMap(
      (made) => made ?? [],
    )) {
      for (const tag of request.Tags ?? []) if (tag.Key === key) Object.assign(tag, { Value: value });
    }
    const result = await deployWith({ environment: new Map([['VERSION', '2']]) });
    expect(result.endpoint?.removed).toEqual([]);
    expect(aws.configs.has(OLD)).toBe(true);
  });

  test('never removes what another run has just made, to put it live', async () => {
    await deployWith();
    const young = clock.now();
    const Tags = aws.configs.get(OLD)?.request.Tags;
    const model = { ModelName: 'churn-AllTraffic-new0000000', ExecutionRoleArn: 'arn', Tags };
    aws.models.set('churn-AllTraffic-new0000000', { request: model, made: young });
    aws.models.set('churn-AllTraffic-lone000000', { request: model, made: young });
    const ProductionVariants = [{ VariantName: 'AllTraffic', ModelName: 'churn-AllTraffic-new0000000' }];
    const request = { EndpointConfigName: 'churn-new0000000', ProductionVariants, Tags };
    aws.configs.set('churn-new0000000', { request, made: young });
    await deployWith({ environment: new Map([['VERSION', '2']]) });
    expect(aws.configs.has(OLD)).toBe(false);
    expect(aws.configs.has('churn-new0000000')).toBe(true);
    expect(aws.models.has('churn-AllTraffic-new0000000')).toBe(true);
    expect(aws.models.has('churn-AllTraffic-lone000000')).toBe(true);
    await clock.run(clock.sleep(3_600_000));
    await deployWith({ environment: new Map([['VERSION', '3']]) });
    expect(aws.configs.has('churn-new0000000')).toBe(false);
    expect(aws.models.has('churn-AllTraffic-lone000000')).toBe(false);
  });

  test('never removes what another run puts back live at that moment', async () => {
    await deployWith();
    aws.fault = (operation) => {
      // Everything was asked for by then, but for the endpoint right before a removal.
      if (operation === 'listEndpoints') listed = true;
      if (listed && operation === 'describeConfig') {
        listed = false;
        aws.change('churn', UPDATED(OLD), OLD);
      }
      return undefined;
    };
    let listed = false;
    const result = await deployWith({ environment: new Map([['VERSION', '2']]) });
    expect(result.endpoint?.removed).toEqual([]);
    expect(aws.configs.has(OLD)).toBe(true);
  });

  test('never removes what another endpoint runs', async () => {
    await deployWith();
    aws.add('churn-shadow', OLD, new Map());
    const result = await deployWith({ environment: new Map([['VERSION', '2']]) });
    expect(result.endpoint?.removed).toEqual([]);
  });

  test('of another repository is refused, with the fix', async () => {
    aws.add('churn', OLD, new Map([['sagemaker-byoc:repository', 'octo-org/other']]));
    await expect(deployWith()).rejects.toThrow(StageFailure);
    expect(aws.changes).toEqual([]);
  });

  test('made by hand is updated, since it was named, and said to be so', async () => {
    aws.add('churn', OLD, new Map());
    const result = await deployWith();
    expect(result.outcome).toBe('passed');
    expect(result.notices?.join()).toContain('was not made by this repository');
    expect(aws.changes.join()).not.toContain('tagEndpoint');
  });

  test('whose update’s answer is lost is followed all the same', async () => {
    aws.lostAnswer = (operation, nth) =>
      operation === 'updateEndpoint' && nth === 1 ? trouble('network') : undefined;
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
    expect(aws.updates).toHaveLength(1);
  });

  test('that somebody else is updating is waited for, then updated', async () => {
    aws.fault = (operation, nth) => {
      if (operation === 'updateEndpoint' && nth === 1) aws.change('churn', UPDATED(OLD), OLD);
      return undefined;
    };
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
    expect(aws.count('updateEndpoint')).toBe(2);
  });

  test('has the whole time for its own update, however long others were waited for', async () => {
    aws.change('churn', [
      { at: 0, status: 'Updating' },
      { at: 520, status: 'InService', config: OLD },
    ]);
    const result = await deployWith({ timeoutSeconds: 600 });
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
  });

  test('that AWS shows as before for a moment is not taken for a rollback', async () => {
    aws.update = (config) => [
      { at: -3_600, status: 'InService', config: OLD },
      { at: 12, status: 'Updating' },
      { at: 100, status: 'InService', config },
    ];
    expect((await deployWith()).outcome).toBe('passed');
  });

  test('that AWS shows as before for a moment after an outage is not taken for a rollback either', async () => {
    const modified = clock.now() - 3_600_000;
    aws.fault = (operation, nth) =>
      operation === 'updateEndpoint' && nth <= 5 ? trouble('network') : undefined;
    aws.update = (config) => [
      { at: (modified - clock.now()) / 1000, status: 'InService', config: OLD },
      { at: 12, status: 'Updating' },
      { at: 100, status: 'InService', config },
    ];
    expect((await deployWith()).outcome).toBe('passed');
  });

  test.each([
    [
      'count',
      variant({ hosting: { kind: 'instance', type: 'ml.m5.large', count: 3 } }),
      'DesiredInstanceCount',
    ],
    ['weight', variant({ weight: 2 }), 'DesiredWeight'],
  ])('does not keep what the plan changes: its %s', async (_, changed, property) => {
    await deployWith({ variants: [changed] });
    expect(aws.updates[0]?.ExcludeRetainedVariantProperties).toEqual([{ VariantPropertyType: property }]);
  });
});

describe('each status that an endpoint can be in', () => {
  const inMotion = ['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'SomethingNew'];

  test.each(inMotion)('%s is waited for', async (status) => {
    addLive();
    aws.change('churn', [
      { at: 0, status },
      { at: 120, status: 'InService', config: OLD },
    ]);
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
    expect(text()).toContain('The endpoint churn is waited for: ');
    expect(aws.calls.find(({ operation }) => operation === 'updateEndpoint')?.at).toBeGreaterThanOrEqual(
      (aws.calls[0]?.at ?? 0) + 120_000,
    );
  });

  test.each(inMotion)('%s for ever is a failure, and nothing was changed', async (status) => {
    addLive();
    aws.change('churn', [{ at: 0, status }]);
    const result = await deployWith({ timeoutSeconds: 600 });
    expect(result).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining(`was still ${status} after 10 min`) },
    });
    expect(aws.changes).toEqual([]);
  });

  test('Deleting is waited for, then the endpoint is created', async () => {
    addLive();
    aws.change('churn', [
      { at: 0, status: 'Deleting' },
      { at: 60, status: 'Gone' },
    ]);
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'created' } });
  });

  test('Failed is deleted and created anew', async () => {
    addLive();
    aws.change('churn', [{ at: 0, status: 'Failed', reason: 'It did not start.' }]);
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'replaced' } });
    expect(aws.changes.filter((change) => change.endsWith(' churn'))).toEqual([
      'removeEndpoint churn',
      'createEndpoint churn',
    ]);
  });

  test('Failed that others delete while it is asked for its tags is created anew', async () => {
    addLive();
    aws.change('churn', [{ at: 0, status: 'Failed' }]);
    aws.fault = (operation, nth) => {
      if (operation === 'tags' && nth === 1) aws.endpoints.clear();
      return undefined;
    };
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'created' } });
  });

  test('Failed that was made by hand is left alone, with the fix', async () => {
    addLive(new Map());
    aws.change('churn', [{ at: 0, status: 'Failed' }]);
    await expect(deployWith()).rejects.toMatchObject({
      failure: { fix: expect.stringContaining('aws sagemaker delete-endpoint --endpoint-name churn') },
    });
    expect(aws.changes).toEqual([]);
  });

  test('OutOfService is updated', async () => {
    addLive();
    aws.change('churn', [{ at: 0, status: 'OutOfService' }]);
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
  });

  test('OutOfService on what is wanted is replaced', async () => {
    addLive();
    await deployWith();
    aws.change('churn', [{ at: 0, status: 'OutOfService' }]);
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'replaced' } });
  });

  test('UpdateRollbackFailed is updated', async () => {
    addLive();
    aws.change('churn', [{ at: 0, status: 'UpdateRollbackFailed' }]);
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
  });
});

const TRACEBACK = [
  'Starting the server',
  'Traceback (most recent call last):',
  '  File "/opt/program/serve.py", line 2, in <module>',
  '    import torch',
  "ModuleNotFoundError: No module named 'torch'",
];
const crashing = (every: number, times: number) =>
  Array.from({ length: times }, (_, start) =>
    TRACEBACK.map((message) => ({ at: 20 + start * every, message })),
  ).flat();

describe('an update that fails is red, whatever AWS says', () => {
  beforeEach(() => addLive());

  test.each([
    [
      'a reason',
      'The primary container for production variant AllTraffic did not pass the ping health check.',
    ],
    ['none', undefined],
  ])('a silent rollback, with %s', async (_, reason) => {
    aws.update = () => ROLLED_BACK(reason);
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining(`is in service on ${OLD}, not on`),
      failure: { message: expect.stringContaining(reason ?? 'SageMaker gives no reason') },
      endpoint: { status: 'InService', configName: OLD, action: 'restored', restoredProof: { passed: true } },
    });
    expect(result.diagnosis).toBeDefined();
    expect(aws.configs.has(OLD)).toBe(true);
    expect(aws.changes.join()).not.toMatch(/remove/);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('a rollback with the container’s traceback names the line', async () => {
    await writeFile(join(folder, 'serve.py'), 'import json\nimport torch\n');
    aws.update = () => ROLLED_BACK('did not pass the ping health check');
    aws.logs = () => ({ 'AllTraffic/i-1': TRACEBACK.map((message) => ({ at: 20, message })) });
    const result = await deployWith();
    expect(result.annotations).toMatchObject([{ location: { path: 'serve.py', line: 2 } }]);
    expect(result.diagnosis?.cause).toContain('torch');
    expect(log.untrusted_).toContain("AllTraffic | ModuleNotFoundError: No module named 'torch'");
  });

  test('another image than the one that was asked for', async () => {
    aws.update = (config) => [
      { at: 0, status: 'Updating' },
      { at: 90, status: 'InService', config, image: OTHER_DIGEST },
    ];
    const result = await deployWith();
    expect(result.outcome).toBe('failed');
    expect(result.detail).toContain(
      `runs the image sha256:${'cd'.repeat(32)}, not sha256:${'ab'.repeat(32)}`,
    );
  });

  test.each(['Failed', 'OutOfService', 'UpdateRollbackFailed'])('%s at its end', async (status) => {
    aws.update = () => [
      { at: 0, status: 'Updating' },
      { at: 90, status, reason: 'It broke.' },
    ];
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { status } });
    expect(result.failure?.message).toContain('It broke.');
    expect(aws.changes.join()).not.toMatch(/remove/);
  });

  test('the endpoint is deleted meanwhile', async () => {
    aws.update = () => [
      { at: 0, status: 'Updating' },
      { at: 90, status: 'Deleting' },
      { at: 120, status: 'Gone' },
    ];
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('was deleted while') });
  });

  test('it takes too long: its state is said, and the endpoint left to SageMaker', async () => {
    aws.update = () => [{ at: 0, status: 'Updating' }];
    const result = await deployWith({ timeoutSeconds: 900 });
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('was not in service within 15 min (endpoint-timeout): it is Updating'),
      endpoint: { status: 'Updating' },
    });
    expect(result.detail).toContain(`${OLD} takes requests`);
  });

  test('a crash loop is told of at once, and the rollback followed', async () => {
    aws.logs = () => ({ 'AllTraffic/i-1': crashing(10, 30) });
    aws.update = () => ROLLED_BACK();
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { configName: OLD } });
    const told = log.info_.findIndex((line) => line.includes('ends each time it is started'));
    const back = log.info_.findIndex((line) => line.startsWith('RollingBack'));
    expect(told).toBeGreaterThan(-1);
    expect(told).toBeLessThan(back);
    expect(log.info_[told]).toContain(`${OLD} stays live`);
  });

  test.each([
    [
      'rolls back with a reason',
      ROLLED_BACK(
        'The primary container for production variant AllTraffic did not pass the ping health check.',
      ),
      900,
    ],
    ['rolls back with none', ROLLED_BACK(), 900],
    ['does not end', [{ at: 0, status: 'Updating' }], 600],
  ])(
    'a crash loop is the reason of an update that %s, with its traceback',
    async (_, steps, timeoutSeconds) => {
      await writeFile(join(folder, 'serve.py'), 'import json\nimport torch\n');
      aws.logs = () => ({ 'AllTraffic/i-1': crashing(10, 30) });
      aws.update = () => steps;
      const result = await deployWith({ timeoutSeconds });
      expect(result).toMatchObject({
        outcome: 'failed',
        detail: expect.stringContaining('ends each time it is started'),
        diagnosis: { class: 'python-module-missing', location: { path: 'serve.py', line: 2 } },
      });
      expect(result.detail).toContain("It ended with: ModuleNotFoundError: No module named 'torch'");
      expect(result.detail).toContain(timeoutSeconds === 900 ? `${OLD} is live` : 'The update to churn-');
      expect(result.diagnosis?.cause).toContain('torch');
    },
  );

  test('AWS refuses it', async () => {
    aws.fault = (operation) =>
      operation === 'updateEndpoint'
        ? trouble('access-denied', 'AWS denies sagemaker:UpdateEndpoint.', 'AccessDeniedException')
        : undefined;
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('was not updated, and is as it was'),
    });
    expect(live()).toBe(OLD);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('AWS refuses the model', async () => {
    aws.fault = (operation) =>
      operation === 'createModel'
        ? refused('Unsupported manifest media type application/vnd.oci.image.index.v1+json for image x.')
        : undefined;
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', diagnosis: { id: 'A16' } });
    expect(live()).toBe(OLD);
  });
});

describe('a new version that does not answer as it should', () => {
  const answers = {
    'another content': () => json('{"ok": false}'),
    'another content type': () => ({ ...json('{"ok": true}'), contentType: 'text/html' }),
    'an error of the container': () => ({ kind: 'refused' as const, status: 500, message: 'boom' }),
    'nothing for want of permission': () => trouble('access-denied', 'AWS denies sagemaker:InvokeEndpoint.'),
    'that it is not ready, for too long': () => trouble('throttled', 'Model is not ready.'),
  };

  test.each(Object.entries(answers).slice(0, 4))(
    'by %s: the one before is put back and proven',
    async (_, answer) => {
      addLive();
      aws.answer = (config) => (config === OLD ? json('{"ok": true}') : answer());
      const result = await deployWith();
      expect(result).toMatchObject({
        outcome: 'failed',
        endpoint: { action: 'restored', configName: OLD, restoredProof: { passed: true } },
      });
      expect(result.detail).toMatch(/came into service, but .*was put back, and is live\. It answers/s);
      expect(aws.updates).toMatchObject([
        { RetainAllVariantProperties: true },
        { EndpointConfigName: OLD, RetainAllVariantProperties: true },
      ]);
      expect(live()).toBe(OLD);
      expect(aws.changes.join()).not.toMatch(/remove/);
      expect(remembered.at(-1)).toBeUndefined();
    },
  );

  test.each(Object.entries(answers).slice(0, 4))(
    'by %s: nobody says that SageMaker went back',
    async (_, answer) => {
      addLive();
      aws.answer = (config) => (config === OLD ? json('{"ok": true}') : answer());
      const result = await deployWith();
      expect(result.endpoint?.action).toBe('restored');
      expect(result.diagnosis).toBeUndefined();
      expect(result.annotations).toBeUndefined();
      expect(result.failure?.fix).not.toContain('Read the endpoint’s log of the time of the update');
    },
  );

  test('with both proofs bad says both', async () => {
    addLive();
    aws.answer = (config) => json(config === OLD ? '"old"' : '"new"');
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'failed',
      endpoint: { proof: { passed: false }, restoredProof: { passed: false } },
    });
    expect(result.detail).toContain('It does not answer the samples as they should be either');
  });

  test('and cannot be taken back says so, and how by hand', async () => {
    addLive();
    aws.answer = () => json('"new"');
    aws.fault = (operation, nth) =>
      operation === 'updateEndpoint' && nth === 2 ? refused('The configuration is bad.') : undefined;
    const result = await deployWith();
    expect(result.detail).toContain('could not be put back');
    expect(result.failure?.fix).toContain(`--endpoint-config-name ${OLD}`);
    expect(remembered.at(-1)).toBeDefined();
  });

  test('whose way back fails too says where it is', async () => {
    addLive();
    aws.answer = () => json('"new"');
    aws.update = (config, nth) => (nth === 1 ? UPDATED(config) : ROLLED_BACK());
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', detail: expect.stringContaining('has not succeeded') });
  });

  test('with AWS out of reach is unknown, and remembered', async () => {
    addLive();
    aws.answer = () => trouble('network');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'unknown', endpoint: { status: 'Unknown' } });
    expect(remembered.at(-1)).toMatchObject({ previousConfigName: OLD, firstCreation: false });
  });

  test('only for a moment is asked again', async () => {
    addLive();
    aws.answer = (_config, _request, nth) =>
      nth <= 2 ? trouble('throttled', 'Model is not ready.') : json('{"ok": true}');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { proof: { samples: [{ requests: 2 }] } } });
  });

  test('that is too slow is taken back', async () => {
    addLive();
    aws.latency = 3;
    const result = await deployWith({ proof: { ...proof(), maxLatencySeconds: 1 } });
    expect(result).toMatchObject({
      outcome: 'failed',
      endpoint: { action: 'restored', proof: { p95Seconds: 3 } },
    });
    expect(result.detail).toContain('1 s are allowed');
  });

  test('at the first creation is deleted, with what was made for it', async () => {
    aws.answer = () => json('"new"');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'deleted', status: 'Deleted' } });
    expect(aws.status('churn')).toBeUndefined();
    expect(result.endpoint?.removed.map(({ kind }) => kind)).toEqual([
      'endpoint',
      'endpoint-config',
      'model',
    ]);
    expect(aws.models.size + aws.configs.size).toBe(0);
  });

  test('at the first creation is kept when the user says so', async () => {
    aws.answer = () => json('"new"');
    const result = await deployWith({ failedEndpoint: 'keep' });
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'created', status: 'InService' } });
    expect(result.detail).toContain('failed-endpoint is keep');
    expect(remembered.at(-1)).toBeUndefined();
  });
});

describe('an endpoint that others change at the same time', () => {
  const THEIRS = 'shop-theirs000000';
  /** A configuration of somebody else, which others may put live. */
  beforeEach(() => {
    addLive(pinningTags(SOURCE), 'shop');
    const old = aws.configs.get(OLD);
    if (old !== undefined) {
      aws.configs.set(THEIRS, { ...old, request: { ...old.request, EndpointConfigName: THEIRS } });
    }
  });
  /** While the first sample is answered, others begin an update. */
  const changedDuringProof = (answer: string, steps = UPDATED(THEIRS)) => {
    aws.answer = (_config, _request, nth) => {
      if (nth === 1) aws.change('churn', steps, THEIRS);
      return json(answer);
    };
  };
  const untouched = (result: DeployResult) => {
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('changed by others meanwhile'),
      endpoint: { changedByOthers: true },
    });
    expect(result.detail).not.toContain('went back');
    expect(aws.changes.join()).not.toContain('remove');
    expect(remembered.at(-1)).toBeUndefined();
  };

  test('while this run creates it is left alone', async () => {
    aws.creation = (config) => [
      { at: 0, status: 'Creating', config },
      { at: 101, status: 'Updating' },
      { at: 200, status: 'InService', config: THEIRS },
    ];
    untouched(await deployWith());
    expect(live()).toBe(THEIRS);
  });

  test('while this run’s update goes on is left alone', async () => {
    addLive();
    aws.update = () => [
      { at: 0, status: 'Updating' },
      { at: 200, status: 'InService', config: THEIRS },
    ];
    untouched(await deployWith());
    expect(aws.updates).toHaveLength(1);
  });

  test.each([
    ['an update', UPDATED(THEIRS)],
    ['a quick update', [{ at: 0, status: 'InService', config: THEIRS }]],
    ['a change on the same configuration', [{ at: 0, status: 'InService' }]],
  ])('by %s while a bad first deployment is proven is not deleted', async (_, steps) => {
    changedDuringProof('"bad"', steps);
    untouched(await deployWith());
    expect(aws.status('churn')).toBeDefined();
  });

  test('while a bad update is proven is not put back', async () => {
    addLive();
    changedDuringProof('"bad"', [{ at: 0, status: 'InService', config: THEIRS }]);
    untouched(await deployWith());
    expect(aws.updates).toHaveLength(1);
    expect(live()).toBe(THEIRS);
  });

  test('and created anew while it is created is not deleted', async () => {
    aws.creation = (config) => [
      { at: 0, status: 'Creating', config },
      { at: 60, status: 'Failed' },
    ];
    aws.logs = () => ({ 'AllTraffic/i-1': [{ at: 5, message: 'Starting' }] });
    // The logs are read to their end before anything is deleted.
    let hasFailed = false;
    aws.fault = (operation) => {
      const there = aws.endpoints.get('churn');
      hasFailed ||= operation === 'describeEndpoint' && aws.status('churn')?.status === 'Failed';
      if (operation === 'page' && hasFailed && there !== undefined) {
        aws.endpoints.set('churn', { ...there, created: clock.now(), steps: CREATED(there.config) });
        hasFailed = false;
      }
      return undefined;
    };
    untouched(await deployWith());
    expect(aws.status('churn')).toBeDefined();
  });

  test('and created anew while it is created is theirs, on the same configuration too', async () => {
    aws.answer = () => json('"bad"');
    aws.fault = (operation, nth) => {
      const there = aws.endpoints.get('churn');
      if (operation === 'describeEndpoint' && nth === 6 && there !== undefined) {
        aws.endpoints.set('churn', { ...there, created: clock.now(), changed: clock.now() });
      }
      return undefined;
    };
    untouched(await deployWith());
    expect(aws.status('churn')?.status).toBe('InService');
  });

  test('and created anew while the bad one is deleted is not deleted again', async () => {
    aws.answer = () => json('"bad"');
    aws.fault = (operation, nth) => {
      const there = aws.endpoints.get('churn');
      if (operation !== 'removeEndpoint' || nth > 1 || there === undefined) return undefined;
      aws.endpoints.set('churn', { ...there, created: clock.now(), changed: clock.now() });
      return trouble('network');
    };
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { changedByOthers: true } });
    expect(result.detail).toContain('has been created anew by others since');
    expect(aws.changes.filter((change) => change.startsWith('remove'))).toEqual(['removeEndpoint churn']);
  });

  test.each([
    ['is updated on top', '{"ok": true}', { outcome: 'passed', endpoint: { action: 'updated' } }],
    ['is what is put back', '"bad"', { outcome: 'failed', endpoint: { action: 'restored' } }],
  ])('just before this run’s update %s', async (_, answer, expected) => {
    addLive();
    aws.fault = (operation) => {
      if (operation === 'createConfig') aws.change('churn', [{ at: 0, status: 'InService', config: THEIRS }]);
      return undefined;
    };
    aws.answer = (config) => json(config === THEIRS ? '{"ok": true}' : answer);
    const result = await deployWith();
    expect(result).toMatchObject(expected);
    expect(result.endpoint?.previousConfigName).toBe(THEIRS);
    expect(aws.updates.map(({ EndpointConfigName }) => EndpointConfigName)).not.toContain(OLD);
  });

  test.each([
    ['before', 'tags', [{ at: 0, status: 'InService', config: THEIRS }]],
    ['while', 'removeEndpoint', CREATED(THEIRS)],
  ])('%s this run replaces it is not deleted', async (_, during, steps) => {
    addLive();
    aws.change('churn', [{ at: 0, status: 'Failed' }]);
    aws.fault = (operation, nth) => {
      const there = aws.endpoints.get('churn');
      if (operation !== during || nth > 1 || there === undefined) return undefined;
      const created = clock.now();
      aws.endpoints.set('churn', { ...there, created, changed: created, steps });
      return undefined;
    };
    expect(await deployWith()).toMatchObject({
      outcome: 'passed',
      endpoint: { action: 'updated', previousConfigName: THEIRS },
    });
    expect(aws.status('churn')?.status).toBe('InService');
  });

  test.each([
    ['another configuration', [{ at: 0, status: 'InService', config: THEIRS }]],
    ['an update that goes on', UPDATED(THEIRS)],
  ])('to %s while it is proven is not green', async (_, steps) => {
    changedDuringProof('{"ok": true}', steps);
    untouched(await deployWith());
    expect(aws.changes.join()).not.toContain('tagEndpoint');
  });

  test.each([
    [
      'is scaled',
      [
        { at: 0, status: 'Updating' },
        { at: 120, status: 'InService' },
      ],
    ],
    ['was scaled', [{ at: 0, status: 'InService' }]],
  ])('that %s on the proven configuration is green', async (_, steps) => {
    changedDuringProof('{"ok": true}', steps);
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { status: 'InService' } });
  });

  test('that is scaled and does not come back is not green', async () => {
    changedDuringProof('{"ok": true}', [{ at: 0, status: 'Updating' }]);
    untouched(await deployWith());
  });

  test('while it is proven anew, with nothing else to do, is not green', async () => {
    await deployWith();
    const asked = aws.invocations.length;
    aws.answer = (_config, _request, nth) => {
      if (nth === asked + 1) aws.change('churn', UPDATED(THEIRS), THEIRS);
      return json('{"ok": true}');
    };
    const before = aws.changes.length;
    untouched(await deployWith());
    expect(aws.changes.slice(before)).toEqual([]);
  });
});

describe('a deployment again, after one that was interrupted before its proof', () => {
  const configTag = (key: string, of = aws.status('churn')?.config ?? '') =>
    aws.configs.get(of)?.request.Tags?.find(({ Key }) => Key === `sagemaker-byoc:${key}`)?.Value;

  beforeEach(async () => {
    addLive();
    aws.fault = (operation) => {
      if (operation === 'updateEndpoint') clock.after(60, () => cancel.abort());
      return undefined;
    };
    expect((await deployWith()).outcome).toBe('canceled');
    await clock.run(clock.sleep(1_800_000));
    expect(live()).not.toBe(OLD);
    aws.fault = () => undefined;
    cancel = new AbortController();
  });

  test('puts back what was live before when the model is bad', async () => {
    aws.answer = (config) => json(config === OLD ? '{"ok": true}' : '"bad"');
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining(`${OLD} was put back, and is live. It answers`),
      endpoint: {
        action: 'restored',
        configName: OLD,
        previousConfigName: OLD,
        proof: { passed: false },
        restoredProof: { passed: true },
      },
    });
    expect(aws.updates.slice(1)).toMatchObject([
      { EndpointConfigName: OLD, RetainAllVariantProperties: true },
    ]);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('canceled while it puts that back says so', async () => {
    aws.answer = (config) => json(config === OLD ? '{"ok": true}' : '"bad"');
    aws.fault = (operation, nth) => {
      if (operation === 'updateEndpoint' && nth === 2) clock.after(30, () => cancel.abort());
      return undefined;
    };
    const result = await deployWith();
    expect(result.outcome).toBe('canceled');
    expect(result.detail).toContain(`${OLD} is being put back`);
  });

  test('is unchanged and proven when the model is good, and not taken back from then on', async () => {
    expect(configTag('proven')).toBeUndefined();
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged' } });
    expect(configTag('proven')).toBe('true');
    aws.answer = () => json('"bad"');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'unchanged' } });
    expect(result.failure?.fix).toContain(`--endpoint-config-name ${OLD}`);
    expect(aws.updates).toHaveLength(1);
  });

  test('stays proven while the first one’s post step would take it back', async () => {
    const state = remembered.findLast((one) => one !== undefined);
    expect(await deployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged' } });
    const undone = state && {
      order: { state, within: 5_000, step: '0123456789ab' },
      connect: async () => (await aws.connect()).endpoints,
    };
    expect(undone && (await clock.run(undoDeployment(undone.connect, undone.order, clock)))).toEqual({
      kind: 'proven',
    });
    expect(aws.updates).toHaveLength(1);
  });

  test('is not green when the first one takes it back at that moment', async () => {
    aws.fault = (operation) => {
      if (operation === 'tagConfig') aws.change('churn', UPDATED(OLD), OLD);
      return undefined;
    };
    expect(await deployWith()).toMatchObject({ outcome: 'failed', endpoint: { changedByOthers: true } });
  });

  test('keeps it when what was live before is gone', async () => {
    aws.configs.delete(OLD);
    aws.answer = () => json('"bad"');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'unchanged' } });
    expect(result.endpoint?.goBack).toBeUndefined();
    expect(aws.updates).toHaveLength(1);
  });

  test('keeps it when its tags may not be read', async () => {
    aws.fault = (operation) => (operation === 'tags' ? trouble('access-denied') : undefined);
    aws.answer = () => json('"bad"');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'unchanged' } });
    expect(aws.updates).toHaveLength(1);
  });
});

test('a configuration that is used again goes back to what was live before it this time', async () => {
  addLive();
  const tag = (name: string | undefined) =>
    aws.configs.get(name ?? '')?.request.Tags?.find(({ Key }) => Key === 'sagemaker-byoc:previous-config')
      ?.Value;
  const first = await deployWith();
  expect(tag(first.endpoint?.wantedConfigName)).toBe(OLD);
  const second = await deployWith({ environment: new Map([['VERSION', '2']]), removeSuperseded: false });
  expect(tag(second.endpoint?.wantedConfigName)).toBe(first.endpoint?.wantedConfigName);
  await deployWith({ removeSuperseded: false });
  expect(tag(first.endpoint?.wantedConfigName)).toBe(second.endpoint?.wantedConfigName);
});

test('a deployment that nothing was asked of is not taken back by the next one', async () => {
  addLive();
  await deployWith({ proof: { payloads: [], repeats: 1 } });
  aws.answer = () => json('"bad"');
  expect(await deployWith()).toMatchObject({ outcome: 'failed', endpoint: { action: 'unchanged' } });
  expect(aws.updates).toHaveLength(1);
});

describe('a first creation that fails', () => {
  test('is deleted, with the reason and the diagnosis', async () => {
    aws.creation = (config) => [
      { at: 0, status: 'Creating', config },
      {
        at: 600,
        status: 'Failed',
        reason:
          'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.',
      },
    ];
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'failed',
      diagnosis: { id: 'E07' },
      endpoint: { action: 'deleted', status: 'Deleted' },
    });
    expect(aws.status('churn')).toBeUndefined();
  });

  test('by a crash loop ends long before SageMaker gives up, and says that it cannot be deleted yet', async () => {
    const began = clock.now();
    aws.creation = (config) => [
      { at: 0, status: 'Creating', config },
      { at: 1_440, status: 'Failed' },
    ];
    aws.logs = () => ({ 'AllTraffic/i-1': crashing(8, 200) });
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('ends each time it is started'),
      endpoint: { status: 'Creating' },
    });
    expect(result.detail).toContain("ModuleNotFoundError: No module named 'torch'");
    expect(result.detail).toContain('cannot be deleted while SageMaker is creating it');
    expect((clock.now() - began) / 1000).toBeLessThan(180);
  });

  test('by time-out says its state', async () => {
    aws.creation = (config) => [{ at: 0, status: 'Creating', config }];
    const result = await deployWith({ timeoutSeconds: 600 });
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('was not in service within 10 min (endpoint-timeout): it is Creating'),
    });
  });
});

describe('trouble on the way to AWS', () => {
  test.each(['throttled', 'server', 'network', 'expired-credentials'] as const)(
    '%s while it is watched does not end it',
    async (kind) => {
      addLive();
      aws.fault = (operation, nth) =>
        operation === 'describeEndpoint' && nth > 2 && nth < 6 ? trouble(kind) : undefined;
      expect((await deployWith()).outcome).toBe('passed');
    },
  );

  test('for good is unknown, not failed, and says how to go on', async () => {
    addLive();
    aws.fault = (operation, nth) =>
      operation === 'describeEndpoint' && nth > 3 ? trouble('expired-credentials') : undefined;
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'unknown', endpoint: { status: 'Unknown' } });
    expect(result.failure?.fix).toContain('aws sagemaker describe-endpoint');
    expect(remembered.at(-1)).toBeDefined();
  });

  test('logs that may not be read cost one notice', async () => {
    addLive();
    aws.fault = (operation) => (operation === 'streams' ? trouble('access-denied') : undefined);
    const result = await deployWith();
    expect(result.outcome).toBe('passed');
    expect(result.notices?.filter((notice) => notice.includes('logs cannot be shown'))).toHaveLength(1);
  });

  test('tags that may not be read: the endpoint is updated, and never deleted', async () => {
    addLive();
    aws.fault = (operation) => (operation === 'tags' ? trouble('access-denied') : undefined);
    const result = await deployWith();
    expect(result.outcome).toBe('passed');
    expect(aws.changes.join()).not.toMatch(/remove/);
  });
});

describe('a cancel', () => {
  /** Cancels so many seconds after the first call of the operation. */
  function cancelAfter(seconds: number, operation: string, nth = 1): void {
    aws.fault = (called, count) => {
      if (called !== operation || count !== nth) return undefined;
      if (seconds === 0) cancel.abort();
      else clock.after(seconds, () => cancel.abort());
      return undefined;
    };
  }

  test('before anything was changed leaves everything as it is', async () => {
    addLive();
    cancelAfter(0, 'tags');
    expect(await deployWith()).toMatchObject({
      outcome: 'canceled',
      detail: 'Nothing was changed at the endpoint churn.',
    });
    expect(live()).toBe(OLD);
    expect(aws.changes).toEqual([]);
  });

  test('while it waits for others changes nothing', async () => {
    addLive();
    aws.change('churn', [{ at: 0, status: 'Updating' }]);
    cancelAfter(60, 'describeEndpoint');
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'canceled',
      detail: 'Nothing was changed at the endpoint churn.',
    });
  });

  test('of an update says exactly how it stands', async () => {
    addLive();
    cancelAfter(60, 'updateEndpoint');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'canceled', endpoint: { status: 'Updating' } });
    expect(result.detail).toContain(`is Updating from ${OLD} to churn-`);
    expect(result.detail).toContain('an update cannot be stopped');
    expect(result.detail).toContain(`--endpoint-config-name ${OLD}`);
    expect(aws.updates).toHaveLength(1);
  });

  test('before the proof puts the configuration before back, by one call', async () => {
    addLive();
    aws.latency = 30;
    cancelAfter(10, 'invoke');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'canceled', endpoint: { action: 'restored' } });
    expect(aws.updates.map(({ EndpointConfigName }) => EndpointConfigName)).toEqual([
      expect.stringMatching(/^churn-[0-9a-f]{10}$/),
      OLD,
    ]);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('before the proof of a first creation deletes it', async () => {
    aws.latency = 30;
    cancelAfter(10, 'invoke');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'canceled', endpoint: { status: 'Deleting' } });
    expect(aws.status('churn')?.status).toBe('Deleting');
  });

  test('of a creation, which cannot be deleted yet, says so and leaves it to post', async () => {
    cancelAfter(60, 'createEndpoint');
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'canceled', endpoint: { status: 'Creating' } });
    expect(result.detail).toContain('cannot be deleted as long as it is. The post step waits for that');
    expect(result.detail).toContain('it comes into service all the same, unproven, and is paid for');
    expect(remembered.at(-1)).toMatchObject({ firstCreation: true, created: true });
  });

  test('while it is put back says that it is on its way', async () => {
    addLive();
    aws.answer = (config) => json(config === OLD ? '{"ok": true}' : '"new"');
    cancelAfter(30, 'updateEndpoint', 2);
    const result = await deployWith();
    expect(result.outcome).toBe('canceled');
    expect(result.detail).toContain(`${OLD} is being put back`);
    expect(result.detail).not.toContain('bad');
    expect(result.endpoint).toMatchObject({ action: 'restored', status: 'Updating' });
    expect(aws.updates).toHaveLength(2);
  });

  test('while it is put back goes on with that, with stop-on-cancel false too', async () => {
    addLive();
    aws.answer = (config) => json(config === OLD ? '{"ok": true}' : '"new"');
    cancelAfter(30, 'updateEndpoint', 2);
    const result = await deployWith({}, { stopOnCancel: false });
    expect(result.detail).toContain(`${OLD} is being put back`);
    expect(result.endpoint).toMatchObject({ action: 'restored' });
    expect(aws.updates).toHaveLength(2);
  });

  test('when it has just been put back says that it is live', async () => {
    addLive();
    aws.answer = (config) => json(config === OLD ? '{"ok": true}' : '"new"');
    aws.latency = 1;
    aws.fault = (operation) => {
      if (operation === 'invoke' && live() === OLD) cancel.abort();
      return undefined;
    };
    const result = await deployWith();
    expect(result).toMatchObject({
      outcome: 'canceled',
      endpoint: { action: 'restored', status: 'InService', configName: OLD },
    });
  });

  test('after the proof leaves what is live', async () => {
    addLive();
    cancelAfter(0, 'listConfigs');
    aws.latency = 0.01;
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'canceled', endpoint: { status: 'InService' } });
    expect(result.detail).toContain('is live on churn-');
    expect(aws.updates).toHaveLength(1);
  });

  test('with stop-on-cancel false leaves all as it goes', async () => {
    addLive();
    cancelAfter(60, 'updateEndpoint');
    const result = await deployWith({}, { stopOnCancel: false });
    expect(result.detail).toContain('stop-on-cancel is false');
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('takes no longer than the stages have', async () => {
    addLive();
    aws.latency = 30;
    cancelAfter(10, 'invoke');
    let at = 0;
    cancel.signal.addEventListener('abort', () => {
      at = clock.now();
    });
    await deployWith();
    expect(clock.now() - at).toBeLessThanOrEqual(3_500);
  });
});

describe('a cancel at each call', () => {
  /** Cancels as the nth call of the deployment begins. @returns whether there was one */
  async function canceledAt(nth: number): Promise<{ result: DeployResult | undefined; reached: boolean }> {
    let calls = 0;
    aws.fault = () => {
      calls += 1;
      if (calls === nth) cancel.abort();
      return undefined;
    };
    const result = await deployWith().catch((error: unknown) => {
      if (error instanceof CanceledError) return undefined;
      throw error;
    });
    return { result, reached: calls >= nth };
  }
  const minutes = (count: number) => clock.run(clock.sleep(count * 60_000));

  test('of an update leaves a good configuration live, or says exactly how it stands', async () => {
    let count = 0;
    for (let nth = 1; ; nth += 1) {
      clock = new VirtualClock();
      aws = new FakeHosting(clock);
      cancel = new AbortController();
      addLive();
      const { result, reached } = await canceledAt(nth);
      if (!reached) break;
      count += 1;
      await minutes(30);
      const now = aws.status('churn');
      expect([nth, now?.status, result?.outcome ?? 'canceled']).toEqual([
        nth,
        'InService',
        // The last call of all may be answered before the cancel is heard.
        expect.stringMatching(/^(?:canceled|passed)$/),
      ]);
      const isGood = now?.config === OLD || result?.endpoint?.proof?.passed === true;
      if (!isGood) expect(result?.detail).toContain('an update cannot be stopped');
    }
    expect(count).toBeGreaterThan(20);
  });

  test('of a creation leaves nothing, what is proven, or says exactly how it stands', async () => {
    let count = 0;
    for (let nth = 1; ; nth += 1) {
      clock = new VirtualClock();
      aws = new FakeHosting(clock);
      cancel = new AbortController();
      const { result, reached } = await canceledAt(nth);
      if (!reached) break;
      count += 1;
      await minutes(30);
      const isGood = aws.status('churn') === undefined || result?.endpoint?.proof?.passed === true;
      if (!isGood) expect(result?.detail).toContain('cannot be deleted as long as it is');
    }
    expect(count).toBeGreaterThan(20);
  });
});

describe('alarms that are to take an update back', () => {
  const rollbackAlarms = ['churn-5xx', 'churn-latency'];
  const quiet = ['OK', 'INSUFFICIENT_DATA'].map((state, index) => ({
    name: rollbackAlarms[index] ?? '',
    state,
  }));

  test('are looked at before the first change, and sent', async () => {
    addLive();
    aws.alarms = quiet;
    expect((await deployWith({ rollbackAlarms })).outcome).toBe('passed');
    expect(aws.updates).toMatchObject([
      { DeploymentConfig: { AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'churn-5xx' }, {}] } } },
    ]);
    const [looked, created] = ['describeAlarms', 'createModel'].map((name) =>
      aws.calls.findIndex(({ operation }) => operation === name),
    );
    expect(looked).toBeLessThan(created ?? -1);
  });

  test.each([
    [
      'is not there',
      quiet.slice(0, 1),
      /^There is no alarm churn-latency in eu-west-1\..* Nothing was changed at the endpoint churn\.$/,
      /`rollback-alarms`.*docs\/alarms\.md/,
    ],
    [
      'is off already',
      [...quiet.slice(1), { name: 'churn-5xx', state: 'ALARM', reason: 'Threshold Crossed: 12 > 5.' }],
      /^The alarm churn-5xx is in ALARM: Threshold Crossed: 12 > 5\. .* Nothing was changed/,
      /leave it out of `rollback-alarms`/,
    ],
  ])('of which one %s: nothing is changed', async (_, alarms, message, fix) => {
    addLive();
    aws.alarms = alarms;
    await expect(deployWith({ rollbackAlarms })).rejects.toMatchObject({
      failure: { message: expect.stringMatching(message), fix: expect.stringMatching(fix) },
    });
    expect(aws.changes).toEqual([]);
  });

  test('and that the overrides name are looked at, too', async () => {
    addLive();
    const Alarms = [{ AlarmName: 'churn-4xx' }];
    const overrides = { UpdateEndpoint: { DeploymentConfig: { AutoRollbackConfiguration: { Alarms } } } };
    await expect(deployWith({ overrides })).rejects.toThrow('There is no alarm churn-4xx');
  });

  test('but may not be read cost a notice', async () => {
    addLive();
    aws.fault = (operation) =>
      operation === 'describeAlarms'
        ? trouble('access-denied', 'AWS denies cloudwatch:DescribeAlarms.')
        : undefined;
    const result = await deployWith({ rollbackAlarms });
    expect(result.outcome).toBe('passed');
    expect(result.notices?.join()).toMatch(/churn-5xx, churn-latency .*could not be looked at: AWS denies/);
  });

  test('are not asked for when nothing is updated', async () => {
    expect((await deployWith({ rollbackAlarms })).endpoint?.action).toBe('created');
    expect((await deployWith({ rollbackAlarms })).endpoint?.action).toBe('unchanged');
    expect(aws.count('describeAlarms')).toBe(0);
  });
});

describe('what a plan asks for besides', () => {
  test('auto-scaling is set after the proof, and left alone when it is so already', async () => {
    const autoScaling = { minCapacity: 1, maxCapacity: 4, invocationsPerInstance: 100 };
    const result = await deployWith({ autoScaling });
    expect(result.endpoint?.autoScaling).toEqual(autoScaling);
    expect(aws.targets.get('AllTraffic')).toEqual({ minCapacity: 1, maxCapacity: 4 });
    const before = aws.changes.length;
    expect((await deployWith({ autoScaling })).endpoint?.action).toBe('unchanged');
    expect(aws.changes.slice(before)).toEqual([]);
  });

  test('auto-scaling that is refused is red, and the endpoint stays live', async () => {
    aws.fault = (operation) => (operation === 'registerTarget' ? trouble('access-denied') : undefined);
    const autoScaling = { minCapacity: 1, maxCapacity: 4, invocationsPerInstance: 100 };
    const result = await deployWith({ autoScaling });
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { status: 'InService' } });
    expect(result.detail).toContain('auto-scaling could not be set');
  });

  test('each variant with weight is asked for itself', async () => {
    await deployWith({
      variants: [
        variant({ name: 'blue', weight: 3 }),
        variant({ name: 'green' }),
        variant({ name: 'idle', weight: 0 }),
      ],
    });
    expect(aws.invocations.map((request) => request.variant)).toEqual(['blue', 'blue', 'green', 'green']);
  });

  test('an asynchronous endpoint is asked through S3', async () => {
    const result = await deployWith({ async: { outputPath: 's3://out/churn/' } });
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { proof: { passed: true } } });
    const put = aws.calls.filter(({ operation }) => operation === 'putObject').map(({ name }) => name);
    expect(put).toContain('s3://out/churn/sagemaker-byoc-proof/0123456789ab/1-rows.csv');
    // What was answered is of no use any more.
    expect([...aws.objects.keys()]).toEqual(['s3://out/answer']);
  });

  test('an asynchronous request that fails is a failing proof', async () => {
    aws.answer = () => ({ kind: 'refused', status: 500, message: 'boom' });
    const result = await deployWith({ async: { outputPath: 's3://out/churn' } });
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('The request failed: boom'),
    });
  });

  test('an image of another registry, which the overrides say how to reach, is taken as it is', async () => {
    const model = {
      kind: 'artifacts',
      modelData: 's3://models/churn/1/model.tar.gz',
      image: 'registry.example.com/churn:1',
    } as const;
    const ImageConfig = { RepositoryAccessMode: 'Vpc' };
    const overrides = { CreateModel: { PrimaryContainer: { ImageConfig } } };
    expect((await deployWith({ variants: [variant({ model })], overrides })).outcome).toBe('passed');
    expect([...aws.models.values()].map(({ request }) => request.PrimaryContainer)).toMatchObject([
      { Image: 'registry.example.com/churn:1', ImageConfig },
    ]);
  });

  test('a sample that cannot be read is seen before anything is changed', async () => {
    const missing = { ...sample, path: join(folder, 'missing.csv') };
    await expect(deployWith({ proof: { payloads: [missing], repeats: 1 } })).rejects.toThrow(StageFailure);
    expect(aws.calls).toEqual([]);
  });
});

test('a creation that AWS does not show for a moment is waited for', async () => {
  aws.creation = (config) => CREATED(config);
  let hidden = 0;
  const { describe: shown } = (await aws.connect()).endpoints;
  const connect = aws.connect;
  Object.assign(aws, {
    connect: async () => {
      const connection = await connect();
      return {
        ...connection,
        endpoints: {
          ...connection.endpoints,
          describe: async (name: string, signal: AbortSignal) => {
            hidden += 1;
            return hidden <= 3 ? undefined : shown(name, signal);
          },
        },
      };
    },
  });
  expect((await deployWith()).outcome).toBe('passed');
});
