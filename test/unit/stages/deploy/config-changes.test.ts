import { describe, expect, test } from '@jest/globals';
import type { CreateEndpointConfigInput } from '../../../../src/aws/endpoints.js';
import { configChanges } from '../../../../src/stages/deploy/config-changes.js';

const variant = (change: object = {}) => ({
  VariantName: 'AllTraffic',
  ModelName: 'churn-1',
  InstanceType: 'ml.m5.large' as const,
  InitialInstanceCount: 1,
  ...change,
});
const config = (
  name: string,
  change: Partial<CreateEndpointConfigInput> = {},
): CreateEndpointConfigInput => ({
  EndpointConfigName: name,
  ProductionVariants: [variant()],
  Tags: [{ Key: 'commit', Value: name }],
  ...change,
});

describe('the changes between two configurations', () => {
  test('are none between the same under other names', () => {
    expect(configChanges(config('a'), config('b'))).toEqual([]);
  });

  test('are told by variant, whatever their order', () => {
    const before = config('a', {
      ProductionVariants: [variant(), variant({ VariantName: 'green', InitialVariantWeight: 0.1 })],
    });
    const after = config('b', {
      ProductionVariants: [
        variant({ VariantName: 'green', InitialVariantWeight: 0.5 }),
        variant({ ModelName: 'churn-2', InitialInstanceCount: 2 }),
      ],
    });
    expect(configChanges(before, after)).toEqual([
      { path: 'green.InitialVariantWeight', before: '0.1', after: '0.5' },
      { path: 'AllTraffic.ModelName', before: 'churn-1', after: 'churn-2' },
      { path: 'AllTraffic.InitialInstanceCount', before: '1', after: '2' },
    ]);
  });

  test('name what came and what went', () => {
    const serverless = {
      VariantName: 'AllTraffic',
      ModelName: 'churn-1',
      ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
    };
    expect(
      configChanges(config('a'), config('b', { ProductionVariants: [serverless], KmsKeyId: 'key' })),
    ).toEqual([
      { path: 'AllTraffic.ServerlessConfig.MemorySizeInMB', after: '2048' },
      { path: 'AllTraffic.ServerlessConfig.MaxConcurrency', after: '5' },
      { path: 'KmsKeyId', after: 'key' },
      { path: 'AllTraffic.InstanceType', before: 'ml.m5.large' },
      { path: 'AllTraffic.InitialInstanceCount', before: '1' },
    ]);
  });

  test('leave out what AWS adds when it describes one', () => {
    const described = {
      ...config('a'),
      EndpointConfigArn: 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/a',
      CreationTime: new Date(0),
      EnableNetworkIsolation: false,
      $metadata: { requestId: 'x' },
    };
    expect(configChanges(described, config('b'))).toEqual([]);
  });

  test('show lists as a whole', () => {
    const capture = (modes: readonly ('Input' | 'Output')[]) =>
      config('a', {
        DataCaptureConfig: {
          EnableCapture: true,
          InitialSamplingPercentage: 10,
          DestinationS3Uri: 's3://b/c',
          CaptureOptions: modes.map((CaptureMode) => ({ CaptureMode })),
        },
      });
    expect(configChanges(capture(['Input']), capture(['Input', 'Output']))).toEqual([
      {
        path: 'DataCaptureConfig.CaptureOptions',
        before: '[{"CaptureMode":"Input"}]',
        after: '[{"CaptureMode":"Input"},{"CaptureMode":"Output"}]',
      },
    ]);
  });
});
