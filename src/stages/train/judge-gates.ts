import type { JobRecord, MetricGate } from '../../plan.js';

type Values = Pick<JobRecord, 'finalMetrics' | 'series'>;

/**
 * Holds the gates against the job's metrics: SageMaker's final values, and the log's last ones for what it lacks.
 *
 * SageMaker keeps 32 bits of a value. Where the log's last one rounds to the same, it is the value itself; where not,
 * the gate is compared at that precision too: a loss of 0.2 is not above 0.2.
 */
export function judgeGates(
  gates: readonly MetricGate[],
  { finalMetrics, series }: Values,
): JobRecord['gates'] {
  return gates.map((gate) => {
    const final = finalMetrics.find(({ name }) => name === gate.metric)?.value;
    const logged = series?.find(({ name }) => name === gate.metric)?.values.at(-1);
    if (final !== undefined && (logged === undefined || Math.fround(logged) !== Math.fround(final))) {
      const passed = holds(Math.fround(final), { ...gate, value: Math.fround(gate.value) });
      return { ...gate, actual: final, passed };
    }
    return logged === undefined
      ? { ...gate, passed: false }
      : { ...gate, actual: logged, passed: holds(logged, gate) };
  });
}

export function holds(actual: number, { operator, value }: MetricGate): boolean {
  switch (operator) {
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    case '==':
      return actual === value;
    case '!=':
      return actual !== value;
  }
}
