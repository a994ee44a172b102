import type { AwsErrorKind } from '../../aws/aws-error.js';

const MINUTE = 60_000;

/**
 * How long a call is made again and again before the job counts as lost from sight, in milliseconds. The job does
 * not suffer from any of this: only who looks at it. Missing permissions are waited for, because those that depend
 * on a job's tags take minutes to hold after it was created (up to five, seen).
 */
const BUDGETS: Readonly<Record<AwsErrorKind, number>> = {
  throttled: 30 * MINUTE,
  server: 15 * MINUTE,
  network: 15 * MINUTE,
  certificate: 0,
  'expired-credentials': 2 * MINUTE,
  'invalid-credentials': 2 * MINUTE,
  'no-credentials': 2 * MINUTE,
  'access-denied': 5 * MINUTE,
  'not-found': MINUTE,
  invalid: MINUTE,
  conflict: MINUTE,
  quota: MINUTE,
  'no-region': 0,
};

const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30_000;

/** Trouble with one kind of call, from its first failure until it works again. */
export class Patience {
  #since: number | undefined;
  #failures = 0;

  constructor(private readonly random: () => number) {}

  get failing(): boolean {
    return this.#since !== undefined;
  }

  /** @returns milliseconds until the next try; undefined when there is to be none */
  failed(kind: AwsErrorKind, now: number): number | undefined {
    this.#since ??= now;
    this.#failures += 1;
    const left = this.#since + BUDGETS[kind] - now;
    if (left <= 0) return undefined;
    const most = Math.min(FIRST_WAIT * 2 ** (this.#failures - 1), LONGEST_WAIT);
    return Math.min(most / 2 + (most / 2) * this.random(), left);
  }

  /** @returns the milliseconds that it did not work; 0 when it did all the time */
  worked(now: number): number {
    const lasted = this.#since === undefined ? 0 : now - this.#since;
    this.#since = undefined;
    this.#failures = 0;
    return lasted;
  }
}

/** Whether other credentials might help: they are asked of the provider chain again. */
export const wantsCredentials = (kind: AwsErrorKind): boolean =>
  kind === 'expired-credentials' || kind === 'invalid-credentials' || kind === 'no-credentials';
