import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readRunState, saveRunState } from '../../../src/runner/state.js';
import { runnerFile } from './runner-files.js';

const STATE = { runId: '0123456789ab', tempDir: '/runner/temp/sagemaker-byoc-0123456789ab' };

test('post reads what main saved', () => {
  const file = runnerFile('GITHUB_STATE');
  saveRunState(process.env, STATE);
  const env = Object.fromEntries(
    Object.entries(file.values()).map(([name, value]) => [`STATE_${name}`, value]),
  );
  expect(readRunState(env)).toEqual(STATE);
});

test('without a runner nothing is saved, and nothing said', () => {
  const env = { ...process.env, GITHUB_STATE: '' };
  expect(() => saveRunState(env, STATE)).not.toThrow();
});

test('a file that is gone is an error', () => {
  const file = runnerFile('GITHUB_STATE');
  rmSync(file.path);
  expect(() => saveRunState(process.env, STATE)).toThrow();
});

test.each([
  ['nothing', {}],
  ['empty values', { STATE_runId: '', STATE_tempDir: '' }],
  ['a run without a folder', { STATE_runId: STATE.runId }],
  ['an id that is none', { STATE_runId: '../../..', STATE_tempDir: STATE.tempDir }],
])('there is no state in %s', (_, env) => {
  expect(readRunState(env)).toBeUndefined();
});
