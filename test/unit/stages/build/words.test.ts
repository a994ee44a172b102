import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { code, commandLine, list } from '../../../../src/stages/build/words.js';

describe('a code span', () => {
  test('is one line, cut, and cannot be ended by what is in it', () => {
    expect(code('RUN a \\\n\t b')).toBe('`RUN a \\ b`');
    expect(code('a`b`<!--')).toBe("`a'b'<!--`");
    expect(code('x'.repeat(50), 10)).toBe(`\`${'x'.repeat(9)}…\``);
  });
});

test('a list reads like a sentence', () => {
  expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual([
    '',
    '`a`',
    '`a` and `b`',
    '`a`, `b` and `c`',
  ]);
});

describe('a command line', () => {
  test('stays on one line and gives the same words back in bash', () => {
    const word = fc.oneof(
      fc.string({ minLength: 0 }),
      fc.string({
        unit: fc.constantFrom("'", '"', '\\', '\n', '\r', '\t', '$', '`', '!', ' ', 'a', '1', 'ü', '\x01'),
      }),
    );
    const words = fc.sample(word, 500).map((one) => one.replaceAll('\0', ''));
    const line = commandLine(words);
    expect(line).not.toMatch(/[\n\r]/);
    const given = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`]).toString();
    expect(given.split('\0').slice(0, -1)).toEqual(words);
  });
});
