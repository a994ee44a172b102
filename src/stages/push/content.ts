import { createHash } from 'node:crypto';

/** What an image is, as far as a container made from it can tell. */
export interface ImageContent {
  /** Docker's words: `linux/amd64`. */
  readonly platform: string;
  /** 32 hex digits, the same for the same content. */
  readonly hash: string;
}

/** An image's configuration, as `docker image inspect` and the registry's blob have it (their case differs). */
interface Configuration {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  readonly config?: Readonly<Record<string, unknown>> | null;
  /** Digests of the uncompressed layers. */
  readonly layers?: readonly string[];
}

/** What of `config` a container sees. Left out are the builder's own traces (`Hostname`, `Image`). */
const SEEN = [
  'Cmd',
  'Entrypoint',
  'Env',
  'ExposedPorts',
  'Healthcheck',
  'Labels',
  'OnBuild',
  'Shell',
  'StopSignal',
  'User',
  'Volumes',
  'WorkingDir',
];

/** Labels that tell of the commit, the build and the run, not of the container: another run's image is the same. */
const OF_THE_BUILD = [
  'io.github.sagemaker-byoc.ref',
  'io.github.sagemaker-byoc.run-url',
  'org.opencontainers.image.created',
  'org.opencontainers.image.ref.name',
  'org.opencontainers.image.revision',
  'org.opencontainers.image.version',
];

/** From `docker image inspect`. */
export function contentOfInspect(text: string): ImageContent {
  const { Os, Architecture, Variant, Config, RootFS } = JSON.parse(text) as {
    Os?: string;
    Architecture?: string;
    Variant?: string;
    Config?: Record<string, unknown> | null;
    RootFS?: { Layers?: string[] | null };
  };
  return contentOf({
    ...(Os !== undefined && { os: Os }),
    ...(Architecture !== undefined && { architecture: Architecture }),
    ...(Variant !== undefined && { variant: Variant }),
    ...(Config !== undefined && { config: Config }),
    layers: RootFS?.Layers ?? [],
  });
}

/** From the configuration blob of a registry. */
export function contentOfBlob(text: string): ImageContent {
  const blob = JSON.parse(text) as Configuration & { rootfs?: { diff_ids?: string[] } };
  return contentOf({ ...blob, layers: blob.rootfs?.diff_ids ?? [] });
}

/**
 * Two images have the same content when they have the same layers, for the same platform, and start the same
 * way. When they were built, and from which commit, does not count: a commit that changes nothing in the
 * container gives the same content, and need not be pushed.
 */
function contentOf({
  os = 'linux',
  architecture = '',
  variant = '',
  config,
  layers = [],
}: Configuration): ImageContent {
  const seen = Object.fromEntries(
    SEEN.map(
      (name) => [name, tidy(name === 'Labels' ? withoutBuild(config?.[name]) : config?.[name])] as const,
    ),
  );
  const text = JSON.stringify({ os, architecture, variant: variant === 'v8' ? '' : variant, layers, seen });
  return {
    platform: `${os}/${architecture}`,
    hash: createHash('sha256').update(text).digest('hex').slice(0, 32),
  };
}

function withoutBuild(labels: unknown): unknown {
  return Object.fromEntries(
    Object.entries((labels ?? {}) as Record<string, unknown>).filter(
      ([name]) => !OF_THE_BUILD.includes(name),
    ),
  );
}

/** Keys in order; what is empty counts as absent, since engines differ in how they write that. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  return value === null || value === '' ? undefined : value;
}

const CONTENT_TAG = /^sagemaker-byoc-[0-9a-f]{32}$/;

/** The tag under which an image of this content is found again. */
export const contentTag = ({ hash }: ImageContent): string => `sagemaker-byoc-${hash}`;

/** Whether a tag was made by {@link contentTag}: no other tool writes such. */
export const isContentTag = (tag: string): boolean => CONTENT_TAG.test(tag);
