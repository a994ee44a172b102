import { createHash } from 'node:crypto';
import { canonicalJson } from '../train/deep-merge.js';

/** Names of models and configurations. [doc] */
const LONGEST_NAME = 63;
/** Hex digits of the content's hash. */
const HASH_DIGITS = 10;

/**
 * The name of something that never changes: what it is for, then the hash of what is in it. The same content has
 * the same name, so that nothing is made twice.
 *
 * @param content the request without its name and tags
 */
export function contentName(stem: string, content: unknown): string {
  const hash = createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, HASH_DIGITS);
  return `${stemOf(stem)}-${hash}`;
}

/** As much of what it is for as a name has room for: what the names of an endpoint's things begin with. */
export const stemOf = (stem: string): string =>
  stem.slice(0, LONGEST_NAME - HASH_DIGITS - 1).replace(/-+$/, '');
