import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectJobLogs, StaleTokenError } from '../../../src/aws/job-logs.js';
import { JsonServer, refusal } from './json-server.js';

const { signal } = new AbortController();
let server: JsonServer;

beforeEach(async () => {
  server = new JsonServer();
  await server.open();
});
afterEach(() => server.close());

const connect = () => connectJobLogs({ tags: new Map() }, 1);

describe('streams', () => {
  test('are those of the job alone, from all pages', async () => {
    server.answer = ({ body }) => ({
      body: body['nextToken']
        ? { logStreams: [{ logStreamName: 'churn-1/algo-2-1' }] }
        : { logStreams: [{ logStreamName: 'churn-1/algo-1-1' }], nextToken: 'more' },
    });
    expect(await (await connect()).streams('churn-1', signal)).toEqual([
      'churn-1/algo-1-1',
      'churn-1/algo-2-1',
    ]);
    expect(server.calls.map(({ body }) => body)).toEqual([
      { logGroupName: '/aws/sagemaker/TrainingJobs', logStreamNamePrefix: 'churn-1/' },
      { logGroupName: '/aws/sagemaker/TrainingJobs', logStreamNamePrefix: 'churn-1/', nextToken: 'more' },
    ]);
  });

  test('are asked for again at the pace that was passed in', async () => {
    server.answer = () => (server.calls.length < 3 ? refusal('ThrottlingException', 'Rate exceeded') : {});
    const waits: number[] = [];
    const pace = {
      now: () => 0,
      random: () => 0,
      sleep: async (milliseconds: number) => waits.push(milliseconds),
    };
    const logs = await connectJobLogs({ tags: new Map() }, 3, pace);
    expect(await logs.streams('churn-1', signal)).toEqual([]);
    expect(waits).toEqual([500, 1000]);
  });

  test('are none before the first job of the account has logged', async () => {
    server.answer = () => refusal('ResourceNotFoundException', 'The specified log group does not exist.');
    expect(await (await connect()).streams('churn-1', signal)).toEqual([]);
  });

  test('that may not be seen are an error with the permission’s name', async () => {
    server.answer = () =>
      refusal(
        'AccessDeniedException',
        'User: arn:aws:sts::1:assumed-role/ci is not authorized to perform: logs:DescribeLogStreams on resource: arn:aws:logs:eu-west-1:1:log-group',
      );
    await expect((await connect()).streams('churn-1', signal)).rejects.toMatchObject({
      kind: 'access-denied',
      fix: expect.stringContaining('logs:DescribeLogStreams'),
    });
  });
});

describe('a page', () => {
  test('begins at the stream’s beginning, and leads on', async () => {
    server.answer = ({ body }) => ({
      body: {
        events: body['nextToken'] ? [] : [{ message: 'one', timestamp: 5, ingestionTime: 6 }],
        nextForwardToken: 'f/1',
        nextBackwardToken: 'b/1',
      },
    });
    const logs = await connect();
    const first = await logs.page('churn-1/algo-1-1', undefined, signal);
    expect([...(first?.pieces ?? [])].flat()).toMatchObject([{ message: 'one', timestamp: 5 }]);
    expect(first?.next).toBe('f/1');
    const second = await logs.page('churn-1/algo-1-1', 'f/1', signal);
    expect([...(second?.pieces ?? [])].flat()).toEqual([]);
    expect(second?.next).toBe('f/1');
    expect(server.calls.map(({ body }) => body)).toEqual([
      { logGroupName: '/aws/sagemaker/TrainingJobs', logStreamName: 'churn-1/algo-1-1', startFromHead: true },
      {
        logGroupName: '/aws/sagemaker/TrainingJobs',
        logStreamName: 'churn-1/algo-1-1',
        startFromHead: true,
        nextToken: 'f/1',
      },
    ]);
  });

  test('that breaks off within its events is an error of AWS’s, where it breaks off', async () => {
    const events = Array.from({ length: 2_000 }, (_, n) => ({ message: `line ${n}`, timestamp: n }));
    const whole = JSON.stringify({ events, nextForwardToken: 'f/1' });
    server.answer = () => ({ text: whole.replace('"line 1999"', '"line 1999') });
    const page = await (await connect()).page('churn-1/algo-1-1', undefined, signal);
    const read: string[] = [];
    const readAll = () => {
      for (const piece of page?.pieces ?? []) read.push(...piece.map(({ message }) => message));
    };
    expect(readAll).toThrow(expect.objectContaining({ name: 'AwsError', kind: 'network' }));
    expect(read).toEqual(events.slice(0, read.length).map(({ message }) => message));
    expect(read.length).toBeGreaterThan(0);
  });

  test('that is no JSON is an error of AWS’s', async () => {
    server.answer = () => ({ text: '<html>Sign in</html>' });
    await expect((await connect()).page('churn-1/algo-1-1', undefined, signal)).rejects.toMatchObject({
      name: 'AwsError',
      kind: 'network',
    });
  });

  test('of a stream that is not there yet is none', async () => {
    server.answer = () => refusal('ResourceNotFoundException', 'The specified log stream does not exist.');
    expect(await (await connect()).page('churn-1/algo-1-1', undefined, signal)).toBeUndefined();
  });

  test('whose token is too old says so', async () => {
    server.answer = () => refusal('InvalidParameterException', 'The specified nextToken is invalid.');
    await expect((await connect()).page('churn-1/algo-1-1', 'f/1', signal)).rejects.toThrow(StaleTokenError);
  });

  test('that is refused without a token is a mistake, not an old token', async () => {
    server.answer = () => refusal('InvalidParameterException', 'Something else is wrong.');
    await expect((await connect()).page('churn-1/algo-1-1', undefined, signal)).rejects.toMatchObject({
      kind: 'invalid',
    });
  });

  test.each([
    ['throttled', refusal('ThrottlingException', 'Rate exceeded')],
    ['server', refusal('ServiceUnavailableException', 'The service is unavailable', 503)],
    [
      'expired-credentials',
      refusal('ExpiredTokenException', 'The security token included in the request is expired'),
    ],
  ])('that fails is known as %s', async (kind, answer) => {
    server.answer = () => answer;
    await expect((await connect()).page('churn-1/algo-1-1', 'f/1', signal)).rejects.toMatchObject({ kind });
  });
});
