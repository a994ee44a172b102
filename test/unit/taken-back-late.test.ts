import { expect, test } from '@jest/globals';
import type { EndpointRecord, RunRecord } from '../../src/plan.js';
import { verdictOf } from '../../src/report/verdict.js';
import { takenBackLate } from '../../src/taken-back-late.js';

const endpoint: EndpointRecord = {
  name: 'churn',
  arn: 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn',
  region: 'eu-west-1',
  status: 'Unknown',
  action: 'updated',
  configName: 'churn-new',
  wantedConfigName: 'churn-new',
  previousConfigName: 'churn-old',
  variants: [],
  transitions: [],
  removed: [],
  logTail: [],
};
const failed: RunRecord = {
  version: 1,
  outcome: 'failed',
  source: {},
  startedAt: '2026-03-01T10:00:00.000Z',
  seconds: 1,
  stages: [{ stage: 'deploy', status: 'failed', seconds: 1, detail: 'It is bad.' }],
  checks: [],
  metrics: [],
  annotations: [],
  notices: [],
  endpoint,
};

test.each([
  ['restoring', { action: 'restored', status: 'Updating', configName: 'churn-new' }],
  ['deleting', { action: 'updated', status: 'Deleting' }],
  ['previous', { status: 'InService', configName: 'churn-old' }],
  ['not-ours', { status: 'Unknown', changedByOthers: true }],
  ['proven', endpoint],
] as const)('what cleaning up has found or done is in the record: %s', (how, change) => {
  expect(takenBackLate(failed, how).endpoint).toMatchObject(change);
});

test('the headline says that the previous model is on its way, not that it is there', () => {
  const unknown: RunRecord = { ...failed, outcome: 'unknown' };
  expect(verdictOf(unknown).headline).toContain('What is live is not known');
  for (const record of [failed, unknown]) {
    expect(verdictOf(takenBackLate(record, 'restoring')).headline).toContain('is being put back');
  }
});

test('without an endpoint nothing changes', () => {
  const { endpoint: _, ...without } = failed;
  expect(takenBackLate(without, 'restoring')).toBe(without);
});
