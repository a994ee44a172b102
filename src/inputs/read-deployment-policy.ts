import type { DeploymentPolicy } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import { ALARMS, characters, POLICY_PERCENT, POLICY_WAIT_SECONDS } from './limits.js';
import { readParts } from './map-parts.js';
import { parseList } from './parse-list.js';
import { formOf } from './parse-map.js';
import type { Field } from './problems.js';
import { parseChoice, parseDuration, parseInteger } from './quantities.js';

const TYPES = ['all-at-once', 'canary', 'linear', 'rolling'] as const;
const KEYS = ['type', 'percent', 'wait', 'termination-wait'] as const;

const DEFAULT_PERCENT = { canary: 10, linear: 25, rolling: 25 } as const;
/** Long enough for an alarm of one period of a minute to see five of them. */
const WATCHED_SECONDS = 300;

/**
 * How an update moves the traffic: a word, or a map that says more.
 *
 * @param alarms of `rollback-alarms`: only they make waiting worth it
 * @returns undefined when nothing is asked for
 */
export function readDeploymentPolicy(field: Field, alarms: readonly string[]): DeploymentPolicy | undefined {
  const watched = alarms.length > 0;
  if (!field.given) {
    return watched
      ? { kind: 'all-at-once', waitSeconds: WATCHED_SECONDS, terminationWaitSeconds: 0 }
      : undefined;
  }
  const isWord = formOf(field.text) === 'none';
  const parts = readParts(isWord ? field.part('', '') : field, {
    keys: KEYS,
    required: { type: '`type: canary`, or another one' },
  });
  const kind = parseChoice(isWord ? field : parts('type'), TYPES, 'all-at-once', suggestion);
  if (field.failed) return undefined;
  const unwatched = (kind === 'canary' || kind === 'linear') && !watched;
  if (unwatched) {
    field.problem(
      `A ${kind} deployment waits between its steps for alarms that stop it, but none are named.`,
      'Set `rollback-alarms`, or `deployment-policy: all-at-once`.',
    );
  }
  const waitSeconds = parseDuration(parts('wait'), POLICY_WAIT_SECONDS, watched ? WATCHED_SECONDS : 0);
  const termination = parts('termination-wait');
  const percent = parts('percent');
  const terminationWaitSeconds = parseDuration(termination, POLICY_WAIT_SECONDS, 0);
  if (watched && waitSeconds === 0 && parts('wait').given) {
    parts('wait').problem(
      'Alarms are looked at while the deployment waits, and it would not wait.',
      'Write for example `wait: 5m`, or remove `rollback-alarms`.',
    );
  }
  if (kind === 'all-at-once') {
    if (percent.given) {
      percent.problem('All at once has no steps.', 'Remove it, or choose `canary`, `linear` or `rolling`.');
    }
    return { kind, waitSeconds, terminationWaitSeconds };
  }
  const size = parseInteger(percent, POLICY_PERCENT[kind], DEFAULT_PERCENT[kind]);
  // Its numbers are checked all the same.
  if (unwatched) return undefined;
  if (kind !== 'rolling') return { kind, percent: size, waitSeconds, terminationWaitSeconds };
  if (termination.given) {
    termination.problem(
      'A rolling update ends the old instances batch by batch, and keeps no old fleet.',
      'Remove it, or choose `canary` or `linear`.',
    );
  }
  return { kind, percent: size, waitSeconds };
}

/** Seconds that the policy itself spends waiting. */
export function waitingSecondsOf(policy: DeploymentPolicy | undefined): number {
  if (policy === undefined) return 0;
  const { kind, waitSeconds } = policy;
  if (kind === 'rolling') return Math.ceil(100 / policy.percent) * waitSeconds;
  const steps = kind === 'all-at-once' ? 1 : kind === 'canary' ? 2 : Math.ceil(100 / policy.percent);
  return steps * waitSeconds + policy.terminationWaitSeconds;
}

/** Names of CloudWatch alarms. One a line: a name may hold a comma. */
export function readAlarms(field: Field): readonly string[] {
  const { items } = parseList(field);
  if (items.length > ALARMS.entries) {
    field.problem(
      `SageMaker takes at most ${ALARMS.entries} alarms; these are ${items.length}.`,
      'Remove some, or combine them in a composite alarm.',
      '',
    );
  }
  for (const [index, name] of items.entries()) {
    if (/^arn:/.test(name)) {
      field.problem('Is an ARN; SageMaker takes the name of an alarm.', 'Write its name.', name);
    } else if (characters(name) > ALARMS.name || name.trim() === '') {
      field.problem(
        `The name of an alarm has 1 to ${ALARMS.name} characters.`,
        'Write the name as CloudWatch has it.',
        name,
      );
    } else if (items.indexOf(name) < index) {
      field.problem('The alarm is named twice.', 'Name it once.', name);
    }
  }
  return items;
}
