import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Fault } from '../faults.js';
import type { Gate } from '../gate.js';
import { pause } from '../server.js';
import { AwsError } from '../service.js';
import { Logins } from './logins.js';
import type { Repositories, Repository } from './repositories.js';

export interface RegistryOptions {
  readonly repositories: Repositories;
  readonly logins: Logins;
  readonly gate: Gate;
  readonly region: string;
  /** Where blobs are kept. */
  readonly folder: string;
  now(): Date;
  log(line: string): void;
}

/** A request for one thing of one repository. */
interface Asked {
  readonly method: string;
  readonly repository: string;
  readonly what: 'manifests' | 'blobs' | 'uploads' | 'tags' | 'referrers';
  /** Tag, digest or upload; empty for a new upload. */
  readonly reference: string;
  readonly query: URLSearchParams;
}

interface Upload {
  readonly repository: string;
  readonly path: string;
  readonly hash: Hash;
  size: number;
}

/**
 * The OCI distribution API as ECR has it, over a folder: basic password, no repository made by a push, immutable
 * tags, manifests kept byte for byte. Each request is, as on AWS, one of ECR's actions: it is counted, and can be
 * denied or fail, as that.
 */
export class Registry {
  private readonly options: RegistryOptions;
  private readonly uploads = new Map<string, Upload>();
  private readonly server: Server;

