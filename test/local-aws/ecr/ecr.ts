import { AwsError, type CallContext, type ServiceHandler } from '../service.js';
import type { Logins } from './logins.js';
import {
  type Repositories,
  type Repository,
  type StoredImage,
  type TagFilter,
  tagsOf,
} from './repositories.js';

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Every member that one of the operations below takes; the front door has checked their types. */
interface Input {
  readonly registryId?: string;
  readonly repositoryName: string;
  readonly repositoryNames?: readonly string[];
  readonly tags?: readonly Tag[];
  readonly tagKeys?: readonly string[];
  readonly resourceArn?: string;
  readonly imageTagMutability?: string;
  readonly imageTagMutabilityExclusionFilters?: readonly TagFilter[];
  readonly imageScanningConfiguration?: Readonly<Record<string, unknown>>;
  readonly encryptionConfiguration?: Readonly<Record<string, unknown>>;
  readonly force?: boolean;
  readonly policyText?: string;
  readonly lifecyclePolicyText?: string;
  readonly imageIds?: readonly ImageId[];
  readonly imageId?: ImageId;
  readonly imageManifest?: string;
  readonly imageManifestMediaType?: string;
  readonly imageTag?: string;
  readonly imageDigest?: string;
  readonly layerDigest?: string;
  readonly filter?: { readonly tagStatus?: string };
  readonly maxResults?: number;
  readonly nextToken?: string;
}

type Operation = (input: Input, context: CallContext, accessKeyId: string) => unknown;

/**
 * The API of ECR, in front of the registry that Docker pushes to. Repositories are the same in every region:
 * there is one registry.
 */
export class Ecr implements ServiceHandler {
  private readonly repositories: Repositories;
  private readonly logins: Logins;
  /** `127.0.0.1:port` */
  private readonly host: string;

  constructor(repositories: Repositories, logins: Logins, host: string) {
    this.repositories = repositories;
    this.logins = logins;
    this.host = host;
  }

  async handle(operation: string, input: unknown, context: CallContext): Promise<unknown> {
    const found = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    if (found === undefined) {
      throw new AwsError('UnknownOperationException', `local AWS's ECR does not have ${operation}`);
    }
    return found(input as Input, context, context.accessKeyId);
  }

  /**
   * `POST expire-logins`: passwords given so far are too old for the registry; only those of a key, when the body has an
   * `accessKeyId`.
   */
  async control(method: string, path: string, body: unknown): Promise<unknown> {
    if (method !== 'POST' || path !== 'expire-logins')
      throw new AwsError('NotFound', 'POST expire-logins', 404);
    this.logins.expire((body as { readonly accessKeyId?: string } | null | undefined)?.accessKeyId);
    return {};
  }

