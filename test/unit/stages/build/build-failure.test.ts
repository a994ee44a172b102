import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { BuildPlan } from '../../../../src/plan.js';
import { buildFailure } from '../../../../src/stages/build/build-failure.js';
import { type BuildFindings, BuildkitLog } from '../../../../src/stages/build/build-log.js';
import { MODERN, OLD } from './logs.js';

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'build-failure-'));
});
afterEach(() => {
  rmSync(workspace, { recursive: true, force: true });
});

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

async function explain(found: BuildFindings | string, dockerfile = '', changes: Partial<BuildPlan> = {}) {
  write('container/Dockerfile', dockerfile);
  const plan: BuildPlan = {
    context: join(workspace, 'container'),
    dockerfile: join(workspace, 'container/Dockerfile'),
    buildArgs: new Map(),
    secrets: new Map(),
    labels: new Map(),
    platform: 'linux/amd64',
    cacheFrom: [],
    cacheTo: [],
    pull: false,
    ...changes,
  };
  const { failure, annotations } = await buildFailure(
    typeof found === 'string' ? read(found) : found,
    plan,
    workspace,
  );
  return { ...failure, annotations };
}

function read(text: string): BuildFindings {
  const log = new BuildkitLog();
  for (const line of text.split('\n')) {
    log.push('stderr', line);
  }
  return log.findings();
}

/** A command of line 2 that printed this and ended with 1. */
const printed = (...output: readonly string[]): BuildFindings => ({
  error: 'process "/bin/sh -c x" did not complete successfully: exit code: 1',
  exitCode: 1,
  step: { title: 'RUN x' },
  output,
  place: { line: 2, endLine: 2 },
});
/** The builder gave up at a line. */
const said = (error: string, line?: number): BuildFindings => ({
  error,
  output: [],
  ...(line !== undefined && { place: { line, endLine: line } }),
});

