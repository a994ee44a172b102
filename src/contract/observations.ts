import type { Diagnosis, InputMode } from '../plan.js';

/**
 * What the runs of a container showed, as plain data: the only thing that checks look at. A run that was not
 * made is a {@link NotObserved} with the reason, which becomes the words of every check that needed it.
 */
export interface Observations {
  readonly image: ImageFacts;
  readonly training: Observed<TrainingRun>;
  readonly brokenInput: Observed<TrainingRun>;
  readonly stop: Observed<StopRun>;
  readonly hosting: Observed<HostingRun>;
}

export type Observed<Run> = { readonly run: Run } | NotObserved;
export interface NotObserved {
  /** Why the run was not made, as a sentence. */
  readonly notObserved: string;
}

/** What `docker image inspect` and a look into the image's files say. */
export interface ImageFacts {
  /** `sha256:…`. */
  readonly id: string;
  readonly os: string;
  /** Docker's name: amd64, arm64. */
  readonly architecture: string;
  /** What the plan asks for, for example `linux/amd64`. */
  readonly wantedPlatform: string;
  readonly sizeBytes: number;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** As in the Dockerfile; empty: root. */
  readonly user: string;
  readonly workdir: string;
  readonly env: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  /** `8080/tcp`, … */
  readonly exposedPorts: readonly string[];
  /** Reserved paths below /opt/ml that the image already holds something at. */
  readonly bakedPaths: readonly string[];
  readonly training: Capability;
  readonly hosting: Capability;
}

/** Whether the image is made for training (or hosting), and how that was found out. */
export interface Capability {
  readonly offered: boolean;
  readonly reason: string;
}

/** How a container ended. */
export interface ContainerEnd {
  /** Absent when the container never started. */
  readonly exitCode?: number;
  /** Docker's message when the container could not be started. */
  readonly startError?: string;
  readonly oomKilled: boolean;
  /** True when it was still running at the time limit and was stopped for it. */
  readonly timedOut: boolean;
  /** Seconds from start to end, by the engine's clock. */
  readonly seconds: number;
}

export interface HostRun extends ContainerEnd {
  /** `algo-1`, … */
  readonly host: string;
  /** Last lines of standard output and error together, in the order of arrival. */
  readonly logTail: readonly string[];
  /** Contents of /opt/ml/output/failure, up to 64 KiB. */
  readonly failureFile?: string;
  /** Highest memory use that was sampled. */
  readonly memoryPeakBytes?: number;
}

export interface TrainingRun {
  /** One a host, `algo-1` first. */
  readonly hosts: readonly HostRun[];
  readonly timeoutSeconds: number;
  readonly networkIsolation: boolean;
  readonly toolkitEnvironment: boolean;
  /** Memory limit that was set for each host; absent: none. */
  readonly memoryLimitBytes?: number;
  /** What /opt/ml/model held at the end, of all hosts together. Absent when the run failed. */
  readonly model?: ModelContents;
  readonly metrics: readonly MetricSeries[];
  readonly pipes: readonly PipeUse[];
  /** Of the first host that failed. */
  readonly diagnosis?: Diagnosis;
}

export interface ModelContents {
  readonly files: number;
  readonly bytes: number;
  /** Things that the archive cannot hold or that hosting refuses: links, sockets, FIFOs, devices. */
  readonly unarchivable: readonly { readonly path: string; readonly type: string }[];
}

export interface MetricSeries {
  readonly name: string;
  readonly regex: string;
  /** Captured numbers in order, bounded. */
  readonly values: readonly number[];
  /** Lines that the expression matched. */
  readonly matches: number;
  /** The first captured text that is not a number. */
  readonly notANumber?: string;
}

export interface PipeUse {
  /** `algo-1`, … */
  readonly host: string;
  readonly channel: string;
  readonly inputMode: InputMode;
  /** Epochs whose FIFO was opened. */
  readonly epochsOpened: number;
  /** Epochs that were read to the end. */
  readonly epochsRead: number;
}

/** A training run that got SIGTERM in its middle. */
export interface StopRun extends ContainerEnd {
  readonly logTail: readonly string[];
  /** Seconds between SIGTERM and the end. Absent when it ended before the signal. */
  readonly stopSeconds?: number;
  /** The grace between SIGTERM and SIGKILL. */
  readonly graceSeconds: number;
  readonly sigkilled: boolean;
  /** Whether process 1 had a handler for SIGTERM when it was sent; absent where that cannot be seen. */
  readonly handlesSigterm?: boolean;
  /** What the undisturbed run took, to tell stopping from finishing. */
  readonly undisturbedSeconds?: number;
  /** Seconds that it had run when the signal was sent. */
  readonly sentAfterSeconds?: number;
}

export interface HostingRun {
  /** Absent while it was still running when everything was seen (the normal case): see `stop`. */
  readonly end?: ContainerEnd;
  readonly logTail: readonly string[];
  readonly windowSeconds: number;
  readonly networkIsolation: boolean;
  readonly memoryLimitBytes?: number;
  readonly memoryPeakBytes?: number;
  readonly oomKilled: boolean;
  /** Where the served model came from. */
  readonly model: 'training' | 'given' | 'none';
  /** Sockets that listen inside the container, as `address:port`; absent where that cannot be seen. */
  readonly listeners?: readonly string[];
  /** Whether something accepted a connection on port 8080 from outside the container. */
  readonly portOpen: boolean;
  /**
   * True when no try led to the container and its listeners cannot be seen either: the engine is on another
   * machine, and what its port does is not known.
   */
  readonly unreachable?: boolean;
  readonly readyAfterSeconds?: number;
  /** The last answer to /ping in the start window, when none was 200. */
  readonly lastPing?: PingAnswer;
  readonly pingsUnderLoad: readonly PingAnswer[];
  /** What became of the requests that made the load; absent when there was none. */
  readonly load?: {
    readonly requests: number;
    /** Answered with another status than 2xx. */
    readonly refused: number;
    readonly lastStatus?: number;
  };
  /** Requests in flight while the pings were sent. */
  readonly loadConcurrency: number;
  readonly invocations: readonly Invocation[];
  /** The log's last lines once the samples were answered, before anything else was sent. */
  readonly logAtInvocations?: readonly string[];
  readonly badPayload?: Invocation;
  readonly aliveAfterBadPayload?: boolean;
  readonly executionParameters?: { readonly status: number; readonly body: string };
  readonly multiModel?: MultiModelUse;
  readonly stop?: {
    readonly seconds: number;
    readonly sigkilled: boolean;
    readonly graceSeconds: number;
    readonly handlesSigterm?: boolean;
  };
  readonly diagnosis?: Diagnosis;
}

export interface PingAnswer {
  /** Absent when there was no answer. */
  readonly status?: number;
  readonly seconds: number;
  readonly error?: string;
}

export interface Invocation {
  /** The sample's path in the repository, or a description of the made-up payload. */
  readonly payload: string;
  readonly contentType: string;
  readonly accept?: string;
  readonly status?: number;
  readonly answerType?: string;
  /** First bytes of the answer as text. */
  readonly answer?: string;
  readonly answerBytes?: number;
  readonly seconds: number;
  readonly error?: string;
  readonly expect?: string;
  /** Whether the whole answer held what was expected; absent when nothing was. */
  readonly asExpected?: boolean;
}

export interface MultiModelUse {
  /** What was asked, in order, with the status that came. */
  readonly steps: readonly {
    readonly request: string;
    readonly status?: number;
    readonly wanted: readonly number[];
    readonly error?: string;
  }[];
}
