import type { AgentOptions } from 'node:https';
import type { AwsPlan } from '../plan.js';
import { VERSION } from '../version.js';
import { type Pace, RetryPolicy, systemPace } from './retry-policy.js';

/** Attempts of one call, the first one included: with the waits between them, a minute at most. */
export const MAX_ATTEMPTS = 8;

const CONNECT_MS = 5_000;
/** Until an answer begins. No call that the action makes takes AWS more than a few seconds. */
const ANSWER_MS = 30_000;

/**
 * What every AWS client of the action is made with.
 *
 * Credentials are not among it: the SDK's provider chain finds them, and a new client asks it again. The Region
 * is, when the user gave one; else the SDK finds it too (`AWS_REGION`, the profile). Nor is the endpoint, which
 * is AWS's own unless `AWS_ENDPOINT_URL` says otherwise.
 *
 * @param pace time and chance of waiting between attempts
 * @param env where the proxy is named (`HTTPS_PROXY`, `NO_PROXY`), which Node's agents ask from 24.5 on
 */
export function clientOptions(
  { region }: AwsPlan,
  pace: Pace = systemPace,
  env: NodeJS.ProcessEnv = process.env,
) {
  const agent: AgentOptions = { keepAlive: true, maxSockets: 50, ...{ proxyEnv: env } };
  return {
    ...(region !== undefined && { region }),
    maxAttempts: MAX_ATTEMPTS,
    retryStrategy: new RetryPolicy(MAX_ATTEMPTS, pace),
    customUserAgent: [['sagemaker-byoc', VERSION]] as [string, string][],
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}
