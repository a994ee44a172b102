import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LogServer } from '../../bench/log-server.js';
import { sampleLine } from '../../bench/sample-lines.js';

const PER_HOST = 20_000;
let server: LogServer;
let endpoint: string;

beforeEach(async () => {
  server = new LogServer({ hosts: ['algo-1'], perHost: PER_HOST, from: 1_000 });
  endpoint = await server.listen();
});
afterEach(() => server.close());

interface Page {
  readonly events: readonly { readonly message: string; readonly timestamp: number }[];
  readonly nextForwardToken: string;
}

async function page(input: Record<string, unknown>): Promise<Page> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'Logs_20140328.GetLogEvents' },
    body: JSON.stringify({ logStreamName: 'job/algo-1-1700000000', ...input }),
  });
  return (await response.json()) as Page;
}

test('pages keep AWS’s limits, and lead through all lines to a token that repeats', async () => {
  const messages: string[] = [];
  let token: string | undefined;
  for (;;) {
    const { events, nextForwardToken } = await page(token === undefined ? {} : { nextToken: token });
    expect(events.length).toBeLessThanOrEqual(10_000);
    const bytes = events.reduce((sum, { message }) => sum + message.length + 26, 0);
    expect(bytes).toBeLessThanOrEqual(1_048_576);
    if (nextForwardToken === token) break;
    // No page is smaller than it need be but the last.
    if (messages.length + events.length < PER_HOST) expect(bytes).toBeGreaterThan(1_048_000);
    messages.push(...events.map(({ message }) => message));
    token = nextForwardToken;
  }
  expect(messages).toEqual(Array.from({ length: PER_HOST }, (_, n) => sampleLine('algo-1', n + 1)));
});

test('a start time leads to the line of that moment', async () => {
  const { events } = await page({ startTime: 1_000 + 19_990 });
  expect(events).toHaveLength(10);
  expect(events[0]?.message).toBe(sampleLine('algo-1', 19_991));
});
