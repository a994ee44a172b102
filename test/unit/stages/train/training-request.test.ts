import { describe, expect, test } from '@jest/globals';
import type { BuildPlan, SourceRecord } from '../../../../src/plan.js';
import {
  type RequestSource,
  shownRequest,
  trainingRequests,
} from '../../../../src/stages/train/training-request.js';
import { BUILD, IMAGE_URI, SOURCE, trainingPlan } from './plans.js';

function requestsOf(
  change: Parameters<typeof trainingPlan>[0] = {},
  source: SourceRecord = SOURCE,
  more: Partial<RequestSource> = {},
) {
  const plan = trainingPlan(change);
  return trainingRequests({
    plan,
    job: plan.job,
    imageUri: IMAGE_URI,
    imageEntrypoint: [],
    source,
    runId: '0123456789ab',
    ...more,
  });
}

const earlierNames = (...given: Parameters<typeof requestsOf>) =>
  requestsOf(...given).earlier.map(({ request }) => request.TrainingJobName);

const requestOf = (...given: Parameters<typeof requestsOf>) => requestsOf(...given).requests[0];

describe('the request', () => {
  test('has what the API requires, and nothing that was not asked for', () => {
    expect(requestOf()).toEqual({
      TrainingJobName: expect.stringMatching(/^churn-model-Train-deploy-1658821493-1-[0-9a-f]{8}$/),
      AlgorithmSpecification: { TrainingImage: IMAGE_URI, TrainingInputMode: 'File' },
      RoleArn: 'arn:aws:iam::123456789012:role/training',
      OutputDataConfig: { S3OutputPath: 's3://models/churn' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 30 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      EnableNetworkIsolation: false,
      EnableManagedSpotTraining: false,
      Tags: [
        { Key: 'sagemaker-byoc:repository', Value: 'octo-org/churn-model' },
        { Key: 'sagemaker-byoc:workflow', Value: 'Train _ deploy' },
        { Key: 'sagemaker-byoc:commit', Value: 'ffac537e6cbbf934b08745a378932722df287a53' },
        { Key: 'sagemaker-byoc:ref', Value: 'refs/heads/main' },
        {
          Key: 'sagemaker-byoc:run-url',
          Value: 'https://github.com/octo-org/churn-model/actions/runs/1658821493',
        },
        { Key: 'sagemaker-byoc:actor', Value: 'dependabot_bot_' },
        { Key: 'sagemaker-byoc:step', Value: '0123456789ab' },
      ],
    });
  });

  test('has all that can be asked for', () => {
    const request = requestOf({
      training: {
        inputMode: 'FastFile',
        entrypoint: ['python', 'train.py'],
        arguments: ['--fast'],
        environment: new Map([['LEVEL', 'debug']]),
        metricDefinitions: [{ name: 'loss', regex: 'loss=(.*)' }],
        networkIsolation: true,
      },
      job: {
        name: 'churn-7',
        instanceCount: 2,
        spot: true,
        maxWaitTimeInSeconds: 7200,
        keepAlivePeriodInSeconds: 600,
        channels: [
          {
            name: 'train',
            uri: 's3://data/train.manifest',
            s3DataType: 'AugmentedManifestFile',
            distribution: 'ShardedByS3Key',
            inputMode: 'Pipe',
            contentType: 'application/x-image',
            attributeNames: ['source-ref', 'label'],
          },
        ],
        hyperparameters: new Map([['epochs', '3']]),
        checkpointPath: 's3://models/checkpoints',
        subnets: ['subnet-1'],
        securityGroupIds: ['sg-1'],
        kmsKeyId: 'alias/models',
      },
    });
    expect(request).toMatchObject({
      TrainingJobName: 'churn-7',
      AlgorithmSpecification: {
        TrainingInputMode: 'FastFile',
        ContainerEntrypoint: ['python', 'train.py'],
        ContainerArguments: ['--fast'],
        MetricDefinitions: [{ Name: 'loss', Regex: 'loss=(.*)' }],
      },
      HyperParameters: { epochs: '3' },
      InputDataConfig: [
        {
          ChannelName: 'train',
          DataSource: {
            S3DataSource: {
              S3DataType: 'AugmentedManifestFile',
              S3Uri: 's3://data/train.manifest',
              S3DataDistributionType: 'ShardedByS3Key',
              AttributeNames: ['source-ref', 'label'],
            },
          },
          InputMode: 'Pipe',
          ContentType: 'application/x-image',
        },
      ],
      OutputDataConfig: { S3OutputPath: 's3://models/churn', KmsKeyId: 'alias/models' },
      ResourceConfig: {
        InstanceCount: 2,
        VolumeKmsKeyId: 'alias/models',
        KeepAlivePeriodInSeconds: 600,
      },
      VpcConfig: { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
      StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
      EnableNetworkIsolation: true,
      EnableManagedSpotTraining: true,
      CheckpointConfig: { S3Uri: 's3://models/checkpoints' },
      Environment: { LEVEL: 'debug' },
    });
  });

  test('gives a spot job the wait that the API requires', () => {
    expect(requestOf({ job: { spot: true } }).StoppingCondition).toEqual({
      MaxRuntimeInSeconds: 3600,
      MaxWaitTimeInSeconds: 3600,
    });
  });

  test.each(['ml.g4dn.xlarge', 'ml.g5.2xlarge', 'ml.p4d.24xlarge', 'ml.p5en.48xlarge', 'ml.trn1n.32xlarge'])(
    'gives no key for the volume of %s, which takes none',
    (instanceType) => {
      const { ResourceConfig } = requestOf({ job: { kmsKeyId: 'key' }, training: { instanceType } });
      expect(ResourceConfig).not.toHaveProperty('VolumeKmsKeyId');
    },
  );

  test.each(['ml.m5.large', 'ml.p3.2xlarge', 'ml.c5n.xlarge', 'ml.r5.large'])(
    'but for that of %s',
    (instanceType) => {
      const { ResourceConfig } = requestOf({ job: { kmsKeyId: 'key' }, training: { instanceType } });
      expect(ResourceConfig).toHaveProperty('VolumeKmsKeyId', 'key');
    },
  );
});

describe('overrides', () => {
  const overrides = {
    RetryStrategy: { MaximumRetryAttempts: 3 },
    ResourceConfig: { InstanceCount: 4, VolumeSizeInGB: null },
    AlgorithmSpecification: { ContainerArguments: ['a', 'b'] },
  };

  test('are merged last, field by field', () => {
    const request = requestOf({ training: { arguments: ['x', 'y', 'z'] }, job: { overrides } });
    expect(request).toMatchObject({
      RetryStrategy: { MaximumRetryAttempts: 3 },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 4 },
      AlgorithmSpecification: { TrainingImage: IMAGE_URI, ContainerArguments: ['a', 'b'] },
    });
    expect(request.ResourceConfig).not.toHaveProperty('VolumeSizeInGB');
  });

  test('are named, field by field', () => {
    expect(requestsOf({ job: { overrides } }).overridden).toEqual([
      'RetryStrategy.MaximumRetryAttempts',
      'ResourceConfig.InstanceCount',
      'ResourceConfig.VolumeSizeInGB',
      'AlgorithmSpecification.ContainerArguments',
    ]);
  });

  test('may give the name', () => {
    const requests = requestsOf({ job: { overrides: { TrainingJobName: 'mine' } } });
    expect(requests.requests[0].TrainingJobName).toBe('mine');
    expect(requests.ownNames).toBe(false);
  });

  test('add tags, and do not take the pinning ones away', () => {
    const { Tags } = requestOf({
      job: {
        overrides: {
          Tags: [
            { Key: 'team', Value: 'growth' },
            { Key: 'sagemaker-byoc:commit', Value: 'another' },
          ],
        },
      },
    });
    expect(Tags).toHaveLength(8);
    expect(Tags).toContainEqual({ Key: 'team', Value: 'growth' });
    expect(Tags).toContainEqual({ Key: 'sagemaker-byoc:commit', Value: SOURCE.commit });
  });

  test('that are called __proto__ are data', () => {
    const request = requestOf({ job: { overrides: JSON.parse('{"__proto__": {"polluted": "yes"}}') } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(request)).toContain('__proto__');
  });
});

describe('the name', () => {
  const nameOf = (...given: Parameters<typeof requestsOf>) => requestOf(...given).TrainingJobName ?? '';

  test('is the same for the same, and another for another run, attempt or request', () => {
    const names = [
      nameOf(),
      nameOf({}, { ...SOURCE, runId: '1658821494' }),
      nameOf({}, { ...SOURCE, runAttempt: 2 }),
      nameOf({ job: { hyperparameters: new Map([['epochs', '4']]) } }),
    ];
    expect(nameOf()).toBe(names[0]);
    expect(new Set(names).size).toBe(4);
  });

  test('does not depend on tags, which change with whoever starts it', () => {
    expect(nameOf({}, { ...SOURCE, actor: 'somebody-else' })).toBe(nameOf());
  });

  test.each([
    ['long names', { repository: `octo/${'repository-'.repeat(20)}`, workflow: 'workflow '.repeat(20) }],
    ['a long workflow', { repository: 'octo/a', workflow: 'w'.repeat(200) }],
    ['no letters at all', { repository: 'octo/---', workflow: '…' }],
    ['other alphabets', { repository: 'octo/模型', workflow: 'Обучение' }],
    ['a path for a workflow', { workflow: '.github/workflows/train.yml' }],
  ])('of %s is one that AWS takes', (_, change) => {
    const name = nameOf({}, { ...SOURCE, ...change });
    expect(name).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
    expect(name).toMatch(/1658821493-1-[0-9a-f]{8}$/);
  });

  test('outside of Actions has the action’s own number', () => {
    expect(nameOf({}, {})).toMatch(/^training-0123456789ab-1-[0-9a-f]{8}$/);
  });

  test('earlier attempts of the run had these', () => {
    const first = nameOf();
    const second = nameOf({}, { ...SOURCE, runAttempt: 2 });
    const third = { ...SOURCE, runAttempt: 3 };
    expect(earlierNames({}, third)).toEqual([second, first]);
    expect(earlierNames()).toEqual([]);
    expect(earlierNames({ job: { name: 'mine' } }, third)).toEqual([]);
  });

  test('earlier attempts had those of the fallback types too, and the last of them is the one that went on', () => {
    const change = { job: { fallbackInstanceTypes: ['ml.m5.xlarge', 'ml.m5.2xlarge'] } };
    const attempts = [1, 2].map((runAttempt) =>
      requestsOf(change, { ...SOURCE, runAttempt }).requests.map(({ TrainingJobName }) => TrainingJobName),
    );
    const third = requestsOf(change, { ...SOURCE, runAttempt: 3 });
    expect(earlierNames(change, { ...SOURCE, runAttempt: 3 })).toEqual([...attempts.flat()].reverse());
    for (const { request, position } of third.earlier) {
      expect(request.ResourceConfig).toEqual(third.requests[position]?.ResourceConfig);
    }
  });

  test.each([
    ['job', { job: 'train' }, { job: 'train-again' }],
    ['step', { step: 'first' }, { step: 'second' }],
  ])('is another for another %s of the workflow', (_, one, other) => {
    expect(nameOf({}, { ...SOURCE, ...one })).not.toBe(nameOf({}, { ...SOURCE, ...other }));
  });

  const REBUILT = IMAGE_URI.replace(/.{4}$/, 'cdcd');

  test('stays when the image is built again, and is another when it is built in another way', () => {
    const built = (imageUri: string, build: Partial<BuildPlan> = {}, change = {}) =>
      nameOf(change, SOURCE, {
        imageUri,
        plan: { ...trainingPlan(change), image: { kind: 'build', build: { ...BUILD, ...build } } },
      });
    expect(built(REBUILT)).toBe(built(IMAGE_URI));
    const others = [
      built(IMAGE_URI, { dockerfile: '/workspace/Dockerfile.gpu' }),
      built(IMAGE_URI, { context: '/workspace/churn' }),
      built(IMAGE_URI, { target: 'small' }),
      built(IMAGE_URI, { buildArgs: new Map([['BASE', 'python:3.13']]) }),
      built(IMAGE_URI.replace('/churn@', '/upsell@')),
    ];
    expect(new Set([built(IMAGE_URI), ...others]).size).toBe(6);
  });

  test('is another for another image that was there before the run', () => {
    expect(nameOf({}, SOURCE, { imageUri: REBUILT })).not.toBe(nameOf());
  });

  test('is another for another image of the overrides, whatever is built', () => {
    const names = [IMAGE_URI, REBUILT].map((TrainingImage) => {
      const change = { job: { overrides: { AlgorithmSpecification: { TrainingImage } } } };
      const plan = { ...trainingPlan(change), image: { kind: 'build' as const, build: BUILD } };
      return nameOf(change, SOURCE, { plan, imageUri: 'built' });
    });
    expect(names[0]).not.toBe(names[1]);
  });
});

describe('fallback types', () => {
  test('have requests of their own, under names of their own', () => {
    const { requests } = requestsOf({
      training: { toolkitEnvironment: true },
      job: { kmsKeyId: 'key', fallbackInstanceTypes: ['ml.g5.xlarge', 'ml.m5.xlarge'] },
    });
    const [first, second, third] = requests;
    expect(second?.TrainingJobName).toBe(`${first.TrainingJobName}-2`);
    expect(third?.TrainingJobName).toBe(`${first.TrainingJobName}-3`);
    expect(second?.ResourceConfig).toEqual({
      InstanceType: 'ml.g5.xlarge',
      InstanceCount: 1,
      VolumeSizeInGB: 30,
    });
    expect(second?.Environment?.['SM_CURRENT_INSTANCE_TYPE']).toBe('ml.g5.xlarge');
    expect(third?.ResourceConfig).toHaveProperty('VolumeKmsKeyId', 'key');
  });

  test('win over the overrides’ own type, which had its turn', () => {
    const { requests } = requestsOf({
      job: {
        fallbackInstanceTypes: ['ml.m5.xlarge'],
        overrides: { ResourceConfig: { InstanceType: 'ml.c5.xlarge' } },
      },
    });
    expect(requests.map(({ ResourceConfig }) => ResourceConfig?.InstanceType)).toEqual([
      'ml.c5.xlarge',
      'ml.m5.xlarge',
    ]);
  });

  test('of a long name have one that AWS takes', () => {
    const { requests } = requestsOf({
      job: { name: `${'n'.repeat(61)}-x`, fallbackInstanceTypes: ['ml.m5.xlarge'] },
    });
    expect(requests[1]?.TrainingJobName).toBe(`${'n'.repeat(61)}-2`);
  });
});

describe('toolkit-environment', () => {
  test('is what the smoke test runs, several hosts included', () => {
    const { requests, omitted } = requestsOf(
      {
        training: { toolkitEnvironment: true },
        job: {
          instanceCount: 2,
          hyperparameters: new Map([['epochs', '3']]),
          channels: [
            { name: 'train', uri: 's3://d/t', s3DataType: 'S3Prefix', distribution: 'FullyReplicated' },
          ],
        },
      },
      SOURCE,
      { imageEntrypoint: ['python', 'train.py'] },
    );
    expect(requests[0].Environment).toMatchObject({
      SM_HOSTS: '["algo-1","algo-2"]',
      SM_CHANNEL_TRAIN: '/opt/ml/input/data/train',
      SM_HP_EPOCHS: '3',
    });
    expect(requests[0].AlgorithmSpecification?.ContainerEntrypoint?.slice(-2)).toEqual([
      'python',
      'train.py',
    ]);
    expect(requests[0].AlgorithmSpecification?.ContainerArguments).toEqual(['--epochs', '3']);
    expect(omitted).toEqual([]);
  });
});

test('the shown request has no secrets, wherever they stand', () => {
  const request = requestOf({
    training: { toolkitEnvironment: true, environment: new Map([['WANDB_API_KEY', 'topsecret']]) },
    job: {
      hyperparameters: new Map([
        ['hub-token', 'hf_abcdef'],
        ['epochs', '3'],
      ]),
    },
  });
  const shown = JSON.stringify(shownRequest(request));
  expect(shown).not.toMatch(/topsecret|hf_abcdef/);
  expect(shown).toContain('***');
  expect(shownRequest(request)).toMatchObject({ HyperParameters: { epochs: '3' } });
});
