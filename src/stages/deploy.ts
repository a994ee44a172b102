import type { EndpointRecord, Plan } from '../plan.js';
import type { StageContext } from './context.js';
import type { MadeModel } from './made-model.js';
import type { StageResult } from './stage-result.js';

export interface DeployWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: EndpointRecord) => void;
}

export interface DeployResult extends StageResult {
  readonly endpoint?: EndpointRecord;
}

export async function deploy(
  _context: StageContext,
  _plan: Plan,
  _made: MadeModel,
  _world: DeployWorld,
): Promise<DeployResult> {
  throw new Error('Not written yet.');
}
