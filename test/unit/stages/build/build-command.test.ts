import { describe, expect, test } from '@jest/globals';
import type { BuildPlan } from '../../../../src/plan.js';
import { buildCommand } from '../../../../src/stages/build/build-command.js';
import type { Builder } from '../../../../src/stages/build/builder.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';

const BUILDX: Builder = { kind: 'buildx', attests: true };
const PLAIN: Builder = { kind: 'plain' };
const plan = (changes: Partial<BuildPlan> = {}): BuildPlan => ({
  context: '/w/container',
  dockerfile: '/w/container/Dockerfile',
  buildArgs: new Map(),
  secrets: new Map(),
  labels: new Map(),
  platform: 'linux/amd64',
  cacheFrom: [],
  cacheTo: [],
  pull: false,
  ...changes,
});
const command = (builder: Builder, changes: Partial<BuildPlan> = {}) =>
  buildCommand(builder, plan(changes), {}, 'name:tag');

describe('the command of a build', () => {
  test('with buildx loads one platform into the engine, without attestations', () => {
    expect(command(BUILDX).args.join(' ')).toBe(
      'buildx build --file /w/container/Dockerfile --tag name:tag --platform linux/amd64 ' +
        '--load --progress plain --provenance=false --sbom=false /w/container',
    );
  });

  test('with a buildx that knows no attestations does not speak of them', () => {
    expect(command({ kind: 'buildx', attests: false }).args.join(' ')).not.toMatch(/provenance|sbom/);
  });

  test('without buildx leaves no container behind, and asks for the classic builder', () => {
    const { args, env } = command(PLAIN);
    expect(args.join(' ')).toBe(
      'build --file /w/container/Dockerfile --tag name:tag --platform linux/amd64 --force-rm /w/container',
    );
    expect(env).toEqual({ DOCKER_BUILDKIT: '0' });
  });

  test('hands on target, pull and caches', () => {
    const { args } = command(BUILDX, {
      target: 'train',
      pull: true,
      cacheFrom: ['type=gha', 'ghcr.io/o/a:cache'],
      cacheTo: ['type=gha,mode=max'],
    });
    expect(args.join(' ')).toContain(
      '--target train --cache-from type=gha --cache-from ghcr.io/o/a:cache --cache-to type=gha,mode=max --pull --load',
    );
  });

  test('has build arguments and labels whole, and none of them in the environment', () => {
    const value = 'a=b "c" \'d\'\n$(e) ü,';
    const { args, env } = command(BUILDX, {
      buildArgs: new Map([
        ['PATH', value],
        ['EMPTY', ''],
      ]),
      labels: new Map([['team', value]]),
    });
    expect(args).toEqual(expect.arrayContaining([`PATH=${value}`, 'EMPTY=', `team=${value}`]));
    expect(env).toEqual({});
  });

  test('is shown without the values of build arguments', () => {
    const { shown } = command(BUILDX, {
      buildArgs: new Map([['TOKEN', 'hush']]),
      labels: new Map([['a', 'b c']]),
    });
    expect(shown).toContain("--build-arg TOKEN --label 'a=b c'");
    expect(shown).not.toContain('hush');
  });

  test('has no secret on it: values are in the environment, files are named', () => {
    const { args, env, shown } = command(BUILDX, {
      secrets: new Map([
        ['token', { kind: 'value', value: 'hush\n,"' }],
        ['netrc', { kind: 'file', path: '/w/a, "b".txt' }],
      ]),
    });
    expect(args).toEqual(
      expect.arrayContaining(['id=token,env=BYOC_BUILD_SECRET_0', 'id=netrc,"src=/w/a, ""b"".txt"']),
    );
    expect(env).toEqual({ BYOC_BUILD_SECRET_0: 'hush\n,"' });
    expect(`${args.join(' ')} ${shown}`).not.toContain('hush');
  });
});

describe('what needs BuildKit', () => {
  test.each<[string, Partial<BuildPlan>]>([
    ['`build-secrets`', { secrets: new Map([['a', { kind: 'value', value: 'b' }]]) }],
    ['`cache-to`', { cacheTo: ['type=inline'] }],
    ['`cache-from`', { cacheFrom: ['ref=a/b,type=registry'] }],
  ])('is refused without it: %s', (name, changes) => {
    expect(() => command(PLAIN, changes)).toThrow(
      `${name} cannot be used here: it needs BuildKit, and this Docker has no buildx.`,
    );
    expect(() => command(BUILDX, changes)).not.toThrow();
  });

  test('is refused with the way out', () => {
    try {
      command(PLAIN, { cacheTo: ['type=gha'], cacheFrom: ['type=gha'] });
      throw new Error('was not refused');
    } catch (error) {
      expect(error).toBeInstanceOf(StageFailure);
      expect((error as StageFailure).failure.message).toMatch(
        /^`cache-to` and `cache-from` cannot be used here: they/,
      );
      expect((error as StageFailure).failure.fix).toContain('docker/setup-buildx-action');
    }
  });

  test('an image as the source of a cache does not', () => {
    expect(command(PLAIN, { cacheFrom: ['ghcr.io/o/a:cache'] }).args).toContain('ghcr.io/o/a:cache');
  });
});
