import type { RunRecord } from '../plan.js';
import { oneLine } from './escape.js';
import { failedErrors, failedWarnings } from './verdict.js';

/**
 * The action's outputs, by name; every one is set, empty when there is nothing to say, so that an expression
 * never meets a missing one. `report-path` and `junit-path` are set where the files are written.
 *
 * - `outcome`: `passed`, `failed`, `invalid-input` or `canceled`.
 * - `image-uri`: the reference of the image that was built or given.
 * - `image-id`: Docker's id of that image, `sha256:…`.
 * - `failed-checks`: ids of the failed checks of severity error, separated by commas.
 * - `warnings`: ids of the failed checks of severity warning, separated by commas.
 * - `skipped-checks`: ids of the checks that could not be judged, separated by commas.
 * - `failure-class`: the diagnosis's stable class; without a diagnosis `invalid-input`, `canceled`,
 *   `build-failed`, `smoke-test-failed`, `run-failed` or `checks-failed`; empty when the run passed.
 * - `failure-reason`: why it failed, in one line. May hold untrusted text: quote it in a shell.
 * - `metrics`: a JSON object, metric's name → last value, `null` when that is not a finite number.
 */
export function outputsOf(record: RunRecord): Record<string, string> {
  const { diagnosis, failure } = record;
  const [firstFailed] = failedErrors(record);
  const reason = diagnosis?.cause ?? failure?.message ?? firstFailed?.evidence ?? '';
  return {
    outcome: record.outcome,
    'image-uri': record.image?.uri ?? '',
    'image-id': record.image?.id ?? '',
    'failed-checks': ids(failedErrors(record)),
    warnings: ids(failedWarnings(record)),
    'skipped-checks': ids(record.checks.filter(({ status }) => status === 'skipped')),
    'failure-class': record.outcome === 'passed' ? '' : failureClass(record),
    'failure-reason': record.outcome === 'passed' ? '' : oneLine(reason),
    metrics: JSON.stringify(
      Object.fromEntries(
        record.metrics.map(({ name, values }) => [name.toWellFormed(), values.at(-1) ?? null]),
      ),
    ),
  };
}

const ids = (checks: readonly { id: string }[]): string => checks.map(({ id }) => id).join(',');

function failureClass(record: RunRecord): string {
  if (record.outcome === 'invalid-input' || record.outcome === 'canceled') {
    return record.outcome;
  }
  if (record.diagnosis !== undefined) {
    return record.diagnosis.class;
  }
  if (failedErrors(record).length > 0) {
    return 'checks-failed';
  }
  return `${record.stages.find(({ status }) => status === 'failed')?.stage ?? 'run'}-failed`;
}
