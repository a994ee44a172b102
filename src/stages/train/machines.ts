import type { CreateTrainingJobRequest } from '../../aws/training-jobs.js';

/** On what a job runs. Of several groups of instances: their types in a row, and all of their number. */
export function machinesOf(resources: CreateTrainingJobRequest['ResourceConfig']): {
  readonly type: string;
  readonly count: number;
} {
  const groups = resources?.InstanceGroups ?? [];
  if (groups.length === 0) {
    return { type: resources?.InstanceType ?? '', count: resources?.InstanceCount ?? 1 };
  }
  return {
    type: [...new Set(groups.map(({ InstanceType }) => InstanceType))].join(', '),
    count: groups.reduce((sum, { InstanceCount = 0 }) => sum + InstanceCount, 0),
  };
}
