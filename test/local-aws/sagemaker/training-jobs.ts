import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type {
  CreateTrainingJobRequest,
  CreateTrainingJobResponse,
  DescribeTrainingJobResponse,
  ListTrainingJobsRequest,
  ListTrainingJobsResponse,
  SearchRequest,
  SearchResponse,
  UpdateTrainingJobRequest,
} from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../service.js';
import { checkAugmentedManifest } from './augmented-manifest.js';
import { channelObjects } from './channels.js';
import { checkInstanceGroups } from './instance-groups.js';
import { parseS3Uri } from './object-store.js';
import { paginate } from './paginate.js';
import type { Scenarios } from './scenario.js';
import { search } from './search.js';
import { Tags } from './tags.js';
import { type Surroundings, TrainingJob } from './training-job.js';

const invalid = (message: string) => new AwsError('ValidationException', message);
/** [obs] A27: not found has no code of its own. */
const notFound = () => invalid('Requested resource not found.');

type Named = { readonly TrainingJobName: string | undefined };

/** The training part of the SageMaker API: jobs by name, as long as local AWS lives. */
export class TrainingJobs {
  readonly #jobs = new Map<string, TrainingJob>();

  constructor(
    /** Its folder is the one above the jobs' folders. */
    private readonly around: Surroundings,
    private readonly scenarios: Scenarios,
    private readonly tags = new Tags(),
  ) {}

  async create(input: CreateTrainingJobRequest, context: CallContext): Promise<CreateTrainingJobResponse> {
    const name = input.TrainingJobName ?? '';
    const arn = `arn:aws:sagemaker:${context.region}:${context.account}:training-job/${name}`;
    this.#refuseExisting(name, arn);
    validate(input);
    const scenario = this.scenarios.take(name, input.ResourceConfig?.InstanceType ?? '');
    if (scenario.script === undefined) {
      await this.#refuseEmptyChannels(input, context.region);
      // Another call with the same name can have come in the meantime.
      this.#refuseExisting(name, arn);
    }
    let job: TrainingJob;
    try {
      const folder = join(this.around.folder, `${name}-${randomBytes(3).toString('hex')}`);
      job = new TrainingJob(input, arn, context.region, scenario, { ...this.around, folder });
    } catch (error) {
      throw error instanceof SyntaxError ? invalid(`Invalid metric definition: ${error.message}`) : error;
    }
    this.#jobs.set(name, job);
    this.tags.create(arn, input.Tags);
    job.begin();
    return { TrainingJobArn: arn };
  }

  describe({ TrainingJobName = '' }: Named): DescribeTrainingJobResponse {
    return this.#find(TrainingJobName).describe();
  }

  stop({ TrainingJobName = '' }: Named): void {
    const job = this.#find(TrainingJobName);
    if (job.status !== 'InProgress' && job.status !== 'Stopping') {
      throw invalid(`The request was rejected because the training job is in status ${job.status}.`);
    }
    job.stop();
  }

  delete({ TrainingJobName = '' }: Named): void {
    const job = this.#find(TrainingJobName);
    if (job.status === 'InProgress' || job.status === 'Stopping') {
      throw invalid(`The request was rejected because the training job is in status ${job.status}.`);
    }
    this.#jobs.delete(TrainingJobName);
    this.tags.remove(job.arn);
  }

