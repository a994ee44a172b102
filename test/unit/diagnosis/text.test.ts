import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { excerpt, named, searchable } from '../../../src/diagnosis/text.js';

describe('a line to search', () => {
  test('has no colours, links or line end, and keeps the carriage return within', () => {
    expect(searchable('\u001b[1;31merror\u001b[0m: \u001b]8;;https://x\u0007link\u001b]8;;\u0007\r\n')).toBe(
      'error: link',
    );
    expect(searchable("env: 'python3\r': No such file")).toBe("env: 'python3\r': No such file");
  });

  test('is at most a thousand characters: the beginning and the end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 0, maxLength: 6_000, size: 'max' }), (line) => {
        expect(searchable(line).length).toBeLessThanOrEqual(1_000);
      }),
    );
    const long = searchable(`first ${'x'.repeat(1 << 20)} last`);
    expect(long).toMatch(/^first x+ … x+ last$/);
  });
});

describe('an excerpt', () => {
  test('is one line without controls, around the place that counts', () => {
    expect(excerpt('a\u0000b\u202ec\nd')).toBe('a b c d');
    expect(excerpt(`${'x'.repeat(500)} here ${'y'.repeat(500)}`, 100, 501)).toMatch(/^…x+ here y+…$/);
    expect(excerpt('x'.repeat(1_000), 100)).toHaveLength(100 - 1);
  });
});

test('a name in a sentence has only what names and paths are made of', () => {
  expect(named('/opt/`$(id)`|x\n')).toBe('/opt/???id???x?');
  expect(named(undefined)).toBe('?');
  expect(named('x'.repeat(500))).toHaveLength(120);
});
