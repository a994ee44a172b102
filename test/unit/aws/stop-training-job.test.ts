import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectTrainingJobs } from '../../../src/aws/training-jobs.js';
import { JsonServer, refusal } from './json-server.js';

const { signal } = new AbortController();
let server: JsonServer;

beforeEach(async () => {
  server = new JsonServer();
  await server.open();
});
afterEach(() => server.close());

const connect = () => connectTrainingJobs({ tags: new Map() }, 1);

test('the Region is the one that the SDK finds', async () => {
  expect((await connect()).region).toBe('eu-west-1');
});

test('a Region that the user gave wins', async () => {
  const jobs = await connectTrainingJobs({ region: 'us-west-2', tags: new Map() }, 1);
  await jobs.describe('churn-1', signal);
  expect(jobs.region).toBe('us-west-2');
  expect(server.calls[0]?.authorization).toContain('/us-west-2/sagemaker/');
});

test('a job that is not there is no error', async () => {
  server.answer = () => refusal('ValidationException', 'Requested resource not found.');
  const jobs = await connect();
  expect(await jobs.describe('churn-1', signal)).toBeUndefined();
  expect(await jobs.stop('churn-1', signal)).toBe('not-found');
});

test('a job that is over is no error to whoever stops it', async () => {
  server.answer = () =>
    refusal(
      'ValidationException',
      'The request was rejected because the training job is in status Completed.',
    );
  expect(await (await connect()).stop('churn-1', signal)).toBe('ended');
});

test('a job that runs is asked to stop', async () => {
  expect(await (await connect()).stop('churn-1', signal)).toBe('stopping');
  expect(server.calls).toMatchObject([
    { operation: 'StopTrainingJob', body: { TrainingJobName: 'churn-1' } },
  ]);
});

test('a name that is taken is a conflict', async () => {
  server.answer = () => refusal('ResourceInUse', 'Job name must be unique within an AWS account and region');
  await expect(
    (await connect()).create({ TrainingJobName: 'churn-1' } as never, signal),
  ).rejects.toMatchObject({
    kind: 'conflict',
    cause: { $metadata: { attempts: 1 } },
  });
});

test('a quota is a quota', async () => {
  server.answer = () =>
    refusal('ResourceLimitExceeded', "The account-level service limit 'x' is 0 Instances");
  await expect(
    (await connect()).create({ TrainingJobName: 'churn-1' } as never, signal),
  ).rejects.toMatchObject({
    kind: 'quota',
  });
});

test('the tags of all pages are read', async () => {
  server.answer = ({ body }) => ({
    body: body['NextToken']
      ? { Tags: [{ Key: 'b', Value: '2' }] }
      : { Tags: [{ Key: 'a', Value: '1' }], NextToken: 'more' },
  });
  expect(await (await connect()).tags('arn', signal)).toEqual(
    new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  );
});

test('an answer that was lost is asked for again, and what it made is met', async () => {
  server.answer = () =>
    server.calls.length === 1
      ? { reset: true }
      : refusal('ResourceInUse', 'Job name must be unique within an AWS account and region');
  const waits: number[] = [];
  const pace = {
    now: () => 0,
    random: () => 0.5,
    sleep: async (milliseconds: number) => waits.push(milliseconds),
  };
  const jobs = await connectTrainingJobs({ tags: new Map() }, 2, pace);
  await expect(jobs.create({ TrainingJobName: 'churn-1' } as never, signal)).rejects.toMatchObject({
    kind: 'conflict',
    cause: { $metadata: { attempts: 2 } },
  });
  // The time of waiting is the one that was passed in.
  expect(waits).toEqual([150]);
});
