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
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'yaml';

// Each test runs programs, dozens of them.
jest.setTimeout(60_000);

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
    'examples/README.md': '# Examples\n',
    LICENSE: 'Apache-2.0\n',
    'CONTRIBUTING.md': '# Contributing\n',
    'SECURITY.md': '# Security\n',
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
  // The repository on GitHub.
  const origin = originOf(path);
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin]);
  git(path, 'remote', 'add', 'origin', origin);
  git(path, 'push', '--quiet', 'origin', 'main', 'v1.1.0');
  return path;
}

const originOf = (path: string): string => `${path}.git`;

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
      GH_TOKEN: 'workflow-token',
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

  test('refuses what is not on main, but for a pull request that asks to', () => {
    git(repository, 'switch', '--quiet', '--create', 'prepare');
    git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'Not reviewed');
    const { status, stderr } = run('check-release', ['1.2.0']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^This commit is not on origin\/main: merge it first\./),
    ]);
    expect(run('check-release', ['--unmerged', '1.2.0'])).toMatchObject({ status: 0, stderr: '' });
    expect(run('check-release', ['--unmerged', '1.3.0'])).toMatchObject({ status: 1 });
  });

  test('lets an older commit of main pass, and says when main is not known', () => {
    const released = git(repository, 'rev-parse', 'HEAD');
    git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'Go on');
    git(repository, 'push', '--quiet', 'origin', 'main');
    git(repository, 'switch', '--quiet', '--detach', released);
    expect(run('check-release', ['1.2.0'])).toMatchObject({ status: 0 });
    git(repository, 'update-ref', '-d', 'refs/remotes/origin/main');
    expect(run('check-release', ['1.2.0'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('origin/main is not known here'),
    });
  });

  test('lets a version pass whose tag is on this commit, unless a later one is released', () => {
    git(repository, 'tag', 'v1.2.0');
    expect(run('check-release', ['1.2.0'])).toMatchObject({ status: 0 });
    git(repository, 'tag', 'v1.2.1');
    expect(run('check-release', ['1.2.0'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('1.2.0 is below v1.2.1'),
    });
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
    git(repository, 'push', '--quiet', 'origin', 'main');
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
    // README.md links to the last three.
    for (const file of ['dist/index.js', 'examples/README.md', 'CONTRIBUTING.md', 'SECURITY.md']) {
      expect(files).toContain(`sagemaker-byoc-1.2.0/${file}\n`);
    }
    expect(files).not.toMatch(/test|src|script/);
  });

  test('makes nothing of a version that may not be released', () => {
    write(repository, 'README.md', '# Changed\n');
    expect(run('release', ['--archive', '1.2.0', join(folder, 'first')])).toMatchObject({ status: 1 });
    expect(existsSync(archive('first'))).toBe(false);
  });

  interface Release {
    readonly tag: string;
    readonly draft: boolean;
    readonly files: readonly string[];
    readonly notes: string;
  }

  const state = () => join(folder, 'github.json');
  const releases = () => JSON.parse(readFileSync(state(), 'utf8')) as readonly Release[];
  const calls = () =>
    existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];
  const head = () => git(repository, 'rev-parse', 'HEAD');
  const begin = () => git(repository, 'rev-parse', 'HEAD~1');
  const onGitHub = (ref: string) => git(originOf(repository), 'for-each-ref', '--format=%(objectname)', ref);

  /**
   * Programs `gh` and `git` in front of the real ones. `gh` plays a repository whose tags are those of the bare
   * repository `origin`, and refuses what GitHub refuses the token of a workflow: to make a tag by a release, or any
   * tag by the REST API. `git` refuses the remote to who does not ask `gh` for the token, as after
   * `persist-credentials: false`. A call that REFUSE (a regular expression) fits fails without a word.
   */
  function standIns(...existing: readonly Release[]): void {
    writeFileSync(state(), JSON.stringify(existing));
    const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const origin = JSON.stringify(originOf(repository));
    const common = `#!/usr/bin/env node
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const args = process.argv.slice(2);
const fail = (text, code = 1) => { process.stderr.write(text === '' ? '' : text + '\\n'); process.exit(code); };
const begin = (call) => {
  appendFileSync(${JSON.stringify(join(folder, 'calls'))}, call + '\\n');
  if (process.env.REFUSE && new RegExp(process.env.REFUSE).test(call)) fail('');
};
const real = (all, stdio = 'inherit') => spawnSync(${JSON.stringify(real)}, all, { stdio, encoding: 'utf8' });
`;
    // Most calls are local, and need no program in between.
    program(
      'git',
      `#!/bin/sh
for word; do
  case "$word" in push | ls-remote | fetch) exec ${JSON.stringify(join(folder, 'bin/remote-git'))} "$@" ;; esac
done
exec ${JSON.stringify(real)} "$@"
`,
    );
    program(
      'remote-git',
      `${common}
const words = args.filter((arg, at) => arg !== '-c' && args[at - 1] !== '-c');
begin('git ' + words.join(' '));
const helper = args.findLast((arg) => arg.startsWith('credential.helper=!'))?.slice('credential.helper=!'.length);
const said = helper ? spawnSync('sh', ['-c', helper + ' get'], { encoding: 'utf8', input: 'protocol=https\\nhost=github.com\\n\\n' }).stdout : '';
if (!said.includes('password=workflow-token')) fail("fatal: could not read Username for 'https://github.com': terminal prompts disabled", 128);
process.exit(real(args).status ?? 1);
`,
    );
    program(
      'gh',
      `${common}
if (args.join(' ') === 'auth git-credential get') {
  console.log('username=x-access-token\\npassword=' + process.env.GH_TOKEN);
  process.exit(0);
}
begin('gh ' + args.slice(0, 3).join(' ') + (args.includes('--draft=false') ? ' --draft=false' : ''));
const state = ${JSON.stringify(state())};
const releases = JSON.parse(readFileSync(state, 'utf8'));
const save = () => writeFileSync(state, JSON.stringify(releases));
const value = (name) => args[args.indexOf(name) + 1];
const names = () => args.filter((arg) => /\\.tar\\.gz$|SHA256SUMS$/.test(arg)).map((arg) => arg.split('/').at(-1));
const hasTag = (tag) => real(['-C', ${origin}, 'rev-parse', '--quiet', '--verify', 'refs/tags/' + tag], 'pipe').status === 0;
const [noun, verb, tag] = args;
if (process.env.GH_REPO !== 'org/sagemaker-byoc') fail('GH_REPO is ' + process.env.GH_REPO);
if (noun === 'api') {
  if (args.includes('--method')) fail('HTTP 403: Resource not accessible by integration');
  if (!args.includes('repos/org/sagemaker-byoc/releases')) fail('HTTP 404: Not Found');
  const wanted = /tag_name == "([^"]+)"/.exec(value('--jq'))[1];
  for (const one of releases.filter((one) => one.tag === wanted)) console.log(one.draft ? 'draft' : 'published');
} else if (verb === 'create') {
  if (args.includes('--target')) fail('HTTP 403: Resource not accessible by integration');
  if (!hasTag(tag)) fail(args.includes('--verify-tag') ? 'tag ' + tag + " doesn't exist in the repo" : 'HTTP 403: Resource not accessible by integration');
  if (releases.some((one) => one.tag === tag && !one.draft)) fail('HTTP 422: tag_name already exists');
  releases.push({ tag, draft: args.includes('--draft'), files: names(), notes: readFileSync(value('--notes-file'), 'utf8') });
  save();
} else {
  const found = releases.findIndex((one) => one.tag === tag);
  if (found < 0) fail('release not found');
  if (!releases[found].draft) fail('HTTP 422: Cannot change an immutable release');
  if (!hasTag(tag)) fail('HTTP 403: Resource not accessible by integration');
  if (verb === 'upload') {
    const taken = names().find((name) => releases[found].files.includes(name));
    if (taken && !args.includes('--clobber')) fail('asset under the same name already exists: ' + taken);
    releases[found].files = [...new Set([...releases[found].files, ...names()])].sort().reverse();
  }
  if (verb === 'edit') {
    releases[found].draft = !args.includes('--draft=false');
    if (args.includes('--notes-file')) releases[found].notes = readFileSync(value('--notes-file'), 'utf8');
  }
  save();
}
`,
    );
  }

  function program(name: string, text: string): void {
    write(folder, `bin/${name}`, text);
    chmodSync(join(folder, 'bin', name), 0o755);
  }

  const release = (env: Readonly<Record<string, string>> = {}) =>
    run('release', ['1.2.0', join(folder, 'out')], env);
  const done: Release = {
    tag: 'v1.2.0',
    draft: false,
    files: ['sagemaker-byoc-1.2.0.tar.gz', 'SHA256SUMS'],
    notes: '- Deploys.\n',
  };

  test('pushes the tag, publishes a draft with all its files, and moves vX last', () => {
    standIns();
    git(repository, 'push', '--quiet', 'origin', `${begin()}:refs/tags/v1`);
    expect(release()).toMatchObject({ status: 0, stderr: '' });
    expect(calls().filter((call) => !call.includes('ls-remote'))).toEqual([
      `git push --quiet origin ${head()}:refs/tags/v1.2.0`,
      'gh api --paginate repos/org/sagemaker-byoc/releases',
      'gh release create v1.2.0',
      'gh release edit v1.2.0 --draft=false',
      `git push --quiet --force origin ${head()}:refs/tags/v1`,
    ]);
    expect(releases()).toEqual([done]);
    expect(onGitHub('refs/tags/v1')).toBe(head());
  });

  test('makes vX with the first release of a major version', () => {
    standIns();
    expect(release()).toMatchObject({ status: 0 });
    expect(onGitHub('refs/tags/v1')).toBe(head());
  });

  test.each([
    ['git ls-remote origin refs/tags/v1\\.2\\.0 ', 'The tags of origin could not be read'],
    ['git push .*v1\\.2\\.0', 'The tag v1.2.0 could not be pushed'],
    ['gh api', 'The tag v1.2.0 is there. The releases of org/sagemaker-byoc could not be listed'],
    ['gh release create', 'The tag v1.2.0 is there. Its draft was not made'],
    ['gh release edit', 'The tag v1.2.0 and a draft with all files are there. It was not published'],
    ['git ls-remote origin refs/tags/v1 ', 'The tag v1 could not be read'],
    ['git push --quiet --force', 'v1.2.0 is published, and the tag v1 was not moved to it: it is on '],
  ])('says what is done when GitHub refuses %s, and goes on from there', (refused, message) => {
    standIns();
    git(repository, 'push', '--quiet', 'origin', `${begin()}:refs/tags/v1`);
    const first = release({ REFUSE: refused });
    expect(first.status).toBe(1);
    expect(first.stderr).toContain(message);
    expect(first.stderr).toMatch(/run the failed job again/);
    expect(onGitHub('refs/tags/v1')).toBe(begin());
    // The job that is run again checks out anew, with the tags.
    git(repository, 'fetch', '--quiet', '--tags', '--force', 'origin');
    expect(release()).toMatchObject({ status: 0, stderr: '' });
    expect(releases()).toEqual([done]);
    expect([onGitHub('refs/tags/v1.2.0'), onGitHub('refs/tags/v1')]).toEqual([head(), head()]);
  });

  test('completes the files of a draft that it finds', () => {
    standIns({ tag: 'v1.2.0', draft: true, files: ['SHA256SUMS'], notes: 'old' });
    expect(release({ REFUSE: 'gh release upload' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Not all files were uploaded'),
    });
    expect(release()).toMatchObject({ status: 0, stderr: '' });
    expect(releases()).toEqual([done]);
  });

  test('changes nothing when all is done already', () => {
    standIns();
    expect(release()).toMatchObject({ status: 0 });
    const before = calls().length;
    expect(release()).toMatchObject({ status: 0, stderr: '' });
    expect(calls().slice(before).join('\n')).not.toMatch(/push|create|edit|upload/);
  });

  test('asks which draft is meant when there are several', () => {
    const draft = { ...done, draft: true };
    standIns(draft, draft);
    expect(release()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There are 2 releases called v1.2.0: delete the drafts'),
    });
    expect(releases()).toEqual([draft, draft]);
  });

  test('publishes nothing when the tag is on another commit than the one that was tested', () => {
    standIns();
    // Not known to this clone. A branch of the same name, on the right commit, does not count.
    git(repository, 'push', '--quiet', 'origin', `${begin()}:refs/tags/v1.2.0`, 'main:refs/heads/v1.2.0');
    const { status, stderr } = release();
    expect([status, releases()]).toEqual([1, []]);
    expect(stderr).toContain(`The tag v1.2.0 is on ${begin()}, not on ${head()} which was tested.`);
  });

  test('takes an annotated tag for the commit that it is on', () => {
    standIns();
    git(repository, 'tag', '--annotate', '--message', 'Signed by hand', 'v1.2.0');
    git(repository, 'push', '--quiet', 'origin', 'v1.2.0');
    expect(release()).toMatchObject({ status: 0, stderr: '' });
    expect([releases(), onGitHub('refs/tags/v1')]).toEqual([[done], head()]);
  });

  test('moves vX to a published version by hand, also back', () => {
    standIns(done);
    git(repository, 'push', '--quiet', 'origin', `${head()}:refs/tags/v1.2.0`);
    const move = (version: string) => run('release', ['--move-major', version]);
    expect(move('1.2.0')).toEqual({ status: 0, stdout: 'v1 points to v1.2.0.\n', stderr: '' });
    expect(onGitHub('refs/tags/v1')).toBe(head());
    expect(move('1.2.0')).toMatchObject({ status: 0, stdout: 'v1 points to v1.2.0 already.\n' });
    expect(move('1.1.0')).toMatchObject({
      status: 1,
      stderr: 'v1.1.0 is not published: v1 was not moved. Finish the release first.\n',
    });
    writeFileSync(state(), JSON.stringify([done, { ...done, tag: 'v1.1.0' }]));
    expect(move('1.1.0')).toMatchObject({ status: 0 });
    expect(onGitHub('refs/tags/v1')).toBe(begin());
    expect(move('1.9.0')).toMatchObject({
      status: 1,
      stderr: 'There is no tag v1.9.0: v1 was not moved.\n',
    });
    expect(move('v1.2.0')).toMatchObject({ status: 1 });
  });

  test('asks GitHub for nothing when the version may not be released', () => {
    standIns();
    expect(run('release', ['1.3.0', join(folder, 'out')])).toMatchObject({ status: 1 });
    git(repository, 'commit', '--quiet', '--allow-empty', '-m', 'Not reviewed');
    expect(release()).toMatchObject({ status: 1 });
    expect(calls()).toEqual([]);
  });
});

