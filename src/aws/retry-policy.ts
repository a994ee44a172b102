import { setTimeout as sleep } from 'node:timers/promises';
import { noteDecision } from '../debug.js';
import { kindOf } from './aws-error.js';
import { FIRST_CONTACT_MS, isAnswer } from './first-contact.js';

/** Time and chance as they are passed in, so that no test waits. */
export interface Pace {
  /** Milliseconds since some moment in the past. */
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** From 0 up to 1, without 1. */
  random(): number;
}

export const systemPace: Pace = {
  now: () => performance.now(),
  sleep: (milliseconds) => sleep(milliseconds),
  random: () => Math.random(),
};

/** A token as the SDK's retry middleware passes it around. */
interface RetryToken {
  getRetryCount(): number;
  /** Milliseconds that the middleware waits before the next attempt. */
  getRetryDelay(): number;
}

interface RetryError {
  readonly error?: unknown;
  /** The answer's Retry-After header. */
  readonly retryAfterHint?: Date;
}

/** First wait, in milliseconds, doubled with each further attempt. */
const FIRST_MS = { throttled: 1000, other: 200 };
const LONGEST_MS = 20_000;

/** Spacing of calls after AWS has throttled one. */
const SPACING_MS = { first: 500, longest: 10_000, negligible: 100 };

/**
 * When a call of AWS is made again, in place of the SDK's own strategies. Like its adaptive one, it sends less
 * when AWS throttles: calls of one client are then spaced, wider with each throttled call and closer with each
 * answered one. Unlike that, it takes `LimitExceededException` for what it is in ECR, a quota that waiting does
 * not raise, and its time is passed in.
 */
export class RetryPolicy {
  /** Answers so far that AWS refused because there were too many calls. */
  throttles = 0;
  #spacing = 0;
  #nextSend = 0;
  /** When the first call began, until one is answered. */
  #unansweredSince: number | undefined;
  #answered = false;

  constructor(
    readonly maxAttempts: number,
    readonly pace: Pace = systemPace,
  ) {}

  async acquireInitialRetryToken(): Promise<RetryToken> {
    this.#unansweredSince ??= this.pace.now();
    const wait = this.#takeTurn();
    if (wait > 0) await this.pace.sleep(wait);
    return token(0, 0);
  }

  /** @throws Error when the call is not to be made again; the middleware then throws the call's own error */
  async refreshRetryTokenForRetry(
    last: RetryToken,
    { error, retryAfterHint }: RetryError,
  ): Promise<RetryToken> {
    const kind = kindOf(error);
    if (kind !== undefined && isAnswer(kind)) this.#answered = true;
    if (kind === 'throttled') {
      this.throttles += 1;
      this.#spacing = Math.min(Math.max(this.#spacing * 2, SPACING_MS.first), SPACING_MS.longest);
    }
    const retries = last.getRetryCount() + 1;
    const again = kind === 'throttled' || kind === 'server' || kind === 'network';
    const waited = this.pace.now() - (this.#unansweredSince ?? this.pace.now());
    const isFutile = !this.#answered && waited >= FIRST_CONTACT_MS;
    if (!again || retries >= this.maxAttempts || isFutile) throw new Error('No further attempt.');
    const most = Math.min(
      LONGEST_MS,
      (kind === 'throttled' ? FIRST_MS.throttled : FIRST_MS.other) * 2 ** (retries - 1),
    );
    // Half of it is sure, half is chance: many runs that were throttled together come back apart.
    const backOff = most / 2 + (most / 2) * this.pace.random();
    const asked =
      retryAfterHint === undefined ? 0 : Math.min(retryAfterHint.getTime() - Date.now(), LONGEST_MS);
    const wait = Math.max(backOff, asked, this.#takeTurn());
    noteDecision(
      () => `AWS: attempt ${retries + 1} of ${this.maxAttempts} in ${Math.round(wait)} ms (${kind})`,
    );
    await this.pace.sleep(wait);
    return token(retries, 0);
  }

  recordSuccess(): void {
    this.#answered = true;
    this.#spacing *= 0.8;
    if (this.#spacing < SPACING_MS.negligible) this.#spacing = 0;
  }

  /** Reserves the next moment at which a call may be sent. Gives the milliseconds until then. */
  #takeTurn(): number {
    const now = this.pace.now();
    const turn = Math.max(now, this.#nextSend);
    this.#nextSend = turn + this.#spacing;
    return turn - now;
  }
}

const token = (retries: number, delay: number): RetryToken => ({
  getRetryCount: () => retries,
  getRetryDelay: () => delay,
});
