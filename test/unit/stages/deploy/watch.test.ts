import { beforeEach, expect, test } from '@jest/globals';
import type { DescribeEndpointOutput } from '../../../../src/aws/endpoints.js';
import { isSettled } from '../../../../src/stages/deploy/decide.js';
import { EndpointWatch } from '../../../../src/stages/deploy/watch.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { FakeHosting, trouble } from './fake-hosting.js';

const EARLIER = 'The new version of last week is not healthy.';

let clock: VirtualClock;
let log: SeenLog;
/** What is seen, one after the other; the last one for ever. */
let answers: (DescribeEndpointOutput | Error)[];
let asked: number;

beforeEach(() => {
  clock = new VirtualClock();
  log = new SeenLog();
  asked = 0;
});

function watchWith(): EndpointWatch {
  const hosting = new FakeHosting(clock);
  return new EndpointWatch({
    name: 'churn',
    connect: async () => {
      const connection = await hosting.connect();
      const describe = async () => {
        const answer = answers[Math.min(asked, answers.length - 1)];
        asked += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return { ...connection, endpoints: { ...connection.endpoints, describe } };
    },
    clock,
    signal: new AbortController().signal,
    log,
    streamLogs: false,
    onSeen: () => {},
  });
}

type Fleet = readonly [status: string, startedAt: number];

const endpoint = (
  EndpointStatus: string,
  {
    live,
    pending,
    reason,
  }: { readonly live?: Fleet; readonly pending?: Fleet; readonly reason?: string } = {},
): DescribeEndpointOutput => {
  const fleet = (status: Fleet | undefined) => [
    {
      VariantName: 'AllTraffic',
      ...(status && { VariantStatus: [{ Status: status[0] as 'Baking', StartTime: new Date(status[1]) }] }),
    },
  ];
  return {
    EndpointName: 'churn',
    EndpointArn: 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn',
    EndpointStatus: EndpointStatus as 'Updating',
    EndpointConfigName: 'churn-old',
    CreationTime: new Date(0),
    LastModifiedTime: new Date(0),
    ...(reason && { FailureReason: reason }),
    ProductionVariants: fleet(live),
    ...(pending && {
      PendingDeploymentSummary: { EndpointConfigName: 'churn-new', ProductionVariants: fleet(pending) },
    }),
  };
};

const watched = (watch: EndpointWatch, minutes = 30) =>
  clock.run(
    watch.until({
      reached: (now) => isSettled(now?.EndpointStatus ?? ''),
      deadline: clock.now() + minutes * 60_000,
    }),
  );
const settled = (watch: EndpointWatch) => watched(watch);

test('the new fleet of an update has a series of its own, beside that of the old one', async () => {
  const [t0, t1, t2] = [clock.now() - 40_000, clock.now() - 30_000, clock.now() - 10_000];
  answers = [
    endpoint('Updating', { pending: ['Creating', t0] }),
    endpoint('Updating', { live: ['Updating', t1], pending: ['ActivatingTraffic', t1] }),
    endpoint('Updating', { live: ['Deleting', t2], pending: ['Baking', t2] }),
    // The new fleet is the only one now: what it had is no news.
    endpoint('Updating', { live: ['Baking', t2] }),
    endpoint('InService'),
  ];
  const watch = watchWith();
  await settled(watch);
  const series = watch.transitions.map(({ status, seconds }) => [status, seconds]);
  expect(series.filter(([status]) => String(status).includes(': '))).toEqual([
    ['AllTraffic (new fleet): Creating', 10],
    ['AllTraffic (new fleet): ActivatingTraffic', 20],
    ['AllTraffic (old fleet): Updating', 20],
    ['AllTraffic (new fleet): Baking', undefined],
    ['AllTraffic (old fleet): Deleting', undefined],
  ]);
  expect(log.info_).toContain('AllTraffic (old fleet): Deleting (Updating took 20 s)');
});

test('the one fleet of a creation has the name of the variant alone', async () => {
  answers = [endpoint('Creating', { live: ['Creating', clock.now()] }), endpoint('InService')];
  const watch = watchWith();
  await settled(watch);
  expect(watch.transitions.map(({ status }) => status)).toEqual([
    'Creating',
    'AllTraffic: Creating',
    'InService',
  ]);
});

test('a reason that is there from the start is none of this run, until there is another', async () => {
  answers = [
    endpoint('InService', { reason: EARLIER }),
    endpoint('Updating', { reason: EARLIER }),
    endpoint('InService', { reason: 'An alarm.' }),
  ];
  const watch = watchWith();
  await settled(watch);
  expect(watch.earlierReason).toBe(EARLIER);
  expect(log.info_).toEqual(['InService']);
  watch.followLogs(clock.now());
  await settled(watch);
  expect(watch.earlierReason).toBeUndefined();
  expect(log.info_.slice(1)).toEqual([
    expect.stringMatching(/^Updating \(InService took [^)]+\)$/),
    expect.stringMatching(/^InService \(Updating took [^)]+\): An alarm\.$/),
  ]);
});

test('the reason of an update that was waited for is none of the next one', async () => {
  answers = [endpoint('Updating'), endpoint('InService', { reason: EARLIER })];
  const watch = watchWith();
  await settled(watch);
  expect(watch.earlierReason).toBeUndefined();
  watch.followLogs(clock.now());
  expect(watch.earlierReason).toBe(EARLIER);
});

test('why an endpoint is Failed is told at first sight', async () => {
  answers = [endpoint('Failed', { reason: 'No capacity.' })];
  const watch = watchWith();
  await settled(watch);
  expect(log.info_).toEqual(['Failed: No capacity.']);
});

test('an endpoint that cannot be asked at the end of the time is lost from sight, not slow', async () => {
  const denied = trouble('access-denied', 'AWS denies sagemaker:DescribeEndpoint.');
  answers = [endpoint('Updating'), denied];
  expect(await watched(watchWith(), 2)).toMatchObject({
    end: 'lost',
    why: 'AWS denies sagemaker:DescribeEndpoint.',
    endpoint: { EndpointStatus: 'Updating' },
  });
});

test('an endpoint that answers again before the end of the time is slow', async () => {
  answers = [trouble('network'), endpoint('Updating')];
  expect(await watched(watchWith(), 2)).toMatchObject({
    end: 'timeout',
    endpoint: { EndpointStatus: 'Updating' },
  });
});
