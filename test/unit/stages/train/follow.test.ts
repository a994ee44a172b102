import { beforeEach, describe, expect, test } from '@jest/globals';
import type { FollowPlan } from '../../../../src/plan.js';
import { type Followed, type FollowOptions, follow } from '../../../../src/stages/train/follow.js';
import {
  awsError,
  FakeAws,
  type FakeEvent,
  type Operation,
  type Script,
  type Step,
  USUAL,
} from './fake-aws.js';
import { SeenLog } from './seen-log.js';
import { VirtualClock } from './virtual-clock.js';

const PLAN: FollowPlan = { wait: true, stopOnCancel: true, streamLogs: true };
const LOSS = [{ name: 'loss', regex: 'loss=([0-9.]+)' }];
const NAME = 'churn-1';
const HOST = 'algo-1-1700000000';

let clock: VirtualClock;
let aws: FakeAws;
let log: SeenLog;
let canceler: AbortController;

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeAws(clock);
  log = new SeenLog();
  canceler = new AbortController();
});

const lines = (from: number, to: number, each: number, text: (n: number) => string): FakeEvent[] =>
  Array.from({ length: Math.floor((to - from) / each) }, (_, n) => ({
    at: from + n * each,
    message: text(n),
  }));

function followJob(
  script: Script = {},
  plan: Partial<FollowPlan> = {},
  change: Partial<FollowOptions> = {},
  secondsAgo = 0,
): Promise<Followed> {
  aws.add(
    {
      TrainingJobName: NAME,
      ResourceConfig: { InstanceCount: Object.keys(script.logs ?? {}).length || 1 },
    } as never,
    script,
    secondsAgo,
  );
  return clock.run(
    follow({
      name: NAME,
      connect: aws.connect,
      clock,
      signal: canceler.signal,
      log,
      plan: { ...PLAN, ...plan },
      metricDefinitions: LOSS,
      mayStop: true,
      hourlyPrice: () => undefined,
      onSeen: () => {},
      ...change,
    }),
  );
}

const failing = (operation: Operation, error: () => Error, from: number, to: number) => {
  const start = clock.now();
  aws.fault = (called) => {
    const at = (clock.now() - start) / 1000;
    return called === operation && at >= from && at < to ? error() : undefined;
  };
};

describe('status', () => {
  test('each change is told once, with how long the one before took', async () => {
    await followJob();
    expect(log.info_.slice(0, 5)).toEqual([
      'Starting: Starting the training job',
      'Downloading (Starting took 1 min): Downloading the training image',
      'Training (Downloading took 30 s): Training image download completed. Training in progress.',
      'Uploading (Training took 5 min)',
      'Completed (Uploading took 10 s)',
    ]);
  });

  test('a message that changes within a status is told too', async () => {
    const waiting = 'Insufficient capacity error from EC2 while launching instances, retrying!';
    const [first, ...others] = USUAL as [Step, ...Step[]];
    let message = first.message ?? '';
    clock.after(30, () => {
      message = waiting;
    });
    const starting = Object.defineProperty({ ...first }, 'message', { get: () => message });
    await followJob({ steps: [starting, ...others] });
    expect(log.info_.slice(0, 2)).toEqual(['Starting: Starting the training job', `Starting: ${waiting}`]);
    expect(log.info_.filter((line) => line.startsWith('Starting: '))).toHaveLength(2);
  });

  test('the end is seen within seconds', async () => {
    await followJob();
    const end = (aws.jobs.get(NAME)?.created ?? 0) + 400_000;
    const seen =
      aws.calls.filter(({ operation, at }) => operation === 'describe' && at >= end).at(0)?.at ?? 0;
    expect(seen - end).toBeLessThanOrEqual(6_000);
  });

  test('a job of ten hours is asked a few times a minute at most', async () => {
    const steps = USUAL.map((step) => ({ ...step, at: step.at > 90 ? step.at + 36_000 : step.at }));
    await followJob({ steps });
    expect(aws.count('describe')).toBeLessThan((36_400 / 60) * 3);
    expect(aws.count('page')).toBeLessThan((36_400 / 60) * 3);
  });

  test('a status that nobody knows does not go on for ever', async () => {
    const followed = await followJob({ steps: [{ at: 0, secondary: 'Dreaming', status: 'Dreaming' }] });
    expect(followed).toMatchObject({ end: 'lost', why: expect.stringContaining('Dreaming') });
  });

  test('a secondary status that nobody knows is shown and waited out', async () => {
    const [first, , ...rest] = USUAL;
    const followed = await followJob({
      steps: [first as (typeof USUAL)[number], { at: 70, secondary: 'Polishing' }, ...rest],
    });
    expect(followed.end).toBe('ended');
    expect(log.info_).toContain('Polishing (Starting took 1 min 10 s)');
  });

  test('stopping does not go on for ever', async () => {
    const followed = await followJob({ steps: [{ at: 0, secondary: 'Stopping', status: 'Stopping' }] });
    expect(followed).toMatchObject({ end: 'lost', why: expect.stringMatching(/stopping for 1 h/) });
  });

  test.each(['Completed', 'Failed', 'Stopped'])('%s is an end', async (status) => {
    const followed = await followJob({ steps: [{ at: 0, secondary: status, status }] });
    expect(followed).toMatchObject({ end: 'ended', job: { TrainingJobStatus: status } });
  });
});

