import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linesOf, tame } from '../../../src/runner/tame.js';
import { runnerCommands } from '../../integration/runner-commands.js';
import { hostileText } from './hostile.js';

describe('what the runner would take for a command', () => {
  test.each([
    ['::error::x', ': :error::x'],
    ['  \t::add-mask::x', '  \t: :add-mask::x'],
    [':::error::x', ': ::error::x'],
    ['\u00a0::error::x', '\u00a0: :error::x'],
    ['look: ##[error]x', 'look: ## [error]x'],
    ['###[error]x', '### [error]x'],
    ['##[a]##[b]', '## [a]## [b]'],
    ['##VSO[task.setvariable]x', '## VSO[task.setvariable]x'],
    ['##\x1b[0m[error]x', '## [error]x'],
    [':\x1b[0m:error::x', ': :error::x'],
  ])('%j is broken up', (line, expected) => {
    expect(tame(line)).toBe(expected);
  });

  test('of no text is anything taken for a command', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = linesOf(text).map(tame).join('\n');
        expect(runnerCommands(shown)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is shown of a line', () => {
  test.each(['epoch 1: loss=0.5', 'a::b', '# heading', '[##  ]', '\tindented', 'Größe 10 µm 👩‍🔬 ✅', ''])(
    '%j stays as it is',
    (line) => {
      expect(tame(line)).toBe(line);
    },
  );

  test('colours and cursor movements go', () => {
    expect(tame('\x1b[1;31mred\x1b[0m \x1b[2K\x1b[1Aup \x1b]8;;http://x\x07link\x1b]8;;\x07')).toBe(
      'red up link',
    );
  });

  test('what cannot be seen is spelt out', () => {
    expect(tame('a\0b\x07c\u202ed\x7fe\ud800f')).toBe('a␀b␇c[U+202E]d␡e\ufffdf');
  });

  test('nothing that a terminal could obey is left, and no line end', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const line of linesOf(text).map(tame)) {
          expect(line).not.toMatch(/[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
          expect(line.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test('a long line is cut, and says so', () => {
    const line = tame('x'.repeat(1_000_000));
    expect(line).toMatch(/^x{8192} … \[cut: longer than 8192 characters\]$/);
  });
});
