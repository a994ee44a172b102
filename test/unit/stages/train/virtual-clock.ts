import { setImmediate, setTimeout } from 'node:timers/promises';
import type { JobClock } from '../../../../src/stages/train/job-clock.js';

interface Sleeper {
  readonly until: number;
  wake(): void;
}

const MOST_IDLE = 3_000;

/** Time that passes only while everybody sleeps: hours in a moment, and always in the same order. */
export class VirtualClock implements JobClock {
  #now = Date.parse('2026-03-01T10:00:00Z');
  #sleepers: Sleeper[] = [];

  /** @param chance what `random` gives, one after the other; then 0.5 */
  constructor(private readonly chance: number[] = []) {}

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance.shift() ?? 0.5;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        until: this.#now + milliseconds,
        wake: () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      if (signal?.aborted) {
        resolve();
        return;
      }
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => sleeper.wake(), { once: true });
    });
  }

  /** Lets time pass until the work is done. @throws Error when it waits for nothing that ever comes */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let settled = false;
    let idle = 0;
    const done = () => {
      settled = true;
    };
    work.then(done, done);
    for (;;) {
      await setImmediate();
      if (settled) return work;
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, sleeper) => (first === undefined || sleeper.until < first.until ? sleeper : first),
        undefined,
      );
      if (next === undefined) {
        // Files and programs take real time.
        idle += 1;
        if (idle > MOST_IDLE) throw new Error('The work waits for something that never comes.');
        await setTimeout(1);
        continue;
      }
      idle = 0;
      this.#now = Math.max(this.#now, next.until);
      next.wake();
    }
  }

  /** Does it after so many seconds from now. */
  after(seconds: number, action: () => void): void {
    void this.sleep(seconds * 1000).then(action);
  }
}