describe('trouble on the way to AWS', () => {
  test.each([
    ['throttled', 25 * 60],
    ['server', 10 * 60],
    ['network', 10 * 60],
    ['expired-credentials', 60],
    ['access-denied', 4 * 60],
  ] as const)('%s for a while is waited out, and told once', async (kind, seconds) => {
    failing('describe', () => awsError(kind), 100, 100 + seconds);
    const followed = await followJob();
    expect(followed).toMatchObject({ end: 'ended', job: { TrainingJobStatus: 'Completed' } });
    expect(log.info_.filter((line) => line.includes('cannot be asked for now'))).toHaveLength(1);
  });

  test.each([
    ['throttled', 30 * 60],
    ['server', 15 * 60],
    ['network', 15 * 60],
    ['expired-credentials', 2 * 60],
    ['no-credentials', 2 * 60],
    ['access-denied', 5 * 60],
  ] as const)('%s for good ends in not knowing, with what to do', async (kind, seconds) => {
    failing('describe', () => awsError(kind), 100, Number.POSITIVE_INFINITY);
    const started = clock.now();
    const followed = await followJob();
    expect(followed).toMatchObject({ end: 'lost', why: `It is ${kind}.`, fix: 'Do this.' });
    const lasted = (clock.now() - started) / 1000 - 100;
    expect(lasted).toBeGreaterThan(seconds - 1);
    expect(lasted).toBeLessThan(seconds + 40);
  });

  test('credentials that have expired are asked of the chain again', async () => {
    let fresh = false;
    const connect = aws.connect;
    let connections = 0;
    failing('describe', () => awsError('expired-credentials'), 100, Number.POSITIVE_INFINITY);
    const fault = aws.fault;
    aws.fault = (operation, nth) => (fresh ? undefined : fault(operation, nth));
    const followed = await followJob({}, {}, {
      connect: () => {
        connections += 1;
        fresh = connections > 1;
        return connect();
      },
    } as Partial<FollowOptions>);
    expect(followed.end).toBe('ended');
    expect(connections).toBe(2);
  });

  test('no connection at all ends in not knowing', async () => {
    failing('connect', () => awsError('no-credentials'), 0, Number.POSITIVE_INFINITY);
    expect(await followJob()).toMatchObject({ end: 'lost', why: 'It is no-credentials.' });
  });

  test('a job that is gone is lost, not failed', async () => {
    clock.after(200, () => aws.jobs.clear());
    expect(await followJob()).toMatchObject({ end: 'lost', why: expect.stringContaining('no training job') });
  });
});

