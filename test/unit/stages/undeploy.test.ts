import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../src/docker/docker.js';
import type { EndpointRecord, UndeployPlan } from '../../../src/plan.js';
import { ENDPOINT_TAG, pinningTags } from '../../../src/stages/pinning-tags.js';
import { type UndeployResult, undeploy } from '../../../src/stages/undeploy.js';
import { refused, trouble } from './deploy/fake-hosting.js';
import { deployPlan, SOURCE } from './deploy/plans.js';
import { FakeAccount, REGISTRY } from './removal/fake-account.js';
import { SeenLog } from './train/seen-log.js';
import { VirtualClock } from './train/virtual-clock.js';

let clock: VirtualClock;
let aws: FakeAccount;
let log: SeenLog;
let known: EndpointRecord[];
let cancel: AbortController;
/** Configurations, the live one first. */
let live: string;
let old: string;

const OTHER = { ...SOURCE, repository: 'octo-org/other' };

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeAccount(clock);
  log = new SeenLog();
  known = [];
  cancel = new AbortController();
  old = aws.addConfig('churn-old', 48);
  live = aws.addConfig('churn-live', 2);
  aws.hosting.add('churn', live, pinningTags(SOURCE));
  aws.hosting.targets.set('AllTraffic', { minCapacity: 1, maxCapacity: 4 });
});

function undeployWith(change: Partial<UndeployPlan> = {}): Promise<UndeployResult> {
  const context = {
    docker: createDocker({}),
    runId: '0123456789ab',
    tempDir: '/temp',
    log,
    signal: cancel.signal,
    source: SOURCE,
  };
  const { endpoint: _, ...plan } = deployPlan();
  const part: UndeployPlan = {
    endpointName: 'churn',
    artifacts: false,
    dryRun: false,
    timeoutSeconds: 1_800,
    ...change,
  };
  return clock.run(
    undeploy(
      context,
      { ...plan, stages: ['undeploy'], undeploy: part },
      {
        onKnown: (record) => known.push(record),
        clock,
        connect: aws.connect,
      },
    ),
  );
}

const told = ({ endpoint }: UndeployResult) =>
  (endpoint?.removed ?? []).map(({ result, kind, name }) => `${result} ${kind} ${name}`);

const EVERYTHING = () => [
  'endpoint churn',
  'scalable-target endpoint/churn/variant/AllTraffic',
  `endpoint-config ${live}`,
  `endpoint-config ${old}`,
  `model ${live}`,
  `model ${old}`,
];

