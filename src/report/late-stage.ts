import type { RunRecord, Stage } from '../plan.js';

/** What the run set out to do with a model that is there: what is said of the container or the job is settled then. */
interface LateStage {
  readonly failed: string;
  readonly unknown: string;
}

/** Headlines, made of constant words. */
const LATE_STAGES: Readonly<Partial<Record<Stage, LateStage>>> = {
  register: {
    failed: 'The model could not be registered',
    unknown: 'Whether the model was registered is not known',
  },
  approve: {
    failed: 'The approval status of the model package could not be changed',
    unknown: 'Whether the approval status was changed is not known',
  },
};

/** The stage after training that did not come to a good end; undefined when it was an earlier one, or none. */
export function lateStage({ stages }: RunRecord): LateStage | undefined {
  const stage = stages.find(({ status }) => status === 'failed')?.stage;
  return stage && LATE_STAGES[stage];
}