  private readonly operations: Readonly<Record<string, Operation>> = {
    GetAuthorizationToken: (_, __, accessKeyId) => {
      const { password, expiresAt } = this.logins.issue(accessKeyId);
      const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64');
      return { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `http://${this.host}` }] };
    },

    CreateRepository: (input, context) => {
      const repository = this.repositories.add({
        name: input.repositoryName,
        mutability: input.imageTagMutability ?? 'MUTABLE',
        exclusionFilters: input.imageTagMutabilityExclusionFilters ?? [],
        scanning: { scanOnPush: false, ...input.imageScanningConfiguration },
        encryption: input.encryptionConfiguration ?? { encryptionType: 'AES256' },
        tags: new Map((input.tags ?? []).map(({ Key, Value }) => [Key, Value])),
      });
      return { repository: this.describe(repository, context) };
    },

    DescribeRepositories: (input, context) => {
      const chosen =
        input.repositoryNames?.map((name) => this.repositories.get(name, input.registryId)) ??
        this.repositories.all();
      const { items, nextToken } = page(chosen, input);
      return { repositories: items.map((repository) => this.describe(repository, context)), nextToken };
    },

    DeleteRepository: (input, context) => {
      const repository = this.get(input);
      if (repository.images.size > 0 && input.force !== true) {
        throw new AwsError(
          'RepositoryNotEmptyException',
          `The repository with name '${repository.name}' in registry with id '${this.repositories.account}' cannot be deleted because it still contains images`,
        );
      }
      this.repositories.remove(repository.name);
      return { repository: this.describe(repository, context) };
    },

    PutImageTagMutability: (input) => {
      const repository = this.get(input);
      repository.mutability = input.imageTagMutability ?? 'MUTABLE';
      repository.exclusionFilters = input.imageTagMutabilityExclusionFilters ?? [];
      return {
        ...this.ids(repository),
        imageTagMutability: repository.mutability,
        ...(repository.exclusionFilters.length > 0 && {
          imageTagMutabilityExclusionFilters: repository.exclusionFilters,
        }),
      };
    },

    PutImageScanningConfiguration: (input) => {
      const repository = this.get(input);
      repository.scanning = { scanOnPush: false, ...input.imageScanningConfiguration };
      return { ...this.ids(repository), imageScanningConfiguration: repository.scanning };
    },

    SetRepositoryPolicy: (input) => {
      const repository = this.get(input);
      const policyText = input.policyText ?? '';
      checkJson(policyText, 'PolicyText');
      repository.policyText = policyText;
      return { ...this.ids(repository), policyText };
    },
    GetRepositoryPolicy: (input) => {
      const repository = this.get(input);
      return { ...this.ids(repository), policyText: this.policy(repository) };
    },
    DeleteRepositoryPolicy: (input) => {
      const repository = this.get(input);
      const policyText = this.policy(repository);
      delete repository.policyText;
      return { ...this.ids(repository), policyText };
    },

    PutLifecyclePolicy: (input) => {
      const repository = this.get(input);
      const lifecyclePolicyText = input.lifecyclePolicyText ?? '';
      checkJson(lifecyclePolicyText, 'LifecyclePolicyText');
      repository.lifecyclePolicyText = lifecyclePolicyText;
      return { ...this.ids(repository), lifecyclePolicyText };
    },
    GetLifecyclePolicy: (input) => {
      const repository = this.get(input);
      if (repository.lifecyclePolicyText === undefined) {
        throw new AwsError(
          'LifecyclePolicyNotFoundException',
          `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${this.repositories.account}'`,
        );
      }
      return { ...this.ids(repository), lifecyclePolicyText: repository.lifecyclePolicyText };
    },

    TagResource: (input) => {
      const repository = this.byArn(input.resourceArn ?? '');
      for (const { Key, Value } of input.tags ?? []) repository.tags.set(Key, Value);
      return {};
    },
    UntagResource: (input) => {
      const repository = this.byArn(input.resourceArn ?? '');
      for (const key of input.tagKeys ?? []) repository.tags.delete(key);
      return {};
    },
    ListTagsForResource: (input) => ({
      tags: [...this.byArn(input.resourceArn ?? '').tags].map(([Key, Value]) => ({ Key, Value })),
    }),

    ListImages: (input) => {
      const repository = this.get(input);
      const all = [...repository.images.keys()].flatMap((imageDigest): readonly ImageId[] => {
        const tags = tagsOf(repository, imageDigest);
        return tags.length === 0 ? [{ imageDigest }] : tags.map((imageTag) => ({ imageDigest, imageTag }));
      });
      const { items, nextToken } = page(
        all.filter(({ imageTag }) => hasStatus(imageTag !== undefined, input)),
        input,
      );
      return { imageIds: items, nextToken };
    },

    DescribeImages: (input) => {
      const repository = this.get(input);
      const chosen = input.imageIds?.map((id) => {
        const found = find(repository, id);
        if (typeof found !== 'string') return found;
        throw new AwsError(
          'ImageNotFoundException',
          `The image with imageId {imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'} does not exist within the repository with name '${repository.name}' in the registry with id '${this.repositories.account}'`,
        );
      });
      const filtered =
        chosen ??
        [...repository.images.values()].filter(({ digest }) =>
          hasStatus(tagsOf(repository, digest).length > 0, input),
        );
      const { items, nextToken } = page([...new Set(filtered)], input);
      return { imageDetails: items.map((image) => this.detail(repository, image)), nextToken };
    },

    BatchGetImage: (input, context) => {
      const repository = this.get(input);
      const { found, failures } = findAll(repository, input.imageIds ?? []);
      return {
        images: found.map(({ id, image }) => {
          image.pulledAt = context.now();
          return this.image(repository, image, id.imageTag);
        }),
        failures,
      };
    },

    GetDownloadUrlForLayer: (input, _, accessKeyId) => {
      const repository = this.get(input);
      const layerDigest = input.layerDigest ?? '';
      if (!repository.layers.has(layerDigest)) {
        throw new AwsError(
          'LayersNotFoundException',
          `One or more layers are not available in the repository with name '${repository.name}' in registry with id '${this.repositories.account}'`,
        );
      }
      // AWS signs an address of S3. Here the login stands in the registry's own, where every client reads it.
      const { password } = this.logins.issue(accessKeyId);
      const downloadUrl = `http://AWS:${password}@${this.host}/v2/${repository.name}/blobs/${layerDigest}`;
      return { downloadUrl, layerDigest };
    },

    PutImage: (input) => {
      const repository = this.get(input);
      const image = this.repositories.put(repository, Buffer.from(input.imageManifest ?? ''), {
        mediaType: input.imageManifestMediaType,
        tag: input.imageTag,
        digest: input.imageDigest,
        exists: 'refuse',
      });
      return { image: this.image(repository, image, input.imageTag) };
    },

    BatchDeleteImage: (input) => {
      const repository = this.get(input);
      const { found, failures } = findAll(repository, input.imageIds ?? []);
      const imageIds: ImageId[] = [];
      for (const { id, image } of found) {
        const { digest } = image;
        const parent = [...repository.images.values()].find(({ references }) => references.includes(digest));
        const tags = tagsOf(repository, digest);
        const goes = id.imageTag === undefined || tags.length <= 1;
        if (goes && parent !== undefined) {
          failures.push({
            imageId: id,
            failureCode: 'ImageReferencedByManifestList',
            failureReason: `Requested image referenced by manifest list: [${parent.digest}]`,
          });
          continue;
        }
        const removed = id.imageTag === undefined ? tags : [id.imageTag];
        for (const tag of removed) repository.imageTags.delete(tag);
        if (goes) repository.images.delete(digest);
        if (removed.length === 0) imageIds.push({ imageDigest: digest });
        imageIds.push(...removed.map((imageTag) => ({ imageDigest: digest, imageTag })));
      }
      return { imageIds, failures };
    },

    DescribeImageScanFindings: (input) => {
      const repository = this.get(input);
      const { imageDigest = 'null', imageTag = 'null' } = input.imageId ?? {};
      throw new AwsError(
        'ScanNotFoundException',
        `Image scan does not exist for the image with '{imageDigest:'${imageDigest}', imageTag:'${imageTag}'}' in the repository with name '${repository.name}' in the registry with id '${this.repositories.account}'`,
      );
    },
  };

  private get({ repositoryName, registryId }: Input): Repository {
    return this.repositories.get(repositoryName, registryId);
  }

  private byArn(arn: string): Repository {
    const [, name] = /^arn:aws[a-z-]*:ecr:[a-z0-9-]+:\d{12}:repository\/(.+)$/.exec(arn) ?? [];
    if (name !== undefined) return this.repositories.get(name);
    throw new AwsError(
      'InvalidParameterException',
      `Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'`,
    );
  }

  private ids({ name }: Repository) {
    return { registryId: this.repositories.account, repositoryName: name };
  }

  private describe(repository: Repository, { region, account }: CallContext) {
    return {
      repositoryArn: `arn:aws:ecr:${region}:${account}:repository/${repository.name}`,
      ...this.ids(repository),
      repositoryUri: `${this.host}/${repository.name}`,
      createdAt: repository.createdAt,
      imageTagMutability: repository.mutability,
      ...(repository.exclusionFilters.length > 0 && {
        imageTagMutabilityExclusionFilters: repository.exclusionFilters,
      }),
      imageScanningConfiguration: repository.scanning,
      encryptionConfiguration: repository.encryption,
    };
  }

  private detail(repository: Repository, image: StoredImage) {
    const imageTags = tagsOf(repository, image.digest);
    return {
      ...this.ids(repository),
      imageDigest: image.digest,
      ...(imageTags.length > 0 && { imageTags }),
      imageSizeInBytes: image.sizeBytes,
      imagePushedAt: image.pushedAt,
      imageManifestMediaType: image.mediaType,
      artifactMediaType: image.artifactMediaType,
      lastRecordedPullTime: image.pulledAt,
    };
  }

  private image(repository: Repository, image: StoredImage, imageTag: string | undefined) {
    return {
      ...this.ids(repository),
      imageId: { imageDigest: image.digest, ...(imageTag !== undefined && { imageTag }) },
      imageManifest: image.manifest.toString('utf8'),
      imageManifestMediaType: image.mediaType,
    };
  }

  private policy({ name, policyText }: Repository): string {
    if (policyText !== undefined) return policyText;
    throw new AwsError(
      'RepositoryPolicyNotFoundException',
      `Repository policy does not exist for the repository with name '${name}' in the registry with id '${this.repositories.account}'`,
    );
  }
}

