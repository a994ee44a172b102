import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { askHourlyPrice } from '../../../src/aws/price.js';

interface Call {
  readonly target: string | undefined;
  readonly region: string | undefined;
  readonly body: {
    readonly ServiceCode: string;
    readonly Filters: readonly { readonly Field: string; readonly Value: string }[];
  };
}

const product = JSON.stringify({
  product: { attributes: { instanceName: 'ml.g5.xlarge', component: 'Training' } },
  terms: { OnDemand: { A: { priceDimensions: { B: { unit: 'Hrs', pricePerUnit: { USD: '1.408' } } } } } },
});

const calls: Call[] = [];
const before = { ...process.env };
const pace = { now: () => 0, sleep: async () => {}, random: () => 0 };
const { signal } = new AbortController();
let server: Server;
let answer: { status: number; body: unknown };

beforeEach(async () => {
  calls.length = 0;
  answer = { status: 200, body: { FormatVersion: 'aws_v1', PriceList: [product] } };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({
        target: request.headers['x-amz-target'] as string | undefined,
        region: /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1],
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
});
afterEach(async () => {
  process.env = { ...before };
  await new Promise((resolve) => server.close(resolve));
});

describe('the hourly price', () => {
  test('is asked for the job’s Region and type', async () => {
    const question = { region: 'eu-west-1', instanceType: 'ml.g5.xlarge' };
    expect(await askHourlyPrice(question, signal, pace)).toBe(1.408);
    expect(calls).toEqual([
      {
        target: 'AWSPriceListService.GetProducts',
        region: 'eu-central-1',
        body: {
          ServiceCode: 'AmazonSageMaker',
          Filters: [
            { Type: 'TERM_MATCH', Field: 'regionCode', Value: 'eu-west-1' },
            { Type: 'TERM_MATCH', Field: 'instanceName', Value: 'ml.g5.xlarge' },
          ],
        },
      },
    ]);
  });

  test.each([
    ['us-west-2', 'us-east-1'],
    ['ap-northeast-1', 'ap-south-1'],
    ['sa-east-1', 'us-east-1'],
  ])('of %s is asked in %s', async (region, endpoint) => {
    await askHourlyPrice({ region, instanceType: 'ml.g5.xlarge' }, signal, pace);
    expect(calls.map((one) => one.region)).toEqual([endpoint]);
  });

  test.each(['cn-north-1', 'us-gov-west-1'])('of %s is not asked', async (region) => {
    expect(await askHourlyPrice({ region, instanceType: 'ml.g5.xlarge' }, signal, pace)).toBeUndefined();
    expect(calls).toEqual([]);
  });

  test('that may not be asked for is told by an error, after one try', async () => {
    answer = { status: 400, body: { __type: 'AccessDeniedException', Message: 'not allowed' } };
    const question = { region: 'eu-west-1', instanceType: 'ml.g5.xlarge' };
    await expect(askHourlyPrice(question, signal, pace)).rejects.toMatchObject({ kind: 'access-denied' });
    expect(calls).toHaveLength(1);
  });

  test('is given up after three tries', async () => {
    answer = { status: 503, body: { __type: 'InternalErrorException' } };
    const question = { region: 'eu-west-1', instanceType: 'ml.g5.xlarge' };
    await expect(askHourlyPrice(question, signal, pace)).rejects.toMatchObject({ kind: 'server' });
    expect(calls).toHaveLength(3);
  });
});
