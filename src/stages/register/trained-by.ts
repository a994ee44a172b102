import { AwsError } from '../../aws/aws-error.js';
import {
  type CreateTrainingJobRequest,
  type DescribeTrainingJobResponse,
  finalMetricsOf,
  type TrainingJobs,
} from '../../aws/training-jobs.js';
import type { BaselineRecord, JobRecord } from '../../plan.js';
import { shownRequest } from '../train/training-request.js';

/** What an auditor asks of the job that made a model. */
export interface TrainingFacts {
  readonly name: string;
  readonly arn: string;
  /** Addresses of the channels' data, by channel. */
  readonly channels: readonly { readonly name: string; readonly uri: string }[];
  /** Without values of secrets. */
  readonly hyperparameters: ReadonlyMap<string, string>;
  readonly image?: string;
  /** Last values. */
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
  readonly gates: JobRecord['gates'];
  readonly baseline?: BaselineRecord;
}

/** The part of the API's shapes that the request and the description of a job share. */
type Described = Pick<
  DescribeTrainingJobResponse,
  'HyperParameters' | 'InputDataConfig' | 'AlgorithmSpecification' | 'Environment'
>;

/** This run's own job. */
export function trainedByRun(job: JobRecord): TrainingFacts {
  const last = (name: string) => job.series?.find((metric) => metric.name === name)?.values.at(-1);
  const inLog = (job.series ?? [])
    .filter(({ name }) => !job.finalMetrics.some((metric) => metric.name === name))
    .flatMap(({ name }) => {
      const value = last(name);
      return value === undefined || !Number.isFinite(value) ? [] : [{ name, value }];
    });
  return {
    ...factsOf((job.request ?? {}) as Described),
    name: job.name,
    arn: job.arn,
    metrics: [...job.finalMetrics, ...inLog],
    gates: job.gates,
    ...(job.baseline && { baseline: job.baseline }),
  };
}

/**
 * The job of another run that wrote the model, found by where SageMaker writes models
 * (`<output path>/<job>/output/model.tar.gz`) and certain by what it says itself.
 *
 * Only nice to have: whatever AWS answers, this rejects for nothing but a cancel.
 *
 * @throws CanceledError
 */
export async function findTraining(
  connect: () => Promise<TrainingJobs>,
  modelArtifacts: string,
  signal: AbortSignal,
): Promise<TrainingFacts | undefined> {
  const name = /\/([a-zA-Z0-9][a-zA-Z0-9-]{0,62})\/output\/[^/]+\/?$/.exec(modelArtifacts)?.[1];
  if (name === undefined) return undefined;
  try {
    const job = await (await connect()).describe(name, signal);
    if (job?.ModelArtifacts?.S3ModelArtifacts !== modelArtifacts) return undefined;
    const shown = shownRequest(job as unknown as CreateTrainingJobRequest) as Described;
    return {
      ...factsOf(shown),
      name,
      arn: job.TrainingJobArn ?? '',
      metrics: finalMetricsOf(job),
      gates: [],
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return undefined;
  }
}

function factsOf({ HyperParameters, InputDataConfig, AlgorithmSpecification }: Described) {
  const image = AlgorithmSpecification?.TrainingImage;
  return {
    channels: (InputDataConfig ?? []).flatMap(({ ChannelName: name = '', DataSource }) => {
      const uri = DataSource?.S3DataSource?.S3Uri ?? DataSource?.FileSystemDataSource?.FileSystemId;
      return uri === undefined ? [] : [{ name, uri }];
    }),
    hyperparameters: new Map(Object.entries(HyperParameters ?? {})),
    ...(image !== undefined && { image }),
  };
}
