import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CanceledError, createDocker, DockerUnavailableError } from '../../src/docker/docker.js';
import type { BuildPlan, ImageRecord, ImageSource } from '../../src/plan.js';
import { build } from '../../src/stages/build.js';
import type { StageContext } from '../../src/stages/context.js';
import { StageFailure } from '../../src/stages/stage-failure.js';
import { startTinyRegistry, type TinyRegistry } from './tiny-registry.js';

jest.setTimeout(120_000);

const BASE = 'debian:bookworm-slim';
const PLATFORM = docker('version', '--format', '{{.Server.Os}}/{{.Server.Arch}}').trim();

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8' });
}

let workspace: string;
let runId: string;
let log: string[];
let cancel: AbortController;
const made = new Set<string>();

beforeEach(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'build-stage-')));
  runId = randomBytes(6).toString('hex');
  log = [];
  cancel = new AbortController();
});

afterEach(() => {
  rmSync(workspace, { recursive: true, force: true });
  for (const image of made) {
    try {
      execFileSync('docker', ['image', 'rm', '--force', image], { stdio: 'ignore' });
    } catch {
      // A test that failed before its image was there.
    }
  }
  made.clear();
});

/** A docker program that has no buildx, whatever is installed on this machine. */
function withoutBuildx(): NodeJS.ProcessEnv {
  const real = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim();
  const folder = join(workspace, '.bin');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'docker'),
    `#!/bin/sh\n[ "$1" = buildx ] && { echo 'docker: unknown command: docker buildx' >&2; exit 1; }\nexec '${real}' "$@"\n`,
  );
  chmodSync(join(folder, 'docker'), 0o755);
  return { PATH: `${folder}:${process.env['PATH']}` };
}

const BUILDERS = [
  ['buildx', () => ({})],
  ['plain docker build', withoutBuildx],
] as const;

function write(path: string, text: string): string {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
  return join(workspace, path);
}

function stage(source: ImageSource, env: NodeJS.ProcessEnv = {}): Promise<ImageRecord> {
  const context: StageContext = {
    docker: createDocker({ ...process.env, ...env }),
    runId,
    tempDir: workspace,
    log: {
      info: (message) => log.push(`info | ${message}`),
      untrusted: (from, line) => log.push(`${from} | ${line}`),
      group: (_, run) => run(),
    },
    signal: cancel.signal,
    source: { repository: 'org/bld-test', commit: 'c0ffee', ref: 'refs/heads/main' },
  };
  made.add(source.kind === 'image' ? source.uri : `sagemaker-byoc/bld-test:${runId}`);
  return build(context, source, workspace).then(({ image }) => image);
}

function buildFrom(
  dockerfile: string,
  changes: Partial<BuildPlan> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<ImageRecord> {
  write('container/Dockerfile', dockerfile);
  const plan: BuildPlan = {
    context: join(workspace, 'container'),
    dockerfile: join(workspace, 'container/Dockerfile'),
    buildArgs: new Map(),
    secrets: new Map(),
    labels: new Map(),
    platform: PLATFORM,
    cacheFrom: [],
    cacheTo: [],
    pull: false,
    ...changes,
  };
  return stage({ kind: 'build', build: plan }, env);
}

async function failureOf(running: Promise<unknown>): Promise<StageFailure> {
  const error = await running.then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof StageFailure) {
    return error;
  }
  throw error;
}

const labelsOf = (image: ImageRecord): Record<string, string> =>
  JSON.parse(docker('image', 'inspect', '--format', '{{json .Config.Labels}}', image.id));

