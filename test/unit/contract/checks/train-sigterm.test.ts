import { expect, test } from '@jest/globals';
import type { CheckResult } from '../../../../src/plan.js';
import { green, notMade, ran, resultOf, stop } from '../observations.js';

const stopped = (changes: Parameters<typeof stop>[0]): CheckResult =>
  resultOf('train-sigterm', green({ stop: ran(stop(changes)) }));

test('passes for a program that handles SIGTERM and ends', () => {
  expect(stopped({ exitCode: 143, stopSeconds: 12 })).toMatchObject({
    status: 'passed',
    evidence: 'Ended 12 s after SIGTERM with exit code 143.',
    seconds: 12,
  });
});

test('fails for a process 1 without a handler', () => {
  expect(stopped({ handlesSigterm: false, sigkilled: true })).toMatchObject({
    status: 'failed',
    severity: 'warning',
    evidence: 'Process 1 of the container has no handler for SIGTERM, so the kernel drops the signal.',
    lines: stop().logTail,
    fix: expect.stringContaining('exec-form ENTRYPOINT'),
  });
});

test('is skipped for a run so short that the handler may have been on its way', () => {
  const hasty = { handlesSigterm: false, sigkilled: true, undisturbedSeconds: 0.05, stopSeconds: 0.9 };
  expect(stopped({ ...hasty, sentAfterSeconds: 0.9 })).toMatchObject({
    status: 'skipped',
    evidence: expect.stringContaining('The run is too short: SIGTERM had to be sent after 900 ms'),
  });
  expect(stopped({ ...hasty, sentAfterSeconds: 1 }).status).toBe('failed');
});

test('fails for a program without a handler that happened to end in time', () => {
  expect(stopped({ handlesSigterm: false, sigkilled: false }).status).toBe('failed');
});

test.each([true, undefined])(
  'fails for a program that had to be killed (handler seen: %p)',
  (handlesSigterm) => {
    expect(stopped({ handlesSigterm, sigkilled: true, stopSeconds: 120 })).toMatchObject({
      status: 'failed',
      evidence: 'Still running 120 s after SIGTERM; killed.',
      seconds: 120,
    });
  },
);

test('is skipped when the run ended before the signal', () => {
  expect(stopped({ stopSeconds: undefined })).toMatchObject({
    status: 'skipped',
    evidence: expect.stringContaining('ended before SIGTERM could be sent'),
  });
  expect(stopped({ startError: 'no' }).status).toBe('skipped');
});

test('where the handler cannot be seen, ending when it would have ended anyway proves nothing', () => {
  // 10 s undisturbed, the signal after 5: 5 s were left, of which three quarters are 3.75.
  expect(stopped({ handlesSigterm: undefined, stopSeconds: 3.75 }).status).toBe('passed');
  expect(stopped({ handlesSigterm: undefined, stopSeconds: 3.76 })).toMatchObject({
    status: 'skipped',
    evidence: expect.stringContaining('would have ended anyway'),
  });
});

test('a handler that is seen is believed, unless the run went on to its end', () => {
  expect(stopped({ handlesSigterm: true, stopSeconds: 4.5 }).status).toBe('passed');
  expect(stopped({ handlesSigterm: true, stopSeconds: 5.5 }).status).toBe('passed');
  for (const stopSeconds of [4.51, 5, 5.49]) {
    expect(stopped({ handlesSigterm: true, stopSeconds })).toMatchObject({
      status: 'skipped',
      evidence: expect.stringContaining('would have ended anyway'),
    });
  }
});

test('a handler that is seen is believed where too little time was left to tell', () => {
  const short = { handlesSigterm: true, undisturbedSeconds: 3, sentAfterSeconds: 1.5, stopSeconds: 1.5 };
  expect(stopped(short).status).toBe('passed');
});

test('without an undisturbed run to compare with, ending is enough', () => {
  const unknown = { handlesSigterm: undefined, undisturbedSeconds: undefined, stopSeconds: 60 };
  expect(stopped(unknown).status).toBe('passed');
});

test('is skipped, with the reason, when nobody asked for it', () => {
  const why = 'It takes long: add `stop` to `smoke-runs`.';
  expect(resultOf('train-sigterm', green({ stop: notMade(why) }))).toMatchObject({
    status: 'skipped',
    evidence: why,
  });
});
