import type { Field } from './problems.js';

/** The usual reason for an input that is there and empty. */
export const UNSET =
  'If it comes from a variable or a secret, that is empty in this run: pull requests from forks get none.';

/**
 * What a stage cannot do without; missed only when it runs.
 *
 * @param on `override`: what the overrides say in the input's place
 */
export function required(
  field: Field,
  value: string | undefined,
  on: { readonly runs: boolean; readonly override: unknown; readonly rule: string; readonly fix: string },
): string {
  if (typeof on.override === 'string') return on.override;
  if (on.runs && !field.given) field.problem(on.rule, `${on.fix} ${UNSET}`);
  return value ?? '';
}
