import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectEndpointLogs, variantOfStream } from '../../../src/aws/endpoint-logs.js';
import { JsonServer, refusal } from './json-server.js';

const { signal } = new AbortController();
const SINCE = 1_700_000_000_000;
let server: JsonServer;

beforeEach(async () => {
  server = new JsonServer();
  await server.open();
});
afterEach(() => server.close());

const streams = async () =>
  (await connectEndpointLogs({ tags: new Map() }, 1, 'churn', SINCE)).streams('churn', signal);

test('streams are those of containers that were started since, of all variants', async () => {
  server.answer = ({ body }) => ({
    body: body['nextToken']
      ? {
          logStreams: [{ logStreamName: 'blue/i-3', creationTime: SINCE + 1, lastEventTimestamp: SINCE + 2 }],
        }
      : {
          logStreams: [
            {
              logStreamName: 'AllTraffic/i-old',
              creationTime: SINCE - 60_000,
              lastEventTimestamp: SINCE + 9,
            },
            { logStreamName: 'AllTraffic/i-1', creationTime: SINCE, lastEventTimestamp: SINCE + 5 },
            {
              logStreamName: 'AllTraffic/i-1/data-log',
              creationTime: SINCE + 1,
              lastEventTimestamp: SINCE + 5,
            },
            { logStreamName: 'AllTraffic/i-2', creationTime: SINCE + 3 },
          ],
          nextToken: 'more',
        },
  });
  expect(await streams()).toEqual(['AllTraffic/i-1', 'AllTraffic/i-2', 'blue/i-3']);
  expect(server.calls[0]?.body).toEqual({
    logGroupName: '/aws/sagemaker/Endpoints/churn',
    orderBy: 'LastEventTime',
    descending: true,
  });
});

test('a container that was started just before is not a new one', async () => {
  server.answer = () => ({
    body: {
      logStreams: [
        {
          logStreamName: 'AllTraffic/i-new',
          creationTime: SINCE + 40_000,
          lastEventTimestamp: SINCE + 50_000,
        },
        { logStreamName: 'AllTraffic/i-old', creationTime: SINCE - 1, lastEventTimestamp: SINCE + 45_000 },
      ],
    },
  });
  expect(await streams()).toEqual(['AllTraffic/i-new']);
});

test('a log group of years is not read to its end', async () => {
  server.answer = () => ({
    body: {
      logStreams: [
        { logStreamName: 'AllTraffic/i-old', creationTime: 1, lastEventTimestamp: SINCE - 60_000 },
      ],
      nextToken: 'more',
    },
  });
  expect(await streams()).toEqual([]);
  expect(server.calls).toHaveLength(1);
});

test('there are none before a container has written', async () => {
  server.answer = () => refusal('ResourceNotFoundException', 'The specified log group does not exist.');
  expect(await streams()).toEqual([]);
});

test.each([
  ['AllTraffic/i-0a1b', 'AllTraffic'],
  ['AllTraffic/i-0a1b/tokenizer', 'AllTraffic/tokenizer'],
])('the stream %s is of %s', (stream, variant) => {
  expect(variantOfStream(stream)).toBe(variant);
});
