import { metricRegex } from '../../contract/metric-regex.js';
import { readMetric } from '../../contract/metric-watch.js';
import type { MetricDefinition, MetricRecord } from '../../plan.js';

/** Values of a metric that are kept: of each host, and in all. */
const KEPT = 10_000;

interface Point {
  value: number;
  /** Milliseconds since 1970; never before the host's point before. */
  at: number;
}

/**
 * The metrics of a job, read from the logs of all its hosts. As on the platform, a definition is one metric,
 * whichever host prints it: its values stand in the order of their log events' times, those of one moment in the
 * order of the hosts' names, and those of one host as it wrote them. So the series is the same however the lines
 * arrive: from one host after the other, late, or all at once from a job that was joined.
 */
export class JobMetrics {
  readonly #metrics: {
    readonly name: string;
    readonly regex: RegExp;
    readonly hosts: Map<string, Point[]>;
    merged: readonly number[] | undefined;
  }[];

  constructor(definitions: readonly MetricDefinition[]) {
    this.#metrics = definitions.map(({ name, regex }) => ({
      name,
      regex: metricRegex(regex),
      hosts: new Map(),
      merged: undefined,
    }));
  }

  /** @param times of the lines' log events, in milliseconds since 1970: as many */
  push(host: string, lines: readonly string[], times: readonly number[]): void {
    for (const metric of this.#metrics) {
      let points = metric.hosts.get(host);
      let index = 0;
      for (; index < lines.length && (points === undefined || points.length < KEPT); index += 1) {
        const value = readMetric(metric.regex, lines[index] ?? '')?.value;
        if (value === undefined) continue;
        if (points === undefined) {
          points = [];
          metric.hosts.set(host, points);
        }
        points.push({ value, at: Math.max(times[index] ?? 0, points.at(-1)?.at ?? 0) });
        metric.merged = undefined;
      }
      const last = points?.at(-1);
      if (last === undefined) continue;
      // The last value is the one that people ask for: it is never given up. Those between it and the ones that are
      // kept are not looked for.
      for (let from = lines.length - 1; from >= index; from -= 1) {
        const value = readMetric(metric.regex, lines[from] ?? '')?.value;
        if (value === undefined) continue;
        last.value = value;
        last.at = Math.max(times[from] ?? 0, last.at);
        metric.merged = undefined;
        break;
      }
    }
  }

  /** As SageMaker would chart them; bounded, with the last value always there. */
  get series(): readonly MetricRecord[] {
    return this.#metrics.map((metric) => {
      metric.merged ??= merge(metric.hosts);
      return { name: metric.name, values: metric.merged };
    });
  }
}

function merge(hosts: ReadonlyMap<string, readonly Point[]>): readonly number[] {
  const values = [...hosts]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap(([, points]) => points)
    // Sorting is stable: at one moment, the hosts' order stays.
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
  return values.length <= KEPT ? values : [...values.slice(0, KEPT - 1), ...values.slice(-1)];
}
