import { request } from 'node:http';
import { type ModelAnswer, type ModelRequest, NoAnswer } from './model-server.js';

/**
 * POST to a container, on a connection of its own.
 *
 * @param base `http://address:port`
 * @throws NoAnswer
 */
export function requestModel(
  base: string,
  { path, headers, body, limitSeconds }: ModelRequest,
): Promise<ModelAnswer> {
  return new Promise((resolve, reject) => {
    const tooLong = new NoAnswer('time-out', `no answer within ${limitSeconds} seconds`);
    const outgoing = request(
      new URL(path, base),
      { method: 'POST', agent: false, headers: { ...headers, 'content-length': String(body.length) } },
      (incoming) => {
        incoming.on('close', () => clearTimeout(timer));
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: incoming });
      },
    );
    const timer = setTimeout(() => outgoing.destroy(tooLong), limitSeconds * 1000);
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error instanceof NoAnswer ? error : new NoAnswer('broken', error.message));
    });
    outgoing.end(body);
  });
}