const REASONS = {
  MissingDigestAndTag: 'Invalid request parameters: both tag and digest cannot be null',
  InvalidImageDigest:
    'Invalid request parameters: image digest should satisfy the regex [a-zA-Z0-9-_+.]+:[a-fA-F0-9]+',
  ImageTagDoesNotMatchDigest: 'Requested tag does not match the requested digest',
  ImageNotFound: 'Requested image not found',
} as const;

function find(
  repository: Repository,
  { imageDigest, imageTag }: ImageId,
): StoredImage | keyof typeof REASONS {
  if (imageDigest === undefined && imageTag === undefined) return 'MissingDigestAndTag';
  if (imageDigest !== undefined && !/^[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+$/.test(imageDigest))
    return 'InvalidImageDigest';
  const tagged = imageTag === undefined ? undefined : repository.imageTags.get(imageTag);
  if (imageTag !== undefined && tagged === undefined) return 'ImageNotFound';
  if (imageDigest !== undefined && tagged !== undefined && tagged !== imageDigest)
    return 'ImageTagDoesNotMatchDigest';
  return repository.images.get(imageDigest ?? tagged ?? '') ?? 'ImageNotFound';
}

function findAll(repository: Repository, imageIds: readonly ImageId[]) {
  const found: { readonly id: ImageId; readonly image: StoredImage }[] = [];
  const failures: {
    readonly imageId: ImageId;
    readonly failureCode: string;
    readonly failureReason: string;
  }[] = [];
  for (const id of imageIds) {
    const image = find(repository, id);
    if (typeof image !== 'string') found.push({ id, image });
    else failures.push({ imageId: id, failureCode: image, failureReason: REASONS[image] });
  }
  return { found, failures };
}

function hasStatus(tagged: boolean, { filter }: Input): boolean {
  if (filter?.tagStatus === 'TAGGED') return tagged;
  return filter?.tagStatus !== 'UNTAGGED' || !tagged;
}

/** A page of a list; the token is the index of the next one's first item. */
function page<Item>(
  all: readonly Item[],
  { maxResults, nextToken }: Input,
): { readonly items: readonly Item[]; readonly nextToken?: string } {
  const start = Number(Buffer.from(nextToken ?? '', 'base64').toString('utf8') || 0);
  if (!Number.isInteger(start)) {
    throw new AwsError(
      'InvalidParameterException',
      "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'",
    );
  }
  const end = start + (maxResults ?? 100);
  const items = all.slice(start, end);
  return end < all.length ? { items, nextToken: Buffer.from(String(end)).toString('base64') } : { items };
}

function checkJson(text: string, member: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError(
      'InvalidParameterException',
      `Invalid parameter at '${member}' failed to satisfy constraint: 'Invalid repository policy provided'`,
    );
  }
}
