import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const SCRIPTS = join(__dirname, '../../../script');

let folder: string;
let repository: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  repository = makeRepository('repository');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A repository that may release 1.2.0, after v1.1.0. */
function makeRepository(name: string): string {
  const path = join(folder, name);
  const files: Record<string, string> = {
    'package.json': '{"version": "1.2.0"}',
    'package-lock.json': '{"version": "1.2.0"}',
    'src/version.ts': "export const VERSION = '1.2.0';\n",
    'CHANGELOG.md':
      '# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-11-21\n\n- Deploys.\n\n## 1.1.0 - 2026-10-01\n\n- Trains.\n',
    'action.yml': 'name: SageMaker BYOC\n',
    'dist/index.js': 'main();\n',
    'docs/inputs.md': '# Inputs\n',
    'container/Dockerfile': 'FROM scratch\n',
    'test/secret.txt': 'not for users\n',
    LICENSE: 'Apache-2.0\n',
    'README.md': '# Read me\n',
  };
  for (const [file, content] of Object.entries(files)) write(path, file, content);
  for (const script of ['check-release', 'release']) {
    mkdirSync(join(path, 'script'), { recursive: true });
    cpSync(join(SCRIPTS, script), join(path, 'script', script));
  }
  git(path, 'init', '--quiet', '--initial-branch=main', '.');
  git(path, 'commit', '--quiet', '--allow-empty', '-m', 'Begin');
  git(path, 'tag', 'v1.1.0');
  git(path, 'add', '--all');
  git(path, 'commit', '--quiet', '-m', 'Release 1.2.0');
  return path;
}

function write(path: string, file: string, content: string): void {
  mkdirSync(dirname(join(path, file)), { recursive: true });
  writeFileSync(join(path, file), content);
}

function git(path: string, ...args: readonly string[]): string {
  const date = '2026-11-21T10:00:00Z';
  const who = ['-c', 'user.name=Octocat', '-c', 'user.email=octocat@github.com'];
  return execFileSync('git', ['-C', path, ...who, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  }).trim();
}

function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  path = repository,
) {
  const bin = join(folder, 'bin');
  const { status, stdout, stderr } = spawnSync(join(path, 'script', script), args, {
    encoding: 'utf8',
    cwd: folder,
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: folder,
      GITHUB_REPOSITORY: 'org/sagemaker-byoc',
      ...env,
    },
  });
  return { status, stdout, stderr };
}

