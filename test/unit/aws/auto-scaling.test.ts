import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectAutoScaling } from '../../../src/aws/auto-scaling.js';
import { JsonServer } from './json-server.js';

const { signal } = new AbortController();
const RESOURCE = {
  ServiceNamespace: 'sagemaker',
  ResourceId: 'endpoint/churn/variant/blue',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
};
let server: JsonServer;

beforeEach(async () => {
  server = new JsonServer();
  await server.open();
});
afterEach(() => server.close());

const connect = () => connectAutoScaling({ tags: new Map() }, 1);

test('targets are known by their variants', async () => {
  server.answer = () => ({ body: { ScalableTargets: [{ ...RESOURCE, MinCapacity: 1, MaxCapacity: 4 }] } });
  expect(await (await connect()).targets('churn', ['blue', 'green'], signal)).toEqual(
    new Map([['blue', { minCapacity: 1, maxCapacity: 4 }]]),
  );
  expect(server.calls[0]?.body).toMatchObject({
    ResourceIds: ['endpoint/churn/variant/blue', 'endpoint/churn/variant/green'],
  });
});

test('a target and its policy are set', async () => {
  const scaling = await connect();
  await scaling.register('churn', 'blue', { minCapacity: 1, maxCapacity: 4 }, signal);
  await scaling.putPolicy(
    'churn',
    'blue',
    { invocationsPerInstance: 70, scaleInCooldownSeconds: 300 },
    signal,
  );
  expect(server.calls.map(({ operation, body }) => ({ operation, body }))).toEqual([
    { operation: 'RegisterScalableTarget', body: { ...RESOURCE, MinCapacity: 1, MaxCapacity: 4 } },
    {
      operation: 'PutScalingPolicy',
      body: {
        ...RESOURCE,
        PolicyName: 'sagemaker-byoc-invocations-per-instance',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 70,
          PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
          ScaleInCooldown: 300,
        },
      },
    },
  ]);
});

test('a policy is read as it was set, and one on another metric is none of ours', async () => {
  const tracking = (PredefinedMetricType: string) => ({
    body: {
      ScalingPolicies: [
        {
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: 70,
            ScaleOutCooldown: 60,
            PredefinedMetricSpecification: { PredefinedMetricType },
          },
        },
      ],
    },
  });
  const scaling = await connect();
  server.answer = () => tracking('SageMakerVariantInvocationsPerInstance');
  expect(await scaling.policy('churn', 'blue', signal)).toEqual({
    invocationsPerInstance: 70,
    scaleOutCooldownSeconds: 60,
  });
  server.answer = () => tracking('SageMakerInferenceComponentInvocationsPerCopy');
  expect(await scaling.policy('churn', 'blue', signal)).toBeUndefined();
});
