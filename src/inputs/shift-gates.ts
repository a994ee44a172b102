import type { MetricGate } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import { parseGate, sameGate } from './metric-gates.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';

/**
 * The metrics of a variant in CloudWatch and what they count, [doc] monitoring-cloudwatch.md: those of the
 * invocations in `AWS/SageMaker`, those of the instances in `/aws/sagemaker/Endpoints`.
 */
const METRICS: Readonly<Record<string, 'count' | 'microseconds' | 'percent'>> = {
  Invocations: 'count',
  InvocationsPerInstance: 'count',
  Invocation4XXErrors: 'count',
  Invocation5XXErrors: 'count',
  InvocationModelErrors: 'count',
  ConcurrentRequestsPerModel: 'count',
  ModelLatency: 'microseconds',
  OverheadLatency: 'microseconds',
  ModelSetupTime: 'microseconds',
  CPUUtilization: 'percent',
  MemoryUtilization: 'percent',
  DiskUtilization: 'percent',
  GPUUtilization: 'percent',
  GPUMemoryUtilization: 'percent',
};

const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1000, s: 1_000_000 };

/** Conditions on metrics of CloudWatch, one a line: `Invocation5XXErrors <= 0`, `ModelLatency < 500ms`. */
export function parseShiftGates(field: Field): readonly MetricGate[] {
  const gates: MetricGate[] = [];
  for (const item of parseList(field).items) {
    const gate = parseShiftGate(field, item);
    if (gate && gates.some((other) => sameGate(other, gate))) {
      field.problem('The condition is named twice.', 'Name it once.', item);
    } else if (gate) {
      gates.push(gate);
    }
  }
  return gates;
}

function parseShiftGate(field: Field, item: string): MetricGate | undefined {
  const [, condition = item, unit = ''] = /^(.*?[\d.])\s*(us|µs|ms|s|%)$/i.exec(item) ?? [];
  const gate = parseGate(field, condition, 'Invocation5XXErrors <= 0');
  if (!gate) return undefined;
  const known = Object.hasOwn(METRICS, gate.metric) ? METRICS[gate.metric] : undefined;
  if (known === undefined) {
    return field.problem(
      'CloudWatch has no metric of this name for an endpoint.',
      `${suggestion(gate.metric, Object.keys(METRICS))}Known: ${Object.keys(METRICS)
        .map((name) => `\`${name}\``)
        .join(', ')}.`,
      gate.metric,
    );
  }
  if (known === 'microseconds') {
    const factor = MICROSECONDS[unit.toLowerCase()];
    if (factor !== undefined) return { ...gate, value: gate.value * factor };
    return field.problem(
      'A time needs its unit: CloudWatch has microseconds, people mostly mean milliseconds.',
      `Write \`${gate.metric} ${gate.operator} ${gate.value}ms\`, for example.`,
      item,
    );
  }
  if (unit === '' || (unit === '%' && known === 'percent')) return gate;
  return field.problem(
    `\`${gate.metric}\` has no such unit: it is a ${known === 'percent' ? 'percentage' : 'count'}.`,
    `Write \`${gate.metric} ${gate.operator} ${gate.value}\`.`,
    item,
  );
}
