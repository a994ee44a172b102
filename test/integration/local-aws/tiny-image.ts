import { createHash } from 'node:crypto';
import {
  CreateRepositoryCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  RepositoryAlreadyExistsException,
} from '@aws-sdk/client-ecr';
import type { SharedLocalAws } from './shared.js';

/** An image as ECR knows it. */
export interface TinyImage {
  /** `host/repository:tag` */
  readonly uri: string;
  /** `sha256:…` of its manifest. */
  readonly digest: string;
}

/**
 * Pushes an image of a few bytes, for tests in which none is run; no engine is involved. Other labels make another image.
 *
 * @param repository created when there is none
 * @param manifest Docker's schema 2, or OCI's
 */
export async function pushTinyImage(
  aws: SharedLocalAws,
  repository: string,
  manifest: 'docker' | 'oci' = 'docker',
  {
    tag = '1',
    labels = {},
  }: { readonly tag?: string; readonly labels?: Readonly<Record<string, string>> } = {},
): Promise<TinyImage> {
  const ecr = new ECRClient(aws.client());
  try {
    await ecr.send(new CreateRepositoryCommand({ repositoryName: repository })).catch((error: unknown) => {
      if (!(error instanceof RepositoryAlreadyExistsException)) throw error;
    });
    const { authorizationData: [login] = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const { host, origin } = new URL(login?.proxyEndpoint ?? '');
    const authorization = `Basic ${login?.authorizationToken}`;
    const put = async (url: string, body: Buffer, headers: Readonly<Record<string, string>> = {}) => {
      const answer = await fetch(url, { method: 'PUT', body, headers: { authorization, ...headers } });
      if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
    };
    const blob = async (content: string, mediaType: string) => {
      const bytes = Buffer.from(content);
      const opened = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, {
        method: 'POST',
        headers: { authorization },
      });
      await put(`${origin}${opened.headers.get('location')}?digest=${digestOf(bytes)}`, bytes);
      return { mediaType, digest: digestOf(bytes), size: bytes.length };
    };
    const type = (docker: string, oci: string) => `application/vnd.${manifest === 'docker' ? docker : oci}`;
    const mediaType = type('docker.distribution.manifest.v2+json', 'oci.image.manifest.v1+json');
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType,
        config: await blob(
          JSON.stringify({
            architecture: 'amd64',
            os: 'linux',
            ...(Object.keys(labels).length > 0 && { config: { Labels: labels } }),
          }),
          type('docker.container.image.v1+json', 'oci.image.config.v1+json'),
        ),
        layers: [
          await blob(repository, type('docker.image.rootfs.diff.tar.gzip', 'oci.image.layer.v1.tar+gzip')),
        ],
      }),
    );
    await put(`${origin}/v2/${repository}/manifests/${tag}`, bytes, { 'content-type': mediaType });
    return { uri: `${host}/${repository}:${tag}`, digest: digestOf(bytes) };
  } finally {
    ecr.destroy();
  }
}

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
