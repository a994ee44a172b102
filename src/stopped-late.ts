import type { RunRecord } from './plan.js';

/** The record of a run whose training job was stopped after all, when cleaning up: its stage had not managed to. */
export function stoppedLate(record: RunRecord): RunRecord {
  const { job, stages } = record;
  if (job === undefined) return record;
  const canceled = record.outcome === 'canceled';
  const because = canceled ? 'the run was canceled' : 'the run ended before it';
  const detail = `The training job ${job.name} is stopping: its container gets SIGTERM and 120 s, what it has written to /opt/ml/model is kept.`;
  return {
    ...record,
    job: { ...job, status: 'Stopping', stoppedBecause: job.stoppedBecause ?? because },
    stages: stages.map((one) =>
      one.stage === 'train' && one.status === 'canceled' ? { ...one, detail } : one,
    ),
  };
}