describe('a command that failed', () => {
  const dockerfile =
    'FROM debian:bookworm-slim\nARG FOO\nRUN echo "foo=$FOO"\nRUN echo one && \\\n    echo two && \\\n    exit 3\nRUN true\n';

  test('is named with its place, its exit code and its last lines, and annotated over all its lines', async () => {
    const { message, lines, annotations, fix } = await explain(OLD.exitCode, dockerfile);
    expect(message).toBe(
      '`RUN echo one && echo two && exit 3` (`container/Dockerfile`, line 4) ended with exit code 3: it printed `line 1`.',
    );
    expect(lines).toEqual(['one', 'two', 'line 1']);
    expect(annotations).toEqual([
      {
        level: 'error',
        title: 'The image could not be built',
        message: `${message}\nFix: ${fix}`,
        location: { path: 'container/Dockerfile', line: 4, endLine: 6 },
      },
    ]);
    expect(fix).toContain('`docker build --file container/Dockerfile container`');
  });

  test('stands where the builder itself says', async () => {
    const { annotations } = await explain(MODERN.exitCode, dockerfile);
    expect(annotations[0]?.location).toEqual({ path: 'container/Dockerfile', line: 10, endLine: 14 });
  });

  test('has no annotation when its line cannot be told, and none outside of the workspace', async () => {
    expect(await explain(OLD.exitCode, 'FROM debian:bookworm-slim\n')).toMatchObject({
      message: expect.stringContaining('`RUN echo one'),
      annotations: [{ location: { line: 1 } }],
    });
    expect((await explain(OLD.exitCode, '')).annotations).toEqual([]);
    const outside = await explain(MODERN.exitCode, '', { dockerfile: join(workspace, '../Dockerfile') });
    expect(outside.annotations).toEqual([]);
  });

  test.each([
    [127, /the program was not found/],
    [126, /not executable/],
    [137, /killed, most often because memory ran out/],
  ])('with exit code %i says what that means', async (exitCode, expected) => {
    expect((await explain({ ...printed(), exitCode }, 'FROM x\nRUN x')).message).toMatch(expected);
  });

  test('that may not be run is told from one that may not write', async () => {
    const denied = printed('/bin/sh: 1: /s: Permission denied');
    expect((await explain(denied, 'FROM x\nRUN /s')).message).toMatch(/may not do that/);
    expect((await explain({ ...denied, exitCode: 126 }, 'FROM x\nRUN /s')).message).toMatch(/not executable/);
  });

  test('for want of a shell is told to go without', async () => {
    const line =
      'runc run failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file';
    const { message, fix } = await explain(printed(line), 'FROM x\nRUN x');
    expect(message).toMatch(/`\/bin\/sh` is not in the image/);
    expect(fix).toContain('no shell');
  });

  test.each<[string, readonly string[]]>([
    [
      'error: metadata-generation-failed',
      ['error: metadata-generation-failed', '[notice] A new release of pip'],
    ],
    ['ValueError: bad `x`', ['Traceback (most recent call last):', 'ValueError: bad `x`', 'cleaning up', '']],
    ['ERROR: Failed to build', ['ERROR: Failed to build', 'note: This error is not a problem with pip.']],
    ['the last of all', ['one', 'the last of all', '  ']],
  ])('that nobody knows is told with the last line of its error: %s', async (line, output) => {
    const { message, annotations } = await explain(printed(...output), 'FROM x\nRUN x');
    const told = `ended with exit code 1: it printed \`${line.replaceAll('`', "'")}\`.`;
    expect(message).toContain(told);
    expect(annotations[0]?.message).toContain(told);
  });

  test('that printed nothing says so', async () => {
    const { fix, lines } = await explain(printed(), 'FROM x\nRUN x');
    expect(fix).toMatch(/^The command printed nothing\./);
    expect(lines).toBeUndefined();
  });

  test.each([
    ['ERROR: No matching distribution found for torch==99', /pip finds no fitting version of `torch==99`/],
    ['ERROR: Could not find a version that satisfies the requirement a>=2 (from versions: 1.0)', /`a>=2`/],
    [
      "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'r.txt'",
      /the image has no `r.txt`/,
    ],
    ['E: Unable to locate package libfoo', /apt knows no package `libfoo`/],
    ["E: Package 'python' has no installation candidate", /apt knows no package `python`/],
    ['error: externally-managed-environment', /refuses packages from pip/],
    ["error: command 'gcc' failed: No such file or directory", /no compiler/],
    ['/bin/sh: 1: gcc: not found', /no compiler/],
    ['ERROR: ResolutionImpossible: for help visit https://pip.pypa.io', /exclude each other/],
    ['ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.', /hash/],
    ['/bin/sh: 1: conda: not found', /`conda` is not in the image/],
    ['bash: line 1: foo: command not found', /`foo` is not in the image/],
    [
      "python: can't open file '/opt/x.py': [Errno 2] No such file or directory",
      /`\/opt\/x.py` is not in the image/,
    ],
    ["touch: cannot touch '/x': Permission denied", /may not do that/],
    ["dd: error writing '/t/x': No space left on device", /the disk is full/],
    ['cat: /run/secrets/token: No such file or directory', /the secret `token` was not given/],
    ["Temporary failure resolving 'deb.debian.org'", /a server could not be reached/],
    ['E: Failed to fetch http://deb.debian.org/x.deb  404  Not Found', /out of date/],
  ])('is explained by what it printed: %s', async (line, expected) => {
    const { message, fix } = await explain(printed('before', line, 'after'), 'FROM x\nRUN x');
    expect(message).toMatch(expected);
    expect(message).toMatch(/^`RUN x` \(`container\/Dockerfile`, line 2\) ended with exit code 1: /);
    expect(fix).not.toMatch(/^What the command printed/);
  });

  test('for want of a network is not explained by what follows from it', async () => {
    const { message } = await explain(
      printed(
        'WARNING: Retrying: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution',
        'ERROR: No matching distribution found for numpy',
      ),
      'FROM x\nRUN x',
    );
    expect(message).toContain('a server could not be reached');
  });

  test('on a foreign processor is sent to emulation, on its own to its binaries', async () => {
    const foreign = process.arch === 'arm64' ? 'linux/amd64' : 'linux/arm64';
    const native = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';
    const fix = async (platform: string) =>
      (await explain(printed('exec /bin/sh: exec format error'), 'FROM x\nRUN x', { platform })).fix;
    expect(await fix(foreign)).toContain('docker/setup-qemu-action');
    expect(await fix(native)).not.toContain('qemu');
  });
});

