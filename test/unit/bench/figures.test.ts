import { describe, expect, test } from '@jest/globals';
import { median, mostWithin, seededRandom } from '../../bench/figures.js';

describe('the median', () => {
  test('is the middle, or half way between the two in the middle', () => {
    expect(median([9, 1, 10])).toBe(9);
    expect(median([4, 1, 10, 2])).toBe(3);
    expect(median([7])).toBe(7);
  });

  test('of nothing is an error, not a figure', () => {
    expect(() => median([])).toThrow();
  });
});

describe('the most within a window', () => {
  test('is found wherever the window begins', () => {
    expect(mostWithin([0, 900, 1_000, 1_100, 1_899, 3_000], 1_000)).toBe(4);
    expect(mostWithin([5, 5, 5], 1)).toBe(3);
    expect(mostWithin([3_000, 0, 1_000, 2_000], 1_000)).toBe(1);
    expect(mostWithin([], 1_000)).toBe(0);
  });
});

test('chance by a seed is the same each time, and spread from 0 to 1', () => {
  const numbers = (seed: number) => Array.from({ length: 1_000 }, seededRandom(seed));
  expect(numbers(1)).toEqual(numbers(1));
  expect(numbers(1)).not.toEqual(numbers(2));
  const all = numbers(1);
  expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...all)).toBeLessThan(1);
  expect(median(all)).toBeGreaterThan(0.4);
  expect(median(all)).toBeLessThan(0.6);
});
