import { Agent as HttpAgent, type IncomingMessage, request as overHttp } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as overHttps } from 'node:https';
import { AwsError, toAwsError } from './aws-error.js';
import type { Pace } from './retry-policy.js';

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;
const SILENCE_MS = 30_000;

/**
 * What is at an address that AWS has signed: for a few minutes anybody may read it, so no signature of ours is
 * needed, nor wanted.
 *
 * @param limit bytes that are read at most
 * @param action the call that gave the address, as IAM names it, for the error's words
 * @throws AwsError, CanceledError
 */
export async function download(
  url: string,
  limit: number,
  action: string,
  signal: AbortSignal,
  pace: Pace,
): Promise<Buffer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await get(url, limit, action, signal);
    } catch (thrown) {
      const error = toAwsError(thrown, action, signal);
      const again = error instanceof AwsError && (error.kind === 'network' || error.kind === 'server');
      if (!again || attempt === ATTEMPTS) throw error;
      await pace.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + pace.random() / 2));
    }
  }
}

async function get(url: string, limit: number, action: string, signal: AbortSignal): Promise<Buffer> {
  const answer = await ask(url, signal);
  const status = answer.statusCode ?? 0;
  if (status !== 200) {
    answer.resume();
    throw new AwsError(
      status >= 500 || status === 429 ? 'server' : 'access-denied',
      action,
      `HTTP ${status}`,
      `What ${action} gave the address of cannot be read: HTTP ${status} from ${new URL(url).host}.`,
      'Run it again. In a VPC, the endpoint policy of S3 must allow the buckets of ECR.',
    );
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      answer.destroy();
      throw new AwsError(
        'invalid',
        action,
        'TooLarge',
        `What ${action} gave the address of is larger than ${limit} bytes.`,
        'This is no image that Docker makes. Build it again.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function ask(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = url.startsWith('https:');
  // Node's agents ask the proxy variables from 24.5 on.
  const options: AgentOptions = { ...{ proxyEnv: process.env } };
  return new Promise((resolve, reject) => {
    const request = secure
      ? overHttps(url, { agent: new HttpsAgent(options), signal }, resolve)
      : overHttp(url, { agent: new HttpAgent(options), signal }, resolve);
    request.setTimeout(SILENCE_MS, () =>
      request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })),
    );
    request.on('error', reject);
    request.end();
  });
}
