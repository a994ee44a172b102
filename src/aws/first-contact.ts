import { hostOf } from '../host-of.js';
import { AwsError, type AwsErrorKind } from './aws-error.js';

/**
 * How long the first call of a service is made again and again while nothing answers, in milliseconds. An outage in
 * the middle of a run passes; that nothing was ever reached is mostly a proxy, a firewall or a typing error, which
 * does not.
 */
export const FIRST_CONTACT_MS = 75_000;

/** Services of which a call was answered in this process, in whatever words. */
const answered = new Set<string>();
const NO_ANSWER: ReadonlySet<AwsErrorKind> = new Set([
  'network',
  'certificate',
  'no-credentials',
  'no-region',
]);

/** Whether whoever says this was reached. */
export const isAnswer = (kind: AwsErrorKind): boolean => !NO_ANSWER.has(kind);

/** @param action the call as IAM names it: `ecr:CreateRepository` */
export const noteAnswer = (action: string): void => void answered.add(serviceOf(action));

/** Whether a call of the action's service was answered before. */
export const wasReached = (action: string): boolean => answered.has(serviceOf(action));

const serviceOf = (action: string): string => action.split(':', 1)[0] ?? action;

/**
 * The error of a call that was never answered, with the way that was tried: endpoint, Region, proxy.
 *
 * @param region of the client; absent: not known
 * @param env where endpoint and proxy are named
 */
export function neverReached(
  error: AwsError,
  region: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): AwsError {
  const service = serviceOf(error.action);
  const ofService = `AWS_ENDPOINT_URL_${service.replaceAll('-', '_').toUpperCase()}`;
  const named = [ofService, 'AWS_ENDPOINT_URL'].find((name) => env[name]);
  const url = named === undefined ? 'https://' : (env[named] ?? '');
  const endpoint =
    named === undefined ? `AWS’s own endpoint of ${service}` : `the endpoint ${hostOf(url)} (${named})`;
  const variable = url.startsWith('http:') ? 'HTTP_PROXY' : 'HTTPS_PROXY';
  const set = [variable.toLowerCase(), variable].find((name) => env[name]);
  const except = ['no_proxy', 'NO_PROXY'].find((name) => env[name]);
  const proxy =
    set === undefined
      ? `no proxy (${variable} is not set)`
      : `the proxy ${hostOf(env[set] ?? '')} (${set}${except === undefined ? '' : `, but for ${except}=${env[except]}`})`;
  const { kind, action, code, message, fix } = error;
  const way = `Nothing of ${service} has answered since the run began. Tried: ${endpoint}${region === undefined ? '' : ` in the Region ${region}`}, with ${proxy}.`;
  return new AwsError(kind, action, code, `${message} ${way}`, fix, { cause: error });
}
