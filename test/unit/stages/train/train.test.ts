import { beforeEach, describe, expect, test } from '@jest/globals';
import { CanceledError, createDocker } from '../../../../src/docker/docker.js';
import type { JobRecord, Plan, SourceRecord } from '../../../../src/plan.js';
import type { JobState } from '../../../../src/runner/state.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';
import type { TrainingImage } from '../../../../src/stages/train/resolve-image.js';
import { trainingRequests } from '../../../../src/stages/train/training-request.js';
import { type TrainResult, type TrainWorld, train } from '../../../../src/stages/train.js';
import { arnOf, awsError, FakeAws, USUAL } from './fake-aws.js';
import { BUILD, IMAGE_URI, SOURCE, trainingPlan } from './plans.js';
import { SeenLog } from './seen-log.js';
import { VirtualClock } from './virtual-clock.js';

let clock: VirtualClock;
let aws: FakeAws;
let log: SeenLog;
let canceler: AbortController;
let remembered: (JobState | undefined)[];
let known: JobRecord[];

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeAws(clock);
  log = new SeenLog();
  canceler = new AbortController();
  remembered = [];
  known = [];
});

type Change = Parameters<typeof trainingPlan>[0];

function trainWith(
  change: Change = {},
  source: SourceRecord = SOURCE,
  world: Partial<TrainWorld> = {},
  image: TrainingImage = { uri: IMAGE_URI },
  planned?: Plan['image'],
): Promise<TrainResult> {
  const context = {
    docker: createDocker({}),
    runId: source === SOURCE ? '0123456789ab' : 'abcdef012345',
    tempDir: '/temp',
    log,
    signal: canceler.signal,
    source,
  };
  return clock.run(
    train(context, { ...trainingPlan(change), ...(planned && { image: planned }) }, image, {
      onKnown: (job) => known.push(job),
      remember: (job) => remembered.push(job),
      clock,
      connect: aws.connect,
      askPrice: async () => undefined,
      ...world,
    }),
  );
}

/** The request that the plan makes, to have the job there before. */
function requestOf(change: Change = {}, source: SourceRecord = SOURCE) {
  const plan = trainingPlan(change);
  return trainingRequests({
    plan,
    job: plan.job,
    imageUri: IMAGE_URI,
    imageEntrypoint: [],
    source,
    // Of another step, though it asks for the same.
    runId: 'fedcba987654',
  }).requests[0];
}

const endingWith = (status: string, secondary = status, failureReason?: string) => [
  ...USUAL.slice(0, 3),
  { at: 300, secondary, status, ...(failureReason !== undefined && { failureReason }) },
];

const names = () => [...aws.jobs.keys()];

describe('a job', () => {
  test('is started once, followed, and told', async () => {
    aws.script = () => ({
      logs: { 'algo-1-1': [{ at: 100, message: 'loss=0.5' }] },
      facts: {
        FinalMetricDataList: [{ MetricName: 'loss', Value: 0.5, Timestamp: new Date(0) }],
        TrainingTimeInSeconds: 300,
        BillableTimeInSeconds: 3600,
        ModelArtifacts: { S3ModelArtifacts: 's3://models/churn/model.tar.gz' },
      },
    });
    const result = await trainWith({
      training: { metricDefinitions: [{ name: 'loss', regex: 'loss=(.*)' }] },
      job: {
        hourlyPrice: 0.25,
        instanceCount: 2,
        metricGates: [{ metric: 'loss', operator: '<', value: 1 }],
      },
    });
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: expect.stringMatching(/^Trained churn-model-.* in 5 min\.$/),
      job: {
        status: 'Completed',
        joined: false,
        finalMetrics: [{ name: 'loss', value: 0.5 }],
        gates: [{ actual: 0.5, passed: true }],
        modelArtifacts: 's3://models/churn/model.tar.gz',
        cost: { usd: 0.5, hourlyPrice: 0.25 },
        series: [{ name: 'loss', values: [0.5] }],
        consoleUrl: expect.stringMatching(/^https:\/\/eu-west-1\.console\.aws\.amazon\.com\/sagemaker/),
      },
      metrics: [{ name: 'loss', values: [0.5] }],
    });
    expect(result.failure).toBeUndefined();
    expect(aws.count('create')).toBe(1);
  });

  test('is remembered before it is made, and let go of at its end', async () => {
    aws.fault = (operation) => {
      if (operation === 'create') expect(remembered).toHaveLength(1);
      return undefined;
    };
    await trainWith();
    const job = { name: names()[0], region: 'eu-west-1', stopOnCancel: true, ours: true };
    expect(remembered[0]).toEqual({ ...job, coming: true });
    expect(remembered[1]).toEqual(job);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('is known to the outputs as soon as it is there', async () => {
    clock.after(1, () => {
      expect(known.at(-1)).toMatchObject({
        name: names()[0],
        status: 'InProgress',
        arn: expect.stringContaining('arn:'),
      });
    });
    await trainWith();
    expect(known.at(-1)?.status).toBe('Completed');
  });

  test('that is not waited for is started, and left with how to join it', async () => {
    const result = await trainWith({ follow: { wait: false } });
    expect(result).toMatchObject({ outcome: 'passed', job: { status: 'InProgress' } });
    expect(log.info_.at(-1)).toContain(`training-job-name: ${names()[0]}`);
    expect(remembered.at(-1)).toBeUndefined();
    expect(aws.count('stop')).toBe(0);
  });
});