describe('an endpoint', () => {
  test('goes with its auto-scaling, configurations and models, in the order that breaks nothing', async () => {
    const result = await undeployWith();
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: 'Removed the endpoint churn and 5 things that belonged to it.',
      endpoint: { status: 'Deleted', action: 'deleted' },
    });
    expect(told(result)).toEqual(EVERYTHING().map((what) => `removed ${what}`));
    expect(aws.hosting.changes).toEqual([
      'removeEndpoint churn',
      `removeConfig ${live}`,
      `removeConfig ${old}`,
      `removeModel ${live}`,
      `removeModel ${old}`,
    ]);
    expect(aws.hosting.targets.size).toBe(0);
    expect(aws.hosting.status('churn')).toBeUndefined();
    const at = (operation: string) => aws.hosting.calls.find((call) => call.operation === operation)?.at ?? 0;
    expect(at('removeConfig') - at('removeEndpoint')).toBeGreaterThanOrEqual(60_000);
  });

  test('is gone the second time: green, and nothing changes', async () => {
    await undeployWith();
    const before = aws.hosting.changes.length;
    expect(await undeployWith()).toMatchObject({
      outcome: 'passed',
      detail: 'Unchanged: there is no endpoint churn, and nothing is left of it.',
      endpoint: { status: 'Deleted', action: 'unchanged', removed: [] },
    });
    expect(aws.hosting.changes).toHaveLength(before);
  });

  test.each([
    ['before it is deleted', 0],
    ['while its deletion is waited for', 55],
  ])('that others create anew %s is left alone, with what it needs', async (_, seconds) => {
    const anew = () => {
      aws.hosting.add('churn', live, new Map());
      Object.assign(aws.hosting.endpoints.get('churn') ?? {}, { created: clock.now() });
    };
    aws.hosting.fault = (operation, nth) => {
      // Whose it is was asked by then.
      if (seconds === 0 && operation === 'describeConfig' && nth === 1) anew();
      return undefined;
    };
    if (seconds > 0) clock.after(seconds, anew);
    expect(await undeployWith()).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('Others have created the endpoint churn anew meanwhile'),
    });
    expect(aws.hosting.status('churn')).toEqual({ status: 'InService', config: live });
    expect(aws.hosting.configs.has(live)).toBe(true);
  });

  test('that was deleted by hand: what is left over of it goes', async () => {
    aws.hosting.endpoints.clear();
    const result = await undeployWith();
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: expect.stringContaining('5 things that were left'),
    });
    expect(told(result)).toEqual(
      EVERYTHING()
        .filter((what) => what !== 'endpoint churn')
        .map((what) => `removed ${what}`),
    );
  });

  test('that others delete while it is asked for its tags: what is left over of it goes', async () => {
    aws.hosting.fault = (operation, nth) => {
      if (operation === 'tags' && nth === 1) aws.hosting.endpoints.clear();
      return undefined;
    };
    const result = await undeployWith();
    expect(result.outcome).toBe('passed');
    expect(told(result)).toEqual(expect.arrayContaining([`removed model ${live}`, `removed model ${old}`]));
  });

  test('is only listed in a dry run', async () => {
    const result = await undeployWith({ dryRun: true });
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: 'Dry run: 6 things of the endpoint churn would be removed.',
      endpoint: { status: 'InService', action: 'none' },
    });
    expect(told(result)).toEqual(EVERYTHING().map((what) => `would-be-removed ${what}`));
    expect(aws.hosting.changes).toEqual([]);
    expect(aws.hosting.targets.size).toBe(1);
  });

  test.each(['Creating', 'Updating', 'RollingBack', 'SystemUpdating'])(
    'that is %s is waited for',
    async (status) => {
      aws.hosting.change('churn', [
        { at: 0, status },
        { at: 400, status: 'InService' },
      ]);
      expect(await undeployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'deleted' } });
      expect(log.info_.join('\n')).toContain(`is ${status}, and cannot be deleted as long as it is`);
    },
  );

  test('that is being deleted already is waited for', async () => {
    aws.hosting.change('churn', [
      { at: 0, status: 'Deleting' },
      { at: 300, status: 'Gone' },
    ]);
    expect(await undeployWith()).toMatchObject({ outcome: 'passed' });
    expect(aws.hosting.count('removeEndpoint')).toBe(0);
    expect(aws.hosting.configs.size).toBe(0);
  });

  test('goes without the reason of a deployment before this run', async () => {
    const reason = 'The new version of last week is not healthy.';
    aws.hosting.change('churn', [{ at: 0, status: 'InService', config: live, reason }]);
    const result = await undeployWith({ dryRun: true });
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { status: 'InService' } });
    expect(result.endpoint?.failureReason).toBeUndefined();
  });

  test('that may not be asked for until the time is over is lost from sight, with the action', async () => {
    aws.hosting.fault = (operation) =>
      operation === 'describeEndpoint'
        ? trouble('access-denied', 'AWS denies sagemaker:DescribeEndpoint.')
        : undefined;
    const result = await undeployWith({ timeoutSeconds: 120 });
    expect(result).toMatchObject({ outcome: 'unknown' });
    expect(result.failure?.message).toContain('AWS denies sagemaker:DescribeEndpoint.');
  });

  test('that failed goes too', async () => {
    aws.hosting.change('churn', [{ at: 0, status: 'Failed', reason: 'No.' }]);
    expect(await undeployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'deleted' } });
  });

  test('that never settles stays, and it is said', async () => {
    aws.hosting.change('churn', [{ at: 0, status: 'Updating' }]);
    expect(await undeployWith()).toMatchObject({
      outcome: 'failed',
      failure: {
        message: expect.stringMatching(
          /still Updating after 30 min \(endpoint-timeout\).*Nothing was removed/,
        ),
      },
    });
    expect(aws.hosting.changes).toEqual([]);
    expect(aws.hosting.targets.size).toBe(1);
  });

  test('whose deletion takes too long: what it needs stays', async () => {
    expect(await undeployWith({ timeoutSeconds: 30 })).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringMatching(/not gone within 30 s.*it is Deleting/) },
    });
    expect(aws.hosting.configs.size).toBe(2);
    expect(aws.hosting.targets.size).toBe(1);
  });

  test('that AWS does not delete keeps its auto-scaling: it goes on serving', async () => {
    aws.hosting.fault = (operation) => (operation === 'removeEndpoint' ? refused('No.') : undefined);
    expect(await undeployWith()).toMatchObject({ outcome: 'failed', endpoint: { status: 'InService' } });
    expect(aws.hosting.targets.size).toBe(1);
  });
});

