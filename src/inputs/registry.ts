import type { EcrRegistry } from '../plan.js';

/**
 * Hosts of ECR in every partition, with FIPS and dual-stack ones. [doc] partitions.json: `amazonaws.com`,
 * `amazonaws.com.cn`, `amazonaws.eu`, and those of the isolated partitions.
 */
const HOST =
  /^(\d{12})\.dkr(?:\.ecr|-ecr)(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.(?:com|com\.cn|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;

/** An image's or a repository's name, cut at the first `/` when what is before it is a host. */
export function splitHost(name: string): { readonly host?: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  // Docker's own rule: a host has a dot or a port, or is `localhost`.
  if (!/[.:]/.test(first) && first !== 'localhost') return { path: name };
  return { host: first, path: name.slice(slash + 1) };
}

/** The registry that a host is, or `undefined` when it is not a private one of ECR. */
export function parseRegistry(host: string): EcrRegistry | undefined {
  const [, account, region] = HOST.exec(host) ?? [];
  return account === undefined || region === undefined ? undefined : { account, region };
}
