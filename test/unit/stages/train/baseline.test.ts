import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../../src/docker/docker.js';
import type { SourceRecord } from '../../../../src/plan.js';
import { trainingRequests } from '../../../../src/stages/train/training-request.js';
import { type TrainResult, train } from '../../../../src/stages/train.js';
import { awsError, FakeAws, type Script } from './fake-aws.js';
import { IMAGE_URI, SOURCE, trainingPlan } from './plans.js';
import { SeenLog } from './seen-log.js';
import { VirtualClock } from './virtual-clock.js';

const DAY = 24 * 60 * 60;

let clock: VirtualClock;
let aws: FakeAws;
let canceler: AbortController;

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeAws(clock);
  aws.script = () => reaching(0.9);
  canceler = new AbortController();
});

const LOGS: Script['logs'] = { 'algo-1-1': [{ at: 100, message: 'working' }] };

const reaching = (value: number): Script => ({
  logs: LOGS,
  facts: { FinalMetricDataList: [{ MetricName: 'accuracy', Value: value, Timestamp: new Date(0) }] },
});

interface Earlier {
  readonly name: string;
  readonly daysAgo: number;
  readonly source?: Partial<SourceRecord>;
  readonly imageUri?: string;
  readonly script?: Script;
}

/** A job that is there before; of `main`, unless told otherwise. */
function earlier({
  name,
  daysAgo,
  source = {},
  imageUri = IMAGE_URI,
  script = reaching(0.8),
}: Earlier): void {
  const plan = trainingPlan({ job: { name } });
  const { requests } = trainingRequests({
    plan,
    job: plan.job,
    imageUri,
    imageEntrypoint: [],
    source: { ...SOURCE, ...source },
    runId: '0123456789ab',
  });
  aws.add(requests[0], script, daysAgo * DAY);
}

function trainFor(ref: string | undefined, source: SourceRecord = SOURCE): Promise<TrainResult> {
  const context = {
    docker: createDocker({}),
    runId: '0123456789ab',
    tempDir: '/temp',
    log: new SeenLog(),
    signal: canceler.signal,
    source,
  };
  return clock.run(
    train(
      context,
      trainingPlan(ref === undefined ? {} : { baselineRef: ref }),
      { uri: IMAGE_URI },
      {
        onKnown: () => {},
        remember: () => {},
        clock,
        connect: aws.connect,
        askPrice: async () => undefined,
      },
    ),
  );
}

const BRANCH: SourceRecord = { ...SOURCE, ref: 'refs/heads/next', runId: '1658821494' };

describe('The baseline of a job', () => {
  test('is the newest that was completed at the ref by this workflow, for this repository of images', async () => {
    earlier({ name: 'older', daysAgo: 9, script: reaching(0.1) });
    earlier({ name: 'the-one', daysAgo: 8, imageUri: `${IMAGE_URI.split('@')[0]}:v1` });
    earlier({ name: 'other-branch', daysAgo: 7, source: { ref: 'refs/heads/main-2' } });
    earlier({ name: 'other-workflow', daysAgo: 6, source: { workflow: 'Nightly' } });
    earlier({ name: 'other-repository', daysAgo: 5, source: { repository: 'octo-org/fork' } });
    earlier({ name: 'other-model', daysAgo: 4, imageUri: IMAGE_URI.replace('/churn@', '/fraud@') });
    const failed = [{ at: 0, secondary: 'Failed', status: 'Failed' }];
    earlier({ name: 'failed', daysAgo: 3, script: { ...reaching(0.7), steps: failed } });
    const { job, notices } = await trainFor('main', BRANCH);
    expect(job.baseline).toEqual({
      jobName: 'the-one',
      ref: 'main',
      metrics: [{ name: 'accuracy', value: 0.8 }],
    });
    expect(notices).toEqual([]);
  });

  test.each([
    ['v1', 'refs/tags/v1'],
    ['refs/heads/v1', 'refs/heads/v1'],
  ])('may be one of %s: %s', async (ref, inFull) => {
    earlier({ name: 'tagged', daysAgo: 1, source: { ref: inFull } });
    expect((await trainFor(ref)).job.baseline?.jobName).toBe('tagged');
  });

  test('is never the job itself', async () => {
    const { job, notices } = await trainFor('main');
    expect(job.baseline).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining('no job for this model at main yet')]);
  });

  test('is not looked for when nobody asks for it, or when there is no metric to compare', async () => {
    await trainFor(undefined);
    aws.script = () => ({ logs: LOGS });
    const { notices } = await trainFor('main', BRANCH);
    expect(notices).toEqual([]);
    expect(aws.count('completed')).toBe(0);
  });

  test('costs one notice where it may not be looked for, and nothing else', async () => {
    earlier({ name: 'there', daysAgo: 1 });
    aws.fault = (operation) =>
      operation === 'completed' ? awsError('access-denied', 'AWS denies sagemaker:Search') : undefined;
    const { outcome, job, notices } = await trainFor('main');
    expect({ outcome, baseline: job.baseline }).toEqual({ outcome: 'passed' });
    expect(notices).toEqual([expect.stringContaining('AWS denies sagemaker:Search. Do this.')]);
  });

  test('costs one notice outside of GitHub Actions, where nobody knows whose jobs to look for', async () => {
    const { notices } = await trainFor('main', {});
    expect(notices).toEqual([expect.stringContaining('GitHub Actions only')]);
    expect(aws.count('completed')).toBe(0);
  });
});
