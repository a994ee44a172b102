import type { JobRecord } from '../plan.js';
import { number } from './format.js';

export type Gate = JobRecord['gates'][number];

/** `validation:accuracy >= 0.9`: what the metric must be. May hold untrusted text. */
export const claimOf = ({ metric, operator, value }: Gate): string =>
  `${metric} ${operator} ${number(value)}`;

/** What was seen of a gate, with its numbers. May hold untrusted text. */
export function seenOf({ metric, operator, value, actual, passed }: Gate): string {
  if (actual === undefined) {
    return `\`${metric}\` has no value: no line of the log matched its metric definition.`;
  }
  const must = `${operator} ${number(value)}`;
  return passed
    ? `\`${metric}\` is ${number(actual)}, which is ${must}.`
    : `\`${metric}\` is ${number(actual)}, and the gate asks for ${must}.`;
}

/** What to do about a gate that failed. */
export const remedyOf = ({ actual }: Gate): string =>
  actual === undefined
    ? 'Let `metric-definitions` have an expression that matches a line of the log, or correct the name in `metric-gates`.'
    : 'Improve it, or change `metric-gates`.';

/** Whether there was something to judge: a job that failed before it reported the metric is not below its gate. */
export const isJudged = ({ passed, actual }: Gate, { status, stoppedEarly }: JobRecord): boolean =>
  passed || actual !== undefined || status === 'Completed' || stoppedEarly === true;

export const failedGates = ({ gates }: JobRecord): Gate[] => gates.filter(({ passed }) => !passed);