describe('a source that is not there', () => {
  const missing = (path: string) => said(`"/${path}": not found`, 2);

  test('is not in the build context', async () => {
    const { message, fix } = await explain(MODERN.copy, 'FROM debian\nRUN true\nCOPY nothere.txt /x/');
    expect(message).toBe(
      '`COPY nothere.txt /x/` (`container/Dockerfile`, line 3): `nothere.txt` is not in the build context `container`.',
    );
    expect(fix).toContain('relative to the context');
  });

  test('is kept out by .dockerignore', async () => {
    write('container/data/a.csv');
    const { message } = await explain(missing('data/a.csv'), 'FROM x\nADD ./data/a.csv other /x/');
    expect(message).toMatch(/`\.\/data\/a\.csv` is in the build context `container`, but a `\.dockerignore`/);
  });

  test('lies outside of the context', async () => {
    const { message, fix } = await explain(missing('lib'), 'FROM x\nCOPY --chown=1:1 ["../lib", "/x/"]');
    expect(message).toMatch(/: `\.\.\/lib` lies outside of the build context `container`\.$/);
    expect(fix).toContain('`context: .`');
  });

  test('is written from the wrong folder on', async () => {
    write('container/train');
    expect((await explain(missing('container/train'), 'FROM x\nCOPY container/train /x')).fix).toBe(
      'Paths are relative to the context: write `train`.',
    );
    const { fix } = await explain(missing('train'), 'FROM x\nCOPY train /x', { context: workspace });
    expect(fix).toContain('beside the Dockerfile');
  });

  test('is not in the stage or image that it is copied from', async () => {
    const { message } = await explain(
      said('lstat /nope: no such file or directory', 2),
      'FROM x\nCOPY --from=base /nope /b',
    );
    expect(message).toMatch(/: `\/nope` is not in `base`\.$/);
  });
});

