import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { AwsError } from '../../../../src/aws/aws-error.js';
import type { DeployConnection } from '../../../../src/stages/deploy/connection.js';
import { type ProofOptions, prove, type Sample } from '../../../../src/stages/deploy/prove.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';

const OUT = 's3://answers/out/1.out';
const FAILURE = 's3://answers/failed/1.out';
const denied = (uri: string) =>
  new AwsError(
    'access-denied',
    's3:GetObject',
    'AccessDenied',
    `s3:GetObject of ${uri} is denied.`,
    'Allow it.',
  );

const sample = (name: string): Sample => ({
  name,
  body: Buffer.from('1'),
  payload: { path: `/samples/${name}`, contentType: 'text/csv' },
});

/**
 * An asynchronous endpoint and its bucket, for a role that may not list it: S3 denies what is not there.
 *
 * @param appears what comes into the bucket, by address: when, in seconds after the request, and its text
 */
function proveAsync(
  appears: Readonly<Record<string, { readonly after: number; readonly text: string }>>,
  {
    samples = [sample('a.csv')],
    repeats = 1,
    fault = (_seconds: number): Error | undefined => undefined,
    removed = [] as string[],
  } = {},
) {
  const clock = new VirtualClock();
  let asked = 0;
  let requests = 0;
  const connection = {
    objects: async () => ({
      put: async () => {},
      remove: async (uri: string) => {
        removed.push(uri);
      },
      open: async (uri: string) => {
        const trouble = fault((clock.now() - asked) / 1_000);
        if (trouble !== undefined) throw trouble;
        const object = appears[uri];
        if (object === undefined || clock.now() - asked < object.after * 1_000) throw denied(uri);
        return { body: Readable.from([object.text]) };
      },
    }),
    runtime: async () => ({
      invokeAsync: async () => {
        requests += 1;
        asked = clock.now();
        return { outputLocation: OUT, failureLocation: FAILURE };
      },
    }),
  } as unknown as DeployConnection;
  return run({
    clock,
    samples,
    repeats,
    connection,
    count: () => requests,
    async: { outputPath: 's3://answers/out' },
  });
}

/** An endpoint that takes so many seconds for each answer. */
function proveSync(seconds: number, plan: Partial<ProofOptions['plan']>, samples = [sample('a.csv')]) {
  const clock = new VirtualClock();
  let requests = 0;
  const connection = {
    runtime: async () => ({
      invoke: async () => {
        requests += 1;
        await clock.sleep(seconds * 1_000);
        return { kind: 'answered', body: Buffer.from('1'), contentType: 'text/csv' };
      },
    }),
  } as unknown as DeployConnection;
  return run({ clock, samples, repeats: 1, connection, count: () => requests, plan });
}

async function run({
  clock,
  samples,
  repeats,
  connection,
  count,
  plan = {},
  async,
}: {
  readonly clock: VirtualClock;
  readonly samples: readonly Sample[];
  readonly repeats: number;
  readonly connection: DeployConnection;
  readonly count: () => number;
  readonly plan?: Partial<ProofOptions['plan']>;
  readonly async?: ProofOptions['async'];
}) {
  const began = clock.now();
  const proof = await clock.run(
    prove({
      endpointName: 'churn',
      plan: { payloads: samples.map(({ payload }) => payload), repeats, ...plan },
      samples,
      variants: [],
      ...(async && { async }),
      runId: '0123456789ab',
      connect: async () => connection,
      clock,
      signal: new AbortController().signal,
      log: new SeenLog(),
    }),
  );
  return { proof, requests: count(), minutes: (clock.now() - began) / 60_000 };
}

test('one trouble with S3 while an asynchronous answer is waited for is not the end of it', async () => {
  let troubles = 0;
  const removed: string[] = [];
  const { proof, requests } = await proveAsync(
    { [OUT]: { after: 300, text: '0.5' } },
    {
      removed,
      fault: (seconds) => {
        // One in the first minute, and one long after that.
        if (seconds < (troubles === 0 ? 10 : 200) || troubles > 1) return undefined;
        troubles += 1;
        return new AwsError('server', 's3:GetObject', 'InternalError', 'AWS had an error.', 'Run it again.');
      },
    },
  );
  expect(proof).toMatchObject({ kind: 'judged', record: { passed: true } });
  expect(troubles).toBe(2);
  expect(requests).toBe(1);
  expect(removed).toEqual(['s3://answers/out/sagemaker-byoc-proof/0123456789ab/1-a.csv']);
});

test('an asynchronous answer is waited for by a role that may not list the bucket of failures', async () => {
  const { proof } = await proveAsync({ [OUT]: { after: 10, text: '0.5' } });
  expect(proof).toMatchObject({ kind: 'judged', record: { passed: true, samples: [{ evidence: '0.5' }] } });
});

test('an asynchronous failure is told in its own words', async () => {
  const { proof } = await proveAsync({ [FAILURE]: { after: 4, text: 'ValueError: no column age' } });
  expect(proof).toMatchObject({
    kind: 'judged',
    record: { passed: false },
    why: 'a.csv: The request failed: ValueError: no column age.',
  });
});

test('who gives no asynchronous answer is waited for once, not for each sample', async () => {
  const { proof, requests, minutes } = await proveAsync({}, { samples: [sample('a.csv'), sample('b.csv')] });
  expect(requests).toBe(1);
  expect(Math.round(minutes)).toBe(15);
  expect(proof).toMatchObject({
    kind: 'judged',
    record: { passed: false, samples: [{ name: 'a.csv' }] },
    why: expect.stringMatching(
      /^a\.csv: No answer came to s3:\S+ within 15 min\. Or it came and may not be read: .*\.$/,
    ),
  });
});

test('the whole proof ends within half an hour', async () => {
  const { proof, requests, minutes } = await proveSync(60, { repeats: 100 }, [
    sample('a.csv'),
    sample('b.csv'),
  ]);
  expect(requests).toBe(30);
  expect(Math.round(minutes)).toBe(30);
  expect(proof).toMatchObject({
    kind: 'judged',
    record: { passed: false, samples: [{ name: 'a.csv', requests: 30 }] },
    why: 'a.csv: The proof was not through within 30 min: 30 of 100 requests were answered.',
  });
});

test('what is said of it ends with a full stop', async () => {
  const { proof } = await proveSync(2, { maxLatencySeconds: 1 });
  expect(proof).toMatchObject({ why: expect.stringMatching(/ and 1(\.0)? s are allowed\.$/) });
});
