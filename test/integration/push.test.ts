import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ListTagsForResourceCommand,
  PutImageTagMutabilityCommand,
} from '@aws-sdk/client-ecr';
import { CreateModelCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CanceledError, createDocker } from '../../src/docker/docker.js';
import type { ImageRecord, PushPlan, PushRecord } from '../../src/plan.js';
import type { StageContext } from '../../src/stages/context.js';
import { push } from '../../src/stages/push.js';
import { StageFailure } from '../../src/stages/stage-failure.js';
import { localAws, type SharedLocalAws } from './local-aws/shared.js';

jest.setTimeout(120_000);

const SCHEMA_2 = 'application/vnd.docker.distribution.manifest.v2+json';
const COMMIT = 'c0ffee0123456789c0ffee0123456789c0ffee01';

const environment = { ...process.env };

/** With a key of each test's own, by which its calls are counted and its faults and policies are scripted. */
let local: SharedLocalAws;
let folder: string;
let repository: string;
let log: string[];
let cancel: AbortController;
let onLine: (line: string) => void;
const made: string[] = [];

beforeEach(async () => {
  local = await localAws();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'push-stage-')));
  const unique = randomBytes(4).toString('hex');
  repository = `push-test/${unique}`;
  log = [];
  cancel = new AbortController();
  onLine = () => {};
  const users = join(folder, 'users-docker');
  mkdirSync(users);
  writeFileSync(join(users, 'config.json'), '{"auths":{"example.com":{"auth":"dXNlcjpwYXNz"}}}');
  Object.assign(process.env, local.env, { DOCKER_CONFIG: users });
});

