import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JobMetrics } from '../../../../src/stages/train/job-metrics.js';

const LOSS = [{ name: 'loss', regex: 'loss=(\\S*)' }];

type Line = readonly [host: string, text: string, at: number];

const seriesOf = (lines: readonly Line[]): readonly number[] => {
  const metrics = new JobMetrics(LOSS);
  for (const [host, text, at] of lines) metrics.push(host, [text], [at]);
  return metrics.series[0]?.values ?? [];
};

describe('a metric that several hosts print', () => {
  test('is one series in the order of time, hosts in the order of their names at one moment', () => {
    expect(
      seriesOf([
        ['algo-10', 'loss=4', 1000],
        ['algo-10', 'loss=6', 3000],
        ['algo-2', 'loss=3', 1000],
        ['algo-2', 'loss=5', 2000],
        ['algo-1', 'loss=2', 1000],
        ['algo-1', 'loss=1', 500],
        ['algo-1', 'no number', 600],
        ['algo-1', 'loss=nan', 700],
      ]),
    ).toEqual([2, 1, 3, 4, 5, 6]);
  });

  test('is the same in whatever order the hosts’ lines arrive', () => {
    const host = (name: string) =>
      fc
        .array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 5 })), { maxLength: 20 })
        .map((points) => points.map(([value, at]): Line => [name, `loss=${value}`, at]));
    const turns = fc.array(fc.nat(2), { maxLength: 60 });
    fc.assert(
      fc.property(host('algo-1'), host('algo-2'), host('algo-3'), turns, (one, two, three, order) => {
        const hosts = [one, two, three];
        const left = hosts.map((lines) => [...lines]);
        const mixed = [...order.flatMap((index) => left[index]?.splice(0, 1) ?? []), ...left.flat()];
        expect(seriesOf(mixed)).toEqual(seriesOf(hosts.flat()));
      }),
    );
  });

  test('keeps its first values and the very last, whichever host has it', () => {
    const many = (host: string, offset: number): Line[] =>
      Array.from({ length: 15_000 }, (_, n) => [host, `loss=${n}`, 2 * n + offset]);
    const values = seriesOf([...many('algo-2', 1), ...many('algo-1', 0), ['algo-1', 'loss=-1', 1e6]]);
    expect(values).toHaveLength(10_000);
    expect(values.slice(0, 4)).toEqual([0, 0, 1, 1]);
    expect(values.at(-1)).toBe(-1);
  });
});

test.each([1, 7, 4_000, 9_999, 10_000, 10_001, 25_000])(
  'a long metric is the same in parts of %d lines, and has the last value though further lines have none',
  (size) => {
    const lines = Array.from({ length: 24_000 }, (_, n) => (n < 23_990 ? `loss=${n}` : 'done'));
    const metrics = new JobMetrics(LOSS);
    for (let from = 0; from < lines.length; from += size) {
      const part = lines.slice(from, from + size);
      metrics.push(
        'algo-1',
        part,
        part.map((_, n) => from + n),
      );
    }
    const values = metrics.series[0]?.values ?? [];
    expect(values).toEqual([...Array.from({ length: 9_999 }, (_, n) => n), 23_989]);
  },
);

test('a metric of one host is as it wrote it', () => {
  expect(
    seriesOf([
      ['algo-1', 'loss=1', 5],
      ['algo-1', 'loss=3', 4],
      ['algo-1', 'loss=2', 6],
    ]),
  ).toEqual([1, 3, 2]);
});
