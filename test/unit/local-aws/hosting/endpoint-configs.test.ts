import type { DescribeEndpointConfigOutput, ListEndpointConfigsOutput } from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { IMAGE, ROLE, world } from './world.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/one';
const SERVERLESS = { ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } };

describe('An endpoint configuration', () => {
  test('is described, listed, tagged and deleted', async () => {
    const { config, call, clock, tags } = world();
    await config('one', {}, { Tags: [{ Key: 'a', Value: 'b' }] });
    clock.advance(1000);
    await config('two');
    const described = { EndpointConfigName: 'one' };
    expect(await call<DescribeEndpointConfigOutput>('DescribeEndpointConfig', described)).toMatchObject({
      EndpointConfigArn: ARN,
      ProductionVariants: [{ VariantName: 'AllTraffic', ModelName: 'one', InitialVariantWeight: 1 }],
    });
    const names = async (input: object) =>
      (await call<ListEndpointConfigsOutput>('ListEndpointConfigs', input)).EndpointConfigs?.map(
        ({ EndpointConfigName }) => EndpointConfigName,
      );
    expect(await names({})).toEqual(['two', 'one']);
    expect(await names({ NameContains: 'tw' })).toEqual(['two']);
    expect(tags.list({ ResourceArn: ARN }).Tags).toEqual([{ Key: 'a', Value: 'b' }]);
    await call('DeleteEndpointConfig', described);
    await expect(call('DescribeEndpointConfig', described)).rejects.toThrow(
      `Could not find endpoint configuration "${ARN}".`,
    );
  });

  test('is refused: name taken, no such model, variants of one name, nothing to run on', async () => {
    const { config, call } = world();
    await config('one');
    const create = (name: string, ...ProductionVariants: readonly object[]) =>
      call('CreateEndpointConfig', { EndpointConfigName: name, ProductionVariants });
    const variant = {
      VariantName: 'a',
      ModelName: 'one',
      InitialInstanceCount: 1,
      InstanceType: 'ml.m5.large',
    };
    await expect(create('one', variant)).rejects.toThrow(
      `Cannot create already existing endpoint configuration "${ARN}".`,
    );
    await expect(create('c', { ...variant, ModelName: 'none' })).rejects.toThrow(
      'Could not find model "arn:aws:sagemaker:eu-west-1:123456789012:model/none".',
    );
    await expect(create('c', variant, variant)).rejects.toThrow('must be unique');
    await expect(create('c', { VariantName: 'a', ModelName: 'one' })).rejects.toThrow('InstanceType');
    await expect(
      call('CreateEndpointConfig', {
        EndpointConfigName: 'c',
        ProductionVariants: [variant],
        ShadowProductionVariants: [variant],
      }),
    ).rejects.toThrow('Local AWS has no shadow variants');
  });

  test('of a serverless variant is refused what serverless endpoints lack', async () => {
    const capture = {
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 1,
        DestinationS3Uri: 's3://b/c',
        CaptureOptions: [],
      },
    };
    await expect(world().config('one', SERVERLESS)).resolves.toBeUndefined();
    await expect(world().config('one', SERVERLESS, capture)).rejects.toThrow('data capture');
    await expect(world().config('one', { ...SERVERLESS, InitialInstanceCount: 1 })).rejects.toThrow(
      'instance type',
    );
    await expect(world().config('one', SERVERLESS, { EnableNetworkIsolation: true })).rejects.toThrow(
      'network isolation',
    );
    const odd = { ServerlessConfig: { MemorySizeInMB: 1500, MaxConcurrency: 5 } };
    await expect(world().config('one', odd)).rejects.toThrow(
      'MemorySizeInMB must be a multiple of 1024, not 1500',
    );
    const image = async () => ({ digest: 'sha256:a', mediaType: '', size: 11_000_000_000 });
    await expect(world({ image }).config('one', SERVERLESS)).rejects.toThrow(
      'Image size 11000000000 is greater than supported size 10737418240',
    );
  });

  test.each([
    [
      'ModelDataSource',
      { ModelDataSource: { S3DataSource: { S3Uri: 's3://b/m/' } } },
      'use ModelDataSource cannot be deployed to a serverless endpoint',
    ],
    [
      'an image of another registry',
      { ImageConfig: { RepositoryAccessMode: 'Vpc' } },
      'does not reside in an Amazon ECR repository within the same AWS account',
    ],
  ])('of a serverless variant is refused %s', async (_, container, message) => {
    const { call } = world();
    await call('CreateModel', {
      ModelName: 'one',
      ExecutionRoleArn: ROLE,
      PrimaryContainer: { Image: IMAGE, ...container },
    });
    await expect(
      call('CreateEndpointConfig', {
        EndpointConfigName: 'one',
        ProductionVariants: [{ VariantName: 'a', ModelName: 'one', ...SERVERLESS }],
      }),
    ).rejects.toThrow(message);
  });
});
