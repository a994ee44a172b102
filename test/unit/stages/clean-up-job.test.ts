import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../src/docker/docker.js';
import type { JobState } from '../../../src/runner/state.js';
import { tempDirOf } from '../../../src/runner/temp-dir.js';
import { cleanUp, type StopWorld } from '../../../src/stages/clean-up.js';
import { pinningTags } from '../../../src/stages/pinning-tags.js';
import { temporaryFolder } from '../runner/temporary-folder.js';
import { awsError, FakeAws, USUAL } from './train/fake-aws.js';
import { SOURCE } from './train/plans.js';
import { VirtualClock } from './train/virtual-clock.js';

const JOB: JobState = { name: 'churn-1', region: 'eu-west-1', stopOnCancel: true, ours: true };
const TAGS = [...pinningTags(SOURCE)].map(([Key, Value]) => ({ Key, Value }));

let clock: VirtualClock;
let aws: FakeAws;

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeAws(clock);
});

/** A program `docker` that is not there: nothing was made with it. */
const noDocker = createDocker({ PATH: '/nowhere' });

function cleanUpJob(job: JobState | undefined, world: Partial<StopWorld> = {}): Promise<readonly string[]> {
  const runId = '0123456789ab';
  const tempDir = tempDirOf({ RUNNER_TEMP: temporaryFolder() }, runId);
  const state = { runId, tempDir, ...(job && { job }) };
  const connect = async () => (await aws.connect()).jobs;
  return clock.run(cleanUp(noDocker, state, undefined, { source: SOURCE, clock, connect, ...world }));
}

const add = (tags = TAGS, secondsAgo = 120) =>
  aws.add({ TrainingJobName: 'churn-1', Tags: tags } as never, { steps: USUAL }, secondsAgo);

describe('a job that main has left', () => {
  test('is stopped, and that is said', async () => {
    add();
    expect(await cleanUpJob(JOB)).toEqual([expect.stringMatching(/churn-1 was left running.*stopping now/)]);
    expect(aws.count('stop')).toBe(1);
  });

  test('needs nobody to look after it once it is stopping or over; one that cannot be stopped does', async () => {
    const settled: string[] = [];
    const onJobSettled: StopWorld['onJobSettled'] = (how) => settled.push(how);
    add();
    aws.fault = (operation) => (operation === 'stop' ? awsError('access-denied') : undefined);
    await cleanUpJob(JOB, { onJobSettled });
    expect(settled).toEqual([]);
    aws.fault = () => undefined;
    await cleanUpJob(JOB, { onJobSettled });
    expect(settled).toEqual(['stopping']);
    add(TAGS, 5000);
    await cleanUpJob(JOB, { onJobSettled });
    expect(settled).toEqual(['stopping', 'ended']);
  });

  test('of which AWS never shows that it is at it is named, and stays for the next look', async () => {
    add();
    const settled: string[] = [];
    const connect = async () => ({ ...(await aws.connect()).jobs, stop: async () => 'stopping' as const });
    expect(await cleanUpJob(JOB, { connect, onJobSettled: (how) => settled.push(how) })).toEqual([
      expect.stringMatching(/was not seen stopping yet.*aws sagemaker stop-training-job/),
    ]);
    expect(settled).toEqual([]);
  });

  test('is stopped though the first call hangs', async () => {
    add();
    let calls = 0;
    const connect = async () => {
      const { jobs } = await aws.connect();
      const stop: typeof jobs.stop = (name, signal) => {
        calls += 1;
        return calls === 1 ? new Promise(() => {}) : jobs.stop(name, signal);
      };
      return { ...jobs, stop };
    };
    expect(await cleanUpJob(JOB, { connect, within: 3_000 })).toEqual([
      expect.stringContaining('stopping now'),
    ]);
    expect(calls).toBe(2);
  });

  test('of a call that is too much for AWS now, nobody is told to change the workflow', async () => {
    add();
    aws.fault = (operation) => (operation === 'stop' ? awsError('throttled', 'Too many calls') : undefined);
    const [told] = await cleanUpJob(JOB);
    expect(told).toMatch(/Too many calls.*Look at the job in the console\./);
    expect(told).not.toContain('Do this.');
  });

  test('and that is over needs no words', async () => {
    add(TAGS, 5000);
    expect(await cleanUpJob(JOB)).toEqual([]);
  });

  test('and that never came to be needs none either', async () => {
    expect(await cleanUpJob(JOB)).toEqual([]);
  });

  test.each([0.3, 3, 7])(
    'at the very moment of its request: it comes after %s s, and is stopped',
    async (seconds) => {
      clock.after(seconds, () => add(TAGS, 0));
      expect(await cleanUpJob({ ...JOB, coming: true })).toEqual([expect.stringContaining('stopping now')]);
      expect(aws.count('describe')).toBeGreaterThan(1);
      expect(aws.count('stop')).toBe(1);
    },
  );

  test('at that moment, with the tags asked for: it comes, and is stopped', async () => {
    clock.after(2, () => add(TAGS, 0));
    expect(await cleanUpJob({ ...JOB, ours: false, coming: true })).toHaveLength(1);
    expect(aws.count('stop')).toBe(1);
  });

  test('at that moment, and whose request never arrived: looked for some seconds long, a few times', async () => {
    const started = clock.now();
    expect(await cleanUpJob({ ...JOB, coming: true })).toEqual([]);
    expect(clock.now() - started).toBeLessThanOrEqual(10_000);
    expect(aws.count('describe')).toBeGreaterThan(5);
    expect(aws.count('describe')).toBeLessThan(20);
  });

  test('at that moment of a cancel: within its few seconds', async () => {
    clock.after(2, () => add(TAGS, 0));
    const started = clock.now();
    expect(await cleanUpJob({ ...JOB, coming: true }, { within: 3_000 })).toHaveLength(1);
    expect(clock.now() - started).toBeLessThanOrEqual(3_000);
  });

  describe('at that moment', () => {
    const madeBy = (step: string) => add([...TAGS, { Key: 'sagemaker-byoc:step', Value: step }]);

    test('is stopped when this step has made it', async () => {
      madeBy('0123456789ab');
      expect(await cleanUpJob({ ...JOB, coming: true })).toHaveLength(1);
      expect(aws.count('stop')).toBe(1);
    });

    test('is left to the other leg of the matrix that has made it', async () => {
      madeBy('fedcba987654');
      expect(await cleanUpJob({ ...JOB, coming: true })).toEqual([]);
      expect(aws.count('stop')).toBe(0);
    });

    test('is stopped when nobody may read whose it is: a job that is left is paid for', async () => {
      madeBy('fedcba987654');
      aws.fault = (operation) => (operation === 'tags' ? awsError('access-denied') : undefined);
      expect(await cleanUpJob({ ...JOB, coming: true })).toHaveLength(1);
      expect(aws.count('stop')).toBe(1);
    });
  });

  test('is left with stop-on-cancel: false, and that is said', async () => {
    add();
    expect(await cleanUpJob({ ...JOB, stopOnCancel: false })).toEqual([
      expect.stringContaining(
        'aws sagemaker stop-training-job --training-job-name churn-1 --region eu-west-1',
      ),
    ]);
    expect(aws.calls).toEqual([]);
  });

  test('and that cannot be stopped is named, with how to do it by hand', async () => {
    add();
    aws.fault = (operation) =>
      operation === 'stop' ? awsError('access-denied', 'No right to stop') : undefined;
    expect(await cleanUpJob(JOB)).toEqual([
      expect.stringMatching(/paid for.*No right to stop.*aws sagemaker stop-training-job/),
    ]);
  });

  test('and that no credentials reach is named', async () => {
    expect(
      await cleanUpJob(JOB, { connect: () => Promise.reject(awsError('no-credentials', 'There are none')) }),
    ).toEqual([expect.stringContaining('There are none')]);
  });
});

