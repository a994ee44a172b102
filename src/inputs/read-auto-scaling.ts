import type { AutoScalingPlan } from '../plan.js';
import { CAPACITY, COOLDOWN_SECONDS } from './limits.js';
import { readParts } from './map-parts.js';
import type { Field } from './problems.js';
import { parseDuration, parseInteger, parseNumber } from './quantities.js';

const KEYS = ['min', 'max', 'invocations-per-instance', 'scale-in-cooldown', 'scale-out-cooldown'] as const;

/**
 * Target tracking of every variant.
 *
 * @param asynchronous whether the endpoint may have no instance at all
 */
export function readAutoScaling(field: Field, asynchronous: boolean): AutoScalingPlan | undefined {
  if (!field.given) return undefined;
  const parts = readParts(field, {
    keys: KEYS,
    required: {
      max: '`max=4`, the most instances of a variant',
      'invocations-per-instance':
        '`invocations-per-instance=600`, the invocations a minute that one is to have',
    },
  });
  const minCapacity = parseInteger(parts('min'), { ...CAPACITY, min: asynchronous ? 0 : 1 }, 1);
  const maxCapacity = parseInteger(parts('max'), { ...CAPACITY, min: 1 }, Math.max(minCapacity, 1));
  if (!parts('max').failed && maxCapacity < minCapacity) {
    parts('max').problem(`Is less than \`min\` (${minCapacity}).`, `Write ${minCapacity} or more.`);
  }
  const [scaleIn, scaleOut] = [parts('scale-in-cooldown'), parts('scale-out-cooldown')];
  return {
    minCapacity,
    maxCapacity,
    invocationsPerInstance: parseNumber(
      parts('invocations-per-instance'),
      { min: 0.001, max: 100_000_000 },
      1,
    ),
    ...(scaleIn.given ? { scaleInCooldownSeconds: parseDuration(scaleIn, COOLDOWN_SECONDS, 0) } : {}),
    ...(scaleOut.given ? { scaleOutCooldownSeconds: parseDuration(scaleOut, COOLDOWN_SECONDS, 0) } : {}),
  };
}
