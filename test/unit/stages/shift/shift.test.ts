import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../../src/docker/docker.js';
import type { EndpointRecord, Plan, ShiftPlan } from '../../../../src/plan.js';
import type { ShiftState } from '../../../../src/runner/state.js';
import { pinningTags } from '../../../../src/stages/pinning-tags.js';
import { type ShiftResult, shift } from '../../../../src/stages/shift.js';
import { refused, trouble } from '../deploy/fake-hosting.js';
import { deployPlan, SOURCE } from '../deploy/plans.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { FakeTraffic } from './fake-traffic.js';

let clock: VirtualClock;
let aws: FakeTraffic;
let log: SeenLog;
let known: EndpointRecord[];
let cancel: AbortController;
let remembered: (ShiftState | undefined)[];

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeTraffic(clock);
  aws.tags = pinningTags(SOURCE);
  aws.weights = new Map([
    ['blue', 1],
    ['green', 0],
  ]);
  log = new SeenLog();
  known = [];
  cancel = new AbortController();
  remembered = [];
});

const ALL_GREEN = new Map([
  ['blue', 0],
  ['green', 1],
]);
const OK = { name: 'churn-5xx', state: 'OK' };
const FIRING = { name: 'churn-5xx', state: 'ALARM', reason: 'Threshold Crossed: 12 > 5.' };

function shiftWith(
  change: Partial<ShiftPlan> = {},
  follow: Partial<Plan['follow']> = {},
): Promise<ShiftResult> {
  const context = {
    docker: createDocker({}),
    runId: '0123456789ab',
    tempDir: '/temp',
    log,
    signal: cancel.signal,
    source: SOURCE,
  };
  const { endpoint: _, ...plan } = deployPlan({}, follow);
  const part: ShiftPlan = {
    endpointName: 'churn',
    weights: ALL_GREEN,
    steps: 4,
    intervalSeconds: 300,
    alarms: [],
    gates: [],
    timeoutSeconds: 3_600,
    ...change,
  };
  return clock.run(
    shift(
      context,
      { ...plan, stages: ['shift'], shift: part },
      {
        onKnown: (record) => known.push(record),
        remember: (state) => remembered.push(state),
        clock,
        connect: aws.connect,
      },
    ),
  );
}

