import { expect, test } from '@jest/globals';
import { bytes, duration, grouped, number, plural } from '../../../src/report/format.js';

test.each([
  [0, '0.0 s'],
  [0.01, '< 0.1 s'],
  [0.449, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [3_599.4, '59 min 59 s'],
  [3_600, '1 h 0 min'],
  [90_061, '25 h 1 min'],
  [-1, '–'],
  [Number.NaN, '–'],
  [Number.POSITIVE_INFINITY, '–'],
])('%p seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [812_345_678, '812 MB'],
  [5e15, '5000 TB'],
  [-1, '–'],
  [Number.NaN, '–'],
])('%p bytes are %s', (count, text) => {
  expect(bytes(count)).toBe(text);
});

test.each([
  [0.1 + 0.2, '0.3'],
  [1 / 3, '0.333333'],
  [187_402, '187402'],
  [1e21, '1.00000e+21'],
  [1e-9, '1e-9'],
  [-0.5, '-0.5'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
])('the number %p is %s', (value, text) => {
  expect(number(value)).toBe(text);
});

test('counts have their digits in groups and their nouns in number', () => {
  expect([0, 12, 123, 1_234, 1_234_567].map(grouped)).toEqual(['0', '12', '123', '1,234', '1,234,567']);
  expect([
    plural(1, 'check'),
    plural(0, 'check'),
    plural(2_000, 'check'),
    plural(2, 'check was', 'checks were'),
  ]).toEqual(['1 check', '0 checks', '2,000 checks', '2 checks were']);
});
