import type { RunRecord, Stage } from '../plan.js';
import { deployBlame, shiftBlame, undeployBlame } from './endpoint-verdict.js';

/** What the run set out to do with a model that is there: what is said of the container or the job is settled then. */
interface LateStage {
  readonly failed: string;
  readonly unknown: string;
}

/** Headlines, made of constant words. */
const LATE_STAGES: Readonly<Partial<Record<Stage, (record: RunRecord) => LateStage>>> = {
  register: () => ({
    failed: 'The model could not be registered',
    unknown: 'Whether the model was registered is not known',
  }),
  approve: () => ({
    failed: 'The approval status of the model package could not be changed',
    unknown: 'Whether the approval status was changed is not known',
  }),
  deploy: (record) => ({
    failed: deployBlame(record),
    // Cleaning up may have reached it after all.
    unknown: isKnown(record)
      ? deployBlame(record)
      : 'What is live is not known: the endpoint could no longer be asked',
  }),
  shift: (record) => ({
    failed: shiftBlame(record),
    unknown: 'How the traffic is split is not known: the endpoint could no longer be asked',
  }),
  undeploy: (record) => ({
    failed: undeployBlame(record),
    unknown: 'Whether the endpoint is gone is not known',
  }),
  'clean-up': () => ({
    failed: 'Not all that is unused could be removed',
    unknown: 'Whether all that is unused was removed is not known',
  }),
};

const isKnown = ({ endpoint }: RunRecord): boolean => endpoint !== undefined && endpoint.status !== 'Unknown';

/** The stage after training that did not come to a good end; undefined when it was an earlier one, or none. */
export function lateStage(record: RunRecord): LateStage | undefined {
  const stage = record.stages.find(({ status }) => status === 'failed')?.stage;
  return stage && LATE_STAGES[stage]?.(record);
}
