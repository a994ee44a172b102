import { request } from 'node:http';

/** An answer is kept up to here; a longer one is counted to its end. */
const KEPT_BYTES = 16 * 1024 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** From the first byte sent to the last byte received. */
  readonly limitSeconds: number;
  readonly signal: AbortSignal;
}

export type HttpAnswer =
  | {
      readonly status: number;
      readonly contentType?: string;
      /** The first 16 MiB. */
      readonly body: Buffer;
      readonly bytes: number;
      readonly seconds: number;
    }
  | {
      /** `time-out`, or the error's code or words: `ECONNREFUSED`, `socket hang up`. */
      readonly error: string;
      /** Whether the other side held the connection until the limit: something listens, but does not answer. */
      readonly hung: boolean;
      readonly seconds: number;
    };

/** An HTTP/1.1 request on a connection of its own. Never rejects: no answer is an answer here too. */
export function httpRequest(base: string, options: HttpRequest): Promise<HttpAnswer> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  return new Promise((resolve) => {
    let connected = false;
    let timedOut = false;
    const fail = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({
        error: timedOut ? 'time-out' : (error.code ?? error.message),
        hung: timedOut && connected,
        seconds: seconds(),
      });
    };
    const outgoing = request(
      new URL(options.path, base),
      {
        method: options.method,
        agent: false,
        signal: options.signal,
        headers: {
          ...options.headers,
          ...(options.body && { 'content-length': String(options.body.length) }),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          if (bytes < KEPT_BYTES) {
            chunks.push(chunk);
          }
          bytes += chunk.length;
        });
        incoming.on('error', fail);
        incoming.on('end', () => {
          clearTimeout(timer);
          const contentType = incoming.headers['content-type'];
          resolve({
            status: incoming.statusCode ?? 0,
            ...(contentType !== undefined && { contentType }),
            body: Buffer.concat(chunks),
            bytes,
            seconds: seconds(),
          });
        });
      },
    );
    const timer = setTimeout(() => {
      timedOut = true;
      outgoing.destroy(new Error('time-out'));
    }, options.limitSeconds * 1000);
    outgoing.on('socket', (socket) => {
      socket.once('connect', () => {
        connected = true;
      });
    });
    outgoing.on('error', fail);
    outgoing.end(options.body);
  });
}
