import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { reasonOf } from './errno.js';

/**
 * A few small calls do not earn the weight of GitHub's own client with its HTTP library, which is more than all else
 * that a run loads. Node's `fetch` knows no proxy by itself; its `https` takes one.
 */

const PATIENCE_MS = 15_000;
/** Waits before the second and the third attempt. */
const WAITS_MS = [1_000, 4_000];
const MOST_BYTES = 8 << 20;

/** GitHub refused a call, or could not be reached. Never holds the token. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface GitHubApi {
  /**
   * @param repeatable made again when the answer is lost or an error of the server's; not so what creates something
   * @throws GitHubError
   */
  call(method: 'POST' | 'PATCH', url: string, body: unknown, repeatable: boolean): Promise<unknown>;
  /** @throws GitHubError */
  read(url: string): Promise<unknown>;
}

/** @param env names the proxy, as Node's agents read it (`HTTPS_PROXY`, `NO_PROXY`) */
export function connectGitHub(
  token: string,
  env: NodeJS.ProcessEnv,
  sleep: (milliseconds: number) => Promise<unknown>,
): GitHubApi {
  const options: AgentOptions = { ...{ proxyEnv: env } };
  async function send(method: string, url: string, body: unknown, repeatable: boolean): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      const answer = await once(new URL(url), method, token, options, body);
      if (answer.status >= 200 && answer.status < 300) return parse(answer);
      const wait = WAITS_MS[attempt];
      const mayRepeat =
        answer.status === 429 || (repeatable && (answer.status === 0 || answer.status >= 500));
      if (wait === undefined || !mayRepeat) throw new GitHubError(answer.status, saidBy(answer));
      await sleep(wait);
    }
  }
  return { call: send, read: (url) => send('GET', url, undefined, true) };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function once(
  url: URL,
  method: string,
  token: string,
  options: AgentOptions,
  body: unknown,
): Promise<Answer> {
  const isPlain = url.protocol === 'http:';
  const text = body === undefined ? undefined : JSON.stringify(body);
  const agent = isPlain ? new HttpAgent(options) : new HttpsAgent(options);
  return new Promise((resolve) => {
    const done = (answer: Answer): void => {
      agent.destroy();
      resolve(answer);
    };
    const lost = (error: unknown): void => done({ status: 0, text: reasonOf(error) });
    const request = (isPlain ? httpRequest : httpsRequest)(
      url,
      {
        method,
        agent,
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'user-agent': 'sagemaker-byoc',
          'x-github-api-version': '2022-11-28',
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
        },
      },
      (response) => {
        read(response).then((all) => done({ status: response.statusCode ?? 0, text: all }), lost);
      },
    );
    request.on('error', lost);
    request.end(text);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse({ status, text }: Answer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new GitHubError(status, 'the answer is not JSON');
  }
}

/** GitHub's `message`; else the status, or why there was no answer. */
function saidBy({ status, text }: Answer): string {
  if (status === 0) return text;
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string' && message !== '') return `${message.slice(0, 200)} (HTTP ${status})`;
  } catch {
    // No words of GitHub's: the status has to do.
  }
  return `HTTP ${status}`;
}
