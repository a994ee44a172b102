import { createHash } from 'node:crypto';
import type { SourceRecord } from '../../plan.js';
import type { TrainingFacts } from './trained-by.js';

/** A report as it is stored beside the model. */
export interface MetricsReport {
  /** JSON. */
  readonly body: string;
  /** `sha256:…` of the body, as `ContentDigest` has it. */
  readonly digest: string;
  /** Names its own content: reports of several versions lie side by side. */
  readonly name: string;
}

/** What SageMaker Model Monitor calls the metrics of these kinds of models. [doc] Model quality metrics */
const KINDS: readonly (readonly [group: string, metrics: RegExp])[] = [
  ['regression_metrics', /^(?:mae|mse|rmse|r2)$/],
  [
    // A model that tells two classes apart is one of several classes as well, and which it is nobody says.
    'multiclass_classification_metrics',
    /^(?:acc|accuracy|auc|(?:weighted_|macro_|micro_)?(?:precision|recall|f0_5|f1|f2|f1_score))$/,
  ],
];

/**
 * The model-quality report: the job's last values in the two forms that SageMaker's own tools read (the groups of
 * Model Monitor, for metrics that it knows, and the model card's `metric_groups`, for all), with gates and baseline.
 * It says the same for the same model, whenever it is made.
 *
 * @returns undefined when there is no metric to report
 */
export function metricsReport(
  { name, arn, metrics, gates, baseline }: TrainingFacts,
  { commit, repository }: SourceRecord,
): MetricsReport | undefined {
  if (metrics.length === 0) return undefined;
  const body = `${JSON.stringify(
    {
      version: 1,
      ...Object.fromEntries(
        KINDS.map(([group, pattern]) => [
          group,
          metrics.filter((metric) => pattern.test(kindOf(metric.name))),
        ])
          .filter(([, some]) => (some as readonly unknown[]).length > 0)
          .map(([group, some]) => [group, monitored(some as TrainingFacts['metrics'])]),
      ),
      metric_groups: [
        groupOf('final metrics', metrics),
        ...(baseline === undefined ? [] : [groupOf('baseline', baseline.metrics)]),
      ],
      gates: gates.map(({ metric, operator, value, actual, passed }) => ({
        metric,
        condition: `${operator} ${value}`,
        actual: actual ?? null,
        passed,
      })),
      baseline: baseline === undefined ? null : { training_job: baseline.jobName, ref: baseline.ref },
      training_job: { name, arn },
      ...(repository !== undefined && { repository }),
      ...(commit !== undefined && { commit }),
    },
    null,
    2,
  )}\n`;
  const hash = createHash('sha256').update(body).digest('hex');
  return { body, digest: `sha256:${hash}`, name: `model-quality-${hash.slice(0, 12)}.json` };
}

/** `accuracy` of `validation:accuracy`, `f1` of `val_f1`. */
const kindOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^.*[:/ ]/, '')
    .replace(/^(?:val|valid|validation|test|eval|train)[_-]/, '')
    .replaceAll('-', '_');

/** One run measures no deviation; Model Monitor says `NaN` then too. */
const monitored = (metrics: TrainingFacts['metrics']) =>
  Object.fromEntries(metrics.map(({ name, value }) => [name, { value, standard_deviation: 'NaN' }]));

const groupOf = (name: string, metrics: TrainingFacts['metrics']) => ({
  name,
  metric_data: metrics.map(({ name: metric, value }) => ({
    name: metric.slice(0, 255),
    type: 'number',
    value,
  })),
});

/** Where the report of a model is written: beside it, or in the folder that is given. */
export function reportUri(modelArtifacts: string, folder: string | undefined, name: string): string {
  const beside = modelArtifacts.replace(/\/+$/, '').replace(/\/[^/]*$/, '');
  return `${(folder ?? beside).replace(/\/+$/, '')}/${name}`;
}