describe('the traffic', () => {
  test('moves in equal steps, with the interval after each', async () => {
    const result = await shiftWith();
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: 'Shifted the traffic of the endpoint churn to blue 0, green 1.',
      endpoint: {
        name: 'churn',
        status: 'InService',
        action: 'shifted',
        configName: 'churn-config',
        variants: [
          { name: 'blue', currentWeight: 0, modelName: 'blue-model' },
          { name: 'green', currentWeight: 1, instanceType: 'ml.m5.large' },
        ],
      },
    });
    expect(aws.sent).toEqual([
      { blue: 0.75, green: 0.25 },
      { blue: 0.5, green: 0.5 },
      { blue: 0.25, green: 0.75 },
      { blue: 0, green: 1 },
    ]);
    expect(aws.live).toEqual({ blue: 0, green: 1 });
    expect(result.endpoint?.steps).toHaveLength(4);
    for (const { seconds } of result.endpoint?.steps ?? []) expect(seconds).toBeGreaterThanOrEqual(360);
    expect(result.endpoint?.goBack).toContain(
      'VariantName=blue,DesiredWeight=1 VariantName=green,DesiredWeight=0',
    );
    const times = aws.calls
      .filter(({ operation }) => operation === 'updateWeights')
      .map(({ at }) => at / 1000);
    for (const [index, at] of times.slice(1).entries())
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(360);
  });

  test('moves in steps that are equal in traffic, whatever the weights add up to', async () => {
    aws.weights = new Map([
      ['blue', 9],
      ['green', 1],
    ]);
    expect(await shiftWith({ steps: 2 })).toMatchObject({ outcome: 'passed' });
    expect(aws.sent).toEqual([
      { blue: 4.5, green: 5.5 },
      { blue: 0, green: 1 },
    ]);
  });

  test('moves in equal steps beside a variant that is not named', async () => {
    aws.weights = new Map([
      ['blue', 1],
      ['gray', 1],
      ['green', 0],
    ]);
    const wanted = new Map([
      ['blue', 0],
      ['green', 9],
    ]);
    expect(await shiftWith({ weights: wanted, steps: 4 })).toMatchObject({ outcome: 'passed' });
    const shares = aws.sent.map(({ blue = 0, green = 0 }) => green / (blue + green + 1));
    for (const [index, share] of shares.entries()) expect(share).toBeCloseTo(0.225 * (index + 1), 4);
    expect(aws.sent.at(-1)).toEqual({ blue: 0, green: 9 });
  });

  test('is begun with the command that takes it back, for a run that is killed', async () => {
    aws.fault = (operation) => (operation === 'updateWeights' ? trouble('access-denied') : undefined);
    await shiftWith();
    expect(log.info_.find((line) => line.startsWith('Shifting'))).toMatch(
      /By hand, it goes back with `aws .*VariantName=blue,DesiredWeight=1 VariantName=green,DesiredWeight=0/,
    );
  });

  test('is remembered before the first step, and let go of at its end', async () => {
    aws.fault = (operation) => {
      if (operation === 'updateWeights') expect(remembered).toHaveLength(1);
      return undefined;
    };
    await shiftWith();
    expect(remembered).toStrictEqual([
      { endpointName: 'churn', region: 'eu-west-1', weights: { blue: 1, green: 0 } },
      undefined,
    ]);
  });

  test('of variants that are not named stays as it is', async () => {
    aws.weights.set('gray', 3);
    expect(await shiftWith({ steps: 1 })).toMatchObject({ outcome: 'passed' });
    expect(aws.sent).toEqual([{ blue: 0, green: 1 }]);
    expect(aws.live).toEqual({ blue: 0, green: 1, gray: 3 });
  });

  test('arrives with weights that SageMaker rounds', async () => {
    const wanted = new Map([['green', 0.3]]);
    expect(await shiftWith({ weights: wanted, steps: 3 })).toMatchObject({ outcome: 'passed' });
    expect(aws.sent.map(({ green }) => green)).toEqual([0.0833333, 0.181818, 0.3]);
    expect(await shiftWith({ weights: wanted })).toMatchObject({
      outcome: 'passed',
      endpoint: { action: 'unchanged' },
    });
    expect(aws.sent).toHaveLength(3);
  });

  test('that is so already is left alone, whatever the alarms say', async () => {
    aws.weights = new Map(ALL_GREEN);
    aws.alarms = () => [FIRING];
    expect(await shiftWith({ alarms: ['churn-5xx'] })).toMatchObject({
      outcome: 'passed',
      detail: expect.stringMatching(/^Unchanged/),
      endpoint: { action: 'unchanged' },
    });
    expect(aws.sent).toEqual([]);
  });

  test('waits while somebody else changes the endpoint, before the first step and between two', async () => {
    aws.busy(600);
    const work = shiftWith({ steps: 2 });
    clock.after(800, () => aws.busy(400));
    expect(await work).toMatchObject({ outcome: 'passed' });
    expect(aws.sent).toHaveLength(2);
    expect(log.info_.join('\n')).toContain('is being changed already: it is waited for');
  });

  test('that AWS keeps refusing, though it shows the endpoint in service, ends with the time', async () => {
    aws.fault = (operation, nth) => {
      if (operation !== 'updateWeights') return undefined;
      if (nth > 2_000) throw new Error('It is sent again and again without a pause.');
      return refused('Cannot update in-progress endpoint "churn".');
    };
    const result = await shiftWith({ timeoutSeconds: 600 });
    expect(result).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('was not through within 10 min (endpoint-timeout)'),
    });
    expect(aws.count('updateWeights')).toBeLessThan(400);
    expect(aws.live).toEqual({ blue: 1, green: 0 });
  });

  test('arrives although an answer is lost', async () => {
    aws.lostAnswer = (nth) => (nth === 1 ? trouble('network') : undefined);
    expect(await shiftWith({ steps: 2 })).toMatchObject({ outcome: 'passed' });
    expect(aws.sent).toHaveLength(2);
  });
});

describe('before the first step', () => {
  test.each<[string, () => void, Partial<ShiftPlan>, RegExp, RegExp]>([
    [
      'there is no endpoint',
      () => {
        aws.present = false;
      },
      {},
      /no endpoint churn/,
      /endpoint-name/,
    ],
    [
      'the endpoint failed',
      () => {
        aws.status = 'Failed';
      },
      {},
      /is Failed/,
      /Bring it into service/,
    ],
    [
      'the endpoint is nobody’s',
      () => {
        aws.tags = new Map();
      },
      {},
      /was not made by this repository \(it has no tag sagemaker-byoc:repository\)/,
      /update-endpoint-weights-and-capacities --endpoint-name churn/,
    ],
    [
      'the endpoint is another repository’s',
      () => {
        aws.tags = pinningTags({ ...SOURCE, repository: 'octo-org/other' });
      },
      {},
      /tag sagemaker-byoc:repository is octo-org\/other/,
      /By hand/,
    ],
    [
      'there is no such variant',
      () => {},
      { weights: new Map([['gren', 1]]) },
      /no variant gren\. Its variants are: blue, green/,
      /shift-weights/,
    ],
    [
      'an alarm is off',
      () => {
        aws.alarms = () => [FIRING];
      },
      { alarms: ['churn-5xx'] },
      /churn-5xx is in ALARM: Threshold Crossed: 12 > 5\. Nothing was changed/,
      /leave it out of `rollback-alarms`/,
    ],
    [
      'there is no such alarm',
      () => {},
      { alarms: ['churn-5xx'] },
      /no alarm churn-5xx in eu-west-1/,
      /rollback-alarms/,
    ],
    [
      'the endpoint stays in motion',
      () => aws.busy(100_000),
      {},
      /was still Updating after 1 h \(endpoint-timeout\).* Nothing was changed/,
      /concurrency/,
    ],
  ])('nothing is touched when %s', async (_what, arrange, change, message, fix) => {
    arrange();
    await expect(shiftWith(change)).rejects.toMatchObject({
      failure: {
        message: expect.stringMatching(message),
        fix: expect.stringMatching(fix),
      },
    });
    expect(aws.sent).toEqual([]);
  });

  test.each(['alarms', 'metrics'])('it is found out that %s may not be read', async (operation) => {
    aws.alarms = () => [OK];
    aws.fault = (called) => (called === operation ? trouble('access-denied', 'AWS denies it.') : undefined);
    const gates = [{ metric: 'Invocation5XXErrors', operator: '<=', value: 0 } as const];
    expect(await shiftWith({ alarms: ['churn-5xx'], gates })).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining('was not shifted. AWS denies it.') },
    });
    expect(aws.sent).toEqual([]);
  });
});

describe('the weights go back', () => {
  const back = { blue: 1, green: 0 };

  test('when an alarm goes off in an interval, without waiting for its end', async () => {
    aws.alarms = () => (aws.sent.length === 2 ? [FIRING] : [OK]);
    const result = await shiftWith({ alarms: ['churn-5xx'] });
    expect(result).toMatchObject({
      outcome: 'failed',
      failure: {
        message:
          'After step 2 of 4 (blue 0.5, green 0.5): The alarm churn-5xx is in ALARM: Threshold Crossed: 12 > 5. The weights are back: blue 1, green 0.',
      },
      endpoint: { action: 'restored' },
    });
    expect(aws.sent.at(-1)).toEqual(back);
    expect(aws.live).toEqual(back);
    expect(result.endpoint?.steps?.at(-1)?.seconds).toBeLessThan(200);
    expect(result.endpoint).not.toHaveProperty('goBack');
  });

  test('when a count is too high, which is told', async () => {
    aws.metric = (variant) => (variant === 'green' && aws.sent.length === 3 ? 7 : 0);
    const gates = [{ metric: 'Invocation5XXErrors', operator: '<=', value: 0 } as const];
    expect(await shiftWith({ gates })).toMatchObject({
      outcome: 'failed',
      failure: {
        message: expect.stringContaining(
          'Invocation5XXErrors of the variant green was 7 (sum of 5 min), which is not <= 0.',
        ),
      },
    });
    expect(aws.sent).toHaveLength(4);
    expect(aws.live).toEqual(back);
  });

  test('when a latency is too long, told in milliseconds, of the variant that gains', async () => {
    aws.metric = (variant) => (variant === 'green' ? 612_345 : 9_000_000);
    const gates = [{ metric: 'ModelLatency', operator: '<', value: 500_000 } as const];
    expect(await shiftWith({ gates })).toMatchObject({
      outcome: 'failed',
      failure: {
        message: expect.stringMatching(
          /ModelLatency of the variant green was 612\.345 ms \(average of 5 min\), which is not < 500 ms\. The weights are back/,
        ),
      },
    });
    // Once before the first step, then of the interval after it.
    expect(aws.windows).toHaveLength(2);
    expect((aws.windows[1]?.to ?? 0) - (aws.windows[1]?.from ?? 0)).toBe(300_000);
  });

  test('when the alarm is gone meanwhile, or may not be read any more', async () => {
    aws.alarms = () => (aws.sent.length === 1 ? [] : [OK]);
    expect(await shiftWith({ alarms: ['churn-5xx'] })).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringMatching(/no alarm churn-5xx.*are back/) },
    });
    aws.alarms = () => [OK];
    aws.fault = (operation, nth) =>
      operation === 'alarms' && nth > 5 ? trouble('access-denied') : undefined;
    expect(await shiftWith({ alarms: ['churn-5xx'] })).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringMatching(/It is access-denied.*are back/) },
    });
    expect(aws.live).toEqual(back);
  });

  test('when time runs out', async () => {
    expect(await shiftWith({ timeoutSeconds: 900 })).toMatchObject({
      outcome: 'failed',
      failure: {
        message: expect.stringMatching(/not through within 15 min \(endpoint-timeout\).*are back/),
        fix: expect.stringContaining('endpoint-timeout'),
      },
    });
    expect(aws.live).toEqual(back);
  });

  test('when time runs out while a step is on its way', async () => {
    aws.takes = 700;
    expect(await shiftWith({ timeoutSeconds: 600 })).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringMatching(/the endpoint was Updating.*are back/) },
    });
    expect(aws.sent).toEqual([{ blue: 0.75, green: 0.25 }, back]);
    expect(aws.live).toEqual(back);
  });

  test('when SageMaker does not take a step', async () => {
    aws.holds = (nth) => nth !== 2;
    expect(await shiftWith()).toMatchObject({
      outcome: 'failed',
      failure: {
        message: expect.stringMatching(
          /did not take the weights blue 0\.5, green 0\.5: it is InService with blue 0\.75, green 0\.25.*are back/,
        ),
      },
    });
    expect(aws.live).toEqual(back);
  });

  test('when SageMaker does not take a step, which the reason of a deployment before says nothing of', async () => {
    aws.reason = 'The new version of last week is not healthy.';
    aws.holds = (nth) => nth !== 2;
    const result = await shiftWith();
    expect(result.failure?.message).toContain('did not take the weights');
    expect(result.endpoint?.failureReason).toBeUndefined();
    expect(JSON.stringify([result, log.info_])).not.toContain('last week');
  });

  test('and it is said when they do not', async () => {
    aws.alarms = () => (aws.sent.length > 0 ? [FIRING] : [OK]);
    aws.holds = (nth) => nth === 1;
    expect(await shiftWith({ alarms: ['churn-5xx'] })).toMatchObject({
      outcome: 'failed',
      failure: {
        message: expect.stringContaining('could not be taken back to blue 1, green 0'),
        fix: expect.stringContaining('Set them by hand: `aws sagemaker update-endpoint-weights'),
      },
    });
  });
});