describe('the workflow that publishes', () => {
  const { jobs } = parse(readFileSync(join(SCRIPTS, '../.github/workflows/publish.yml'), 'utf8')) as {
    jobs: Record<
      string,
      {
        if?: string;
        environment?: string;
        steps: { run?: string; env?: Record<string, string>; with?: Record<string, string> }[];
      }
    >;
  };

  test('runs on main only, and publishes behind the environment', () => {
    expect(Object.keys(jobs)).toEqual(['verify', 'publish']);
    for (const job of Object.values(jobs)) expect(job.if).toBe("github.ref == 'refs/heads/main'");
    expect(jobs['publish']?.environment).toBe('release');
  });

  test('attests action.yml, the programs and the archive', () => {
    const subjects = jobs['publish']?.steps.flatMap(
      (step) => step.with?.['subject-path']?.trim().split('\n') ?? [],
    );
    expect(subjects).toEqual(['action.yml', 'dist/*.js', expect.stringMatching(/release\/\*\.tar\.gz$/)]);
  });

  test('takes the token of the environment where there is one', () => {
    expect(jobs['publish']?.steps.at(-1)?.env?.['GH_TOKEN']).toMatch(
      /^\$\{\{ secrets\.RELEASE_TOKEN \|\| github\.token \}\}$/,
    );
  });
});