describe('logs', () => {
  const LOGS = { [HOST]: lines(90, 390, 1, (n) => `line ${n}`) };

  test('every line of every host, once and in order', async () => {
    const hosts = ['algo-1-1', 'algo-2-1', 'algo-3-1', 'algo-4-1'];
    const logs = Object.fromEntries(hosts.map((host) => [host, lines(90, 390, 0.5, (n) => `${host} ${n}`)]));
    await followJob({ logs });
    for (const host of hosts) {
      const expected = logs[host]?.map(({ message }) => `${host.slice(0, 6)} | ${message}`);
      expect(log.untrusted_.filter((line) => line.startsWith(host.slice(0, 6)))).toEqual(expected);
    }
  });

  test('are read less often while calls are throttled, and no line is lost', async () => {
    const passes = (from: number, to: number) =>
      aws.calls.filter(({ operation, at }) => operation === 'page' && at >= from && at < to).length;
    const long: readonly Step[] = [
      { at: 0, secondary: 'Training' },
      { at: 3_600, secondary: 'Completed', status: 'Completed' },
    ];
    const began = clock.now();
    const at = (seconds: number) => began + seconds * 1_000;
    aws.fault = (operation) => {
      // One in each pass, which the client has made again by itself.
      if (operation === 'page' && clock.now() >= at(1_200) && clock.now() < at(2_400)) aws.throttles += 1;
      return undefined;
    };
    await followJob({ steps: long, logs: { [HOST]: lines(0, 3_600, 5, (n) => `line ${n}`) } });
    const [before, crowded, after] = [
      passes(at(600), at(1_200)),
      passes(at(1_800), at(2_400)),
      passes(at(3_000), at(3_600)),
    ];
    expect(crowded).toBeLessThan(before / 2);
    expect(after).toBeGreaterThan(before / 2);
    expect(log.untrusted_).toHaveLength(720);
  });

  test('lines are shown while the job runs', async () => {
    clock.after(200, () => {
      expect(log.untrusted_.length).toBeGreaterThan(80);
    });
    await followJob({ logs: LOGS });
    expect(log.untrusted_).toHaveLength(300);
  });

  test('what CloudWatch has only after the end is not lost', async () => {
    const late = [
      { at: 404, message: 'Traceback (most recent call last):' },
      { at: 408, message: 'ValueError: the last word' },
    ];
    const followed = await followJob({ logs: { [HOST]: [...(LOGS[HOST] ?? []), ...late] } });
    expect(followed.tail.lines.at(-1)).toBe('ValueError: the last word');
  });

  test('a host that comes late, and one that is started again, are followed too', async () => {
    await followJob({
      logs: {
        'algo-1-1': lines(90, 200, 10, (n) => `first ${n}`),
        'algo-2-1': lines(300, 390, 10, (n) => `late ${n}`),
        'algo-1-2': lines(250, 390, 10, (n) => `again ${n}`),
      },
    });
    expect(log.untrusted_.filter((line) => line.startsWith('algo-1 |'))).toEqual([
      ...lines(90, 200, 10, (n) => `algo-1 | first ${n}`).map(({ message }) => message),
      ...lines(250, 390, 10, (n) => `algo-1 | again ${n}`).map(({ message }) => message),
    ]);
    expect(log.untrusted_.filter((line) => line.startsWith('algo-2 |'))).toHaveLength(9);
  });

  test('the tail is of the last start: what an interruption broke off explains nothing', async () => {
    const { tail } = await followJob({
      logs: {
        'algo-1-1': [
          { at: 100, message: 'Traceback (most recent call last):' },
          { at: 100, message: 'EOFError' },
        ],
        'algo-1-2': [{ at: 250, message: 'out of memory' }],
      },
    });
    expect(tail).toEqual({ host: 'algo-1', lines: ['out of memory'] });
  });

  test('a job that was started again and wrote no line since: its tail is said to be an old one', async () => {
    const { tail } = await followJob({
      steps: [
        { at: 0, secondary: 'Starting' },
        { at: 60, secondary: 'Training' },
        { at: 200, secondary: 'Interrupted' },
        { at: 260, secondary: 'Starting' },
        { at: 400, secondary: 'Failed', status: 'Failed', failureReason: 'InternalServerError: Try again.' },
      ],
      logs: { 'algo-1-1': [{ at: 100, message: 'epoch 1' }] },
    });
    expect(tail).toEqual({ host: 'algo-1', lines: ['epoch 1'], beforeRestart: true });
  });

  test('no permission costs one warning, and nothing else', async () => {
    failing('streams', () => awsError('access-denied', 'AWS denies logs:DescribeLogStreams'), 0, 1e9);
    const followed = await followJob({ logs: LOGS });
    expect(followed).toMatchObject({ end: 'ended', job: { TrainingJobStatus: 'Completed' } });
    expect(followed.notices).toEqual([expect.stringContaining('logs:DescribeLogStreams')]);
    expect(followed.warnings).toEqual(followed.notices);
    expect(log.info_.filter((line) => line.includes('logs:DescribeLogStreams'))).toHaveLength(1);
  });

  test('permission that comes later loses no line', async () => {
    failing('page', () => awsError('access-denied'), 0, 150);
    const steps = USUAL.map((step) => ({ ...step, at: step.at > 90 ? step.at + 3600 : step.at }));
    const followed = await followJob({ steps, logs: LOGS });
    expect(log.untrusted_).toHaveLength(300);
    expect(followed).toMatchObject({ notices: [], warnings: [] });
  });

  test.each(['throttled', 'server', 'network', 'expired-credentials'] as const)(
    '%s in the middle loses no line and repeats none',
    async (kind) => {
      failing('page', () => awsError(kind), 150, 300);
      const followed = await followJob({ logs: LOGS });
      expect(log.untrusted_).toEqual(LOGS[HOST]?.map(({ message }) => `algo-1 | ${message}`));
      expect(followed.notices).toEqual([]);
    },
  );

  test('logs that never come back do not keep the result from coming', async () => {
    failing('page', () => awsError('server'), 150, 1e9);
    const followed = await followJob({ logs: LOGS });
    expect(followed).toMatchObject({ end: 'ended', job: { TrainingJobStatus: 'Completed' } });
    expect(followed.notices).toEqual([expect.stringContaining('end of the logs may be missing')]);
  });

  test('a token that is too old is replaced, and nothing is shown twice', async () => {
    let stale = 3;
    aws.isStale = () => aws.count('page') > 20 && stale-- > 0;
    await followJob({ logs: LOGS });
    expect(log.untrusted_).toEqual(LOGS[HOST]?.map(({ message }) => `algo-1 | ${message}`));
  });

  const FAILED = USUAL.map((step) =>
    step.status ? { ...step, secondary: 'Failed', status: 'Failed' } : step,
  );

  test('a failed job’s container that was started and has no line yet gets a minute more after the end', async () => {
    const followed = await followJob({
      steps: FAILED,
      logs: {
        [HOST]: [{ at: 420, message: 'ValueError: late' }],
        'algo-2-1700000000': [{ at: 440, message: 'ValueError: later' }],
      },
    });
    expect(followed).toMatchObject({ lines: 2, logStreams: 2, notices: [] });
  });

  test.each([
    ['of a failed job, after a minute', FAILED, 450, 480],
    ['of one that ended well, within seconds', USUAL, 400, 430],
  ])('no stream at all is said: %s', async (_, steps, least, most) => {
    const started = clock.now();
    const followed = await followJob({ steps });
    expect(followed.notices).toEqual([expect.stringContaining('though it reached the status Training')]);
    const seconds = (clock.now() - started) / 1_000;
    expect(seconds).toBeGreaterThan(least);
    expect(seconds).toBeLessThan(most);
  });

  test('nothing is waited for when no container was started', async () => {
    const started = clock.now();
    const followed = await followJob({
      steps: [
        { at: 0, secondary: 'Starting' },
        { at: 60, secondary: 'Failed', status: 'Failed', failureReason: 'ClientError: no image' },
      ],
    });
    expect(followed.notices).toEqual([expect.stringContaining('ended before the status Training')]);
    expect((clock.now() - started) / 1_000).toBeLessThan(80);
  });

  test('nor when every host has its lines, or the job was over long ago', async () => {
    let started = clock.now();
    await followJob({ logs: LOGS });
    expect((clock.now() - started) / 1_000).toBeLessThan(420);
    started = clock.now();
    await followJob({}, {}, {}, 5_000);
    expect((clock.now() - started) / 1_000).toBeLessThan(20);
  });

  test('one event of many lines is many lines', async () => {
    await followJob({ logs: { [HOST]: [{ at: 100, message: '10%\r20%\nloss=0.5\n' }] } });
    expect(log.untrusted_).toEqual(['algo-1 | 10%', 'algo-1 | 20%', 'algo-1 | loss=0.5']);
  });

  test('stream-logs: false keeps the metrics', async () => {
    const followed = await followJob(
      { logs: { [HOST]: [{ at: 100, message: 'loss=0.5' }] } },
      { streamLogs: false },
    );
    expect(log.untrusted_).toEqual([]);
    expect(followed.series).toEqual([{ name: 'loss', values: [0.5] }]);
  });

  test('the tail is that of the host with the traceback', async () => {
    const followed = await followJob({
      logs: {
        'algo-1-1': lines(90, 390, 1, () => 'waiting for algo-2'),
        'algo-2-1': [
          { at: 100, message: 'Traceback (most recent call last):' },
          { at: 100, message: 'KeyError: 1' },
        ],
      },
    });
    expect(followed.tail).toEqual({
      host: 'algo-2',
      lines: ['Traceback (most recent call last):', 'KeyError: 1'],
    });
  });
});

