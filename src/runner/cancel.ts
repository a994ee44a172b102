import type { EventEmitter } from 'node:events';

/**
 * Turns the runner's signals into an abort. A cancelled step gets SIGINT, SIGTERM 7.5 s later, and 2.5 s after
 * that it is killed (actions/runner, ProcessInvoker.cs). The second signal asks for nothing new, so it must not
 * disturb what the first one has begun: both are listened to until the process ends.
 *
 * @param signals what emits the signals' names as events: `process`
 */
export function listenForCancel(signals: EventEmitter): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) signals.on(name, () => controller.abort());
  return controller.signal;
}

/** Settles when the signal is aborted, at once when it was before. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
