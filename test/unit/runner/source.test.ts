import { expect, test } from '@jest/globals';
import { actionUrl, readSource } from '../../../src/runner/source.js';

const ENV = {
  GITHUB_ACTION: '__octo-org_sagemaker-byoc_2',
  GITHUB_ACTOR: 'octocat',
  GITHUB_JOB: 'train',
  GITHUB_REF: 'refs/pull/7/merge',
  GITHUB_REPOSITORY: 'octo-org/octo-model',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RUN_ID: '1658821493',
  GITHUB_SERVER_URL: 'https://github.example.com',
  GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
  GITHUB_WORKFLOW: 'Container',
};

test('who runs this, on what', () => {
  expect(readSource(ENV)).toEqual({
    repository: 'octo-org/octo-model',
    serverUrl: 'https://github.example.com',
    commit: 'ffac537e6cbbf934b08745a378932722df287a53',
    ref: 'refs/pull/7/merge',
    runUrl: 'https://github.example.com/octo-org/octo-model/actions/runs/1658821493',
    runId: '1658821493',
    runAttempt: 1,
    actor: 'octocat',
    workflow: 'Container',
    job: 'train',
    step: '__octo-org_sagemaker-byoc_2',
  });
});

test('a later attempt has an address of its own', () => {
  const { runUrl, runId, runAttempt } = readSource({ ...ENV, GITHUB_RUN_ATTEMPT: '3' });
  expect(runUrl).toMatch(/\/runs\/1658821493\/attempts\/3$/);
  expect({ runId, runAttempt }).toEqual({ runId: '1658821493', runAttempt: 3 });
});

test('outside of Actions nothing is known, and nothing is made up', () => {
  expect(readSource({})).toEqual({});
  expect(readSource({ GITHUB_SHA: '', GITHUB_RUN_ID: '12' })).toEqual({});
});

test("the action's own address names the version that runs", () => {
  const env = { ...ENV, GITHUB_ACTION_REPOSITORY: 'org/sagemaker-byoc', GITHUB_ACTION_REF: 'v1' };
  expect(actionUrl(env)).toEqual({
    repository: 'https://github.example.com/org/sagemaker-byoc',
    files: 'https://github.example.com/org/sagemaker-byoc/blob/v1',
  });
});

test('a local action has no address', () => {
  expect(actionUrl({ ...ENV, GITHUB_ACTION_REPOSITORY: '', GITHUB_ACTION_REF: '' })).toBeUndefined();
});
