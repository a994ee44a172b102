import { type Ecr, type EcrImage, type EcrRepository, openEcr } from '../aws/ecr.js';
import { imagesInUse } from '../aws/images-in-use.js';
import { type Pace, systemPace } from '../aws/retry-policy.js';
import { DockerError } from '../docker/docker.js';
import type { AwsPlan, ImageRecord, PushPlan, PushRecord, SourceRecord } from '../plan.js';
import { code } from './build/words.js';
import type { StageContext } from './context.js';
import { TAG_PREFIX } from './pinning-tags.js';
import { contentOfInspect, contentTag, type ImageContent } from './push/content.js';
import { keepImages } from './push/keep-images.js';
import { readManifest, SCHEMA_2, sizeOf } from './push/manifest.js';
import { ecrFailure } from './push/push-failure.js';
import { contentInEcr, verify } from './push/read-back.js';
import { send } from './push/send.js';
import { requireFreeTags, tagImage, takenTag } from './push/tag-image.js';
import { StageFailure } from './stage-failure.js';

/**
 * Brings the image into ECR, in a group of the log: under a tag made from its content, which tells the next run
 * that there is nothing to send; under the commit; and under the tags that the user wants. What is there in the
 * end is read back and checked.
 *
 * @param image in the local engine
 * @param onKnown gets the record as soon as the image is in ECR, before it has all its tags
 * @param pace time and chance of waiting between attempts
 * @throws StageFailure on everything that can be foreseen, with the fix
 * @throws CanceledError, DockerUnavailableError, DockerError as they come
 */
export function push(
  context: StageContext,
  plan: PushPlan,
  aws: AwsPlan,
  image: ImageRecord,
  onKnown: (partial: PushRecord) => void = () => {},
  pace: Pace = systemPace,
): Promise<PushRecord> {
  return context.log.group('Push the image to ECR', async () => {
    const ecr = await openEcr(aws, context.signal, pace);
    try {
      return await pushTo(ecr, context, plan, aws, image, onKnown, pace);
    } catch (error) {
      throw ecrFailure(error, plan.repository);
    } finally {
      ecr.close();
    }
  });
}

async function pushTo(
  ecr: Ecr,
  context: StageContext,
  plan: PushPlan,
  aws: AwsPlan,
  image: ImageRecord,
  onKnown: (partial: PushRecord) => void,
  pace: Pace,
): Promise<PushRecord> {
  const { log, signal } = context;
  const notices: string[] = [];
  const notice = (sentence: string) => {
    log.info(sentence);
    notices.push(sentence);
  };
  const content = await contentOfLocal(context, image);
  const login = await ecr.login(plan.registryId);
  const repository: EcrRepository = {
    name: plan.repository,
    ...(plan.registryId !== undefined && { registryId: plan.registryId }),
  };
  const name = `${login.host}/${repository.name}`;
  const tag = contentTag(content);
  const commitTag = context.source.commit;
  const others = [...new Set([...(commitTag === undefined ? [] : [commitTag]), ...plan.imageTags])];

  const { there, created } = await lookUp(ecr, plan, aws, context, repository, [tag, ...others]);
  const local = { id: image.id, content };
  const known = await sameImage(
    ecr,
    repository,
    there.find((found) => found.tag === tag),
    local,
  );
  const taken = there.filter(
    (found) => found.tag !== tag && found.digest !== known?.digest && found.tag !== commitTag,
  );
  await requireFreeTags(ecr, repository, taken);

  let arrived: EcrImage;
  if (known) {
    log.info(`Unchanged: ECR has this image already as ${name}:${tag}. Nothing is sent.`);
    arrived = known;
  } else {
    log.info(`Pushing ${image.uri} to ${name}:${tag}.`);
    arrived = await send(context, { ecr, repository, login, tag, pace }, image, notice);
    verify(arrived, await contentInEcr(ecr, repository, arrived, local), content, tag);
  }
  const record = (tags: readonly string[], removed: readonly string[]): PushRecord => ({
    uri: `${name}@${arrived.digest}`,
    registry: login.host,
    repository: repository.name,
    digest: arrived.digest,
    tags,
    mediaType: arrived.mediaType,
    sizeBytes: sizeOf(readManifest(arrived.manifest)),
    unchanged: known !== undefined,
    repositoryCreated: created,
    removed,
    ...(notices.length > 0 && { notices: [...notices] }),
  });
  onKnown(record([tag], []));

  const tags = [tag];
  for (const other of others) {
    const before = there.find((found) => found.tag === other);
    if (before?.digest === arrived.digest || (await tagImage(ecr, repository, arrived, other))) {
      tags.push(other);
    } else if (plan.imageTags.includes(other)) {
      throw takenTag(repository, other, before?.digest);
    } else {
      notice(
        `The tag of the commit, ${other}, stays with the image that an earlier run pushed (${before?.digest ?? 'another one'}): the repository’s tags are immutable, and this run built another image. What follows uses this run’s, by its digest.`,
      );
    }
  }
  log.info(`${name} has ${arrived.digest} as ${tags.join(', ')}.`);
  onKnown(record(tags, []));

  if (plan.keepImages === undefined) return record(tags, []);
  const removal = await keepImages(ecr, repository, {
    keep: plan.keepImages,
    name,
    digest: arrived.digest,
    tags,
    inUse: () => imagesInUse(aws, signal, pace),
  });
  removal.notices.forEach(notice);
  for (const digest of removal.removed) log.info(`Removed ${digest}: \`keep-images\` is ${plan.keepImages}.`);
  return record(tags, removal.removed);
}

