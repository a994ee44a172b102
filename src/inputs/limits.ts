/**
 * The limits of the platform that inputs are checked against, in one place, each with its source: SageMaker's
 * published service models (`sagemaker-2017-07-24`, `runtime.sagemaker-2017-05-13`), [doc].
 */

/** CreateTrainingJob `HyperParameters`: map of at most 100, key at most 256, value at most 2500 characters. */
export const HYPERPARAMETERS = { entries: 100, key: 256, value: 2500 } as const;

/**
 * What the pattern `.*` of hyperparameters and of the words of a container's command does not take: `.` is any
 * character but these. The models' patterns are Java's.
 */
export const LINE_END = /[\n\r\u0085\u2028\u2029]/;

/** CreateTrainingJob `Environment`: map of at most 100, key and value at most 512 characters. */
export const ENVIRONMENT = {
  entries: 100,
  key: 512,
  value: 512,
  keyPattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
} as const;

/** `AlgorithmSpecification.ContainerEntrypoint` and `ContainerArguments`: 1 to 100 of at most 256 characters. */
export const COMMAND = { items: 100, item: 256 } as const;

/** `AlgorithmSpecification.MetricDefinitions`: at most 40, `Name` 1 to 255, `Regex` 1 to 500 characters. */
export const METRIC_DEFINITIONS = { entries: 40, name: 255, regex: 500 } as const;

/** `InputDataConfig`: 1 to 20 channels; `ChannelName` 1 to 64 characters of this pattern. */
export const CHANNELS = { entries: 20, name: 64, namePattern: /^[A-Za-z0-9.\-_]+$/ } as const;

/** `AlgorithmSpecification.TrainingImage` and `ContainerDefinition.Image`: at most 255 characters. */
export const IMAGE_URI = { length: 255 } as const;

/** `TrainingJobName`: 1 to 63 letters, digits and dashes, none of them at an end. */
export const TRAINING_JOB_NAME = {
  length: 63,
  pattern: /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
} as const;

/** `RoleArn`: 20 to 2048 characters. The partition is part of the pattern: `aws`, `aws-cn`, `aws-us-gov`, … */
export const ROLE_ARN = {
  min: 20,
  max: 2048,
  pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/,
} as const;

/** `S3Uri` and `S3OutputPath`: at most 1024 characters. */
export const S3_URI = { length: 1024 } as const;

/**
 * The name of a bucket. What S3 has ever taken: names of today are 3 to 63 lower-case characters, names from
 * before 2018 may be longer, with capitals and `_`. The ARN of an access point stands in its place too.
 */
export const BUCKET = { pattern: /^(?:[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]|arn:[^/\s]+)$/ } as const;

/** `Channel.ContentType`: at most 256 characters. `AttributeNames`: at most 16, each 1 to 256. */
export const CHANNEL = { contentType: 256, attributeNames: 16, attributeName: 256 } as const;

/** `ResourceConfig.InstanceCount`, `VolumeSizeInGB`: no maximum in the model; 0 is for instance groups. */
export const INSTANCE_COUNT = { min: 1 } as const;
export const VOLUME_SIZE_GB = { min: 1 } as const;

/** `ResourceConfig.KeepAlivePeriodInSeconds`: 0 to 21600. */
export const KEEP_ALIVE_SECONDS = { min: 0, max: 21_600 } as const;

/** `StoppingCondition.MaxRuntimeInSeconds`: at most 28 days, by default one. */
export const MAX_RUNTIME_SECONDS = { min: 1, max: 28 * 86_400 } as const;

/** `StoppingCondition.MaxWaitTimeInSeconds`: the model has no maximum; twice the longest run is enough. */
export const MAX_WAIT_SECONDS = { min: 1, max: 56 * 86_400 } as const;

/** `VpcConfig`: 1 to 16 `Subnets`, 1 to 5 `SecurityGroupIds`, each at most 32 characters of this pattern. */
export const VPC = { subnets: 16, securityGroups: 5, id: 32, idPattern: /^[-0-9a-zA-Z]+$/ } as const;

