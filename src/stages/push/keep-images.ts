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
 * ones stay, this run's, and those that a SageMaker model names. Others' images are not even counted.
 *
 * That an image is not removed is no failure of the push: it is told.
 *
 * @throws CanceledError
 */
export async function keepImages(ecr: Ecr, repository: EcrRepository, keeping: Keeping): Promise<Removal> {
  try {
    const old = await oldImages(ecr, repository, keeping);
    if (old.length === 0) return { removed: [], notices: [] };
    const used = await keeping.inUse();
    const free = old.filter((image) => !namesOf(image, keeping.name).some((name) => used.has(name)));
    const { removed, failures } = await ecr.remove(
      repository,
      free.map(({ digest }) => digest),
    );
    const spared = old.length - free.length;
    return {
      removed,
      notices: [
        ...(spared > 0
          ? [`\`keep-images\` kept ${spared} older image${spared > 1 ? 's' : ''} that SageMaker models use.`]
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
