import { expect, test } from '@jest/globals';
import type {
  CreateTrainingJobRequest,
  DescribeTrainingJobResponse,
} from '../../../../src/aws/training-jobs.js';
import { differencesOf } from '../../../../src/stages/train/differences.js';

const REQUEST = {
  TrainingJobName: 'mine',
  Tags: [{ Key: 'team', Value: 'growth' }],
  AlgorithmSpecification: { TrainingImage: 'churn@sha256:a', TrainingInputMode: 'File' },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
  HyperParameters: { epochs: '3', 'hub.token': 'topsecret' },
  Environment: { LEVEL: 'debug' },
  InputDataConfig: [{ ChannelName: 'train' }],
} as unknown as CreateTrainingJobRequest;

const differences = (change: object) =>
  differencesOf(REQUEST, { ...REQUEST, ...change } as unknown as DescribeTrainingJobResponse);

test('nothing differs in what AWS answers for the request itself', () => {
  expect(
    differences({
      TrainingJobName: 'other',
      Tags: undefined,
      TrainingJobStatus: 'InProgress',
      InputDataConfig: [{ ChannelName: 'train', CompressionType: 'None' }],
    }),
  ).toEqual([]);
});

test('image, type and number are told with both values, and all else by its path', () => {
  expect(
    differences({
      AlgorithmSpecification: { TrainingImage: 'churn@sha256:b', TrainingInputMode: 'FastFile' },
      ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 2 },
      HyperParameters: { epochs: '4', 'hub.token': 'moresecret' },
      Environment: undefined,
      InputDataConfig: [],
    }),
  ).toEqual([
    'AlgorithmSpecification.TrainingImage (churn@sha256:b, not churn@sha256:a)',
    'AlgorithmSpecification.TrainingInputMode',
    'ResourceConfig.InstanceType (ml.m5.xlarge, not ml.m5.large)',
    'ResourceConfig.InstanceCount (2, not 1)',
    'HyperParameters.epochs',
    'HyperParameters.hub.token',
    'Environment',
    'InputDataConfig',
  ]);
});
