import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { httpRequest } from '../../../src/contract/http-request.js';

const servers: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

async function listen(server: Server | ReturnType<typeof createSocketServer>): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const serve = (listener: RequestListener) => listen(createServer(listener));

const { signal } = new AbortController();
const ping = { method: 'GET', path: '/ping', limitSeconds: 5, signal } as const;

describe('one HTTP request', () => {
  test('sends method, path, headers and body, and brings status, type and body back', async () => {
    const seen: unknown[] = [];
    const base = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
      }
      const { headers, method, url } = request;
      seen.push(method, url, headers['content-type'], headers.accept, headers['content-length']);
      response.writeHead(201, { 'content-type': 'text/csv; charset=utf-8' }).end(Buffer.concat(chunks));
    });
    const answer = await httpRequest(base, {
      method: 'POST',
      path: '/invocations',
      headers: { 'content-type': 'text/csv', accept: 'text/csv' },
      body: Buffer.from([0, 255, 10]),
      limitSeconds: 5,
      signal,
    });
    expect(seen).toEqual(['POST', '/invocations', 'text/csv', 'text/csv', '3']);
    expect(answer).toMatchObject({
      status: 201,
      contentType: 'text/csv; charset=utf-8',
      body: Buffer.from([0, 255, 10]),
      bytes: 3,
    });
  });

  test('a closed port is refused, not hung', async () => {
    const base = await serve(() => {});
    const server = servers.pop();
    await new Promise((resolve) => (server as Server).close(resolve));
    expect(await httpRequest(base, ping)).toMatchObject({ error: 'ECONNREFUSED', hung: false });
  });

  test('a server that takes the connection and never answers is hung', async () => {
    const base = await serve(() => {});
    const answer = await httpRequest(base, { ...ping, limitSeconds: 0.05 });
    expect(answer).toMatchObject({ error: 'time-out', hung: true });
    (servers[0] as Server).closeAllConnections();
  });

  test('an answer whose body does not end is a time-out too', async () => {
    const base = await serve((_, response) => {
      response.write('the beginning');
    });
    expect(await httpRequest(base, { ...ping, limitSeconds: 0.05 })).toMatchObject({ error: 'time-out' });
    (servers[0] as Server).closeAllConnections();
  });

  test('a connection that is closed without an answer is an error in words', async () => {
    const base = await listen(createSocketServer((socket) => socket.destroy()));
    expect(await httpRequest(base, ping)).toMatchObject({ error: 'ECONNRESET', hung: false });
  });

  test('something that is no HTTP server is an error, not a rejection', async () => {
    const base = await listen(createSocketServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await httpRequest(base, ping)).toMatchObject({ error: expect.stringMatching(/^HPE_/) });
  });

  test('a cancel ends it', async () => {
    const base = await serve(() => {});
    const abort = new AbortController();
    const pending = httpRequest(base, { ...ping, signal: abort.signal });
    abort.abort();
    expect(await pending).toMatchObject({ error: 'ABORT_ERR' });
    (servers[0] as Server).closeAllConnections();
  });
});
