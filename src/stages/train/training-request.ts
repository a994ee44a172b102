import { relative } from 'node:path';
import type { CreateTrainingJobRequest } from '../../aws/training-jobs.js';
import { toolkitEnvironment } from '../../contract/toolkit-environment.js';
import type { JobChannel, JobPlan, Plan, SourceRecord, TrainingPlan } from '../../plan.js';
import { hideSecrets } from '../hide-secrets.js';
import { hasLocalDisk } from '../local-disk.js';
import { pinningTags, STEP_TAG, tagsOfRequest } from '../pinning-tags.js';
import { changedPaths, deepMerge, type Json } from './deep-merge.js';
import { jobName, nextName } from './job-name.js';

export interface TrainingRequests {
  /**
   * As they are sent, whole. The first one is the one that was asked for; each further one, for the next of the
   * fallback types, is for when there is no capacity for the one before.
   */
  readonly requests: readonly [CreateTrainingJobRequest, ...CreateTrainingJobRequest[]];
  /**
   * What earlier attempts of this run would have sent, of the newest attempt first, and of each the last of the
   * fallback types first: the request as it is now, under the name of then.
   */
  readonly earlier: readonly EarlierRequest[];
  /** True when the names hold the run's own number: nobody else makes such jobs. */
  readonly ownNames: boolean;
  /** Dotted paths of the fields that the overrides set. */
  readonly overridden: readonly string[];
  /** What toolkit-environment could not carry over, with the reason. */
  readonly omitted: readonly string[];
}

export interface EarlierRequest {
  readonly request: CreateTrainingJobRequest;
  /** Where among this attempt's requests the same one is, from 0 on. */
  readonly position: number;
}

export interface RequestSource {
  readonly plan: Plan;
  readonly job: JobPlan;
  /** `<registry>/<repository>@sha256:…`. */
  readonly imageUri: string;
  /** The image's own ENTRYPOINT, which toolkit-environment starts. */
  readonly imageEntrypoint: readonly string[];
  readonly source: SourceRecord;
  /** Of this step; outside of Actions also in place of the run's number. */
  readonly runId: string;
}

/** The plan as CreateTrainingJob takes it. The overrides are merged last; only the pinning tags outlive them. */
export function trainingRequests(from: RequestSource): TrainingRequests {
  const { plan, job, source, runId } = from;
  const { fields, omitted } = fieldsFor(from, plan.training);
  const { TrainingJobName, Tags, ...request } = fields;
  const given = typeof TrainingJobName === 'string' ? TrainingJobName : job.name;
  const attempt = source.runAttempt ?? 1;
  const identity = identityOf(from, request);
  const nameOf = (number: number) => jobName(source, number, identity, runId);
  const name = given ?? nameOf(attempt);
  const tags = new Map(pinningTags(source, new Map([...plan.aws.tags, ...tagsOfRequest(Tags)])));
  tags.set(STEP_TAG, runId);
  const whole = (content: Json, position: number) =>
    ({
      TrainingJobName: nextName(name, position),
      ...content,
      Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
    }) as CreateTrainingJobRequest;
  const requests: TrainingRequests['requests'] = [
    whole(request, 1),
    ...job.fallbackInstanceTypes.map((instanceType, index) => {
      const other = fieldsFor(from, { ...plan.training, instanceType }).fields;
      const {
        TrainingJobName: _,
        Tags: __,
        ...content
      } = deepMerge(other, {
        ResourceConfig: { InstanceType: instanceType },
      });
      return whole(content, index + 2);
    }),
  ];
  const earlierAttempts = given === undefined ? Math.min(attempt - 1, EARLIER_ATTEMPTS) : 0;
  return {
    requests,
    earlier: Array.from({ length: earlierAttempts }, (_, back) => nameOf(attempt - 1 - back)).flatMap(
      (first) =>
        requests
          .map((sent, position) => ({
            request: { ...sent, TrainingJobName: nextName(first, position + 1) },
            position,
          }))
          .reverse(),
    ),
    ownNames: given === undefined,
    overridden: changedPaths(job.overrides),
    omitted,
  };
}

/**
 * What tells the job from others of its run. An image that this step builds counts by how it is built: built again by
 * the next attempt, on another runner, it has another digest, and is the same image all the same.
 */
function identityOf({ plan, imageUri }: RequestSource, request: Json): Json {
  const { AlgorithmSpecification } = request;
  const { TrainingImage } = Object(AlgorithmSpecification) as { TrainingImage?: unknown };
  if (plan.image.kind !== 'build' || TrainingImage !== imageUri) return { request };
  const { context, dockerfile, target, buildArgs, platform } = plan.image.build;
  return {
    request: deepMerge(request, { AlgorithmSpecification: { TrainingImage: null } }),
    image: {
      repository: imageUri.replace(/@.*$/, ''),
      context: relative(plan.workspace, context),
      dockerfile: relative(plan.workspace, dockerfile),
      target,
      buildArgs: Object.fromEntries(buildArgs),
      platform,
    },
  };
}

