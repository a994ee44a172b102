import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CreateEndpointConfigInput,
  type CreateEndpointInput,
  connectEndpoints,
  type UpdateEndpointInput,
} from '../../../src/aws/endpoints.js';
import { JsonServer, refusal } from './json-server.js';

const { signal } = new AbortController();
let server: JsonServer;

beforeEach(async () => {
  server = new JsonServer();
  await server.open();
});
afterEach(() => server.close());

const connect = () => connectEndpoints({ tags: new Map() }, 1);

describe('requests', () => {
  test('keep the fields that are newer than the SDK', async () => {
    server.answer = () => ({ body: { EndpointArn: 'arn:e', EndpointConfigArn: 'arn:c' } });
    const endpoints = await connect();
    const config = { EndpointConfigName: 'c', ProductionVariants: [{ VariantName: 'A', Newer: 1 }] };
    const creation = { EndpointName: 'e', EndpointConfigName: 'c', Newer: 2 };
    const update = { EndpointName: 'e', EndpointConfigName: 'c', Newer: 3 };
    expect(await endpoints.createConfig(config as CreateEndpointConfigInput, signal)).toBe('arn:c');
    expect(await endpoints.create(creation as CreateEndpointInput, signal)).toBe('arn:e');
    await endpoints.update(update as UpdateEndpointInput, signal);
    expect(server.calls.map(({ operation, body }) => ({ operation, body }))).toEqual([
      { operation: 'CreateEndpointConfig', body: config },
      { operation: 'CreateEndpoint', body: creation },
      { operation: 'UpdateEndpoint', body: update },
    ]);
  });

  test('of tags are lists of pairs', async () => {
    await (await connect()).tag('arn:e', new Map([['team', 'ml']]), signal);
    expect(server.calls[0]).toMatchObject({
      operation: 'AddTags',
      body: { ResourceArn: 'arn:e', Tags: [{ Key: 'team', Value: 'ml' }] },
    });
  });
});

describe('what is not there', () => {
  test.each([
    ['endpoint', 'Could not find endpoint "arn:aws:sagemaker:eu-west-1:1:endpoint/x".'],
    [
      'configuration',
      'Could not find endpoint configuration "arn:aws:sagemaker:eu-west-1:1:endpoint-config/x".',
    ],
  ])('is known by AWS’s words for an %s', async (_, message) => {
    server.answer = () => refusal('ValidationException', message);
    const endpoints = await connect();
    expect(await endpoints.describe('x', signal)).toBeUndefined();
    expect(await endpoints.describeConfig('x', signal)).toBeUndefined();
    expect(await endpoints.remove('x', signal)).toBe('not-found');
    expect(await endpoints.removeConfig('x', signal)).toBe('not-found');
  });

  test.each([
    ['invalid', refusal('ValidationException', 'Cannot update in-progress endpoint "arn:e".')],
    [
      'access-denied',
      refusal('AccessDeniedException', 'not authorized to perform: sagemaker:DescribeEndpoint'),
    ],
    ['throttled', refusal('ThrottlingException', 'Rate exceeded')],
  ])('is not what is %s', async (kind, answer) => {
    server.answer = () => answer;
    const endpoints = await connect();
    await expect(endpoints.describe('x', signal)).rejects.toMatchObject({ kind });
    await expect(endpoints.remove('x', signal)).rejects.toMatchObject({ kind });
  });
});

test('an endpoint’s tags come from all pages', async () => {
  server.answer = ({ body }) => ({
    body: body['NextToken']
      ? { Tags: [{ Key: 'b', Value: '2' }] }
      : { Tags: [{ Key: 'a', Value: '1' }], NextToken: 'more' },
  });
  expect(await (await connect()).tags('arn:e', signal)).toEqual(
    new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  );
});

test.each(['Requested resource not found.', 'Could not find model "arn:m".'])(
  'what is gone has no tags: %s',
  async (message) => {
    server.answer = () => refusal('ValidationException', message);
    expect(await (await connect()).tags('arn:e', signal)).toEqual(new Map());
  },
);

test('endpoints and configurations are listed from all pages', async () => {
  server.answer = ({ operation, body }) => {
    const item = operation === 'ListEndpoints' ? 'Endpoint' : 'EndpointConfig';
    const one = (name: string) => ({ [`${item}Name`]: name, [`${item}Arn`]: `arn:${name}`, CreationTime: 1 });
    return {
      body: body['NextToken']
        ? { [`${item}s`]: [one('b')] }
        : { [`${item}s`]: [one('a')], NextToken: 'more' },
    };
  };
  const endpoints = await connect();
  expect((await endpoints.list(signal)).map(({ name }) => name)).toEqual(['a', 'b']);
  expect((await endpoints.listConfigs('a', signal)).map(({ arn }) => arn)).toEqual(['arn:a', 'arn:b']);
});
