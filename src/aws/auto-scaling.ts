import type { AwsPlan } from '../plan.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { RetryPolicy } from './retry-policy.js';
import { type Removal, removalOf } from './sagemaker.js';

/** Application Auto Scaling of endpoint variants. Every call rejects with AwsError, or CanceledError. */
export interface AutoScaling {
  /** What is set of an endpoint's variants, by variant; those without a target are left out. */
  targets(
    endpointName: string,
    variants: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ScalingTarget>>;
  register(endpointName: string, variant: string, target: ScalingTarget, signal: AbortSignal): Promise<void>;
  policy(endpointName: string, variant: string, signal: AbortSignal): Promise<ScalingPolicy | undefined>;
  putPolicy(endpointName: string, variant: string, policy: ScalingPolicy, signal: AbortSignal): Promise<void>;
  /** Takes the target away, with all its policies. */
  deregister(endpointName: string, variant: string, signal: AbortSignal): Promise<Removal>;
}

export interface ScalingTarget {
  readonly minCapacity: number;
  readonly maxCapacity: number;
}

/** Target tracking of the invocations a minute that one instance gets. */
export interface ScalingPolicy {
  readonly invocationsPerInstance: number;
  readonly scaleInCooldownSeconds?: number;
  readonly scaleOutCooldownSeconds?: number;
}

/** One a variant: whoever adds others keeps them. */
export const SCALING_POLICY_NAME = 'sagemaker-byoc-invocations-per-instance';

const NAMESPACE = 'sagemaker';
const DIMENSION = 'sagemaker:variant:DesiredInstanceCount';
const METRIC = 'SageMakerVariantInvocationsPerInstance';

const resourceId = (endpointName: string, variant: string) => `endpoint/${endpointName}/variant/${variant}`;

/** @param attempts of one call */
export async function connectAutoScaling(plan: AwsPlan, attempts: number): Promise<AutoScaling> {
  const sdk = await import('@aws-sdk/client-application-auto-scaling');
  const client = new sdk.ApplicationAutoScalingClient({
    ...clientOptions(plan),
    maxAttempts: attempts,
    retryStrategy: new RetryPolicy(attempts),
  });
  const of = (endpointName: string, variant: string) =>
    ({
      ServiceNamespace: NAMESPACE,
      ResourceId: resourceId(endpointName, variant),
      ScalableDimension: DIMENSION,
    }) as const;
  return {
    async targets(endpointName, variants, signal) {
      const { ScalableTargets = [] } = await call(
        'application-autoscaling:DescribeScalableTargets',
        signal,
        (options) =>
          client.send(
            new sdk.DescribeScalableTargetsCommand({
              ServiceNamespace: NAMESPACE,
              ResourceIds: variants.map((variant) => resourceId(endpointName, variant)),
              ScalableDimension: DIMENSION,
            }),
            options,
          ),
      );
      return new Map(
        ScalableTargets.map(({ ResourceId = '', MinCapacity = 0, MaxCapacity = 0 }) => [
          ResourceId.split('/').at(-1) ?? '',
          { minCapacity: MinCapacity, maxCapacity: MaxCapacity },
        ]),
      );
    },
    async register(endpointName, variant, { minCapacity, maxCapacity }, signal) {
      await call('application-autoscaling:RegisterScalableTarget', signal, (options) =>
        client.send(
          new sdk.RegisterScalableTargetCommand({
            ...of(endpointName, variant),
            MinCapacity: minCapacity,
            MaxCapacity: maxCapacity,
          }),
          options,
        ),
      );
    },
    deregister: (endpointName, variant, signal) =>
      removalOf(
        call('application-autoscaling:DeregisterScalableTarget', signal, (options) =>
          client.send(new sdk.DeregisterScalableTargetCommand(of(endpointName, variant)), options),
        ),
      ),
    async policy(endpointName, variant, signal) {
      const { ScalingPolicies = [] } = await call(
        'application-autoscaling:DescribeScalingPolicies',
        signal,
        (options) =>
          client.send(
            new sdk.DescribeScalingPoliciesCommand({
              ...of(endpointName, variant),
              PolicyNames: [SCALING_POLICY_NAME],
            }),
            options,
          ),
      );
      const tracking = ScalingPolicies[0]?.TargetTrackingScalingPolicyConfiguration;
      if (tracking?.PredefinedMetricSpecification?.PredefinedMetricType !== METRIC) return undefined;
      const { TargetValue = 0, ScaleInCooldown, ScaleOutCooldown } = tracking;
      return {
        invocationsPerInstance: TargetValue,
        ...(ScaleInCooldown !== undefined && { scaleInCooldownSeconds: ScaleInCooldown }),
        ...(ScaleOutCooldown !== undefined && { scaleOutCooldownSeconds: ScaleOutCooldown }),
      };
    },
    async putPolicy(endpointName, variant, policy, signal) {
      const { invocationsPerInstance, scaleInCooldownSeconds, scaleOutCooldownSeconds } = policy;
      await call('application-autoscaling:PutScalingPolicy', signal, (options) =>
        client.send(
          new sdk.PutScalingPolicyCommand({
            ...of(endpointName, variant),
            PolicyName: SCALING_POLICY_NAME,
            PolicyType: 'TargetTrackingScaling',
            TargetTrackingScalingPolicyConfiguration: {
              TargetValue: invocationsPerInstance,
              PredefinedMetricSpecification: { PredefinedMetricType: METRIC },
              ...(scaleInCooldownSeconds !== undefined && { ScaleInCooldown: scaleInCooldownSeconds }),
              ...(scaleOutCooldownSeconds !== undefined && { ScaleOutCooldown: scaleOutCooldownSeconds }),
            },
          }),
          options,
        ),
      );
    },
  };
}
