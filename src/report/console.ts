import type { PushRecord } from '../plan.js';
import { code, escapeHtml } from './escape.js';

/** The consoles of AWS's partitions. */
const CONSOLE = /^(?:[a-z0-9-]+\.)*console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/;

/** Something of AWS's, linked to its page in the console when the address is surely one of the console's. */
export function consoleLink(text: string, url: string | undefined, limit = 300): string {
  const label = code(text, limit);
  return isConsole(url) ? `<a href="${escapeHtml(url)}">${label}</a>` : label;
}

export function isConsole(url: string | undefined): url is string {
  if (
    url === undefined ||
    url.length > 2_000 ||
    !/^https:\/\/[\w.~:/?#@!$&()*+,;=%|-]+$/.test(url) ||
    !URL.canParse(url)
  ) {
    return false;
  }
  const { host, username, password } = new URL(url);
  return CONSOLE.test(host) && username === '' && password === '';
}

const REGISTRY = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

/** The image's page in the console; undefined when the registry is not one of ECR's. */
export function imagePage({
  registry,
  repository,
  digest,
}: Pick<PushRecord, 'registry' | 'repository' | 'digest'>): string | undefined {
  const [, account, region, china] = REGISTRY.exec(registry) ?? [];
  if (account === undefined || region === undefined) return undefined;
  if (!/^[a-z0-9._/-]+$/.test(repository) || !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
  const host = hostOf(region, china !== undefined);
  return `https://${host}/ecr/repositories/private/${account}/${repository}/_/image/${digest}/details?region=${region}`;
}

/** An object's page in the console. */
export function objectPage(uri: string | undefined, region: string): string | undefined {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})\/(.+)$/.exec(uri ?? '') ?? [];
  if (bucket === undefined || key === undefined || !/^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/.test(region)) {
    return undefined;
  }
  const host = hostOf(region, region.startsWith('cn-'));
  return `https://${host}/s3/object/${bucket}?region=${region}&prefix=${encodeURIComponent(key.toWellFormed())}`;
}

function hostOf(region: string, china: boolean): string {
  if (china) return `${region}.console.amazonaws.cn`;
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : `${region}.console.aws.amazon.com`;
}
