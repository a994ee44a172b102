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
}