describe('the image', () => {
  const REPOSITORY = IMAGE_URI.replace(/@.*/, '');
  const OTHER = `sha256:${'cd'.repeat(32)}`;
  const ecr = (findImages: () => Promise<unknown>) =>
    (async () => ({ findImages, close: () => {} })) as unknown as NonNullable<TrainWorld['openEcr']>;
  const registry = { account: '123456789012', region: 'eu-west-1' };

  test('by its tag is run, and recorded, by its digest', async () => {
    const openEcr = ecr(async () => [{ digest: OTHER, mediaType: '', manifest: '' }]);
    const { job, notices } = await trainWith({}, SOURCE, { openEcr }, { uri: `${REPOSITORY}:v1`, registry });
    const pinned = `${REPOSITORY}@${OTHER}`;
    expect(
      [...aws.jobs.values()].map(({ request }) => request.AlgorithmSpecification?.TrainingImage),
    ).toEqual([pinned]);
    expect(job).toMatchObject({
      image: pinned,
      request: { AlgorithmSpecification: { TrainingImage: pinned } },
    });
    expect(notices.filter((notice) => notice.includes('pinned'))).toEqual([]);
  });

  test('that may not be looked up is run by its tag, with one notice', async () => {
    const openEcr = ecr(() => Promise.reject(awsError('access-denied', 'AWS denies it')));
    const { job, notices } = await trainWith({}, SOURCE, { openEcr }, { uri: `${REPOSITORY}:v1`, registry });
    expect(job.image).toBe(`${REPOSITORY}:v1`);
    expect(notices.filter((notice) => notice.includes('not pinned'))).toHaveLength(1);
  });

  test('that is not there starts nothing', async () => {
    const work = trainWith(
      {},
      SOURCE,
      { openEcr: ecr(async () => []) },
      { uri: `${REPOSITORY}:v1`, registry },
    );
    await expect(work).rejects.toThrow('There is no image');
    expect(aws.count('create')).toBe(0);
    expect(remembered).toEqual([]);
  });

  test('that the overrides name is not looked up', async () => {
    const overrides = { AlgorithmSpecification: { TrainingImage: 'other' } };
    const { job } = await trainWith(
      { job: { overrides } },
      SOURCE,
      {},
      { uri: `${REPOSITORY}:v1`, registry },
    );
    expect(job.image).toBe('other');
  });
});

test('spot without checkpoints is told to begin from scratch', async () => {
  const scratch = expect.stringMatching(/begins from scratch/);
  expect((await trainWith({ job: { spot: true } })).notices).toContainEqual(scratch);
  const checkpointPath = 's3://bucket/checkpoints';
  expect((await trainWith({ job: { spot: true, checkpointPath } })).notices).not.toContainEqual(scratch);
  expect((await trainWith({ job: { volumeSizeInGB: 31 } })).notices).not.toContainEqual(scratch);
});

