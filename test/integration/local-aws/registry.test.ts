import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ListImagesCommand,
  PutImageCommand,
  PutImageTagMutabilityCommand,
} from '@aws-sdk/client-ecr';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { localAws, type SharedLocalAws } from './shared.js';

jest.setTimeout(240_000);

const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

let aws: SharedLocalAws;
let ecr: ECRClient;
let host: string;
let password: string;
let folder: string;
let repository: string;
const images = new Set<string>();

beforeAll(async () => {
  aws = await localAws();
  ecr = new ECRClient(aws.client());
  folder = mkdtempSync(join(tmpdir(), 'registry-'));
  await logIn();
});
beforeEach(async () => {
  repository = `team/model-${randomBytes(4).toString('hex')}`;
  await ecr.send(new CreateRepositoryCommand({ repositoryName: repository }));
});
afterEach(async () => {
  await aws.clearFaults();
  await aws.control('DELETE', `policies/${aws.accessKeyId}`);
});
afterAll(() => {
  if (images.size > 0) docker('image', 'rm', '--force', ...images);
  rmSync(folder, { recursive: true, force: true });
});

/** With a configuration of its own, so that this machine's logins are neither used nor touched. */
function docker(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('docker', ['--config', join(folder, 'docker'), ...args], {
    encoding: 'utf8',
    input: password,
  });
  return { status, output: stdout + stderr };
}

async function logIn(): Promise<void> {
  const { authorizationData: [data] = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  host = new URL(data?.proxyEndpoint ?? '').host;
  const [user, ...rest] = Buffer.from(data?.authorizationToken ?? '', 'base64')
    .toString('utf8')
    .split(':');
  password = rest.join(':');
  expect(user).toBe('AWS');
  expect((data?.expiresAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(11.9 * 60 * 60 * 1000);
}

/** An image of a few bytes, named for the repository. */
function buildImage(tag: string): string {
  const reference = `${host}/${repository}:${tag}`;
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY content /\n');
  writeFileSync(join(folder, 'content'), randomBytes(2_000_000));
  expect(docker('build', '--quiet', '--tag', reference, folder)).toMatchObject({ status: 0 });
  images.add(reference);
  return reference;
}

const http = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://${host}/v2/${path}`, {
    ...init,
    headers: { authorization: `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`, ...init.headers },
  });

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

async function pushBlob(content: Buffer): Promise<{ readonly digest: string; readonly size: number }> {
  const digest = digestOf(content);
  const opened = await http(`${repository}/blobs/uploads/`, { method: 'POST' });
  expect(opened.status).toBe(202);
  const location = `http://${host}${opened.headers.get('location')}?digest=${digest}`;
  const closed = await fetch(location, {
    method: 'PUT',
    body: content,
    headers: { authorization: `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}` },
  });
  expect(closed.status).toBe(201);
  return { digest, size: content.length };
}

async function ociManifest(): Promise<Buffer> {
  const config = await pushBlob(Buffer.from('{"architecture":"amd64","os":"linux"}'));
  const layer = await pushBlob(randomBytes(1000));
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    }),
  );
}

const putManifest = (reference: string, manifest: Buffer, type: string): Promise<Response> =>
  http(`${repository}/manifests/${reference}`, {
    method: 'PUT',
    body: manifest,
    headers: { 'content-type': type },
  });

