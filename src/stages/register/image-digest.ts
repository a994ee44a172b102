import { AwsError } from '../../aws/aws-error.js';
import { type Ecr, openEcr } from '../../aws/ecr.js';
import type { AwsPlan } from '../../plan.js';
import { StageFailure } from '../stage-failure.js';

/** An image that can be no other. */
export interface PinnedImage {
  /** `<registry>/<repository>@sha256:…` */
  readonly uri: string;
  /** `sha256:…` */
  readonly digest: string;
}

const IN_ECR = /^(\d{12})\.dkr\.ecr[^/]*\/([^@]+?)(?::([^:@/]+))?$/;

/**
 * The image by its digest: a tag can be given to another image tomorrow, and a version in the registry must not
 * change. ECR is asked only when the reference has no digest.
 *
 * @throws StageFailure when there is no such image, or ECR does not say
 */
export async function pinImage(
  reference: string,
  plan: AwsPlan,
  signal: AbortSignal,
  open: (plan: AwsPlan, signal: AbortSignal) => Promise<Pick<Ecr, 'findImages'>> = openEcr,
): Promise<PinnedImage> {
  const [, name, digest] = /^(.+?)(?::[^:@/]+)?@(sha256:[0-9a-f]{64})$/.exec(reference) ?? [];
  if (name !== undefined && digest !== undefined) return { uri: `${name}@${digest}`, digest };
  const [, registryId, repository, tag = 'latest'] = IN_ECR.exec(reference) ?? [];
  if (registryId === undefined || repository === undefined) {
    throw new StageFailure({
      message: `The image ${reference} is not in ECR: SageMaker runs images from there only.`,
      fix: 'Push it (`stages: push, register`), or name an image of ECR in `image-uri`, best by its digest.',
    });
  }
  try {
    const ecr = await open(plan, signal);
    const [image] = await ecr.findImages({ name: repository, registryId }, [tag]);
    if (image !== undefined) {
      return { uri: `${reference.replace(/:[^:/]+$/, '')}@${image.digest}`, digest: image.digest };
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StageFailure({
      message: `Which image ${reference} is could not be found out. ${error.message}`,
      fix: `Name it by its digest in \`image-uri\` (${reference.replace(/:[^:/]+$/, '')}@sha256:…). Or: ${error.fix}`,
    });
  }
  throw new StageFailure({
    message: `There is no image ${reference} in ECR.`,
    fix: 'Check `image-uri`: registry, repository and tag; push the image first.',
  });
}