  /** Only what has no effect here is taken: profiler settings, a longer warm pool of a job that runs. */
  update({ TrainingJobName = '' }: UpdateTrainingJobRequest): CreateTrainingJobResponse {
    return { TrainingJobArn: this.#find(TrainingJobName).arn };
  }

  list(input: ListTrainingJobsRequest): ListTrainingJobsResponse {
    const { SortBy = 'CreationTime', SortOrder = 'Ascending', NameContains } = input;
    const key = {
      CreationTime: (job: TrainingJob) => job.created.getTime(),
      Name: (job: TrainingJob) => job.name,
      Status: (job: TrainingJob) => job.status as string,
    }[SortBy];
    const within = (time: Date, after: Date | undefined, before: Date | undefined) =>
      (after === undefined || time > after) && (before === undefined || time < before);
    const found = [...this.#jobs.values()].filter(
      (job) =>
        (NameContains === undefined || job.name.toLowerCase().includes(NameContains.toLowerCase())) &&
        (input.StatusEquals ?? job.status) === job.status &&
        (input.WarmPoolStatusEquals === undefined ||
          input.WarmPoolStatusEquals === job.warmPoolStatus?.Status) &&
        within(job.created, input.CreationTimeAfter, input.CreationTimeBefore) &&
        within(job.modified, input.LastModifiedTimeAfter, input.LastModifiedTimeBefore),
    );
    const sorted = found.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    const page = paginate(SortOrder === 'Descending' ? sorted.reverse() : sorted, input);
    return {
      TrainingJobSummaries: page.items.map((job) => ({
        TrainingJobName: job.name,
        TrainingJobArn: job.arn,
        CreationTime: job.created,
        TrainingEndTime: job.trainingEnd,
        LastModifiedTime: job.modified,
        TrainingJobStatus: job.status,
        SecondaryStatus: job.secondaryStatus,
        WarmPoolStatus: job.warmPoolStatus,
      })),
      NextToken: page.next,
    };
  }

  /** Search, of training jobs: what a run looks up by tags. */
  search(input: SearchRequest): SearchResponse {
    if (input.Resource !== 'TrainingJob') {
      throw invalid(`Local AWS searches training jobs only, not ${input.Resource}.`);
    }
    const jobs = [...this.#jobs.values()].map((job) => {
      // What DescribeTrainingJob has and the TrainingJob of Search has not.
      const {
        ProfilingStatus: _profiling,
        ProfilerRuleConfigurations: _rules,
        ProfilerRuleEvaluationStatuses: _evaluations,
        RemoteDebugConfig: _debug,
        InfraCheckConfig: _check,
        ...found
      } = job.describe();
      return { ...found, Tags: this.tags.of(job.arn) };
    });
    const page = paginate(search(jobs, input), input);
    return { Results: page.items.map((TrainingJob) => ({ TrainingJob })), NextToken: page.next };
  }

  /** Takes a running spot job's instances away. */
  interrupt(name: string): boolean {
    return this.#find(name).interrupt();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => job.close()));
  }

  #find(name: string): TrainingJob {
    const job = this.#jobs.get(name);
    if (job === undefined) {
      throw notFound();
    }
    return job;
  }

  #refuseExisting(name: string, arn: string): void {
    if (this.#jobs.has(name)) {
      throw new AwsError(
        'ResourceInUse',
        `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
      );
    }
  }

  /** [obs] A05 */
  async #refuseEmptyChannels(input: CreateTrainingJobRequest, region: string): Promise<void> {
    for (const channel of input.InputDataConfig ?? []) {
      const { S3Uri = '', S3DataType } = channel.DataSource?.S3DataSource ?? {};
      if (S3DataType !== 'S3Prefix') {
        continue;
      }
      const objects = await channelObjects(this.around.store, channel).catch(() => []);
      if (objects.length === 0) {
        const { bucket } = parseS3Uri(S3Uri);
        throw invalid(
          `No S3 objects found under S3 URL "${S3Uri}" given in input data source. Please ensure that the bucket exists in the selected region (${region}), that objects exist under that S3 prefix, and that the role "${input.RoleArn}" has "s3:ListBucket" permissions on bucket "${bucket}".`,
        );
      }
    }
  }
}

/** What the service refuses beyond the shape of the request. */
function validate(input: CreateTrainingJobRequest): void {
  const { AlgorithmSpecification: algorithm, StoppingCondition: stopping } = input;
  const image = algorithm?.TrainingImage;
  if (image === undefined) {
    throw invalid(
      'Local AWS runs the containers of TrainingImage; it has no algorithms of its own (AlgorithmName).',
    );
  }
  // [obs] A18
  if (!/(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/.test(image.split('/').at(-1) ?? '')) {
    throw invalid(`ECR image "${image}" is invalid.`);
  }
  const waiting = stopping?.MaxWaitTimeInSeconds;
  if (input.EnableManagedSpotTraining) {
    if (waiting === undefined || waiting < (stopping?.MaxRuntimeInSeconds ?? 86_400)) {
      // A15; the wording is approximate.
      throw invalid(
        'Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds',
      );
    }
  } else if (waiting !== undefined) {
    throw invalid(
      'Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is true',
    );
  }
  const names = (input.InputDataConfig ?? []).map(({ ChannelName = '' }) => ChannelName);
  if (new Set(names).size < names.length) {
    throw invalid('Channel names must be unique');
  }
  for (const channel of input.InputDataConfig ?? []) {
    const type = channel.DataSource?.S3DataSource?.S3DataType;
    if (type === 'AugmentedManifestFile') {
      checkAugmentedManifest(channel, algorithm?.TrainingInputMode);
    } else if (type !== 'S3Prefix' && type !== 'ManifestFile') {
      throw invalid(
        `Local AWS reads channels from S3 as S3Prefix, ManifestFile or AugmentedManifestFile, not ${type ?? 'from another source'} (channel ${channel.ChannelName}).`,
      );
    }
  }
  checkInstanceGroups(input.ResourceConfig, input.InputDataConfig ?? []);
}