describe('docker', () => {
  test('logs in, pushes, and pulls by digest what it pushed', async () => {
    expect(docker('login', '--username', 'AWS', '--password-stdin', host)).toMatchObject({ status: 0 });
    const reference = buildImage('v1');
    const push = docker('push', reference);
    expect(push).toMatchObject({ status: 0 });

    const { imageDetails: [image] = [] } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: repository }),
    );
    expect(push.output).toContain(`digest: ${image?.imageDigest}`);
    expect(image).toMatchObject({
      registryId: '123456789012',
      imageTags: ['v1'],
      imageManifestMediaType: DOCKER_MANIFEST,
      artifactMediaType: 'application/vnd.docker.container.image.v1+json',
    });
    expect(image?.imageSizeInBytes).toBeGreaterThan(2_000_000);
    expect(Date.now() - (image?.imagePushedAt?.getTime() ?? 0)).toBeLessThan(120_000);

    const pinned = `${host}/${repository}@${image?.imageDigest}`;
    docker('image', 'rm', '--force', reference);
    images.add(pinned);
    expect(docker('pull', pinned)).toMatchObject({ status: 0 });
  });

  test('is told that there is no basic auth, no such repository, no such image', () => {
    const reference = buildImage('v1');
    docker('logout', host);
    expect(docker('push', reference).output).toContain('no basic auth credentials');
    docker('login', '--username', 'AWS', '--password-stdin', host);

    const elsewhere = `${host}/nobody/made-it:v1`;
    images.add(elsewhere);
    docker('tag', reference, elsewhere);
    expect(docker('push', elsewhere).output).toContain(
      "name unknown: The repository with name 'nobody/made-it' does not exist in the registry with id '123456789012'",
    );
    expect(docker('pull', `${host}/${repository}:none`).output).toContain(
      'manifest unknown: Requested image not found',
    );
  });

  test('cannot move or repeat an immutable tag, but what the exclusion filters name', async () => {
    docker('login', '--username', 'AWS', '--password-stdin', host);
    const reference = buildImage('v1');
    docker('push', reference);
    const setMutability = (imageTagMutability: 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION') =>
      ecr.send(
        new PutImageTagMutabilityCommand({
          repositoryName: repository,
          imageTagMutability,
          ...(imageTagMutability === 'IMMUTABLE_WITH_EXCLUSION' && {
            imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'v*' }],
          }),
        }),
      );
    await setMutability('IMMUTABLE');
    expect(docker('push', reference).output).toContain(
      `tag invalid: The image tag 'v1' already exists in the '${repository}' repository and cannot be overwritten because the repository is immutable.`,
    );
    await setMutability('IMMUTABLE_WITH_EXCLUSION');
    expect(docker('push', reference)).toMatchObject({ status: 0 });
  });

  test('is denied in the words of AWS when the policy lacks an action', async () => {
    docker('login', '--username', 'AWS', '--password-stdin', host);
    const reference = buildImage('v1');
    await aws.control('PUT', `policies/${aws.accessKeyId}`, {
      Statement: [{ Effect: 'Allow', Action: ['ecr:Batch*', 'ecr:GetAuthorizationToken'], Resource: '*' }],
    });
    expect(docker('push', reference).output).toContain(
      `denied: User: arn:aws:iam::123456789012:user/local-aws is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:us-east-1:123456789012:repository/${repository} because no identity-based policy allows the ecr:InitiateLayerUpload action`,
    );
  });

  test('is told that its login is too old', async () => {
    docker('login', '--username', 'AWS', '--password-stdin', host);
    const reference = buildImage('v1');
    // Of this file only: others that run beside it push too.
    await aws.control('POST', 'ecr/expire-logins', { accessKeyId: aws.accessKeyId });
    expect(docker('push', reference).output).toContain(
      'Your authorization token has expired. Reauthenticate and try again.',
    );
    await logIn();
  });

  test('meets a fault that is scripted for an action of ECR, and only so often', async () => {
    docker('login', '--username', 'AWS', '--password-stdin', host);
    const reference = buildImage('v1');
    await aws.fault({ service: 'ecr', operation: 'PutImage', kind: 'access-denied', times: 1 });
    expect(docker('push', reference).output).toContain('not authorized to perform: ecr:PutImage');
    expect(docker('push', reference)).toMatchObject({ status: 0 });
  });
});

