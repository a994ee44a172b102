import type { Docker } from '../docker/docker.js';
import type { SourceRecord } from '../plan.js';
import type { Log } from '../runner/log.js';

/** What every stage works with besides its part of the plan. */
export interface StageContext {
  readonly docker: Docker;
  /** Names and labels everything that the run makes in the engine; unique a run: 12 hex digits. */
  readonly runId: string;
  /** Absolute path of the run's own folder for temporary files; it exists, and is removed after the run. */
  readonly tempDir: string;
  readonly log: Log;
  /** Aborted when the run is canceled. */
  readonly signal: AbortSignal;
  readonly source: SourceRecord;
}
