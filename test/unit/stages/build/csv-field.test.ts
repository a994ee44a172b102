import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvField } from '../../../../src/stages/build/csv-field.js';

/** Reads one record as RFC 4180 says. */
function read(record: string): readonly string[] {
  const fields = record.match(/"(?:[^"]|"")*"|[^,"]+|(?<=,|^)(?=,|$)/g) ?? [];
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}

test('a plain field stays as it is', () => {
  expect(csvField('src=/a/b c=d.txt')).toBe('src=/a/b c=d.txt');
});

test('separators, quotes and line breaks are quoted', () => {
  expect(csvField('src=/a,"b"')).toBe('"src=/a,""b"""');
  expect(csvField('src=/a\nb')).toBe('"src=/a\nb"');
});

test('whatever the fields hold, they are read back', () => {
  const field = fc.string({ unit: fc.constantFrom(',', '"', '\n', ' ', 'a', '='), minLength: 1 });
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), (fields) => {
      expect(read(fields.map(csvField).join(','))).toEqual(fields);
    }),
  );
});
