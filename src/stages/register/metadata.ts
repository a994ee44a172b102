import type { SourceRecord } from '../../plan.js';
import { PINNING_TAGS, pinningTags, tagValue } from '../pinning-tags.js';
import type { ModelInfo } from './model-info.js';
import type { TrainingFacts } from './trained-by.js';

/** Entries of CustomerMetadataProperties that the action writes besides the pinning tags. */
export const METADATA = {
  trainingJob: 'training-job',
  imageDigest: 'image-digest',
  /** ETag of the model in S3: the same address may hold another model later. */
  modelEtag: 'model-etag',
  modelCard: 'model-card',
  approvedBy: 'approved-by',
  approvedAt: 'approved-at',
  approvalRun: 'approval-run-url',
} as const;

/** [doc] CustomerMetadataProperties */
const MOST_ENTRIES = 50;
const LONGEST_KEY = 128;
/** Kept free: what `approve` adds to a version later. */
const RESERVED = 3;

export interface MetadataFacts {
  readonly source: SourceRecord;
  readonly imageDigest: string;
  readonly etag?: string;
  readonly training?: TrainingFacts;
  readonly card?: string;
  /** The user's own. */
  readonly own: ReadonlyMap<string, string>;
  readonly info: ModelInfo;
}

/**
 * CustomerMetadataProperties of a version, in the order of their worth: whence it comes, the user's own, its
 * metrics, and what training said of the model in model_info.json. What the API does not take in a key or value
 * becomes `_`.
 *
 * @returns with the names of what the API's {@link MOST_ENTRIES} left no room for
 */
export function customerMetadata(facts: MetadataFacts): {
  readonly properties: Readonly<Record<string, string>>;
  readonly leftOut: readonly string[];
} {
  const { source, imageDigest, etag, training, card, own, info } = facts;
  const wanted: readonly (readonly [string, string])[] = [
    ...pinningTags(source),
    [METADATA.imageDigest, imageDigest],
    ...(training === undefined ? [] : [[METADATA.trainingJob, training.name] as const]),
    ...(etag === undefined ? [] : [[METADATA.modelEtag, etag] as const]),
    ...(card === undefined ? [] : [[METADATA.modelCard, card] as const]),
    ...own,
    ...(training?.metrics ?? []).map(({ name, value }) => [`metric:${name}`, String(value)] as const),
    ...[...info].map(([name, value]) => [`model-info:${name}`, value] as const),
  ];
  const properties = new Map<string, string>();
  const leftOut: string[] = [];
  for (const [name, text] of wanted) {
    const key = tagValue(name).slice(0, LONGEST_KEY);
    const value = tagValue(text);
    // The API takes no empty ones; what was said first is certain.
    if (key === '' || value === '' || properties.has(key)) continue;
    if (properties.size < MOST_ENTRIES - RESERVED) properties.set(key, value);
    else leftOut.push(key);
  }
  return { properties: Object.fromEntries(properties), leftOut };
}

/**
 * Whose version it is, by its metadata; what they do not say is taken from this run. Where this run is the same, its
 * own spelling stays: metadata take fewer characters (`dependabot_bot_`).
 */
export function sourceIn(properties: Readonly<Record<string, string>>, source: SourceRecord): SourceRecord {
  const said = Object.entries(PINNING_TAGS).flatMap(([fact, key]) => {
    const value = properties[key];
    const own = source[fact as keyof typeof PINNING_TAGS];
    return value === undefined || (own !== undefined && tagValue(own) === value)
      ? []
      : [[fact, value] as const];
  });
  return { ...source, ...Object.fromEntries(said) };
}
