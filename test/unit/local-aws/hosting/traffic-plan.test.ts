import { expect, test } from '@jest/globals';
import { planTraffic } from '../../../local-aws/sagemaker/hosting/traffic-plan.js';

const linear = (Type: 'CAPACITY_PERCENT' | 'INSTANCE_COUNT', Value: number) => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: 'LINEAR' as const,
      LinearStepSize: { Type, Value },
      WaitIntervalInSeconds: 30,
    },
    TerminationWaitInSeconds: 60,
  },
});

test('Without a configuration all of the traffic moves at once', () => {
  expect(planTraffic(undefined, 1)).toEqual({
    shares: [1],
    bakeSeconds: 0,
    terminationWaitSeconds: 0,
    limitSeconds: undefined,
    alarms: [],
  });
});

test.each([
  [linear('CAPACITY_PERCENT', 50), 1, [0.5, 1]],
  [linear('CAPACITY_PERCENT', 30), 1, [0.3, 0.6, 0.9, 1]],
  [linear('INSTANCE_COUNT', 1), 4, [0.25, 0.5, 0.75, 1]],
  [linear('INSTANCE_COUNT', 1), 1, [1]],
] as const)('Steps of %j on %d instances', (config, instances, shares) => {
  const plan = planTraffic(config, instances);
  expect(plan.shares.map((share) => Math.round(share * 100) / 100)).toEqual(shares);
  expect(plan).toMatchObject({ bakeSeconds: 30, terminationWaitSeconds: 60 });
});

test('A blue/green and a rolling policy are not taken together', () => {
  const RollingUpdatePolicy = {
    MaximumBatchSize: { Type: 'CAPACITY_PERCENT' as const, Value: 50 },
    WaitIntervalInSeconds: 0,
  };
  expect(() => planTraffic({ ...linear('CAPACITY_PERCENT', 50), RollingUpdatePolicy }, 2)).toThrow(
    'one of either',
  );
  const small = { ...RollingUpdatePolicy, MaximumBatchSize: { Type: 'CAPACITY_PERCENT' as const, Value: 4 } };
  expect(() => planTraffic({ RollingUpdatePolicy: small }, 2)).toThrow(
    'MaximumBatchSize must be from 5 to 50 percent',
  );
});
