import { describe, expect, test } from '@jest/globals';
import { lineOf, toldOf } from './told.js';
import { ALL_STAGES, only, workspace } from './workspace.js';

const pushOf = (inputs: Record<string, string>) => workspace().plan({ ...ALL_STAGES, ...inputs }).push;

describe('repository', () => {
  test.each([
    ['team/model', { repository: 'team/model' }],
    ['ab', { repository: 'ab' }],
    ['a__b/c--d.e', { repository: 'a__b/c--d.e' }],
    ['team/model/', { repository: 'team/model' }],
    [
      '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/model',
      { repository: 'team/model', registryId: '123456789012' },
    ],
    ['123456789012.dkr-ecr.eu-central-1.on.aws/model', { repository: 'model', registryId: '123456789012' }],
  ])('%s names one', (text, expected) => {
    expect(pushOf({ repository: text })).toEqual({ ...expected, imageTags: [], createRepository: false });
  });

  test.each([
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/model', 'cn-north-1', 'aws-cn'],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/model', 'us-gov-west-1', 'aws-us-gov'],
    ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/model', 'eusc-de-east-1', 'aws-eusc'],
  ])('%s is one of its partition', (repository, region, partition) => {
    const role = `arn:${partition}:iam::123456789012:role/job`;
    expect(pushOf({ repository, 'aws-region': region, 'execution-role-arn': role })).toMatchObject({
      repository: 'model',
      registryId: '123456789012',
    });
  });

  test.each([
    ['Team/Model', 'Repository names are lower case: `team/model`?'],
    ['a', 'Write for example `team/model`.'],
    ['team//model', 'Write for example `team/model`.'],
    ['team/-model', 'Write for example `team/model`.'],
    ['x'.repeat(257), 'Write for example `team/model`.'],
    [
      'https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/m',
      'Write `123456789012.dkr.ecr.eu-central-1.amazonaws.com/m`.',
    ],
    ['team/model:latest', 'Write `team/model`; tags go into `image-tags`.'],
    [`team/model@sha256:${'0'.repeat(64)}`, 'Write `team/model`; tags go into `image-tags`.'],
  ])('%s is none', (text, fix) => {
    expect(toldOf({ repository: text })).toMatchObject({ input: 'repository', fix });
  });

  test.each(['ghcr.io/org/model', 'public.ecr.aws/a1b2/model', 'localhost:5000/model', 'docker.io/model'])(
    '%s is not in a private registry of ECR',
    (text) => {
      expect(toldOf({ repository: text }).rule).toContain(
        'SageMaker trains from private repositories of ECR',
      );
    },
  );

  test('in another region than the run', () => {
    expect(lineOf({ repository: '123456789012.dkr.ecr.us-east-1.amazonaws.com/model' })).toBe(
      'repository "123456789012.dkr.ecr.us-east-1.amazonaws.com/model": Is in the region us-east-1, but the run in ' +
        'eu-central-1: SageMaker takes images of its own region only. Set `aws-region: us-east-1`, or name a ' +
        'repository in eu-central-1.',
    );
  });

  test('is missed by the stage push alone', () => {
    expect(toldOf({ repository: '' }).rule).toBe('The stage `push` needs a repository in ECR.');
    expect(workspace().plan({ 'aws-region': 'us-east-1' })).not.toHaveProperty('push');
  });

  test('is checked without the stage as well', () => {
    expect(only(workspace().problems({ repository: 'Model' })).input).toBe('repository');
  });
});

describe('image-tags', () => {
  test('are a list in each form', () => {
    for (const text of ['latest, v1.4', 'latest\nv1.4', '["latest", "v1.4"]', '- latest\n- v1.4']) {
      expect(pushOf({ 'image-tags': text })?.imageTags).toEqual(['latest', 'v1.4']);
    }
  });

  test.each([
    ['feature/x', 'Write for example `feature-x`.'],
    ['-v1', 'Write for example `v1`.'],
    ['t'.repeat(129), `Write for example \`${'t'.repeat(128)}\`.`],
    ['/', 'Write for example `v1`.'],
  ])('%s is none', (tag, fix) => {
    expect(toldOf({ 'image-tags': tag })).toMatchObject({ input: 'image-tags', value: tag, fix });
  });

  test('named twice', () => {
    expect(toldOf({ 'image-tags': 'a, b, a' })).toMatchObject({
      value: 'a',
      rule: 'The tag is named twice.',
    });
  });
});

describe('keep-images', () => {
  test.each(['0', '-1', 'all', '100001', '1.5'])('%s is no number of images', (text) => {
    expect(toldOf({ 'keep-images': text })).toMatchObject({
      input: 'keep-images',
      rule: 'Must be a whole number from 1 to 100000.',
    });
  });

  test('is how many are kept', () => {
    expect(pushOf({ 'keep-images': '1' })?.keepImages).toBe(1);
  });
});

test('create-repository is a boolean', () => {
  expect(pushOf({ 'create-repository': 'true' })?.createRepository).toBe(true);
  expect(toldOf({ 'create-repository': 'if-missing' }).rule).toBe('Must be `true` or `false`.');
});
