import { describe, expect, test } from '@jest/globals';
import { CrashWatch } from '../../../../src/stages/deploy/crash-watch.js';

/** Prints each start's lines, so many milliseconds apart. */
function watch(starts: readonly (readonly string[])[], apart = 10_000): CrashWatch {
  const crashes = new CrashWatch('AllTraffic');
  starts.forEach((lines, index) => {
    for (const line of lines) crashes.push(line, 1_000_000 + index * apart);
  });
  return crashes;
}

const times = (count: number, lines: (start: number) => readonly string[]) =>
  Array.from({ length: count }, (_, start) => lines(start));

const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "serve.py", line 2, in <module>',
  "ModuleNotFoundError: No module named 'torch'",
];

describe('a crash loop is seen', () => {
  test.each([
    ['in tracebacks', times(3, () => TRACEBACK)],
    [
      'after a banner with the time',
      times(3, (start) => [`[12:00:${start}0] Starting gunicorn 20.1.0`, ...TRACEBACK]),
    ],
    [
      'in chained tracebacks, which are one crash each',
      times(3, () => [
        ...TRACEBACK,
        '',
        'During handling of the above exception, another exception occurred:',
        '',
        'Traceback (most recent call last):',
        'RuntimeError: no model',
      ]),
    ],
    ['in what a shell says', times(3, () => ['/bin/sh: 1: gunicorn: not found'])],
    [
      'of gunicorn’s workers',
      times(3, (start) => [
        `[2026-01-01] [${start}] [INFO] Starting gunicorn 21.2.0`,
        ...TRACEBACK,
        `[2026-01-01] [7] [ERROR] Reason: Worker failed to boot.`,
      ]),
    ],
  ])('%s', (_, starts) => {
    expect(watch(starts).loop).toMatchObject({ variant: 'AllTraffic', lastLine: starts[0]?.at(-1) });
  });
});

describe('no crash loop is', () => {
  test.each([
    ['a container that started twice', times(2, () => TRACEBACK), 10_000],
    ['a program that tries again by itself, quickly', times(9, () => TRACEBACK), 200],
    [
      'a slow program that waits for something, and logs each failure',
      times(9, () => ['ERROR features: the store cannot be reached']),
      10_000,
    ],
    [
      'a slow program that prints the traceback of each try, and says that it tries again',
      times(9, (start) => [
        ...TRACEBACK.slice(0, 2),
        'ConnectionError: refused',
        `Retrying in 10 s (${start})`,
      ]),
      10_000,
    ],
    ['different errors', times(4, (start) => ['Starting', `Error: cause ${'abcd'[start]}`]), 10_000],
    ['a line that many workers print', times(8, () => ['Booting worker with pid: 12']), 10_000],
    [
      'a server that answers /ping with errors',
      times(9, () => ['ValueError: model is loading', '127.0.0.1 "GET /ping HTTP/1.1" 500 -']),
      10_000,
    ],
    ['a quiet log', [[]], 0],
  ])('%s', (_, starts, apart) => {
    expect(watch(starts, apart).loop).toBeUndefined();
  });
});

test('a container that serves in the end takes it back', () => {
  const crashes = watch(times(4, () => TRACEBACK));
  expect(crashes.loop).toBeDefined();
  crashes.push('10.0.0.1 "GET /ping HTTP/1.1" 200 -', 2_000_000);
  expect(crashes.loop).toBeUndefined();
});
