import { setTimeout as sleep } from 'node:timers/promises';
import { systemPace } from '../../../src/aws/retry-policy.js';
import type { JobClock } from '../../../src/stages/train/job-clock.js';

/** Waiting passes a hundred times as fast, until it is told to take its time. */
export class FastClock implements JobClock {
  private ahead = 0;
  speed = 100;
  now(): number {
    return Date.now() + this.ahead;
  }
  random(): number {
    return Math.random();
  }
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + milliseconds;
    await sleep(milliseconds / this.speed, undefined, signal && { signal }).catch(() => {});
    if (!signal?.aborted) this.ahead = Math.max(this.ahead, until - Date.now());
  }
}

/** Lets the waiting between the attempts of one call pass as fast, in all of this test file. */
export function hurryRetries(): void {
  const clock = new FastClock();
  systemPace.now = () => clock.now();
  systemPace.sleep = (milliseconds) => clock.sleep(milliseconds);
}