describe('a create call', () => {
  test.each(['throttled', 'server', 'network'] as const)(
    'that meets %s is made again, for one job',
    async (kind) => {
      aws.fault = (operation, nth) => (operation === 'create' && nth < 4 ? awsError(kind) : undefined);
      expect(await trainWith()).toMatchObject({ outcome: 'passed', job: { joined: false } });
      expect(names()).toHaveLength(1);
    },
  );

  test.each([1, 3])('whose answer is lost %s times makes one job, which is ours', async (times) => {
    aws.lostAnswer = (nth) => (nth <= times ? awsError('network') : undefined);
    expect(await trainWith()).toMatchObject({ outcome: 'passed', job: { joined: false } });
    expect(names()).toHaveLength(1);
    expect(remembered.filter(Boolean).every((job) => job?.ours)).toBe(true);
  });

  test('of a name that the user gave is safe in the same way', async () => {
    aws.lostAnswer = (nth) => (nth === 1 ? awsError('network') : undefined);
    expect(await trainWith({ job: { name: 'mine' } })).toMatchObject({
      outcome: 'passed',
      job: { joined: false },
    });
    expect(names()).toEqual(['mine']);
    expect(remembered.map((job) => job?.ours)).toEqual([false, true, undefined]);
  });

  test('that never gets an answer ends in not knowing; post looks for the job', async () => {
    aws.fault = (operation) => (operation === 'create' ? awsError('network') : undefined);
    const began = aws.clock.now();
    const result = await trainWith();
    expect(result).toMatchObject({
      outcome: 'unknown',
      job: { status: 'Unknown' },
      failure: {
        message: expect.stringMatching(
          /^Whether the training job .* Nothing of sagemaker has answered since the run began\. Tried: .*HTTPS_PROXY/,
        ),
      },
    });
    expect(remembered.at(-1)).toBeDefined();
    // Nothing has answered before either: an outage of minutes is waited for later only.
    expect(aws.clock.now() - began).toBeLessThan(90_000);
  });

  test('that is refused fails, with the quota’s name and its page', async () => {
    const said =
      "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, with current utilization of 0 Instances and a request delta of 1 Instances.";
    aws.fault = (operation) =>
      operation === 'create' ? awsError('quota', said, 'ResourceLimitExceeded') : undefined;
    const failure = await trainWith().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StageFailure);
    expect((failure as StageFailure).failure.message).toContain('The training job was not started.');
    expect((failure as StageFailure).failure.fix).toMatch(/ml\.p3\.2xlarge for training job usage.*https:/);
    expect(aws.count('create')).toBe(1);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('without credentials fails before anything is started', async () => {
    aws.fault = (operation) => (operation === 'connect' ? awsError('no-credentials') : undefined);
    await expect(trainWith()).rejects.toThrow(StageFailure);
    expect(remembered).toEqual([]);
  });
});

describe('a job that is there already', () => {
  test('of this run is joined', async () => {
    aws.add(requestOf(), {}, 200);
    expect(await trainWith()).toMatchObject({
      outcome: 'passed',
      job: { joined: true, status: 'Completed' },
    });
    expect(names()).toHaveLength(1);
  });

  const AGAIN = { ...SOURCE, runAttempt: 2, runUrl: `${SOURCE.runUrl}/attempts/2` };

  test.each([
    ['goes on', 200, USUAL],
    ['was completed', 5000, USUAL],
  ])('of an earlier attempt is joined when it %s', async (_, secondsAgo, steps) => {
    aws.add(requestOf(), { steps }, secondsAgo);
    const result = await trainWith({}, AGAIN);
    expect(result).toMatchObject({ outcome: 'passed', job: { joined: true, name: names()[0] } });
    expect(aws.count('create')).toBe(0);
  });

  test.each(['Failed', 'Stopped'])('of an earlier attempt that is %s is started anew', async (status) => {
    aws.add(requestOf(), { steps: [{ at: 0, secondary: status, status }] }, 5000);
    expect(await trainWith({}, AGAIN)).toMatchObject({ outcome: 'passed', job: { joined: false } });
    expect(names()).toHaveLength(2);
  });

  test('of an earlier attempt is joined on the fallback type that it runs on', async () => {
    const change = { job: { fallbackInstanceTypes: ['ml.m5.2xlarge', 'ml.m5.4xlarge'] } };
    const first = requestOf(change);
    aws.add(first, { steps: endingWith('Failed', 'Failed', 'CapacityError: none') }, 900);
    const second = {
      ...first,
      TrainingJobName: `${first.TrainingJobName}-2`,
      ResourceConfig: { ...first.ResourceConfig, InstanceType: 'ml.m5.2xlarge' as const },
    };
    aws.add(
      second,
      {
        steps: [
          USUAL[0] as never,
          { at: 300, secondary: 'Failed', status: 'Failed', failureReason: 'CapacityError: none' },
        ],
      },
      100,
    );
    const result = await trainWith(change, AGAIN);
    // It had no capacity either: the next type's turn.
    expect(result).toMatchObject({ outcome: 'passed', job: { instanceType: 'ml.m5.4xlarge' } });
    expect(known.some(({ name, joined }) => joined && name === second.TrainingJobName)).toBe(true);
    expect(aws.count('create')).toBe(1);
    expect(names().at(-1)).toMatch(/-2-[0-9a-f]{8}-3$/);
  });

  test('of an earlier attempt is joined though the image was built anew, which is said', async () => {
    const image = { kind: 'build', build: BUILD } as const;
    const from = { job: trainingPlan().job, imageEntrypoint: [], source: SOURCE, runId: '0123456789ab' };
    const plan = { ...trainingPlan(), image };
    aws.add(trainingRequests({ ...from, plan, imageUri: IMAGE_URI }).requests[0], {}, 200);
    const rebuilt = IMAGE_URI.replace(/.{4}$/, 'cdcd');
    const result = await trainWith({}, AGAIN, {}, { uri: rebuilt }, image);
    expect(result).toMatchObject({ outcome: 'passed', job: { joined: true, image: IMAGE_URI } });
    expect(result.notices).toContainEqual(expect.stringContaining(`${IMAGE_URI}, not ${rebuilt}`));
    expect(aws.count('create')).toBe(0);
  });

  test('of an earlier attempt is joined when AWS says how it is only after a while', async () => {
    aws.add(requestOf(), { steps: USUAL }, 200);
    let refusals = 3;
    aws.fault = (operation) =>
      operation === 'describe' && refusals-- > 0 ? awsError('throttled') : undefined;
    expect(await trainWith({}, AGAIN)).toMatchObject({ outcome: 'passed', job: { joined: true } });
    expect(names()).toHaveLength(1);
  });

  test.each(['access-denied', 'network'] as const)(
    'of an earlier attempt that cannot be seen (%s) is not doubled',
    async (kind) => {
      aws.add(requestOf(), { steps: USUAL }, 200);
      aws.fault = (operation) => (operation === 'describe' ? awsError(kind) : undefined);
      await expect(trainWith({}, AGAIN)).rejects.toThrow(/whether an earlier attempt .* is not known/);
      expect(aws.count('create')).toBe(0);
      expect(remembered.at(-1)).toBeUndefined();
    },
  );

  test('under a given name is joined when it carries our tags', async () => {
    aws.add({ ...requestOf({ job: { name: 'mine', volumeSizeInGB: 99 } }) }, {}, 200);
    expect(await trainWith({ job: { name: 'mine' } }, AGAIN)).toMatchObject({ job: { joined: true } });
  });

  const OTHERS = [
    { Key: 'sagemaker-byoc:run-url', Value: 'https://github.com/octo-org/churn-model/actions/runs/9' },
  ];

  test('under a given name is joined when another run sent the same request, and is not ours', async () => {
    aws.add({ ...requestOf({ job: { name: 'mine' } }), Tags: OTHERS }, {}, 200);
    clock.after(30, () => canceler.abort());
    const result = await trainWith({ job: { name: 'mine' } });
    expect(result).toMatchObject({ outcome: 'canceled', detail: expect.stringContaining('goes on') });
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('under a given name is joined with another request too: what differs is told, and it is never stopped', async () => {
    aws.add({ ...requestOf({ job: { name: 'mine', volumeSizeInGB: 99 } }), Tags: OTHERS }, {}, 200);
    clock.after(30, () => canceler.abort());
    const result = await trainWith({ job: { name: 'mine' } });
    expect(result).toMatchObject({ outcome: 'canceled', job: { name: 'mine', joined: true } });
    expect(result.notices).toEqual([expect.stringContaining('ResourceConfig.VolumeSizeInGB (99, not 30)')]);
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  const REBUILT = IMAGE_URI.replace(/.{4}$/, 'cdcd');
  const BUILT = { kind: 'build', build: BUILD } as const;

  test('under a given name, of another run and of another image than was built here, is no job of ours', async () => {
    aws.add({ ...requestOf({ job: { name: 'mine' } }), Tags: OTHERS }, {}, 5000);
    const failed = trainWith({ job: { name: 'mine' } }, SOURCE, {}, { uri: REBUILT }, BUILT);
    await expect(failed).rejects.toMatchObject({
      failure: {
        class: 'job-name-taken',
        message: expect.stringContaining(`${IMAGE_URI}, not ${REBUILT}`),
        fix: expect.stringContaining('github.sha'),
      },
    });
    expect(remembered.at(-1)).toBeUndefined();
    expect(known).toEqual([]);
  });

  test.each([
    ['the image that was built here, in another repository', OTHERS, IMAGE_URI.replace('churn@', 'other@')],
    ['an earlier attempt, of the image as it was built then', undefined, REBUILT],
  ])('under a given name is joined when it is of %s', async (_, tags, uri) => {
    aws.add({ ...requestOf({ job: { name: 'mine' } }), ...(tags && { Tags: tags }) }, {}, 5000);
    expect(await trainWith({ job: { name: 'mine' } }, AGAIN, {}, { uri }, BUILT)).toMatchObject({
      outcome: 'passed',
      detail: 'Joined mine, which completed.',
      job: { joined: true, image: IMAGE_URI },
    });
  });

  test('under a given name is joined with the image that it trains, when none was made here', async () => {
    aws.add({ ...requestOf({ job: { name: 'mine' } }), Tags: OTHERS }, {}, 5000);
    const joined = trainWith({ job: { name: 'mine' } }, SOURCE, {}, { uri: REBUILT });
    expect(await joined).toMatchObject({ outcome: 'passed', job: { joined: true } });
  });

  test('and that is not waited for is not said to be started', async () => {
    aws.add(requestOf(), {}, 200);
    const { detail } = await trainWith({ follow: { wait: false } });
    expect(detail).toMatch(/^Joined \S+; it is not waited for\.$/);
  });

  test.each([
    ['a cancel', { follow: {} }, 'canceled', /another job or step of this run has started it/],
    ['a time-out', { follow: { timeoutSeconds: 60 } }, 'unknown', /this step has not started it/],
  ])(
    'under a given name, of another leg of the run, is not stopped by %s',
    async (_, follow, outcome, says) => {
      aws.add(requestOf({ job: { name: 'mine' } }), {}, 20);
      if (outcome === 'canceled') clock.after(30, () => canceler.abort());
      const result = await trainWith({ job: { name: 'mine' }, ...follow });
      expect(result).toMatchObject({ outcome, detail: expect.stringMatching(says) });
      expect(aws.count('stop')).toBe(0);
      expect(remembered.at(-1)).toBeUndefined();
    },
  );

  test('under a given name, of another leg of the run, is left alone by a cancel before our request is answered', async () => {
    aws.add(requestOf({ job: { name: 'mine' } }), {}, 20);
    aws.fault = (operation) => (operation === 'create' ? awsError('network') : undefined);
    clock.after(5, () => canceler.abort());
    expect(await trainWith({ job: { name: 'mine' } })).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('was left alone'),
    });
    expect(aws.count('stop')).toBe(0);
  });

  test.each([
    ['under a given name', { job: { name: 'mine' } }],
    ['under a made name', {}],
  ])('%s, of an earlier attempt, is stopped by a cancel of this one', async (_, change) => {
    aws.add(requestOf(change), {}, 20);
    clock.after(30, () => canceler.abort());
    expect(await trainWith(change, AGAIN)).toMatchObject({
      outcome: 'canceled',
      job: { status: 'Stopping', joined: true },
    });
    expect(aws.count('stop')).toBe(1);
  });

  test('under a given name is never said to be started', async () => {
    aws.add({ ...requestOf({ job: { name: 'mine' } }), Tags: OTHERS }, {}, 200);
    await trainWith({ job: { name: 'mine' } });
    expect(log.info_.filter((line) => /^Start(?:ing|ed) the/.test(line))).toEqual([]);
    expect(log.info_.slice(0, 2)).toEqual([
      expect.stringMatching(/^Asking for the training job mine in eu-west-1 on 1/),
      expect.stringMatching(/^mine is there already, and joined/),
    ]);
    aws.jobs.clear();
    await trainWith({ job: { name: 'mine' } });
    expect(log.info_).toContainEqual(
      expect.stringMatching(/^Started the training job mine in eu-west-1 on 1/),
    );
  });

  test('is followed the way that its run has said how to, from another run', async () => {
    clock.after(200, () => canceler.abort());
    const { detail, job } = await trainWith({ follow: { stopOnCancel: false } });
    const name = /`training-job-name: (\S+)`/.exec(detail)?.[1] ?? '';
    canceler = new AbortController();
    const later = {
      ...SOURCE,
      runId: '99',
      runUrl: 'https://github.com/octo-org/churn-model/actions/runs/99',
    };
    expect(await trainWith({ job: { name } }, later, {}, { uri: 'rebuilt' })).toMatchObject({
      outcome: 'passed',
      job: { name: job.name, joined: true },
      notices: expect.arrayContaining([expect.stringContaining(`(${IMAGE_URI}, not rebuilt)`)]),
    });
  });

  test('under a made name with another request is an error, and never touched', async () => {
    const { TrainingJobName: name = '' } = requestOf();
    aws.add({ ...requestOf({ job: { name, volumeSizeInGB: 99 } }), Tags: OTHERS }, {}, 200);
    await expect(trainWith()).rejects.toThrow(/another training job named churn-model/);
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('of another leg of the run, in the same attempt, is joined and never stopped', async () => {
    aws.add(requestOf(), {}, 20);
    clock.after(30, () => canceler.abort());
    expect(await trainWith()).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('another job or step of this run has started it'),
    });
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('of another leg of the run is left alone by a cancel before our own request is answered', async () => {
    aws.add(requestOf(), {}, 20);
    aws.fault = (operation) => (operation === 'create' ? awsError('network') : undefined);
    clock.after(5, () => canceler.abort());
    expect(await trainWith()).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('was left alone'),
    });
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('of another leg of the run, made while our own request was repeated, is not ours', async () => {
    aws.fault = (operation, nth) => (operation === 'create' && nth === 1 ? awsError('network') : undefined);
    clock.after(0.5, () => aws.add(requestOf(), { steps: USUAL }, 0));
    expect(await trainWith()).toMatchObject({ outcome: 'passed', job: { joined: true } });
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('whose tags may not be read is not taken for our own', async () => {
    aws.add({ ...requestOf({ job: { name: 'mine' } }) }, {}, 200);
    aws.fault = (operation) => (operation === 'tags' ? awsError('access-denied') : undefined);
    await trainWith({ job: { name: 'mine' } });
    expect(remembered.some((job) => job?.ours)).toBe(false);
  });
});

describe('the end', () => {
  test.each([
    ['Stopped', 'Stopped', undefined, /stopped by somebody else/],
    ['Stopped', 'MaxRuntimeExceeded', undefined, /longer than `max-runtime`/],
    ['Stopped', 'MaxWaitTimeExceeded', undefined, /`max-wait` was over/],
    ['Failed', 'Failed', 'AlgorithmError: , exit code: 1', /training job failed: AlgorithmError/],
    [
      'Failed',
      'Failed',
      'CapacityError: Unable to provision requested ML compute capacity.',
      /no capacity for 1 × ml.m5.large/,
    ],
    ['Failed', 'Failed', 'InternalServerError: We encountered an internal error.', /error of its own/],
  ])('%s, %s, %s has words of its own', async (status, secondary, reason, words) => {
    aws.script = () => ({ steps: endingWith(status, secondary, reason) });
    const result = await trainWith();
    expect(result).toMatchObject({ outcome: 'failed', failure: { message: expect.stringMatching(words) } });
    expect(result.failure?.fix).toBeTruthy();
    expect(result.diagnosis).toBeDefined();
  });

  test.each([
    [[{ name: 'loss', value: 2 }], 'loss is 2, and should be < 1'],
    [[], 'loss was never reported, and should be < 1'],
  ])('of a model that is not good enough fails with the numbers', async (metrics, words) => {
    aws.script = () => ({
      facts: {
        FinalMetricDataList: metrics.map(({ name, value }) => ({ MetricName: name, Value: value })) as never,
      },
    });
    const result = await trainWith({ job: { metricGates: [{ metric: 'loss', operator: '<', value: 1 }] } });
    expect(result).toMatchObject({ outcome: 'failed', failure: { message: expect.stringContaining(words) } });
    expect(result.diagnosis).toBeUndefined();
  });

  test('of a model that is just good enough passes, and shows the value as it was written', async () => {
    aws.script = () => ({
      facts: { FinalMetricDataList: [{ MetricName: 'loss', Value: Math.fround(0.2) }] as never },
    });
    const gates = (['<=', '=='] as const).map((operator) => ({ metric: 'loss', operator, value: 0.2 }));
    expect(await trainWith({ job: { metricGates: gates } })).toMatchObject({
      outcome: 'passed',
      job: { finalMetrics: [{ name: 'loss', value: 0.2 }], gates: [{ actual: 0.2 }, { actual: 0.2 }] },
    });
  });

  test('of a stall is a failure, and says which', async () => {
    aws.script = () => ({
      steps: USUAL.map((step) => ({ ...step, at: step.at > 90 ? step.at + 36_000 : step.at })),
    });
    expect(await trainWith({ follow: { stallTimeoutSeconds: 600 } })).toMatchObject({
      outcome: 'failed',
      job: { status: 'Stopped', stoppedBecause: expect.stringContaining('stall-timeout') },
    });
  });

  test('of stop-when is a success', async () => {
    aws.script = () => ({
      steps: USUAL.map((step) => ({ ...step, at: step.at > 90 ? step.at + 36_000 : step.at })),
      logs: { 'algo-1-1': Array.from({ length: 50 }, (_, n) => ({ at: 100 + n * 60, message: 'loss=0.5' })) },
    });
    expect(
      await trainWith({
        training: { metricDefinitions: [{ name: 'loss', regex: 'loss=(.*)' }] },
        follow: { stopWhen: { metric: 'loss', direction: 'minimize', patience: 3 } },
      }),
    ).toMatchObject({
      outcome: 'passed',
      detail: expect.stringContaining('early'),
      job: { status: 'Stopped' },
    });
  });

  test('that is not known is no failure of training, and says how to go on', async () => {
    aws.fault = (operation) =>
      operation === 'describe' && clock.now() > Date.parse('2026-03-01T10:02:00Z')
        ? awsError('expired-credentials')
        : undefined;
    const result = await trainWith();
    expect(result).toMatchObject({ outcome: 'unknown', job: { status: 'Unknown' } });
    expect(result.failure?.fix).toContain(`training-job-name: ${names()[0]}`);
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });
});

describe('logs that may not be read', () => {
  test('cost one warning, and the notice of it', async () => {
    aws.fault = (operation) =>
      operation === 'streams' ? awsError('access-denied', 'AWS denies it') : undefined;
    aws.script = (name) =>
      name.endsWith('-2') ? {} : { steps: endingWith('Failed', 'Failed', 'CapacityError: none') };
    const result = await trainWith({ job: { fallbackInstanceTypes: ['ml.m5.2xlarge'] } });
    const told = expect.stringContaining('logs cannot be shown: AWS denies it');
    expect(result.outcome).toBe('passed');
    expect(result.annotations).toEqual([{ level: 'warning', title: 'Training job', message: told }]);
    expect(result.notices.filter((notice) => notice.includes('logs cannot be shown'))).toHaveLength(1);
  });
});

describe('no capacity', () => {
  const CAPACITY = 'CapacityError: Unable to provision requested ML compute capacity. Please retry.';

  test('goes on with the next type, under another name', async () => {
    aws.script = (_, { ResourceConfig }) =>
      ResourceConfig?.InstanceType === 'ml.m5.4xlarge'
        ? {}
        : { steps: endingWith('Failed', 'Failed', CAPACITY) };
    const result = await trainWith({ job: { fallbackInstanceTypes: ['ml.m5.2xlarge', 'ml.m5.4xlarge'] } });
    expect(result).toMatchObject({ outcome: 'passed', job: { instanceType: 'ml.m5.4xlarge' } });
    expect(names().map((name) => name.slice(-2))).toEqual([expect.any(String), '-2', '-3']);
    expect(result.notices.filter((notice) => notice.includes('no capacity'))).toHaveLength(2);
  });

  test('has no log, which is neither waited for nor told', async () => {
    aws.script = (_, { ResourceConfig }) =>
      ResourceConfig?.InstanceType === 'ml.m5.2xlarge'
        ? { logs: { 'algo-1-1': [{ at: 100, message: 'loss=0.5' }] } }
        : {
            steps: [
              { at: 0, secondary: 'Starting' },
              { at: 60, secondary: 'Failed', status: 'Failed', failureReason: CAPACITY },
            ],
          };
    const result = await trainWith({ job: { fallbackInstanceTypes: ['ml.m5.2xlarge'] } });
    expect(result).toMatchObject({
      outcome: 'passed',
      notices: [expect.stringContaining('no capacity for ml.m5.large')],
    });
    const [first = ''] = names();
    const second = aws.calls.findIndex(({ operation, name }) => operation === 'create' && name !== first);
    const asked = aws.calls.slice(0, second).findLast(({ operation }) => operation === 'describe');
    expect(aws.calls[second]?.at).toBe(asked?.at);
    expect(aws.calls.slice(0, second).map(({ operation }) => operation)).not.toContain('streams');
  });

  test('on every type is told', async () => {
    aws.script = () => ({ steps: endingWith('Failed', 'Failed', CAPACITY) });
    const result = await trainWith({ job: { fallbackInstanceTypes: ['ml.m5.2xlarge'] } });
    expect(result).toMatchObject({ outcome: 'failed', job: { instanceType: 'ml.m5.2xlarge' } });
    expect(names()).toHaveLength(2);
  });

  test('is the only failure that goes on', async () => {
    aws.script = () => ({ steps: endingWith('Failed', 'Failed', 'AlgorithmError: , exit code: 1') });
    await trainWith({ job: { fallbackInstanceTypes: ['ml.m5.2xlarge'] } });
    expect(names()).toHaveLength(1);
  });
});

describe('a cancel', () => {
  const stopped = () => aws.calls.find(({ operation }) => operation === 'stop')?.at ?? Number.NaN;

  test.each([0.001, 1, 30, 75, 200, 395])(
    'after %s s stops the job at once, and sees that it stops',
    async (seconds) => {
      const started = clock.now();
      clock.after(seconds, () => canceler.abort());
      const result = await trainWith();
      expect(result).toMatchObject({
        outcome: 'canceled',
        job: { status: 'Stopping', stoppedBecause: 'the run was canceled' },
      });
      expect(stopped() - started).toBeLessThanOrEqual(seconds * 1000 + 500);
      expect(clock.now() - started).toBeLessThanOrEqual(seconds * 1000 + 4_000);
      expect(log.info_.at(-1)).toContain('is stopping');
      expect(remembered.at(-1)).toBeUndefined();
    },
  );

  test('before anything is started starts nothing', async () => {
    canceler.abort();
    await expect(trainWith()).rejects.toThrow(expect.objectContaining({ name: 'CanceledError' }));
    expect(aws.count('create')).toBe(0);
  });

  test('while the create call is on its way stops what it makes', async () => {
    const connect = aws.connect;
    const started = clock.now();
    clock.after(0.5, () => canceler.abort());
    const result = await trainWith({}, SOURCE, {
      connect: async () => {
        const connection = await connect();
        const create = connection.jobs.create;
        const slow: typeof create = async (request, signal) => {
          await clock.sleep(1_500);
          return create(request, signal);
        };
        return { ...connection, jobs: { ...connection.jobs, create: slow } };
      },
    });
    expect(result).toMatchObject({
      outcome: 'canceled',
      job: { status: 'Stopping', arn: arnOf(names()[0] ?? '') },
    });
    expect(clock.now() - started).toBeLessThanOrEqual(4_500);
  });

  test('is the last that is told and kept, though the create call’s answer comes after it', async () => {
    const connect = aws.connect;
    clock.after(0.5, () => canceler.abort());
    let answered = false;
    const result = await trainWith({}, SOURCE, {
      connect: async () => {
        const connection = await connect();
        const create = connection.jobs.create;
        const late: typeof create = async (request, signal) => {
          const arn = await create(request, signal);
          await clock.sleep(60_000);
          answered = true;
          return arn;
        };
        return { ...connection, jobs: { ...connection.jobs, create: late } };
      },
    });
    expect(result.job).toMatchObject({ status: 'Stopping', arn: arnOf(names()[0] ?? '') });
    await clock.run(clock.sleep(120_000));
    expect(answered).toBe(true);
    expect(known.at(-1)).toMatchObject({ status: 'Stopping', stoppedBecause: 'the run was canceled' });
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('between two tries of the create call makes no further one, and leaves the rest to post', async () => {
    aws.fault = (operation) => (operation === 'create' ? awsError('throttled') : undefined);
    clock.after(0.5, () => canceler.abort());
    const result = await trainWith();
    expect(result).toMatchObject({ outcome: 'canceled', detail: expect.stringContaining('post') });
    expect(aws.count('create')).toBe(1);
    expect(remembered.at(-1)).toBeDefined();
  });

  test('goes through AWS’s trouble while there is time', async () => {
    aws.fault = (operation, nth) => (operation === 'stop' && nth < 4 ? awsError('server') : undefined);
    clock.after(200, () => canceler.abort());
    expect(await trainWith()).toMatchObject({ outcome: 'canceled', job: { status: 'Stopping' } });
  });

  test('that AWS does not take says so in time, and leaves it to post', async () => {
    aws.fault = (operation) => (operation === 'stop' ? awsError('network') : undefined);
    const started = clock.now();
    clock.after(200, () => canceler.abort());
    const result = await trainWith();
    expect(clock.now() - started).toBeLessThanOrEqual(204_000);
    expect(result).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('aws sagemaker stop-training-job'),
    });
    expect(remembered.at(-1)).toMatchObject({ ours: true });
  });

  test('of which AWS never shows that it is at it leaves the job to post', async () => {
    clock.after(200, () => canceler.abort());
    const result = await trainWith({}, SOURCE, {
      connect: async () => {
        const connection = await aws.connect();
        return { ...connection, jobs: { ...connection.jobs, stop: async () => 'stopping' } };
      },
    });
    expect(result).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringMatching(/was not seen stopping yet.*aws sagemaker stop-training-job/),
      job: { status: 'Unknown' },
    });
    expect(remembered.at(-1)).toMatchObject({ ours: true });
  });

  test('at which nobody answers ends in time too', async () => {
    const started = clock.now();
    clock.after(200, () => canceler.abort());
    const result = await trainWith({}, SOURCE, {
      connect: async () => {
        const connection = await aws.connect();
        return { ...connection, jobs: { ...connection.jobs, stop: () => new Promise(() => {}) } };
      },
    });
    expect(clock.now() - started).toBeLessThanOrEqual(204_000);
    expect(result.detail).toContain('did not answer in time');
  });

  test('leaves the job with stop-on-cancel: false, and says how to join it', async () => {
    clock.after(200, () => canceler.abort());
    const result = await trainWith({ follow: { stopOnCancel: false } });
    expect(result).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('training-job-name: '),
    });
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('of a job that was over is a cancel all the same', async () => {
    clock.after(402, () => canceler.abort());
    const result = await trainWith();
    expect(result).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringContaining('had come to its end'),
    });
  });

  test('after the job was seen to be over leaves its outcome as it is', async () => {
    aws.script = () => ({
      facts: { FinalMetricDataList: [{ MetricName: 'loss', Value: 0.5, Timestamp: new Date(0) }] },
    });
    aws.fault = (operation) => {
      if (operation === 'completed') canceler.abort();
      return canceler.signal.aborted ? new CanceledError() : undefined;
    };
    const result = await trainWith({ baselineRef: 'main' });
    expect(aws.count('completed')).toBe(1);
    expect(result).toMatchObject({ outcome: 'passed', job: { status: 'Completed' } });
    expect(result.notices).toContain(
      'No baseline: the run was canceled while the jobs of main were looked for.',
    );
    expect(aws.count('stop')).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('touches no other job of the same commit', async () => {
    const other = requestOf({}, { ...SOURCE, runId: '99' });
    aws.add(other, {}, 10);
    clock.after(200, () => canceler.abort());
    await trainWith();
    expect(
      aws.calls.filter(({ operation, name }) => operation === 'stop' && name === other.TrainingJobName),
    ).toEqual([]);
  });
});
