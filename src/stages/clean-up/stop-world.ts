import { connectEndpoints, type Endpoints } from '../../aws/endpoints.js';
import type { Pace } from '../../aws/retry-policy.js';
import type { TrainingJobs } from '../../aws/training-jobs.js';
import type { SourceRecord } from '../../plan.js';
import type { Undone } from '../deploy/undo.js';
import type { JobClock } from '../train/job-clock.js';

/** How a training job is reached and stopped, and a deployment taken back. */
export interface StopWorld {
  /** Whose job it must be, when that is not known yet. */
  readonly source: SourceRecord;
  /** Milliseconds that stopping it may take. */
  readonly within?: number;
  readonly clock?: JobClock;
  /** Time and chance of waiting between the attempts of a call. */
  readonly pace?: Pace;
  readonly connect?: (region: string) => Promise<TrainingJobs>;
  /** Called when nobody need look after the training job any more: it is on its way to its end, or there. */
  readonly onJobSettled?: (how: 'stopping' | 'ended') => void;
  /** Called when nobody need look after the deployment any more, with what became of it. */
  readonly onDeploymentSettled?: (how: Undone['kind']) => void;
  readonly connectEndpoints?: (region: string) => Promise<Endpoints>;
  /** Milliseconds that an endpoint which is being created may be waited for: before that, it cannot be deleted. */
  readonly waitForCreation?: number;
  /** Says what is waited for. */
  readonly say?: (message: string) => void;
}

/** Post has time, but the runner's credentials may be gone: then there is no use in waiting long. */
export const STOP_MS = 30_000;
export const STOP_ATTEMPTS = 2;

export const endpointsIn = (region: string): Promise<Endpoints> =>
  connectEndpoints({ region, tags: new Map() }, STOP_ATTEMPTS);