/** So many attempts back a job is looked for. */
const EARLIER_ATTEMPTS = 5;

function fieldsFor(
  { job, imageUri, imageEntrypoint }: RequestSource,
  training: TrainingPlan,
): { readonly fields: Json; readonly omitted: readonly string[] } {
  const { container, omitted } = startOf(training, job, imageEntrypoint);
  return { fields: deepMerge(fieldsOf(training, job, imageUri, container), job.overrides), omitted };
}

/** What starts in the container, and with which environment. */
interface Start {
  readonly entrypoint?: readonly string[];
  readonly arguments?: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
}

function startOf(
  training: TrainingPlan,
  job: JobPlan,
  imageEntrypoint: readonly string[],
): { readonly container: Start; readonly omitted: readonly string[] } {
  if (!training.toolkitEnvironment) {
    const { entrypoint, arguments: words, environment } = training;
    return {
      container: { ...(entrypoint && { entrypoint }), ...(words && { arguments: words }), environment },
      omitted: [],
    };
  }
  const { omitted, ...container } = toolkitEnvironment({
    entrypoint: training.entrypoint ?? imageEntrypoint,
    ...(training.arguments && { arguments: training.arguments }),
    hyperparameters: job.hyperparameters,
    channels: job.channels.map(({ name }) => name),
    inputMode: training.inputMode,
    hostCount: job.instanceCount,
    instanceType: training.instanceType,
    environment: training.environment,
  });
  return { container, omitted };
}

function fieldsOf(training: TrainingPlan, job: JobPlan, imageUri: string, start: Start): Json {
  const { kmsKeyId, keepAlivePeriodInSeconds, checkpointPath } = job;
  return {
    AlgorithmSpecification: {
      TrainingImage: imageUri,
      TrainingInputMode: training.inputMode,
      ...(start.entrypoint && { ContainerEntrypoint: start.entrypoint }),
      ...(start.arguments && { ContainerArguments: start.arguments }),
      ...(training.metricDefinitions.length > 0 && {
        MetricDefinitions: training.metricDefinitions.map(({ name, regex }) => ({
          Name: name,
          Regex: regex,
        })),
      }),
    },
    RoleArn: job.roleArn,
    ...(job.hyperparameters.size > 0 && { HyperParameters: Object.fromEntries(job.hyperparameters) }),
    ...(job.channels.length > 0 && { InputDataConfig: job.channels.map(channel) }),
    OutputDataConfig: { S3OutputPath: job.outputPath, ...(kmsKeyId && { KmsKeyId: kmsKeyId }) },
    ResourceConfig: {
      // Instance groups say both themselves, and the API takes one way or the other.
      ...(!hasInstanceGroups(job) && {
        InstanceType: training.instanceType,
        InstanceCount: job.instanceCount,
      }),
      VolumeSizeInGB: job.volumeSizeInGB,
      ...(kmsKeyId && !hasLocalDisk(training.instanceType) && { VolumeKmsKeyId: kmsKeyId }),
      ...(keepAlivePeriodInSeconds !== undefined && { KeepAlivePeriodInSeconds: keepAlivePeriodInSeconds }),
    },
    ...(job.subnets.length > 0 && {
      VpcConfig: { Subnets: job.subnets, SecurityGroupIds: job.securityGroupIds },
    }),
    StoppingCondition: {
      MaxRuntimeInSeconds: job.maxRuntimeInSeconds,
      // The API wants one with spot, and at least as long as the run itself, which counts into it.
      ...(job.spot && { MaxWaitTimeInSeconds: job.maxWaitTimeInSeconds ?? job.maxRuntimeInSeconds }),
    },
    EnableNetworkIsolation: training.networkIsolation,
    EnableManagedSpotTraining: job.spot,
    ...(checkpointPath && { CheckpointConfig: { S3Uri: checkpointPath } }),
    ...(start.environment.size > 0 && { Environment: Object.fromEntries(start.environment) }),
  };
}

const hasInstanceGroups = ({ overrides }: JobPlan): boolean => {
  const config: unknown = overrides['ResourceConfig'];
  return Array.isArray((Object(config) as { InstanceGroups?: unknown }).InstanceGroups);
};

function channel({
  name,
  uri,
  s3DataType,
  distribution,
  inputMode,
  contentType,
  attributeNames,
}: JobChannel): Json {
  return {
    ChannelName: name,
    DataSource: {
      S3DataSource: {
        S3DataType: s3DataType,
        S3Uri: uri,
        S3DataDistributionType: distribution,
        ...(attributeNames && { AttributeNames: attributeNames }),
      },
    },
    ...(inputMode && { InputMode: inputMode }),
    ...(contentType && { ContentType: contentType }),
  };
}

/** The request without values of secrets, wherever they stand in it: for the summary and the report. */
export const shownRequest = (request: CreateTrainingJobRequest): Json =>
  hideSecrets(request, [request.Environment, request.HyperParameters]);
