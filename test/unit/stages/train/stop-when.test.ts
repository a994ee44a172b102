import { expect, test } from '@jest/globals';
import { stopReason } from '../../../../src/stages/train/stop-when.js';

const LOSS = { metric: 'loss', direction: 'minimize', patience: 2 } as const;
const ACCURACY = { metric: 'accuracy', direction: 'maximize', patience: 2 } as const;

test.each([[[]], [[3]], [[3, 3]], [[3, 4, 2]], [[3, 4, 2, 2]]])('goes on after %j', (values) => {
  expect(stopReason(LOSS, values)).toBeUndefined();
});

test('stops when so many values were no better, and names the best', () => {
  expect(stopReason(LOSS, [3, 1, 1, 2])).toBe('loss has not become lower than 1 for 2 values (stop-when)');
  expect(stopReason(ACCURACY, [0.5, 0.9, 0.8, 0.9])).toBe(
    'accuracy has not become higher than 0.9 for 2 values (stop-when)',
  );
});
