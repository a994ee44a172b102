import { expect, test } from '@jest/globals';
import { bytes, seconds, shortest } from '../../../../src/contract/checks/words.js';

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
