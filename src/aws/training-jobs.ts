import type {
  CreateTrainingJobRequest,
  DescribeTrainingJobResponse,
  TrainingJob,
} from '@aws-sdk/client-sagemaker';
import type { AwsPlan } from '../plan.js';
import { asWritten } from './as-written.js';
import { AwsError } from './aws-error.js';
import { call } from './call.js';
import { type Pace, systemPace } from './retry-policy.js';
import { openSageMaker, type Removal, sendingWhole, tagsOf } from './sagemaker.js';

export type { CreateTrainingJobRequest, DescribeTrainingJobResponse };

/** SageMaker's training jobs in one Region. Every call rejects with {@link AwsError}, or CanceledError. */
export interface TrainingJobs {
  readonly region: string;
  /** @returns the job's ARN */
  create(request: CreateTrainingJobRequest, signal: AbortSignal): Promise<string>;
  /** @returns undefined when there is no job of this name */
  describe(name: string, signal: AbortSignal): Promise<DescribeTrainingJobResponse | undefined>;
  /** Asks SageMaker to stop the job; it takes the container up to 120 s to end. */
  stop(name: string, signal: AbortSignal): Promise<StopAnswer>;
  tags(arn: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * The jobs of status Completed of which each of these tags has one of its values, the newest first; at most
   * {@link SEARCHED} of them.
   */
  completed(tags: ReadonlyMap<string, readonly string[]>, signal: AbortSignal): Promise<readonly TaggedJob[]>;
  /** All jobs of this status that carry these tags, the newest first. */
  search(
    status: FoundJob['status'],
    tags: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<readonly FoundJob[]>;
  /** Only what has ended can be removed: a job that goes on, or keeps a warm pool, is refused. */
  remove(name: string, signal: AbortSignal): Promise<Removal>;
}

/** A job as Search shows it, for those who do away with it. */
export interface FoundJob {
  readonly name: string;
  readonly arn: string;
  /** TrainingJobStatus. */
  readonly status: 'InProgress' | 'Stopped';
  readonly image: string;
  /** `s3://…/model.tar.gz`, when it wrote one. */
  readonly modelArtifacts?: string;
}

/** A job as Search shows it. */
export interface TaggedJob {
  readonly name: string;
  readonly image: string;
  readonly tags: ReadonlyMap<string, string>;
  /** FinalMetricDataList. */
  readonly finalMetrics: readonly { readonly name: string; readonly value: number }[];
}

/** As many as Search shows at a time. [doc] MaxResults */
const SEARCHED = 100;

/** `ended`: there was nothing to stop any more, or it is stopping already. */
export type StopAnswer = 'stopping' | 'ended' | 'not-found';

/**
 * A client of its own: its credentials are asked of the provider chain again.
 *
 * @param attempts of one call. Who asks again and again by himself needs few.
 * @param pace time and chance of waiting between attempts
 */
export async function connectTrainingJobs(
  plan: AwsPlan,
  attempts: number,
  pace: Pace = systemPace,
): Promise<TrainingJobs> {
  const sageMaker = await openSageMaker(plan, attempts, 'sagemaker:CreateTrainingJob', pace);
  const { sdk, client, region } = sageMaker;
  return {
    region,
    async create(request, signal) {
      const command = sendingWhole(new sdk.CreateTrainingJobCommand(request), request);
      const { TrainingJobArn = '' } = await call('sagemaker:CreateTrainingJob', signal, (options) =>
        client.send(command, options),
      );
      return TrainingJobArn;
    },
    async describe(name, signal) {
      try {
        return await call('sagemaker:DescribeTrainingJob', signal, (options) =>
          client.send(new sdk.DescribeTrainingJobCommand({ TrainingJobName: name }), options),
        );
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    async stop(name, signal) {
      try {
        await call('sagemaker:StopTrainingJob', signal, (options) =>
          client.send(new sdk.StopTrainingJobCommand({ TrainingJobName: name }), options),
        );
        return 'stopping';
      } catch (error) {
        if (isNotFound(error)) return 'not-found';
        if (isOver(error)) return 'ended';
        throw error;
      }
    },
    tags: (arn, signal) => tagsOf(sageMaker, arn, signal),
    async completed(tags, signal) {
      const { Results = [] } = await call('sagemaker:Search', signal, (options) =>
        client.send(
          new sdk.SearchCommand({
            Resource: 'TrainingJob',
            SearchExpression: {
              Filters: [equals('TrainingJobStatus', 'Completed')],
              SubExpressions: [...tags].map(([key, values]) => ({
                Filters: values.map((value) => equals(`Tags.${key}`, value)),
                Operator: 'Or',
              })),
            },
            SortBy: 'CreationTime',
            SortOrder: 'Descending',
            MaxResults: SEARCHED,
          }),
          options,
        ),
      );
      return Results.flatMap(({ TrainingJob }) => (TrainingJob ? [taggedJob(TrainingJob)] : []));
    },
    async search(status, tags, signal) {
      const found: FoundJob[] = [];
      let NextToken: string | undefined;
      do {
        const page = await call('sagemaker:Search', signal, (options) =>
          client.send(
            new sdk.SearchCommand({
              Resource: 'TrainingJob',
              SearchExpression: {
                Filters: [
                  equals('TrainingJobStatus', status),
                  ...[...tags].map(([key, value]) => equals(`Tags.${key}`, value)),
                ],
              },
              SortBy: 'CreationTime',
              SortOrder: 'Descending',
              MaxResults: SEARCHED,
              ...(NextToken && { NextToken }),
            }),
            options,
          ),
        );
        for (const { TrainingJob: job } of page.Results ?? []) {
          if (job?.TrainingJobName === undefined) continue;
          const modelArtifacts = job.ModelArtifacts?.S3ModelArtifacts;
          found.push({
            name: job.TrainingJobName,
            arn: job.TrainingJobArn ?? '',
            status,
            image: job.AlgorithmSpecification?.TrainingImage ?? '',
            ...(modelArtifacts && { modelArtifacts }),
          });
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return found;
    },
    async remove(name, signal) {
      try {
        await call('sagemaker:DeleteTrainingJob', signal, (options) =>
          client.send(new sdk.DeleteTrainingJobCommand({ TrainingJobName: name }), options),
        );
        return 'removed';
      } catch (error) {
        if (isNotFound(error)) return 'not-found';
        throw error;
      }
    },
  };
}

const equals = (Name: string, Value: string) => ({ Name, Operator: 'Equals' as const, Value });

function taggedJob(job: TrainingJob): TaggedJob {
  return {
    name: job.TrainingJobName ?? '',
    image: job.AlgorithmSpecification?.TrainingImage ?? '',
    tags: new Map((job.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    finalMetrics: finalMetricsOf(job),
  };
}

/** The last values of a job's metrics, as far as they are numbers: as they were written, not as 32 bits spell them. */
export const finalMetricsOf = ({
  FinalMetricDataList = [],
}: Pick<TrainingJob, 'FinalMetricDataList'>): TaggedJob['finalMetrics'] =>
  FinalMetricDataList.flatMap(({ MetricName, Value }) =>
    MetricName !== undefined && Value !== undefined && Number.isFinite(Value)
      ? [{ name: MetricName, value: asWritten(Value) }]
      : [],
  );

/** A job that is missing is a ValidationException: `Requested resource not found.` [obs] */
const isNotFound = (error: unknown): boolean =>
  error instanceof AwsError &&
  (error.kind === 'not-found' ||
    (error.kind === 'invalid' && /Requested resource not found/i.test(error.message)));

/** `The request was rejected because the training job is in status Completed.` [obs] */
const isOver = (error: unknown): boolean =>
  error instanceof AwsError && /rejected because the training job is in status/i.test(error.message);
