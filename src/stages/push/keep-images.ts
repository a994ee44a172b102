import { AwsError } from '../../aws/aws-error.js';
import type { Ecr, EcrImageSummary, EcrRepository } from '../../aws/ecr.js';
import { list } from '../build/words.js';
import { isContentTag } from './content.js';

export interface Removal {
  /** Digests of the images that are gone. */
  readonly removed: readonly string[];
  /** Why others are not, a sentence each. */
  readonly notices: readonly string[];
}

export interface Keeping {
  /** So many of the newest stay. */
  readonly keep: number;
  /** `<registry>/<repository>`: what stands before `:` or `@` of the images' names. */
  readonly name: string;
  /** Digest of the image that this run pushed, or found. */
  readonly digest: string;
  /** Tags of this run. */
  readonly tags: readonly string[];
  /** Names of images, by tag or digest, that something needs. Asked only when there is something to remove. */
  readonly inUse: () => Promise<ReadonlySet<string>>;
}

/**
 * Removes the older images that this action pushed into a repository, which their content tag tells. The newest
 * ones stay, this run's, those that a SageMaker model, endpoint or training job needs, and those that somebody has given a tag: whether
 * `image-tags` or a person did, a release is not removed for being old. Others' images are not even counted.
 *
 * That an image is not removed is no failure of the push: it is told.
 *
 * @throws CanceledError
 */
export async function keepImages(ecr: Ecr, repository: EcrRepository, keeping: Keeping): Promise<Removal> {
  try {
    const old = await oldImages(ecr, repository, keeping);
    const unnamed = old.filter(({ tags }) => tags.every(isOwnTag));
    const named = old.filter((image) => !unnamed.includes(image)).map(tagsOfOthers);
    const kept = named.length === 0 ? [] : [keptFor(named)];
    if (unnamed.length === 0) return { removed: [], notices: kept };
    const used = await keeping.inUse();
    const free = unnamed.filter((image) => !namesOf(image, keeping.name).some((name) => used.has(name)));
    const { removed, failures } = await ecr.remove(
      repository,
      free.map(({ digest }) => digest),
    );
    const spared = unnamed.length - free.length;
    return {
      removed,
      notices: [
        ...kept,
        ...(spared > 0
          ? [
              `\`keep-images\` kept ${spared} older image${spared > 1 ? 's' : ''} that models, endpoints or training jobs of SageMaker use.`,
            ]
          : []),
        ...(failures.length > 0 ? [`ECR did not remove ${list(failures)}.`] : []),
      ],
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {
      removed: [],
      notices: [`\`keep-images\` removed nothing, to be safe. ${error.message} ${error.fix}`],
    };
  }
}

/** A tag that the action gives by itself: of the content, or of a commit. Others are people's words. */
const isOwnTag = (tag: string): boolean => isContentTag(tag) || COMMIT.test(tag);

/** A commit's name by SHA-1 or SHA-256, whole. */
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

const tagsOfOthers = ({ tags }: EcrImageSummary): string => tags.find((tag) => !isOwnTag(tag)) ?? '';

/** How many tags a sentence names. */
const SHOWN_TAGS = 3;

function keptFor(tags: readonly string[]): string {
  const more = tags.length > SHOWN_TAGS ? ', …' : '';
  const shown = list(tags.slice(0, SHOWN_TAGS));
  return `\`keep-images\` kept ${tags.length} older image${tags.length > 1 ? 's' : ''} with a tag that is neither of the content nor of a commit (${shown}${more}).`;
}

async function oldImages(
  ecr: Ecr,
  repository: EcrRepository,
  { keep, digest, tags }: Keeping,
): Promise<readonly EcrImageSummary[]> {
  const ours = (await ecr.taggedImages(repository)).filter((image) => image.tags.some(isContentTag));
  return ours
    .sort((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime())
    .slice(keep)
    .filter((image) => image.digest !== digest && !image.tags.some((tag) => tags.includes(tag)));
}

/** All names by which something may need an image. */
export const namesOf = ({ digest, tags }: EcrImageSummary, name: string): readonly string[] => [
  `${name}@${digest}`,
  ...tags.flatMap((tag) => [`${name}:${tag}`, `${name}:${tag}@${digest}`]),
];
