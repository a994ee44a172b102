/**
 * The nouns that everything else passes on: the {@link Plan} that is made once from the inputs, and the
 * {@link RunRecord} that the stages fill and the report reads. Plain data, no behaviour.
 */

export const STAGES = [
  'build',
  'smoke-test',
  'push',
  'train',
  'register',
  'approve',
  'deploy',
  'shift',
  'undeploy',
  'clean-up',
] as const;
export type Stage = (typeof STAGES)[number];

/** Everything that the run will do. Made by `inputs.ts`, validated as a whole; nothing else reads inputs. */
export interface Plan {
  readonly stages: readonly Stage[];
  /** Absolute path of the checked-out repository (`GITHUB_WORKSPACE`). */
  readonly workspace: string;
  readonly image: ImageSource;
  readonly training: TrainingPlan;
  readonly smokeTest: SmokeTestPlan;
  readonly aws: AwsPlan;
  /** Present when the stage `push` is asked for. */
  readonly push?: PushPlan;
  /** Present when the stage `train` is asked for. */
  readonly job?: JobPlan;
  readonly follow: FollowPlan;
  /** Present when the stage `register` is asked for. */
  readonly register?: RegisterPlan;
  /** Present when the stage `approve` is asked for. */
  readonly approve?: ApprovePlan;
  /** Present when the stage `deploy` is asked for. */
  readonly endpoint?: EndpointPlan;
  /** Present when the stage `shift` is asked for. */
  readonly shift?: ShiftPlan;
  /** Present when the stage `undeploy` is asked for. */
  readonly undeploy?: UndeployPlan;
  /** Present when the stage `clean-up` is asked for. */
  readonly cleanUp?: CleanUpPlan;
  readonly report: ReportPlan;
}

/** What every call of AWS shares. */
export interface AwsPlan {
  /** Absent: the SDK's own chain (`AWS_REGION`, profile). */
  readonly region?: string;
  /** The user's own tags; the pinning tags (repository, commit, ref, run URL, actor) are added by the stages. */
  readonly tags: ReadonlyMap<string, string>;
}

export interface PushPlan {
  /** Repository name in ECR, without registry: `team/model`. */
  readonly repository: string;
  /** The 12 digits of the account when the user named a whole URI; absent: the caller's own registry. */
  readonly registryId?: string;
  /** Further tags besides the content tag and the commit tag. */
  readonly imageTags: readonly string[];
  readonly createRepository: boolean;
  /** Keep the newest N images that no live endpoint uses, remove older ones that this action pushed. */
  readonly keepImages?: number;
}

/** The training job, beyond what {@link TrainingPlan} gives its container. Field names are the API's. */
export interface JobPlan {
  /** The user's own name; absent: made from repository, workflow, run and attempt. */
  readonly name?: string;
  readonly roleArn: string;
  readonly instanceCount: number;
  readonly volumeSizeInGB: number;
  readonly maxRuntimeInSeconds: number;
  readonly spot: boolean;
  readonly maxWaitTimeInSeconds?: number;
  readonly keepAlivePeriodInSeconds?: number;
  readonly fallbackInstanceTypes: readonly string[];
  readonly channels: readonly JobChannel[];
  /** `s3://bucket/prefix`; absent: no fallback, the API requires it. */
  readonly outputPath: string;
  /** Every value a string, as the platform passes them. */
  readonly hyperparameters: ReadonlyMap<string, string>;
  readonly checkpointPath?: string;
  readonly subnets: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly kmsKeyId?: string;
  /** Fields of CreateTrainingJob in the request's own JSON, merged last. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly metricGates: readonly MetricGate[];
  /** Price of one instance hour in US dollars, given by the user. */
  readonly hourlyPrice?: number;
}

