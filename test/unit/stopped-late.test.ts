import { expect, test } from '@jest/globals';
import type { RunRecord } from '../../src/plan.js';
import { verdictOf } from '../../src/report/verdict.js';
import { stoppedLate } from '../../src/stopped-late.js';
import { jobCompleted } from './report/job-samples.js';

const { job } = jobCompleted;
if (job === undefined) throw new Error('There is no job.');
const canceled: RunRecord = {
  ...jobCompleted,
  outcome: 'canceled',
  job: { ...job, status: 'Unknown', gates: [] },
  stages: [
    { stage: 'push', status: 'passed', seconds: 1, detail: 'Pushed.' },
    { stage: 'train', status: 'canceled', seconds: 1, detail: 'It could not be stopped yet.' },
  ],
};

test('a job that cleaning up has stopped is stopping, in all words', () => {
  expect(verdictOf(canceled).headline).toContain('is not known');
  const record = stoppedLate(canceled);
  expect(record.job).toMatchObject({ status: 'Stopping', stoppedBecause: 'the run was canceled' });
  expect(verdictOf(record).headline).toContain('the training job is being stopped');
  expect(record.stages.map(({ detail }) => detail)).toEqual([
    'Pushed.',
    expect.stringContaining(`${job.name} is stopping`),
  ]);
});

test('without a job nothing changes', () => {
  const { job: _, ...withoutJob } = canceled;
  expect(stoppedLate(withoutJob)).toBe(withoutJob);
});
