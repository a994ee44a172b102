import { describe, expect, test } from '@jest/globals';
import { LogTails } from '../../../../src/stages/train/log-tails.js';

const TRACEBACK = 'Traceback (most recent call last):';

type Line = readonly [host: string, stream: string, text: string, at: number];

function tailsOf(...lines: readonly Line[]): LogTails {
  const tails = new LogTails();
  for (const line of lines) tails.push(...line);
  return tails;
}

describe('the tail that is shown', () => {
  test('is that of the host whose words SageMaker gives as the reason', () => {
    const tails = tailsOf(
      ['algo-1', 'algo-1-1', TRACEBACK, 1],
      ['algo-1', 'algo-1-1', 'ConnectionError: algo-2 is gone', 1],
      ['algo-2', 'algo-2-1', TRACEBACK, 2],
      ['algo-2', 'algo-2-1', "KeyError: 'age_in_years'", 2],
    );
    const failureReason = `AlgorithmError: ExecuteUserScriptError\n${TRACEBACK}\n  File "train.py"\nKeyError: 'age_in_years', exit code: 1`;
    expect(tails.telling({ failureReason })).toMatchObject({ host: 'algo-2' });
    expect(tails.telling({ failureReason: 'AlgorithmError: , exit code: 1' })).toMatchObject({
      host: 'algo-1',
    });
  });

  test('is that of the host whose traceback came first', () => {
    const tails = tailsOf(
      ['algo-1', 'algo-1-1', 'waiting', 1],
      ['algo-1', 'algo-1-1', TRACEBACK, 9],
      ['algo-2', 'algo-2-1', TRACEBACK, 5],
      ['algo-10', 'algo-10-1', 'still here', 99],
    );
    expect(tails.telling()).toEqual({ host: 'algo-2', lines: [TRACEBACK] });
  });

  test('is that of the host that speaks of an error, else of the one that wrote last', () => {
    const calm: Line[] = [
      ['algo-1', 'algo-1-1', 'epoch 1', 5],
      ['algo-2', 'algo-2-1', 'epoch 1', 7],
      ['algo-3', 'algo-3-1', 'epoch 1', 6],
    ];
    expect(tailsOf(...calm).telling().host).toBe('algo-2');
    expect(tailsOf(...calm, ['algo-3', 'algo-3-1', 'Fatal: out of disk', 1]).telling().host).toBe('algo-3');
    expect(tailsOf().telling()).toEqual({ lines: [] });
  });
});

describe('a host that was started again', () => {
  test('has the lines of its last start, in whichever order they come', () => {
    const tails = tailsOf(
      ['algo-1', 'algo-1-9', 'first', 1],
      ['algo-1', 'algo-1-10', 'second', 2],
      ['algo-1', 'algo-1-9', 'late', 1],
    );
    expect(tails.telling()).toEqual({ host: 'algo-1', lines: ['second'] });
  });

  const TWO: readonly Line[] = [
    ['algo-1', 'algo-1-1', TRACEBACK, 10],
    ['algo-2', 'algo-2-1', 'waiting', 30],
  ];

  test('and wrote nothing since does not stand for the job: another host does', () => {
    expect(tailsOf(...TWO).telling({ restartedAt: 20 })).toEqual({ host: 'algo-2', lines: ['waiting'] });
    const lastStream = (host: string) => (host === 'algo-1' ? 'algo-1-2' : 'algo-2-1');
    expect(tailsOf(...TWO).telling({ lastStream })).toEqual({ host: 'algo-2', lines: ['waiting'] });
  });

  test('with all others is said to be so', () => {
    expect(tailsOf(...TWO).telling({ restartedAt: 40 })).toEqual({
      host: 'algo-1',
      lines: [TRACEBACK],
      beforeRestart: true,
    });
  });
});
