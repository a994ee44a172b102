/** What the runner saw of a container that failed: facts of the engine and the container's own text. */
export interface ContainerFailure {
  readonly phase: 'training' | 'hosting';
  /** Absent while the container still runs, or when it never started. */
  readonly exitCode?: number;
  /** Docker's `State.OOMKilled`. */
  readonly oomKilled?: boolean;
  /** The run (hosting: the start window) took longer than it may, and the container was stopped for it. */
  readonly timedOut?: boolean;
  /** Docker's message when the container could not be started. */
  readonly startError?: string;
  /** Text of `/opt/ml/output/failure`. Untrusted. */
  readonly failureFile?: string;
  /** Last lines of the container's output, oldest first. Untrusted. */
  readonly logTail: readonly string[];
  readonly networkIsolated?: boolean;
  /** The container was given what sagemaker-training-toolkit would have set. */
  readonly toolkitEnvironment?: boolean;
  /** The entry point in effect: the image's, or the one that replaced it. */
  readonly entrypoint?: readonly string[];
  /** Names of the channels that the container was given. */
  readonly knownChannels?: readonly string[];
  /** The container ran on SageMaker. Absent: on the runner, in the smoke test. */
  readonly onPlatform?: boolean;
}

/** What the API and the log say of a training job that did not end well. */
export interface JobFailure
  extends Pick<
    ContainerFailure,
    'networkIsolated' | 'toolkitEnvironment' | 'entrypoint' | 'knownChannels' | 'logTail'
  > {
  /** TrainingJobStatus, as it was seen last. */
  readonly status: string;
  readonly secondaryStatus?: string;
  /** FailureReason. Holds the end of the program's own text: untrusted. */
  readonly failureReason?: string;
  /** StatusMessage of the last transition that had one. */
  readonly statusMessage?: string;
  /** Number of log streams that appeared. Absent: not known, for lack of permission to look. */
  readonly logStreams?: number;
  /** Whether the job left model artifacts. Absent: not known. */
  readonly modelWritten?: boolean;
  readonly spot?: boolean;
  /** The job has a CheckpointConfig. */
  readonly checkpoints?: boolean;
  /** Region of the job, for links. */
  readonly region?: string;
}

/** A call of AWS that failed, or what docker said when it spoke with ECR. */
export interface ApiFailure {
  /** As in the SDK's package name: `sagemaker`, `ecr`, `sagemaker-runtime`. */
  readonly service: string;
  /** `CreateTrainingJob`; for docker its command, `docker push`. */
  readonly operation: string;
  /** The error's name: `ValidationException`, `ECONNRESET`. Empty when there is only a message. */
  readonly code: string;
  /** Untrusted: it quotes what was sent. */
  readonly message: string;
  /** Region of the call, for links. */
  readonly region?: string;
}

/** What the API says of an endpoint that is not what it was asked to be. */
export interface EndpointFailure {
  /** EndpointStatus, as it was seen last. */
  readonly status: string;
  readonly failureReason?: string;
  /** The endpoint's configuration now, and the one that was asked for. */
  readonly configName?: string;
  readonly requestedConfigName?: string;
  /** Last lines of the endpoint's log. Untrusted. */
  readonly logTail: readonly string[];
  readonly region?: string;
}
