import { createHash } from 'node:crypto';
import { AwsError } from '../service.js';

/** An image, or an index of images, as ECR keeps it: its manifest, byte for byte. */
export interface StoredImage {
  /** `sha256:…` */
  readonly digest: string;
  readonly manifest: Buffer;
  readonly mediaType: string;
  /** Media type of the configuration blob. */
  readonly artifactMediaType?: string;
  /** Digests that an index points to. */
  readonly references: readonly string[];
  /** Configuration and layers; an index has none of its own. */
  readonly sizeBytes?: number;
  readonly pushedAt: Date;
  pulledAt?: Date;
}

export interface TagFilter {
  readonly filterType: string;
  /** With `*` for any characters. */
  readonly filter: string;
}

export interface Repository {
  readonly name: string;
  readonly createdAt: Date;
  mutability: string;
  exclusionFilters: readonly TagFilter[];
  scanning: Readonly<Record<string, unknown>>;
  readonly encryption: Readonly<Record<string, unknown>>;
  readonly tags: Map<string, string>;
  policyText?: string;
  lifecyclePolicyText?: string;
  /** By digest, in the order of their first push. */
  readonly images: Map<string, StoredImage>;
  /** Image tag → digest. */
  readonly imageTags: Map<string, string>;
  /** Blobs that were pushed to this repository: digest → bytes. */
  readonly layers: Map<string, number>;
}

const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
];
const INDEXES = [
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
];

interface Descriptor {
  readonly mediaType?: string;
  readonly digest?: string;
  readonly size?: number;
  readonly urls?: readonly string[];
}

/** What the API of ECR and the registry behind it both stand on. */
export class Repositories {
  private readonly byName = new Map<string, Repository>();
  readonly account: string;
  private readonly now: () => Date;

  constructor(account: string, now: () => Date) {
    this.account = account;
    this.now = now;
  }

  all(): readonly Repository[] {
    return [...this.byName.values()];
  }

  find(name: string): Repository | undefined {
    return this.byName.get(name);
  }