describe.each(BUILDERS)('with %s', (_, environment) => {
  test('the image is in the engine under a name of its own, with its labels', async () => {
    const image = await buildFrom(
      'FROM scratch\nCMD ["train"]\n',
      { labels: new Map([['team', 'a=b "c"\n\'d\' ü']]) },
      environment(),
    );
    expect(image).toMatchObject({ uri: `sagemaker-byoc/bld-test:${runId}`, platform: PLATFORM });
    expect(docker('image', 'inspect', '--format', '{{.Id}}', image.uri).trim()).toBe(image.id);
    expect(labelsOf(image)).toEqual({
      team: 'a=b "c"\n\'d\' ü',
      'org.opencontainers.image.source': 'https://github.com/org/bld-test',
      'org.opencontainers.image.revision': 'c0ffee',
      'io.github.sagemaker-byoc.ref': 'refs/heads/main',
      'org.opencontainers.image.version': 'main',
    });
    expect(log.some((line) => line.startsWith('build | ') && line.includes(runId))).toBe(true);
  });

  test('build arguments come through whole, and those with docker’s own names change nothing', async () => {
    const value = 'a=b "c" \'d\' $HOME\n`e` ü,';
    const image = await buildFrom(
      'FROM scratch\nARG VALUE\nARG DOCKER_HOST\nARG EMPTY=default\nLABEL value="$VALUE" host="$DOCKER_HOST" empty="$EMPTY"\nCMD ["train"]\n',
      {
        buildArgs: new Map([
          ['VALUE', value],
          ['DOCKER_HOST', 'tcp://nowhere:1'],
          ['EMPTY', ''],
        ]),
      },
      environment(),
    );
    expect(labelsOf(image)).toMatchObject({ value, host: 'tcp://nowhere:1', empty: '' });
  });

  test('the build stops at the target', async () => {
    const image = await buildFrom(
      'FROM scratch AS one\nLABEL stage=one\nFROM scratch AS two\nLABEL stage=two\n',
      { target: 'one' },
      environment(),
    );
    expect(labelsOf(image)).toMatchObject({ stage: 'one' });
  });

  test('a failing instruction is named, annotated, and leaves no container behind', async () => {
    const marker = `bld-${runId}`;
    const { failure, annotations } = await failureOf(
      buildFrom(
        `# a comment\nFROM ${BASE}\nRUN echo ${marker} && \\\n  echo "a \\033[31mred line" >&2 && \\\n  exit 3\nRUN true\n`,
        {},
        environment(),
      ),
    );
    expect(failure.message).toMatch(
      // Nobody knows which of the two streams came last.
      /^`RUN echo .*` \(`container\/Dockerfile`, line 3\) ended with exit code 3: it printed `(?:a red line|bld-\w+)`\.$/,
    );
    expect([...(failure.lines ?? [])].sort()).toEqual(['a red line', marker]);
    expect(annotations).toMatchObject([
      { level: 'error', location: { path: 'container/Dockerfile', line: 3, endLine: 5 } },
    ]);
    expect(log.filter((line) => /^build \|.*a .*red line/.test(line)).length).toBeGreaterThan(0);
    expect(docker('ps', '--all', '--no-trunc', '--format', '{{.Command}}')).not.toContain(marker);
  });

  test('a word that is no instruction is annotated', async () => {
    const { failure, annotations } = await failureOf(
      buildFrom(`FROM scratch\n\nRUNN true\n`, {}, environment()),
    );
    expect(failure.message).toMatch(
      /^`RUNN true` \(`container\/Dockerfile`, line 3\): .*unknown instruction: RUNN/,
    );
    expect(annotations[0]?.location?.line).toBe(3);
  });

  test('a source that .dockerignore keeps out is told from one that is not there', async () => {
    const env = environment();
    write('container/.dockerignore', 'model.bin\n');
    write('container/model.bin', '');
    const ignored = await failureOf(buildFrom('FROM scratch\nCOPY model.bin /\n', {}, env));
    expect(ignored.failure.message).toMatch(
      /line 2\): `model\.bin` is in .* `\.dockerignore` keeps it out\.$/,
    );
    const missing = await failureOf(buildFrom('FROM scratch\nCOPY other.bin /\n', {}, env));
    expect(missing.failure.message).toMatch(
      /line 2\): `other\.bin` is not in the build context `container`\.$/,
    );
  });

  test('a target that is not there is named with those that are', async () => {
    const { failure } = await failureOf(
      buildFrom('FROM scratch AS one\nCMD ["x"]\n', { target: 'two' }, environment()),
    );
    expect(failure).toMatchObject({
      message: expect.stringContaining('has no stage `two`'),
      fix: expect.stringContaining('`one`'),
    });
  });

  test('a cancel ends the build in the engine too', async () => {
    const seconds = `86${randomBytes(2).readUInt16LE()}`;
    const env = environment();
    const running = buildFrom(`FROM ${BASE}\nRUN echo started; sleep ${seconds}\n`, {}, env);
    const outcome = running.catch((error: unknown) => error);
    let ended = false;
    void outcome.then(() => {
      ended = true;
    });
    while (!ended && !log.some((line) => /^build \| (?:#\d+ [\d.]+ )?started$/.test(line))) {
      await sleep(20);
    }
    cancel.abort();
    expect(await outcome).toBeInstanceOf(CanceledError);
    const runs = () =>
      execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`sleep ${seconds}`) ||
      docker('ps', '--all', '--no-trunc', '--format', '{{.Command}}').includes(seconds);
    while (runs()) {
      await sleep(50);
    }
  });

  test('an engine that does not answer is no failure of the build', async () => {
    const env = { ...environment(), DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    await expect(buildFrom('FROM scratch\nCMD ["x"]\n', {}, env)).rejects.toBeInstanceOf(
      DockerUnavailableError,
    );
  });
});

