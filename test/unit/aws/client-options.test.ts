import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clientOptions } from '../../../src/aws/client-options.js';
import { VERSION } from '../../../src/version.js';

const noWait = { now: () => 0, sleep: async () => {}, random: () => 0 };
const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'any' };

let server: Server;
let address: string;
const requests: IncomingMessage[] = [];
let answers: { readonly status: number; readonly body: unknown }[];

beforeEach(async () => {
  requests.length = 0;
  answers = [];
  server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    const { status, body } = answers.shift() ?? { status: 200, body: { authorizationData: [] } };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('a client says what it is, signs for the given Region, and tries again', async () => {
  answers = [
    { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } },
    { status: 500, body: { __type: 'ServerException', message: 'oops' } },
  ];
  const client = new ECRClient({
    ...clientOptions({ region: 'eu-west-3', tags: new Map() }, noWait),
    endpoint: `http://${address}`,
    credentials,
  });
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  client.destroy();
  expect(authorizationData).toEqual([]);
  expect(requests).toHaveLength(3);
  for (const { headers } of requests) {
    expect(headers['user-agent']).toContain(`sagemaker-byoc/${VERSION}`);
    expect(headers.authorization).toContain('/eu-west-3/ecr/');
  }
});

test('a client goes through the proxy that the environment names', async () => {
  const client = new ECRClient({
    ...clientOptions({ region: 'eu-west-3', tags: new Map() }, noWait, { HTTP_PROXY: `http://${address}` }),
    endpoint: 'http://ecr.example.invalid',
    credentials,
  });
  await client.send(new GetAuthorizationTokenCommand({}));
  client.destroy();
  expect(requests.map(({ url }) => url)).toEqual(['http://ecr.example.invalid/']);
});

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8'));
  expect(VERSION).toBe(version);
});
