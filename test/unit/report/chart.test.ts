import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mermaidChart, sparkline } from '../../../src/report/chart.js';

describe('a line of bars', () => {
  test.each([
    [[1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇█'],
    [[8, 1], '█▁'],
    [[3, 3, 3], '▅▅▅'],
    [[1, Number.NaN, 2], '▁█'],
    [[-Number.MAX_VALUE, Number.MAX_VALUE], '▁█'],
    [[1], ''],
    [[], ''],
    [[Number.NaN, Number.POSITIVE_INFINITY], ''],
  ])('of %p is %s', (values, bars) => {
    expect(sparkline(values)).toBe(bars);
  });

  test('is at most sixteen wide and has the first and the last', () => {
    expect(sparkline(Array.from({ length: 10_000 }, (_, index) => index))).toMatch(/^▁.{14}█$/u);
  });
});

describe('a chart', () => {
  test('needs two numbers', () => {
    for (const values of [[], [1], [Number.NaN, 1]]) expect(mermaidChart(values)).toBeUndefined();
  });

  test('is a fence of numbers and constant words, whatever the values are', () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 1e308, -1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 2, maxLength: 200 }), (values) => {
        const chart = mermaidChart(values);
        if (values.filter(Number.isFinite).length < 2) {
          expect(chart).toBeUndefined();
          return;
        }
        const lines = chart?.split('\n') ?? [];
        expect([lines[0], lines[2], lines.at(-1)]).toEqual(['```mermaid', 'xychart-beta', '```']);
        expect(lines[3]).toMatch(/^ {2}x-axis "values" 1 --> \d+$/);
        expect(lines[4]).toMatch(/^ {2}y-axis ("× 10\^-?\d+" )?-?\d+(\.\d+)? --> -?\d+(\.\d+)?$/);
        expect(lines[5]).toMatch(/^ {2}line \[-?\d+(\.\d+)?(, -?\d+(\.\d+)?)*\]$/);
        expect((lines[5]?.match(/,/g) ?? []).length).toBeLessThan(60);
        expect(lines).toHaveLength(7);
      }),
    );
  });

  test('of equal values has an axis with a length', () => {
    expect(mermaidChart([3, 3])).toContain('y-axis 2 --> 4');
  });

  test('of very large and very small numbers takes their power of ten out', () => {
    expect(mermaidChart([1e9, 2e9])).toContain('y-axis "× 10^9" 1 --> 2');
    expect(mermaidChart([1e-5, 2e-5])).toContain('y-axis "× 10^-5" 1 --> 2');
  });
});
