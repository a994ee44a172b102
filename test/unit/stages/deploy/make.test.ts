import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CreateModelInput } from '../../../../src/aws/models.js';
import { type Maker, makeConfig, makeModel } from '../../../../src/stages/deploy/make.js';
import { ENDPOINT_TAG, pinningTags } from '../../../../src/stages/pinning-tags.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { FakeHosting, refused } from './fake-hosting.js';
import { IMAGE_URI, SOURCE } from './plans.js';

const Tags = [...pinningTags(SOURCE), [ENDPOINT_TAG, 'churn'] as const].map(([Key, Value]) => ({
  Key,
  Value,
}));
const MODEL: CreateModelInput = { ModelName: 'churn-1', PrimaryContainer: { Image: IMAGE_URI }, Tags };

let clock: VirtualClock;
let aws: FakeHosting;
let maker: Maker;

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeHosting(clock);
  maker = { endpointName: 'churn', source: SOURCE, clock, signal: new AbortController().signal };
});

const make = (request = MODEL) =>
  clock.run(aws.connect().then((connection) => makeModel(connection, request, maker)));
const other = (change: Partial<CreateModelInput>) =>
  aws.models.set('churn-1', { request: { ...MODEL, ...change }, made: clock.now() });

describe('a model', () => {
  test('is made once', async () => {
    expect([await make(), await make()]).toEqual(['created', 'found']);
    expect(aws.count('createModel')).toBe(1);
  });

  test('whose creation’s answer was lost is found', async () => {
    aws.fault = (operation) => {
      if (operation !== 'createModel') return undefined;
      other({});
      return refused('Cannot create already existing model "arn:aws:sagemaker:eu-west-1:1:model/churn-1".');
    };
    expect(await make()).toBe('found');
  });

  test('that AWS writes in another way is ours all the same, by its tags', async () => {
    other({ PrimaryContainer: { Image: `${IMAGE_URI}-written-otherwise` } });
    expect(await make()).toBe('found');
  });

  test.each([
    ['nobody’s', []],
    ['another repository’s', [{ Key: 'sagemaker-byoc:repository', Value: 'octo-org/other' }]],
  ])('with another content that is %s is refused', async (_, tags) => {
    other({ PrimaryContainer: { Image: 'other' }, Tags: tags });
    await expect(make()).rejects.toThrow('There is another model named churn-1 already');
  });
});

test('a configuration waits until AWS sees the model that was made a moment ago', async () => {
  const request = {
    EndpointConfigName: 'churn-2',
    ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: 'churn-1' }],
  };
  clock.after(5, () => other({}));
  const connection = await aws.connect();
  expect(await clock.run(makeConfig(connection, request, maker))).toBe('created');
});

test('a configuration whose model never comes is refused in AWS’s words', async () => {
  const request = {
    EndpointConfigName: 'churn-2',
    ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: 'nowhere' }],
  };
  const connection = await aws.connect();
  await expect(clock.run(makeConfig(connection, request, maker))).rejects.toThrow('Could not find model');
});
