import { metricKind, type VariantMetric } from '../../aws/endpoint-metrics.js';
import type { MetricGate } from '../../plan.js';
import { holds } from '../train/judge-gates.js';
import { duration, figure } from '../train/words.js';

/** What is bad about how the endpoint does, a sentence each; none: all is well. */
export interface Verdict {
  readonly bad: readonly string[];
  /** What could not be judged, a sentence each. */
  readonly notices: readonly string[];
}

/**
 * Holds the conditions to what was measured. A count without data points is 0: CloudWatch has none of a variant
 * that got no requests. Of all else nothing is known then, which is told and judges nothing.
 *
 * @param seconds that the measurements are of
 */
export function judgeGates(
  gates: readonly MetricGate[],
  measured: readonly VariantMetric[],
  seconds: number,
): Verdict {
  const bad: string[] = [];
  const notices: string[] = [];
  for (const gate of gates) {
    for (const { variant, value } of measured.filter(({ metric }) => metric === gate.metric)) {
      const actual = value ?? (metricKind(gate.metric) === 'sum' ? 0 : undefined);
      if (actual === undefined) {
        notices.push(
          `\`${gateText(gate)}\` was not judged of the variant ${variant}: CloudWatch has no values of it, as it got no requests or they are late.`,
        );
      } else if (!holds(actual, gate)) {
        bad.push(
          `${gate.metric} of the variant ${variant} was ${measure(gate.metric, actual)} (${metricKind(gate.metric)} of ${duration(seconds)}), which is not ${gate.operator} ${measure(gate.metric, gate.value)}.`,
        );
      }
    }
  }
  return { bad, notices };
}

export const gateText = ({ metric, operator, value }: MetricGate): string =>
  `${metric} ${operator} ${measure(metric, value)}`;

/** Latencies come in microseconds, which nobody reads. */
function measure(metric: string, value: number): string {
  if (/(?:Latency|SetupTime)$/.test(metric)) return `${figure(value / 1000)} ms`;
  return /Utilization$/.test(metric) ? `${figure(value)} %` : figure(value);
}
