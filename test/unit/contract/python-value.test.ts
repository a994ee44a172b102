import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeJson, encodeJson, stringOf } from '../../../src/contract/python-value.js';

/** text → what `json.dumps(json.loads(text))` and `str(json.loads(text))` give in Python 3. */
const FACTS: readonly (readonly [text: string, json: string, str: string])[] = [
  ['10', '10', '10'],
  ['1.0', '1.0', '1.0'],
  ['0.1000', '0.1', '0.1'],
  ['1e-5', '1e-05', '1e-05'],
  ['0.00001', '1e-05', '1e-05'],
  ['0.0001', '0.0001', '0.0001'],
  ['1E5', '100000.0', '100000.0'],
  ['1e15', '1000000000000000.0', '1000000000000000.0'],
  ['1e16', '1e+16', '1e+16'],
  ['1e22', '1e+22', '1e+22'],
  ['123456789012345680.0', '1.2345678901234568e+17', '1.2345678901234568e+17'],
  ['12345678901234567890', '12345678901234567890', '12345678901234567890'],
  ['100000000000000000000000', '100000000000000000000000', '100000000000000000000000'],
  ['-0', '0', '0'],
  ['-0.0', '-0.0', '-0.0'],
  ['1e400', 'Infinity', 'inf'],
  ['NaN', 'NaN', 'nan'],
  ['-Infinity', '-Infinity', '-inf'],
  ['true', 'true', 'True'],
  ['false', 'false', 'False'],
  ['null', 'null', 'None'],
  [' 7 ', '7', '7'],
  ['"adam"', '"adam"', 'adam'],
  [
    '[1, 2.50, "it\'s", "a\\"b", null, true]',
    '[1,2.5,"it\'s","a\\"b",null,true]',
    '[1, 2.5, "it\'s", \'a"b\', None, True]',
  ],
  ['{"b": 1, "a": {"z": 1.0}}', '{"a":{"z":1.0},"b":1}', "{'b': 1, 'a': {'z': 1.0}}"],
  ['{"a":1,"a":2}', '{"a":2}', "{'a': 2}"],
  ['["größe", "😀", "a\\nb"]', '["gr\\u00f6\\u00dfe","\\ud83d\\ude00","a\\nb"]', "['größe', '😀', 'a\\nb']"],
  [
    '["\\u0001", "\\u00ad", "\\u200b", "a\\\\b", "\\u007f"]',
    '["\\u0001","\\u00ad","\\u200b","a\\\\b","\\u007f"]',
    "['\\x01', '\\xad', '\\u200b', 'a\\\\b', '\\x7f']",
  ],
];

/** What is no JSON to Python either is the text itself. */
const TEXTS = ['adam', '', '007', '1_000', 'True', "{'a': 1}", '[1,]', '.5', '+1', '0x1F', '"open'];

describe('A value as Python’s json reads and writes it', () => {
  test.each(FACTS)('%s', (text, json, str) => {
    expect([encodeJson(decodeJson(text)), stringOf(decodeJson(text))]).toEqual([json, str]);
  });

  test.each(TEXTS)('%j is a text', (text) => {
    expect(decodeJson(text)).toBe(text);
  });

  test('is the same JSON value again, whatever it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written = encodeJson(decodeJson(JSON.stringify(value)));
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(written).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});
