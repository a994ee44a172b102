import { setSecret } from '@actions/core';
import type { Log } from './log.js';

/**
 * Has the runner show `***` wherever a secret would stand in the log. Call it before anything can print one.
 *
 * The command counts only outside of the log's guard, which a line of our own leaves; and only on a runner:
 * elsewhere it would be the one to print the secret.
 *
 * @param reason our line: what the secrets are for
 */
export function mask(
  log: Log,
  secrets: readonly string[],
  reason: string,
  env: NodeJS.ProcessEnv = process.env,
): void {
  log.info(reason);
  if (env['GITHUB_ACTIONS'] !== 'true') return;
  for (const secret of secrets) if (secret !== '') setSecret(secret);
}
