import type { SourceRecord } from '../plan.js';

/** What the names of the action's own tags begin with. */
export const TAG_PREFIX = 'sagemaker-byoc:';

/** The tags by which everything that the action makes in AWS can be followed back to its source. */
export const PINNING_TAGS = {
  repository: `${TAG_PREFIX}repository`,
  workflow: `${TAG_PREFIX}workflow`,
  commit: `${TAG_PREFIX}commit`,
  ref: `${TAG_PREFIX}ref`,
  runUrl: `${TAG_PREFIX}run-url`,
  actor: `${TAG_PREFIX}actor`,
} as const;

/**
 * On training jobs and endpoints: the very step that made it, by a number that is made anew each time. Legs of a matrix
 * that ask for the same have all other tags, and the name, in common.
 */
export const STEP_TAG = `${TAG_PREFIX}step`;

/** On models and endpoint configurations: the name of the endpoint that they were made for. */
export const ENDPOINT_TAG = `${TAG_PREFIX}endpoint`;

/**
 * On endpoint configurations that were live for good: `true` after a proof that passed, `unasked` after a deployment
 * that ended green without one. What lacks it may have answered as it should, too.
 */
export const PROVEN_TAG = `${TAG_PREFIX}proven`;

/** AWS takes up to 256 characters in a value, and of the others than these none. [doc] Tag */
const LONGEST_VALUE = 256;
const REFUSED = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu;

/** The user's tags and those of {@link PINNING_TAGS} that are known; the latter win. */
export function pinningTags(
  source: SourceRecord,
  own: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const tags = new Map(own);
  for (const [fact, key] of Object.entries(PINNING_TAGS)) {
    const value = source[fact as keyof typeof PINNING_TAGS];
    if (value) tags.set(key, tagValue(value));
  }
  return tags;
}

/** Tags in the API's own form, as the overrides of a request may have them. */
export function tagsOfRequest(tags: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(tags)) return [];
  return tags.flatMap((tag: unknown) => {
    const { Key, Value } = Object(tag) as { Key?: unknown; Value?: unknown };
    return typeof Key === 'string' ? [[Key, String(Value ?? '')] as const] : [];
  });
}

/** The text as a tag can hold it: what AWS refuses (the brackets of `dependabot[bot]`) becomes `_`. */
export function tagValue(text: string): string {
  return text
    .replace(REFUSED, '_')
    .slice(0, LONGEST_VALUE)
    .toWellFormed()
    .replace(/\ufffd$/, '');
}

/** Whether something with these tags was made by this very run, in whichever of its attempts. */
export function isOfThisRun(tags: ReadonlyMap<string, string>, source: SourceRecord): boolean {
  const { runUrl } = source;
  if (!runUrl) return false;
  const anyAttempt = (url: string) => url.replace(/\/attempts\/\d+$/, '');
  return anyAttempt(tags.get(PINNING_TAGS.runUrl) ?? '') === anyAttempt(tagValue(runUrl));
}
