import { describe, expect, test } from '@jest/globals';
import { ApplicationAutoScaling } from '../../local-aws/application-autoscaling/application-autoscaling.js';

const DIMENSION = 'sagemaker:variant:DesiredInstanceCount';
const TRACKING = { TargetValue: 10 };

function world() {
  const service = new ApplicationAutoScaling();
  const call = async (operation: string, input: object = {}) =>
    (await service.handle(
      operation,
      { ServiceNamespace: 'sagemaker', ...input },
      {
        region: 'eu-west-1',
        account: '123456789012',
        accessKeyId: 'AKIA',
        now: () => new Date(0),
        requestId: 'r',
      },
    )) as Record<string, unknown>;
  const target = (variant: string) => ({
    ResourceId: `endpoint/e/variant/${variant}`,
    ScalableDimension: DIMENSION,
  });
  const names = async (operation: string, member: string, input: object) =>
    ((await call(operation, input))[member] as readonly Record<string, string>[]).map(
      ({ PolicyName, ResourceId }) => PolicyName ?? ResourceId,
    );
  return { call, target, names };
}

describe('Application Auto Scaling', () => {
  test('keeps the bound that a registration does not name', async () => {
    const { call, target } = world();
    await call('RegisterScalableTarget', { ...target('a'), MinCapacity: 1, MaxCapacity: 4 });
    await call('RegisterScalableTarget', { ...target('a'), MaxCapacity: 6 });
    expect((await call('DescribeScalableTargets'))['ScalableTargets']).toEqual([
      expect.objectContaining({ ...target('a'), MinCapacity: 1, MaxCapacity: 6 }),
    ]);
  });

  test('takes a target away with its policies, and a policy alone', async () => {
    const { call, target, names } = world();
    for (const variant of ['a', 'b']) {
      await call('RegisterScalableTarget', { ...target(variant), MinCapacity: 1, MaxCapacity: 4 });
      for (const PolicyName of [`${variant}1`, `${variant}2`]) {
        await call('PutScalingPolicy', {
          ...target(variant),
          PolicyName,
          PolicyType: 'TargetTrackingScaling',
          TargetTrackingScalingPolicyConfiguration: TRACKING,
        });
      }
    }
    const policies = (input: object = {}) => names('DescribeScalingPolicies', 'ScalingPolicies', input);
    expect(await policies()).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(await policies({ ResourceId: target('b').ResourceId, PolicyNames: ['a1', 'b1'] })).toEqual(['b1']);
    await call('DeleteScalingPolicy', { ...target('b'), PolicyName: 'b1' });
    await expect(call('DeleteScalingPolicy', { ...target('b'), PolicyName: 'b1' })).rejects.toMatchObject({
      code: 'ObjectNotFoundException',
      message: `No scaling policy found for service namespace: sagemaker, resource ID: endpoint/e/variant/b, scalable dimension: ${DIMENSION}, policy name: b1`,
    });
    await call('DeregisterScalableTarget', target('a'));
    expect(await policies()).toEqual(['b2']);
    await call('RegisterScalableTarget', { ...target('a'), MinCapacity: 1, MaxCapacity: 4 });
    expect(await policies({ ResourceId: target('a').ResourceId })).toEqual([]);
  });

  test('lists targets in pages', async () => {
    const { call, target, names } = world();
    for (const variant of ['a', 'b', 'c']) {
      await call('RegisterScalableTarget', { ...target(variant), MinCapacity: 1, MaxCapacity: 4 });
    }
    const { NextToken } = await call('DescribeScalableTargets', { MaxResults: 2 });
    expect(await names('DescribeScalableTargets', 'ScalableTargets', { MaxResults: 2, NextToken })).toEqual([
      'endpoint/e/variant/c',
    ]);
  });

  test.each([
    ['RegisterScalableTarget', { ServiceNamespace: 'ecs' }, 'Local AWS scales sagemaker only, not ecs.'],
    [
      'RegisterScalableTarget',
      { ResourceId: 'endpoint/e', ScalableDimension: DIMENSION },
      'Unsupported service namespace, resource type or scalable dimension',
    ],
    [
      'PutScalingPolicy',
      { ResourceId: 'endpoint/e/variant/a', ScalableDimension: DIMENSION, PolicyName: 'p' },
      'No scalable target registered',
    ],
    ['PutScheduledAction', {}, 'Local AWS has no application-autoscaling:PutScheduledAction.'],
  ])('refuses %s %j', async (operation, input, message) => {
    await expect(world().call(operation, input)).rejects.toThrow(message);
  });
});
