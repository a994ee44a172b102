import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AwsError } from '../../../src/aws/aws-error.js';
import { download } from '../../../src/aws/download.js';
import { CanceledError } from '../../../src/docker/docker.js';

const noWait = { now: () => 0, sleep: async () => {}, random: () => 0 };

let server: Server;
let url: string;
let answers: (number | 'reset' | string)[];

beforeEach(async () => {
  server = createServer((request, response) => {
    const answer = answers.shift() ?? 'content';
    if (answer === 'reset') request.socket.destroy();
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/blob`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const get = (limit = 100, signal = new AbortController().signal) =>
  download(url, limit, 'ecr:GetDownloadUrlForLayer', signal, noWait);

test('what is there is read, after failures that pass', async () => {
  answers = [503, 'reset', 'content'];
  expect((await get()).toString()).toBe('content');
});

test.each([
  ['a refusal', [403], 'access-denied'],
  ['a server that fails again and again', [500, 500, 500, 500], 'server'],
  ['a connection that is lost again and again', ['reset', 'reset', 'reset', 'reset'], 'network'],
  ['more than there can be', ['x'.repeat(101)], 'invalid'],
] as const)('%s is an error of its kind', async (_, given, kind) => {
  answers = [...given];
  const error = await get().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AwsError);
  expect((error as AwsError).kind).toBe(kind);
  expect(answers).toEqual([]);
});

test('a cancel ends it', async () => {
  await expect(get(100, AbortSignal.abort())).rejects.toThrow(CanceledError);
});
