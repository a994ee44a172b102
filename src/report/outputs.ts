import type { RunRecord } from '../plan.js';
import { oneLine } from './escape.js';
import { failureClass } from './failure-class.js';
import { failedGates, seenOf } from './gate.js';
import { finalOf } from './training-job.js';
import { failedErrors, failedWarnings } from './verdict.js';

/**
 * The action's outputs, by name; every one is set, empty when there is nothing to say, so that an expression
 * never meets a missing one. `report-path` and `junit-path` are set where the files are written.
 *
 * GitHub drops an output that holds a masked value, and some mask their account's id: what later jobs need is
 * there in a form without it as well (`image-digest`, `repository`, `image-tags`, `training-job-name`,
 * `model-package-group` and `model-package-version`, `endpoint-name`, `endpoint-config-name`, `model-name`).
 *
 * - `outcome`: `passed`, `failed`, `invalid-input`, `canceled` or `unknown`.
 * - `image-uri`: the image by its digest in ECR; without a push the reference that was built or given.
 * - `image-id`: Docker's id of that image, `sha256:…`.
 * - `image-digest`, `repository`, `image-tags`: the image in ECR; tags separated by commas.
 * - `training-job-name`, `training-job-arn`, `training-job-status`, `secondary-status`: the job as seen last.
 * - `model-artifacts`: where its model is in S3.
 * - `training-seconds`, `billable-seconds`: whole seconds, of one instance.
 * - `cost`: US dollars, an estimate.
 * - `job-url`: the job's page in the console.
 * - `model-package-arn`, `model-package-version`, `model-package-group`: the version of the model registry that was
 *   registered or decided on; the version is a number.
 * - `approval-status`: its ModelApprovalStatus.
 * - `metrics-report`: address in S3 of its metrics report.
 * - `model-card-version`: number of its model card's version.
 * - `endpoint-name`, `endpoint-arn`, `endpoint-status`: the endpoint as seen last.
 * - `endpoint-action`: what the run did to it.
 * - `endpoint-config-name`, `model-name`: what is live; models of several variants separated by commas.
 * - `endpoint-url`: the endpoint's page in the console.
 * - `removed`: a JSON list of `{kind, name, result}`, of everything that was removed, was kept or would be removed.
 * - `failed-checks`: ids of the failed checks of severity error, separated by commas.
 * - `warnings`: ids of the failed checks of severity warning, separated by commas.
 * - `skipped-checks`: ids of the checks that could not be judged, separated by commas.
 * - `failure-class`: the diagnosis's stable class, or one of OTHER_CLASSES; empty when the run passed.
 * - `failure-reason`: why it failed, in one line. May hold untrusted text: quote it in a shell.
 * - `metrics`: a JSON object, metric's name → last value, `null` when that is not a finite number: of the
 *   training job, or of the smoke test without one.
 */
export function outputsOf(record: RunRecord): Record<string, string> {
  const { diagnosis, failure, push, job, modelPackage } = record;
  const [firstFailed] = failedErrors(record);
  const [gate] = job === undefined ? [] : failedGates(job);
  const reason =
    diagnosis?.cause ??
    failure?.message ??
    firstFailed?.evidence ??
    job?.stoppedBecause ??
    (gate === undefined ? '' : seenOf(gate));
  return {
    outcome: record.outcome,
    'image-uri': push?.uri ?? record.image?.uri ?? '',
    'image-id': record.image?.id ?? '',
    'image-digest': push?.digest ?? '',
    repository: push?.repository ?? '',
    'image-tags': push?.tags.join(',') ?? '',
    'training-job-name': job?.name ?? '',
    'training-job-arn': job?.arn ?? '',
    'training-job-status': job?.status ?? '',
    'secondary-status': job?.secondaryStatus ?? '',
    'model-artifacts': job?.modelArtifacts ?? '',
    'training-seconds': whole(job?.trainingSeconds),
    'billable-seconds': whole(job?.billableSeconds),
    cost: job?.cost === undefined ? '' : String(Number(job.cost.usd.toPrecision(4))),
    'job-url': job?.consoleUrl ?? '',
    'model-package-arn': modelPackage?.arn ?? '',
    'model-package-version': modelPackage?.version === undefined ? '' : String(modelPackage.version),
    'model-package-group': modelPackage?.group ?? '',
    'approval-status': modelPackage?.approvalStatus ?? '',
    'metrics-report': modelPackage?.metricsReport ?? '',
    'model-card-version': modelPackage?.card === undefined ? '' : String(modelPackage.card.version),
    ...endpointOutputs(record),
    'failed-checks': ids(failedErrors(record)),
    warnings: ids(failedWarnings(record)),
    'skipped-checks': ids(record.checks.filter(({ status }) => status === 'skipped')),
    'failure-class': failureClass(record),
    'failure-reason': record.outcome === 'passed' ? '' : oneLine(reason),
    metrics: JSON.stringify(Object.fromEntries(lastValues(record))),
  };
}

function endpointOutputs({ endpoint, cleanUp }: RunRecord): Record<string, string> {
  const models = endpoint?.variants.flatMap(({ modelName }) => (modelName === undefined ? [] : [modelName]));
  const removed = [...(endpoint?.removed ?? []), ...(cleanUp?.resources ?? [])];
  return {
    'endpoint-name': endpoint?.name ?? '',
    'endpoint-arn': endpoint?.arn ?? '',
    'endpoint-status': endpoint?.status ?? '',
    'endpoint-action': endpoint?.action ?? '',
    'endpoint-config-name': endpoint?.configName ?? '',
    'model-name': [...new Set(models)].join(','),
    'endpoint-url': endpoint?.consoleUrl ?? '',
    removed: JSON.stringify(
      removed.map(({ kind, name, result }) => ({ kind, name: name.toWellFormed(), result })),
    ),
  };
}

function lastValues({ metrics, job }: RunRecord): (readonly [string, number | null])[] {
  const names =
    job === undefined
      ? metrics.map(({ name }) => name)
      : [...(job.series ?? []), ...job.finalMetrics].map(({ name }) => name);
  const last = (name: string) =>
    job === undefined ? metrics.find((metric) => metric.name === name)?.values.at(-1) : finalOf(job, name);
  return [...new Set(names)].map((name) => [name.toWellFormed(), last(name) ?? null]);
}

const whole = (seconds: number | undefined): string =>
  seconds === undefined || !Number.isFinite(seconds) ? '' : String(Math.round(seconds));

const ids = (checks: readonly { id: string }[]): string => checks.map(({ id }) => id).join(',');
