import { describe, expect, test } from '@jest/globals';
import { type Outcome, type RunRecord, STAGES } from '../../../src/plan.js';
import { failureClass, OTHER_CLASSES } from '../../../src/report/failure-class.js';
import { rolledBack, runOf, shiftTakenBack, takenBack } from './endpoint-samples.js';
import { jobCompleted } from './job-samples.js';
import { failing } from './samples.js';

const documented = Object.keys(OTHER_CLASSES);

describe('the class of a failure', () => {
  test.each(STAGES)('of the stage %s is documented', (stage) => {
    for (const outcome of ['failed', 'unknown', 'canceled', 'invalid-input'] as const satisfies Outcome[]) {
      expect(documented).toContain(failureClass(runOf(stage, outcome, {})));
    }
    expect(failureClass(runOf(stage, 'failed', {}))).toBe(`${stage}-failed`);
  });

  test('of what the catalogue does not know is documented too, and each that is documented can be seen', () => {
    const { diagnosis: _, ...undiagnosed } = failing;
    const { job } = jobCompleted;
    if (job === undefined) throw new Error('There is no job.');
    const gates = job.gates.map((gate) => ({ ...gate, passed: false, actual: 0 }));
    const train = (change: Partial<typeof job>): RunRecord =>
      runOf('train', 'failed', { job: { ...job, ...change } });
    const seen = [
      ...STAGES.map((stage) => failureClass(runOf(stage, 'failed', {}))),
      ...(['unknown', 'canceled', 'invalid-input'] as const).map((outcome) =>
        failureClass(runOf('train', outcome, {})),
      ),
      ...[rolledBack, takenBack, shiftTakenBack, undiagnosed].map(failureClass),
      failureClass(train({ gates })),
      failureClass({ ...train({ status: 'InProgress' }), outcome: 'unknown' }),
      failureClass(train({ stoppedBecause: 'It was too long.' })),
      failureClass(runOf('train', 'failed', { stages: [] })),
      ...['docker-unavailable', 'runner-not-supported'].map((name) =>
        failureClass(runOf('build', 'failed', { failure: { class: name, message: 'It is not there.' } })),
      ),
    ];
    expect([...new Set(seen)].sort()).toEqual(documented.sort());
  });

  test('tells a job that was left running from one that could not be asked', () => {
    const { job } = jobCompleted;
    if (job === undefined) throw new Error('There is no job.');
    const classOf = (status: string) =>
      failureClass(runOf('train', 'unknown', { job: { ...job, gates: [], status } }));
    expect(['InProgress', 'Unknown'].map(classOf)).toEqual(['job-left-running', 'outcome-unknown']);
  });

  test('is that of the stage when the job before it was stopped early', () => {
    const { job } = jobCompleted;
    const record = runOf('deploy', 'failed', {
      ...(job && { job: { ...job, stoppedEarly: true, stoppedBecause: 'It gets no better.' } }),
    });
    expect(failureClass(record)).toBe('deploy-failed');
  });
});
