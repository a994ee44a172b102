import { describe, expect, test } from '@jest/globals';
import type { DescribeEndpointOutput } from '../../../../src/aws/endpoints.js';
import { landingOf } from '../../../../src/stages/deploy/landing.js';
import { IMAGE_URI } from './plans.js';

const BORN = 1_700_000_000_000;
const OTHER = IMAGE_URI.replace(/ab/g, 'cd');

const endpoint = (change: object = {}, image: string | undefined = IMAGE_URI) =>
  ({
    EndpointStatus: 'InService',
    EndpointConfigName: 'churn-new',
    CreationTime: new Date(BORN),
    ProductionVariants: [
      { VariantName: 'AllTraffic', ...(image && { DeployedImages: [{ ResolvedImage: image }] }) },
    ],
    ...change,
  }) as DescribeEndpointOutput;

const landing = (of: DescribeEndpointOutput | undefined, image: string | undefined = IMAGE_URI) =>
  landingOf(of, {
    name: 'churn',
    config: { EndpointConfigName: 'churn-new', ProductionVariants: [] },
    before: 'churn-old',
    bornAt: BORN,
    models: new Map([['AllTraffic', { container: { Image: 'x' }, ...(image && { image }) }]]),
  });

describe('a deployment is live', () => {
  test.each([
    ['in service on the wanted configuration and image', endpoint(), IMAGE_URI],
    [
      'when AWS does not say which image runs',
      endpoint({ ProductionVariants: [{ VariantName: 'AllTraffic' }] }),
      IMAGE_URI,
    ],
    ['when the image was asked for by its tag', endpoint({}, OTHER), 'registry/churn:1'],
  ])('%s', (_, of, image) => {
    expect(landing(of, image)).toEqual({ kind: 'live' });
  });
});

test('a reason that was there before the update already is told as such', () => {
  const back = endpoint({ EndpointConfigName: 'churn-old', FailureReason: 'An alarm.' });
  const wanted = {
    name: 'churn',
    config: { EndpointConfigName: 'churn-new', ProductionVariants: [] },
    before: 'churn-old',
    models: new Map(),
  };
  expect(landingOf(back, { ...wanted, earlierReason: 'An alarm.' })).toMatchObject({
    why: expect.stringContaining('the reason that it gave before this update already: An alarm.'),
  });
  expect(landingOf(back, { ...wanted, earlierReason: 'Another.' })).toMatchObject({
    why: expect.stringMatching(/SageMaker went back\. An alarm\.$/),
  });
});

describe('a deployment is not live', () => {
  test.each([
    [
      'on another configuration',
      endpoint({ EndpointConfigName: 'churn-old' }),
      'other',
      'SageMaker gives no reason',
    ],
    [
      'on another configuration, with a reason',
      endpoint({ EndpointConfigName: 'churn-old', FailureReason: 'An alarm.' }),
      'other',
      'An alarm.',
    ],
    [
      'on one that is neither the wanted nor the previous one',
      endpoint({ EndpointConfigName: 'churn-theirs' }),
      'others',
      'is in service on churn-theirs, not on churn-new, nor on churn-old as before: it was changed by others',
    ],
    [
      'created anew, on the wanted one',
      endpoint({ CreationTime: new Date(BORN + 1) }),
      'others',
      'was changed by others meanwhile: deleted and created anew',
    ],
    ['with another image', endpoint({}, OTHER), 'other', `runs the image sha256:${'cd'.repeat(32)}`],
    [
      'when it failed',
      endpoint({ EndpointStatus: 'Failed', FailureReason: 'No.' }),
      'down',
      'is Failed. No.',
    ],
    ['out of service', endpoint({ EndpointStatus: 'OutOfService' }), 'down', 'is OutOfService'],
    ['of two versions', endpoint({ EndpointStatus: 'UpdateRollbackFailed' }), 'down', 'so did going back'],
    ['when it is gone', undefined, 'down', 'was deleted'],
  ])('%s', (_, of, kind, why) => {
    expect(landing(of)).toEqual({ kind, why: expect.stringContaining(why) });
  });
});
