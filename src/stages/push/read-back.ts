import type { Ecr, EcrImage, EcrRepository } from '../../aws/ecr.js';
import { CanceledError } from '../../docker/docker.js';
import { StageFailure } from '../stage-failure.js';
import { contentOfBlob, type ImageContent } from './content.js';
import { readManifest, SCHEMA_2 } from './manifest.js';

/**
 * An image that must be in ECR, as it is there.
 *
 * @param reference tag or digest
 * @throws StageFailure when it is not there
 */
export async function readBack(
  ecr: Ecr,
  repository: EcrRepository,
  reference: string,
  signal: AbortSignal,
): Promise<EcrImage> {
  const [image] = await ecr.findImages(repository, [reference]);
  if (signal.aborted) throw new CanceledError();
  if (image === undefined) {
    throw new StageFailure({
      message: `Docker pushed the image, but ECR does not have ${reference} in ${repository.name}.`,
      fix: 'Something may have removed it at once: look at the repository’s lifecycle policy. Otherwise, run it again.',
    });
  }
  return image;
}

/**
 * What an image in ECR holds, read from its configuration. The local image's own configuration need not be
 * fetched: by its digest, it is the same.
 */
export async function contentInEcr(
  ecr: Ecr,
  repository: EcrRepository,
  image: EcrImage,
  local: { readonly id: string; readonly content: ImageContent },
): Promise<ImageContent> {
  const { config } = readManifest(image.manifest);
  return config.digest === local.id
    ? local.content
    : contentOfBlob(await ecr.blob(repository, config.digest));
}

/**
 * Judges what arrived by what was to arrive.
 *
 * @throws StageFailure when SageMaker would refuse it, or when it is another image
 */
export function verify(image: EcrImage, content: ImageContent, wanted: ImageContent, tag: string): void {
  requireSchema2(image);
  if (content.platform !== wanted.platform) {
    throw new StageFailure({
      message: `The image in ECR is for ${content.platform}, and not for ${wanted.platform} as the one that was tested.`,
      fix: `Build it for ${wanted.platform} alone: \`platform: ${wanted.platform}\`.`,
    });
  }
  if (content.hash !== wanted.hash) {
    throw new StageFailure({
      message: `The image ${image.digest} in ECR is not the one that was pushed, although it has its tag ${tag}.`,
      fix: 'Something else writes this tag. Run it again, and let nothing but this action write tags that begin with `sagemaker-byoc-`.',
    });
  }
}

function requireSchema2({ mediaType, digest }: EcrImage): void {
  if (mediaType === SCHEMA_2) return;
  throw new StageFailure({
    message: `The manifest of ${digest} in ECR is of type ${mediaType}. CreateModel takes Docker schema 2 (${SCHEMA_2}) only.`,
    fix: 'Push it with `docker buildx build --platform linux/amd64 --provenance=false --sbom=false --output type=image,push=true,oci-mediatypes=false`, or let this action push an image of an engine that runs Docker 20.10 or later.',
  });
}
