import { describe, expect, test } from '@jest/globals';
import { costOf, dollars, spotSaving } from '../../../src/report/cost.js';
import { jobCompleted } from './job-samples.js';

describe('a cost', () => {
  test('is the billed time of all instances at the price of an hour', () => {
    expect(costOf(1800, 4, 1.408, 'the list')).toEqual({
      usd: 2.816,
      hourlyPrice: 1.408,
      source: 'the list',
    });
  });

  test.each([
    [Number.NaN, 1, 1],
    [10, 1, Number.POSITIVE_INFINITY],
    [-5, 1, 1],
  ])('of %d seconds on %d at %d is not known', (seconds, count, price) => {
    expect(costOf(seconds, count, price, '')).toBeUndefined();
  });

  test.each([
    [0, '0 USD'],
    [0.00001, '< 0.0001 USD'],
    [0.00421, '0.0042 USD'],
    [0.0999, '0.10 USD'],
    [0.126, '0.13 USD'],
    [12.5, '12.50 USD'],
    [12345.678, '12,345.68 USD'],
    [Number.NaN, '–'],
  ])('of %d dollars is written %s', (usd, text) => {
    expect(dollars(usd)).toBe(text);
  });
});

describe('what spot saves', () => {
  const job = jobCompleted.job;
  if (job === undefined) throw new Error('the sample has no job');

  test.each([
    [true, 1000, 300, 0.7],
    [true, 1000, 1000, 0],
    [false, 1000, 300, undefined],
    [true, 0, 0, undefined],
    [true, 100, 300, undefined],
  ])('with spot %s, %d trained and %d billed is %d', (spot, trainingSeconds, billableSeconds, saving) => {
    expect(spotSaving({ ...job, spot, trainingSeconds, billableSeconds })).toBe(saving);
  });
});
