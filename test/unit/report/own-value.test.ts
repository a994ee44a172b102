import { expect, test } from '@jest/globals';
import { ownValue } from '../../../src/report/own-value.js';

test('a table answers to its own names only', () => {
  const table = { Failed: 'It failed' };
  expect(ownValue(table, 'Failed')).toBe('It failed');
  for (const name of ['toString', 'valueOf', 'constructor', '__proto__', 'hasOwnProperty', '']) {
    expect(ownValue(table, name)).toBeUndefined();
  }
});
