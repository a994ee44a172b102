import type { Diagnosis } from '../plan.js';
import type { MessageRow } from './row.js';
import { excerpt, searchable } from './text.js';

/** A message of AWS as patterns see it: one line, and of a length that its searches may cost. */
export const message = (text: string): string => searchable(text.slice(0, 8_000).replace(/\s+/g, ' ').trim());

/** The first row that fits the text or the facts; undefined when none does. */
export function explainMessage<Failure>(
  rows: readonly MessageRow<Failure>[],
  text: string,
  failure: Failure,
  facts: string,
): Diagnosis | undefined {
  for (const row of rows) {
    const match = text === '' ? null : (row.pattern?.exec(text) ?? null);
    const holds = match === null && row.holds?.(failure) === true;
    if (match === null && !holds) continue;
    const specific = row.specific?.(match === null ? [] : [...match], failure);
    return {
      id: row.id,
      class: row.class,
      cause: specific?.cause ?? row.cause,
      fix: specific?.fix ?? row.fix,
      evidence: match === null ? facts : excerpt(text, 300, match.index),
      ...(specific?.link === undefined ? {} : { link: specific.link }),
    };
  }
  return undefined;
}
