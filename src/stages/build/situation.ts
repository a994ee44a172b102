import type { BuildPlan } from '../../plan.js';
import type { BuildFindings } from './build-log.js';
import type { Instruction } from './dockerfile.js';

/** A failed build with all that is known of it: what the rows of the tables judge. */
export interface Situation {
  readonly plan: BuildPlan;
  readonly findings: BuildFindings;
  readonly instructions: readonly Instruction[];
  /** The instruction that failed, when it could be told. */
  readonly instruction?: Instruction;
  /** The Dockerfile for people: its path relative to the workspace. */
  readonly dockerfile: string;
  /** The build context likewise. */
  readonly context: string;
  /** Whether the machine that this runs on has the platform that is built. */
  readonly isNativePlatform: boolean;
}

/** A failure in words. */
export interface Explanation {
  /** What happened, as a clause that can follow "`COPY x y` in `Dockerfile`, line 3: ". */
  readonly reason: string;
  readonly fix: string;
}
