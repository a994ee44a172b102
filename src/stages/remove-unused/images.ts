import { AwsError } from '../../aws/aws-error.js';
import type { EcrImageSummary } from '../../aws/ecr.js';
import { REF_LABEL, REVISION_LABEL, SOURCE_LABEL } from '../build/oci-labels.js';
import { isContentTag } from '../push/content.js';
import { namesOf } from '../push/keep-images.js';
import { isIndex, readManifest } from '../push/manifest.js';
import { type Removal, withRepositories } from '../removal/removal.js';
import { isYoung, YOUNG_WHY } from './sort-out.js';

export interface ImageRules {
  /** Name of the repository in ECR. */
  readonly repository: string;
  /** So many of the newest that this action pushed stay, when no branch is said to be gone. */
  readonly keep: number;
  /** `refs/heads/feature`: only what was built for it. */
  readonly ref?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Removes images that this action pushed and nothing needs. What proves that is the content tag, and the labels that
 * name this GitHub repository. An image that has any further tag than its commit's is kept: somebody relies on that.
 */
export async function removeImages(
  { repository: name, keep, ref, now }: ImageRules,
  removal: Removal,
): Promise<void> {
  const { ledger, needs, source } = removal;
  const found = await withRepositories(removal, async (ecr) => {
    const described = await ecr.describeRepository({ name });
    return described && { uri: described.uri, images: await ecr.taggedImages({ name }) };
  });
  if (found === undefined) return;
  const kind = 'image';
  const ours = found.images
    .filter(({ tags }) => tags.some(isContentTag))
    .sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime());
  for (const image of ref === undefined ? ours.slice(keep) : ours) {
    const labels = await labelsOf(name, image, removal);
    if (!isOfRepository(labels, source) || (ref !== undefined && labels.get(REF_LABEL) !== ref)) continue;
    const uri = `${found.uri}@${image.digest}`;
    const user = namesOf(image, found.uri).flatMap((one) => needs.images.get(one) ?? [])[0];
    const others = image.tags.filter((tag) => !isContentTag(tag) && tag !== labels.get(REVISION_LABEL));
    if (user !== undefined) {
      // Of any branch, what is in use is no candidate.
      if (ref !== undefined) ledger.keep({ kind, name: uri, why: `${user} needs it` });
    } else if (others.length > 0) {
      ledger.keep({ kind, name: uri, why: `it has further tags: ${others.join(', ')}` });
    } else if (isYoung(image.pushedAt, now)) {
      ledger.keep({ kind, name: uri, why: YOUNG_WHY });
    } else {
      const why =
        ref === undefined
          ? `nothing needs it, and ${keep === 1 ? 'a newer one' : `${keep} newer ones`} stay`
          : `it was built for ${ref}, which is gone, and nothing needs it`;
      await ledger.remove({ kind, name: uri, why }, () => remove(name, image, removal));
    }
  }
}

async function remove(
  name: string,
  { digest }: EcrImageSummary,
  removal: Removal,
): Promise<'removed' | 'not-found'> {
  const { removed, failures } = await withRepositories(removal, (ecr) => ecr.remove({ name }, [digest]));
  if (failures.length > 0) throw notRemoved(failures);
  return removed.length > 0 ? 'removed' : 'not-found';
}

/** The labels in the image's configuration. */
async function labelsOf(
  name: string,
  { digest }: EcrImageSummary,
  removal: Removal,
): Promise<ReadonlyMap<string, string>> {
  return withRepositories(removal, async (ecr) => {
    const [image] = await ecr.findImages({ name }, [digest]);
    if (image === undefined || isIndex(image.mediaType)) return new Map();
    const text = await ecr.blob({ name }, readManifest(image.manifest).config.digest);
    const { config } = JSON.parse(text) as { config?: { Labels?: Record<string, string> | null } | null };
    return new Map(Object.entries(config?.Labels ?? {}));
  });
}

function isOfRepository(
  labels: ReadonlyMap<string, string>,
  { repository, serverUrl = 'https://github.com' }: Removal['source'],
): boolean {
  return labels.get(SOURCE_LABEL) === `${serverUrl}/${repository}`;
}

const notRemoved = (failures: readonly string[]): AwsError =>
  new AwsError(
    'conflict',
    'ecr:BatchDeleteImage',
    'ImageReferencedByManifestList',
    `ECR did not remove ${failures.join('; ')}.`,
    'Look at the image in the console of ECR.',
  );
