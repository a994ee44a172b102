import { describe, expect, test } from '@jest/globals';
import { bytes, foldRepeats, seconds, shortest, tail } from '../../../../src/contract/checks/words.js';

test.each([
  [0, '1 ms'],
  [0.0004, '1 ms'],
  [0.05, '50 ms'],
  [0.949, '949 ms'],
  [0.95, '0.9 s'],
  [1, '1.0 s'],
  [9.94, '9.9 s'],
  [10, '10 s'],
  [599.6, '600 s'],
])('%d seconds are written as %s', (value, words) => {
  expect(seconds(value)).toBe(words);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1024 ** 2 * 1.5, '1.5 MiB'],
  [1024 ** 3, '1.0 GiB'],
  [1024 ** 4 * 2, '2048.0 GiB'],
])('%d bytes are written as %s', (value, words) => {
  expect(bytes(value)).toBe(words);
});

test('a text is cut only when it is longer, and then says so', () => {
  expect(shortest('abcde', 5)).toBe('abcde');
  expect(shortest('abcdef', 5)).toBe('abcd…');
});

describe('lines that repeat', () => {
  const two = (count: number) => String(count % 60).padStart(2, '0');
  test.each<[string, (count: number) => string]>([
    ['Flask', (count) => `172.18.0.1 - - [02/Jan/2026 03:04:${two(count)}] "GET /ping HTTP/1.1" 404 -`],
    [
      'gunicorn',
      (count) => `172.18.0.1 - - [02/Jan/2026:03:04:${two(count)} +0000] "GET /ping HTTP/1.1" 404 9`,
    ],
    ['uvicorn', (count) => `INFO:     172.18.0.1:${40_000 + count} - "GET /ping HTTP/1.1" 404 Not Found`],
    ['a JSON log', (count) => `{"at":"2026-01-02T03:04:${two(count)}.5Z","path":"/ping"}`],
  ])('and differ in their time only are one, with their number: %s', (_server, line) => {
    const lines = ['started', ...Array.from({ length: 100 }, (_, count) => line(count)), 'ended'];
    expect(tail(lines)).toEqual(['started', `${line(0)} … [100 times]`, 'ended']);
  });

  test.each([
    { lines: ['epoch 1 loss 0.5', 'epoch 2 loss 0.4', 'epoch 3 loss 0.3'] },
    { lines: ['10.0.0.1 503', '10.0.0.1 404', '10.0.0.1 503'] },
    { lines: ['twice', 'twice', 'else', 'twice'] },
    { lines: ['', '', '', ''] },
  ])('only so: $lines', ({ lines }) => {
    expect(foldRepeats(lines)).toEqual(lines);
  });
});
