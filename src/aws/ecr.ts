import type { ECRClient, ImageDetail, ImageIdentifier } from '@aws-sdk/client-ecr';
import type { AwsPlan } from '../plan.js';
import { AwsError } from './aws-error.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { download } from './download.js';
import { type Pace, systemPace } from './retry-policy.js';

/** A repository of a registry: its own account's unless `registryId` (12 digits) names another one. */
export interface EcrRepository {
  readonly name: string;
  readonly registryId?: string;
}

export interface RegistryLogin {
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com`: what stands before the first slash of an image's name. */
  readonly host: string;
  readonly username: string;
  readonly password: string;
  /** `username:password` in Base64, as it came: as secret as the password. */
  readonly token: string;
}

export interface EcrImage {
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  readonly mediaType: string;
  /** The manifest's own text: its digest is that of these bytes. */
  readonly manifest: string;
  readonly tag?: string;
}

/** What `keep-images` needs to know of an image. */
export interface EcrImageSummary {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAt: Date;
}

export interface DescribedRepository {
  /** `<registry>/<repository>`: what stands before `:` or `@` of its images' names. */
  readonly uri: string;
  readonly tags: ReadonlyMap<string, string>;
}

export interface TagRule {
  /** Whether this tag can be given to another image. */
  isImmutable(tag: string): boolean;
}

export interface Deletion {
  /** Digests of what is gone. */
  readonly removed: readonly string[];
  /** What ECR did not remove, in its words. */
  readonly failures: readonly string[];
}

/** All manifests that ECR knows how to store, so that it answers with what is there and converts nothing. */
const MEDIA_TYPES = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

/** Image ids of one BatchGetImage and one BatchDeleteImage. */
const BATCH = 100;

/** An image's configuration: a few kilobytes, and never this much. */
const LARGEST_BLOB = 8 * 1024 * 1024;

/**
 * Amazon ECR, as far as the action uses it. Every method rejects with AwsError when the call failed for good, and
 * with CanceledError when the signal was aborted.
 */
export class Ecr {
  readonly #sdk: typeof import('@aws-sdk/client-ecr');
  readonly #client: ECRClient;
  readonly #signal: AbortSignal;
  readonly #pace: Pace;

  constructor(sdk: typeof import('@aws-sdk/client-ecr'), client: ECRClient, signal: AbortSignal, pace: Pace) {
    this.#sdk = sdk;
    this.#client = client;
    this.#signal = signal;
    this.#pace = pace;
  }

  /** A login for the registry, valid for 12 hours at most. */
  async login(registryId?: string): Promise<RegistryLogin> {
    const { authorizationData } = await this.#send('GetAuthorizationToken', (options) =>
      this.#client.send(
        new this.#sdk.GetAuthorizationTokenCommand(
          registryId === undefined ? {} : { registryIds: [registryId] },
        ),
        options,
      ),
    );
    const [data] = authorizationData ?? [];
    const token = data?.authorizationToken ?? '';
    const [, username, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(token, 'base64').toString()) ?? [];
    if (!data?.proxyEndpoint || username === undefined || password === undefined) {
      throw unexpected('GetAuthorizationToken', 'no registry, or no login for it');
    }
    return { host: new URL(data.proxyEndpoint).host, username, password, token };
  }

  /**
   * The images that carry these tags, or have these digests (`sha256:…`). Those that are not there are left out.
   * One image with several of the tags comes once for each.
   */
  async findImages(repository: EcrRepository, references: readonly string[]): Promise<readonly EcrImage[]> {
    const found: EcrImage[] = [];
    for (const some of batches(references)) {
      const { images, failures } = await this.#send('BatchGetImage', (options) =>
        this.#client.send(
          new this.#sdk.BatchGetImageCommand({
            ...wire(repository),
            imageIds: some.map(imageId),
            acceptedMediaTypes: MEDIA_TYPES,
          }),
          options,
        ),
      );
      const failure = failures?.find(({ failureCode }) => failureCode !== 'ImageNotFound');
      if (failure) {
        throw unexpected('BatchGetImage', `${failure.failureCode}: ${failure.failureReason}`);
      }
      for (const { imageId: id, imageManifest, imageManifestMediaType } of images ?? []) {
        if (id?.imageDigest === undefined || imageManifest === undefined) continue;
        found.push({
          digest: id.imageDigest,
          manifest: imageManifest,
          // Left out by ECR for some old images; the manifest says it too.
          mediaType: imageManifestMediaType ?? mediaTypeIn(imageManifest),
          ...(id.imageTag !== undefined && { tag: id.imageTag }),
        });
      }
    }
    return found;
  }

  /** Makes the repository, which scans each image that is pushed. One that is there already is as good. */
  async createRepository(name: string, tags: ReadonlyMap<string, string>): Promise<'created' | 'existing'> {
    try {
      await this.#send('CreateRepository', (options) =>
        this.#client.send(
          new this.#sdk.CreateRepositoryCommand({
            repositoryName: name,
            imageScanningConfiguration: { scanOnPush: true },
            tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
          }),
          options,
        ),
      );
      return 'created';
    } catch (error) {
      if (error instanceof AwsError && error.code === 'RepositoryAlreadyExistsException') return 'existing';
      throw error;
    }
  }

  /** @returns undefined when there is no repository of this name */
  async describeRepository({ name, registryId }: EcrRepository): Promise<DescribedRepository | undefined> {
    try {
      const { repositories } = await this.#send('DescribeRepositories', (options) =>
        this.#client.send(
          new this.#sdk.DescribeRepositoriesCommand({
            repositoryNames: [name],
            ...(registryId !== undefined && { registryId }),
          }),
          options,
        ),
      );
      const { repositoryArn = '', repositoryUri = '' } = repositories?.[0] ?? {};
      const { tags } = await this.#send('ListTagsForResource', (options) =>
        this.#client.send(new this.#sdk.ListTagsForResourceCommand({ resourceArn: repositoryArn }), options),
      );
      return {
        uri: repositoryUri,
        tags: new Map((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      };
    } catch (error) {
      if (error instanceof AwsError && error.code === 'RepositoryNotFoundException') return undefined;
      throw error;
    }
  }

  /** Removes the repository with all its images. One that is not there is as good. */
  async removeRepository(repository: EcrRepository): Promise<'removed' | 'not-found'> {
    try {
      await this.#send('DeleteRepository', (options) =>
        this.#client.send(
          new this.#sdk.DeleteRepositoryCommand({ ...wire(repository), force: true }),
          options,
        ),
      );
      return 'removed';
    } catch (error) {
      if (error instanceof AwsError && error.code === 'RepositoryNotFoundException') return 'not-found';
      throw error;
    }
  }

  /** Which tags of the repository are fixed to their image. */
  async tagRule(repository: EcrRepository): Promise<TagRule> {
    const { repositories } = await this.#send('DescribeRepositories', (options) =>
      this.#client.send(
        new this.#sdk.DescribeRepositoriesCommand({
          repositoryNames: [repository.name],
          ...(repository.registryId !== undefined && { registryId: repository.registryId }),
        }),
        options,
      ),
    );
    const [found] = repositories ?? [];
    const mode = found?.imageTagMutability ?? 'MUTABLE';
    const filters = found?.imageTagMutabilityExclusionFilters ?? [];
    return {
      isImmutable: (tag) => {
        const excluded =
          mode.endsWith('_WITH_EXCLUSION') && filters.some(({ filter }) => matches(filter ?? '', tag));
        return mode.startsWith('IMMUTABLE') !== excluded;
      },
    };
  }

  /**
   * Stores a manifest whose blobs are there, under a tag. The same one under the same tag is as good.
   *
   * @throws AwsError with code `ImageTagAlreadyExistsException` when the tag is another image's for good
   */
  async putImage(
    repository: EcrRepository,
    { manifest, mediaType }: Pick<EcrImage, 'manifest' | 'mediaType'>,
    tag: string,
  ): Promise<void> {
    try {
      await this.#send('PutImage', (options) =>
        this.#client.send(
          new this.#sdk.PutImageCommand({
            ...wire(repository),
            imageManifest: manifest,
            imageManifestMediaType: mediaType,
            imageTag: tag,
          }),
          options,
        ),
      );
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ImageAlreadyExistsException') return;
      throw error;
    }
  }

  /** A small blob, such as an image's configuration, as text. */
  async blob(repository: EcrRepository, digest: string): Promise<string> {
    const { downloadUrl } = await this.#send('GetDownloadUrlForLayer', (options) =>
      this.#client.send(
        new this.#sdk.GetDownloadUrlForLayerCommand({ ...wire(repository), layerDigest: digest }),
        options,
      ),
    );
    if (downloadUrl === undefined) throw unexpected('GetDownloadUrlForLayer', 'no address');
    const bytes = await download(
      downloadUrl,
      LARGEST_BLOB,
      'ecr:GetDownloadUrlForLayer',
      this.#signal,
      this.#pace,
    );
    return bytes.toString('utf8');
  }

  /** All images of the repository that have a tag, in no order. */
  async taggedImages(repository: EcrRepository): Promise<readonly EcrImageSummary[]> {
    const details: ImageDetail[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#send('DescribeImages', (options) =>
        this.#client.send(
          new this.#sdk.DescribeImagesCommand({
            ...wire(repository),
            filter: { tagStatus: 'TAGGED' },
            maxResults: 1000,
            nextToken,
          }),
          options,
        ),
      );
      details.push(...(page.imageDetails ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return details.flatMap(({ imageDigest, imageTags, imagePushedAt }) =>
      imageDigest === undefined || imagePushedAt === undefined
        ? []
        : [{ digest: imageDigest, tags: imageTags ?? [], pushedAt: imagePushedAt }],
    );
  }

  /** Removes images by digest, with all their tags; or takes tags away, and the image with its last one. */
  async remove(repository: EcrRepository, references: readonly string[]): Promise<Deletion> {
    const removed: string[] = [];
    const problems: string[] = [];
    for (const some of batches(references)) {
      const { imageIds, failures } = await this.#send('BatchDeleteImage', (options) =>
        this.#client.send(
          new this.#sdk.BatchDeleteImageCommand({ ...wire(repository), imageIds: some.map(imageId) }),
          options,
        ),
      );
      removed.push(...(imageIds ?? []).flatMap(({ imageDigest }) => imageDigest ?? []));
      problems.push(
        ...(failures ?? [])
          .filter(({ failureCode }) => failureCode !== 'ImageNotFound')
          .map(({ imageId: id, failureCode, failureReason }) =>
            [id?.imageDigest ?? id?.imageTag, failureReason ?? failureCode].join(': '),
          ),
      );
    }
    return { removed: [...new Set(removed)], failures: problems };
  }

  /** The same, ended by another signal: for what must be done after a cancel. */
  within(signal: AbortSignal): Ecr {
    return new Ecr(this.#sdk, this.#client, signal, this.#pace);
  }

  close(): void {
    this.#client.destroy();
  }

  #send<Output>(
    operation: string,
    send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
  ): Promise<Output> {
    return call(`ecr:${operation}`, this.#signal, send);
  }
}

/** Loads the SDK's client, which takes a while, and makes one. Close it in the end. */
export async function openEcr(aws: AwsPlan, signal: AbortSignal, pace: Pace = systemPace): Promise<Ecr> {
  const sdk = await import('@aws-sdk/client-ecr');
  return new Ecr(sdk, new sdk.ECRClient(clientOptions(aws, pace)), signal, pace);
}

const wire = ({ name, registryId }: EcrRepository) => ({
  repositoryName: name,
  ...(registryId !== undefined && { registryId }),
});

const imageId = (reference: string): ImageIdentifier =>
  /^sha256:[0-9a-f]{64}$/.test(reference) ? { imageDigest: reference } : { imageTag: reference };

function batches(references: readonly string[]): readonly (readonly string[])[] {
  const all = [...new Set(references)];
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) =>
    all.slice(index * BATCH, (index + 1) * BATCH),
  );
}

function mediaTypeIn(manifest: string): string {
  const { mediaType } = JSON.parse(manifest) as { mediaType?: string };
  return mediaType ?? 'application/vnd.oci.image.manifest.v1+json';
}

/** A filter of tags, where `*` stands for any characters. */
function matches(filter: string, tag: string): boolean {
  const parts = filter.split('*').map((part) => part.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(tag);
}

const unexpected = (operation: string, what: string): AwsError =>
  new AwsError(
    'server',
    `ecr:${operation}`,
    'UnexpectedAnswer',
    `ECR gave an answer to ${operation} that was not expected: ${what}.`,
    'Run it again. Should AWS_ENDPOINT_URL be set, check what answers there.',
  );
