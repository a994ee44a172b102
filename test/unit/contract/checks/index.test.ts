import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CHECKS } from '../../../../src/contract/checks/index.js';

const FOLDER = join(__dirname, '../../../../src/contract/checks');
/** Files of the folder that hold no check of their own. */
const HELPERS = [
  ...['attribution', 'check', 'index', 'judge', 'words'],
  ...['judge-finished-training', 'judge-invocations', 'judge-ready-server'],
];
const ids = CHECKS.map(({ id }) => id);

describe('The registry of checks', () => {
  test('holds every check of the folder, once', () => {
    const files = readdirSync(FOLDER)
      .map((name) => name.replace(/\.ts$/, ''))
      .filter((name) => !HELPERS.includes(name));
    expect([...ids].sort()).toEqual(files.sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has ids that are stable: docs, severities and old reports name them', () => {
    expect(ids).toEqual([
      'image-architecture',
      'image-entrypoint',
      'image-user',
      'image-size',
      'image-opt-ml',
      'image-cuda',
      'image-labels',
      'train-starts',
      'train-environment',
      'train-exit-code',
      'train-time',
      'train-memory',
      'train-model',
      'train-model-archive',
      'train-metrics',
      'train-broken-input',
      'train-failure-file',
      'train-sigterm',
      'train-network-isolation',
      'train-hosts',
      'train-pipe-mode',
      'serve-starts',
      'serve-read-only-model',
      'serve-network-isolation',
      'serve-memory',
      'serve-port',
      'serve-ping',
      'serve-invocations',
      'serve-time',
      'serve-content-type',
      'serve-content',
      'serve-ping-load',
      'serve-bad-payload',
      'serve-survives',
      'serve-execution-parameters',
      'serve-multi-model',
      'serve-sigterm',
    ]);
  });

  test('lets only these be no more than warnings unless the user says otherwise', () => {
    expect(CHECKS.filter(({ severity }) => severity === 'warning').map(({ id }) => id)).toEqual([
      'image-entrypoint',
      'image-user',
      'image-size',
      'image-opt-ml',
      'image-cuda',
      'image-labels',
      'train-metrics',
      'train-failure-file',
      'train-sigterm',
      'serve-bad-payload',
      'serve-execution-parameters',
      'serve-sigterm',
    ]);
  });

  test('groups each check by the run that it is about, one group after the other', () => {
    const GROUPS = { image: 'image', train: 'training', serve: 'hosting' } as const;
    for (const { id, group } of CHECKS) {
      expect([id, group]).toEqual([id, GROUPS[id.split('-')[0] as keyof typeof GROUPS]]);
    }
    const changes = CHECKS.filter(({ group }, index) => group !== CHECKS[index - 1]?.group);
    expect(changes.map(({ group }) => group)).toEqual(['image', 'training', 'hosting']);
  });
});

describe.each(CHECKS.map((check) => [check.id, check] as const))('The definition of %s', (id, check) => {
  test('has a kebab-case id that is its file’s name', () => {
    expect(id).toMatch(/^(image|train|serve)(-[a-z]+)+$/);
    expect(readFileSync(join(FOLDER, `${id}.ts`), 'utf8')).toContain(`id: '${id}',`);
  });

  test('claims what holds when it passes, without a full stop', () => {
    expect(check.title).toMatch(/^[A-Z].*[^.!?]$/);
    expect(check.title.length).toBeLessThanOrEqual(80);
  });

  test.each(['proves', 'why', 'fix'] as const)('says in sentences what it %s', (field) => {
    // A sentence may begin with the name of a thing: a path, a variable, a file.
    expect(check[field]).toMatch(/^([A-Z`/]|model\.tar\.gz ).*[.!?]$/s);
    expect(check[field]).not.toMatch(/\s{2}|\n/);
  });

  test('says when it is judged, and where its fact comes from', () => {
    expect(check.judged).toMatch(/^(always|when .+|with every .+)$/);
    expect(check.source).toMatch(/^\[(doc|obs|inf|code)\] \S/);
    expect(check.source).not.toMatch(/\[(?!doc\]|obs\]|inf\]|code\])/);
  });
});