describe('a job that was there before', () => {
  test('is shown from its first line on', async () => {
    await followJob({ logs: { [HOST]: lines(90, 390, 1, (n) => `line ${n}`) } }, {}, {}, 300);
    expect(log.untrusted_).toHaveLength(300);
    expect(log.info_.filter((line) => line.startsWith('Training'))).toHaveLength(1);
  });

  test('is no stall for having been quiet before this run looked', async () => {
    const followed = await followJob(
      { logs: { [HOST]: lines(90, 390, 20, (n) => `line ${n}`) } },
      { stallTimeoutSeconds: 60 },
      {},
      350,
    );
    expect(followed.stopped).toBeUndefined();
  });
});

describe('progress', () => {
  test('says what is new, and the cost so far', async () => {
    const logs = { [HOST]: lines(100, 390, 30, (n) => `loss=${1 / (n + 1)}`) };
    const start = clock.now();
    await followJob(
      { logs, facts: { TrainingStartTime: new Date(start + 90_000) } },
      {},
      { hourlyPrice: () => 36 },
    );
    const progress = log.info_.filter((line) => line.includes('since the job was created'));
    expect(progress.length).toBeGreaterThanOrEqual(3);
    expect(progress.at(-1)).toMatch(
      /^\d min( \d+ s)? since the job was created · Training · loss 0\.\d+ · about \$\d\.\d\d so far$/,
    );
  });

  test('is quiet when nothing changes', async () => {
    const steps = USUAL.map((step) => ({ ...step, at: step.at > 90 ? step.at + 7200 : step.at }));
    await followJob({ steps });
    expect(log.info_.filter((line) => line.includes('since the job'))).toHaveLength(12);
  });
});

