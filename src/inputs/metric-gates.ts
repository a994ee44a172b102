import type { MetricDefinition, MetricGate } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';

const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;

/** The name, what stands between, the number. A name may hold anything but these signs. */
const GATE = /^([^<>=!≤≥]*?)\s*([<>=!≤≥]+)\s*(.*)$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** What people write for an operator, and what they mean. */
const MEANT: Readonly<Record<string, MetricGate['operator']>> = {
  '=': '==',
  '===': '==',
  '=>': '>=',
  '=<': '<=',
  '≥': '>=',
  '≤': '<=',
  '<>': '!=',
  '!': '!=',
};

/** Conditions on final values, one a line: `validation:accuracy >= 0.9`. */
export function parseMetricGates(
  field: Field,
  definitions: readonly MetricDefinition[] | undefined,
): readonly MetricGate[] {
  const gates: MetricGate[] = [];
  for (const item of parseList(field).items) {
    const gate = parseGate(field, item);
    if (!gate) continue;
    if (gates.some((other) => sameGate(other, gate))) {
      field.problem('The condition is named twice.', 'Name it once.', item);
    } else if (isDefined(field, gate.metric, definitions)) {
      gates.push(gate);
    }
  }
  return gates;
}

/**
 * A metric, an operator, a number.
 *
 * @param example for messages
 */
export function parseGate(
  field: Field,
  item: string,
  example = 'validation:accuracy >= 0.9',
): MetricGate | undefined {
  const [, metric = '', sign = '', number = ''] = GATE.exec(item) ?? [];
  const operator = OPERATORS.find((candidate) => candidate === sign);
  if (metric === '') {
    return field.problem(
      'Is not a condition: a metric, an operator, a number.',
      `Write one a line, for example \`${example}\`.`,
      item,
    );
  }
  if (operator === undefined) {
    const meant = MEANT[sign];
    return field.problem(
      `There is no operator \`${sign}\`.`,
      `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}Known: ${OPERATORS.map((one) => `\`${one}\``).join(', ')}.`,
      item,
    );
  }
  if (!NUMBER.test(number) || !Number.isFinite(Number(number))) {
    return field.problem(
      'What stands behind the operator is not a number.',
      /^[\d.]+\s*%$/.test(number)
        ? 'Write the value as the program logs it, without `%`.'
        : 'Write a number such as `0.9` or `1e-3`.',
      item,
    );
  }
  return { metric, operator, value: Number(number) };
}

export const sameGate = (a: MetricGate, b: MetricGate): boolean =>
  a.metric === b.metric && a.operator === b.operator && a.value === b.value;

/**
 * Only a metric that is defined is ever read.
 *
 * @param definitions `undefined` when they are not known
 */
export function isDefined(
  field: Field,
  metric: string,
  definitions: readonly MetricDefinition[] | undefined,
): boolean {
  if (definitions === undefined || definitions.some(({ name }) => name === metric)) return true;
  const names = definitions.map(({ name }) => name);
  field.problem(
    'There is no metric of this name in `metric-definitions`: it would never have a value.',
    `${suggestion(metric, names)}Define it there: \`${metric}=<regular expression>\`.`,
    metric,
  );
  return false;
}