describe('gates', () => {
  const latency = { metric: 'ModelLatency', operator: '<', value: 500_000 } as const;

  test('on counts without data points are on 0', async () => {
    const errors = { metric: 'Invocation5XXErrors', operator: '<=', value: 0 } as const;
    expect(await shiftWith({ gates: [errors], steps: 1 })).toMatchObject({ outcome: 'passed' });
    aws.weights = new Map([
      ['blue', 1],
      ['green', 0],
    ]);
    const requests = { metric: 'Invocations', operator: '>=', value: 100 } as const;
    expect(await shiftWith({ gates: [requests], steps: 1 })).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining('was 0 (sum of 5 min), which is not >= 100') },
    });
  });

  test('on latencies without data points judge nothing, and one notice says so', async () => {
    expect(await shiftWith({ gates: [latency] })).toMatchObject({
      outcome: 'passed',
      notices: [expect.stringMatching(/`ModelLatency < 500 ms` was not judged of the variant green/)],
    });
  });
});

describe('somebody else', () => {
  test.each<[string, () => void, RegExp]>([
    [
      'updates the endpoint',
      () => {
        aws.config = 'churn-other';
      },
      /was updated by somebody else meanwhile, from churn-config to churn-other\. Its weights were left alone/,
    ],
    [
      'deletes the endpoint',
      () => {
        aws.present = false;
      },
      /was deleted meanwhile/,
    ],
  ])('%s: its weights are left alone', async (_what, change, message) => {
    const work = shiftWith();
    clock.after(200, change);
    expect(await work).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringMatching(message) },
    });
    expect(aws.sent).toHaveLength(1);
  });
});

