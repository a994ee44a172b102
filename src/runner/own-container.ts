import { existsSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * The id of the container that this process runs in (`jobs.<id>.container`); undefined outside of one. Docker
 * makes the short id the host name unless it is told another, which GitHub's runner does not.
 */
export function ownContainer(marker = '/.dockerenv'): string | undefined {
  const name = hostname();
  return existsSync(marker) && /^[0-9a-f]{12}$/.test(name) ? name : undefined;
}
