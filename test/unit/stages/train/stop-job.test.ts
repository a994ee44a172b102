import { describe, expect, test } from '@jest/globals';
import { AwsError, type AwsErrorKind } from '../../../../src/aws/aws-error.js';
import type { TrainingJobs } from '../../../../src/aws/training-jobs.js';
import { stopJob } from '../../../../src/stages/train/stop-job.js';

/** Between two tries, soon after the first. */
const AGAIN_MS = 400;

/** Time that passes between two tries only: limits of time are never reached, and wait until they are called off. */
function clock(between: () => void = () => {}) {
  let now = 0;
  return {
    now: () => now,
    random: () => 0,
    async sleep(milliseconds: number, signal?: AbortSignal) {
      if (milliseconds !== AGAIN_MS) {
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
        return;
      }
      between();
      now += milliseconds;
    },
  };
}

/** A job whose container ends as soon as it is asked to, and whose first stop call does its work and then fails. */
function endsAtOnce(kind: AwsErrorKind) {
  let status = 'InProgress';
  let stops = 0;
  const jobs = {
    describe: async () => ({ TrainingJobStatus: status }),
    tags: async () => ({}),
    stop: async () => {
      stops += 1;
      if (kind !== 'throttled') status = 'Stopped';
      throw new AwsError(kind, 'sagemaker:StopTrainingJob', 'Lost', 'lost', 'look');
    },
  };
  // Ended by itself in the end.
  const end = () => {
    status = 'Stopped';
  };
  return { jobs: jobs as unknown as TrainingJobs, stops: () => stops, end };
}

const order = { name: 'job', within: 60_000, mayComeFor: 0, isOurs: async () => true };

describe('stopJob', () => {
  test.each(['network', 'server'] as const)(
    'a job found stopped after a stop call whose answer was lost (%s) was stopped by it',
    async (kind) => {
      const { jobs, stops } = endsAtOnce(kind);
      expect(await stopJob(async () => jobs, order, clock())).toEqual({ kind: 'stopping' });
      expect(stops()).toBe(1);
    },
  );

  test('a job found stopped after a refused stop call ended without it', async () => {
    const { jobs, end } = endsAtOnce('throttled');
    expect(await stopJob(async () => jobs, order, clock(end))).toEqual({ kind: 'ended' });
  });
});
