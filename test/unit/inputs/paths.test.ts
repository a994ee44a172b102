import { spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { asNobody, only, temporaryFolder, workspace } from './workspace.js';

const channel = (path: string) => ({ 'smoke-channels': `train=${path}` });

describe('a sample channel', () => {
  test('is a file or a folder of the workspace, by its real path', () => {
    const repository = workspace();
    repository.file('data/train/a.csv');
    symlinkSync('data', join(repository.path, 'link'));
    const plan = repository.plan({
      'smoke-channels': 'one=data/train\ntwo=data/train/a.csv\nthree=./link/train/',
    });
    expect([...plan.smokeTest.channels]).toEqual([
      ['one', join(repository.path, 'data/train')],
      ['two', join(repository.path, 'data/train/a.csv')],
      ['three', join(repository.path, 'data/train')],
    ]);
  });

  test('that is not there: the nearest name and the reason most likely', () => {
    const repository = workspace();
    repository.file('data/sample/a.csv');
    const problem = only(repository.problems(channel('data/smaple')));
    expect(problem.rule).toContain('The sample data of channel `train` does not exist in the workspace');
    expect(problem.fix).toContain('Did you mean `data/sample`?');
    expect(problem.fix).toContain('files that git ignores are not there');
  });

  test('in an empty workspace: the checkout is missing', () => {
    const repository = workspace();
    const problems = repository.problems(channel('data'), { GITHUB_WORKSPACE: temporaryFolder() });
    expect(problems.map(({ fix }) => fix)).toContainEqual(expect.stringContaining('actions/checkout'));
  });

  test('an empty folder, or one of empty folders only, has no sample', () => {
    const repository = workspace();
    repository.folder('data/train/deeper');
    expect(only(repository.problems(channel('data/train')))).toMatchObject({
      value: 'data/train',
      rule: 'The sample data of channel `train` is an empty folder.',
      fix: expect.stringContaining('Git keeps no empty folders'),
    });
  });

  test.each([
    ['an absolute path', '/etc/hostname'],
    ['a path through ..', '../'],
    ['a longer path through ..', 'container/../../x'],
  ])('%s leaves the workspace', (_what, path) => {
    expect(only(workspace().problems(channel(path))).rule).toContain('lies outside of the workspace');
  });

  test('a folder whose name begins with two dots does not leave the workspace', () => {
    const repository = workspace();
    repository.file('..data/a.csv');
    expect([...repository.plan(channel('..data')).smokeTest.channels.keys()]).toEqual(['train']);
  });

  test('a link out of the workspace leaves it, as the channel, on the way and within', () => {
    const repository = workspace();
    const elsewhere = temporaryFolder();
    repository.file('data/train/a.csv');
    symlinkSync(elsewhere, join(repository.path, 'link'));
    symlinkSync('/etc/passwd', join(repository.path, 'data/train/passwd'));
    expect(only(repository.problems(channel('link'))).rule).toContain(
      `outside of the workspace (${repository.path}): it is ${elsewhere}`,
    );
    expect(only(repository.problems(channel('data/train')))).toMatchObject({
      value: 'data/train/passwd -> /etc/passwd',
      rule: expect.stringContaining('a symbolic link that leaves the workspace'),
    });
  });

  test('links that stay inside are followed, and the same folder twice is no circle', () => {
    const repository = workspace();
    repository.file('shared/a.csv');
    repository.folder('data/train');
    symlinkSync('../../shared', join(repository.path, 'data/train/one'));
    symlinkSync('../../shared', join(repository.path, 'data/train/two'));
    symlinkSync('../../shared/a.csv', join(repository.path, 'data/train/b.csv'));
    expect(repository.plan(channel('data/train')).smokeTest.channels.size).toBe(1);
  });

  test.each([
    ['to its own folder', '.'],
    ['to the folder above', '..'],
    ['to the workspace', '../..'],
    ['to itself', 'loop'],
  ])('a link %s runs in a circle', (_what, target) => {
    const repository = workspace();
    repository.file('data/train/a.csv');
    symlinkSync(target, join(repository.path, 'data/train/loop'));
    expect(only(repository.problems(channel('data/train')))).toMatchObject({
      value: `data/train/loop -> ${target}`,
      rule: expect.stringContaining('runs in a circle: the data would have no end'),
    });
  });

  test('two folders that link to each other run in a circle', () => {
    const repository = workspace();
    repository.file('data/one/a.csv');
    repository.file('data/two/b.csv');
    symlinkSync('../two', join(repository.path, 'data/one/link'));
    symlinkSync('../one', join(repository.path, 'data/two/link'));
    expect(repository.problems(channel('data')).map(({ rule }) => rule)).toContainEqual(
      expect.stringContaining('runs in a circle'),
    );
    expect(only(repository.problems(channel('data/one'))).rule).toContain('runs in a circle');
  });

  test('the channel itself as a circle of links, and as a link to nothing', () => {
    const repository = workspace();
    symlinkSync('b', join(repository.path, 'a'));
    symlinkSync('a', join(repository.path, 'b'));
    symlinkSync('gone', join(repository.path, 'c'));
    expect(only(repository.problems(channel('a'))).rule).toContain('symbolic link that runs in a circle');
    expect(only(repository.problems(channel('c'))).rule).toContain('symbolic link to nothing (gone)');
  });

  test('a link to nothing within', () => {
    const repository = workspace();
    repository.file('data/a.csv');
    symlinkSync('gone.csv', join(repository.path, 'data/b.csv'));
    expect(only(repository.problems(channel('data')))).toMatchObject({
      value: 'data/b.csv -> gone.csv',
      rule: expect.stringContaining('a symbolic link to nothing'),
    });
  });

  test('a pipe is no sample, alone and in a folder, and nobody waits for it', () => {
    const repository = workspace();
    repository.file('data/a.csv');
    const pipe = join(repository.path, 'data/pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    expect(only(repository.problems(channel('data/pipe'))).rule).toContain('is neither a file nor a folder');
    expect(only(repository.problems(channel('data')))).toMatchObject({
      value: 'data/pipe',
      rule: expect.stringContaining('(a pipe, socket or device)'),
    });
  });

  test('a socket is no sample', async () => {
    const repository = workspace();
    repository.file('data/a.csv');
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(repository.path, 'data/socket'), done));
    try {
      expect(only(repository.problems(channel('data/socket'))).rule).toContain(
        'is neither a file nor a folder',
      );
      expect(only(repository.problems(channel('data'))).rule).toContain('(a pipe, socket or device)');
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  test('what the user may not read: the channel, a file and a folder in it', () => {
    const repository = workspace();
    chmodSync(repository.path, 0o755);
    chmodSync(repository.file('secret.csv'), 0o000);
    chmodSync(repository.file('data/a.csv'), 0o000);
    repository.file('data/deeper/b.csv');
    repository.file('data/listable/c.csv');
    chmodSync(join(repository.path, 'data/deeper'), 0o000);
    chmodSync(join(repository.path, 'data/listable'), 0o444);
    const problems = asNobody(() => [
      ...repository.problems(channel('secret.csv')),
      ...repository.problems(channel('data')),
    ]);
    chmodSync(join(repository.path, 'data/deeper'), 0o755);
    chmodSync(join(repository.path, 'data/listable'), 0o755);
    expect(problems.map(({ value }) => value).sort()).toEqual([
      'data/a.csv',
      'data/deeper',
      'data/listable',
      'secret.csv',
    ]);
    for (const { rule } of problems) expect(rule).toContain('cannot be read by the user that runs this step');
  });

  test('a sample of many folders is no mistake: there is no limit to its size', () => {
    const repository = workspace();
    for (let index = 0; index < 100; index++) repository.file(`data/${index}/a.csv`);
    expect(repository.plan(channel('data')).smokeTest.channels.size).toBe(1);
  });

  test.each([
    ['an S3 address', 's3://bucket/prefix', 'Is an address'],
    ['a git address', 'git@github.com:org/data', 'Is an address'],
    ['a home folder', '~/data', '`~` is not expanded here.'],
    ['nothing', '', 'is empty'],
    ['a NUL character', 'a\0b', 'holds a NUL character'],
    ['a path that is too long', 'x'.repeat(5_000), 'is too long'],
  ])('%s is refused', (_what, path, rule) => {
    expect(only(workspace().problems(channel(path))).rule).toContain(rule);
  });

  test('several mistakes in one folder are told together', () => {
    const repository = workspace();
    repository.file('data/a.csv');
    symlinkSync('.', join(repository.path, 'data/loop'));
    symlinkSync('gone', join(repository.path, 'data/gone'));
    symlinkSync('/etc', join(repository.path, 'data/out'));
    expect(repository.problems(channel('data'))).toHaveLength(3);
  });
});

describe('the build context and its Dockerfile', () => {
  test('are container/ and its Dockerfile when nothing is said', () => {
    const repository = workspace();
    expect(repository.plan().image).toMatchObject({
      kind: 'build',
      build: {
        context: join(repository.path, 'container'),
        dockerfile: join(repository.path, 'container/Dockerfile'),
      },
    });
  });

  test('can be the workspace itself', () => {
    const repository = workspace();
    repository.file('Dockerfile');
    expect(repository.plan({ context: '.' }).image).toMatchObject({
      build: { context: repository.path, dockerfile: join(repository.path, 'Dockerfile') },
    });
  });

  test('a Dockerfile elsewhere in the workspace is named relative to the workspace', () => {
    const repository = workspace();
    const file = repository.file('docker/train.Dockerfile');
    expect(repository.plan({ dockerfile: 'docker/train.Dockerfile' }).image).toMatchObject({
      build: { dockerfile: file },
    });
  });

  test('a Dockerfile named relative to the context: the path that was meant is told', () => {
    const repository = workspace();
    repository.file('container/train.Dockerfile');
    expect(only(repository.problems({ dockerfile: 'train.Dockerfile' }))).toMatchObject({
      input: 'dockerfile',
      fix: 'Set `dockerfile: container/train.Dockerfile`.',
    });
  });

  test('a context without a Dockerfile: those near by are told', () => {
    const repository = workspace();
    repository.file('app/readme.md');
    repository.file('docker/Dockerfile.gpu');
    expect(only(repository.problems({ context: 'app' }))).toMatchObject({
      input: 'dockerfile',
      value: 'app/Dockerfile',
      rule: 'There is no Dockerfile in the build context `app`.',
      fix: expect.stringContaining('./docker/Dockerfile.gpu'),
    });
  });

  test('a missing context is one mistake, not two', () => {
    expect(only(workspace().problems({ context: 'contaner' }))).toMatchObject({
      input: 'context',
      fix: expect.stringContaining('Did you mean `container`?'),
    });
  });

  test('a missing Dockerfile by name', () => {
    expect(only(workspace().problems({ dockerfile: 'container/Dockerfle' }))).toMatchObject({
      input: 'dockerfile',
      fix: expect.stringContaining('Did you mean `container/Dockerfile`?'),
    });
  });

  test.each([
    ['a file as context', { context: 'container/Dockerfile' }, 'must be a folder; this is a file'],
    ['a folder as Dockerfile', { dockerfile: 'container' }, 'must be a file; this is a folder'],
    ['a context outside', { context: '..' }, 'lies outside of the workspace'],
    ['a context by address', { context: 'https://github.com/o/r.git' }, 'Is an address'],
    ['a Dockerfile outside', { dockerfile: '/etc/hostname' }, 'lies outside of the workspace'],
  ])('%s is refused', (_what, inputs, rule) => {
    expect(only(workspace().problems(inputs as Record<string, string>)).rule).toContain(rule);
  });

  test('a context that is a link out of the workspace is refused', () => {
    const repository = workspace();
    const elsewhere = temporaryFolder();
    symlinkSync(elsewhere, join(repository.path, 'app'));
    expect(only(repository.problems({ context: 'app' })).rule).toContain('lies outside of the workspace');
  });

  test('a Dockerfile that is a link to nothing is named as such', () => {
    const repository = workspace();
    repository.folder('app');
    symlinkSync('gone', join(repository.path, 'app/Dockerfile'));
    expect(only(repository.problems({ context: 'app' })).rule).toContain('symbolic link to nothing (gone)');
  });
});

describe('the folder of the reports', () => {
  test('lies in the temporary folder of the runner, one for each step', () => {
    const repository = workspace();
    const env = { RUNNER_TEMP: '/runner/temp', GITHUB_ACTION: '__self_2' };
    expect(repository.plan({}, env).report.path).toBe('/runner/temp/sagemaker-byoc/__self_2');
    expect(repository.plan({}, { ...env, GITHUB_ACTION: '../../x' }).report.path).toMatch(
      /^\/runner\/temp\/sagemaker-byoc\/[\w.-]+$/,
    );
  });

  test('can be a folder of the workspace that is not there yet, or any place by its full path', () => {
    const repository = workspace();
    const elsewhere = temporaryFolder();
    expect(repository.plan({ 'report-path': 'out/reports' }).report.path).toBe(
      join(repository.path, 'out/reports'),
    );
    expect(repository.plan({ 'report-path': `${elsewhere}/new` }).report.path).toBe(`${elsewhere}/new`);
  });

  test('does not leave the workspace unsaid, and is no file', () => {
    const repository = workspace();
    symlinkSync(temporaryFolder(), join(repository.path, 'link'));
    for (const path of ['../reports', 'link/reports']) {
      expect(only(repository.problems({ 'report-path': path })).rule).toContain(
        'Lies outside of the workspace',
      );
    }
    for (const path of ['container/Dockerfile', 'container/Dockerfile/reports', 'a\0b']) {
      expect(only(repository.problems({ 'report-path': path })).rule).toContain(
        'Is not a folder that can be made or written',
      );
    }
  });
});
