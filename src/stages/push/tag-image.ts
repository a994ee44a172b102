import { AwsError } from '../../aws/aws-error.js';
import type { Ecr, EcrImage, EcrRepository, TagRule } from '../../aws/ecr.js';
import { code } from '../build/words.js';
import type { StageFailure } from '../stage-failure.js';
import { diagnosed } from './diagnosed.js';

/**
 * Gives an image in ECR a tag. The image that had it before loses it, unless the repository's tags are immutable.
 *
 * @returns false when the tag stays with another image
 */
export async function tagImage(
  ecr: Ecr,
  repository: EcrRepository,
  image: EcrImage,
  tag: string,
): Promise<boolean> {
  try {
    await ecr.putImage(repository, image, tag);
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ImageTagAlreadyExistsException') return false;
    throw error;
  }
}

/**
 * Finds out, before anything is sent, whether a tag that the user asked for is another image's for good.
 *
 * @param taken those of the tags that other images have now
 * @throws StageFailure naming the tag
 */
export async function requireFreeTags(
  ecr: Ecr,
  repository: EcrRepository,
  taken: readonly EcrImage[],
): Promise<void> {
  if (taken.length === 0) return;
  const rule = await ecr.tagRule(repository).catch((error: unknown): TagRule => {
    // Not allowed to ask: then ECR says it when the tag is given.
    if (error instanceof AwsError && error.kind === 'access-denied') return { isImmutable: () => false };
    throw error;
  });
  for (const { tag = '', digest } of taken) {
    if (rule.isImmutable(tag)) throw takenTag(repository, tag, digest);
  }
}

export function takenTag({ name }: EcrRepository, tag: string, digest?: string): StageFailure {
  const message = `The tag ${code(tag)} of ${code(name)} belongs to another image${digest ? ` (${digest})` : ''}, and the repository’s tags are immutable.`;
  const failure = {
    message,
    fix: `Take ${code(tag)} out of \`image-tags\`, or give one that differs from push to push; the image has a tag for its content and one for the commit anyway. To let tags move, make the repository’s tags mutable, or exclude this one.`,
  };
  // By what ECR answers to such a PutImage, whether it was made or foreseen.
  return diagnosed(failure, {
    operation: 'PutImage',
    code: 'ImageTagAlreadyExistsException',
    lines: [`The image tag '${tag}' already exists in the '${name}' repository.`],
  });
}