describe('script/check-release', () => {
  test('lets a version pass for which all is ready', () => {
    expect(run('check-release', ['1.2.0'])).toEqual({
      status: 0,
      stdout: '1.2.0 may be released.\n',
      stderr: '',
    });
  });

  test.each([
    ['a name that is no version', ['v1.2.0'], /"v1\.2\.0" is not a version: write X\.Y\.Z/],
    [
      'a version that the files do not have',
      ['1.3.0'],
      /package\.json has the version 1\.2\.0: set it to 1\.3\.0/,
    ],
    ['a version without notes', ['1.3.0'], /CHANGELOG\.md has no heading "## 1\.3\.0 - YYYY-MM-DD"/],
    ['a version below the latest', ['1.0.9'], /1\.0\.9 is below v1\.1\.0/],
    ['a version that is released', ['1.1.0'], /The tag v1\.1\.0 exists already/],
  ])('refuses %s', (_, args, message) => {
    const { status, stdout, stderr } = run('check-release', args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  test.each([
    [
      'a changelog whose section is empty',
      'CHANGELOG.md',
      '## 1.2.0 - 2026-11-21\n\n## 1.1.0 - 2026-10-01\n\n- Trains.\n',
      'says nothing below "## 1.2.0"',
    ],
    [
      'a heading without a date',
      'CHANGELOG.md',
      '## 1.2.0\n\n- Deploys.\n',
      'has no heading "## 1.2.0 - YYYY-MM-DD"',
    ],
    [
      'another version in the sources',
      'src/version.ts',
      "export const VERSION = '1.1.0';\n",
      'src/version.ts does not have the version 1.2.0',
    ],
    [
      'another version in the lock file',
      'package-lock.json',
      '{"version": "1.1.0"}',
      'package-lock.json has the version 1.1.0',
    ],
  ])('refuses %s', (_, file, content, message) => {
    write(repository, file, content);
    git(repository, 'commit', '--quiet', '--all', '-m', 'Spoil');
    const { status, stderr } = run('check-release', ['1.2.0']);
    expect(status).toBe(1);
    // That one thing, and nothing else.
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(message)]);
  });

  test('refuses what is not committed', () => {
    write(repository, 'dist/index.js', 'other();\n');
    expect(run('check-release', ['1.2.0'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'There are changes that are not committed: commit them first.\n',
    });
  });

  test('prints the notes of a version, and nothing of its neighbours', () => {
    expect(run('check-release', ['--notes', '1.2.0'])).toEqual({
      status: 0,
      stdout: '- Deploys.\n',
      stderr: '',
    });
    expect(run('check-release', ['--notes', '2.0.0'])).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('script/release', () => {
  const archive = (to: string) => join(folder, to, 'sagemaker-byoc-1.2.0.tar.gz');
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

  test('makes an archive of what users need, the same bytes in another clone at another time', () => {
    expect(run('release', ['--archive', '1.2.0', join(folder, 'first')])).toMatchObject({ status: 0 });
    const other = makeRepository('other');
    expect(git(other, 'rev-parse', 'HEAD')).toBe(git(repository, 'rev-parse', 'HEAD'));
    expect(
      run('release', ['--archive', '1.2.0', join(folder, 'second')], { TZ: 'Asia/Tokyo' }, other),
    ).toMatchObject({
      status: 0,
    });
    expect(digest(archive('first'))).toBe(digest(archive('second')));
    expect(readFileSync(join(folder, 'first/SHA256SUMS'), 'utf8')).toBe(
      `${digest(archive('first'))}  sagemaker-byoc-1.2.0.tar.gz\n`,
    );
    const files = execFileSync('tar', ['tzf', archive('first')], { encoding: 'utf8' });
    expect(files).toContain('sagemaker-byoc-1.2.0/dist/index.js\n');
    expect(files).not.toMatch(/test|src|script/);
  });

  test('makes nothing of a version that may not be released', () => {
    write(repository, 'README.md', '# Changed\n');
    expect(run('release', ['--archive', '1.2.0', join(folder, 'first')])).toMatchObject({ status: 1 });
    expect(existsSync(archive('first'))).toBe(false);
  });

  /** `gh` that writes down its arguments, one call a line, and answers as GitHub would. */
  function standInForGh(answers: {
    readonly tagged: string;
    readonly hasMajor: boolean;
  }): () => readonly string[][] {
    const calls = join(folder, 'gh-calls');
    write(
      folder,
      'bin/gh',
      `#!/usr/bin/env node
require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(process.argv.slice(2)) + '\\n');
const args = process.argv.slice(2).join(' ');
if (args.includes('/commits/')) console.log(${JSON.stringify(answers.tagged)});
if (args.includes('/git/ref/tags/')) process.exit(${answers.hasMajor ? 0 : 1});
`,
    );
    chmodSync(join(folder, 'bin/gh'), 0o755);
    return () =>
      readFileSync(calls, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as string[]);
  }

  test('publishes a draft with all its files first, and moves vX last', () => {
    const head = git(repository, 'rev-parse', 'HEAD');
    const calls = standInForGh({ tagged: head, hasMajor: true });
    const out = join(folder, 'out');
    expect(run('release', ['1.2.0', out])).toMatchObject({ status: 0 });
    const create = ['release', 'create', 'v1.2.0', '--draft', '--target', head, '--title', 'v1.2.0'];
    expect(calls()).toEqual([
      [...create, '--notes-file', join(out, 'notes.md'), archive('out'), join(out, 'SHA256SUMS')],
      ['release', 'edit', 'v1.2.0', '--draft=false', '--latest'],
      ['api', 'repos/org/sagemaker-byoc/commits/v1.2.0', '--jq', '.sha'],
      ['api', 'repos/org/sagemaker-byoc/git/ref/tags/v1', '--silent'],
      [
        ...['api', '--method', 'PATCH', 'repos/org/sagemaker-byoc/git/refs/tags/v1'],
        ...['--field', `sha=${head}`, '--field', 'force=true', '--silent'],
      ],
    ]);
    expect(readFileSync(join(out, 'notes.md'), 'utf8')).toBe('- Deploys.\n');
  });

  test('makes vX with the first release of a major version', () => {
    const head = git(repository, 'rev-parse', 'HEAD');
    const calls = standInForGh({ tagged: head, hasMajor: false });
    expect(run('release', ['1.2.0', join(folder, 'out')])).toMatchObject({ status: 0 });
    expect(calls().at(-1)).toEqual([
      ...['api', '--method', 'POST', 'repos/org/sagemaker-byoc/git/refs'],
      ...['--field', 'ref=refs/tags/v1', '--field', `sha=${head}`, '--silent'],
    ]);
  });

  test('does not move vX when the tag is on another commit than the one that was tested', () => {
    const calls = standInForGh({ tagged: 'c0ffee', hasMajor: true });
    const { status, stderr } = run('release', ['1.2.0', join(folder, 'out')]);
    expect(status).toBe(1);
    expect(stderr).toContain('The tag v1.2.0 is on c0ffee');
    expect(calls().at(-1)).toEqual(['api', 'repos/org/sagemaker-byoc/commits/v1.2.0', '--jq', '.sha']);
  });

  test('asks GitHub for nothing when the version may not be released', () => {
    standInForGh({ tagged: '', hasMajor: true });
    expect(run('release', ['1.3.0', join(folder, 'out')])).toMatchObject({ status: 1 });
    expect(existsSync(join(folder, 'gh-calls'))).toBe(false);
  });
});
