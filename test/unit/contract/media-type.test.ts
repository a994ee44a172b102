import { expect, test } from '@jest/globals';
import { isAccepted } from '../../../src/contract/media-type.js';

test.each([
  ['application/json', 'application/json', true],
  ['application/json', 'application/json; charset=utf-8', true],
  ['Text/CSV', 'text/csv', true],
  ['text/csv, application/json;q=0.5', 'application/json', true],
  ['text/*', 'text/html', true],
  ['*/*', 'image/png', true],
  ['application/json', 'text/html', false],
  ['text/*', 'application/json', false],
  ['application/json', undefined, false],
])('%s asks for %s: %s', (accept, answer, expected) => {
  expect(isAccepted(accept, answer)).toBe(expected);
});
