import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { parseFileCommands } from './file-commands.js';
import { leftovers } from './leftovers.js';
import { REPOSITORY } from './run-action.js';

jest.setTimeout(180_000);

const IMAGE = 'sagemaker-byoc-test-job-container';
afterAll(() => {
  spawnSync('docker', ['rmi', '--force', IMAGE]);
});

test('a job in a container of its own (`jobs.<id>.container`) reaches the servers that it starts', () => {
  const docker = realpathSync(execFileSync('which', ['docker'], { encoding: 'utf8' }).trim());
  execFileSync('docker', ['build', '--quiet', '--tag', IMAGE, join(REPOSITORY, 'container')]);
  const folder = mkdtempSync(join(tmpdir(), 'job-container-'));
  writeFileSync(join(folder, 'state'), '');
  const { stdout, status } = spawnSync(
    'docker',
    [
      ...['run', '--rm', '--volume', '/var/run/docker.sock:/var/run/docker.sock'],
      ...['--volume', `${docker}:/usr/bin/docker:ro`, '--volume', `${process.execPath}:/usr/bin/node:ro`],
      ...['--volume', `${folder}:/runner`, '--env', 'GITHUB_STATE=/runner/state'],
      ...['--volume', `${REPOSITORY}:/action:ro`, '--env', 'RUNNER_TEMP=/tmp'],
      ...['--env', 'GITHUB_WORKSPACE=/action', '--env', `INPUT_IMAGE-URI=${IMAGE}`],
      ...['--env', 'INPUT_SMOKE-CHANNELS=train=container/sample/train'],
      ...['python:3.11-slim-bookworm', 'node', '/action/dist/index.js'],
    ],
    { encoding: 'utf8' },
  );
  expect(stdout).toContain('The server was ready');
  expect(stdout).toContain('SageMaker would accept this container');
  expect(status).toBe(0);
  const state = parseFileCommands(readFileSync(join(folder, 'state'), 'utf8'));
  rmSync(folder, { recursive: true });
  expect(leftovers(state['runId'] ?? '')).toEqual([]);
});
