import type { MetricDefinition } from '../plan.js';
import { metricRegex } from './metric-regex.js';
import type { MetricSeries } from './observations.js';

/** Longer lines are searched up to here: an expression must not stall the run on a line of megabytes. */
const SEARCHED = 8 * 1024;
const KEPT_VALUES = 10_000;

/**
 * What a metric's expression finds in a line, as the platform reads it: the first capture group of the first match
 * is the value. [doc] MetricDefinitions
 *
 * @returns undefined when the line does not match; without `value` when what it captures is no number
 */
export function readMetric(
  regex: RegExp,
  line: string,
): { readonly text: string; readonly value?: number } | undefined {
  const match = regex.exec(line.length > SEARCHED ? line.slice(0, SEARCHED) : line);
  if (match === null) return undefined;
  const text = match[1] ?? '';
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? { text } : { text, value };
}

/**
 * Applies the metric definitions to each line of a log as the platform does: the first capture group of each
 * match is a value. [doc] MetricDefinitions, applied to standard output and error
 */
export class MetricWatch {
  readonly #series: {
    name: string;
    source: string;
    regex: RegExp;
    values: number[];
    matches: number;
    notANumber?: string;
  }[];

  constructor(definitions: readonly MetricDefinition[]) {
    this.#series = definitions.map(({ name, regex }) => ({
      name,
      source: regex,
      regex: metricRegex(regex),
      values: [],
      matches: 0,
    }));
  }

  push(line: string): void {
    for (const series of this.#series) {
      const found = readMetric(series.regex, line);
      if (found === undefined) {
        continue;
      }
      series.matches += 1;
      if (found.value === undefined) {
        series.notANumber ??= found.text;
      } else if (series.values.length < KEPT_VALUES) {
        series.values.push(found.value);
      } else {
        // The last value is the one that people ask for: it is never given up.
        series.values[KEPT_VALUES - 1] = found.value;
      }
    }
  }

  get series(): readonly MetricSeries[] {
    return this.#series.map(({ source, regex: _, ...series }) => ({ ...series, regex: source }));
  }
}
