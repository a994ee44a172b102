import { expect, test } from '@jest/globals';
import { trainingRequests } from '../../../../src/stages/train/training-request.js';
import { ALL_STAGES, workspace } from '../../inputs/workspace.js';

function resourcesOf(overrides: string) {
  const plan = workspace().plan({ ...ALL_STAGES, 'training-overrides': overrides });
  if (!plan.job) throw new Error('no job is planned');
  const [request] = trainingRequests({
    plan,
    job: plan.job,
    imageUri: 'registry/model@sha256:0',
    imageEntrypoint: [],
    source: {},
    runId: '1',
  }).requests;
  return request.ResourceConfig;
}

test('instance groups stand in the place of one type and count of instances', () => {
  const groups = [{ InstanceType: 'ml.m5.large', InstanceCount: 2, InstanceGroupName: 'a' }];
  expect(resourcesOf(JSON.stringify({ ResourceConfig: { InstanceGroups: groups } }))).toEqual({
    InstanceGroups: groups,
    VolumeSizeInGB: 30,
  });
  expect(resourcesOf('ResourceConfig: {InstanceGroups: null}')).toEqual({
    InstanceType: 'ml.m5.xlarge',
    InstanceCount: 1,
    VolumeSizeInGB: 30,
  });
});
