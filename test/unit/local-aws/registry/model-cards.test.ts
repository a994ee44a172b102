import type {
  DescribeModelCardResponse,
  ListModelCardsResponse,
  ListModelCardVersionsResponse,
} from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { registryWorld } from './world.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:model-card/card';
const CARD = { ModelCardName: 'card', Content: '{}', ModelCardStatus: 'Draft' };

describe('A model card', () => {
  test('gets a version for new content, none for a new status', async () => {
    const { call, clock } = registryWorld();
    expect(await call('CreateModelCard', CARD)).toEqual({ ModelCardArn: ARN });
    clock.advance(1000);
    const Content = JSON.stringify({ intended_uses: { risk_rating: 'Low' } });
    await call('UpdateModelCard', { ModelCardName: ARN, Content });
    clock.advance(1000);
    await call('UpdateModelCard', { ModelCardName: 'card', ModelCardStatus: 'Approved' });
    expect(await call<DescribeModelCardResponse>('DescribeModelCard', { ModelCardName: ARN })).toMatchObject({
      ModelCardName: 'card',
      ModelCardArn: ARN,
      ModelCardVersion: 2,
      Content,
      ModelCardStatus: 'Approved',
      CreationTime: new Date('2026-01-01T00:00:00Z'),
      LastModifiedTime: new Date('2026-01-01T00:00:02Z'),
    });
    expect(await call('DescribeModelCard', { ModelCardName: 'card', ModelCardVersion: 1 })).toMatchObject({
      ModelCardVersion: 1,
      Content: '{}',
      ModelCardStatus: 'Draft',
    });
    const { ModelCardVersionSummaryList } = await call<ListModelCardVersionsResponse>(
      'ListModelCardVersions',
      { ModelCardName: 'card', SortOrder: 'Descending' },
    );
    expect(
      ModelCardVersionSummaryList?.map(({ ModelCardVersion, ModelCardStatus }) => [
        ModelCardVersion,
        ModelCardStatus,
      ]),
    ).toEqual([
      [2, 'Approved'],
      [1, 'Draft'],
    ]);
  });

  test('is refused when there is one, and when content and status change at once', async () => {
    const { call } = registryWorld();
    await call('CreateModelCard', CARD);
    await expect(call('CreateModelCard', CARD)).rejects.toMatchObject({ code: 'ConflictException' });
    await expect(call('UpdateModelCard', CARD)).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'You cannot update both model card content and model card status in a single call.',
    });
  });

  test.each(['DescribeModelCard', 'UpdateModelCard', 'DeleteModelCard', 'ListModelCardVersions'])(
    'that is not there is not found by %s',
    async (operation) => {
      const { call } = registryWorld();
      await expect(call(operation, { ModelCardName: 'card' })).rejects.toMatchObject({
        code: 'ResourceNotFound',
      });
    },
  );

  test('is refused with content that breaks the schema, and keeps what it had', async () => {
    const { call } = registryWorld();
    const Content = '{"intended_uses": {"risk_rating": "none"}}';
    await expect(call('CreateModelCard', { ...CARD, Content })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await call('CreateModelCard', CARD);
    await expect(call('UpdateModelCard', { ModelCardName: 'card', Content })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    expect(await call('DescribeModelCard', { ModelCardName: 'card' })).toMatchObject({
      ModelCardVersion: 1,
      Content: '{}',
    });
  });

  test('has the versions that it has', async () => {
    const { call } = registryWorld();
    await call('CreateModelCard', CARD);
    await expect(
      call('DescribeModelCard', { ModelCardName: 'card', ModelCardVersion: 2 }),
    ).rejects.toMatchObject({ code: 'ResourceNotFound' });
  });

  test('is listed by status, name and time, and gone when it is deleted', async () => {
    const { call, clock, tags } = registryWorld();
    for (const [ModelCardName, ModelCardStatus] of [
      ['b', 'Draft'],
      ['a', 'Approved'],
    ]) {
      await call('CreateModelCard', { ...CARD, ModelCardName, ModelCardStatus });
      clock.advance(1000);
    }
    const names = async (input: object) =>
      (await call<ListModelCardsResponse>('ListModelCards', input)).ModelCardSummaries?.map(
        ({ ModelCardName }) => ModelCardName,
      );
    expect(await names({})).toEqual(['b', 'a']);
    expect(await names({ SortBy: 'Name' })).toEqual(['a', 'b']);
    expect(await names({ ModelCardStatus: 'Approved' })).toEqual(['a']);
    const arn = ARN.replace(/card$/, 'a');
    expect(tags.list({ ResourceArn: arn })).toEqual({ Tags: [] });
    await call('DeleteModelCard', { ModelCardName: 'a' });
    expect(await names({})).toEqual(['b']);
    expect(() => tags.list({ ResourceArn: arn })).toThrow('Requested resource not found.');
  });

  test('is searched by the model, group and risk that its content names', async () => {
    const { call, registry } = registryWorld();
    const content = (value: object) => ({ Content: JSON.stringify(value) });
    await call('CreateModelCard', {
      ...CARD,
      ...content({ model_overview: { model_id: 'a-model' }, intended_uses: { risk_rating: 'High' } }),
    });
    await call('CreateModelCard', {
      ...CARD,
      ModelCardName: 'package',
      ...content({
        model_package_details: { model_package_arn: 'arn:x', model_package_group_name: 'group' },
      }),
    });
    const found = (Name: string, Value: string) =>
      registry
        .search({ Resource: 'ModelCard', SearchExpression: { Filters: [{ Name, Value }] } })
        ?.Results?.map(({ ModelCard }) => ModelCard?.ModelCardName);
    expect(found('ModelId', 'a-model')).toEqual(['card']);
    expect(found('ModelId', 'arn:x')).toEqual(['package']);
    expect(found('ModelPackageGroupName', 'group')).toEqual(['package']);
    expect(found('RiskRating', 'High')).toEqual(['card']);
    expect(found('RiskRating', 'Low')).toEqual([]);
  });
});
