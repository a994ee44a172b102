import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { excerpt, LEVELS, utf8Bytes, withinBudget } from '../../../src/report/budget.js';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index}`);

describe('an excerpt of lines', () => {
  test('is all of them when they fit', () => {
    expect(excerpt(['a', '', '<b>'], 1_000)).toEqual({ html: 'a\n&#32;\n&lt;b&gt;', shown: 3, leftOut: 0 });
    expect(excerpt([], 1_000)).toEqual({ html: '', shown: 0, leftOut: 0 });
  });

  test('is the beginning and, above all, the end', () => {
    const { html, shown, leftOut } = excerpt(numbered(100_000), 1_000);
    expect(html).toMatch(/^line 0\n/);
    expect(html).toMatch(/\nline 99999$/);
    expect(html).toMatch(/\n… 99,\d{3} lines left out …\n/);
    expect(shown + leftOut).toBe(100_000);
    const [head = '', tail = ''] = html.split(/\n…[^\n]*…\n/);
    expect(tail.length).toBeGreaterThan(2 * head.length);
  });

  test('shows so many lines as it says, within its bytes but for the note', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 100 }),
        fc.integer({ min: 0, max: 5_000 }),
        (lines, bytes) => {
          const { html, shown, leftOut } = excerpt(lines, bytes);
          expect(shown + leftOut).toBe(lines.length);
          expect(utf8Bytes(html)).toBeLessThanOrEqual(bytes + 60);
          const rows = html === '' ? 0 : html.split('\n').length;
          expect(rows).toBe(shown + (leftOut > 0 ? 1 : 0));
        },
      ),
    );
  });
});

describe('the most detailed rendering that fits', () => {
  test('is chosen', () => {
    const render = (limits: { rows: number }) => 'x'.repeat(limits.rows);
    expect(withinBudget(1_000, 'core ', render)).toHaveLength(505);
    expect(withinBudget(110, 'core ', render)).toHaveLength(105);
    expect(withinBudget(3, 'core ', render)).toBe('core ');
  });

  test('counts bytes, not characters', () => {
    expect(withinBudget(200, '', ({ rows }) => '😀'.repeat(rows))).toHaveLength(2 * 25);
  });

  test('has ever less, level by level', () => {
    for (const [index, limits] of LEVELS.slice(1).entries()) {
      for (const key of ['blockBytes', 'fieldCharacters', 'rows', 'charts'] as const) {
        expect(limits[key]).toBeLessThanOrEqual(LEVELS[index]?.[key] ?? 0);
      }
    }
  });
});
