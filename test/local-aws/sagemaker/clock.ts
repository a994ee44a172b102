import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the jobs see it; tests without containers hand in one of their own. */
export interface JobClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the time, or at once when the signal is aborted; never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Node's timers hold less than 25 days, a job may run for 28. */
const LONGEST = 2 ** 31 - 1;

export const realClock: JobClock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    for (let left = milliseconds; left > 0 && !signal?.aborted; left -= LONGEST) {
      await sleep(Math.min(left, LONGEST), undefined, { ...(signal && { signal }), ref: false }).catch(
        () => {},
      );
    }
  },
};
