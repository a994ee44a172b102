import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  type DeploymentState,
  type JobState,
  readRunState,
  type ShiftState,
  saveDeploymentState,
  saveJobState,
  saveRunState,
  saveShiftState,
} from '../../../src/runner/state.js';
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

const JOB: JobState = { name: 'churn-1', region: 'eu-west-1', stopOnCancel: true, ours: false };

/** What post finds in its environment. */
const seenByPost = (file: ReturnType<typeof runnerFile>) =>
  readRunState(
    Object.fromEntries(Object.entries(file.values()).map(([name, value]) => [`STATE_${name}`, value])),
  );

test('the job that was saved last is the one that post finds', () => {
  const file = runnerFile('GITHUB_STATE');
  saveRunState(process.env, STATE);
  saveJobState(process.env, JOB);
  saveJobState(process.env, { ...JOB, ours: true });
  expect(seenByPost(file)).toEqual({ ...STATE, job: { ...JOB, ours: true } });
  saveJobState(process.env, { ...JOB, coming: true });
  expect(seenByPost(file)).toEqual({ ...STATE, job: { ...JOB, coming: true } });
});

test('post finds no job that main has let go of', () => {
  const file = runnerFile('GITHUB_STATE');
  saveRunState(process.env, { ...STATE, job: JOB });
  saveJobState(process.env, undefined);
  expect(seenByPost(file)).toEqual(STATE);
});

test.each(['{', '[]', '"churn-1"', '{"name":"churn-1"}', 'null'])('%s is no job', (job) => {
  expect(readRunState({ STATE_runId: STATE.runId, STATE_tempDir: STATE.tempDir, STATE_job: job })).toEqual(
    STATE,
  );
});

const DEPLOYMENT: DeploymentState = {
  endpointName: 'churn',
  region: 'eu-west-1',
  wantedConfigName: 'churn-new',
  previousConfigName: 'churn-old',
  firstCreation: false,
  created: false,
  undo: true,
  excluded: ['DesiredWeight'],
  modifiedAt: 1_700_000_000_000,
  bornAt: 1_600_000_000_000,
  wasProven: true,
};

test('the deployment that was saved last is the one that post finds', () => {
  const file = runnerFile('GITHUB_STATE');
  saveRunState(process.env, { ...STATE, deployment: { ...DEPLOYMENT, firstCreation: true } });
  saveDeploymentState(process.env, DEPLOYMENT);
  expect(seenByPost(file)).toEqual({ ...STATE, deployment: DEPLOYMENT });
});

test('post finds no deployment that main has let go of', () => {
  const file = runnerFile('GITHUB_STATE');
  saveRunState(process.env, { ...STATE, deployment: DEPLOYMENT });
  saveDeploymentState(process.env, undefined);
  expect(seenByPost(file)).toEqual(STATE);
});

test.each(['{', '[]', '"churn"', '{"endpointName":"churn"}', 'null'])('%s is no deployment', (deployment) => {
  const env = { STATE_runId: STATE.runId, STATE_tempDir: STATE.tempDir, STATE_deployment: deployment };
  expect(readRunState(env)).toEqual(STATE);
});

const SHIFT: ShiftState = { endpointName: 'churn', region: 'eu-west-1', weights: { blue: 0.9, green: 0 } };

test('the shift that was saved last is the one that post finds, unless main has let go of it', () => {
  const file = runnerFile('GITHUB_STATE');
  saveRunState(process.env, STATE);
  saveShiftState(process.env, SHIFT);
  expect(seenByPost(file)).toEqual({ ...STATE, shift: SHIFT });
  saveShiftState(process.env, undefined);
  expect(seenByPost(file)).toEqual(STATE);
});

test.each(['{', '[]', '"churn"', '{"endpointName":"churn"}', 'null'])('%s is no shift', (shift) => {
  const env = { STATE_runId: STATE.runId, STATE_tempDir: STATE.tempDir, STATE_shift: shift };
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
