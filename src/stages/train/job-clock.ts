import { setTimeout } from 'node:timers/promises';

/** Time and chance as they are passed in, so that no test waits. */
export interface JobClock {
  /** Milliseconds since 1970: a job's own times are compared with it. */
  now(): number;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 up to 1, without 1. */
  random(): number;
}

export const systemJobClock: JobClock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    await setTimeout(milliseconds, undefined, signal && { signal }).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  },
  random: () => Math.random(),
};
