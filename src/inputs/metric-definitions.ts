import type { MetricDefinition } from '../plan.js';
import { characters, METRIC_DEFINITIONS } from './limits.js';
import { parseMap } from './parse-map.js';
import type { Field } from './problems.js';

/** Metrics by name; each regular expression compiles and has one capture group, as SageMaker wants it. */
export function parseMetricDefinitions(field: Field): readonly MetricDefinition[] {
  const definitions: MetricDefinition[] = [];
  const map = parseMap(field);
  if (map.size > METRIC_DEFINITIONS.entries) {
    field.problem(
      `SageMaker takes at most ${METRIC_DEFINITIONS.entries} metric definitions; these are ${map.size}.`,
      'Remove some.',
      '',
    );
  }
  for (const [name, regex] of map) {
    if (characters(name) > METRIC_DEFINITIONS.name) {
      field.problem(
        `A metric's name has at most ${METRIC_DEFINITIONS.name} characters.`,
        'Shorten it.',
        name,
      );
    } else if (regex === '') {
      field.problem('The metric has no regular expression.', 'Write `name=regex`.', name);
    } else if (characters(regex) > METRIC_DEFINITIONS.regex) {
      field.problem(
        `A metric's regular expression has at most ${METRIC_DEFINITIONS.regex} characters.`,
        'Shorten it.',
        `${name}: ${regex}`,
      );
    } else if (checkRegex(field, name, regex)) {
      definitions.push({ name, regex });
    }
  }
  return definitions;
}

function checkRegex(field: Field, name: string, regex: string): boolean {
  const value = `${name}: ${regex}`;
  let groups: number;
  try {
    new RegExp(regex);
    // An alternative that always matches makes exec() answer with one slot for each group.
    groups = (new RegExp(`${regex}|`).exec('')?.length ?? 1) - 1;
  } catch (error) {
    const python = /\(\?P</.test(regex)
      ? 'Write a plain group `(…)` in place of the named one `(?P<name>…)`.'
      : /^\(\?[a-z]+\)/.test(regex)
        ? // Not `(?i:…)`: with flags of its own, an expression has no bound on its time (see metricRegex).
          'Leave out the flag in front; where a letter may be of either case, write both: `[Ll]oss: ([0-9.]+)`.'
        : 'Correct it; a literal bracket, dot, plus or star needs a backslash.';
    field.problem(`Is not a regular expression: ${(error as Error).message}.`, python, value);
    return false;
  }
  if (groups === 1) return true;
  field.problem(
    groups === 0
      ? 'The regular expression has no capture group: nothing says which part of the line is the number.'
      : `The regular expression has ${groups} capture groups; SageMaker reads one.`,
    groups === 0
      ? 'Put the number in parentheses: `loss: ([0-9.]+)`.'
      : 'Keep the group around the number, and write the others as `(?:…)`.',
    value,
  );
  return false;
}
