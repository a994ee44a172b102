import type { CapacitySize, DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { invalid } from './words.js';

/** How a deployment brings traffic from the old fleet to the new one. */
export interface TrafficPlan {
  /** Shares of the traffic that the new fleet takes, 0 to 1, one after the other; the last one is 1. */
  readonly shares: readonly number[];
  /** Between two steps, and after the last one. */
  readonly bakeSeconds: number;
  /** Between the end of the shift and the end of the old fleet. */
  readonly terminationWaitSeconds: number;
  readonly limitSeconds: number | undefined;
  readonly alarms: readonly string[];
}

/**
 * [doc] deployment-guardrails; without a configuration: all at once, and no wait.
 *
 * @param instances of the whole fleet
 * @throws AwsError ValidationException for what the guides rule out; the wordings are ours
 */
export function planTraffic(config: DeploymentConfig | undefined, instances: number): TrafficPlan {
  const { BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling } = config ?? {};
  const alarms = (config?.AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName = '' }) => AlarmName);
  if (blueGreen !== undefined && rolling !== undefined) {
    throw invalid('Specify one of either BlueGreenUpdatePolicy or RollingUpdatePolicy in DeploymentConfig.');
  }
  if (rolling !== undefined) {
    const step = shareOf(rolling.MaximumBatchSize, instances, 'MaximumBatchSize', 0.05, 0.5);
    return {
      shares: steps(step),
      bakeSeconds: rolling.WaitIntervalInSeconds ?? 0,
      terminationWaitSeconds: 0,
      limitSeconds: rolling.MaximumExecutionTimeoutInSeconds,
      alarms,
    };
  }
  const routing = blueGreen?.TrafficRoutingConfiguration;
  const { Type: type = 'ALL_AT_ONCE', CanarySize: canary, LinearStepSize: linear } = routing ?? {};
  for (const [size, name, owner] of [
    [canary, 'CanarySize', 'CANARY'],
    [linear, 'LinearStepSize', 'LINEAR'],
  ] as const) {
    if ((size !== undefined) !== (type === owner)) {
      throw invalid(
        size === undefined
          ? `${name} must be specified when the traffic routing type is ${owner}.`
          : `${name} can only be specified when the traffic routing type is ${owner}.`,
      );
    }
  }
  return {
    shares:
      type === 'CANARY'
        ? [shareOf(canary, instances, 'CanarySize', 0, 0.5), 1]
        : type === 'LINEAR'
          ? steps(shareOf(linear, instances, 'LinearStepSize', 0.1, 0.5))
          : [1],
    bakeSeconds: routing?.WaitIntervalInSeconds ?? 0,
    terminationWaitSeconds: blueGreen?.TerminationWaitInSeconds ?? 0,
    limitSeconds: blueGreen?.MaximumExecutionTimeoutInSeconds,
    alarms,
  };
}

function shareOf(
  size: CapacitySize | undefined,
  instances: number,
  name: string,
  least: number,
  most: number,
): number {
  const { Type: type, Value: value = 0 } = size ?? {};
  const share = type === 'INSTANCE_COUNT' ? value / Math.max(instances, 1) : value / 100;
  // A count is held to the upper limit only where there are instances enough to split.
  const tooMuch =
    type === 'INSTANCE_COUNT' ? value > Math.max(1, Math.floor(instances * most)) : share > most;
  if (share <= 0 || tooMuch || (type === 'CAPACITY_PERCENT' && share < least)) {
    throw invalid(
      `${name} must be ${least > 0 ? `from ${least * 100} to` : 'at most'} ${most * 100} percent of the capacity of the endpoint, not ${value} (${type}) of ${instances} instances.`,
    );
  }
  return Math.min(share, 1);
}

function steps(step: number): readonly number[] {
  const count = Math.ceil(1 / step - 1e-9);
  return Array.from({ length: count }, (_, index) => Math.min(1, (index + 1) * step));
}
