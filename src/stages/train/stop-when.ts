import type { FollowPlan } from '../../plan.js';
import { figure } from './words.js';

type Rule = NonNullable<FollowPlan['stopWhen']>;

/**
 * Why a job is to be stopped, judged by all values of the metric so far; undefined as long as it is not. Values of
 * several hosts count alike.
 *
 * @param values in the order of their times
 */
export function stopReason(
  { metric, direction, patience }: Rule,
  values: readonly number[],
): string | undefined {
  let best: number | undefined;
  let without = 0;
  for (const value of values) {
    if (best === undefined || (direction === 'minimize' ? value < best : value > best)) {
      best = value;
      without = 0;
    } else {
      without += 1;
    }
  }
  if (best === undefined || without < patience) return undefined;
  const way = direction === 'minimize' ? 'lower' : 'higher';
  return `${metric} has not become ${way} than ${figure(best)} for ${without} values (stop-when)`;
}
