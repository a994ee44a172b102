import type { ModelPackageRecord, Plan } from '../plan.js';
import type { StageContext } from './context.js';
import type { MadeModel } from './made-model.js';
import type { StageResult } from './stage-result.js';

export interface RegisterWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: ModelPackageRecord) => void;
}

export interface RegisterResult extends StageResult {
  readonly modelPackage?: ModelPackageRecord;
}

export async function register(
  _context: StageContext,
  _plan: Plan,
  _made: MadeModel,
  _world: RegisterWorld,
): Promise<RegisterResult> {
  throw new Error('Not written yet.');
}
