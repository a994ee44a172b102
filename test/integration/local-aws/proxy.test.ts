import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type ActionRun, runAction } from '../run-action.js';
import { localAws, type SharedLocalAws } from './shared.js';

/** The action between a proxy and AWS, as docs/troubleshooting.md says it is told of one. */
jest.setTimeout(240_000);

let aws: SharedLocalAws;
let folder: string;
let secure: Server;
let proxy: Server;
const sockets = new Set<Socket>();
/** `CONNECT localhost:1234`, or the address of a plain request. */
let asked: string[] = [];
let refused = 0;
/** `user:password` that the proxy wants. */
let login = '';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listening = (server: Server): Promise<void> =>
  new Promise((ready) => {
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1', ready);
  });

beforeAll(async () => {
  aws = await localAws();
  folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...[
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        join(folder, 'key'),
        '-out',
        join(folder, 'cert'),
      ],
    ],
    { stdio: 'ignore' },
  );

  // AWS over TLS: what comes is sent on as it is, so that it stays signed.
  const to = new URL(aws.endpoint);
  secure = createHttpsServer(
    { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) },
    (incoming, answer) => {
      const { method, url, headers } = incoming;
      const onward = request({ host: to.hostname, port: to.port, method, path: url, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers);
        response.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      incoming.pipe(onward);
    },
  );
  proxy = createHttpServer((incoming, answer) => {
    asked.push(incoming.url ?? '');
    answer.writeHead(502).end();
  });
  proxy.on('connect', (incoming, client: Socket) => {
    const wanted = login === '' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
    if (wanted !== undefined && incoming.headers['proxy-authorization'] !== wanted) {
      refused += 1;
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    asked.push(`CONNECT ${incoming.url}`);
    const upstream = connect(portOf(secure), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
  });
  await Promise.all([listening(secure), listening(proxy)]);
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  secure.close();
  proxy.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
  refused = 0;
  login = '';
});

/** A stage that asks AWS and needs nothing else: no such version is registered. */
const approve = (env: Readonly<Record<string, string>>): Promise<ActionRun> =>
  runAction(
    { stages: 'approve', 'model-package-group': 'behind-a-proxy', 'model-package': 'latest' },
    {
      env: {
        ...aws.env,
        AWS_ENDPOINT_URL: `https://localhost:${portOf(secure)}`,
        NODE_EXTRA_CA_CERTS: join(folder, 'cert'),
        ...env,
      },
    },
  );
const proxyUrl = (user = ''): string => `http://${user}127.0.0.1:${portOf(proxy)}`;
/** AWS has answered, in its own words. */
const ANSWERED = /behind-a-proxy/;

describe('the action behind a proxy', () => {
  test('reaches AWS over TLS by HTTPS_PROXY', async () => {
    const { outputs } = await approve({ HTTPS_PROXY: proxyUrl() });
    expect(outputs['failure-reason']).toMatch(ANSWERED);
    expect(asked).toEqual([`CONNECT localhost:${portOf(secure)}`]);
  });

  test('tells the proxy user and password, and nobody else', async () => {
    login = 'user:p4ssw0rd';
    const run = await approve({ HTTPS_PROXY: proxyUrl('user:p4ssw0rd@'), RUNNER_DEBUG: '1' });
    expect(run.outputs['failure-reason']).toMatch(ANSWERED);
    expect([asked.length, refused]).toEqual([1, 0]);
    expect(run.log).not.toContain('p4ssw0rd');
  });

  test('goes past it to what NO_PROXY names', async () => {
    const { outputs } = await approve({ HTTPS_PROXY: proxyUrl(), NO_PROXY: 'example.com,localhost' });
    expect(outputs['failure-reason']).toMatch(ANSWERED);
    expect(asked).toEqual([]);
  });

  test('names the fix when a certificate is not known', async () => {
    const { outputs, log } = await approve({ HTTPS_PROXY: proxyUrl(), NODE_EXTRA_CA_CERTS: '' });
    expect(outputs['failure-class']).toBeTruthy();
    expect(log).toContain('NODE_EXTRA_CA_CERTS');
  });
});
