import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { listenForCancel, whenAborted } from '../../../src/runner/cancel.js';

test.each(['SIGINT', 'SIGTERM'])('%s aborts', (name) => {
  const signals = new EventEmitter();
  const signal = listenForCancel(signals);
  expect(signal.aborted).toBe(false);
  signals.emit(name);
  expect(signal.aborted).toBe(true);
});

test('what follows is heard and changes nothing, so that the process does not die of it', () => {
  const signals = new EventEmitter();
  const signal = listenForCancel(signals);
  let aborts = 0;
  signal.addEventListener('abort', () => {
    aborts += 1;
  });
  const heard = ['SIGINT', 'SIGTERM', 'SIGTERM', 'SIGINT'].map((name) => signals.emit(name));
  expect(heard).toEqual([true, true, true, true]);
  expect(aborts).toBe(1);
});

test('an abort can be awaited before and after it came', async () => {
  const controller = new AbortController();
  const before = whenAborted(controller.signal);
  controller.abort();
  await before;
  await whenAborted(controller.signal);
  expect(controller.signal.aborted).toBe(true);
});
