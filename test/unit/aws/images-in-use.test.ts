import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { imagesInUse } from '../../../src/aws/images-in-use.js';
import { type JsonAnswer, type JsonCall, JsonServer, refusal } from './json-server.js';

const { signal } = new AbortController();
let server: JsonServer;

beforeEach(async () => {
  server = new JsonServer();
  await server.open();
});
afterEach(() => server.close());

const images = () => imagesInUse({ tags: new Map() }, signal);

/** Of two jobs in progress, on a page each, and one that stops. */
function jobs({ operation, body }: JsonCall): JsonAnswer {
  if (operation === 'ListTrainingJobs') {
    if (body['StatusEquals'] === 'Stopping')
      return { body: { TrainingJobSummaries: [{ TrainingJobName: 'stops' }] } };
    return body['NextToken'] === undefined
      ? { body: { TrainingJobSummaries: [{ TrainingJobName: 'starts' }], NextToken: 'more' } }
      : { body: { TrainingJobSummaries: [{ TrainingJobName: 'trains' }] } };
  }
  if (operation !== 'DescribeTrainingJob') return {};
  return { body: { AlgorithmSpecification: { TrainingImage: `registry/model:${body['TrainingJobName']}` } } };
}

test('training jobs that are not over need their images', async () => {
  server.answer = jobs;
  expect([...(await images())].sort()).toEqual([
    'registry/model:starts',
    'registry/model:stops',
    'registry/model:trains',
  ]);
});

test('jobs that are over are not asked', async () => {
  await images();
  const asked = server.calls.filter(({ operation }) => operation === 'ListTrainingJobs');
  expect(asked.map(({ body }) => body['StatusEquals'])).toEqual(['InProgress', 'Stopping']);
});

test('a job that is deleted in the meantime needs none', async () => {
  server.answer = (call) =>
    call.operation === 'DescribeTrainingJob'
      ? refusal('ValidationException', 'Requested resource not found.')
      : jobs(call);
  expect([...(await images())]).toEqual([]);
});

test('without permission to ask it is not known', async () => {
  server.answer = (call) =>
    call.operation === 'ListTrainingJobs' ? refusal('AccessDeniedException', 'no', 403) : {};
  await expect(images()).rejects.toMatchObject({
    kind: 'access-denied',
    action: 'sagemaker:ListTrainingJobs',
  });
});
