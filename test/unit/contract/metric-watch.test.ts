import { describe, expect, test } from '@jest/globals';
import { MetricWatch } from '../../../src/contract/metric-watch.js';

function watch(regex: string, ...lines: readonly string[]) {
  const metrics = new MetricWatch([{ name: 'm', regex }]);
  for (const line of lines) {
    metrics.push(line);
  }
  const [series] = metrics.series;
  return series;
}

describe('MetricWatch', () => {
  test('takes the first capture group of each matching line, in order', () => {
    expect(watch('loss: ([0-9.]+)', 'epoch 1 loss: 0.5', 'nothing', 'loss: 0.25 loss: 9')).toEqual({
      name: 'm',
      regex: 'loss: ([0-9.]+)',
      values: [0.5, 0.25],
      matches: 2,
    });
  });

  test.each([
    ['1', 1],
    ['-2.5', -2.5],
    ['1e-3', 0.001],
    ['+.5', 0.5],
    [' 7 ', 7],
  ])('reads %j as a number', (text, value) => {
    expect(watch('=(.*)', `x=${text}`)?.values).toEqual([value]);
  });

  test.each(['nan', 'inf', '', ' ', '0,5', '12%', 'Infinity', 'NaN'])('takes %j for no number', (text) => {
    expect(watch('=(.*)', `x=${text}`)).toMatchObject({ values: [], matches: 1, notANumber: text });
  });

  test('remembers the first text that is no number, beside the ones that are', () => {
    expect(watch('=(.*)', 'x=1', 'x=nan', 'x=oops', 'x=2')).toMatchObject({
      values: [1, 2],
      matches: 4,
      notANumber: 'nan',
    });
  });

  test('takes a group that did not take part for no number', () => {
    expect(watch('a(\\d)?', 'a')).toMatchObject({ matches: 1, notANumber: '' });
  });

  test('applies every definition to every line', () => {
    const metrics = new MetricWatch([
      { name: 'a', regex: 'a=(\\d)' },
      { name: 'b', regex: 'b=(\\d)' },
      { name: 'never', regex: 'c=(\\d)' },
    ]);
    metrics.push('a=1 b=2');
    expect(metrics.series.map(({ name, values, matches }) => [name, values, matches])).toEqual([
      ['a', [1], 1],
      ['b', [2], 1],
      ['never', [], 0],
    ]);
  });

  test('searches the first 8 KiB of a line, so that a line of megabytes does not stall the run', () => {
    const at = 8 * 1024;
    expect(watch('x=(\\d)', `${' '.repeat(at - 3)}x=1`)?.matches).toBe(1);
    expect(watch('x=(\\d)', `${' '.repeat(at - 2)}x=1`)?.matches).toBe(0);
  });

  test('keeps 10,000 values, of which the last is the newest', () => {
    const lines = Array.from({ length: 12_000 }, (_, index) => `x=${index}`);
    const series = watch('x=(\\d+)', ...lines);
    expect(series?.matches).toBe(12_000);
    expect(series?.values).toHaveLength(10_000);
    expect(series?.values.at(0)).toBe(0);
    expect(series?.values.at(-1)).toBe(11_999);
  });
});
