import type { RunRecord } from '../plan.js';

/**
 * `report.json`: the {@link RunRecord} as it is, two blanks deep, ended by a line feed.
 *
 * `version` comes first and changes only when a field is removed or changes its meaning; fields may be added
 * under the same version. A number that JSON cannot write (a metric that became NaN) is `null`. Text is UTF-8
 * without lone surrogates; what a terminal could obey or not show is written as `\uXXXX`, so printing the file
 * is harmless.
 */
export function renderJson(record: RunRecord): string {
  const { version, outcome, source, startedAt, seconds, stages, image, push, job, checks, ...rest } = record;
  const head = { version, outcome, source, startedAt, seconds, stages };
  const ordered = { ...head, image, push, job, checks, ...rest };
  const text = JSON.stringify(
    ordered,
    (_key, value) => (typeof value === 'string' ? value.toWellFormed() : value),
    2,
  );
  return `${text.replace(UNPRINTABLE, escapeUnits)}\n`;
}

const UNPRINTABLE =
  /[\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/gu;

function escapeUnits(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
