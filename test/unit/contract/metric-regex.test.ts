import { expect, test } from '@jest/globals';
import { metricRegex } from '../../../src/contract/metric-regex.js';

test.each([
  ['(?:x+x+)+([0-9])', 'x'],
  ['(?:a+)+b=([0-9]+)$', 'a'],
  ['(?:a|aa)+=([0-9])', 'a'],
  ['.*.*.*.*=([0-9.]+);', 'x=x'],
])('%s is searched for in moments, however it goes back and forth', (source, part) => {
  const regex = metricRegex(source);
  const started = performance.now();
  for (const length of [30, 100, 8_000]) expect(regex.exec(part.repeat(length / part.length))).toBeNull();
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('what it finds is the same', () => {
  expect(metricRegex('(?:x+x+)+([0-9])').exec(`${'x'.repeat(8_000)}y${'x'.repeat(100)}7`)?.[1]).toBe('7');
  expect(metricRegex('loss=([0-9.]+)').exec('loss=0.25 loss=9')?.[1]).toBe('0.25');
});