describe('reasons to stop', () => {
  const LONG = USUAL.map((step) => ({ ...step, at: step.at > 90 ? step.at + 36_000 : step.at }));

  test('no line for longer than stall-timeout', async () => {
    const followed = await followJob(
      { steps: LONG, logs: { [HOST]: lines(90, 1000, 10, (n) => `line ${n}`) } },
      { stallTimeoutSeconds: 600 },
    );
    expect(followed.stopped).toEqual({
      kind: 'stall',
      because: expect.stringContaining('10 min (stall-timeout)'),
    });
    expect(followed.job?.TrainingJobStatus).toBe('Stopped');
    expect(aws.count('stop')).toBe(1);
    const stopped = aws.calls.find(({ operation }) => operation === 'stop')?.at ?? 0;
    expect((stopped - (aws.jobs.get(NAME)?.created ?? 0)) / 1000).toBeLessThan(1600 + 60);
  });

  test('waiting for capacity is no stall', async () => {
    const steps = USUAL.map((step) => ({ ...step, at: step.at === 0 ? 0 : step.at + 7200 }));
    expect((await followJob({ steps }, { stallTimeoutSeconds: 600 })).stopped).toBeUndefined();
  });

  test('logs that cannot be read are no stall', async () => {
    failing('page', () => awsError('network'), 200, 3000);
    const followed = await followJob(
      {
        steps: USUAL.map((step) => ({ ...step, at: step.at > 90 ? step.at + 3600 : step.at })),
        logs: { [HOST]: lines(90, 3990, 10, (n) => `line ${n}`) },
      },
      { stallTimeoutSeconds: 600 },
    );
    expect(followed.stopped).toBeUndefined();
  });

  test('a metric that no longer gets better', async () => {
    const logs = { [HOST]: lines(100, 30_000, 60, (n) => `loss=${Math.max(0.25, 1 / (n + 1))}`) };
    const followed = await followJob(
      { steps: LONG, logs },
      { stopWhen: { metric: 'loss', direction: 'minimize', patience: 5 } },
    );
    expect(followed.stopped).toEqual({
      kind: 'stop-when',
      because: 'loss has not become lower than 0.25 for 5 values (stop-when)',
    });
  });

  test('a metric of two hosts: judged by both, in the order of time', async () => {
    // By arrival, the first host's pages would come first: its values stay the same while the other's get better.
    const values = (text: (n: number) => string) => lines(100, 1_900, 2, text);
    const logs = {
      'algo-1-1': values(() => 'loss=900'),
      'algo-2-1': values((n) => `loss=${899 - n}`),
    };
    aws.pages = { size: 40, empty: 0 };
    const followed = await followJob(
      { steps: LONG, logs },
      { stopWhen: { metric: 'loss', direction: 'minimize', patience: 30 }, timeoutSeconds: 1_700 },
    );
    expect(followed.stopped?.kind).toBe('timeout');
    expect(followed.series[0]?.values.slice(0, 6)).toEqual([900, 899, 900, 898, 900, 897]);
  });

  test('the time-out of the wait', async () => {
    const followed = await followJob({ steps: LONG }, { timeoutSeconds: 1800 });
    expect(followed).toMatchObject({ end: 'ended', stopped: { kind: 'timeout' } });
    const at = aws.calls.find(({ operation }) => operation === 'stop')?.at ?? 0;
    expect(at - (aws.jobs.get(NAME)?.created ?? 0)).toBe(1_800_000);
  });

  test('with stop-on-cancel: false the time-out leaves the job running', async () => {
    const followed = await followJob({ steps: LONG }, { timeoutSeconds: 1800, stopOnCancel: false });
    expect(followed).toMatchObject({ end: 'left', why: expect.stringContaining('left running') });
    expect(aws.count('stop')).toBe(0);
  });

  test('a job of another run is never stopped', async () => {
    const followed = await followJob({ steps: LONG }, { timeoutSeconds: 1800 }, { mayStop: false });
    expect(followed).toMatchObject({ end: 'left', why: expect.stringContaining('has not started it') });
    expect(aws.count('stop')).toBe(0);
  });

  test('a stop that AWS does not take at first is asked for again', async () => {
    aws.fault = (operation, nth) => (operation === 'stop' && nth < 4 ? awsError('server') : undefined);
    const followed = await followJob({ steps: LONG }, { timeoutSeconds: 600 });
    expect(followed).toMatchObject({ end: 'ended', job: { TrainingJobStatus: 'Stopped' } });
    expect(aws.count('stop')).toBe(4);
  });

  test('a stop that AWS never takes is given up after a quarter of an hour, and asked for ever less often', async () => {
    aws.fault = (operation) => (operation === 'stop' ? awsError('network') : undefined);
    expect(await followJob({ steps: LONG }, { timeoutSeconds: 600 })).toMatchObject({
      end: 'left',
      why: expect.stringMatching(/goes on, and is paid for: AWS has not taken the request for 15 min/),
      fix: 'Do this.',
      job: { TrainingJobStatus: 'InProgress' },
    });
    expect(aws.count('stop')).toBeLessThan(50);
    expect(log.info_.filter((line) => line.includes('cannot be for now'))).toHaveLength(1);
  });

  describe('a stop that AWS takes, and that does nothing,', () => {
    /** So many calls are taken and do nothing. */
    const deaf = (calls: number) => {
      let count = 0;
      const connect: FollowOptions['connect'] = async () => {
        const connection = await aws.connect();
        const stop: typeof connection.jobs.stop = async (name, signal) =>
          ++count > calls ? connection.jobs.stop(name, signal) : 'stopping';
        return { ...connection, jobs: { ...connection.jobs, stop } };
      };
      return { connect, asked: () => count };
    };

    test('is asked for again', async () => {
      const { connect, asked } = deaf(2);
      const followed = await followJob({ steps: LONG }, { timeoutSeconds: 600 }, { connect });
      expect(followed).toMatchObject({ end: 'ended', job: { TrainingJobStatus: 'Stopped' } });
      expect(asked()).toBe(3);
      expect(log.info_.filter((line) => line.startsWith('Stopping the job'))).toHaveLength(1);
    });

    test('is given up after a quarter of an hour', async () => {
      const { connect, asked } = deaf(1e9);
      expect(await followJob({ steps: LONG }, { timeoutSeconds: 600 }, { connect })).toMatchObject({
        end: 'left',
        why: expect.stringMatching(/goes on, and is paid for: AWS has taken the request 16 min/),
        fix: expect.stringContaining('AWS support'),
      });
      expect(asked()).toBeLessThan(20);
    });
  });

  test('a stop that is not allowed is said, with the fix', async () => {
    aws.fault = (operation) => (operation === 'stop' ? awsError('access-denied') : undefined);
    expect(await followJob({ steps: LONG }, { timeoutSeconds: 600 })).toMatchObject({
      end: 'left',
      why: expect.stringContaining('It is access-denied'),
      fix: 'Do this.',
    });
  });
});

