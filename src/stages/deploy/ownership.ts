import type { SourceRecord } from '../../plan.js';
import { ENDPOINT_TAG, PINNING_TAGS, tagValue } from '../pinning-tags.js';

/**
 * Whose something in AWS is, by its tags. `ours`: of this repository. `nobody`: it carries no tag of the action,
 * or tags may not be read.
 */
export type Owner = 'ours' | 'nobody' | { readonly repository: string };

export function ownerOf(tags: ReadonlyMap<string, string>, { repository }: SourceRecord): Owner {
  const owner = tags.get(PINNING_TAGS.repository);
  if (owner === undefined || owner === '') return 'nobody';
  return repository !== undefined && owner === tagValue(repository) ? 'ours' : { repository: owner };
}

/** Whether a model or a configuration was made by this repository for this endpoint. */
export const isMadeFor = (
  tags: ReadonlyMap<string, string>,
  endpointName: string,
  source: SourceRecord,
): boolean => ownerOf(tags, source) === 'ours' && tags.get(ENDPOINT_TAG) === endpointName;