afterEach(async () => {
  await local.control('DELETE', `policies/${local.accessKeyId}`);
  await local.clearFaults();
  process.env = { ...environment };
  for (const image of made.splice(0)) {
    try {
      execFileSync('docker', ['image', 'rm', '--force', image], { stdio: 'ignore' });
    } catch {
      // Gone already.
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

/** What the policy of the test's key allows, besides all. */
const deny = (...actions: readonly string[]) =>
  setPolicy([
    { Effect: 'Allow', Action: '*' },
    { Effect: 'Deny', Action: actions },
  ]);

const setPolicy = (Statement: unknown) =>
  local.control('PUT', `policies/${local.accessKeyId}`, { Version: '2012-10-17', Statement });

/** ECR as the person who looks at it sees it: with a key that no test counts or denies. */
function observer(): ECRClient {
  return new ECRClient({ ...local.client(), credentials: OBSERVER });
}

const OBSERVER = { accessKeyId: 'AKIAOBSERVER00000000', secretAccessKey: 'any' };

async function registryLogin(): Promise<{ readonly host: string; readonly password: string }> {
  const { authorizationData: [data] = [] } = await observer().send(new GetAuthorizationTokenCommand());
  return {
    host: new URL(data?.proxyEndpoint ?? '').host,
    password: Buffer.from(data?.authorizationToken ?? '', 'base64')
      .toString()
      .slice('AWS:'.length),
  };
}

/** The docker of a person, logged in to the registry. */
async function dockerAs(...args: readonly string[]): Promise<void> {
  const { host, password } = await registryLogin();
  const env = { ...environment, DOCKER_CONFIG: join(folder, 'persons-docker') };
  const login = ['login', '--username', 'AWS', '--password-stdin', host];
  execFileSync('docker', login, { input: password, stdio: 'pipe', env });
  execFileSync('docker', args, { stdio: 'pipe', env });
}

/** An image of the registry, as another machine would have it. */
async function pulled(uri: string): Promise<string> {
  await dockerAs('pull', '--quiet', uri);
  made.push(uri);
  return uri;
}

const layersOf = (image: string): unknown =>
  JSON.parse(
    execFileSync('docker', ['image', 'inspect', '--format', '{{json .RootFS.Layers}}', image], {
      encoding: 'utf8',
    }),
  );

/** A small image whose content is `text`, built at a commit. */
function buildImage(text: string, commit = COMMIT): ImageRecord {
  const context = join(folder, `context-${randomBytes(3).toString('hex')}`);
  mkdirSync(context);
  writeFileSync(join(context, 'file'), text);
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM scratch\nCOPY file /file\nCMD ["train"]\nLABEL org.opencontainers.image.revision=${commit}\n`,
  );
  execFileSync('touch', ['--date', '2020-01-01', join(context, 'file')]);
  const uri = `push-test-image:${randomBytes(6).toString('hex')}`;
  execFileSync('docker', ['build', '--quiet', '--tag', uri, context], {
    env: { ...environment },
    stdio: 'pipe',
  });
  made.push(uri);
  const [facts] = JSON.parse(execFileSync('docker', ['image', 'inspect', uri], { encoding: 'utf8' })) as [
    { Id: string; Os: string; Architecture: string; Size: number },
  ];
  return { uri, id: facts.Id, platform: `${facts.Os}/${facts.Architecture}`, sizeBytes: facts.Size };
}

interface Changes {
  readonly plan?: Partial<PushPlan>;
  readonly commit?: string;
  /** In place of the real docker. */
  readonly path?: string;
  readonly onKnown?: (record: PushRecord) => void;
}

function pushImage(
  image: ImageRecord,
  { plan, commit = COMMIT, path, onKnown }: Changes = {},
): Promise<PushRecord> {
  const tempDir = join(folder, 'temp');
  mkdirSync(tempDir, { recursive: true });
  const say = (line: string) => {
    log.push(line);
    onLine(line);
  };
  const context: StageContext = {
    docker: createDocker({ ...process.env, ...(path && { PATH: `${path}:${process.env['PATH']}` }) }),
    runId: randomBytes(6).toString('hex'),
    tempDir,
    log: {
      info: (message) => say(`info | ${message}`),
      untrusted: (from, line) => say(`${from} | ${line}`),
      group: (title, run) => {
        say(`group | ${title}`);
        return run();
      },
    },
    signal: cancel.signal,
    source: { repository: 'org/push-test', commit },
  };
  return push(
    context,
    { repository, imageTags: [], createRepository: true, ...plan },
    { tags: new Map([['team', 'vision']]) },
    image,
    onKnown,
    // As long as a test would wait.
    { now: () => 0, sleep: async () => {}, random: () => 0 },
  );
}

async function failureOf(running: Promise<unknown>): Promise<StageFailure['failure']> {
  const error = await running.then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof StageFailure) return error.failure;
  throw error;
}

async function tagsInEcr(): Promise<Record<string, string>> {
  const { imageDetails = [] } = await observer().send(
    new DescribeImagesCommand({ repositoryName: repository }),
  );
  return Object.fromEntries(
    imageDetails.flatMap(({ imageTags = ['(none)'], imageDigest = '' }) =>
      imageTags.map((tag) => [tag, imageDigest]),
    ),
  );
}

const contentTagOf = ({ tags }: PushRecord): string =>
  tags.find((tag) => tag.startsWith('sagemaker-byoc-')) ?? '';

test('an image arrives as schema 2 under its content, its commit and the wanted tags, and nothing is left behind', async () => {
  const image = buildImage('first');
  const known: PushRecord[] = [];
  const record = await pushImage(image, {
    plan: { imageTags: ['latest'] },
    onKnown: (partial) => known.push(partial),
  });

  const { images = [] } = await observer().send(
    new BatchGetImageCommand({ repositoryName: repository, imageIds: [{ imageTag: 'latest' }] }),
  );
  expect(images[0]?.imageManifestMediaType).toBe(SCHEMA_2);
  const { host } = await registryLogin();
  expect(record).toEqual({
    uri: `${host}/${repository}@${images[0]?.imageId?.imageDigest}`,
    registry: host,
    repository,
    digest: images[0]?.imageId?.imageDigest,
    tags: [expect.stringMatching(/^sagemaker-byoc-[0-9a-f]{32}$/), COMMIT, 'latest'],
    mediaType: SCHEMA_2,
    sizeBytes: expect.any(Number),
    unchanged: false,
    repositoryCreated: true,
    removed: [],
  });
  expect(await tagsInEcr()).toEqual(Object.fromEntries(record.tags.map((tag) => [tag, record.digest])));
  expect(known.map(({ digest, tags }) => [digest, tags.length])).toEqual([
    [record.digest, 1],
    [record.digest, 3],
  ]);

  const { repositories = [] } = await observer().send(
    new DescribeRepositoriesCommand({ repositoryNames: [repository] }),
  );
  expect(repositories[0]?.imageScanningConfiguration?.scanOnPush).toBe(true);
  const { tags } = await observer().send(
    new ListTagsForResourceCommand({ resourceArn: repositories[0]?.repositoryArn }),
  );
  expect(tags).toEqual(
    expect.arrayContaining([
      { Key: 'team', Value: 'vision' },
      { Key: 'sagemaker-byoc:repository', Value: 'org/push-test' },
    ]),
  );

  expect(log[0]).toBe('group | Push the image to ECR');
  expect(log.filter((line) => line.startsWith('push | '))).not.toEqual([]);
  expect(readdirSync(join(folder, 'temp'))).toEqual([]);
  expect(readFileSync(join(folder, 'users-docker/config.json'), 'utf8')).toBe(
    '{"auths":{"example.com":{"auth":"dXNlcjpwYXNz"}}}',
  );
  expect(
    execFileSync('docker', ['image', 'ls', '--quiet', `${host}/${repository}`], { encoding: 'utf8' }),
  ).toBe('');
  expect(layersOf(await pulled(record.uri))).toEqual(layersOf(image.id));
});

test('the password is in a folder for this user only, beside what docker needs of the user’s own', async () => {
  const users = join(folder, 'users-docker');
  mkdirSync(join(users, 'contexts'));
  mkdirSync(join(users, 'cli-plugins'));
  writeFileSync(
    join(users, 'config.json'),
    '{"currentContext":"default","credsStore":"desktop","auths":{"example.com":{"auth":"dXNlcjpwYXNz"}}}',
  );
  const seen: { modes: string[]; config: Record<string, unknown>; names: string[] }[] = [];
  onLine = (line) => {
    if (!line.startsWith('push | ') || seen.length > 0) return;
    const own = join(folder, 'temp/docker-config');
    seen.push({
      modes: [own, join(own, 'config.json')].map((path) =>
        execFileSync('stat', ['--format', '%a', path], { encoding: 'utf8' }).trim(),
      ),
      config: JSON.parse(readFileSync(join(own, 'config.json'), 'utf8')),
      names: readdirSync(own).sort(),
    });
  };
  await pushImage(buildImage('masked'));
  expect(seen).toEqual([
    {
      modes: ['700', '600'],
      config: {
        currentContext: 'default',
        auths: { [(await registryLogin()).host]: { auth: expect.any(String) } },
      },
      names: ['cli-plugins', 'config.json', 'contexts'],
    },
  ]);
  const { host } = await registryLogin();
  const auths = seen[0]?.config['auths'] as Record<string, { auth: string }> | undefined;
  const auth = auths?.[host]?.auth ?? '';
  const password = Buffer.from(auth, 'base64').toString().slice('AWS:'.length);
  expect(password.length).toBeGreaterThan(100);
  expect(log.join('\n')).not.toContain(password);
});

describe('a second push', () => {
  test('of the same image sends nothing, and says so', async () => {
    const image = buildImage('same');
    const first = await pushImage(image);
    const before = await local.calls();
    const second = await pushImage(image);
    const after = await local.calls();
    expect(second).toEqual({ ...first, unchanged: true, repositoryCreated: false });
    for (const call of ['ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:CreateRepository']) {
      expect([call, after[call]]).toEqual([call, before[call]]);
    }
    expect(log.filter((line) => line.startsWith('info | Unchanged'))).toHaveLength(1);
  });

  test('of the same container built from another commit gives the image that commit’s tag, and sends nothing', async () => {
    const first = await pushImage(buildImage('again'));
    const other = 'd'.repeat(40);
    const second = await pushImage(buildImage('again', other), { commit: other });
    expect(second).toMatchObject({
      unchanged: true,
      digest: first.digest,
      tags: [contentTagOf(first), other],
    });
    expect(await tagsInEcr()).toMatchObject({ [COMMIT]: first.digest, [other]: first.digest });
  });

  test('sends an image whose content differs, although everything else is as before', async () => {
    const first = await pushImage(buildImage('one'));
    const second = await pushImage(buildImage('two'));
    expect(second).toMatchObject({ unchanged: false });
    expect(second.digest).not.toBe(first.digest);
    expect((await tagsInEcr())[COMMIT]).toBe(second.digest);
  });

  test('does not take a foreign image for its own because of the tag', async () => {
    const image = buildImage('genuine');
    const first = await pushImage(image);
    const name = `${first.registry}/${repository}:${contentTagOf(first)}`;
    const foreign = buildImage('foreign');
    execFileSync('docker', ['tag', foreign.id, name]);
    await dockerAs('push', '--quiet', name);
    made.push(name, foreign.id);
    const second = await pushImage(image);
    expect(second).toMatchObject({ unchanged: false, digest: first.digest });
    expect((await tagsInEcr())[contentTagOf(first)]).toBe(first.digest);
  });
});

describe('a repository whose tags are immutable', () => {
  beforeEach(async () => {
    await observer().send(
      new CreateRepositoryCommand({ repositoryName: repository, imageTagMutability: 'IMMUTABLE' }),
    );
  });

  test('takes the same image with the same tags again and again', async () => {
    const image = buildImage('immutable');
    const first = await pushImage(image, { plan: { imageTags: ['v1'] } });
    expect(await pushImage(image, { plan: { imageTags: ['v1'] } })).toEqual({ ...first, unchanged: true });
  });

  test('that has a wanted tag for another image is found out before anything is sent', async () => {
    const first = await pushImage(buildImage('v1'), { plan: { imageTags: ['v1'] } });
    const before = await local.calls();
    const failure = await failureOf(pushImage(buildImage('v2'), { plan: { imageTags: ['v1'] } }));
    expect(failure.message).toContain('`v1`');
    expect(failure.message).toContain(first.digest);
    expect(failure.fix).toContain('`image-tags`');
    expect((await local.calls())['ecr:InitiateLayerUpload']).toBe(before['ecr:InitiateLayerUpload']);
  });

  test('lets a tag move that it excludes', async () => {
    await observer().send(
      new PutImageTagMutabilityCommand({
        repositoryName: repository,
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest*' }],
      }),
    );
    await pushImage(buildImage('old'), { plan: { imageTags: ['latest-gpu'] } });
    const second = await pushImage(buildImage('new'), {
      plan: { imageTags: ['latest-gpu'] },
      commit: 'e'.repeat(40),
    });
    expect((await tagsInEcr())['latest-gpu']).toBe(second.digest);
  });

  test('keeps the commit’s tag with the first image; the run goes on with its own', async () => {
    const first = await pushImage(buildImage('built once'));
    const second = await pushImage(buildImage('built twice'));
    expect(second.tags).toEqual([contentTagOf(second)]);
    expect(second.notices).toEqual([expect.stringContaining(first.digest)]);
    expect((await tagsInEcr())[COMMIT]).toBe(first.digest);
  });
});

describe('an engine with containerd’s image store', () => {
  function ociDocker(shape: string): string {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    process.env['REAL_DOCKER'] = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
    process.env['OCI_SHAPE'] = shape;
    process.env['OCI_PLATFORM'] = '{"os":"linux","architecture":"amd64"}';
    const script = join(__dirname, 'oci-docker.mjs');
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
    chmodSync(join(bin, 'docker'), 0o755);
    return bin;
  }

  test.each(['manifest', 'index', 'schema2'])(
    'what it pushes (%s) becomes schema 2 with the same layers, and only that stays',
    async (shape) => {
      const image = buildImage(`oci ${shape}`);
      const record = await pushImage(image, { path: ociDocker(shape) });
      expect(record.mediaType).toBe(SCHEMA_2);
      const { images = [] } = await observer().send(
        new BatchGetImageCommand({ repositoryName: repository, imageIds: [{ imageDigest: record.digest }] }),
      );
      const manifest = JSON.parse(images[0]?.imageManifest ?? '') as {
        config: { digest: string; mediaType: string };
        layers: { mediaType: string }[];
      };
      expect(manifest.config).toMatchObject({
        digest: image.id,
        mediaType: 'application/vnd.docker.container.image.v1+json',
      });
      expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([
        'application/vnd.docker.image.rootfs.diff.tar.gzip',
      ]);
      const inEcr = await tagsInEcr();
      expect(
        Object.keys(inEcr)
          .filter((tag) => tag !== '(none)')
          .sort(),
      ).toEqual([...record.tags].sort());

      const again = await pushImage(image, { path: join(folder, 'bin') });
      expect(again).toMatchObject({ unchanged: true, digest: record.digest });
      // An engine must be able to read what came of it.
      await pulled(record.uri);
      expect(
        execFileSync('docker', ['image', 'inspect', '--format', '{{.Id}}', record.uri], {
          encoding: 'utf8',
        }).trim(),
      ).toBe(image.id);
    },
  );

  test('a layer that schema 2 has no word for is refused in words', async () => {
    const failure = await failureOf(pushImage(buildImage('zstd'), { path: ociDocker('zstd') }));
    expect(failure.message).toContain('gzip');
    expect(failure.fix).toContain('force-compression=true');
    expect(Object.keys(await tagsInEcr()).filter((tag) => tag !== '(none)')).toEqual([]);
  });

  test('a cancel when its manifest has arrived leaves none of it', async () => {
    onLine = (line) => {
      if (/^push \| .*digest: sha256/.test(line)) cancel.abort();
    };
    await expect(pushImage(buildImage('canceled'), { path: ociDocker('manifest') })).rejects.toThrow(
      CanceledError,
    );
    expect(Object.keys(await tagsInEcr()).filter((tag) => tag !== '(none)')).toEqual([]);
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
  });

  test('an OCI manifest that must stay, for want of permission, is told and fails nothing', async () => {
    await deny('ecr:BatchDeleteImage');
    const record = await pushImage(buildImage('stays'), { path: ociDocker('manifest') });
    expect(record.mediaType).toBe(SCHEMA_2);
    expect(record.notices).toEqual([expect.stringContaining('ecr:BatchDeleteImage')]);
  });
});

describe('keep-images', () => {
  async function pushFour(): Promise<readonly PushRecord[]> {
    const records: PushRecord[] = [];
    for (const [index, text] of ['a', 'b', 'c', 'd'].entries()) {
      records.push(await pushImage(buildImage(text), { commit: String(index).repeat(40) }));
    }
    return records;
  }

  test('removes the older images, and no image that this run names or a model uses', async () => {
    const [a, b, c, d] = (await pushFour()) as [PushRecord, PushRecord, PushRecord, PushRecord];
    const client = new SageMakerClient({ ...local.client(), credentials: OBSERVER });
    await client.send(
      new CreateModelCommand({
        ModelName: `push-test-${local.accessKeyId}`,
        ExecutionRoleArn: local.executionRoleArn,
        PrimaryContainer: { Image: `${b.registry}/${repository}:${contentTagOf(b)}` },
      }),
    );
    const record = await pushImage(buildImage('c'), { commit: '2'.repeat(40), plan: { keepImages: 1 } });
    expect(record).toMatchObject({ digest: c.digest, unchanged: true, removed: [a.digest] });
    expect(record.notices).toEqual([expect.stringContaining('kept 1 older image')]);
    expect(new Set(Object.values(await tagsInEcr()))).toEqual(new Set([b.digest, c.digest, d.digest]));
  });

  test('does not touch images that others pushed', async () => {
    await pushFour();
    const foreign = (await tagsInEcr())['0'.repeat(40)] ?? '';
    const [content = ''] = Object.entries(await tagsInEcr()).find(
      ([tag, digest]) => digest === foreign && tag.startsWith('sagemaker-byoc-'),
    ) ?? [''];
    await observer().send(
      new BatchDeleteImageCommand({ repositoryName: repository, imageIds: [{ imageTag: content }] }),
    );
    const record = await pushImage(buildImage('d'), { commit: '3'.repeat(40), plan: { keepImages: 1 } });
    expect(record.removed).toHaveLength(2);
    expect((await tagsInEcr())['0'.repeat(40)]).toBe(foreign);
  });

  test('removes nothing when it may not ask what models use, and says what is missing', async () => {
    await pushFour();
    await deny('sagemaker:ListModels');
    const record = await pushImage(buildImage('d'), { commit: '3'.repeat(40), plan: { keepImages: 1 } });
    expect(record.removed).toEqual([]);
    expect(record.notices).toEqual([expect.stringContaining('sagemaker:ListModels')]);
  });
});

describe('what goes wrong', () => {
  test('no repository, and none wanted', async () => {
    const failure = await failureOf(pushImage(buildImage('none'), { plan: { createRepository: false } }));
    expect(failure.message).toContain(repository);
    expect(failure.fix).toContain('create-repository: true');
  });

  test.each([
    'GetAuthorizationToken',
    'BatchGetImage',
    'CreateRepository',
    'InitiateLayerUpload',
    'UploadLayerPart',
    'CompleteLayerUpload',
    'PutImage',
  ])('ecr:%s is not allowed: it is named', async (operation) => {
    await deny(`ecr:${operation}`);
    const failure = await failureOf(pushImage(buildImage(operation)));
    expect(`${failure.message} ${failure.fix}`).toContain(`ecr:${operation}`);
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
  });

  test('expired credentials', async () => {
    await local.fault({ service: 'ecr', operation: 'BatchGetImage', kind: 'expired-token' });
    const failure = await failureOf(pushImage(buildImage('expired')));
    expect(failure.message).toContain('expired');
    expect(failure.fix).toContain('role-duration-seconds');
  });

  test('no credentials', async () => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    process.env['HOME'] = folder;
    const failure = await failureOf(pushImage(buildImage('no one')));
    expect(failure.fix).toContain('aws-actions/configure-aws-credentials');
    expect(failure.fix).toContain('id-token: write');
  });

  test('a quota is not waited for', async () => {
    await local.fault({
      service: 'ecr',
      operation: 'CreateRepository',
      kind: 'error',
      code: 'LimitExceededException',
      message:
        'The operation did not succeed because it would have exceeded a service limit for your account.',
    });
    const failure = await failureOf(pushImage(buildImage('quota')));
    expect(failure.fix).toContain('Service Quotas');
    expect((await local.calls())['ecr:CreateRepository']).toBe(1);
  });

  test.each(['throttling', 'internal-error', 'unavailable', 'reset'])(
    'a call that fails twice by %s is made again, and the push goes well',
    async (kind) => {
      await local.fault({ service: 'ecr', operation: 'BatchGetImage', kind, times: 2 });
      const record = await pushImage(buildImage(kind));
      expect((await tagsInEcr())[COMMIT]).toBe(record.digest);
    },
  );

  test('a layer’s upload that is cut off is sent again', async () => {
    await local.fault({
      service: 'ecr',
      operation: 'UploadLayerPart',
      kind: 'reset',
      times: 1,
      via: 'registry',
    });
    const record = await pushImage(buildImage('cut off'));
    expect((await tagsInEcr())[COMMIT]).toBe(record.digest);
  });

  test('a network that is gone', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    const failure = await failureOf(pushImage(buildImage('alone')));
    expect(failure.message).toContain('ECONNREFUSED');
  });
});

describe('the policy in docs/permissions.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/permissions.md'), 'utf8');
  /** The statements that stand below a heading. */
  const policyOf = (heading: string) => {
    const [, section = ''] = page.split(new RegExp(`^#+ ${heading}$`, 'm'));
    const [, json = ''] = section.split(/^```(?:json)?$/m);
    return (JSON.parse(json) as { Statement: { Action: string | string[] }[] }).Statement;
  };
  const actionsOf = (statements: readonly { Action: string | string[] }[]) =>
    statements.flatMap(({ Action }) => Action).sort();

  test('for `push` is what a push calls, no more and no less', async () => {
    const policy = policyOf('Push');
    await setPolicy(policy);
    await observer().send(new CreateRepositoryCommand({ repositoryName: repository }));
    const record = await pushImage(buildImage('least'), { plan: { createRepository: false } });
    await pushImage(buildImage('least', 'f'.repeat(40)), {
      commit: 'f'.repeat(40),
      plan: { createRepository: false },
    });
    // Asked only when a wanted tag is another image's.
    await pushImage(buildImage('moves'), { plan: { imageTags: ['f'.repeat(40)], createRepository: false } });
    expect(record.notices).toBeUndefined();
    expect(Object.keys(await local.calls()).sort()).toEqual(actionsOf(policy));
  });

  test('with `create-repository` and `keep-images` adds what these call', async () => {
    const policies = ['Push', 'create-repository', 'keep-images'].map(policyOf);
    await setPolicy(policies.flat());
    await pushImage(buildImage('a'));
    await pushImage(buildImage('b'), { commit: '1'.repeat(40) });
    const client = new SageMakerClient({ ...local.client(), credentials: OBSERVER });
    await client.send(
      new CreateModelCommand({
        ModelName: `push-test-${local.accessKeyId}`,
        ExecutionRoleArn: local.executionRoleArn,
        PrimaryContainer: { Image: 'example.com/other:1', ImageConfig: { RepositoryAccessMode: 'Vpc' } },
        VpcConfig: { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] },
      }),
    );
    const record = await pushImage(buildImage('c'), {
      commit: '2'.repeat(40),
      plan: { keepImages: 1, imageTags: ['1'.repeat(40)] },
    });
    expect(record.removed).toHaveLength(2);
    const called = Object.keys(await local.calls());
    expect(called.filter((action) => !actionsOf(policies.flat()).includes(action))).toEqual([]);
    // The tags of a new repository need ecr:TagResource, which is no call; endpoints, packages and jobs are there only when
    // the tests of another file have left some.
    const added = actionsOf(policies.slice(1).flat());
    const notCalled = added.filter((action) => !called.includes(action));
    expect(
      notCalled.filter((action) => !/^sagemaker:Describe(Endpoint|ModelPackage|TrainingJob)$/.test(action)),
    ).toEqual(['ecr:TagResource']);
  });
});

describe('a cancel', () => {
  test.each([
    ['before the first call', /^group/],
    ['while docker pushes', /^push/],
    ['when the image has arrived', /^info \| .* has sha256/],
  ])('%s ends it, and leaves no password and no name behind', async (_, moment) => {
    onLine = (line) => {
      if (moment.test(line)) cancel.abort();
    };
    const image = buildImage('canceled');
    await expect(pushImage(image, { plan: { keepImages: 1 } })).rejects.toThrow(CanceledError);
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
    const names = execFileSync('docker', ['image', 'inspect', '--format', '{{json .RepoTags}}', image.id], {
      encoding: 'utf8',
    });
    expect(JSON.parse(names)).toEqual([image.uri]);
  });
});