async function contentOfLocal(
  { docker, signal }: StageContext,
  { id, uri }: ImageRecord,
): Promise<ImageContent> {
  try {
    const { stdout } = await docker.run(['image', 'inspect', '--format', '{{json .}}', id], { signal });
    return contentOfInspect(stdout);
  } catch (error) {
    if (error instanceof DockerError && /No such (?:image|object)/i.test(error.stderr)) {
      throw new StageFailure({
        message: `The image ${code(uri)} is not in the Docker engine any more.`,
        fix: 'If something else on this machine removes images, let it wait for the job.',
      });
    }
    throw error;
  }
}

/** Asks for the tags; makes the repository when it is missing and the user wants it made. */
async function lookUp(
  ecr: Ecr,
  plan: PushPlan,
  aws: AwsPlan,
  { log, source }: StageContext,
  repository: EcrRepository,
  tags: readonly string[],
): Promise<{ readonly there: readonly EcrImage[]; readonly created: boolean }> {
  try {
    return { there: await ecr.findImages(repository, tags), created: false };
  } catch (error) {
    if (!plan.createRepository || (error as { code?: string }).code !== 'RepositoryNotFoundException')
      throw error;
  }
  const created = (await ecr.createRepository(repository.name, repositoryTags(aws, source))) === 'created';
  if (!created) return { there: await ecr.findImages(repository, tags), created };
  log.info(`Created the repository ${repository.name}, which scans each image that is pushed.`);
  return { there: [], created };
}

/** The user's tags, and where the repository came from. Commits come and go: they are no tag of a repository. */
function repositoryTags(aws: AwsPlan, { repository }: SourceRecord): ReadonlyMap<string, string> {
  return new Map([
    ...(repository === undefined ? [] : ([[`${TAG_PREFIX}repository`, repository]] as const)),
    ...aws.tags,
  ]);
}

/**
 * The image that ECR has under the content tag, when it is indeed the same and in the form that SageMaker takes:
 * a tag alone proves nothing.
 */
async function sameImage(
  ecr: Ecr,
  repository: EcrRepository,
  found: EcrImage | undefined,
  local: { readonly id: string; readonly content: ImageContent },
): Promise<EcrImage | undefined> {
  if (found === undefined || found.mediaType !== SCHEMA_2) return undefined;
  const there = await contentInEcr(ecr, repository, found, local);
  return there.hash === local.content.hash ? found : undefined;
}
