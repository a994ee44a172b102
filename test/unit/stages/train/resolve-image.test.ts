import { beforeEach, describe, expect, test } from '@jest/globals';
import { AwsError, type AwsErrorKind } from '../../../../src/aws/aws-error.js';
import type { Ecr, EcrImage, EcrRepository } from '../../../../src/aws/ecr.js';
import type { Docker } from '../../../../src/docker/docker.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';
import {
  type ResolvedImage,
  type ResolveOptions,
  resolveImage,
  type TrainingImage,
} from '../../../../src/stages/train/resolve-image.js';

const BASE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/churn';
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const CONFIG = `sha256:${'ef'.repeat(32)}`;
const REGISTRY = { account: '123456789012', region: 'eu-west-1' };
const BY_TAG: TrainingImage = { uri: `${BASE}:v1`, platform: 'linux/amd64', registry: REGISTRY };

const SCHEMA_2 = 'application/vnd.docker.distribution.manifest.v2+json';
const manifest = JSON.stringify({ config: { digest: CONFIG, size: 1 }, layers: [] });
const image: EcrImage = { digest: DIGEST, mediaType: SCHEMA_2, manifest };

let calls: unknown[];
let there: Record<string, EcrImage>;
let blob: string;
let inspected: unknown;
let fault: (operation: string) => Error | undefined;

beforeEach(() => {
  calls = [];
  there = { v1: image, [DIGEST]: image };
  blob = JSON.stringify({ config: { Entrypoint: ['python', 'train.py'] } });
  inspected = {};
  fault = () => undefined;
});

function called(operation: string, ...args: unknown[]): void {
  calls.push([operation, ...args]);
  const error = fault(operation);
  if (error) throw error;
}

const ecr = {
  login: async () => {
    called('login');
    return { host: 'registry.local:5000' };
  },
  findImages: async (repository: EcrRepository, references: readonly string[]) => {
    called('findImages', repository, references);
    return references.flatMap((reference) => there[reference] ?? []);
  },
  blob: async (repository: EcrRepository, digest: string) => {
    called('blob', repository, digest);
    return blob;
  },
  close: () => calls.push('closed'),
} as unknown as Ecr;

const docker = {
  run: async (args: readonly string[]) => {
    calls.push(args.slice(0, 2).join(' '));
    return { stdout: JSON.stringify(inspected) };
  },
} as unknown as Docker;

const resolve = (given: TrainingImage, change: Partial<ResolveOptions> = {}): Promise<ResolvedImage> =>
  resolveImage({
    docker,
    signal: new AbortController().signal,
    image: given,
    pins: true,
    needsEntrypoint: false,
    open: async () => ecr,
    ...change,
  });

async function failureOf(work: Promise<unknown>): Promise<{ message: string; fix?: string }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StageFailure)) throw new Error(`No failure: ${String(error)}`);
  return error.failure;
}

const awsError = (kind: AwsErrorKind, code = 'SomeException') =>
  new AwsError(kind, 'ecr:BatchGetImage', code, `AWS says ${kind}.`, 'Do this.');

describe('an image by its tag', () => {
  test('is pinned by what the tag has in ECR, in the registry that its name says', async () => {
    expect(await resolve(BY_TAG)).toEqual({ uri: `${BASE}@${DIGEST}`, entrypoint: [] });
    expect(calls).toEqual([
      ['findImages', { name: 'team/churn', registryId: '123456789012' }, ['v1']],
      'closed',
    ]);
  });

  test('is pinned by what was tested, whatever the tag has by now', async () => {
    inspected = { RepoDigests: [`example.com/other@${DIGEST}`, `${BASE}@${OTHER}`] };
    expect(await resolve({ ...BY_TAG, id: 'sha256:1' })).toEqual({ uri: `${BASE}@${OTHER}`, entrypoint: [] });
    expect(calls).toEqual(['image inspect']);
  });

  test('is looked up when the engine has it from nowhere', async () => {
    inspected = { RepoDigests: [] };
    expect((await resolve({ ...BY_TAG, id: 'sha256:1' })).uri).toBe(`${BASE}@${DIGEST}`);
  });

  test('of a registry at another address is pinned when ECR says that it is there', async () => {
    const given = { uri: 'registry.local:5000/team/churn:v1' };
    expect((await resolve(given)).uri).toBe(`registry.local:5000/team/churn@${DIGEST}`);
    expect(calls).toContainEqual(['findImages', { name: 'team/churn' }, ['v1']]);
  });

  test('of another registry stays as it is, with a notice, though ECR has one of that name', async () => {
    const given = { uri: 'registry.corp/team/churn:v1' };
    expect(await resolve(given)).toEqual({
      uri: given.uri,
      entrypoint: [],
      notice: expect.stringMatching(/not pinned by its digest.*`registry\.corp` is not in ECR/),
    });
  });

  test('without a registry in its name stays as it is: its first part is no registry', async () => {
    const given = { uri: 'team/churn:v1' };
    expect(await resolve(given)).toEqual({ uri: given.uri, entrypoint: [] });
    expect(calls).toEqual([]);
  });

  test.each(['access-denied', 'throttled', 'server', 'network'] as const)(
    'that cannot be asked for (%s) stays as it is, with a notice',
    async (kind) => {
      fault = () => awsError(kind);
      expect(await resolve(BY_TAG)).toEqual({
        uri: BY_TAG.uri,
        entrypoint: [],
        notice: expect.stringMatching(new RegExp(`not pinned.*AWS says ${kind}\\. Do this\\.`)),
      });
      expect(calls.at(-1)).toBe('closed');
    },
  );

  test('that is not there is a failure before anything is started', async () => {
    there = {};
    const failure = await failureOf(resolve(BY_TAG));
    expect(failure.message).toBe(`There is no image \`v1\` in the repository \`${BASE}\`.`);
    expect(failure.fix).toContain('add `push` to `stages`');
    fault = () => awsError('not-found', 'RepositoryNotFoundException');
    expect((await failureOf(resolve(BY_TAG))).message).toContain('There is no image');
  });

  test('without credentials is a failure that says so', async () => {
    fault = () => awsError('expired-credentials');
    expect(await failureOf(resolve(BY_TAG))).toEqual({
      message: 'AWS says expired-credentials.',
      fix: 'Do this.',
    });
  });

  test('that the request does not name is left alone', async () => {
    expect((await resolve(BY_TAG, { pins: false })).uri).toBe(BY_TAG.uri);
    expect(calls).toEqual([]);
  });
});

