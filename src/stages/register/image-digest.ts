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

/** `<registry>/<repository>[:<tag>]` */
const REFERENCE = /^([^/]+)\/([^@]+?)(?::([^:@/]+))?$/;

/** Hosts of ECR, with FIPS and dual-stack ones: account and Region. [doc] */
const ECR_HOST = /^(\d{12})\.dkr(?:\.ecr|-ecr)(?:-fips)?\./;

/**
 * The image by its digest: a tag can be given to another image tomorrow, and a version in the registry must not
 * change. ECR is asked only when the reference has no digest. A registry with another name may be ECR all the same,
 * where AWS's endpoints are others: ECR says its own.
 *
 * @throws StageFailure when there is no such image, or ECR does not say
 */
export async function pinImage(
  reference: string,
  plan: AwsPlan,
  signal: AbortSignal,
  open: (
    plan: AwsPlan,
    signal: AbortSignal,
  ) => Promise<Pick<Ecr, 'findImages' | 'login' | 'close'>> = openEcr,
): Promise<PinnedImage> {
  const [, name, digest] = /^(.+?)(?::[^:@/]+)?@(sha256:[0-9a-f]{64})$/.exec(reference) ?? [];
  if (name !== undefined && digest !== undefined) return { uri: `${name}@${digest}`, digest };
  const [, host = '', repository, tag = 'latest'] = REFERENCE.exec(reference) ?? [];
  const registryId = ECR_HOST.exec(host)?.[1];
  // Docker's own rule: a host has a dot or a port, or is `localhost`.
  const hasHost = /[.:]/.test(host) || host === 'localhost';
  if (repository === undefined || !hasHost) throw notInEcr(reference);
  const base = `${host}/${repository}`;
  const ecr = await open(plan, signal);
  try {
    if (registryId === undefined && !(await isItsHost(ecr, host))) throw notInEcr(reference);
    const of = { name: repository, ...(registryId !== undefined && { registryId }) };
    const [image] = await ecr.findImages(of, [tag]);
    if (image !== undefined) return { uri: `${base}@${image.digest}`, digest: image.digest };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StageFailure({
      message: `Which image ${reference} is could not be found out. ${error.message}`,
      fix: `Name it by its digest in \`image-uri\` (${base}@sha256:…). Or: ${error.fix}`,
    });
  } finally {
    ecr.close();
  }
  throw new StageFailure({
    message: `There is no image ${reference} in ECR.`,
    fix: 'Check `image-uri`: registry, repository and tag; push the image first.',
  });
}

/** Whoever may not ask is told of the image's name, which needs no permission to be mended. */
async function isItsHost(ecr: Pick<Ecr, 'login'>, host: string): Promise<boolean> {
  try {
    return (await ecr.login()).host === host;
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'access-denied') return false;
    throw error;
  }
}

const notInEcr = (reference: string): StageFailure =>
  new StageFailure({
    message: `The image ${reference} is not in ECR: SageMaker runs images from there only.`,
    fix: 'Push it (`stages: push, register`), or name an image of ECR in `image-uri`, best by its digest.',
  });
