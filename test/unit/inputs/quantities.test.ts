import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Field, Problems } from '../../../src/inputs/problems.js';
import { parseBoolean, parseDuration, parseInteger, parseMemory } from '../../../src/inputs/quantities.js';

function parse<Value>(text: string, read: (field: Field) => Value) {
  const problems = new Problems();
  return { value: read(new Field('smoke-timeout', text, problems)), problems: problems.found };
}

const day = { min: 1, max: 86_400 };

describe('a duration', () => {
  test.each([
    ['90', 90],
    [' 90 ', 90],
    ['90s', 90],
    ['10m', 600],
    ['1h', 3_600],
    ['1h30m', 5_400],
    ['1H30M5S', 5_405],
    ['24h', 86_400],
    ['1d', 86_400],
    ['0d1h', 3_600],
    ['1', 1],
    ['0h1s', 1],
    ['', 7],
  ])('%j is %d seconds', (text, seconds) => {
    expect(parse(text, (field) => parseDuration(field, day, 7))).toEqual({ value: seconds, problems: [] });
  });

  test.each(['ten', '10 m', '1.5h', '-1', '1m1h', '10min', 's', '1e3', '٣', '0x10', '9999999999'])(
    '%j is none',
    (text) => {
      expect(parse(text, (field) => parseDuration(field, day, 7)).problems).toEqual([
        expect.objectContaining({ value: text, rule: expect.stringContaining('Is not a duration') }),
      ]);
    },
  );

  test.each(['0', '0s', '86401', '24h1s', '1d1s', '999999h'])(
    '%j is out of range, and the range is told',
    (text) => {
      expect(parse(text, (field) => parseDuration(field, day, 7)).problems).toEqual([
        expect.objectContaining({
          rule: expect.stringContaining('Must be from 1 to 86400 seconds; this is '),
        }),
      ]);
    },
  );

  test.each([
    [{ min: 1, max: 86_400 }, 'Write a duration from 1 second to 24 hours.'],
    [{ min: 60, max: 28 * 86_400 }, 'Write a duration from 1 minute to 28 days.'],
    [{ min: 90, max: 21_600 }, 'Write a duration from 90 seconds to 6 hours.'],
  ])('out of %j has a range in words as its fix', (range, fix) => {
    expect(parse('0', (field) => parseDuration(field, range, 7)).problems).toEqual([
      expect.objectContaining({ fix }),
    ]);
  });

  test('any hours, minutes and seconds within the range add up', () => {
    fc.assert(
      fc.property(fc.nat(22), fc.nat(59), fc.integer({ min: 1, max: 59 }), (hours, minutes, seconds) => {
        expect(parse(`${hours}h${minutes}m${seconds}s`, (field) => parseDuration(field, day, 7)).value).toBe(
          hours * 3_600 + minutes * 60 + seconds,
        );
      }),
    );
  });
});

describe('an amount of memory', () => {
  test.each([
    ['4g', 4 * 2 ** 30],
    ['512m', 512 * 2 ** 20],
    ['512M', 512 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['1 GB', 2 ** 30],
    ['8388608', 8_388_608],
    ['8388608b', 8_388_608],
    ['6144k', 6 * 2 ** 20],
    ['1t', 2 ** 40],
    ['', undefined],
  ])('%j is %p bytes', (text, bytes) => {
    expect(parse(text, parseMemory)).toEqual({ value: bytes, problems: [] });
  });

  test.each([
    ['4', 'Is 4 bytes; Docker starts no container with less than 6 MiB.'],
    ['5m', 'Is 5242880 bytes; Docker starts no container'],
    ['lots', "Is not an amount of memory in Docker's notation."],
    ['4 gigs', "Is not an amount of memory in Docker's notation."],
    ['-1g', "Is not an amount of memory in Docker's notation."],
    ['999999999999999t', 'Is more memory than any machine has.'],
  ])('%j is wrong: %s', (text, rule) => {
    expect(parse(text, parseMemory).problems).toEqual([
      expect.objectContaining({ value: text, rule: expect.stringContaining(rule) }),
    ]);
  });
});

describe('a whole number', () => {
  test.each(['1', '20', ' 3 '])('%j is in range', (text) => {
    expect(parse(text, (field) => parseInteger(field, { min: 1, max: 20 }, 1))).toEqual({
      value: Number(text),
      problems: [],
    });
  });

  test.each(['0', '21', '-1', '1.0', '2x', 'two', '1e1', '0x1', '99999999999'])('%j is not', (text) => {
    expect(parse(text, (field) => parseInteger(field, { min: 1, max: 20 }, 1)).problems).toEqual([
      expect.objectContaining({ rule: 'Must be a whole number from 1 to 20.', value: text }),
    ]);
  });
});

describe('a boolean', () => {
  test.each([
    ['true', true],
    ['True', true],
    ['TRUE', true],
    ['false', false],
    ['False', false],
    ['FALSE', false],
    ['', true],
  ])('%j is %p', (text, value) => {
    expect(parse(text, (field) => parseBoolean(field, true))).toEqual({ value, problems: [] });
  });

  test.each(['yes', 'on', '1', '0', 'no', 'tRue'])('%j is none', (text) => {
    expect(parse(text, (field) => parseBoolean(field, true)).problems).toEqual([
      expect.objectContaining({ rule: 'Must be `true` or `false`.', value: text }),
    ]);
  });
});