describe('secrets', () => {
  test('reach the instruction whole, and nothing else', async () => {
    const value = `hush "${runId}",\n'x' = $y ü`;
    const path = write('a, "b" =c.txt', `file ${runId}\n`);
    // What arrives is compared in the build, so that no test output holds it.
    write('container/expected', value);
    write('container/expected-file', `file ${runId}\n`);
    const image = await buildFrom(
      `FROM ${BASE}\nRUN --mount=type=secret,id=token --mount=type=secret,id=file --mount=type=bind,target=/context ` +
        'cmp /run/secrets/token /context/expected && cmp /run/secrets/file /context/expected-file && mkdir /done\n',
      {
        secrets: new Map([
          ['token', { kind: 'value', value }],
          ['file', { kind: 'file', path }],
        ]),
      },
    );
    const everything = [
      ...log,
      docker('history', '--no-trunc', image.id),
      docker('image', 'inspect', image.id),
    ].join('\n');
    expect(everything).not.toContain(`hush "`);
    expect(everything).not.toContain(`file ${runId}`);
    expect(
      execFileSync('docker', ['image', 'save', image.id], { maxBuffer: 2 ** 30 }).includes('hush "'),
    ).toBe(false);
  });

  test('that a command prints are neither in the log nor in the report', async () => {
    const { failure } = await failureOf(
      buildFrom(
        `FROM ${BASE}\nRUN --mount=type=secret,id=token echo "token: $(cat /run/secrets/token)" && false\n`,
        { secrets: new Map([['token', { kind: 'value', value: 'not-for-you' }]]) },
      ),
    );
    expect(failure.lines?.join()).toContain('token: ***');
    expect(JSON.stringify([failure, log])).not.toContain('not-for-you');
  });

  test('that are missing or empty are named', async () => {
    const dockerfile = `FROM ${BASE}\nRUN --mount=type=secret,id=token,required=true cat /run/secrets/token >/dev/null && false\n`;
    const { failure, annotations } = await failureOf(buildFrom(dockerfile));
    expect(failure.message).toMatch(/line 2\): the secret `token` is not among `build-secrets`/);
    expect(annotations[0]?.location?.line).toBe(2);
    log = [];
    await failureOf(buildFrom(dockerfile, { secrets: new Map([['token', { kind: 'value', value: '' }]]) }));
    expect(log[0]).toMatch(/^info \| Empty in `build-secrets`: `token`/);
  });
});

