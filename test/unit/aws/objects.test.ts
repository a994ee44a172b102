import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectObjects } from '../../../src/aws/objects.js';

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const before = { ...process.env };
const never = new AbortController().signal;
let server: Server;
let requests: Request[];
let answer: { status: number; headers?: Record<string, string>; body?: string };

beforeEach(async () => {
  requests = [];
  answer = { status: 200 };
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, url, headers, body });
      response.writeHead(answer.status, { 'content-type': 'application/xml', ...answer.headers });
      response.end(answer.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
});
afterEach(async () => {
  process.env = { ...before };
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const connect = () => connectObjects({ region: 'eu-west-1', tags: new Map() }, 1);
const refusal = (code: string) =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;

describe('an object that is read', () => {
  test('comes with its ETag, to be read', async () => {
    answer = { status: 200, headers: { etag: '"abc-2"' }, body: 'weights' };
    const object = await (await connect()).open('s3://models/a b/model.tar.gz', never);
    expect(object).toMatchObject({ etag: 'abc-2' });
    expect(object && (await text(object.body))).toBe('weights');
    expect(requests[0]?.url).toMatch(/^\/models\/a%20b\/model\.tar\.gz(?:\?|$)/);
  });

  test('is undefined when it is not there', async () => {
    answer = { status: 404, body: refusal('NoSuchKey') };
    expect(await (await connect()).open('s3://models/model.tar.gz', never)).toBeUndefined();
  });

  test.each([
    ['NoSuchBucket', 404, 'not-found'],
    ['AccessDenied', 403, 'access-denied'],
    ['SlowDown', 503, 'throttled'],
  ])('is an error for %s', async (code, status, kind) => {
    answer = { status, body: refusal(code) };
    await expect((await connect()).open('s3://models/model.tar.gz', never)).rejects.toMatchObject({
      kind,
      action: 's3:GetObject',
    });
  });
});

describe('an object that is written', () => {
  test('has its type, and the bucket’s own encryption', async () => {
    await (await connect()).put('s3://models/r.json', { body: '{}', contentType: 'application/json' }, never);
    const [request] = requests;
    expect(request).toMatchObject({ method: 'PUT', body: '{}' });
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.headers).not.toHaveProperty('x-amz-server-side-encryption');
  });

  test('is encrypted with the key that is named', async () => {
    const object = { body: '{}', contentType: 'application/json', kmsKeyId: 'alias/models' };
    await (await connect()).put('s3://models/r.json', object, never);
    expect(requests[0]?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/models',
    });
  });
});
