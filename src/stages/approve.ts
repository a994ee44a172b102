import type { ModelPackageRecord, Plan } from '../plan.js';
import type { StageContext } from './context.js';

import type { StageResult } from './stage-result.js';

export interface ApproveWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: ModelPackageRecord) => void;
}

export interface ApproveResult extends StageResult {
  readonly modelPackage?: ModelPackageRecord;
}

export async function approve(
  _context: StageContext,
  _plan: Plan,

  _world: ApproveWorld,
): Promise<ApproveResult> {
  throw new Error('Not written yet.');
}
