import type {
  CreateModelPackageInput,
  DescribeModelPackageOutput,
  InferenceSpecification,
  ListModelPackagesOutput,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { DIGEST, registryWorld } from './world.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package';
const SPECIFICATION: InferenceSpecification = {
  Containers: [{ Image: 'host/repo:tag', ModelDataUrl: 's3://bucket/model.tar.gz' }],
  SupportedContentTypes: ['text/csv'],
  SupportedResponseMIMETypes: ['text/csv'],
};
const VERSION: CreateModelPackageInput = {
  ModelPackageGroupName: 'group',
  InferenceSpecification: SPECIFICATION,
};

/** A registry that has the group `group`. */
async function world() {
  const made = registryWorld();
  await made.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
  const create = (input: Partial<CreateModelPackageInput> = {}) =>
    made.call<{ ModelPackageArn: string }>('CreateModelPackage', { ...VERSION, ...input });
  const describePackage = (ModelPackageName: string) =>
    made.call<DescribeModelPackageOutput>('DescribeModelPackage', { ModelPackageName });
  return { ...made, create, describe: describePackage };
}

describe('A model package of a group', () => {
  test('is the next version, waits for approval, and has the digest of its image', async () => {
    const { create, describe, registry } = await world();
    expect(await create()).toEqual({ ModelPackageArn: `${ARN}/group/1` });
    expect(await create({ ModelApprovalStatus: 'Approved' })).toEqual({
      ModelPackageArn: `${ARN}/group/2`,
    });
    const first = await describe(`${ARN}/group/1`);
    expect(first).toMatchObject({
      ModelPackageGroupName: 'group',
      ModelPackageVersion: 1,
      ModelPackageArn: `${ARN}/group/1`,
      ModelPackageStatus: 'Completed',
      ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
      ModelApprovalStatus: 'PendingManualApproval',
      CertifyForMarketplace: false,
      CreationTime: new Date('2026-01-01T00:00:00Z'),
      InferenceSpecification: {
        ...SPECIFICATION,
        Containers: [{ ...SPECIFICATION.Containers?.[0], ImageDigest: DIGEST }],
      },
    });
    expect(first.ModelPackageName).toBeUndefined();
    expect(first.LastModifiedTime).toBeUndefined();
    expect(await describe('group/2')).toMatchObject({ ModelApprovalStatus: 'Approved' });
    expect(registry.modelPackage(`${ARN}/group/1`)).toEqual(first);
    expect(registry.modelPackage(`${ARN}/group/3`)).toBeUndefined();
  });

  test('never gets the number of one that was deleted', async () => {
    const { create, call, describe } = await world();
    await create();
    const { ModelPackageArn } = await create();
    await call('DeleteModelPackage', { ModelPackageName: ModelPackageArn });
    await expect(describe(ModelPackageArn)).rejects.toMatchObject({
      code: 'ValidationException',
      message: `ModelPackage ${ModelPackageArn} does not exist.`,
    });
    expect(await create()).toEqual({ ModelPackageArn: `${ARN}/group/3` });
  });

  test.each([
    [
      'an image that is not there',
      { InferenceSpecification: { Containers: [{ Image: 'host/repo:other' }] } },
      'Cannot find the requested image: host/repo:other',
    ],
    [
      'model data that is not there',
      { InferenceSpecification: { Containers: [{ Image: 'host/repo:tag', ModelDataUrl: 's3://bucket/x' }] } },
      'Could not find model data at s3://bucket/x.',
    ],
    [
      'two names',
      { ModelPackageName: 'own' },
      'Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one to use.',
    ],
    ['no name', { ModelPackageGroupName: undefined }, 'Missing ARN.'],
    [
      'a group that is not there',
      { ModelPackageGroupName: 'none' },
      'ModelPackageGroup arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/none does not exist.',
    ],
    [
      'tags of its own',
      { Tags: [{ Key: 'a', Value: 'b' }] },
      'Tags cannot be given for a version of a model package group: it uses the tags of its group.',
    ],
    [
      'a specification beside a source',
      { SourceUri: 'arn' },
      'SourceUri and InferenceSpecification cannot be given together.',
    ],
    [
      'a card that breaks the schema',
      {
        ModelCard: {
          ModelCardContent: '{"model_overview": {"model_owner": "me"}}',
          ModelCardStatus: 'Draft',
        },
      },
      'The content of the model card does not satisfy the model card JSON schema: /model_overview: has no member model_owner; it has: model_creator, model_artifact',
    ],
  ] as const)('is refused with %s', async (_, input, message) => {
    const { create, call } = await world();
    await expect(create(input as Partial<CreateModelPackageInput>)).rejects.toMatchObject({
      code: 'ValidationException',
      message,
    });
    const { ModelPackageSummaryList } = await call<ListModelPackagesOutput>('ListModelPackages', {
      ModelPackageType: 'Both',
    });
    expect(ModelPackageSummaryList).toEqual([]);
  });

  test('is not checked for its model data when validation is skipped', async () => {
    const { create } = await world();
    const Containers = [{ Image: 'host/repo:tag', ModelDataUrl: 's3://bucket/later' }];
    await create({ InferenceSpecification: { ...SPECIFICATION, Containers }, SkipModelValidation: 'All' });
  });

  test('takes the specification of the version that it is a copy of', async () => {
    const { create, describe } = await world();
    await create();
    await create({ InferenceSpecification: undefined, SourceUri: `${ARN}/group/1` });
    const [original, copy] = [await describe('group/1'), await describe('group/2')];
    expect(copy.InferenceSpecification).toEqual(original.InferenceSpecification);
    expect(copy.SourceUri).toBe(`${ARN}/group/1`);
  });

  test('is made once for a ClientToken, also by two calls at once', async () => {
    const { create, call } = await world();
    const token = { ClientToken: 'token-1' };
    const made = await Promise.all([create(token), create(token)]);
    expect([...made, await create(token)]).toEqual(Array(3).fill({ ModelPackageArn: `${ARN}/group/1` }));
    await expect(create({ ...token, ModelPackageDescription: 'another' })).rejects.toMatchObject({
      code: 'ConflictException',
    });
    const { ModelPackageSummaryList } = await call<ListModelPackagesOutput>('ListModelPackages', {
      ModelPackageGroupName: 'group',
    });
    expect(ModelPackageSummaryList).toHaveLength(1);
  });

  test('can be made again with the ClientToken of a call that failed', async () => {
    const { create } = await world();
    const ClientToken = 'token-1';
    await expect(create({ ClientToken, ModelPackageGroupName: 'none' })).rejects.toThrow('does not exist');
    expect(await create({ ClientToken })).toEqual({ ModelPackageArn: `${ARN}/group/1` });
  });

  test('becomes final after its delay, well or not, as scripted', async () => {
    const { create, describe, clock, registry } = await world();
    registry.control('PUT', [
      { packages: 'gro', delay: 1000, times: 1 },
      { failure: 'No luck', times: 1 },
    ]);
    await create();
    expect((await describe('group/1')).ModelPackageStatus).toBe('InProgress');
    clock.advance(1000);
    expect((await describe('group/1')).ModelPackageStatus).toBe('Completed');
    await create();
    expect(await describe('group/2')).toMatchObject({
      ModelPackageStatus: 'Failed',
      ModelPackageStatusDetails: { ValidationStatuses: [{ Status: 'Failed', FailureReason: 'No luck' }] },
    });
    await create();
    expect((await describe('group/3')).ModelPackageStatus).toBe('Completed');
    expect(() => registry.control('PUT', { delays: 1 })).toThrow('has no delays');
  });

  test('is updated: approval, metadata, further specifications', async () => {
    const { create, describe, call, clock } = await world();
    const { ModelPackageArn } = await create({ CustomerMetadataProperties: { commit: '1', run: '2' } });
    clock.advance(5000);
    expect(
      await call('UpdateModelPackage', {
        ModelPackageArn,
        ModelApprovalStatus: 'Approved',
        ApprovalDescription: 'by me',
        CustomerMetadataProperties: { actor: 'me', commit: '3' },
        CustomerMetadataPropertiesToRemove: ['run'],
        AdditionalInferenceSpecificationsToAdd: [{ Name: 'neo', Containers: [{ Image: 'host/repo:tag' }] }],
      }),
    ).toEqual({ ModelPackageArn });
    expect(await describe(ModelPackageArn)).toMatchObject({
      ModelApprovalStatus: 'Approved',
      ApprovalDescription: 'by me',
      CustomerMetadataProperties: { actor: 'me', commit: '3' },
      AdditionalInferenceSpecifications: [
        { Name: 'neo', Containers: [{ Image: 'host/repo:tag', ImageDigest: DIGEST }] },
      ],
      InferenceSpecification: { SupportedContentTypes: ['text/csv'] },
      CreationTime: new Date('2026-01-01T00:00:00Z'),
      LastModifiedTime: new Date('2026-01-01T00:00:05Z'),
    });
    expect((await describe(ModelPackageArn)).CustomerMetadataProperties).not.toHaveProperty('run');
    await expect(
      call('UpdateModelPackage', { ModelPackageArn: `${ARN}/group/9`, ModelApprovalStatus: 'Approved' }),
    ).rejects.toThrow(`ModelPackage ${ARN}/group/9 does not exist.`);
  });

  test('has at most 50 properties', async () => {
    const { create, call } = await world();
    const properties = (prefix: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, 'v']));
    const { ModelPackageArn } = await create({ CustomerMetadataProperties: properties('a', 50) });
    await expect(
      call('UpdateModelPackage', { ModelPackageArn, CustomerMetadataProperties: properties('b', 1) }),
    ).rejects.toThrow('at most 50');
  });
});

