import { describe, expect, test } from '@jest/globals';
import { RetryPolicy } from '../../../src/aws/retry-policy.js';

const error = (name: string): { error: Error } => ({ error: Object.assign(new Error('no'), { name }) });

/** A policy whose time goes only by waiting. */
function policy(random = 0): { readonly policy: RetryPolicy; readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  const pace = {
    now: () => now,
    random: () => random,
    sleep: async (milliseconds: number) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
  return { policy: new RetryPolicy(8, pace), waits };
}

describe('a call that fails', () => {
  test('is made again, each time after a longer wait, until its attempts are used up', async () => {
    const { policy: retries, waits } = policy();
    let token = await retries.acquireInitialRetryToken();
    for (let attempt = 2; attempt <= 8; attempt += 1) {
      token = await retries.refreshRetryTokenForRetry(token, error('ServiceUnavailable'));
    }
    await expect(retries.refreshRetryTokenForRetry(token, error('ServiceUnavailable'))).rejects.toThrow();
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400]);
  });

  test('is given up after a good minute while nothing has ever answered', async () => {
    const unanswered = async (answered: boolean) => {
      let now = 0;
      const pace = {
        now: () => now,
        random: () => 0,
        sleep: async (wait: number) => {
          now += wait;
        },
      };
      const retries = new RetryPolicy(8, pace);
      if (answered) {
        await retries.acquireInitialRetryToken();
        retries.recordSuccess();
      }
      let token = await retries.acquireInitialRetryToken();
      for (let attempt = 1; attempt < 8; attempt += 1) {
        now += 30_000;
        const next = await retries.refreshRetryTokenForRetry(token, error('TimeoutError')).catch(() => {});
        if (next === undefined) return attempt;
        token = next;
      }
      return 8;
    };
    expect(await unanswered(false)).toBe(3);
    expect(await unanswered(true)).toBe(8);
  });

  test('is counted when AWS throttled it', async () => {
    const { policy: retries } = policy();
    const token = await retries.acquireInitialRetryToken();
    await retries.refreshRetryTokenForRetry(token, error('ServiceUnavailable'));
    expect(retries.throttles).toBe(0);
    await retries.refreshRetryTokenForRetry(token, error('ThrottlingException'));
    expect(retries.throttles).toBe(1);
  });

  test('waits by chance up to twice as long', async () => {
    const { policy: retries, waits } = policy(0.5);
    await retries.refreshRetryTokenForRetry(await retries.acquireInitialRetryToken(), error('TimeoutError'));
    expect(waits).toEqual([150]);
  });

  test('waits as long as AWS asks for, within reason', async () => {
    const { policy: retries, waits } = policy();
    const retryAfterHint = new Date(Date.now() + 3_600_000);
    await retries.refreshRetryTokenForRetry(await retries.acquireInitialRetryToken(), {
      ...error('ServiceUnavailable'),
      retryAfterHint,
    });
    expect(waits).toEqual([20_000]);
  });

  test.each([
    'AccessDeniedException',
    'ValidationException',
    'ExpiredTokenException',
    'LimitExceededException',
    'TypeError',
  ])('by %s is not made again', async (name) => {
    const { policy: retries, waits } = policy();
    const token = await retries.acquireInitialRetryToken();
    await expect(retries.refreshRetryTokenForRetry(token, error(name))).rejects.toThrow();
    expect(waits).toEqual([]);
  });
});

describe('calls after AWS has throttled one', () => {
  test('are spaced, and closer again when they are answered', async () => {
    const { policy: retries, waits } = policy();
    const token = await retries.acquireInitialRetryToken();
    await retries.refreshRetryTokenForRetry(token, error('ThrottlingException'));
    expect(waits.splice(0)).toEqual([500]);

    await retries.acquireInitialRetryToken();
    await retries.acquireInitialRetryToken();
    const spaced = waits.splice(0);
    expect(spaced.at(-1)).toBe(500);

    for (let answered = 0; answered < 10; answered += 1) retries.recordSuccess();
    await retries.acquireInitialRetryToken();
    waits.splice(0);
    await retries.acquireInitialRetryToken();
    await retries.acquireInitialRetryToken();
    expect(waits).toEqual([]);
  });
});