/** `KmsKeyId`: at most 2048 characters of this pattern. */
export const KMS_KEY_ID = { length: 2048, pattern: /^[a-zA-Z0-9:/_-]+$/ } as const;

/**
 * `Tags`: at most 50, key 1 to 128, value 0 to 256 characters of this pattern; keys that begin with `aws:` are
 * AWS's own. Ten of the 50 are kept for the tags that the action sets: nine at most, on an endpoint configuration
 * (repository, workflow, commit, ref, run, actor, endpoint, configuration before, proven).
 */
export const TAGS = { entries: 40, key: 128, value: 256, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u } as const;

/** ECR's service model, `RepositoryName`: 2 to 256 characters of this pattern. */
export const REPOSITORY = {
  min: 2,
  max: 256,
  pattern: /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/,
} as const;

/** Docker's grammar of tags; ECR itself would take 300 characters. */
export const IMAGE_TAG = { pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/ } as const;

/** ECR's quotas: at most 100,000 images a repository. One at least: the image of this run. */
export const KEEP_IMAGES = { min: 1, max: 100_000 } as const;

/** Not the platform's: a job that is followed longer than it can run, waiting for spot capacity included. */
export const TIMEOUT_SECONDS = { min: 1, max: 56 * 86_400 } as const;

/** Not the platform's: log lines reach their readers seconds late, and a minute of silence is no stall. */
export const STALL_SECONDS = { min: 60, max: 28 * 86_400 } as const;

/** Not the platform's: values of a metric without a better one. */
export const PATIENCE = { min: 1, max: 1_000_000 } as const;

/** InvokeEndpoint `Body`: at most 6,291,456 bytes; `ContentType` and `Accept`: at most 1024 ASCII characters. */
export const INVOKE_ENDPOINT = { bodyBytes: 6_291_456, header: 1024 } as const;

/** Not the platform's: what one runner can carry. */
export const SMOKE_HOSTS = { min: 1, max: 20 } as const;

/** Not the platform's: a job on GitHub's own runners ends after 6 hours, on others after 5 days at most. */
export const SMOKE_TIMEOUT_SECONDS = { min: 1, max: 86_400 } as const;

/** Docker refuses to start a container with less memory than 6 MiB. */
export const SMOKE_MEMORY_BYTES = { min: 6 * 1024 * 1024 } as const;

/** `ContainerDefinition.Environment` of CreateModel: at most 100, key and value at most 1024 characters. */
export const HOSTING_ENVIRONMENT = {
  entries: 100,
  key: 1024,
  value: 1024,
  keyPattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
} as const;

/** `EndpointName`, `VariantName` and the names of models, configurations, groups and cards: 1 to 63 of this pattern. */
export const ENTITY_NAME = { length: 63, pattern: /^[a-zA-Z0-9](?:-*[a-zA-Z0-9])*$/ } as const;

/** `ModelPackageName` as an ARN with a version: at most 176 characters. */
export const MODEL_PACKAGE_ARN = {
  length: 176,
  pattern:
    /^arn:aws[a-z-]*:sagemaker:([a-z0-9-]+):\d{12}:model-package\/([a-zA-Z0-9](?:-*[a-zA-Z0-9])*)\/(\d{1,9})$/,
} as const;