describe('AWS out of sight', () => {
  test('is not a failure of the endpoint', async () => {
    aws.fault = (operation) =>
      operation === 'describe' && aws.sent.length > 0 ? trouble('server') : undefined;
    expect(await shiftWith()).toMatchObject({
      outcome: 'unknown',
      failure: { fix: expect.stringContaining('describe-endpoint') },
      endpoint: { status: 'Unknown' },
    });
  });

  test('is outlived for some minutes', async () => {
    const down = clock.now() + 100_000;
    aws.fault = () => (clock.now() > down && clock.now() < down + 120_000 ? trouble('throttled') : undefined);
    expect(await shiftWith()).toMatchObject({ outcome: 'passed' });
  });
});

describe('a cancel', () => {
  test('before the first step changes nothing', async () => {
    aws.busy(1_000);
    const work = shiftWith();
    clock.after(100, () => cancel.abort());
    expect(await work).toMatchObject({
      outcome: 'canceled',
      detail: 'Nothing was changed at the endpoint churn.',
    });
    expect(aws.sent).toEqual([]);
  });

  test('in an interval takes the weights back, with one call', async () => {
    const work = shiftWith();
    clock.after(200, () => cancel.abort());
    expect(await work).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('are on their way back to blue 1, green 0'),
      endpoint: { action: 'restored' },
    });
    expect(aws.sent).toEqual([
      { blue: 0.75, green: 0.25 },
      { blue: 1, green: 0 },
    ]);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('while a step is on its way cannot, and says how it is done by hand', async () => {
    const work = shiftWith();
    clock.after(30, () => cancel.abort());
    expect(await work).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringMatching(
        /could not be taken back to blue 1, green 0: the last step is still on its way.*By hand: `aws/,
      ),
    });
    expect(aws.sent).toHaveLength(1);
    expect(remembered).toEqual([expect.objectContaining({ weights: { blue: 1, green: 0 } })]);
  });

  test('leaves the weights with stop-on-cancel: false', async () => {
    const work = shiftWith({}, { stopOnCancel: false });
    clock.after(200, () => cancel.abort());
    expect(await work).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('stop-on-cancel is false'),
    });
    expect(aws.sent).toHaveLength(1);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('ends in time when AWS does not answer', async () => {
    const work = shiftWith();
    const canceledAt = clock.now() + 200_000;
    clock.after(200, () => {
      aws.fault = (operation) => (operation === 'connect' ? trouble('network', 'No answer.') : undefined);
      cancel.abort();
    });
    expect(await work).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('could not be taken back to blue 1, green 0: No answer.'),
    });
    expect(clock.now() - canceledAt).toBeLessThan(4_000);
  });
});