export interface JobChannel {
  readonly name: string;
  readonly uri: string;
  readonly s3DataType: 'S3Prefix' | 'ManifestFile' | 'AugmentedManifestFile';
  readonly distribution: 'FullyReplicated' | 'ShardedByS3Key';
  readonly inputMode?: InputMode;
  readonly contentType?: string;
  /** What is read of each line of an augmented manifest; present for that data type only. */
  readonly attributeNames?: readonly string[];
}

/** `validation:accuracy >= 0.9` */
export interface MetricGate {
  readonly metric: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  readonly value: number;
}

export interface FollowPlan {
  readonly wait: boolean;
  /** Seconds until following ends; the job goes on or is stopped by `stopOnCancel`. */
  readonly timeoutSeconds?: number;
  /** Seconds without a log line and without a metric, after which the job is stopped. */
  readonly stallTimeoutSeconds?: number;
  /** Stop when this metric has not become better for so many of its values. */
  readonly stopWhen?: {
    readonly metric: string;
    readonly direction: 'minimize' | 'maximize';
    readonly patience: number;
  };
  readonly stopOnCancel: boolean;
  readonly streamLogs: boolean;
}

/** ModelApprovalStatus of the API. */
export const APPROVAL_STATUSES = ['Approved', 'Rejected', 'PendingManualApproval'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** A version in the model registry that exists already. */
export type ModelPackageReference =
  | { readonly kind: 'arn'; readonly arn: string }
  /** The newest version of the group with status Approved, or the newest of any status. */
  | { readonly kind: 'latest-approved' | 'latest'; readonly group: string }
  /** By its number in the group, from 1. */
  | { readonly kind: 'version'; readonly group: string; readonly version: number };

/** A new version in SageMaker's model registry. */
export interface RegisterPlan {
  readonly group: string;
  readonly createGroup: boolean;
  readonly approvalStatus: ApprovalStatus;
  readonly description?: string;
  /** The user's own entries of CustomerMetadataProperties; the run's facts are added by the stage. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly card?: ModelCardPlan;
  /** `SupportedContentTypes` and `SupportedResponseMIMETypes`; at least one each. */
  readonly contentTypes: readonly string[];
  readonly responseTypes: readonly string[];
  /** `SupportedRealtimeInferenceInstanceTypes`; empty: not said. */
  readonly instanceTypes: readonly string[];
  /** `s3://…` of a model that no job of this run wrote; absent: that of this run's job. */
  readonly modelArtifacts?: string;
  /** `s3://bucket/prefix` under which the metrics report is written; absent: beside the model. */
  readonly reportPath?: string;
}

/** What the author wrote of the model, for SageMaker's model card. The run's facts are filled in by the stage. */
export interface ModelCardPlan {
  /** Absolute path of the file, for messages. */
  readonly path: string;
  /** Absent: the group's name. */
  readonly name?: string;
  readonly status: 'Draft' | 'PendingReview' | 'Approved' | 'Archived';
  /** Sections in the model-card schema's own names (`model_overview`, `intended_uses`, …), as the author gave them. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** Sets the approval status of a version that exists. */
export interface ApprovePlan {
  readonly package: ModelPackageReference;
  readonly status: ApprovalStatus;
  /** `ApprovalDescription`: why. */
  readonly description?: string;
}

/** A real-time, serverless or asynchronous endpoint. Field names are the API's. */
export interface EndpointPlan {
  readonly name: string;
  /** Role of the models. Absent only when nothing needs it. */
  readonly roleArn: string;
  /** One or more; the first is the main one. */
  readonly variants: readonly VariantPlan[];
  /** `ContainerDefinition.Environment`. */
  readonly environment: ReadonlyMap<string, string>;
  readonly subnets: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly networkIsolation: boolean;
  readonly kmsKeyId?: string;
  readonly async?: AsyncPlan;
  readonly dataCapture?: { readonly path: string; readonly percentage: number };
  readonly policy?: DeploymentPolicy;
  /** Names of CloudWatch alarms; at most 10. */
  readonly rollbackAlarms: readonly string[];
  readonly autoScaling?: AutoScalingPlan;
  /** `ContainerStartupHealthCheckTimeoutInSeconds`, 60..3600. */
  readonly startupTimeoutSeconds?: number;
  /** `ModelDataDownloadTimeoutInSeconds`, 60..3600. */
  readonly downloadTimeoutSeconds?: number;
  /** Seconds that the endpoint has to come into service. */
  readonly timeoutSeconds: number;
  readonly proof: ProofPlan;
  /** What becomes of an endpoint whose very first deployment is bad. */
  readonly failedEndpoint: 'delete' | 'keep';
  /** Whether models and configurations that a proven deployment replaced are removed. */
  readonly removeSuperseded: boolean;
  /** Fields of the requests in the API's own JSON, by operation, merged last. */
  readonly overrides: EndpointOverrides;
  readonly github?: GithubDeploymentPlan;
}

/** By operation: `CreateEndpointConfig: {…}`. */
export type EndpointOverrides = Readonly<
  Partial<
    Record<
      'CreateModel' | 'CreateEndpointConfig' | 'CreateEndpoint' | 'UpdateEndpoint',
      Readonly<Record<string, unknown>>
    >
  >
>;

/** A deployment of GitHub's own, with its state and the endpoint's page. */
export interface GithubDeploymentPlan {
  /** Name of the GitHub environment. */
  readonly environment: string;
  /** A token of GitHub that may write deployments. Secret. */
  readonly token: string;
}

export interface VariantPlan {
  /** `AllTraffic` when there is one. */
  readonly name: string;
  readonly weight: number;
  readonly model: ModelSource;
  readonly hosting: VariantHosting;
}

export type VariantHosting =
  | { readonly kind: 'instance'; readonly type: string; readonly count: number }
  | {
      readonly kind: 'serverless';
      /** 1024..6144, a multiple of 1024. */
      readonly memorySizeInMB: number;
      readonly maxConcurrency: number;
      readonly provisionedConcurrency?: number;
    };

/** Where a variant's model comes from. */
export type ModelSource =
  /** Image and model of this run: the version it registered when that is approved, else image and artifacts. */
  | { readonly kind: 'run' }
  /** `image` absent: the image of this run or `image-uri`. */
  | { readonly kind: 'artifacts'; readonly modelData: string; readonly image?: string }
  | { readonly kind: 'package'; readonly package: ModelPackageReference };

/** AsyncInferenceConfig. */
export interface AsyncPlan {
  readonly outputPath: string;
  readonly failurePath?: string;
  readonly successTopic?: string;
  readonly errorTopic?: string;
  readonly maxConcurrentInvocations?: number;
}

/** How an update moves the traffic. Sizes in percent of the capacity. */
export type DeploymentPolicy =
  | { readonly kind: 'all-at-once'; readonly waitSeconds: number; readonly terminationWaitSeconds: number }
  | {
      readonly kind: 'canary' | 'linear';
      readonly percent: number;
      readonly waitSeconds: number;
      readonly terminationWaitSeconds: number;
    }
  | { readonly kind: 'rolling'; readonly percent: number; readonly waitSeconds: number };

/** Target tracking of every variant by Application Auto Scaling. */
export interface AutoScalingPlan {
  readonly minCapacity: number;
  readonly maxCapacity: number;
  /** Invocations a minute of one instance that are aimed at. */
  readonly invocationsPerInstance: number;
  readonly scaleInCooldownSeconds?: number;
  readonly scaleOutCooldownSeconds?: number;
}

/** Real requests to the endpoint, before what it replaces is removed. */
export interface ProofPlan {
  /** None: the endpoint is only known to be in service, and the report says so. */
  readonly payloads: readonly SamplePayload[];
  /** How often each sample is sent; the latencies are of all. */
  readonly repeats: number;
  /** Largest p95 of the latency in seconds; absent: it is shown, and judges nothing. */
  readonly maxLatencySeconds?: number;
}

/** Moves the traffic between the variants of a live endpoint. */
export interface ShiftPlan {
  readonly endpointName: string;
  /** Weights at the end, by variant. */
  readonly weights: ReadonlyMap<string, number>;
  /** In so many equal steps, 1 or more. */
  readonly steps: number;
  /** Between the steps, and after the last one, before all is well. */
  readonly intervalSeconds: number;
  /** Names of CloudWatch alarms: one in ALARM takes the weights back. */
  readonly alarms: readonly string[];
  /**
   * Conditions on CloudWatch metrics of the variants that gain traffic, over the last interval. Values in
   * CloudWatch's own units: latencies in microseconds, utilizations in percent, counts as sums.
   */
  readonly gates: readonly MetricGate[];
  readonly timeoutSeconds: number;
}

/** Removes an endpoint with all that goes with it and carries the action's tags. */
export interface UndeployPlan {
  readonly endpointName: string;
  /** The ECR repository, by name; absent: it stays. */
  readonly repository?: string;
  /** Whether the artifacts in S3 of its models are removed too. */
  readonly artifacts: boolean;
  readonly dryRun: boolean;
  readonly timeoutSeconds: number;
  /** Where the deployments of the endpoint are shown, which are no more then. */
  readonly github?: GithubDeploymentPlan;
}

/** Removes what this repository left in AWS and nobody uses any more. */
export interface CleanUpPlan {
  /** Only what this branch or tag made (`refs/heads/feature`); absent: superseded things of any. */
  readonly ref?: string;
  /** How many of the newest models and configurations of an endpoint stay besides the live ones. */
  readonly keep: number;
  /** Name of the ECR repository whose images are looked at; absent: images stay. */
  readonly repository?: string;
  readonly dryRun: boolean;
}

export type ImageSource =
  | { readonly kind: 'build'; readonly build: BuildPlan }
  | {
      readonly kind: 'image';
      readonly uri: string;
      readonly platform: string;
      /** Of the image's name, when it is one of ECR's. */
      readonly registry?: EcrRegistry;
    }
  /** No stage needs one. */
  | { readonly kind: 'none'; readonly platform: string };

/** A private registry of ECR, as the host of an image's name says it. */
export interface EcrRegistry {
  /** The 12 digits of the account. */
  readonly account: string;
  readonly region: string;
}

export interface BuildPlan {
  /** Absolute path of the build context, inside the workspace. */
  readonly context: string;
  /** Absolute path of the Dockerfile, inside the workspace. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, BuildSecret>;
  /** The user's own labels; they win over the OCI labels that the build stage adds. */
  readonly labels: ReadonlyMap<string, string>;
  /** One platform, as Docker writes it: `linux/amd64` or `linux/arm64`. */
  readonly platform: string;
  /** Cache sources and targets as Docker's `--cache-from` and `--cache-to` take them. */
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly pull: boolean;
}

/** A secret for `RUN --mount=type=secret,id=…`: its value, or the absolute path of a file that holds it. */
export type BuildSecret =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'file'; readonly path: string };

export type InputMode = 'File' | 'FastFile' | 'Pipe';

/** What a training job gives its container, shared by the smoke test and (later) the real job. */
export interface TrainingPlan {
  /** `ml.…` type written to resourceconfig.json; decides the platform together with the endpoint's type. */
  readonly instanceType: string;
  readonly inputMode: InputMode;
  /** `ContainerEntrypoint`: replaces the image's ENTRYPOINT, and no `train` argument is passed. */
  readonly entrypoint?: readonly string[];
  /** `ContainerArguments`: take the place of the argument `train`. */
  readonly arguments?: readonly string[];
  /** The request's `Environment` map. */
  readonly environment: ReadonlyMap<string, string>;
  readonly metricDefinitions: readonly MetricDefinition[];
  /** `EnableNetworkIsolation`. */
  readonly networkIsolation: boolean;
  /** Give the container what sagemaker-training-toolkit would set (`SM_*`, arguments). */
  readonly toolkitEnvironment: boolean;
}

export interface MetricDefinition {
  readonly name: string;
  /** One capture group around the number, applied to each line of the log. */
  readonly regex: string;
}

/** The runs of the container that the smoke test can make. */
export const SMOKE_RUNS = ['train', 'broken-input', 'stop', 'serve'] as const;
export type SmokeRun = (typeof SMOKE_RUNS)[number];

export interface SmokeTestPlan {
  /** `auto`: train, broken input and serve, each as far as the image offers it. */
  readonly runs: 'auto' | readonly SmokeRun[];
  /** Sample channels: channel name → absolute path of a file or folder in the workspace. */
  readonly channels: ReadonlyMap<string, string>;
  /** Hyperparameters as the platform passes them: every value a string. */
  readonly hyperparameters: ReadonlyMap<string, string>;
  /** Absolute path of a model folder or file served when there is no training run to write one. */
  readonly model?: string;
  /** `Environment` of the endpoint's container; absent: that of the training job. */
  readonly endpointEnvironment?: ReadonlyMap<string, string>;
  /** Sample requests to `/invocations`. */
  readonly payloads: readonly SamplePayload[];
  /** Number of hosts of the training run, `algo-1` … `algo-N`. */
  readonly hosts: number;
  /** Memory limit of each container in bytes; absent: the engine's memory. */
  readonly memoryBytes?: number;
  /** Seconds that each run of the container may take (for `serve`: its start window). */
  readonly timeoutSeconds: number;
  /** Severities that the user changed, by check id. */
  readonly severities: ReadonlyMap<string, Severity | 'off'>;
}

export interface SamplePayload {
  /** Absolute path of the file whose bytes are the request's body. */
  readonly path: string;
  readonly contentType: string;
  /** `Accept` header; absent: none is sent. */
  readonly accept?: string;
  /** What the answer must hold: text that it contains, or JSON that it equals. */
  readonly expect?: string;
}

export interface ReportPlan {
  readonly summary: boolean;
  readonly annotations: boolean;
  /** Absolute path of the folder that receives `report.json` and `junit.xml`. */
  readonly path: string;
  /** Absent: no comment on the pull request. */
  readonly comment?: CommentPlan;
  /** Branch or tag (`main`, or `refs/heads/main`) with whose last completed job the metrics are compared. */
  readonly baselineRef?: string;
}

/** One comment on the pull request, created once and kept up to date. */
export interface CommentPlan {
  /** A token of GitHub that may write to pull requests. Secret. */
  readonly token: string;
  /** What the step is about: the same in every run, and another for each container of a matrix. */
  readonly subject: readonly string[];
}

export type Severity = 'error' | 'warning';
export type CheckGroup = 'image' | 'training' | 'hosting';

/** How one check ended. `skipped` is never green: it says why it could not be judged. */
export interface CheckResult {
  /** Stable kebab-case id: names the page `docs/checks/<id>.md`. */
  readonly id: string;
  readonly group: CheckGroup;
  /** The check as a claim that holds when it passes: "The container ends with exit code 0". */
  readonly title: string;
  readonly severity: Severity;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was seen, in one or two sentences. May hold untrusted text. */
  readonly evidence: string;
  /** Last lines of the container's output where they are the evidence. Untrusted. */
  readonly lines?: readonly string[];
  /** What to do, when failed. */
  readonly fix?: string;
  /** Time that the observed thing took, where there is one. */
  readonly seconds?: number;
}

/** What the diagnosis knows of a failed run of a container. */
export interface Diagnosis {
  /** Row of the failure catalogue (`T27`), or `unknown`. */
  readonly id: string;
  /** Stable kebab-case class, for example `toolkit-environment-missing`. */
  readonly class: string;
  readonly cause: string;
  readonly fix: string;
  /** The text that the row was recognised by. Untrusted. */
  readonly evidence: string;
  /** Where in the repository the program failed, when a traceback says so. */
  readonly location?: SourceLocation;
  /** Address of the page on which the fix is made, where there is one: AWS's Service Quotas. */
  readonly link?: string;
}

export interface SourceLocation {
  /** Path in the repository, relative to the workspace, with `/`. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly endLine?: number;
}

/** A message tied to a place in the repository, as GitHub shows it beside the code. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  readonly location?: SourceLocation;
}

export type StageStatus = 'passed' | 'failed' | 'skipped' | 'canceled';

export interface StageRecord {
  readonly stage: Stage;
  readonly status: StageStatus;
  readonly seconds: number;
  /** One sentence for people: "Built sha256:… (812 MB)". */
  readonly detail: string;
}

export interface ImageRecord {
  /** The reference that later steps use: a tag, or the given `image-uri`. */
  readonly uri: string;
  /** Docker's image id, `sha256:…`. */
  readonly id: string;
  readonly platform: string;
  readonly sizeBytes: number;
}

/** A failure that is not a check's: bad input, a failed build, no Docker. */
export interface Failure {
  /** Stable kebab-case name, as in {@link Diagnosis}; absent: the stage that failed names it. */
  readonly class?: string;
  /** What happened. */
  readonly message: string;
  /** What to do. */
  readonly fix?: string;
  /** Last lines of the output that shows it. Untrusted. */
  readonly lines?: readonly string[];
}

/** A metric as the container printed it. */
export interface MetricRecord {
  readonly name: string;
  /** Every captured value, in order (bounded). */
  readonly values: readonly number[];
}

/** Who ran this, on what: GitHub's own names. All may be absent outside of Actions. */
export interface SourceRecord {
  /** `owner/name`. */
  readonly repository?: string;
  /** Server's URL, `https://github.com` by default. */
  readonly serverUrl?: string;
  readonly commit?: string;
  readonly ref?: string;
  readonly runUrl?: string;
  /** Digits; the same for all attempts of a run. */
  readonly runId?: string;
  /** From 1 on: how often the run was started. */
  readonly runAttempt?: number;
  readonly actor?: string;
  readonly workflow?: string;
  /** Key of the job in the workflow (GITHUB_JOB); the legs of a matrix share it. */
  readonly job?: string;
  /** Id of the step, or what GitHub makes of the action's name (GITHUB_ACTION). */
  readonly step?: string;
}

/** `unknown`: the job may be well, but it could no longer be asked (lost credentials, lost network). */
export type Outcome = 'passed' | 'failed' | 'invalid-input' | 'canceled' | 'unknown';

/** An image as it stands in ECR. */
export interface PushRecord {
  /** `<registry>/<repository>@sha256:…`: what later stages use. */
  readonly uri: string;
  readonly registry: string;
  readonly repository: string;
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  /** All tags that point to it by this run. */
  readonly tags: readonly string[];
  readonly mediaType: string;
  readonly sizeBytes?: number;
  /** True when it was there already under its content tag and nothing was sent. */
  readonly unchanged: boolean;
  readonly repositoryCreated: boolean;
  /** Digests that `keep-images` removed. */
  readonly removed: readonly string[];
  /** Things worth knowing that did not keep the image from being pushed, a sentence each. */
  readonly notices?: readonly string[];
}

export interface SecondaryTransition {
  readonly status: string;
  readonly message?: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds?: number;
}

/** What an earlier job reached. */
export interface BaselineRecord {
  readonly jobName: string;
  /** The branch or tag whose job it was. */
  readonly ref: string;
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
}

/** A training job as it was seen last. */
export interface JobRecord {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** TrainingJobStatus of the API, or `Unknown` when it could not be asked any more. */
  readonly status: string;
  readonly secondaryStatus?: string;
  readonly failureReason?: string;
  readonly exitMessage?: string;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly spot: boolean;
  /** The image that it trains, as the request names it. */
  readonly image?: string;
  /** True when this run found the job already there and followed it. */
  readonly joined: boolean;
  /** Why the action itself stopped it: cancel, stall, no better metric, time-out. */
  readonly stoppedBecause?: string;
  /** The action stopped it because `stop-when` held: as good as completed. */
  readonly stoppedEarly?: boolean;
  readonly transitions: readonly SecondaryTransition[];
  readonly trainingSeconds?: number;
  readonly billableSeconds?: number;
  readonly modelArtifacts?: string;
  /** FinalMetricDataList. */
  readonly finalMetrics: readonly { readonly name: string; readonly value: number }[];
  /** The values as the log had them, in order (bounded). */
  readonly series?: readonly MetricRecord[];
  /** The last successful job of the baseline ref, to compare with. */
  readonly baseline?: BaselineRecord;
  readonly gates: readonly (MetricGate & { readonly actual?: number; readonly passed: boolean })[];
  readonly cost?: { readonly usd: number; readonly hourlyPrice: number; readonly source: string };
  /** The request as it was sent, without values of secrets. */
  readonly request?: Readonly<Record<string, unknown>>;
  /** Dotted paths of the request's fields that `training-overrides` set: `RetryStrategy.MaximumRetryAttempts`. */
  readonly overridden?: readonly string[];
  /** The last lines of the host that failed, as far as that can be known; else of the one that wrote last. */
  readonly logTail: readonly string[];
  /** Which host that is: `algo-2`. */
  readonly logTailHost?: string;
  /** The host was started again after these lines, and has written nothing since: they explain no failure. */
  readonly logTailBeforeRestart?: boolean;
  readonly consoleUrl?: string;
  readonly logsUrl?: string;
}

/** A version of the model registry. */
export interface ModelPackageRecord {
  readonly arn: string;
  readonly group: string;
  readonly version?: number;
  readonly region: string;
  /** ModelPackageStatus. */
  readonly status: string;
  readonly approvalStatus: ApprovalStatus;
  /** ApprovalDescription: why it has its status, who gave it and in which run. Untrusted. */
  readonly approvalDescription?: string;
  /** True when this run made the version; false when it found it (registered before, or approved now). */
  readonly created: boolean;
  readonly groupCreated: boolean;
  readonly image?: string;
  readonly modelArtifacts?: string;
  /** Address in S3 of the metrics report. */
  readonly metricsReport?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly card?: {
    readonly name: string;
    readonly version: number;
    readonly arn: string;
    readonly consoleUrl?: string;
  };
  /** Versions of the group, the newest first (bounded). */
  readonly versions: readonly ModelVersion[];
}

export interface ModelVersion {
  readonly version: number;
  readonly arn: string;
  readonly approvalStatus: ApprovalStatus;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly commit?: string;
}

/** A variant of an endpoint as it was seen last. */
export interface VariantRecord {
  readonly name: string;
  readonly currentWeight?: number;
  readonly desiredWeight?: number;
  readonly instanceType?: string;
  readonly currentInstanceCount?: number;
  readonly desiredInstanceCount?: number;
  readonly serverless?: { readonly memorySizeInMB: number; readonly maxConcurrency: number };
  /** `repository@sha256:…` in service. */
  readonly image?: string;
  readonly modelName?: string;
  readonly modelArtifacts?: string;
  readonly modelPackageArn?: string;
  /** VariantStatus with its message, while it is not settled. */
  readonly status?: string;
}

/** One sample request of the proof. */
export interface ProofSample {
  /** File name of the sample. */
  readonly name: string;
  readonly passed: boolean;
  readonly requests: number;
  readonly variant?: string;
  /** What was answered, or why it is bad. Untrusted. */
  readonly evidence: string;
}

export interface ProofRecord {
  readonly passed: boolean;
  readonly samples: readonly ProofSample[];
  /** Of all requests, in seconds. */
  readonly p50Seconds?: number;
  readonly p95Seconds?: number;
}

/** A field of CreateEndpointConfig that is another one than before. */
export interface ConfigChange {
  /** Dotted path, with the variant's name: `AllTraffic.ModelName`. */
  readonly path: string;
  /** Absent: it was not there. Strings as they are, all else as JSON. */
  readonly before?: string;
  /** Absent: it is gone. */
  readonly after?: string;
}

/** An endpoint as it was seen last, and what this run did to it. */
export interface EndpointRecord {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** EndpointStatus of the API, `Deleted`, or `Unknown` when it could not be asked any more. */
  readonly status: string;
  readonly failureReason?: string;
  /** `restored`: the new configuration was bad, and the previous one was put back. */
  readonly action?:
    | 'created'
    | 'updated'
    | 'replaced'
    | 'unchanged'
    | 'restored'
    | 'shifted'
    | 'deleted'
    | 'none';
  /** Name of the configuration that is live. */
  readonly configName?: string;
  /** The one that this run wanted live. */
  readonly wantedConfigName?: string;
  /** The one before. */
  readonly previousConfigName?: string;
  /** Of an endpoint that was as asked for already: commit of the run that made the configuration that is live. */
  readonly commit?: string;
  /** What the wanted configuration says differently from the previous one. */
  readonly changes?: readonly ConfigChange[];
  readonly variants: readonly VariantRecord[];
  /** Statuses, each once, with the time that it took. */
  readonly transitions: readonly SecondaryTransition[];
  readonly proof?: ProofRecord;
  /** The proof of the previous configuration after it was put back. */
  readonly restoredProof?: ProofRecord;
  /** Weights step by step, when the stage `shift` ran. */
  readonly steps?: readonly {
    readonly weights: Readonly<Record<string, number>>;
    readonly seconds: number;
  }[];
  readonly autoScaling?: AutoScalingPlan;
  /** Names of models and configurations, URIs and digests that were removed, or would be with `dry-run`. */
  readonly removed: readonly RemovedResource[];
  /** By operation, as sent. */
  readonly requests?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Dotted paths that `endpoint-overrides` set. */
  readonly overridden?: readonly string[];
  readonly logTail: readonly string[];
  /** Others have changed the endpoint during the deployment, so nothing was taken back. */
  readonly changedByOthers?: boolean;
  /** Whether what is in S3 is the model that the endpoint serves could not be told of each variant. */
  readonly modelUnread?: true;
  /** A command for people that puts the previous configuration back. */
  readonly goBack?: string;
  readonly consoleUrl?: string;
  readonly logsUrl?: string;
  /** Page of GitHub's own deployment. */
  readonly deploymentUrl?: string;
}

export interface RemovedResource {
  /**
   * AWS's own word: `endpoint`, `endpoint-config`, `model`, `image`, `training-job`, `object`, `repository`,
   * `scalable-target`.
   */
  readonly kind: string;
  readonly name: string;
  /** Why it may go. */
  readonly why: string;
  /** `kept`: something needs it, it is not ours, or AWS refused: `why` says it. */
  readonly result: 'removed' | 'kept' | 'would-be-removed' | 'stopped' | 'would-be-stopped';
}

/** What the stage `clean-up` did, or would do. */
export interface CleanUpRecord {
  readonly dryRun: boolean;
  readonly resources: readonly RemovedResource[];
}

/** Everything that a run found out: the one thing that outputs, summary and reports are made of. */
export interface RunRecord {
  readonly version: 1;
  readonly outcome: Outcome;
  readonly source: SourceRecord;
  readonly startedAt: string;
  readonly seconds: number;
  readonly stages: readonly StageRecord[];
  readonly image?: ImageRecord;
  readonly push?: PushRecord;
  readonly job?: JobRecord;
  readonly modelPackage?: ModelPackageRecord;
  readonly endpoint?: EndpointRecord;
  readonly cleanUp?: CleanUpRecord;
  readonly checks: readonly CheckResult[];
  readonly metrics: readonly MetricRecord[];
  readonly diagnosis?: Diagnosis;
  readonly failure?: Failure;
  readonly annotations: readonly Annotation[];
  /** Things worth knowing that are neither failures nor warnings of a check. */
  readonly notices: readonly string[];
}
