import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CreateModelInput, connectModels } from '../../../src/aws/models.js';
import { JsonServer, refusal } from './json-server.js';

const { signal } = new AbortController();
let server: JsonServer;

beforeEach(async () => {
  server = new JsonServer();
  await server.open();
});
afterEach(() => server.close());

const connect = () => connectModels({ tags: new Map() }, 1);

test('a model is asked for with every field, also with those that are newer than the SDK', async () => {
  const request = { ModelName: 'churn', PrimaryContainer: { Image: 'image', Newer: { Field: 1 } } };
  server.answer = () => ({ body: { ModelArn: 'arn:aws:sagemaker:eu-west-1:1:model/churn' } });
  const arn = await (await connect()).create(request as CreateModelInput, signal);
  expect(arn).toMatch(/model\/churn$/);
  expect(server.calls.map(({ body }) => body)).toEqual([request]);
});

describe('a model that is not there', () => {
  const missing = refusal(
    'ValidationException',
    'Could not find model "arn:aws:sagemaker:eu-west-1:1:model/x".',
  );

  test('is none when it is asked for', async () => {
    server.answer = () => missing;
    expect(await (await connect()).describe('x', signal)).toBeUndefined();
  });

  test('is not there to be removed', async () => {
    server.answer = () => missing;
    expect(await (await connect()).remove('x', signal)).toBe('not-found');
  });
});

test('another mistake is not taken for an absent model', async () => {
  server.answer = () => refusal('ValidationException', 'Value at modelName failed to satisfy constraint');
  await expect((await connect()).describe('x', signal)).rejects.toMatchObject({ kind: 'invalid' });
});

test('models are listed from all pages', async () => {
  server.answer = ({ body }) => ({
    body: body['NextToken']
      ? { Models: [{ ModelName: 'churn-a', ModelArn: 'arn:a', CreationTime: 1 }] }
      : { Models: [{ ModelName: 'churn-b', ModelArn: 'arn:b', CreationTime: 2 }], NextToken: 'more' },
  });
  expect(await (await connect()).list('churn', signal)).toEqual([
    { name: 'churn-b', arn: 'arn:b', createdAt: new Date(2000) },
    { name: 'churn-a', arn: 'arn:a', createdAt: new Date(1000) },
  ]);
  expect(server.calls[1]?.body).toMatchObject({ NameContains: 'churn', NextToken: 'more' });
});
