import { describe, expect, test } from '@jest/globals';
import { LineCount } from '../../bench/line-count.js';
import { sampleLine } from '../../bench/sample-lines.js';

const HOSTS = ['algo-1', 'algo-2'];
const written = (host: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `${host} | ${sampleLine(host, from + n)}\n`).join('');
const count = (...texts: string[]) => {
  const lines = new LineCount(HOSTS, 3);
  const ended = texts.map((text) => lines.push(text));
  return { ended, total: lines.end() };
};

test('all lines are counted, whatever is between them and wherever the text is cut', () => {
  const text = `Starting.\n${written('algo-1', 1, 2)}${written('algo-2', 1, 3)}Took 3 s.\n${written('algo-1', 3, 3)}`;
  for (let cut = 0; cut <= text.length; cut += 1) {
    const { ended, total } = count(text.slice(0, cut), text.slice(cut));
    expect(total).toBe(6);
    expect((ended[0] ?? 0) + (ended[1] ?? 0)).toBe(6);
  }
});

describe('what is not right is an error', () => {
  const all = written('algo-2', 1, 3);
  test.each([
    ['a line that is missing', written('algo-1', 1, 1) + written('algo-1', 3, 3) + all],
    ['the last line that is missing', written('algo-1', 1, 2) + all],
    ['a host that is missing', written('algo-1', 1, 3)],
    ['a line that is there twice', written('algo-1', 1, 2) + written('algo-1', 2, 3) + all],
    [
      'lines in another order',
      written('algo-1', 2, 2) + written('algo-1', 1, 1) + written('algo-1', 3, 3) + all,
    ],
    ['a line too many', written('algo-1', 1, 4) + all],
    ['a line that is cut', written('algo-1', 1, 3).replace(' samples/s', '') + all],
    ['a host that nobody knows', written('algo-1', 1, 3) + all + written('algo-3', 1, 1)],
  ])('%s', (_, text) => {
    expect(() => count(text)).toThrow();
  });
});
