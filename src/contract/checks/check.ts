import type { CheckGroup, CheckResult, Severity } from '../../plan.js';
import type { Observations } from '../observations.js';

/**
 * One named check: what it claims, why SageMaker cares, what to do, and how it is judged. The definition is
 * the single source of the code, the report and the page `docs/checks/<id>.md`. Judging is pure: a check
 * looks at what the runs of the container showed and touches nothing.
 */
export interface CheckDefinition {
  /** Stable kebab-case id. */
  readonly id: string;
  readonly group: CheckGroup;
  /** Severity unless the user changes it with `smoke-severity`. */
  readonly severity: Severity;
  /** The claim that holds when the check passes, without a full stop. */
  readonly title: string;
  /** What a pass proves, for the docs page. */
  readonly proves: string;
  /** What SageMaker does that makes it matter, for the docs page. */
  readonly why: string;
  /** What to do when it fails; shown in the report too, unless the verdict brings a better one. */
  readonly fix: string;
  /** Where the fact comes from, marked [doc] AWS documentation or model, [obs] observed, [inf] inferred. */
  readonly source: string;
  /** When the check is judged, for the docs page: "always", or the input that asks for it. */
  readonly judged: string;
  judge(observations: Observations): Verdict;
}

export interface Verdict {
  readonly status: CheckResult['status'];
  /** What was seen, in one or two sentences; for a skipped check, why it could not be judged. */
  readonly evidence: string;
  readonly lines?: readonly string[];
  /** A fix that knows more than the definition's general one. */
  readonly fix?: string;
  readonly seconds?: number;
}

type Extra = Pick<Verdict, 'lines' | 'fix' | 'seconds'>;

export const passed = (evidence: string, extra: Extra = {}): Verdict => ({
  status: 'passed',
  evidence,
  ...extra,
});
export const failed = (evidence: string, extra: Extra = {}): Verdict => ({
  status: 'failed',
  evidence,
  ...extra,
});
export const skipped = (why: string): Verdict => ({ status: 'skipped', evidence: why });
