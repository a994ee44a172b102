import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/**
 * A registry on 127.0.0.1, which engines take for an insecure one without being told. By the first part of an
 * image's name it has: `amd64/…` and `arm64/…` an image for that platform without a list of platforms,
 * `both/…` a list with both, `mainframe/…` a list with neither, `private/…` nothing without a login,
 * `limited/…` no answer for now, and nothing else.
 */
export interface TinyRegistry {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export async function startTinyRegistry(): Promise<TinyRegistry> {
  const blobs = new Map<string, { readonly type: string; readonly content: Buffer }>();
  const store = (type: string, content: Buffer) => {
    const digest = digestOf(content);
    blobs.set(digest, { type, content });
    return { mediaType: type, size: content.length, digest };
  };
  const tar = Buffer.alloc(1024);
  const layer = store('application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(tar));
  const image = (architecture: string) =>
    store(
      MANIFEST,
      json({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: store(
          'application/vnd.docker.container.image.v1+json',
          json({
            architecture,
            os: 'linux',
            config: { Cmd: ['train'] },
            rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
          }),
        ),
        layers: [layer],
      }),
    );
  const list = (...architectures: readonly string[]) =>
    store(
      LIST,
      json({
        schemaVersion: 2,
        mediaType: LIST,
        manifests: architectures.map((architecture) => ({
          ...image(architecture),
          platform: { architecture, os: 'linux' },
        })),
      }),
    );
  const tags = new Map([
    ['amd64', image('amd64').digest],
    ['arm64', image('arm64').digest],
    ['both', list('amd64', 'arm64').digest],
    ['mainframe', list('s390x').digest],
  ]);

  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url ?? '');
    const [, kind = '', what, reference = ''] =
      /^\/v2\/([^/]+)\/[^/]+\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    const refuse = (status: number, code: string, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] }));
    };
    if (request.url === '/v2/') {
      response.writeHead(200).end('{}');
      return;
    }
    if (kind === 'private') {
      refuse(401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="tiny"' });
      return;
    }
    if (kind === 'limited') {
      refuse(429, 'TOOMANYREQUESTS');
      return;
    }
    const found = blobs.get(reference.startsWith('sha256:') ? reference : (tags.get(kind) ?? ''));
    if (found === undefined) {
      refuse(404, what === 'manifests' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN');
      return;
    }
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': found.content.length,
      'docker-content-digest': digestOf(found.content),
    });
    response.end(request.method === 'HEAD' ? undefined : found.content);
  };

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