describe('A model package with a name of its own', () => {
  const own = {
    ModelPackageGroupName: undefined,
    ModelPackageName: 'own',
    InferenceSpecification: {
      ...SPECIFICATION,
      SupportedTransformInstanceTypes: ['ml.m5.large'],
      SupportedRealtimeInferenceInstanceTypes: ['ml.m5.large'],
    } as InferenceSpecification,
  };

  test('has no version and no approval, and tags of its own', async () => {
    const { create, describe, tags } = await world();
    const { ModelPackageArn } = await create({ ...own, Tags: [{ Key: 'a', Value: 'b' }] });
    expect(ModelPackageArn).toBe(`${ARN}/own`);
    const found = await describe('own');
    expect(found).toMatchObject({ ModelPackageName: 'own', ModelPackageArn });
    expect([found.ModelPackageVersion, found.ModelApprovalStatus]).toEqual([undefined, undefined]);
    expect(tags.list({ ResourceArn: ModelPackageArn }).Tags).toEqual([{ Key: 'a', Value: 'b' }]);
  });

  test('is refused when there is one, without instance types, and for an update', async () => {
    const { create, call } = await world();
    await expect(create({ ...own, InferenceSpecification: SPECIFICATION })).rejects.toThrow(
      'SupportedTransformInstanceTypes is required',
    );
    const { ModelPackageArn } = await create(own);
    await expect(create(own)).rejects.toThrow(`Model Package already exists: ${ARN}/own`);
    await expect(
      call('UpdateModelPackage', { ModelPackageArn, ModelApprovalStatus: 'Approved' }),
    ).rejects.toThrow('is not a versioned model package');
  });
});

