import type { EndpointRecord, Plan } from '../plan.js';
import type { StageContext } from './context.js';

import type { StageResult } from './stage-result.js';

export interface ShiftWorld {
  /** Called with what is known whenever that changes, so that a canceled run has it. */
  readonly onKnown: (record: EndpointRecord) => void;
}

export interface ShiftResult extends StageResult {
  readonly endpoint?: EndpointRecord;
}

export async function shift(
  _context: StageContext,
  _plan: Plan,

  _world: ShiftWorld,
): Promise<ShiftResult> {
  throw new Error('Not written yet.');
}
