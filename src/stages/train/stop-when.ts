import { MetricWatch } from '../../contract/metric-watch.js';
import type { FollowPlan, MetricDefinition } from '../../plan.js';
import { figure } from './words.js';

type Rule = NonNullable<FollowPlan['stopWhen']>;

/** Watches whether a metric still gets better. */
export class StopWhen {
  readonly #watch: MetricWatch;
  #counted = 0;
  #best: number | undefined;
  #without = 0;

  constructor(
    private readonly rule: Rule,
    definitions: readonly MetricDefinition[],
  ) {
    this.#watch = new MetricWatch(definitions.filter(({ name }) => name === rule.metric).slice(0, 1));
  }

  push(line: string): void {
    this.#watch.push(line);
    const [series] = this.#watch.series;
    const count = series?.values.length ?? 0;
    // The values are bounded: a run of so many is watched up to there.
    if (series === undefined || count === this.#counted) return;
    this.#counted = count;
    const value = series.values.at(-1) ?? Number.NaN;
    const better =
      this.#best === undefined ||
      (this.rule.direction === 'minimize' ? value < this.#best : value > this.#best);
    if (better) {
      this.#best = value;
      this.#without = 0;
    } else {
      this.#without += 1;
    }
  }

  /** Why the job is to be stopped; undefined as long as it is not. */
  get reason(): string | undefined {
    const { metric, direction, patience } = this.rule;
    if (this.#best === undefined || this.#without < patience) return undefined;
    const way = direction === 'minimize' ? 'lower' : 'higher';
    return `${metric} has not become ${way} than ${figure(this.#best)} for ${this.#without} values (stop-when)`;
  }
}
