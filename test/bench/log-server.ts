import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sampleLine } from './sample-lines.js';

/** Of one page of GetLogEvents, with what CloudWatch Logs counts for each event besides its text. [doc] */
const PAGE_EVENTS = 10_000;
const PAGE_BYTES = 1_048_576;
const EVENT_OVERHEAD = 26;

export interface LogServerOptions {
  readonly hosts: readonly string[];
  /** Lines of each host, all there from the beginning. */
  readonly perHost: number;
  /** Milliseconds since 1970, of the first line; each further one is a millisecond later. */
  readonly from: number;
}

interface Request {
  readonly logStreamNamePrefix?: string;
  readonly logStreamName?: string;
  readonly startTime?: number;
  readonly nextToken?: string;
}

/**
 * CloudWatch Logs with the same full log streams for every training job that it is asked for. Pages are made once and
 * then sent from memory, so that a follower's rate is its own and not the server's: moto sorts all events of a stream
 * for each page.
 */
export class LogServer {
  readonly #server: Server;
  readonly #pages = new Map<string, Buffer>();
  readonly #ends = new Map<string, number>();
  /** When the first page was asked for, in milliseconds of `performance.now`; take it away before each follower. */
  firstAsked: number | undefined;

  constructor(private readonly options: LogServerOptions) {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    // What is asked for page after page is there before the first follower comes.
    for (const host of options.hosts) {
      for (let from = 0; from < options.perHost; ) from = this.#page(host, from).next;
    }
  }

  /** @returns the endpoint */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const input = JSON.parse(Buffer.concat(chunks).toString()) as Request;
    const operation = String(request.headers['x-amz-target']).split('.')[1];
    let body: Buffer;
    if (operation === 'DescribeLogStreams') body = this.#streams(input);
    else if (operation === 'GetLogEvents') body = this.#events(input);
    else throw new Error(`The bench's log server has no ${operation}.`);
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': body.length,
    });
    response.end(body);
  }

  #streams({ logStreamNamePrefix = '' }: Request): Buffer {
    const logStreams = this.options.hosts.map((host) => ({
      logStreamName: `${logStreamNamePrefix}${host}-1700000000`,
    }));
    return Buffer.from(JSON.stringify({ logStreams }));
  }

  #events({ logStreamName = '', startTime = 0, nextToken }: Request): Buffer {
    const host = /\/(algo-\d+)-\d+$/.exec(logStreamName)?.[1] ?? '';
    const from =
      nextToken === undefined ? Math.max(0, startTime - this.options.from) : Number(nextToken.slice(2));
    this.firstAsked ??= performance.now();
    return this.#page(host, from).body;
  }

  /** The events from the position on; the token of the next page is its position. */
  #page(host: string, from: number): { readonly body: Buffer; readonly next: number } {
    const next = this.#endOfPage(host, from);
    const key = `${host}/${from}`;
    let body = this.#pages.get(key);
    if (body === undefined) {
      const events = Array.from({ length: next - from }, (_, index) => ({
        timestamp: this.options.from + from + index,
        message: sampleLine(host, from + index + 1),
        ingestionTime: this.options.from + from + index + 400,
      }));
      body = Buffer.from(
        JSON.stringify({ events, nextForwardToken: `f/${next}`, nextBackwardToken: `b/${from}` }),
      );
      this.#pages.set(key, body);
    }
    return { body, next };
  }

  #endOfPage(host: string, from: number): number {
    const key = `${host}/${from}`;
    let end = this.#ends.get(key);
    if (end === undefined) {
      let bytes = 0;
      end = from;
      while (end < this.options.perHost && end - from < PAGE_EVENTS) {
        bytes += sampleLine(host, end + 1).length + EVENT_OVERHEAD;
        if (bytes > PAGE_BYTES) break;
        end += 1;
      }
      this.#ends.set(key, end);
    }
    return end;
  }
}
