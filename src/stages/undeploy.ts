import type { EndpointRecord, Plan } from '../plan.js';
import type { StageContext } from './context.js';

import type { StageResult } from './stage-result.js';

export interface UndeployWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: EndpointRecord) => void;
}

export interface UndeployResult extends StageResult {
  readonly endpoint?: EndpointRecord;
}

export async function undeploy(
  _context: StageContext,
  _plan: Plan,

  _world: UndeployWorld,
): Promise<UndeployResult> {
  throw new Error('Not written yet.');
}