describe('what is not this repository’s', () => {
  test.each([
    ['another repository’s', pinningTags(OTHER), /its tag sagemaker-byoc:repository is octo-org\/other/],
    ['somebody’s own', new Map([['team', 'ml']]), /it has no tag sagemaker-byoc:repository/],
  ])('an endpoint that is %s is refused, with how to do it by hand', async (_what, tags, message) => {
    aws.hosting.endpoints.clear();
    aws.hosting.add('churn', live, tags);
    await expect(undeployWith()).rejects.toMatchObject({
      failure: {
        message: expect.stringMatching(message),
        fix: expect.stringContaining(
          '`aws sagemaker delete-endpoint --endpoint-name churn --region eu-west-1`',
        ),
      },
    });
    expect(aws.hosting.changes).toEqual([]);
    expect(aws.hosting.targets.size).toBe(1);
  });

  test('stays: models and configurations without the tags, of others, or for other endpoints', async () => {
    const others = [
      aws.addConfig('churn-theirs', 5, { source: OTHER }),
      aws.addConfig('churn-next', 5, { endpoint: 'churn-next' }),
    ];
    const foreign = aws.addConfig('churn-foreign', 5);
    for (const all of [aws.hosting.configs, aws.hosting.models]) {
      const made = all.get(foreign);
      if (made) Object.assign(made.request, { Tags: [{ Key: ENDPOINT_TAG, Value: 'churn' }] });
    }
    await undeployWith();
    expect([...aws.hosting.configs.keys()].sort()).toEqual([...others, foreign].sort());
    expect([...aws.hosting.models.keys()].sort()).toEqual([...others, foreign].sort());
  });

  test('stays: a live configuration that somebody else made, and a notice says so', async () => {
    const theirs = aws.addConfig('handmade', 1, { source: OTHER });
    aws.hosting.endpoints.clear();
    aws.hosting.add('churn', theirs, pinningTags(SOURCE));
    expect(await undeployWith()).toMatchObject({
      outcome: 'passed',
      notices: [expect.stringContaining(`The configuration ${theirs} was not made by this repository`)],
    });
    expect(aws.hosting.configs.has(theirs)).toBe(true);
  });

  test('breaks nothing: what another endpoint is on stays, with its model', async () => {
    aws.hosting.add('second', old, pinningTags(SOURCE));
    const result = await undeployWith();
    expect(told(result)).toContain(`kept endpoint-config ${old}`);
    expect(told(result)).toContain(`kept model ${old}`);
    expect(aws.hosting.configs.has(old) && aws.hosting.models.has(old)).toBe(true);
    expect(aws.hosting.models.has(live)).toBe(false);
  });
});

describe('the repository of images', () => {
  beforeEach(() => {
    aws.repositories.set('churn', { tags: pinningTags(SOURCE), images: [] });
  });

  test('goes when asked', async () => {
    const result = await undeployWith({ repository: 'churn' });
    expect(told(result)).toContain('removed repository churn');
    expect(aws.repositories.size).toBe(0);
    expect(told(await undeployWith({ repository: 'churn' }))).toEqual([]);
  });

  test('stays when not asked', async () => {
    await undeployWith();
    expect(aws.repositories.size).toBe(1);
  });

  test('stays when this action did not create it', async () => {
    aws.repositories.set('churn', { tags: new Map(), images: [] });
    const result = await undeployWith({ repository: 'churn' });
    expect(result.endpoint?.removed.at(-1)).toMatchObject({
      kind: 'repository',
      result: 'kept',
      why: expect.stringContaining('did not create it'),
    });
    expect(aws.repositories.size).toBe(1);
  });

  test.each<[string, () => void, RegExp]>([
    ['a model', () => aws.addConfig('second', 3, { endpoint: 'second' }), /^the model second-/],
    [
      'a registered version',
      () =>
        aws.registered.push({
          arn: 'arn:aws:sagemaker:eu-west-1:1:model-package/churn/3',
          images: [`${REGISTRY}/churn@sha256:1`],
          modelData: [],
        }),
      /^the registered version churn\/3 needs/,
    ],
    [
      'a job in progress',
      () => aws.addJob('job-1', 'InProgress', 'refs/heads/main'),
      /^the training job job-1/,
    ],
  ])('stays when %s needs an image in it', async (_what, arrange, why) => {
    arrange();
    const result = await undeployWith({ repository: 'churn' });
    expect(result.endpoint?.removed.at(-1)).toMatchObject({
      result: 'kept',
      why: expect.stringMatching(why),
    });
    expect(aws.repositories.size).toBe(1);
  });

  test('is listed in a dry run: the models that would go do not hold it', async () => {
    expect(told(await undeployWith({ repository: 'churn', dryRun: true }))).toContain(
      'would-be-removed repository churn',
    );
    expect(aws.repositories.size).toBe(1);
  });
});