  constructor(options: RegistryOptions) {
    this.options = options;
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        if (error instanceof AwsError && !response.headersSent) {
          refuse(request, response, ...ociError(error));
          return;
        }
        if (!request.destroyed) {
          options.log(
            `registry: ${request.method} ${request.url}: ${error instanceof Error ? error.stack : error}`,
          );
        }
        response.destroy();
      });
    });
  }

  /** @returns the registry's host, `127.0.0.1:<port>`: engines take that for one without TLS */
  async listen(port: number): Promise<string> {
    await mkdir(this.options.folder, { recursive: true });
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { logins, gate, region } = this.options;
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    const login = logins.check(request.headers.authorization);
    if (login === 'unknown') {
      request.resume();
      response.writeHead(401, {
        'www-authenticate': `Basic realm="http://${request.headers.host}/",service="ecr.amazonaws.com"`,
        'content-type': 'text/plain; charset=utf-8',
      });
      response.end('Not Authorized\n');
      return;
    }
    if (login === 'expired') {
      refuse(
        request,
        response,
        403,
        'DENIED',
        'Your authorization token has expired. Reauthenticate and try again.',
      );
      return;
    }
    if (/^\/v2\/?$/.test(url.pathname)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const asked = readPath(request.method ?? 'GET', url);
    const operation = asked && actionOf(asked);
    if (asked === undefined || operation === undefined) {
      refuse(request, response, 405, 'UNSUPPORTED', 'The operation is unsupported.');
      return;
    }
    if (login.accessKeyId !== Logins.PLATFORM) {
      const { call, fault, error } = gate.enter(
        {
          service: 'ecr',
          operation,
          accessKeyId: login.accessKeyId,
          via: 'registry',
          region,
          resource: `repository/${asked.repository}`,
        },
        'json',
      );
      response.on('close', () => {
        if (response.headersSent) call.status = response.statusCode;
      });
      if (fault?.delayMs !== undefined) await pause(fault.delayMs, response);
      if (await this.fails(request, response, fault, error)) return;
    }
    await this.serve(asked, request, response);
  }

  /** Whether a scripted fault was the answer. */
  private async fails(
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
    error: AwsError | undefined,
  ): Promise<boolean> {
    if (error !== undefined) refuse(request, response, ...ociError(error));
    else if (fault?.kind === 'reset') request.socket.resetAndDestroy();
    else if (fault?.kind !== 'no-answer') return false;
    return true;
  }

  private async serve(asked: Asked, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const repository = this.options.repositories.get(asked.repository);
    switch (asked.what) {
      case 'manifests':
        return asked.method === 'PUT'
          ? this.putManifest(repository, asked, request, response)
          : this.getManifest(repository, asked, response);
      case 'blobs':
        return this.getBlob(repository, asked, response);
      case 'uploads':
        return this.upload(repository, asked, request, response);
      case 'tags':
        return json(response, { name: repository.name, tags: [...repository.imageTags.keys()].sort() });
      case 'referrers':
        return json(response, {
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.index.v1+json',
          manifests: [],
        });
    }
  }

  private getManifest(repository: Repository, { method, reference }: Asked, response: ServerResponse): void {
    const digest = isDigest(reference) ? reference : repository.imageTags.get(reference);
    const image = repository.images.get(digest ?? '');
    if (image === undefined) throw new AwsError('ImageNotFoundException', 'Requested image not found', 404);
    if (method === 'GET') image.pulledAt = this.options.now();
    response.writeHead(200, {
      'content-type': image.mediaType,
      'content-length': image.manifest.length,
      'docker-content-digest': image.digest,
    });
    response.end(method === 'HEAD' ? undefined : image.manifest);
  }

  private async putManifest(
    repository: Repository,
    { reference }: Asked,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const image = this.options.repositories.put(repository, Buffer.concat(chunks), {
      mediaType: request.headers['content-type'],
      ...(isDigest(reference) ? { digest: reference } : { tag: reference }),
      exists: 'accept',
    });
    response.writeHead(201, {
      location: `/v2/${repository.name}/manifests/${image.digest}`,
      'docker-content-digest': image.digest,
      'content-length': 0,
    });
    response.end();
  }

  private async getBlob(
    repository: Repository,
    { method, reference }: Asked,
    response: ServerResponse,
  ): Promise<void> {
    const size = repository.layers.get(reference);
    if (size === undefined) {
      throw new AwsError('LayersNotFoundException', 'blob unknown to registry', 404);
    }
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': size,
      'docker-content-digest': reference,
    });
    if (method === 'HEAD') response.end();
    else await pipeline(createReadStream(this.blobPath(reference)), response);
  }

  /** A blob in pieces: POST opens an upload, PATCH appends, PUT appends and closes it. Blobs are never mounted. */
  private async upload(
    repository: Repository,
    { method, reference, query }: Asked,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (method === 'POST') {
      const id = randomUUID();
      const upload = {
        repository: repository.name,
        path: join(this.options.folder, `upload-${id}`),
        hash: createHash('sha256'),
        size: 0,
      };
      this.uploads.set(id, upload);
      const digest = query.get('digest');
      await this.append(upload, request);
      if (digest === null) progress(response, 202, id, upload);
      else await this.finish(repository, id, upload, digest, response);
      return;
    }
    const upload = this.uploads.get(reference);
    if (upload === undefined || upload.repository !== repository.name) {
      throw new AwsError('UploadNotFoundException', 'blob upload unknown to registry', 404);
    }
    if (method === 'GET') {
      progress(response, 204, reference, upload);
      return;
    }
    if (method === 'DELETE') {
      this.uploads.delete(reference);
      response.writeHead(204).end();
      return;
    }
    await this.append(upload, request);
    if (method === 'PUT')
      await this.finish(repository, reference, upload, query.get('digest') ?? '', response);
    else progress(response, 202, reference, upload);
  }

  private async append(upload: Upload, request: IncomingMessage): Promise<void> {
    await pipeline(
      request,
      async function* (source) {
        for await (const chunk of source) {
          upload.hash.update(chunk as Buffer);
          upload.size += (chunk as Buffer).length;
          yield chunk;
        }
      },
      createWriteStream(upload.path, { flags: 'a' }),
    );
  }

  private async finish(
    repository: Repository,
    id: string,
    upload: Upload,
    digest: string,
    response: ServerResponse,
  ): Promise<void> {
    this.uploads.delete(id);
    if (`sha256:${upload.hash.digest('hex')}` !== digest) {
      throw new AwsError('InvalidLayerException', 'provided digest did not match uploaded content');
    }
    await rename(upload.path, this.blobPath(digest));
    repository.layers.set(digest, (await stat(this.blobPath(digest))).size);
    response.writeHead(201, {
      location: `/v2/${repository.name}/blobs/${digest}`,
      'docker-content-digest': digest,
      'content-length': 0,
    });
    response.end();
  }

  private blobPath(digest: string): string {
    return join(this.options.folder, digest.replace(/[^a-z0-9]/g, '-'));
  }
}

