import { describe, expect, test } from '@jest/globals';
import { lineOf, toldOf } from './told.js';
import { ALL_STAGES, only, workspace } from './workspace.js';

const { 'aws-region': _, ...NO_REGION } = ALL_STAGES;

describe('aws-region', () => {
  test.each([
    'us-east-1',
    'us-gov-west-1',
    'cn-northwest-1',
    'eusc-de-east-1',
    'us-isob-east-1',
    'ap-southeast-7',
    'xy-central-12',
  ])('%s is one, also when it is newer than the action', (region) => {
    expect(workspace().plan({ 'aws-region': ` ${region}\n` }).aws.region).toBe(region);
  });

  test.each([
    ['us-est-1', 'Did you mean `us-east-1`?'],
    ['us-east1', 'Did you mean `us-east-1`?'],
    ['eu_central_1', 'Did you mean `eu-central-1`?'],
    ['eu-west-1a', 'its region is `eu-west-1`'],
    ['frankfurt', 'Write for example `us-east-1`.'],
  ])('%s is none, and the fix says: %s', (region, fix) => {
    expect(only(workspace().problems({ 'aws-region': region }))).toMatchObject({
      input: 'aws-region',
      value: region,
      fix: expect.stringContaining(fix),
    });
  });

  test('is missed when a stage needs AWS and nothing else names one', () => {
    const { input, rule } = only(workspace().problems(NO_REGION, { HOME: '/nowhere' }));
    expect([input, rule]).toEqual([
      'aws-region',
      'No region is set: neither here, nor in `AWS_REGION`, nor in a profile.',
    ]);
    expect(workspace().plan({}, { HOME: '/nowhere' }).aws).not.toHaveProperty('region');
  });

  test('is left to the profile when there is one', () => {
    const repository = workspace();
    repository.file('home/.aws/config', '[default]\nregion = eu-west-1\n');
    expect(repository.plan(NO_REGION, { HOME: `${repository.path}/home` }).aws).not.toHaveProperty('region');
    const config = repository.file('elsewhere');
    expect(repository.plan(NO_REGION, { AWS_CONFIG_FILE: config }).aws).not.toHaveProperty('region');
  });

  test('of the environment is checked too, under the name of its variable', () => {
    expect(only(workspace().problems(NO_REGION, { AWS_REGION: 'us-east' })).input).toBe('AWS_REGION');
  });

  test('of the input wins over the environment', () => {
    expect(workspace().plan({ ...ALL_STAGES }, { AWS_REGION: 'us-east-1' }).aws.region).toBe('eu-central-1');
  });
});

describe('execution-role-arn', () => {
  test.each([
    ['arn:aws:iam::123456789012:role/job', 'eu-central-1'],
    ['arn:aws:iam::123456789012:role/service-role/team/job@x', 'us-east-1'],
    ['arn:aws-cn:iam::123456789012:role/job', 'cn-north-1'],
    ['arn:aws-us-gov:iam::123456789012:role/job', 'us-gov-west-1'],
    ['arn:aws-eusc:iam::123456789012:role/job', 'eusc-de-east-1'],
  ])('%s is a role for %s', (arn, region) => {
    const plan = workspace().plan({ ...ALL_STAGES, 'execution-role-arn': arn, 'aws-region': region });
    expect(plan.job?.roleArn).toBe(arn);
  });

  test.each([
    ['sagemaker-training', "Write the role's whole ARN, not its name alone."],
    ['arn:aws:iam::12345:role/job', "Copy the ARN from the role's page in IAM."],
    ['arn:aws:iam::123456789012:user/job', "Copy the ARN from the role's page in IAM."],
    ['arn:aws:iam::123456789012:role/a b', "Copy the ARN from the role's page in IAM."],
    [`arn:aws:iam::123456789012:role/${'x'.repeat(2048)}`, "Copy the ARN from the role's page in IAM."],
    [
      'arn:aws:sts::123456789012:assumed-role/deploy/session',
      "Write the role's own: `arn:aws:iam::123456789012:role/deploy`, with its path if it has one.",
    ],
  ])('%s is none', (arn, fix) => {
    expect(toldOf({ 'execution-role-arn': arn })).toMatchObject({ input: 'execution-role-arn', fix });
  });

  test('of another partition than the region', () => {
    expect(lineOf({ 'execution-role-arn': 'arn:aws-cn:iam::123456789012:role/job' })).toBe(
      'execution-role-arn "arn:aws-cn:iam::123456789012:role/job": Belongs to the partition `aws-cn`, but the ' +
        'region eu-central-1 to `aws`. Name one that begins with `arn:aws:`, or another `aws-region`.',
    );
  });

  test('is missed by the stage train, with a word on secrets', () => {
    const { rule, fix } = toldOf({ 'execution-role-arn': '' });
    expect(rule).toBe('The stage `train` needs the role that SageMaker assumes for the job.');
    expect(fix).toContain('pull requests from forks get none');
  });

  test('is checked without the stage as well', () => {
    expect(only(workspace().problems({ 'execution-role-arn': 'job' })).input).toBe('execution-role-arn');
  });
});

describe('tags', () => {
  const tagsOf = (text: string) => [...workspace().plan({ tags: text }).aws.tags];

  test('are a map, with every character that AWS takes', () => {
    expect(tagsOf('team=forecasting\ncost center=é_.:/=+-@ 1\nempty=')).toEqual([
      ['team', 'forecasting'],
      ['cost center', 'é_.:/=+-@ 1'],
      ['empty', ''],
    ]);
  });

  test.each([
    ['aws:team=x', 'Choose another name.'],
    ['AWS:team=x', 'Choose another name.'],
    ['sagemaker-byoc:commit=x', 'Choose another name.'],
    [`${'k'.repeat(129)}=x`, 'Shorten it.'],
    [`k=${'v'.repeat(257)}`, 'Shorten it.'],
    ['team=a,b', 'Remove the other characters.'],
    ['te*am=a', 'Remove the other characters.'],
  ])('%s is none', (tag, fix) => {
    expect(only(workspace().problems({ tags: tag }))).toMatchObject({ input: 'tags', fix });
  });

  test('are at most 40, so that those of the action have room', () => {
    const some = (count: number) => Array.from({ length: count }, (__, index) => `k${index}=v`).join('\n');
    expect(tagsOf(some(40))).toHaveLength(40);
    expect(only(workspace().problems({ tags: some(41) })).rule).toContain('these are 41');
  });

  test('as long as AWS takes them', () => {
    const [[key = '', value = ''] = []] = tagsOf(`${'k'.repeat(128)}=${'v'.repeat(256)}`);
    expect([key.length, value.length]).toEqual([128, 256]);
  });
});
