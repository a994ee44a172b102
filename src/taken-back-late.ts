import type { EndpointRecord, RunRecord } from './plan.js';
import type { Undone } from './stages/deploy/undo.js';

/** The record of a run whose deployment was taken back after all, when cleaning up: its stage had not managed to. */
export function takenBackLate(record: RunRecord, how: Undone['kind']): RunRecord {
  const { endpoint } = record;
  if (endpoint === undefined) return record;
  return { ...record, endpoint: { ...endpoint, ...changeOf(endpoint, how) } };
}

function changeOf(
  { previousConfigName: previous }: EndpointRecord,
  how: Undone['kind'],
): Partial<EndpointRecord> {
  switch (how) {
    case 'restoring':
      return { action: 'restored', status: 'Updating' };
    case 'deleting':
      return { status: 'Deleting' };
    case 'previous':
      return { status: 'InService', ...(previous !== undefined && { configName: previous }) };
    case 'not-ours':
      return { changedByOthers: true };
    default:
      return {};
  }
}
