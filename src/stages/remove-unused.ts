import type { CleanUpRecord, Plan } from '../plan.js';
import type { StageContext } from './context.js';

import type { StageResult } from './stage-result.js';

export interface RemoveUnusedWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: CleanUpRecord) => void;
}

export interface RemoveUnusedResult extends StageResult {
  readonly cleanUp?: CleanUpRecord;
}

export async function removeUnused(
  _context: StageContext,
  _plan: Plan,

  _world: RemoveUnusedWorld,
): Promise<RemoveUnusedResult> {
  throw new Error('Not written yet.');
}
