import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ActionRun, runAction } from './run-action.js';
import { makeWorkspace, type Workspace } from './workspace.js';

jest.setTimeout(60_000);

let workspace: Workspace;
beforeAll(() => {
  workspace = makeWorkspace({
    'container/Dockerfile': 'FROM python:3.11-slim-bookworm\n',
    'data/rows.csv': '1,2\n',
    'no-dockerfile/train': '#!/bin/sh\n',
  });
  mkdirSync(join(workspace.path, 'empty'));
  mkdirSync(join(workspace.path, 'loop'));
  symlinkSync('.', join(workspace.path, 'loop/self'));
  writeFileSync(join(workspace.path, 'loop/rows.csv'), '1,2\n');
});
afterAll(() => workspace.remove());

const act = (inputs: Record<string, string>, env: Record<string, string> = {}) =>
  runAction(inputs, { workspace: workspace.path, env });

function expectOneClearError(run: ActionRun, outcome: string): void {
  expect(run.exitCode).toBe(1);
  expect(run.outputs['outcome']).toBe(outcome);
  expect(run.log).not.toMatch(/^\s+at .*[:(]\d+/m);
  expect(run.log).not.toMatch(/node:internal|UnhandledPromise/);
  expect(run.stderr).toBe('');
  expect(run.temporaryFiles).toEqual([]);
}

describe('bad input: one clear error, exit code 1, nothing built', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['a missing Dockerfile', { context: 'no-dockerfile' }, /dockerfile.*no-dockerfile\/Dockerfile/i],
    ['a context outside of the workspace', { context: '../..' }, /context.*workspace/i],
    ['a context that is not there', { context: 'contaner' }, /context.*contaner/],
    ['an unknown stage', { stages: 'biuld, smoke-test' }, /biuld.*did you mean `?build/i],
    ['an empty channel', { 'smoke-channels': 'train=empty' }, /smoke-channels.*empty/],
    ['a symlink loop in a channel', { 'smoke-channels': 'train=loop' }, /smoke-channels.*loop\/self/],
    ['a mistyped input', { 'smoke-chanels': 'train=data' }, /smoke-chanels.*did you mean `?smoke-channels/i],
  ])('%s', async (_, inputs, words) => {
    const run = await act(inputs);
    expectOneClearError(run, 'invalid-input');
    expect(run.log.replaceAll('%0A', ' ').replaceAll('\n', ' ')).toMatch(words);
    expect(run.summary).toContain('Invalid input');
    expect(run.log).not.toMatch(/docker (buildx )?build|stop-commands/);
  });

  test('several mistakes are told together', async () => {
    const run = await act({
      stages: 'biuld',
      context: 'contaner',
      'smoke-hosts': '0',
      'smoke-chanels': 'train=data',
    });
    expectOneClearError(run, 'invalid-input');
    for (const input of ['stages', 'context', 'smoke-hosts', 'smoke-chanels']) {
      expect(run.summary).toContain(input);
      expect(run.log).toContain(input);
    }
  });

  test('Docker that does not run', async () => {
    const run = await act({}, { DOCKER_HOST: 'unix:///nonexistent/docker.sock' });
    expectOneClearError(run, 'failed');
    expect(run.log).toMatch(/Docker cannot be reached/);
    expect(run.summary).toContain('Docker cannot be reached');
  });

  test('Docker that is not installed', async () => {
    const bare = makeWorkspace({ 'bin/nothing': '' });
    try {
      const run = await act({}, { PATH: join(bare.path, 'bin') });
      expectOneClearError(run, 'failed');
      expect(run.log).toMatch(/`docker` was not found/);
    } finally {
      bare.remove();
    }
  });

  test('a report folder that cannot be written: the verdict still comes', async () => {
    const run = await act({
      'report-path': '/proc/reports',
      'image-uri': 'python:3.11-slim-bookworm',
      'smoke-runs': 'serve',
    });
    expect(run.exitCode).toBe(1);
    expect(run.log).toContain('/proc/reports');
    expect(run.log).not.toMatch(/^\s+at .*[:(]\d+/m);
  });

  test('a full disk while the reports are saved: the verdict still comes', async () => {
    const run = await act(
      { 'image-uri': 'python:3.11-slim-bookworm', 'smoke-runs': 'serve' },
      { GITHUB_STEP_SUMMARY: '/dev/full' },
    );
    expect(run.exitCode).toBe(1);
    expect(run.outputs['outcome']).toBe('failed');
    expect(run.log).toMatch(/no space left/i);
    expect(run.log).not.toMatch(/^\s+at .*[:(]\d+/m);
  });
});
