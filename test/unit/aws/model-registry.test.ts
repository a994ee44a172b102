import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../src/aws/aws-error.js';
import { connectModelRegistry } from '../../../src/aws/model-registry.js';
import { JsonServer, refusal } from './json-server.js';

const server = new JsonServer();
beforeEach(() => server.open());
afterEach(async () => {
  server.calls.length = 0;
  await server.close();
});

const never = new AbortController().signal;
const connect = () => connectModelRegistry({ region: 'eu-west-1', tags: new Map() }, 1);

const arn = (version: number) => `arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/${version}`;
const summary = (version: number, status = 'Completed', approval = 'Approved') => ({
  ModelPackageArn: arn(version),
  ModelPackageVersion: version,
  ModelPackageStatus: status,
  ModelApprovalStatus: approval,
  CreationTime: 1_772_359_200 + version,
});
/** Pages of ListModelPackages, in order. */
const pages = (...all: readonly (readonly object[])[]) => {
  server.answer = ({ body }) => {
    const page = Number(body['NextToken'] ?? 0);
    return {
      body: {
        ModelPackageSummaryList: all[page],
        ...(page + 1 < all.length && { NextToken: String(page + 1) }),
      },
    };
  };
};

describe('the latest version', () => {
  test('is the newest that can be used, on whichever page it is', async () => {
    pages([summary(9, 'Failed'), summary(8, 'InProgress')], [summary(7), summary(6)]);
    const registry = await connect();
    expect(await registry.latest('churn', false, never)).toMatchObject({ arn: arn(7), version: 7 });
    expect(server.calls[0]?.body).toEqual({
      ModelPackageGroupName: 'churn',
      ModelPackageType: 'Versioned',
      SortBy: 'CreationTime',
      SortOrder: 'Descending',
      MaxResults: 100,
    });
  });

  test('is asked for among the approved ones', async () => {
    pages([summary(3)]);
    const registry = await connect();
    await registry.latest('churn', true, never);
    expect(server.calls[0]?.body).toMatchObject({ ModelApprovalStatus: 'Approved' });
  });

  test('of those made in one second has the highest number', async () => {
    pages([summary(1), summary(2)]);
    expect((await (await connect()).latest('churn', true, never))?.version).toBe(2);
  });

  test('is not looked for without end', async () => {
    server.answer = () => ({
      body: { ModelPackageSummaryList: [summary(1, 'Failed')], NextToken: 'more' },
    });
    expect(await (await connect()).latest('churn', false, never)).toBeUndefined();
    expect(server.calls).toHaveLength(10);
  });

  test.each([
    ['no version', () => ({ body: { ModelPackageSummaryList: [] } })],
    [
      'no group',
      () =>
        refusal(
          'ValidationException',
          'ModelPackageGroup arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/churn does not exist.',
        ),
    ],
  ])('is none when there is %s', async (_, answer) => {
    server.answer = answer;
    expect(await (await connect()).latest('churn', false, never)).toBeUndefined();
  });
});

describe('the versions', () => {
  test('are no more than asked for, and no page more is fetched', async () => {
    pages([summary(5), summary(4)], [summary(3)], [summary(2)]);
    const found = await (await connect()).versions('churn', { limit: 3 }, never);
    expect(found.map(({ version }) => version)).toEqual([5, 4, 3]);
    expect(server.calls).toHaveLength(2);
    expect(found[0]).toEqual({
      arn: arn(5),
      version: 5,
      status: 'Completed',
      approvalStatus: 'Approved',
      createdAt: new Date((1_772_359_200 + 5) * 1000),
    });
  });
});

describe('what is not there', () => {
  test('is no error', async () => {
    const registry = await connect();
    server.answer = ({ operation }) =>
      operation === 'DescribeModelCard'
        ? refusal('ResourceNotFound', 'Model card churn does not exist.')
        : refusal('ValidationException', `ModelPackage ${arn(1)} does not exist.`);
    expect(await registry.describe(arn(1), never)).toBeUndefined();
    expect(await registry.describeGroup('churn', never)).toBeUndefined();
    expect(await registry.describeCard('churn', never)).toBeUndefined();
  });

  test('is not taken for another refusal', async () => {
    const registry = await connect();
    server.answer = () => refusal('ValidationException', '1 validation error detected');
    await expect(registry.describe(arn(1), never)).rejects.toBeInstanceOf(AwsError);
  });
});

describe('a group', () => {
  test('that is there already is as good', async () => {
    const registry = await connect();
    server.answer = () =>
      refusal('ValidationException', 'Model Package Group already exists: arn:aws:sagemaker:eu-west-1:1:x');
    expect(await registry.createGroup('churn', new Map([['a', 'b']]), never)).toBe('existing');
    expect(server.calls[0]?.body).toEqual({
      ModelPackageGroupName: 'churn',
      Tags: [{ Key: 'a', Value: 'b' }],
    });
  });

  test('that cannot be made is an error', async () => {
    const registry = await connect();
    server.answer = () => refusal('ResourceLimitExceeded', 'Too many groups.');
    await expect(registry.createGroup('churn', new Map(), never)).rejects.toMatchObject({ kind: 'quota' });
  });
});

test('a version is asked for with every field, also with those that are newer than the SDK', async () => {
  const registry = await connect();
  server.answer = () => ({ body: { ModelPackageArn: arn(1) } });
  const request = { ModelPackageGroupName: 'churn', ClientToken: 'x', Newer: { Field: 1 } };
  expect(await registry.create(request, never)).toBe(arn(1));
  expect(server.calls[0]?.body).toEqual(request);
});

test('a card’s content and status are changed by calls of their own', async () => {
  const registry = await connect();
  await registry.updateCardContent('churn', '{}', never);
  await registry.updateCardStatus('churn', 'Approved', never);
  expect(server.calls.map(({ body }) => body)).toEqual([
    { ModelCardName: 'churn', Content: '{}' },
    { ModelCardName: 'churn', ModelCardStatus: 'Approved' },
  ]);
});
