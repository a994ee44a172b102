import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JobLogs, StaleTokenError } from '../../../../src/aws/job-logs.js';
import { LogReader } from '../../../../src/stages/train/log-reader.js';
import { awsError, pageOf } from './fake-aws.js';

const SIGNAL = new AbortController().signal;

/** Streams as CloudWatch keeps them: they grow, and tokens lead on. */
class Streams implements JobLogs {
  readonly throttles = 0;
  readonly all = new Map<string, { at: number; message: string }[]>();
  size = 10_000;
  empty = 0;
  /** Thrown at the next page. */
  trouble: Error | undefined;
  stale = false;
  pages = 0;

  add(stream: string, count: number): void {
    const events = this.all.get(stream) ?? [];
    this.all.set(stream, events);
    for (let n = 0; n < count; n += 1) events.push({ at: 0, message: String(events.length) });
  }

  async streams(): Promise<readonly string[]> {
    return [...this.all.keys()];
  }

  async page(stream: string, token: string | undefined) {
    this.pages += 1;
    if (this.trouble) {
      const error = this.trouble;
      this.trouble = undefined;
      throw error;
    }
    if (token !== undefined && this.stale) {
      this.stale = false;
      throw new StaleTokenError('The nextToken is invalid.');
    }
    const events = this.all.get(stream);
    return events && pageOf(events, 0, token, this);
  }
}

/** @returns what was handed on, by the host */
function reading(): { readonly reader: LogReader; readonly got: Map<string, string[]> } {
  const got = new Map<string, string[]>();
  const reader = new LogReader('churn-1', (host, events) => {
    const messages = got.get(host) ?? [];
    got.set(host, messages);
    messages.push(...events.map(({ message }) => message));
  });
  return { reader, got };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(n));

type Action =
  | { readonly kind: 'grow'; readonly host: number; readonly count: number }
  | { readonly kind: 'look' }
  | { readonly kind: 'read' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'pages'; readonly size: number; readonly empty: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('grow' as const), host: fc.integer({ min: 1, max: 4 }), count: fc.nat(12) }),
  fc.constantFrom<Action>({ kind: 'look' }, { kind: 'read' }, { kind: 'fail' }, { kind: 'stale' }),
  fc.record({
    kind: fc.constant('pages' as const),
    size: fc.integer({ min: 1, max: 8 }),
    empty: fc.nat(3),
  }),
);

test('whatever comes between, every event comes once, and in order in its stream', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const streams = new Streams();
      const { reader, got } = reading();
      const settle = async (work: Promise<unknown>) => {
        await work.catch((error: unknown) => {
          if ((error as Error).name !== 'AwsError') throw error;
        });
      };
      for (const step of actions) {
        if (step.kind === 'grow') streams.add(`churn-1/algo-${step.host}-1`, step.count);
        else if (step.kind === 'look') await settle(reader.look(streams, SIGNAL));
        else if (step.kind === 'read') await settle(reader.read(streams, SIGNAL, false));
        else if (step.kind === 'fail') streams.trouble = awsError('server');
        else if (step.kind === 'stale') streams.stale = true;
        else Object.assign(streams, { size: step.size, empty: step.empty });
      }
      streams.trouble = undefined;
      await reader.look(streams, SIGNAL);
      // A token may be too old once more: the stream is then read again from its beginning.
      await reader.read(streams, SIGNAL, true);
      for (const [stream, events] of streams.all) {
        const host = stream.slice('churn-1/'.length, -'-1'.length);
        expect(got.get(host) ?? []).toEqual(numbers(events.length));
      }
    }),
    { numRuns: 300 },
  );
});