/** `ModelPackageDescription`, `ApprovalDescription`: at most 1024 characters of these kinds, no line breaks. */
export const DESCRIPTION = { length: 1024, pattern: /^[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*$/u } as const;

/**
 * `CustomerMetadataProperties`: at most 50, key 1 to 128, value 1 to 256 characters of the pattern of tags. Twenty
 * are kept for what the action says of the run.
 */
export const METADATA = { entries: 30, key: 128, value: 256, pattern: TAGS.pattern } as const;

/** `SupportedContentTypes`: each at most 256 characters. `SupportedResponseMIMETypes`: at most 1024, `type/subtype`. */
export const MEDIA_TYPE = { content: 256, response: 1024, pattern: /^[-\w]+\/\S.*$/ } as const;

/** `ModelCard.Content`: at most 100,000 characters. */
export const MODEL_CARD = { length: 100_000 } as const;

/** `ProductionVariants`: 1 to 10; `InitialInstanceCount` 1 or more, `InitialVariantWeight` 0 or more. */
export const VARIANTS = { entries: 10 } as const;

/** `ServerlessConfig`: memory in steps of 1024 MB; `MaxConcurrency` and `ProvisionedConcurrency` 1 to 200. */
export const SERVERLESS = {
  memory: { min: 1024, max: 6144 },
  memoryStep: 1024,
  concurrency: { min: 1, max: 200 },
  /** Body of a request. [doc] serverless-endpoints.md: 4 MB */
  bodyBytes: 4 * 1024 * 1024,
} as const;

/** `ContainerStartupHealthCheckTimeoutInSeconds` and `ModelDataDownloadTimeoutInSeconds`: 60 to 3600. */
export const HOSTING_TIMEOUT_SECONDS = { min: 60, max: 3600 } as const;

/** `DataCaptureConfig`, `AsyncInferenceConfig`: addresses in S3 of at most 512 characters. */
export const HOSTING_S3_URI = { length: 512 } as const;

/** `DataCaptureConfig.InitialSamplingPercentage`: 0 to 100; 0 captures nothing. */
export const CAPTURE_PERCENTAGE = { min: 1, max: 100 } as const;

/** `AsyncInferenceConfig.ClientConfig.MaxConcurrentInvocationsPerInstance`: 1 to 1000. */
export const ASYNC_CONCURRENCY = { min: 1, max: 1000 } as const;

/** `NotificationConfig.SuccessTopic`, `ErrorTopic`: ARN of a topic, at most 2048 characters. */
export const SNS_TOPIC = {
  length: 2048,
  pattern: /^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[a-zA-Z0-9_.-]+$/,
} as const;

/** `WaitIntervalInSeconds` and `TerminationWaitInSeconds` of `DeploymentConfig`: 0 to 3600. */
export const POLICY_WAIT_SECONDS = { min: 0, max: 3600 } as const;

/**
 * Percent of the capacity. [doc] deployment-guardrails-blue-green-canary.md (at most 50), …-linear.md (10 to 50),
 * …-rolling.md (5 to 50)
 */
export const POLICY_PERCENT = {
  canary: { min: 1, max: 50 },
  linear: { min: 10, max: 50 },
  rolling: { min: 5, max: 50 },
} as const;

/** `AutoRollbackConfiguration.Alarms`: at most 10, `AlarmName` 1 to 255 characters. */
export const ALARMS = { entries: 10, name: 255 } as const;

/** Not the platform's: the model of Application Auto Scaling has whole numbers only. Zero is for asynchronous ones. */
export const CAPACITY = { min: 0, max: 100_000 } as const;

/** Not the platform's: a day. */
export const COOLDOWN_SECONDS = { min: 0, max: 86_400 } as const;

/** Not the platform's: an endpoint that is not in service after a day never will be. */
export const ENDPOINT_TIMEOUT_SECONDS = { min: 60, max: 86_400 } as const;

/** Not the platform's: enough for a p95. None is sent with 0. */
export const ENDPOINT_REQUESTS = { min: 0, max: 1000 } as const;

/** InvokeEndpointAsync's longest `InvocationTimeoutSeconds`; InvokeEndpoint ends after 60 s. */
export const LATENCY_SECONDS = { min: 0.001, max: 3600 } as const;

/** Not the platform's: each step is a call of UpdateEndpointWeightsAndCapacities. */
export const SHIFT_STEPS = { min: 1, max: 100 } as const;

/** Not the platform's. CloudWatch has a value a minute: a shorter interval would see none. */
export const SHIFT_INTERVAL_SECONDS = { min: 60, max: 86_400 } as const;

/** Not the platform's. */
export const KEEP_MODELS = { min: 0, max: 1000 } as const;

/** Characters as the service models count them: Unicode code points, not UTF-16 units. */
export const characters = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};
