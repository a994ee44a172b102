import type { FollowPlan, MetricDefinition } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { PATIENCE, STALL_SECONDS, TIMEOUT_SECONDS } from './limits.js';
import { isDefined } from './metric-gates.js';
import { parseMap } from './parse-map.js';
import type { Field } from './problems.js';
import { parseBoolean, parseDuration } from './quantities.js';

/** Inputs that say what happens while the job is followed. */
const WHILE_WAITING = ['timeout', 'stall-timeout', 'stop-when', 'metric-gates'] as const;

/** How the job is followed, and when it is stopped. */
export function readFollow(inputs: Inputs, definitions: readonly MetricDefinition[] | undefined): FollowPlan {
  const wait = parseBoolean(inputs('wait'), true);
  for (const name of WHILE_WAITING) {
    if (wait || !inputs(name).given) continue;
    inputs(name).problem(
      'Is about following the job, but `wait` is `false`.',
      `Remove \`${name}\`, or set \`wait: true\`.`,
    );
  }
  const timeout = inputs('timeout');
  const stall = inputs('stall-timeout');
  const stopWhen = readStopWhen(inputs('stop-when'), definitions);
  return {
    wait,
    ...(timeout.given
      ? { timeoutSeconds: parseDuration(timeout, TIMEOUT_SECONDS, TIMEOUT_SECONDS.max) }
      : {}),
    ...(stall.given ? { stallTimeoutSeconds: parseDuration(stall, STALL_SECONDS, STALL_SECONDS.max) } : {}),
    ...(stopWhen === undefined ? {} : { stopWhen }),
    stopOnCancel: parseBoolean(inputs('stop-on-cancel'), true),
    streamLogs: parseBoolean(inputs('stream-logs'), true),
  };
}

const KEYS = ['metric', 'direction', 'patience'] as const;
const DIRECTIONS = ['minimize', 'maximize'] as const;

/** A map of three: which metric, which way is better, how many values may pass without a better one. */
function readStopWhen(
  field: Field,
  definitions: readonly MetricDefinition[] | undefined,
): FollowPlan['stopWhen'] {
  if (!field.given) return undefined;
  const map = parseMap(field, { trim: true });
  if (field.failed) return undefined;
  for (const key of map.keys()) {
    if (KEYS.some((known) => known === key)) continue;
    field.problem(
      'There is no such key.',
      `${suggestion(key, KEYS)}Known: ${KEYS.map((known) => `\`${known}\``).join(', ')}.`,
      key,
    );
  }
  for (const key of KEYS) {
    if (!map.get(key)) field.problem(`The key \`${key}\` is missing.`, `Add ${EXAMPLES[key]}.`);
  }
  const { metric = '', direction: word = '', patience: count = '' } = Object.fromEntries(map);
  const direction = DIRECTIONS.find((known) => known === word);
  if (word !== '' && direction === undefined) {
    field.problem(
      'The direction is `minimize` or `maximize`.',
      `${suggestion(word, DIRECTIONS)}Write \`minimize\` for a loss, \`maximize\` for an accuracy.`,
      word,
    );
  }
  const patience = /^\d{1,9}$/.test(count) ? Number(count) : 0;
  if (count !== '' && (patience < PATIENCE.min || patience > PATIENCE.max)) {
    field.problem(
      `The patience is a whole number from ${PATIENCE.min} to ${PATIENCE.max}: values of the metric without a better one.`,
      'Write for example `patience=10`.',
      count,
    );
  }
  const known = metric !== '' && isDefined(field, metric, definitions);
  return known && direction !== undefined ? { metric, direction, patience } : undefined;
}

const EXAMPLES: Readonly<Record<(typeof KEYS)[number], string>> = {
  metric: '`metric=validation:loss`, one of `metric-definitions`',
  direction: '`direction=minimize` or `direction=maximize`',
  patience: '`patience=10`, the number of values that may pass without a better one',
};
