import { expect, test } from '@jest/globals';
import { followFleet } from '../../bench/fleet.js';

test('throttles at the quota make no follower fail and lose no line', async () => {
  // Each of the followers' lines is checked by the bench itself, which rejects when one is missing.
  const options = { followers: 8, seed: 3, startedWithin: 0 };
  const free = await followFleet({ ...options, quotas: {} });
  const limited = await followFleet({ ...options, quotas: { GetLogEvents: 0.3 } });
  expect(free.throttled).toBe(0);
  expect(limited.throttled).toBeGreaterThan(0);
  expect(limited.peaks.GetLogEvents.tenSeconds).toBeGreaterThan(0.3);
});
