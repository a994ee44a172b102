import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderJson } from '../../../src/report/json-report.js';
import { failing, filledWith, green } from './samples.js';
import { anyText } from './texts.js';

describe('the JSON report', () => {
  test.each(Object.entries({ green, failing }))('of the run %s is the record', (_name, record) => {
    expect(JSON.parse(renderJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
  });

  test('begins with its version and ends with a line feed', () => {
    expect(renderJson(green)).toMatch(/^\{\n {2}"version": 1,\n {2}"outcome": "passed",/);
    expect(renderJson(green)).toMatch(/\n\}\n$/);
  });

  test('has null for what is no number', () => {
    const metrics = [{ name: 'loss', values: [1, Number.NaN, Number.POSITIVE_INFINITY] }];
    expect(JSON.parse(renderJson({ ...green, metrics })).metrics).toEqual([
      { name: 'loss', values: [1, null, null] },
    ]);
  });

  test('can be printed, and holds every text as it was, but for lone surrogates', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = renderJson(filledWith(text));
        expect(json).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/);
        expect(json.isWellFormed()).toBe(true);
        expect(JSON.parse(json).failure.message).toBe(text.toWellFormed());
      }),
    );
  });
});
