import { describe, expect, test } from '@jest/globals';
import { isExpected } from '../../../src/contract/expectation.js';

describe('what an answer is expected to hold', () => {
  test.each([
    ['text that is in it', 'setosa\nvirginica\n', 'virginica', true],
    ['text that is not', 'setosa\n', 'virginica', false],
    [
      'JSON, whatever its blanks and the order of its keys',
      '{"b":[1, 2],\n"a":1}',
      '{ "a": 1, "b": [1,2] }',
      true,
    ],
    ['JSON with another value', '{"a":1}', '{"a":2}', false],
    ['JSON with one key more', '{"a":1,"b":2}', '{"a":1}', false],
    ['an array in another order', '[1,2]', '[2,1]', false],
    ['an object where the answer is no JSON', 'a: 1', '{"a":1}', false],
    ['a number, as text', '{"prediction":[0.5]}', '0.5', true],
    ['a JSON string, as the text that it is', 'the word "yes"', '"yes"', true],
  ])('%s', (_, answer, expected, result) => {
    expect(isExpected(answer, expected)).toBe(result);
  });
});