describe('a pass', () => {
  test('goes on after empty pages', async () => {
    const streams = new Streams();
    Object.assign(streams, { size: 2, empty: 3 });
    streams.add('churn-1/algo-1-1', 7);
    const { reader, got } = reading();
    await reader.look(streams, SIGNAL);
    expect(await reader.read(streams, SIGNAL, true)).toBe(7);
    expect(got.get('algo-1')).toEqual(numbers(7));
  });

  test('ends when there are only empty pages, and goes on from there', async () => {
    const streams = new Streams();
    streams.empty = 1_000_000;
    streams.add('churn-1/algo-1-1', 1);
    const { reader, got } = reading();
    await reader.look(streams, SIGNAL);
    expect(await reader.read(streams, SIGNAL, true)).toBe(0);
    streams.empty = 51;
    await reader.read(streams, SIGNAL, true);
    expect(got.get('algo-1')).toEqual(['0']);
  });

  test('takes one call where there is little', async () => {
    const streams = new Streams();
    streams.add('churn-1/algo-1-1', 3);
    const { reader } = reading();
    await reader.look(streams, SIGNAL);
    await reader.read(streams, SIGNAL, false);
    expect(streams.pages).toBe(1);
  });

  test('reads all there is where there is much', async () => {
    const streams = new Streams();
    streams.add('churn-1/algo-1-1', 25_000);
    const { reader } = reading();
    await reader.look(streams, SIGNAL);
    expect(await reader.read(streams, SIGNAL, false)).toBe(25_000);
  });

  test('hands a page on in parts, and goes on in the midst of one that broke off', async () => {
    const streams = new Streams();
    streams.add('churn-1/algo-1-1', 1_100);
    const sizes: number[] = [];
    const got: string[] = [];
    const reader = new LogReader('churn-1', (_host, events) => {
      sizes.push(events.length);
      got.push(...events.map(({ message }) => message));
    });
    await reader.look(streams, SIGNAL);
    const whole = streams.page.bind(streams);
    streams.page = async (stream, token) => {
      streams.page = whole;
      const page = await whole(stream, token);
      const broken = function* () {
        yield* [...(page?.pieces ?? [])].slice(0, 2);
        throw awsError('network');
      };
      return page && { ...page, pieces: broken() };
    };
    await expect(reader.read(streams, SIGNAL, true)).rejects.toMatchObject({ kind: 'network' });
    expect(got).toHaveLength(500);
    await reader.read(streams, SIGNAL, true);
    expect(got).toEqual(numbers(1_100));
    expect(Math.max(...sizes)).toBeLessThan(1_000);
  });

  test('ends between two pages when it is enough', async () => {
    const streams = new Streams();
    streams.size = 6_000;
    streams.add('churn-1/algo-1-1', 20_000);
    const { reader, got } = reading();
    await reader.look(streams, SIGNAL);
    expect(await reader.read(streams, SIGNAL, false, () => true)).toBe(6_000);
    await reader.read(streams, SIGNAL, true);
    expect(got.get('algo-1')).toEqual(numbers(20_000));
  });

  test('reads the other streams when one fails, and says that it failed', async () => {
    const streams = new Streams();
    for (const host of [1, 2, 3]) streams.add(`churn-1/algo-${host}-1`, 5);
    const { reader, got } = reading();
    await reader.look(streams, SIGNAL);
    streams.trouble = awsError('throttled');
    await expect(reader.read(streams, SIGNAL, true)).rejects.toMatchObject({ kind: 'throttled' });
    expect([...got.keys()].sort()).toEqual(['algo-2', 'algo-3']);
  });
});

test('a host has a stream for each start', async () => {
  const streams = new Streams();
  streams.add('churn-1/algo-10-1700000000', 1);
  streams.add('churn-1/algo-2-1700000000', 1);
  streams.add('churn-1/algo-2-1700009999', 1);
  const { reader, got } = reading();
  expect(await reader.look(streams, SIGNAL)).toBe(3);
  expect(await reader.look(streams, SIGNAL)).toBe(0);
  expect([reader.streamCount, reader.hostCount]).toEqual([3, 2]);
  await reader.read(streams, SIGNAL, true);
  expect(Object.fromEntries(got)).toEqual({ 'algo-2': ['0', '0'], 'algo-10': ['0'] });
});

test('a host that was started twice before it was looked at: the lines of its first start come first', async () => {
  const streams = new Streams();
  streams.size = 2;
  streams.add('churn-1/algo-1-9', 7);
  streams.add('churn-1/algo-1-10', 3);
  const { reader, got } = reading();
  await reader.look(streams, SIGNAL);
  await reader.read(streams, SIGNAL, true);
  expect(got.get('algo-1')).toEqual([...numbers(7), ...numbers(3)]);
});
