import { describe, expect, test } from '@jest/globals';
import { AwsError, type AwsErrorKind } from '../../../../src/aws/aws-error.js';
import { SteadyConnection } from '../../../../src/stages/register/steady-connection.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const trouble = (kind: AwsErrorKind, service = 'steady') =>
  new AwsError(kind, `${service}:DescribeThing`, 'ECONNREFUSED', 'AWS could not be reached.', 'Look.');

/** A connection whose time goes by waiting, and by 15 s a call that finds no network. */
function steady() {
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
    random: () => 1,
  };
  const client = { region: 'eu-west-1' };
  const connection = new SteadyConnection(async () => client, clock, new AbortController().signal);
  const seconds = () => now / SECOND;
  const unreachable = async (): Promise<never> => {
    now += 15 * SECOND;
    throw trouble('network');
  };
  /** Nothing is reachable until this many seconds. */
  const reachableFrom = async (moment: number) => (now >= moment * SECOND ? 'answer' : unreachable());
  return { connection, seconds, unreachable, reachableFrom };
}

describe('a connection on which nothing has answered yet', () => {
  test('is given up within a minute and a half, with the way that was tried', async () => {
    const { connection, seconds, unreachable } = steady();
    // What the client knows by itself is no answer.
    expect((await connection.connected()).region).toBe('eu-west-1');
    const error = await connection.call(unreachable).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AwsError);
    expect((error as AwsError).message).toMatch(
      /^AWS could not be reached\. Nothing of steady has answered since the run began\. Tried: .* in the Region eu-west-1, with /,
    );
    expect(error).toMatchObject({ kind: 'network', fix: 'Look.' });
    expect(seconds()).toBeGreaterThanOrEqual(60);
    expect(seconds()).toBeLessThanOrEqual(90);
  });

  test('outlives an outage of three quarters of a minute', async () => {
    const { connection, reachableFrom } = steady();
    expect(await connection.call(() => reachableFrom(45))).toBe('answer');
  });

  test('is as patient as ever with what AWS itself says', async () => {
    const { connection, seconds } = steady();
    await expect(connection.call(() => Promise.reject(trouble('throttled')))).rejects.toThrow(
      /^AWS could not be reached\.$/,
    );
    expect(seconds()).toBeGreaterThan(4 * 60);
  });
});

describe('a connection that was answered once', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['well', async () => 'answer'],
    ['with a refusal', () => Promise.reject(trouble('access-denied'))],
  ])('%s, has five minutes of patience', async (_, first) => {
    const { connection, seconds, unreachable, reachableFrom } = steady();
    await connection.call(first).catch(() => {});
    expect(await connection.call(() => reachableFrom(4 * 60))).toBe('answer');
    const began = seconds();
    await expect(connection.call(unreachable)).rejects.toThrow(/^AWS could not be reached\.$/);
    expect(seconds() - began).toBeGreaterThan((4 * MINUTE) / SECOND);
  });
});
