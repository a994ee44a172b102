import type { JobRecord, MetricGate } from '../../plan.js';

type Values = Pick<JobRecord, 'finalMetrics' | 'series'>;

/** Holds the gates against the job's metrics: SageMaker's final values, and the log's last ones for what it lacks. */
export function judgeGates(
  gates: readonly MetricGate[],
  { finalMetrics, series }: Values,
): JobRecord['gates'] {
  return gates.map((gate) => {
    const actual =
      finalMetrics.find(({ name }) => name === gate.metric)?.value ??
      series?.find(({ name }) => name === gate.metric)?.values.at(-1);
    return actual === undefined
      ? { ...gate, passed: false }
      : { ...gate, actual, passed: holds(actual, gate) };
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