describe('a job whose name the user gave, of which main was not sure', () => {
  const UNSURE = { ...JOB, ours: false };

  test('is stopped when it has this run’s tags, from whichever attempt', async () => {
    const earlier = { ...SOURCE, runUrl: `${SOURCE.runUrl}/attempts/2` };
    add([...pinningTags(earlier)].map(([Key, Value]) => ({ Key, Value })));
    expect(await cleanUpJob(UNSURE)).toHaveLength(1);
    expect(aws.count('stop')).toBe(1);
  });

  test.each([
    [
      'another run',
      [{ Key: 'sagemaker-byoc:run-url', Value: 'https://github.com/octo-org/churn-model/actions/runs/2' }],
    ],
    ['nobody', []],
  ])('is not touched when it is of %s', async (_, tags) => {
    add(tags);
    expect(await cleanUpJob(UNSURE)).toEqual([]);
    expect(aws.count('stop')).toBe(0);
  });

  test.each([
    ['is stopped when this step has made it', '0123456789ab', 1],
    ['is left to the other leg of the matrix that has made it', 'fedcba987654', 0],
  ])('%s', async (_, step, stops) => {
    add([...TAGS, { Key: 'sagemaker-byoc:step', Value: step }]);
    expect(await cleanUpJob(UNSURE)).toHaveLength(stops);
    expect(aws.count('stop')).toBe(stops);
  });

  test('is not touched outside of Actions, where no run can be told from another', async () => {
    add([]);
    await cleanUpJob(UNSURE, { source: {} });
    expect(aws.count('stop')).toBe(0);
  });

  test('is named when its tags cannot be read', async () => {
    add();
    aws.fault = (operation) =>
      operation === 'tags' ? awsError('access-denied', 'No right to tags') : undefined;
    expect(await cleanUpJob(UNSURE)).toEqual([expect.stringContaining('No right to tags')]);
    expect(aws.count('stop')).toBe(0);
  });
});

test('without a job AWS is not asked at all', async () => {
  expect(await cleanUpJob(undefined)).toEqual([]);
  expect(aws.calls).toEqual([]);
});