test('an image by its digest needs nobody', async () => {
  const given = { ...BY_TAG, uri: `${BASE}@${DIGEST}`, id: 'sha256:1' };
  expect(await resolve(given)).toEqual({ uri: given.uri, entrypoint: [] });
  expect(calls).toEqual([]);
});

describe('the ENTRYPOINT for toolkit-environment', () => {
  const needsEntrypoint = true;
  const byDigest = { ...BY_TAG, uri: `${BASE}@${DIGEST}` };

  test('comes from the engine when the image is there', async () => {
    inspected = { Config: { Entrypoint: ['/bin/train'] } };
    expect(await resolve({ ...byDigest, id: 'sha256:1' }, { needsEntrypoint })).toEqual({
      uri: byDigest.uri,
      entrypoint: ['/bin/train'],
    });
    expect(calls).toEqual(['image inspect']);
  });

  test.each([byDigest, BY_TAG])('comes from the configuration in ECR otherwise: %j', async (given) => {
    expect(await resolve(given, { needsEntrypoint })).toEqual({
      uri: byDigest.uri,
      entrypoint: ['python', 'train.py'],
    });
    expect(calls).toContainEqual(['blob', { name: 'team/churn', registryId: '123456789012' }, CONFIG]);
    expect(calls.at(-1)).toBe('closed');
  });

  test('is that of the platform, in a list of images', async () => {
    const list = JSON.stringify({
      manifests: [
        { digest: OTHER, platform: { os: 'linux', architecture: 'arm64' } },
        { digest: DIGEST, platform: { os: 'linux', architecture: 'amd64' } },
      ],
    });
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    there['v1'] = { digest: `sha256:${'12'.repeat(32)}`, mediaType, manifest: list };
    const resolved = await resolve(BY_TAG, { needsEntrypoint });
    expect(resolved).toEqual({
      uri: `${BASE}@sha256:${'12'.repeat(32)}`,
      entrypoint: ['python', 'train.py'],
    });
    const s390 = { ...BY_TAG, platform: 'linux/s390x' };
    expect((await failureOf(resolve(s390, { needsEntrypoint }))).message).toContain(
      'none of them is for linux/s390x',
    );
  });

  test.each(['{}', '{"config": null}', '{"config": {"Entrypoint": null}}'])(
    'may be none: %s',
    async (text) => {
      blob = text;
      expect((await resolve(BY_TAG, { needsEntrypoint })).entrypoint).toEqual([]);
    },
  );

  test.each([
    ['a denied look-up', 'findImages'],
    ['a denied configuration', 'blob'],
  ])('that cannot be known, by %s, is a failure with both ways out', async (_, operation) => {
    fault = (name) => (name === operation ? awsError('access-denied') : undefined);
    const failure = await failureOf(resolve(BY_TAG, { needsEntrypoint }));
    expect(failure.message).toMatch(
      /`toolkit-environment`.*cannot be known\. AWS says access-denied\. Do this\./,
    );
    expect(failure.fix).toMatch(/`entrypoint`.*`smoke-test`/);
    expect(calls.at(-1)).toBe('closed');
  });

  test('that cannot be known, in a registry that is not ECR, is one too', async () => {
    const given = { uri: 'registry.corp/team/churn:v1' };
    expect((await failureOf(resolve(given, { needsEntrypoint }))).message).toContain('is not in ECR');
    expect((await failureOf(resolve({ uri: 'churn' }, { needsEntrypoint }))).message).toContain(
      'no registry',
    );
  });
});