describe('artifacts in S3', () => {
  const of = (job: string) => `s3://models/${job}/output/model.tar.gz`;
  let trained: string;

  beforeEach(() => {
    trained = aws.addConfig('churn-trained', 3, { data: of('churn-7') });
    aws.addJob('churn-7', 'Completed', 'refs/heads/main', { modelArtifacts: of('churn-7') });
    aws.hosting.objects.set(of('churn-7'), 'weights');
  });

  test('that a job of this repository wrote go when asked; others stay', async () => {
    const result = await undeployWith({ artifacts: true });
    expect(told(result)).toContain(`removed object ${of('churn-7')}`);
    expect(told(result)).toContain('kept object s3://models/churn-live');
    expect(aws.hosting.objects.size).toBe(0);
    expect(aws.hosting.models.has(trained)).toBe(false);
  });

  test('stay when not asked', async () => {
    await undeployWith();
    expect(aws.hosting.objects.size).toBe(1);
  });

  test.each<[string, () => void, RegExp]>([
    [
      'a registered version needs them',
      () =>
        aws.registered.push({
          arn: 'arn:aws:sagemaker:eu-west-1:1:model-package/churn/3',
          images: [],
          modelData: [of('churn-7')],
        }),
      /registered version churn\/3 needs it/,
    ],
    [
      'a model of another endpoint needs them',
      () => aws.addConfig('second', 3, { endpoint: 'second', data: of('churn-7') }),
      /the model second-.* needs it/,
    ],
    [
      'another repository’s job wrote them',
      () =>
        aws.addJob('churn-7', 'Completed', '', { modelArtifacts: of('churn-7'), tags: pinningTags(OTHER) }),
      /not this repository's/,
    ],
    ['their job is not known any more', () => aws.jobs.clear(), /not known any more/],
  ])('stay when %s', async (_what, arrange, why) => {
    arrange();
    const { endpoint } = await undeployWith({ artifacts: true });
    expect(endpoint?.removed).toContainEqual({
      kind: 'object',
      name: of('churn-7'),
      result: 'kept',
      why: expect.stringMatching(why),
    });
    expect(aws.hosting.objects.size).toBe(1);
  });
});

describe('AWS', () => {
  test('refuses one thing: the others go, and the run is red', async () => {
    aws.hosting.fault = (operation, nth) =>
      operation === 'removeModel' && nth === 1
        ? trouble('access-denied', 'AWS denies sagemaker:DeleteModel.')
        : undefined;
    const result = await undeployWith();
    expect(result).toMatchObject({
      outcome: 'failed',
      failure: {
        message: expect.stringMatching(
          /Not everything.*\(1 thing is left\).*AWS denies sagemaker:DeleteModel/,
        ),
      },
    });
    expect(told(result)).toContain(`kept model ${live}`);
    expect(aws.hosting.models.has(old)).toBe(false);
  });

  test('refuses the endpoint: what it needs stays', async () => {
    aws.hosting.fault = (operation) => (operation === 'removeEndpoint' ? refused('No.') : undefined);
    expect(await undeployWith()).toMatchObject({ outcome: 'failed' });
    expect(aws.hosting.configs.size).toBe(2);
  });

  test('does not tell of auto-scaling: a notice', async () => {
    aws.hosting.fault = (operation) =>
      operation === 'describeTargets' ? trouble('access-denied') : undefined;
    expect(await undeployWith()).toMatchObject({
      outcome: 'passed',
      notices: [expect.stringContaining('scaled automatically is not known')],
    });
  });

  test('is out of sight: unknown, and not failed', async () => {
    aws.hosting.fault = (operation) => (operation === 'removeConfig' ? trouble('network') : undefined);
    expect(await undeployWith()).toMatchObject({ outcome: 'unknown', endpoint: { status: 'Unknown' } });
  });

  test('loses the answer to the deletion: it goes on', async () => {
    let nth = 0;
    aws.hosting.fault = (operation) => {
      if (operation !== 'removeEndpoint') return undefined;
      nth += 1;
      if (nth > 1) return refused('Cannot update in-progress endpoint "arn".');
      aws.hosting.change('churn', [
        { at: 0, status: 'Deleting' },
        { at: 60, status: 'Gone' },
      ]);
      return trouble('network');
    };
    expect(await undeployWith()).toMatchObject({ outcome: 'passed', endpoint: { action: 'deleted' } });
  });
});

test('a cancel says how far it has come', async () => {
  const work = undeployWith();
  clock.after(30, () => cancel.abort());
  expect(await work).toMatchObject({
    outcome: 'canceled',
    detail: expect.stringMatching(/endpoint churn was Deleting.*1 thing was removed.*Run this again/),
  });
  expect(aws.hosting.configs.size).toBe(2);
});
