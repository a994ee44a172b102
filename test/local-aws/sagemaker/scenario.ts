import { readScenarioList, ScenarioList } from './scenario-list.js';

/**
 * What cannot happen on its own here, or happens too fast: scripted for the jobs that are created from now on. It
 * comes as JSON, `POST /_local-aws/sagemaker/training` with one scenario or a list, in front of those that are there;
 * the first one that fits a job is its. A member that is absent means: as fast and as well as it goes.
 */
export interface Scenario {
  /** Only jobs with this text in their name. */
  readonly jobs?: string;
  /** Only jobs on this instance type. */
  readonly instanceType?: string;
  /** How many jobs it is for; absent: all. */
  readonly times?: number;
  /** How long each phase takes at least, in milliseconds. */
  readonly delays?: Partial<Record<Phase, number>>;
  /** `error`: the job fails for want of instances. A number: so many tries fail before there are some. */
  readonly capacity?: 'error' | number;
  readonly log?: LogScenario;
  /** Spot: when instances are taken away, one entry an attempt. Ignored for a job that is not on spot. */
  readonly interruptions?: readonly Interruption[];
  /** Share of the training time that a spot job does not pay, 0 to 1. Default 0.7 */
  readonly spotSaving?: number;
  readonly trainingTimeInSeconds?: number;
  readonly billableTimeInSeconds?: number;
  /**
   * The job ends with this FailureReason at the beginning of the phase; `times`: so many of its starts, where
   * RetryStrategy has it started again. Absent: all.
   */
  readonly failure?: { readonly at: Phase; readonly reason: string; readonly times?: number };
  /** Without containers: the program is this script. Channels are not read and the image is not pulled. */
  readonly script?: Script;
  /** False: the account has no quota for warm pools, and none is kept. */
  readonly warmPools?: boolean;
  /** Seconds between SIGTERM and SIGKILL. Default 120, as on the platform. */
  readonly stopGraceSeconds?: number;
  /** Milliseconds between two looks at the checkpoints. Default 1000 */
  readonly checkpointInterval?: number;
}

export type Phase =
  | 'Starting'
  | 'Pending'
  | 'Downloading'
  | 'Training'
  | 'Uploading'
  | 'Stopping'
  | 'Restarting';

export interface LogScenario {
  /** Milliseconds before a line can be read. With a delay the job may end before its last lines are there. */
  readonly delay?: number;
  /** Milliseconds between two deliveries. Default 50 */
  readonly interval?: number;
  /** Every so many lines one is delivered late: after those that were printed later, with its own, older time. */
  readonly late?: { readonly every: number; readonly by: number };
  /** False: the execution role may not write logs, there are none. */
  readonly written?: boolean;
}

export interface Interruption {
  /** Milliseconds after the training began. */
  readonly after?: number;
  /** As soon as a line holds this text. */
  readonly afterLine?: string;
}

export interface Script {
  /** What every host prints; `{host}` and `{n}` (from 1, over all lines of the host) are replaced. */
  readonly lines?: readonly string[];
  /** How often the lines are printed. Default 1 */
  readonly repeat?: number;
  /** Milliseconds between two lines. Default 0 */
  readonly lineInterval?: number;
  /** Milliseconds after the last line. */
  readonly after?: number;
  /** Default 0 */
  readonly exitCode?: number;
  /** What it writes to /opt/ml/output/failure. */
  readonly failure?: string;
  /** Files below /opt/ml/model. Default: one, `model.txt` */
  readonly model?: Readonly<Record<string, string>>;
  /** Default `end`: it ends with 0 on SIGTERM. */
  readonly onSigterm?: 'end' | 'ignore';
}

const PHASES: readonly Phase[] = [
  'Starting',
  'Pending',
  'Downloading',
  'Training',
  'Uploading',
  'Restarting',
];
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  '': [
    ...[
      'jobs',
      'instanceType',
      'times',
      'delays',
      'capacity',
      'log',
      'interruptions',
      'spotSaving',
      'failure',
    ],
    ...['trainingTimeInSeconds', 'billableTimeInSeconds', 'script', 'warmPools', 'stopGraceSeconds'],
    'checkpointInterval',
  ],
  delays: PHASES,
  log: ['delay', 'interval', 'late', 'written'],
  failure: ['at', 'reason', 'times'],
  script: ['lines', 'repeat', 'lineInterval', 'after', 'exitCode', 'failure', 'model', 'onSigterm'],
};

/** @throws Error as {@link readScenarioList} */
export const readScenarios = (given: unknown): readonly Scenario[] => readScenarioList(given, MEMBERS);

/** The scenarios of training jobs in force. */
export class Scenarios extends ScenarioList<Scenario> {
  /** That of a new job. */
  take(jobName: string, instanceType: string): Scenario {
    const found = this.takeFirst(
      (scenario) =>
        jobName.includes(scenario.jobs ?? '') && (scenario.instanceType ?? instanceType) === instanceType,
    );
    return found ?? {};
  }
}
