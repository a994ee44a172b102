import type { Json } from './train/deep-merge.js';

/** Names of variables and hyperparameters whose values are nobody's business. */
const SECRET_NAME = /secret|token|passw|credential|api_?-?key|access_?-?key|private/i;
/** A shorter value hides nothing, and would blot out half of the request. */
const SHORTEST_SECRET = 4;

/**
 * A request without values of secrets, wherever they stand in it.
 *
 * @param maps its maps that may hold secrets, by names that tell so
 */
export function hideSecrets(
  request: object,
  maps: readonly (Readonly<Record<string, string>> | undefined)[],
): Json {
  const secrets = maps
    .flatMap((values) => Object.entries(values ?? {}))
    .filter(([name, value]) => SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET)
    .map(([, value]) => value)
    .sort((a, b) => b.length - a.length);
  const hide = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  return mapText(request, hide) as Json;
}

function mapText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapText(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapText(item, change)]));
}
