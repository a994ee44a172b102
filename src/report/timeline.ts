import type { SecondaryTransition } from '../plan.js';
import type { Limits } from './budget.js';
import { code, prose } from './escape.js';
import { leftOut, table, time } from './html.js';

const BAR = 16;

/**
 * Seconds that all of it took. The statuses of an endpoint's variants (`AllTraffic: Creating`) lie within those of the
 * endpoint itself.
 */
export const secondsOf = (transitions: readonly SecondaryTransition[]): number =>
  transitions
    .filter(({ status }) => !status.includes(': '))
    .reduce((sum, { seconds = 0 }) => sum + (Number.isFinite(seconds) ? seconds : 0), 0);

/** Each status with its time, and how long that is beside the others. */
export function renderTimeline(transitions: readonly SecondaryTransition[], limits: Limits): string[] {
  if (transitions.length === 0) return [];
  const longest = Math.max(
    1,
    ...transitions.map(({ seconds = 0 }) => (Number.isFinite(seconds) ? seconds : 0)),
  );
  const shown = transitions.slice(-Math.min(limits.rows, 60));
  const hasMessages = shown.some(({ message = '' }) => message.trim() !== '');
  const rows = shown.map(({ status, message = '', startedAt, seconds }) => [
    prose(status, 60),
    clockOf(startedAt),
    // The state that it ends in has no length.
    seconds === undefined || seconds === 0 ? '' : time(seconds),
    seconds === undefined
      ? ''
      : '━'.repeat(Math.max(seconds > 0 ? 1 : 0, Math.round((seconds / longest) * BAR) || 0)),
    ...(hasMessages ? [prose(message, Math.min(300, limits.fieldCharacters))] : []),
  ]);
  const earlier = transitions.length - shown.length;
  return [
    table(['Status', 'From&nbsp;(UTC)', 'Time', '', ...(hasMessages ? ['SageMaker says'] : [])], rows),
    earlier > 0 ? leftOut(earlier, 'earlier status') : '',
  ];
}

/** `10:11:12`, as code: GitHub could take `:11:` for an emoji. */
function clockOf(startedAt: string): string {
  const at = new Date(startedAt);
  return Number.isNaN(at.getTime()) ? '' : code(at.toISOString().slice(11, 19));
}