describe('the registry', () => {
  test('keeps OCI manifests and indexes as they came', async () => {
    const manifest = await ociManifest();
    expect((await putManifest('oci', manifest, OCI_MANIFEST)).status).toBe(201);
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [{ mediaType: OCI_MANIFEST, digest: digestOf(manifest), size: manifest.length }],
      }),
    );
    expect((await putManifest('index', index, OCI_INDEX)).status).toBe(201);

    const { images: found = [] } = await ecr.send(
      new BatchGetImageCommand({
        repositoryName: repository,
        imageIds: [{ imageTag: 'oci' }, { imageTag: 'index' }],
      }),
    );
    expect(found.map((image) => [image.imageManifestMediaType, image.imageManifest])).toEqual([
      [OCI_MANIFEST, manifest.toString()],
      [OCI_INDEX, index.toString()],
    ]);
    const read = await http(`${repository}/manifests/index`);
    expect(read.headers.get('content-type')).toBe(OCI_INDEX);
    expect(read.headers.get('docker-content-digest')).toBe(digestOf(index));
  });

  test('refuses a manifest whose blobs it lacks, one of schema 1, and a wrong digest', async () => {
    const codeOf = async (response: Response) =>
      ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code;
    const missing = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: { mediaType: 'x', digest: digestOf(Buffer.from('nowhere')), size: 7 },
        layers: [],
      }),
    );
    expect(await codeOf(await putManifest('a', missing, OCI_MANIFEST))).toBe('BLOB_UNKNOWN');
    const old = Buffer.from('{"schemaVersion":1}');
    expect(
      await codeOf(await putManifest('a', old, 'application/vnd.docker.distribution.manifest.v1+json')),
    ).toBe('MANIFEST_INVALID');
    const manifest = await ociManifest();
    expect(await codeOf(await putManifest(digestOf(old), manifest, OCI_MANIFEST))).toBe('DIGEST_INVALID');
  });

  test('takes a blob in pieces, and refuses one that is not what its digest says', async () => {
    const [first, second] = [randomBytes(5000), randomBytes(3000)];
    const opened = await http(`${repository}/blobs/uploads/`, { method: 'POST' });
    const path = opened.headers.get('location')?.slice('/v2/'.length) ?? '';
    const patched = await http(path, { method: 'PATCH', body: first });
    expect([patched.status, patched.headers.get('range')]).toEqual([202, '0-4999']);
    const digest = digestOf(Buffer.concat([first, second]));
    expect((await http(`${path}?digest=${digest}`, { method: 'PUT', body: second })).status).toBe(201);
    const read = Buffer.from(await (await http(`${repository}/blobs/${digest}`)).arrayBuffer());
    expect(read.equals(Buffer.concat([first, second]))).toBe(true);

    const again = await http(`${repository}/blobs/uploads/`, { method: 'POST' });
    const wrong = `${again.headers.get('location')?.slice('/v2/'.length)}?digest=${digest}`;
    expect((await http(wrong, { method: 'PUT', body: first })).status).toBe(400);
  });
});

describe('images in ECR', () => {
  test('get further tags by the API, which refuses a tag that the image has', async () => {
    const manifest = (await ociManifest()).toString();
    const put = (imageTag: string) =>
      ecr.send(
        new PutImageCommand({
          repositoryName: repository,
          imageManifest: manifest,
          imageManifestMediaType: OCI_MANIFEST,
          imageTag,
        }),
      );
    await put('one');
    await put('two');
    await expect(put('two')).rejects.toMatchObject({ name: 'ImageAlreadyExistsException' });
    const { imageIds } = await ecr.send(new ListImagesCommand({ repositoryName: repository }));
    expect(imageIds).toEqual([
      { imageDigest: digestOf(Buffer.from(manifest)), imageTag: 'one' },
      { imageDigest: digestOf(Buffer.from(manifest)), imageTag: 'two' },
    ]);
  });

  test('lose a tag, or all of themselves, and stay while an index needs them', async () => {
    const manifest = await ociManifest();
    const digest = digestOf(manifest);
    await putManifest('one', manifest, OCI_MANIFEST);
    await putManifest('two', manifest, OCI_MANIFEST);
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [{ mediaType: OCI_MANIFEST, digest }],
      }),
    );
    await putManifest('index', index, OCI_INDEX);
    const remove = (...imageIds: { imageTag?: string; imageDigest?: string }[]) =>
      ecr.send(new BatchDeleteImageCommand({ repositoryName: repository, imageIds }));

    expect(await remove({ imageTag: 'one' })).toMatchObject({
      imageIds: [{ imageDigest: digest, imageTag: 'one' }],
      failures: [],
    });
    expect(await remove({ imageDigest: digest }, { imageTag: 'none' }, {})).toMatchObject({
      imageIds: [],
      failures: [
        { failureCode: 'ImageNotFound' },
        { failureCode: 'MissingDigestAndTag' },
        { failureCode: 'ImageReferencedByManifestList' },
      ],
    });
    await remove({ imageTag: 'index' });
    await remove({ imageDigest: digest });
    const { imageIds } = await ecr.send(new ListImagesCommand({ repositoryName: repository }));
    expect(imageIds).toEqual([]);
  });
});
