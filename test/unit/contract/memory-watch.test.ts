import { expect, test } from '@jest/globals';
import { parseMemoryUse } from '../../../src/contract/memory-watch.js';

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
