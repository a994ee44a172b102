import { setTimeout as sleep } from 'node:timers/promises';

/** Time as it is passed in, so that no test waits. */
export interface Clock {
  /** Milliseconds since some moment in the past. */
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => sleep(milliseconds),
};