const isDigest = (reference: string): boolean => /^sha256:[0-9a-f]{64}$/.test(reference);

function readPath(method: string, url: URL): Asked | undefined {
  const path = decodeURIComponent(url.pathname);
  const [, repository, kind, reference = ''] =
    /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/([^/]*)$/.exec(path) ?? [];
  if (repository === undefined || kind === undefined) return undefined;
  const what = kind === 'blobs/uploads' ? 'uploads' : (kind as Asked['what']);
  if (what === 'blobs' && !isDigest(reference)) return undefined;
  return { method, repository, what, reference, query: url.searchParams };
}

/** The action of ECR that a request at the registry needs, as policies have it. */
function actionOf({ method, what }: Asked): string | undefined {
  const reads = method === 'GET' || method === 'HEAD';
  switch (what) {
    case 'manifests':
      return method === 'PUT' ? 'PutImage' : reads ? 'BatchGetImage' : undefined;
    case 'blobs':
      return { GET: 'GetDownloadUrlForLayer', HEAD: 'BatchCheckLayerAvailability' }[method];
    case 'uploads':
      return {
        POST: 'InitiateLayerUpload',
        GET: 'UploadLayerPart',
        PATCH: 'UploadLayerPart',
        PUT: 'CompleteLayerUpload',
        DELETE: 'CompleteLayerUpload',
      }[method];
    case 'tags':
      return reads ? 'ListImages' : undefined;
    case 'referrers':
      return reads ? 'BatchGetImage' : undefined;
  }
}

/** Status, code and message of the distribution API for an error of ECR. */
function ociError({ code, message, status }: AwsError): readonly [number, string, string] {
  switch (code) {
    case 'RepositoryNotFoundException':
      return [404, 'NAME_UNKNOWN', message];
    case 'ImageNotFoundException':
      return [404, 'MANIFEST_UNKNOWN', message];
    case 'ImageTagAlreadyExistsException':
      return [400, 'TAG_INVALID', message];
    case 'LayersNotFoundException':
      return [status === 404 ? 404 : 400, 'BLOB_UNKNOWN', message];
    case 'ReferencedImagesNotFoundException':
      return [400, 'MANIFEST_BLOB_UNKNOWN', message];
    case 'ImageDigestDoesNotMatchException':
    case 'InvalidLayerException':
      return [400, 'DIGEST_INVALID', message];
    case 'UploadNotFoundException':
      return [404, 'BLOB_UPLOAD_UNKNOWN', message];
    case 'InvalidParameterException':
      return [400, 'MANIFEST_INVALID', message];
    case 'AccessDeniedException':
      return [403, 'DENIED', message];
    case 'ExpiredTokenException':
      return [403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.'];
    case 'ThrottlingException':
      return [429, 'TOOMANYREQUESTS', message];
    default:
      return [status >= 500 ? status : 400, 'UNKNOWN', message];
  }
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const body = JSON.stringify({ errors: [{ code, message }] });
  // What is still to come of the request's body is of no use to anybody.
  const early = request.complete ? {} : { connection: 'close' };
  request.resume();
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...early });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function progress(response: ServerResponse, status: number, id: string, { repository, size }: Upload): void {
  response.writeHead(status, {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(size - 1, 0)}`,
    'docker-upload-uuid': id,
    'content-length': 0,
  });
  response.end();
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
