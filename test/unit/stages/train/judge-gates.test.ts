import { expect, test } from '@jest/globals';
import type { MetricGate } from '../../../../src/plan.js';
import { judgeGates } from '../../../../src/stages/train/judge-gates.js';

const gate = (operator: MetricGate['operator'], value: number): MetricGate => ({
  metric: 'loss',
  operator,
  value,
});

test.each([
  ['<=', true],
  ['>=', true],
  ['==', true],
  ['<', false],
  ['>', false],
  ['!=', false],
] as const)('a final value of the same 32 bits is equal: %s is %s', (operator, passed) => {
  for (const value of [Math.fround(0.2), 0.2]) {
    const [result] = judgeGates([gate(operator, 0.2)], { finalMetrics: [{ name: 'loss', value }] });
    expect(result?.passed).toBe(passed);
  }
});

test('the log’s last value counts where SageMaker has kept its 32 bits', () => {
  const values = {
    finalMetrics: [{ name: 'loss', value: Math.fround(0.200000001) }],
    series: [{ name: 'loss', values: [0.5, 0.200000001] }],
  };
  expect(judgeGates([gate('<=', 0.2), gate('>', 0.2)], values)).toMatchObject([
    { actual: 0.200000001, passed: false },
    { actual: 0.200000001, passed: true },
  ]);
});

test('SageMaker’s value counts where the log’s last one is another', () => {
  const values = {
    finalMetrics: [{ name: 'loss', value: 0.2 }],
    series: [{ name: 'loss', values: [0.5] }],
  };
  expect(judgeGates([gate('<', 0.3)], values)).toMatchObject([{ actual: 0.2, passed: true }]);
});

test('the log’s last value counts where SageMaker has none, and nothing never holds', () => {
  const series = [{ name: 'loss', values: [0.5, 0.1] }];
  expect(judgeGates([gate('<', 0.3)], { finalMetrics: [], series })).toMatchObject([
    { actual: 0.1, passed: true },
  ]);
  expect(judgeGates([gate('!=', 0.3)], { finalMetrics: [] })).toMatchObject([{ passed: false }]);
});