test('a cancel ends it at once', async () => {
  clock.after(150, () => canceler.abort());
  const started = clock.now();
  await expect(followJob()).rejects.toThrow(expect.objectContaining({ name: 'CanceledError' }));
  expect(clock.now() - started).toBe(150_000);
});

test('a cancel in the moment in which the job is seen to be over takes nothing from the result', async () => {
  const onSeen: FollowOptions['onSeen'] = ({ TrainingJobStatus }) => {
    if (TrainingJobStatus === 'Completed') canceler.abort();
  };
  // Both are asked for the first time at once: the logs are read while the status arrives.
  const followed = await followJob({ logs: { [HOST]: lines(90, 390, 1, String) } }, {}, { onSeen }, 5_000);
  expect(followed).toMatchObject({ end: 'ended', job: { TrainingJobStatus: 'Completed' } });
});

test('a cancel while the last lines are waited for takes nothing from the result', async () => {
  const logs = { [HOST]: lines(90, 390, 1, (n) => `loss=${n}`) };
  const onSeen: FollowOptions['onSeen'] = ({ TrainingJobStatus }) => {
    if (TrainingJobStatus === 'Completed') clock.after(4, () => canceler.abort());
  };
  const followed = await followJob({ logs }, {}, { onSeen });
  expect(followed).toMatchObject({
    end: 'ended',
    job: { TrainingJobStatus: 'Completed' },
    lines: 300,
    notices: ['The end of the logs may be missing: the run was canceled while they were read.'],
  });
});