describe('Lists of model packages', () => {
  /** group/1 (approved), group/2, group/3 (approved), a/1, own; a second apart */
  async function some() {
    const made = await world();
    await made.call('CreateModelPackageGroup', { ModelPackageGroupName: 'a' });
    for (const [ModelPackageGroupName, ModelApprovalStatus] of [
      ['group', 'Approved'],
      ['group', 'PendingManualApproval'],
      ['group', 'Approved'],
      ['a', 'Rejected'],
    ] as const) {
      await made.create({ ModelPackageGroupName, ModelApprovalStatus });
      made.clock.advance(1000);
    }
    await made.create({
      ModelPackageGroupName: undefined,
      ModelPackageName: 'own',
      InferenceSpecification: undefined,
    });
    const list = async (input: object) => {
      const { ModelPackageSummaryList = [], NextToken } = await made.call<ListModelPackagesOutput>(
        'ListModelPackages',
        input,
      );
      return {
        found: ModelPackageSummaryList.map(({ ModelPackageArn }) => ModelPackageArn?.slice(ARN.length + 1)),
        NextToken,
      };
    };
    return { ...made, list };
  }

  test.each([
    [{}, ['own']],
    [{ ModelPackageType: 'Versioned' }, ['group/1', 'group/2', 'group/3', 'a/1']],
    [{ ModelPackageType: 'Both', SortBy: 'Name' }, ['a/1', 'group/1', 'group/2', 'group/3', 'own']],
    [{ ModelPackageGroupName: 'group' }, ['group/1', 'group/2', 'group/3']],
    [
      {
        ModelPackageGroupName: 'arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/group',
        ModelApprovalStatus: 'Approved',
        SortBy: 'CreationTime',
        SortOrder: 'Descending',
      },
      ['group/3', 'group/1'],
    ],
    [{ ModelPackageType: 'Both', NameContains: 'OW' }, ['own']],
    [
      {
        ModelPackageType: 'Both',
        CreationTimeAfter: new Date('2026-01-01T00:00:01Z'),
        CreationTimeBefore: new Date('2026-01-01T00:00:04Z'),
      },
      ['group/3', 'a/1'],
    ],
  ])('%j', async (input, expected) => {
    const { list } = await some();
    expect((await list(input)).found).toEqual(expected);
  });

  test('come in pages', async () => {
    const { list } = await some();
    const first = await list({ ModelPackageGroupName: 'group', MaxResults: 2 });
    expect(first.found).toEqual(['group/1', 'group/2']);
    const second = await list({
      ModelPackageGroupName: 'group',
      MaxResults: 2,
      NextToken: first.NextToken,
    });
    expect(second).toEqual({ found: ['group/3'], NextToken: undefined });
  });

  test('of a group that is not there are refused', async () => {
    const { list } = await some();
    await expect(list({ ModelPackageGroupName: 'none' })).rejects.toThrow('does not exist.');
  });

  test('are searched by members and tags', async () => {
    const { registry, create } = await some();
    await create({ CustomerMetadataProperties: { commit: 'abc' } });
    const found = (...Filters: object[]) =>
      registry
        .search({
          Resource: 'ModelPackage',
          SearchExpression: { Filters: Filters as never },
          SortBy: 'CreationTime',
        })
        ?.Results?.map(({ ModelPackage }) => ModelPackage?.ModelPackageArn?.slice(ARN.length + 1));
    expect(found({ Name: 'ModelApprovalStatus', Value: 'Approved' })).toEqual(['group/3', 'group/1']);
    expect(found({ Name: 'CustomerMetadataProperties.commit', Value: 'abc' })).toEqual(['group/4']);
    expect(registry.search({ Resource: 'TrainingJob' })).toBeUndefined();
  });
});