describe('what the builder refuses', () => {
  test.each<[string, BuildFindings, RegExp, RegExp]>([
    [
      'an instruction',
      said('dockerfile parse error line 2: unknown instruction: RUNN', 2),
      /line 2\): Docker cannot read it: unknown instruction: RUNN\.$/,
      /Correct the instruction/,
    ],
    [
      'an empty Dockerfile',
      said('the Dockerfile (Dockerfile) cannot be empty'),
      /has no `FROM`/,
      /Begin it with/,
    ],
    [
      'a base without a name',
      said('failed to parse stage name "debian:": invalid reference format', 1),
      /not a valid one/,
      /`build-args`/,
    ],
    [
      'an option of an instruction',
      said('dockerfile parse error on line 2: unknown flag: --nope', 2),
      /Docker cannot read it: unknown flag: --nope\.$/,
      /Correct the instruction/,
    ],
    [
      'a user that is not there',
      said('unable to find user nosuch: no matching entries in passwd file', 2),
      /no user or group `nosuch`/,
      /useradd/,
    ],
    [
      'a program that is not there',
      said('runc create failed: exec: "foo": executable file not found in $PATH: unknown', 2),
      /`foo` is not in the image at this point\.$/,
      /Install or copy it/,
    ],
    [
      'a mount without BuildKit',
      said('the --mount option requires BuildKit. Refer to https://docs.docker.com', 2),
      /needs BuildKit/,
      /setup-buildx-action/,
    ],
    [
      'a secret that is not given',
      said('secret tok: not found', 2),
      /the secret `tok` is not among/,
      /`build-secrets: tok=…`/,
    ],
    [
      'a secret, in older words',
      said('secret tok not found: not found', 2),
      /the secret `tok` is not among/,
      /tok/,
    ],
    [
      'a full disk',
      said('failed to copy: write /var/lib/docker/x: no space left on device'),
      /disk .* is full/,
      /docker system prune/,
    ],
    [
      'an unreadable file',
      said('error from sender: open /w/container/secret: permission denied'),
      /cannot be read: `\/w\/container\/secret`/,
      /chmod/,
    ],
    ['a builder that is not there', said('no builder "nope" found'), /no builder `nope`/, /BUILDX_BUILDER/],
    ['a flag that is too new', said('unknown flag: --load'), /does not know `--load`/, /setup-buildx-action/],
    ['a cache address', said('type required form> "foo=bar"'), /`cache-from` or `cache-to`/, /type=gha/],
    [
      'GitHub’s cache elsewhere',
      said('failed to configure gha cache exporter: token is malformed'),
      /`type=gha`/,
      /ignore-error=true/,
    ],
  ])('%s', async (_, findings, message, fix) => {
    const failure = await explain(findings, 'FROM x:$V\nRUN x');
    expect(failure.message).toMatch(message);
    expect(failure.fix).toMatch(fix);
  });

  test('a cache export of the default driver, with the way out', async () => {
    const { message, fix, annotations } = await explain(OLD.cacheExport, 'FROM x');
    expect(message).toMatch(
      /^The image could not be built: `cache-to` .* driver `docker` cannot export a cache\.$/,
    );
    expect(fix).toContain('docker/setup-buildx-action');
    expect(annotations).toEqual([]);
  });

  test('a cache that cannot be written, which is no matter of a base image', async () => {
    const { message, fix } = await explain(MODERN.cacheExport, 'FROM x');
    expect(message).toMatch(/the cache of `cache-to` could not be written: error writing layer blob/);
    expect(fix).toContain(',ignore-error=true');
  });

  test('a target that is not there, with those that are', async () => {
    const findings = said('target stage "nope" could not be found');
    const { message, fix } = await explain(findings, 'FROM x AS one\nFROM y\nFROM z AS Two');
    expect(message).toMatch(/`container\/Dockerfile` has no stage `nope`, which `target` names\.$/);
    expect(fix).toBe('Its stages are `one` and `two`: correct `target`.');
    expect(
      (await explain(said('failed to reach build target nope in Dockerfile'), 'FROM x')).message,
    ).toContain('`nope`');
  });

  test('a secret that is empty, as those of forks are', async () => {
    const secrets = new Map([['tok', { kind: 'value', value: '' } as const]]);
    const { message, fix } = await explain(said('secret tok: not found', 2), 'FROM x\nRUN x', { secrets });
    expect(message).toMatch(/the secret `tok` is empty\.$/);
    expect(fix).toContain('forks');
  });

  test('a base image, at its FROM, also where the builder does not say the line', async () => {
    const findings: BuildFindings = {
      error:
        'failed to do request: Head "https://ghcr.io/v2/o/a/manifests/1": dial tcp: lookup ghcr.io: no such host',
      step: { title: '[internal] load metadata for ghcr.io/o/a:1' },
      output: [],
    };
    const { message, annotations } = await explain(findings, 'ARG V\nFROM ghcr.io/o/a:1\n');
    expect(message).toBe(
      '`FROM ghcr.io/o/a:1` (`container/Dockerfile`, line 2): `ghcr.io/o/a:1` cannot be pulled: the registry `ghcr.io` could not be reached.',
    );
    expect(annotations).toHaveLength(1);
  });

  test('the frontend of a syntax line', async () => {
    const { message, fix } = await explain(MODERN.syntaxImage, '# syntax=docker/dockerfile:1\nFROM scratch');
    expect(message).toMatch(
      /line 1: the Dockerfile’s `# syntax=` line needs `docker\/dockerfile:1`, which cannot be pulled/,
    );
    expect(fix).toContain('take the line out');
  });

  test('anything else, in its own words', async () => {
    expect(await explain(said('the moon is full'))).toMatchObject({
      message: 'The image could not be built: the moon is full',
      annotations: [],
    });
    expect((await explain(said(''))).message).toMatch(/ended without giving a reason/);
  });
});
