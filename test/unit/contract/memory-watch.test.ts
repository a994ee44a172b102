import { expect, test } from '@jest/globals';
import { MemoryPeak, parseMemoryUse } from '../../../src/contract/memory-watch.js';

test.each([
  ['12.5MiB / 1GiB\n', [12.5 * 1024 ** 2]],
  ['0B / 0B\n', [0]],
  ['900B / 7.5GiB', [900]],
  ['1.25KiB / 7.5GiB', [1280]],
  ['3.1GiB / 7.5GiB', [3.1 * 1024 ** 3]],
  ['1TiB / 2TiB', [1024 ** 4]],
  // What `docker stats` prints between two samples to move the cursor.
  [
    '\u001b[2J\u001b[H12MiB / 1GiB\u001b[K\n\u001b[J\u001b[2J\u001b[H13MiB / 1GiB\n',
    [12 * 1024 ** 2, 13 * 1024 ** 2],
  ],
  ['-- / --\n', []],
  ['', []],
])('reads %j', (text, bytes) => {
  expect(parseMemoryUse(text)).toEqual(bytes);
});

test.each<[string, readonly number[], number | undefined]>([
  ['no sample: not known', [0, 0], undefined],
  ['one sample, printed twice: perhaps of before the start, not known', [0, 745_472, 745_472], undefined],
  ['two samples: the higher', [0, 745_472, 745_472, 50_000_000, 40_000_000], 50_000_000],
  ['the first is one of two', [60_000_000, 50_000_000], 60_000_000],
  ['a use that does not change', [900, 900, 900], 900],
])('the peak of %s', (_what, uses, peak) => {
  const seen = new MemoryPeak();
  for (const use of uses) seen.push(use);
  expect(seen.bytes).toBe(peak);
});
