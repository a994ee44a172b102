import type { AutoScaling, ScalingPolicy, ScalingTarget } from '../../aws/auto-scaling.js';
import type { AutoScalingPlan } from '../../plan.js';

/**
 * Has the variants scaled as the plan says; what is so already is left alone.
 *
 * @param variants names of those that run on instances
 * @returns the variants at which something was changed
 */
export async function autoScale(
  scaling: AutoScaling,
  endpointName: string,
  variants: readonly string[],
  plan: AutoScalingPlan,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (variants.length === 0) return [];
  const { minCapacity, maxCapacity, ...policy } = plan;
  const targets = await scaling.targets(endpointName, variants, signal);
  const changed: string[] = [];
  for (const variant of variants) {
    const target = { minCapacity, maxCapacity };
    const isRegistered = sameTarget(targets.get(variant), target);
    if (!isRegistered) await scaling.register(endpointName, variant, target, signal);
    const hasPolicy =
      targets.has(variant) && samePolicy(await scaling.policy(endpointName, variant, signal), policy);
    if (!hasPolicy) await scaling.putPolicy(endpointName, variant, policy, signal);
    if (!isRegistered || !hasPolicy) changed.push(variant);
  }
  return changed;
}

const sameTarget = (now: ScalingTarget | undefined, wanted: ScalingTarget): boolean =>
  now?.minCapacity === wanted.minCapacity && now.maxCapacity === wanted.maxCapacity;

/** A cooldown that the plan leaves open is AWS's to choose. */
const samePolicy = (now: ScalingPolicy | undefined, wanted: ScalingPolicy): boolean =>
  now !== undefined &&
  now.invocationsPerInstance === wanted.invocationsPerInstance &&
  (wanted.scaleInCooldownSeconds ?? now.scaleInCooldownSeconds) === now.scaleInCooldownSeconds &&
  (wanted.scaleOutCooldownSeconds ?? now.scaleOutCooldownSeconds) === now.scaleOutCooldownSeconds;
