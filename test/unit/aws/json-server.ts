import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JsonCall {
  /** `DescribeTrainingJob` */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly authorization: string;
}

export interface JsonAnswer {
  readonly status?: number;
  readonly body?: unknown;
  /** In place of the body: what is sent, as it is. */
  readonly text?: string;
  /** The connection is broken off in place of an answer. */
  readonly reset?: boolean;
}

/** AWS's JSON protocol over real HTTP, for the real SDK: it finds the way by `AWS_ENDPOINT_URL`. */
export class JsonServer {
  readonly calls: JsonCall[] = [];
  answer: (call: JsonCall) => JsonAnswer = () => ({ body: {} });
  #before = { ...process.env };

  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call: JsonCall = {
        operation: String(request.headers['x-amz-target']).split('.').at(-1) ?? '',
        body: JSON.parse(Buffer.concat(chunks).toString()),
        authorization: request.headers.authorization ?? '',
      };
      this.calls.push(call);
      send(response, this.answer(call));
    });
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
    });
  }

  async close(): Promise<void> {
    process.env = { ...this.#before };
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function send(
  response: ServerResponse,
  { status = 200, body = {}, text = JSON.stringify(body), reset = false }: JsonAnswer,
): void {
  if (reset) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(text);
}

/** An error as AWS's JSON protocol has it. */
export const refusal = (code: string, message: string, status = 400): JsonAnswer => ({
  status,
  body: { __type: code, message, Message: message },
});
