import { AwsError } from '../../aws/aws-error.js';
import type { Ecr, EcrImage, EcrRepository, RegistryLogin } from '../../aws/ecr.js';
import type { Pace } from '../../aws/retry-policy.js';
import { CanceledError } from '../../docker/docker.js';
import type { ImageRecord } from '../../plan.js';
import type { StageContext } from '../context.js';
import { StageFailure } from '../stage-failure.js';
import { dockerPush, loggedIn } from './docker-push.js';
import { chooseManifest, isIndex, manifestsIn, SCHEMA_2, toSchema2 } from './manifest.js';
import { readBack } from './read-back.js';

export interface Shipment {
  readonly ecr: Ecr;
  readonly repository: EcrRepository;
  readonly login: RegistryLogin;
  /** The content tag, under which the image will be found. */
  readonly tag: string;
  /** Time and chance of waiting between the tries of a push. */
  readonly pace: Pace;
}

/**
 * Sends the image to ECR under its content tag, as a Docker schema 2 manifest.
 *
 * Docker's classic image store pushes that by itself. Engines that keep their images in containerd's store push
 * OCI manifests, which CreateModel refuses. There, the image goes to ECR under a tag for the moment; then the
 * same configuration and layers, which are there now, get a schema 2 manifest, and the first one is removed.
 * The image itself is not packed or sent again.
 *
 * @param notice gets what did not keep the image from arriving
 * @throws StageFailure, AwsError, CanceledError
 */
export async function send(
  context: StageContext,
  shipment: Shipment,
  image: ImageRecord,
  notice: (sentence: string) => void,
): Promise<EcrImage> {
  const { ecr, repository, login, tag, pace } = shipment;
  const converts = await keepsOci(context);
  const sentAs = converts ? `sagemaker-byoc-oci-${context.runId}` : tag;
  const target = { host: login.host, repository: repository.name, tag: sentAs };
  try {
    const digest = await loggedIn(context, login, target, (env) =>
      dockerPush(context, image.id, target, env, pace),
    );
    const sent = await readBack(ecr, repository, digest ?? sentAs, context.signal);
    return converts ? await convert(shipment, sent, image.platform, context.signal) : sent;
  } finally {
    if (converts) await removeFirst(shipment, sentAs, notice, context.signal);
  }
}

/** Whether the engine keeps images in containerd's store, whose manifests are OCI's. */
async function keepsOci({ docker, signal }: StageContext): Promise<boolean> {
  const { stdout } = await docker.run(['info', '--format', '{{json .DriverStatus}}'], { signal });
  return stdout.includes('io.containerd.snapshotter');
}

async function convert(
  { ecr, repository, tag }: Shipment,
  sent: EcrImage,
  platform: string,
  signal: AbortSignal,
): Promise<EcrImage> {
  let manifest = sent;
  if (isIndex(sent.mediaType)) {
    const child = chooseManifest(sent.manifest, platform);
    if (child === undefined) {
      throw new StageFailure({
        message: `What docker pushed is a list of images without one for ${platform}.`,
        fix: `Build or pull the image for ${platform} alone: \`--platform ${platform} --provenance=false\`.`,
      });
    }
    manifest = await readBack(ecr, repository, child, signal);
  }
  const text = manifest.mediaType === SCHEMA_2 ? manifest.manifest : toSchema2(manifest.manifest);
  if (text === undefined) {
    throw new StageFailure({
      message:
        'A layer of the image is packed with something else than gzip. SageMaker takes Docker schema 2 manifests only, which know nothing else.',
      fix: 'Build the image with gzip: `docker buildx build --output type=docker,compression=gzip,force-compression=true`; or base it on an image whose layers are not packed with zstd.',
    });
  }
  await ecr.putImage(repository, { manifest: text, mediaType: SCHEMA_2 }, tag);
  return readBack(ecr, repository, tag, signal);
}

/** After a cancel, there are seconds left. */
const LAST_MS = 2_500;

/** The manifests alone: ECR keeps the layers for the image that shares them. Nothing, when nothing arrived. */
async function removeFirst(
  { ecr: asked, repository, tag }: Shipment,
  sentAs: string,
  notice: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const ecr = signal.aborted ? asked.within(AbortSignal.timeout(LAST_MS)) : asked;
  try {
    const there = await ecr.findImages(repository, [sentAs, tag]);
    const sent = there.find((image) => image.tag === sentAs);
    if (sent === undefined) return;
    const kept = there.find((image) => image.tag === tag)?.digest;
    // Should the first one be schema 2, it has the content tag now as well: it loses the other one only.
    await ecr.remove(repository, [sent.digest === kept ? sentAs : sent.digest]);
    if (isIndex(sent.mediaType)) {
      // Those of the list can go only after it. One that has the content tag now is what was wanted.
      await ecr.remove(
        repository,
        manifestsIn(sent.manifest).filter((digest) => digest !== kept),
      );
    }
  } catch (error) {
    // What went wrong before, or the cancel, is what counts.
    if (error instanceof CanceledError && signal.aborted) return;
    if (!(error instanceof AwsError)) throw error;
    notice(
      `The OCI manifest ${sentAs} could not be removed from ${repository.name} (${error.action}: ${error.code}); the image under ${tag} is not affected. ${error.fix}`,
    );
  }
}
