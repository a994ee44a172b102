/** Docker's image manifest, version 2, schema 2: the one kind that all of SageMaker takes. */
export const SCHEMA_2 = 'application/vnd.docker.distribution.manifest.v2+json';

const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

interface Descriptor {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image manifest of Docker or OCI: they differ in media types only. */
export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** @throws SyntaxError when the text is no JSON */
export function readManifest(text: string): Manifest {
  const { config, layers } = JSON.parse(text) as Partial<Manifest>;
  return { config: config ?? { digest: '', size: 0 }, layers: layers ?? [] };
}

/** Bytes that an engine pulls: configuration and compressed layers. */
export function sizeOf({ config, layers }: Manifest): number {
  return [config, ...layers].reduce((sum, { size }) => sum + size, 0);
}

/** Whether a media type is that of a list of manifests, a platform each. */
export const isIndex = (mediaType: string): boolean => /\.(?:index|list)\./.test(mediaType);

/** The digests of all manifests in a list. */
export function manifestsIn(index: string): readonly string[] {
  const { manifests = [] } = JSON.parse(index) as { manifests?: readonly Descriptor[] };
  return manifests.map(({ digest }) => digest);
}

/** The digest of the platform's image in a list; attestations are no images. */
export function chooseManifest(index: string, platform: string): string | undefined {
  const { manifests = [] } = JSON.parse(index) as { manifests?: readonly Descriptor[] };
  const images = manifests.filter(
    ({ annotations }) => annotations?.['vnd.docker.reference.type'] === undefined,
  );
  return images.find(({ platform: is }) => `${is?.os}/${is?.architecture}` === platform)?.digest;
}

/**
 * The same image as a schema 2 manifest: the same configuration and layers by the same digests, since OCI has
 * only named them anew.
 *
 * @returns undefined when a layer is not packed with gzip, which schema 2 has no other way for
 */
export function toSchema2(text: string): string | undefined {
  const { config, layers } = readManifest(text);
  if (
    !layers.every(
      ({ mediaType }) => mediaType === DOCKER_LAYER || /\.layer\.v1\.tar\+gzip$/.test(mediaType ?? ''),
    )
  ) {
    return undefined;
  }
  const plain = (mediaType: string, { size, digest }: Descriptor) => ({ mediaType, size, digest });
  return JSON.stringify(
    {
      schemaVersion: 2,
      mediaType: SCHEMA_2,
      config: plain(DOCKER_CONFIG, config),
      layers: layers.map((layer) => plain(DOCKER_LAYER, layer)),
    },
    null,
    3,
  );
}
