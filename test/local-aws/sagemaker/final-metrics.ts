import type { MetricData, MetricDefinition } from '@aws-sdk/client-sagemaker';
import { MetricWatch } from '../../../src/contract/metric-watch.js';

/** `FinalMetricDataList`: the last value of each metric definition, over the lines of all hosts. */
export class FinalMetrics {
  readonly #watches: { readonly name: string; readonly watch: MetricWatch; seen: number; at: Date }[];

  /** @throws SyntaxError for an expression that is none */
  constructor(definitions: readonly MetricDefinition[]) {
    this.#watches = definitions.map(({ Name: name = '', Regex: regex = '' }) => ({
      name,
      watch: new MetricWatch([{ name, regex }]),
      seen: 0,
      at: new Date(0),
    }));
  }

  push(line: string, at: Date): void {
    for (const entry of this.#watches) {
      entry.watch.push(line);
      const [series] = entry.watch.series;
      if (series && series.matches > entry.seen) {
        entry.seen = series.matches;
        entry.at = at;
      }
    }
  }

  get list(): MetricData[] {
    return this.#watches.flatMap(({ name, watch, at }) => {
      const value = watch.series[0]?.values.at(-1);
      return value === undefined ? [] : [{ MetricName: name, Value: Math.fround(value), Timestamp: at }];
    });
  }
}
