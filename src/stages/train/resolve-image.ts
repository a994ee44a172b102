import { AwsError } from '../../aws/aws-error.js';
import type { Ecr } from '../../aws/ecr.js';
import type { Docker } from '../../docker/docker.js';
import type { EcrRegistry } from '../../plan.js';
import { code } from '../build/words.js';
import { StageFailure } from '../stage-failure.js';
import {
  entrypointInEcr,
  findInEcr,
  type ImageAnswer,
  type ImageName,
  parseImageName,
} from './image-in-ecr.js';

/** The image to train: as ECR has it, and in the local engine when it is there. */
export interface TrainingImage {
  /** `<registry>/<repository>@sha256:…`, or a tag when nobody knows the digest. */
  readonly uri: string;
  /** The engine's id, when it is there. */
  readonly id?: string;
  /** Docker's words: `linux/amd64`. */
  readonly platform?: string;
  /** Of the image's name, when it is one of ECR's. */
  readonly registry?: EcrRegistry;
}

export interface ResolveOptions {
  readonly docker: Docker;
  readonly signal: AbortSignal;
  readonly image: TrainingImage;
  /** False: the request names another image, or none. */
  readonly pins: boolean;
  /** toolkit-environment must know what it puts itself in front of. */
  readonly needsEntrypoint: boolean;
  /** Of the image's registry. Closed in the end. */
  readonly open: () => Promise<Ecr>;
}

export interface ResolvedImage {
  /** `<registry>/<repository>@sha256:…`; as it was given when nobody knows the digest. */
  readonly uri: string;
  /** The image's ENTRYPOINT; empty when it has none, or when it is not needed. */
  readonly entrypoint: readonly string[];
  /** Why the image has no digest, a sentence. */
  readonly notice?: string;
}

/**
 * The image as the job is to run it: by the digest of the image that was tested, else by the one that the tag has
 * in ECR now. What is in the local engine is not asked of ECR.
 *
 * @throws StageFailure when there is no such image, or when its ENTRYPOINT is needed and cannot be known
 * @throws CanceledError, DockerError as they come
 */
export async function resolveImage(options: ResolveOptions): Promise<ResolvedImage> {
  const { docker, signal, image, pins, needsEntrypoint, open } = options;
  const name = parseImageName(image.uri);
  const byTag = pins && name !== undefined && name.digest === undefined ? name : undefined;
  const asksEngine = image.id !== undefined && (needsEntrypoint || byTag !== undefined);
  const inspected = asksEngine ? await inspect(docker, image.id, signal) : undefined;
  const tested = byTag && inspected && digestOf(inspected.RepoDigests ?? [], byTag);
  const known = {
    uri: tested === undefined ? image.uri : `${byTag?.base}@${tested}`,
    entrypoint: needsEntrypoint ? inspected?.Config?.Entrypoint : [],
  };
  const entrypointIsKnown = !needsEntrypoint || inspected !== undefined;
  if ((byTag === undefined || tested !== undefined) && entrypointIsKnown) {
    return { uri: known.uri, entrypoint: known.entrypoint ?? [] };
  }
  if (name === undefined) throw entrypointUnknown('Its name has no registry.');
  const ecr = await open();
  try {
    const answer = await findInEcr(ecr, {
      name,
      ...(image.registry && { registry: image.registry }),
    });
    const entrypoint = entrypointIsKnown
      ? (known.entrypoint ?? [])
      : await entrypointOf(ecr, answer, image.platform ?? 'linux/amd64');
    if (byTag === undefined) return { uri: image.uri, entrypoint };
    return answer.image === undefined
      ? { uri: image.uri, entrypoint, notice: unpinned(byTag, answer.why) }
      : { uri: `${byTag.base}@${answer.image.digest}`, entrypoint };
  } finally {
    ecr.close();
  }
}

interface Inspected {
  readonly Config?: { readonly Entrypoint?: readonly string[] | null } | null;
  readonly RepoDigests?: readonly string[] | null;
}

async function inspect(docker: Docker, id: string, signal: AbortSignal): Promise<Inspected> {
  const { stdout } = await docker.run(['image', 'inspect', '--format', '{{json .}}', id], { signal });
  return JSON.parse(stdout) as Inspected;
}

/** The digest under which the engine pulled the image from this repository, or pushed it there. */
function digestOf(repoDigests: readonly string[], { base }: ImageName): string | undefined {
  const digests = repoDigests.flatMap((one) =>
    one.startsWith(`${base}@`) ? [one.slice(base.length + 1)] : [],
  );
  return digests.length === 1 ? digests[0] : undefined;
}

async function entrypointOf(ecr: Ecr, answer: ImageAnswer, platform: string): Promise<readonly string[]> {
  if (answer.image === undefined) throw entrypointUnknown(answer.why);
  try {
    return await entrypointInEcr(ecr, answer.image, platform);
  } catch (error) {
    if (error instanceof AwsError) throw entrypointUnknown(`${error.message} ${error.fix}`);
    if (error instanceof SyntaxError) throw entrypointUnknown('What the registry has there is no image.');
    throw error;
  }
}

const entrypointUnknown = (why: string): StageFailure =>
  new StageFailure({
    message: `\`toolkit-environment\` puts itself before the image’s ENTRYPOINT, which cannot be known. ${why}`,
    fix: 'Give the program as `entrypoint`, or add `smoke-test` to `stages`: it has the image in Docker.',
  });

const unpinned = ({ base, tag = '' }: ImageName, why: string): string =>
  `The image ${code(`${base}:${tag}`)} is not pinned by its digest: the job takes what the tag names when it starts. ${why}`;
