import { AwsError } from '../../aws/aws-error.js';
import type { Ecr, EcrImage, EcrRepository } from '../../aws/ecr.js';
import type { EcrRegistry } from '../../plan.js';
import { code } from '../build/words.js';
import { chooseManifest, isIndex, readManifest } from '../push/manifest.js';
import { StageFailure } from '../stage-failure.js';
import { wantsCredentials } from './patience.js';

/** An image's name, in its parts. */
export interface ImageName {
  /** `<registry>/<repository>` */
  readonly base: string;
  readonly host: string;
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

/** @returns undefined for a name without a host, or without a tag and a digest */
export function parseImageName(uri: string): ImageName | undefined {
  const match = /^(([^/@]+)\/([^:@]+))(?::([^@/]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(uri);
  const [, base = '', host = '', repository = '', tag, digest] = match ?? [];
  if (match === null || (tag === undefined && digest === undefined)) return undefined;
  // Docker's own rule: a host has a dot or a port, or is `localhost`.
  if (!/[.:]/.test(host) && host !== 'localhost') return undefined;
  return { base, host, repository, ...(tag && { tag }), ...(digest && { digest }) };
}

/** What is asked for. */
export interface ImageQuery {
  readonly name: ImageName;
  /** Absent: the host is not named as ECR's are. It may be all the same, where AWS's endpoints are others. */
  readonly registry?: EcrRegistry;
}

/** An image that ECR has. */
export interface FoundImage extends EcrImage {
  readonly repository: EcrRepository;
}

/** The image, or a sentence that says why it cannot be known. */
export type ImageAnswer =
  | { readonly image: FoundImage }
  | { readonly image?: undefined; readonly why: string };

/**
 * Looks an image up in ECR.
 *
 * @throws StageFailure when ECR says that it is not there: no job could run it; and when there are no credentials
 * @throws CanceledError
 */
export async function findInEcr(ecr: Ecr, { name, registry }: ImageQuery): Promise<ImageAnswer> {
  const repository: EcrRepository = {
    name: name.repository,
    ...(registry !== undefined && { registryId: registry.account }),
  };
  const reference = name.digest ?? name.tag ?? '';
  try {
    if (registry === undefined && (await ecr.login()).host !== name.host) {
      return { why: `The registry ${code(name.host)} is not in ECR.` };
    }
    const [image] = await ecr.findImages(repository, [reference]);
    if (image === undefined) throw missing(name, reference);
    return { image: { ...image, repository } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'RepositoryNotFoundException') throw missing(name, reference);
    if (wantsCredentials(error.kind)) throw new StageFailure({ message: error.message, fix: error.fix });
    return { why: `${error.message} ${error.fix}` };
  }
}

/**
 * The image's ENTRYPOINT, from its configuration in ECR; empty when it has none.
 *
 * @throws AwsError, CanceledError; SyntaxError when what is there is no image
 */
export async function entrypointInEcr(
  ecr: Ecr,
  image: FoundImage,
  platform: string,
): Promise<readonly string[]> {
  const { config } = readManifest((await ofPlatform(ecr, image, platform)).manifest);
  const blob = JSON.parse(await ecr.blob(image.repository, config.digest)) as {
    config?: { Entrypoint?: readonly string[] | null } | null;
  };
  return blob.config?.Entrypoint ?? [];
}

/** Of a list of images for several platforms, the one for this platform. */
async function ofPlatform(ecr: Ecr, image: FoundImage, platform: string): Promise<EcrImage> {
  if (!isIndex(image.mediaType)) return image;
  const digest = chooseManifest(image.manifest, platform);
  const [chosen] = digest === undefined ? [] : await ecr.findImages(image.repository, [digest]);
  if (chosen !== undefined) return chosen;
  throw new StageFailure({
    message: `The image ${image.digest} in ${code(image.repository.name)} is a list of images, and none of them is for ${platform}.`,
    fix: `Build it for ${platform}, or set \`platform\` and an \`instance-type\` of the same architecture.`,
  });
}

function missing({ base }: ImageName, reference: string): StageFailure {
  return new StageFailure({
    message: `There is no image ${code(reference)} in the repository ${code(base)}.`,
    fix: 'Check the name, the account and the Region in `image-uri`; a lifecycle rule of the repository may have removed the image. Or let this run bring it there: add `push` to `stages`.',
  });
}