test('the same build again is the same image', async () => {
  const dockerfile = `FROM ${BASE}\nRUN echo ${randomBytes(6).toString('hex')} >/file\n`;
  const first = await buildFrom(dockerfile);
  runId = randomBytes(6).toString('hex');
  log = [];
  const second = await buildFrom(dockerfile);
  expect(second.uri).not.toBe(first.uri);
  expect(second.id).toBe(first.id);
  expect(log.some((line) => /^build \| #\d+ CACHED$/.test(line))).toBe(true);
});

describe('images of a registry', () => {
  let registry: TinyRegistry;
  beforeAll(async () => {
    registry = await startTinyRegistry();
  });
  afterAll(() => registry.close());

  const REFUSALS = [
    ['private', /the name is wrong, or the image is private/],
    ['nothing', /its registry does not have it\.$/],
    ['mainframe', /its registry does not have it for linux\//],
    ['limited', /answers no more requests for now/],
  ] as const;

  test.each(REFUSALS)('that cannot be pulled fail FROM at its line: %s', async (kind, expected) => {
    const dockerfile = `# first\nFROM ${registry.host}/${kind}/x:1\nCMD ["x"]\n`;
    const environments = BUILDERS.map(([, environment]) => environment());
    for (const environment of environments) {
      const { failure, annotations } = await failureOf(buildFrom(dockerfile, {}, environment));
      expect(failure.message).toMatch(expected);
      expect(failure.message).toContain(`\`${registry.host}/${kind}/x:1\` cannot be pulled`);
      expect(annotations[0]?.location).toEqual({ path: 'container/Dockerfile', line: 2 });
    }
  });

  test.each(REFUSALS)('that cannot be pulled are no `image-uri`: %s', async (kind, expected) => {
    const uri = `${registry.host}/${kind}/x:1`;
    const { failure } = await failureOf(stage({ kind: 'image', uri, platform: 'linux/amd64' }));
    expect(failure.message).toMatch(expected);
    expect(failure.message).toContain(`\`${uri}\`, which \`image-uri\` names, cannot be pulled`);
    expect(failure.fix).not.toBe('');
  });

  test('are pulled for the wanted platform, and again when the local one is for another', async () => {
    const uri = `${registry.host}/both/x:1`;
    const intel = await stage({ kind: 'image', uri, platform: 'linux/amd64' });
    expect(intel).toMatchObject({ uri, platform: 'linux/amd64' });
    // The name moves on to the other platform's image below.
    made.add(intel.id);
    expect(log.some((line) => line.startsWith('pull | '))).toBe(true);
    log = [];
    expect(await stage({ kind: 'image', uri, platform: 'linux/amd64' })).toEqual(intel);
    expect(log).toEqual([]);
    expect(await stage({ kind: 'image', uri, platform: 'linux/arm64' })).toMatchObject({
      uri,
      platform: 'linux/arm64',
    });
  });

  test('are handed on for the smoke test to judge when they are for another platform only', async () => {
    const uri = `${registry.host}/arm64/x:1`;
    expect(await stage({ kind: 'image', uri, platform: 'linux/amd64' })).toMatchObject({
      uri,
      platform: 'linux/arm64',
    });
  });

  test('that cannot be reached say so', async () => {
    const uri = '127.0.0.1:1/org/x:1';
    const { failure } = await failureOf(stage({ kind: 'image', uri, platform: 'linux/amd64' }));
    expect(failure.message).toMatch(/the registry `127\.0\.0\.1:1` could not be reached\.$/);
  });

  test('are not asked for an id', async () => {
    const { failure } = await failureOf(
      stage({ kind: 'image', uri: `sha256:${'a'.repeat(64)}`, platform: 'linux/amd64' }),
    );
    expect(failure.message).toMatch(/is not in this Docker engine\.$/);
  });
});
