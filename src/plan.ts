/**
 * The nouns that everything else passes on: the {@link Plan} that is made once from the inputs, and the
 * {@link RunRecord} that the stages fill and the report reads. Plain data, no behaviour.
 */

export const STAGES = ['build', 'smoke-test', 'push', 'train'] as const;
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

export type ImageSource =
  | { readonly kind: 'build'; readonly build: BuildPlan }
  | {
      readonly kind: 'image';
      readonly uri: string;
      readonly platform: string;
      /** Of the image's name, when it is one of ECR's. */
      readonly registry?: EcrRegistry;
    };

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
  readonly checks: readonly CheckResult[];
  readonly metrics: readonly MetricRecord[];
  readonly diagnosis?: Diagnosis;
  readonly failure?: Failure;
  readonly annotations: readonly Annotation[];
  /** Things worth knowing that are neither failures nor warnings of a check. */
  readonly notices: readonly string[];
}
