import { AwsError, type World } from '../service.js';

/** What a reference to an image of this world's ECR stands for. */
export interface FoundImage {
  /** `sha256:…` of the manifest, or of the index when the reference is one's. */
  readonly digest: string;
  /** Of the manifest, for example `application/vnd.docker.distribution.manifest.v2+json`. */
  readonly mediaType: string;
  /** Bytes of its layers, as they are stored; absent for an index. */
  readonly size?: number;
}

/** ECR as SageMaker's control plane asks it: by the platform's own login, which is not counted and meets no fault. */
export class Images {
  constructor(private readonly world: Pick<World, 'registry'>) {}

  /**
   * @param uri `registry/repository:tag` or `…@sha256:…`; ECR's real host name means the registry of this world
   * @throws AwsError ValidationException: no tag and no digest [obs] A18, not there [obs] A07
   */
  async get(uri: string): Promise<FoundImage> {
    const { host, username, password } = this.world.registry;
    const local = uri.replace(/^\d{12}\.dkr\.ecr\.[^/]+/, host);
    const [, repository, tag, digest] =
      /^[^/]+\/(.+?)(?::(\w[\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(local) ?? [];
    const reference = digest ?? tag;
    if (repository === undefined || reference === undefined || !local.startsWith(`${host}/`)) {
      throw new AwsError('ValidationException', `ECR image "${uri}" is invalid.`);
    }
    const answer = await fetch(`http://${host}/v2/${repository}/manifests/${reference}`, {
      headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    });
    if (answer.status === 404) {
      throw new AwsError('ValidationException', `Cannot find the requested image: ${uri}`);
    }
    if (!answer.ok) {
      throw new Error(`the registry answered ${answer.status} for ${uri}`);
    }
    const { layers } = (await answer.json()) as { readonly layers?: readonly { readonly size: number }[] };
    return {
      ...(layers && { size: layers.reduce((sum, { size }) => sum + size, 0) }),
      digest: answer.headers.get('docker-content-digest') ?? '',
      mediaType: answer.headers.get('content-type') ?? '',
    };
  }
}
