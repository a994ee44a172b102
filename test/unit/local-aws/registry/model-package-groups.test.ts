import type { ListModelPackageGroupsOutput } from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { registryWorld } from './world.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package-group';

describe('A model package group', () => {
  test('is made once, described by name and by ARN, and has tags', async () => {
    const { call, tags, registry } = registryWorld();
    const request = {
      ModelPackageGroupName: 'group',
      ModelPackageGroupDescription: 'what it is for',
      Tags: [{ Key: 'repository', Value: 'us/model' }],
    };
    expect(await call('CreateModelPackageGroup', request)).toEqual({ ModelPackageGroupArn: `${ARN}/group` });
    await expect(call('CreateModelPackageGroup', request)).rejects.toMatchObject({
      code: 'ValidationException',
      message: `Model Package Group already exists: ${ARN}/group`,
    });
    const described = await call('DescribeModelPackageGroup', { ModelPackageGroupName: 'group' });
    expect(described).toMatchObject({
      ModelPackageGroupName: 'group',
      ModelPackageGroupArn: `${ARN}/group`,
      ModelPackageGroupDescription: 'what it is for',
      ModelPackageGroupStatus: 'Completed',
      CreationTime: new Date('2026-01-01T00:00:00Z'),
    });
    expect(await call('DescribeModelPackageGroup', { ModelPackageGroupName: `${ARN}/group` })).toEqual(
      described,
    );
    expect(tags.list({ ResourceArn: `${ARN}/group` }).Tags).toEqual(request.Tags);
    const found = registry.search({
      Resource: 'ModelPackageGroup',
      SearchExpression: { Filters: [{ Name: 'Tags.repository', Value: 'us/model' }] },
    });
    expect(found?.Results).toEqual([
      { ModelPackageGroup: expect.objectContaining({ ModelPackageGroupName: 'group', Tags: request.Tags }) },
    ]);
  });

  test('that is not there is none', async () => {
    const { call } = registryWorld();
    for (const operation of ['DescribeModelPackageGroup', 'DeleteModelPackageGroup']) {
      await expect(call(operation, { ModelPackageGroupName: 'none' })).rejects.toMatchObject({
        code: 'ValidationException',
        message: `ModelPackageGroup ${ARN}/none does not exist.`,
      });
    }
  });

  test('is not deleted as long as it holds versions', async () => {
    const { call, tags } = registryWorld();
    const group = { ModelPackageGroupName: 'group' };
    await call('CreateModelPackageGroup', group);
    const { ModelPackageArn } = await call('CreateModelPackage', group);
    await expect(call('DeleteModelPackageGroup', group)).rejects.toMatchObject({
      code: 'ConflictException',
      message: `Model Package Group ${ARN}/group cannot be deleted because it still contains Model Packages`,
    });
    await call('DeleteModelPackage', { ModelPackageName: ModelPackageArn });
    await call('DeleteModelPackageGroup', group);
    await expect(call('DescribeModelPackageGroup', group)).rejects.toThrow('does not exist.');
    expect(() => tags.list({ ResourceArn: `${ARN}/group` })).toThrow('Requested resource not found.');
  });

  test('is listed by name or time, in pages', async () => {
    const { call, clock } = registryWorld();
    for (const ModelPackageGroupName of ['b-model', 'a-model', 'other']) {
      await call('CreateModelPackageGroup', { ModelPackageGroupName });
      clock.advance(1000);
    }
    const list = (input: object) => call<ListModelPackageGroupsOutput>('ListModelPackageGroups', input);
    const names = async (input: object) =>
      (await list(input)).ModelPackageGroupSummaryList?.map((group) => group.ModelPackageGroupName);
    expect(await names({})).toEqual(['b-model', 'a-model', 'other']);
    expect(await names({ SortBy: 'Name', SortOrder: 'Descending' })).toEqual(['other', 'b-model', 'a-model']);
    expect(await names({ NameContains: 'model' })).toEqual(['b-model', 'a-model']);
    const { NextToken } = await list({ MaxResults: 2 });
    expect(await names({ MaxResults: 2, NextToken })).toEqual(['other']);
  });
});