  /** @throws AwsError RepositoryNotFoundException */
  get(name: string, registryId = this.account): Repository {
    const found = registryId === this.account ? this.byName.get(name) : undefined;
    if (found !== undefined) return found;
    throw new AwsError(
      'RepositoryNotFoundException',
      `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
    );
  }

  /** @throws AwsError RepositoryAlreadyExistsException */
  add(repository: Omit<Repository, 'createdAt' | 'images' | 'imageTags' | 'layers'>): Repository {
    if (this.byName.has(repository.name)) {
      throw new AwsError(
        'RepositoryAlreadyExistsException',
        `The repository with name '${repository.name}' already exists in the registry with id '${this.account}'`,
      );
    }
    const added = {
      ...repository,
      createdAt: this.now(),
      images: new Map(),
      imageTags: new Map(),
      layers: new Map(),
    };
    this.byName.set(repository.name, added);
    return added;
  }

  remove(name: string): void {
    this.byName.delete(name);
  }

  /**
   * Keeps a manifest, and points a tag to it.
   *
   * @param mediaType of the request; absent: the manifest's own
   * @param exists what happens when this image has this tag already: the API refuses it, a push does not care
   * @throws AwsError InvalidParameterException, LayersNotFoundException, ReferencedImagesNotFoundException,
   *   ImageDigestDoesNotMatchException, ImageTagAlreadyExistsException, ImageAlreadyExistsException
   */
  put(
    repository: Repository,
    manifest: Buffer,
    {
      mediaType,
      tag,
      digest,
      exists,
    }: {
      readonly mediaType?: string | undefined;
      readonly tag?: string | undefined;
      readonly digest?: string | undefined;
      readonly exists: 'refuse' | 'accept';
    },
  ): StoredImage {
    const actual = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
    if (digest !== undefined && digest !== actual) {
      throw new AwsError(
        'ImageDigestDoesNotMatchException',
        `The digest '${digest}' does not match the digest of the manifest, '${actual}'`,
      );
    }
    const image = this.read(repository, manifest, mediaType, actual);
    if (tag !== undefined) {
      const current = repository.imageTags.get(tag);
      if (current === actual && exists === 'refuse') throw this.alreadyExists(repository, actual, tag);
      if (current !== undefined && isImmutable(repository, tag)) {
        throw new AwsError(
          'ImageTagAlreadyExistsException',
          `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because the repository is immutable.`,
        );
      }
    } else if (repository.images.has(actual) && exists === 'refuse') {
      throw this.alreadyExists(repository, actual, 'null');
    }
    const kept = repository.images.get(actual) ?? image;
    repository.images.set(actual, kept);
    if (tag !== undefined) repository.imageTags.set(tag, actual);
    return kept;
  }

  private alreadyExists({ name }: Repository, digest: string, tag: string): AwsError {
    return new AwsError(
      'ImageAlreadyExistsException',
      `Image with digest '${digest}' and tag '${tag}' already exists in the repository with name '${name}' in registry with id '${this.account}'`,
    );
  }

  private read(
    repository: Repository,
    manifest: Buffer,
    given: string | undefined,
    digest: string,
  ): StoredImage {
    const invalid = (why: string) =>
      new AwsError(
        'InvalidParameterException',
        `Invalid parameter at 'ImageManifest' failed to satisfy constraint: '${why}'`,
      );
    let parsed: {
      readonly schemaVersion?: number;
      readonly mediaType?: string;
      readonly config?: Descriptor;
      readonly layers?: readonly Descriptor[];
      readonly manifests?: readonly Descriptor[];
    };
    try {
      parsed = JSON.parse(manifest.toString('utf8'));
    } catch {
      throw invalid('Invalid JSON syntax');
    }
    const mediaType = parsed.mediaType ?? given ?? '';
    if (given !== undefined && given !== mediaType) {
      throw invalid(`the manifest's media type is ${mediaType}, the request's ${given}`);
    }
    const base = { digest, manifest, mediaType, pushedAt: this.now() };
    if (parsed.schemaVersion === 2 && INDEXES.includes(mediaType)) {
      const references = (parsed.manifests ?? []).map((child) => child.digest ?? '');
      const missing = references.filter((child) => !repository.images.has(child));
      if (missing.length > 0) {
        throw new AwsError(
          'ReferencedImagesNotFoundException',
          `Images with digests '[${missing.join(', ')}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${this.account}' do not exist`,
        );
      }
      return { ...base, references };
    }
    if (parsed.schemaVersion !== 2 || !MANIFESTS.includes(mediaType) || parsed.config === undefined) {
      throw invalid(`unsupported manifest: schema version ${parsed.schemaVersion}, media type ${mediaType}`);
    }
    // Layers with addresses of their own are fetched from there.
    const blobs = [parsed.config, ...(parsed.layers ?? [])].filter(({ urls }) => urls === undefined);
    const missing = blobs.filter((blob) => !repository.layers.has(blob.digest ?? ''));
    if (missing.length > 0) {
      throw new AwsError(
        'LayersNotFoundException',
        `Layers with digests '[${missing.map((blob) => blob.digest).join(', ')}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${this.account}' do not exist`,
      );
    }
    return {
      ...base,
      references: [],
      sizeBytes: blobs.reduce((sum, { size = 0 }) => sum + size, 0),
      ...(parsed.config.mediaType !== undefined && { artifactMediaType: parsed.config.mediaType }),
    };
  }
}

export function tagsOf(repository: Repository, digest: string): readonly string[] {
  return [...repository.imageTags].filter(([, at]) => at === digest).map(([tag]) => tag);
}

function isImmutable({ mutability, exclusionFilters }: Repository, tag: string): boolean {
  const excluded = exclusionFilters.some(({ filter }) =>
    new RegExp(`^${filter.replace(/[.\\^$+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`).test(tag),
  );
  if (mutability === 'IMMUTABLE') return true;
  if (mutability === 'IMMUTABLE_WITH_EXCLUSION') return !excluded;
  return mutability === 'MUTABLE_WITH_EXCLUSION' && excluded;
}
