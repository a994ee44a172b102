import { describe, expect, test } from '@jest/globals';
import type { DescribeEndpointConfigOutput } from '../../../../src/aws/endpoints.js';
import type { EndpointPlan } from '../../../../src/plan.js';
import {
  deploymentRequests,
  restoreRequest,
  shownRequests,
  updateRequest,
} from '../../../../src/stages/deploy/requests.js';
import { deployPlan, IMAGE_URI, MODEL_DATA, SOURCE, variant } from './plans.js';

function requestsFor(change: Partial<EndpointPlan> = {}, tags = new Map<string, string>()) {
  const { endpoint: plan } = deployPlan(change);
  const models = new Map(
    plan.variants.map(({ name }) => [name, { container: { Image: IMAGE_URI, ModelDataUrl: MODEL_DATA } }]),
  );
  return deploymentRequests({ plan, aws: { tags }, source: SOURCE, models });
}

const configOf = (change: Partial<EndpointPlan> = {}) => requestsFor(change).config;
const modelOf = (change: Partial<EndpointPlan> = {}) => requestsFor(change).models[0]?.request;

const serverless = variant({
  hosting: { kind: 'serverless', memorySizeInMB: 2048, maxConcurrency: 5, provisionedConcurrency: 1 },
});

describe('names', () => {
  test('say what is inside: the same content has the same name', () => {
    expect(configOf().EndpointConfigName).toBe(configOf().EndpointConfigName);
    expect(configOf().EndpointConfigName).toMatch(/^churn-[0-9a-f]{10}$/);
    expect(modelOf()?.ModelName).toMatch(/^churn-AllTraffic-[0-9a-f]{10}$/);
  });

  test.each<[string, Partial<EndpointPlan>]>([
    ['the environment', { environment: new Map([['A', 'b']]) }],
    ['the role', { roleArn: 'arn:aws:iam::123456789012:role/other' }],
    ['isolation', { networkIsolation: true }],
    ['the network', { subnets: ['subnet-1'], securityGroupIds: ['sg-1'] }],
    [
      'the instance type',
      { variants: [variant({ hosting: { kind: 'instance', type: 'ml.c5.large', count: 1 } })] },
    ],
    ['the weight', { variants: [variant({ weight: 2 })] }],
    ['a time-out', { startupTimeoutSeconds: 600 }],
    ['data capture', { dataCapture: { path: 's3://capture', percentage: 10 } }],
    ['an override', { overrides: { CreateEndpointConfig: { ExecutionRoleArn: 'arn' } } }],
  ])('change with %s', (_, change) => {
    expect(configOf(change).EndpointConfigName).not.toBe(configOf().EndpointConfigName);
  });

  test('do not change with tags, nor with how an update goes', () => {
    const other = requestsFor({ rollbackAlarms: ['errors'] }, new Map([['team', 'ml']]));
    expect(other.config.EndpointConfigName).toBe(configOf().EndpointConfigName);
    expect(other.models[0]?.request.ModelName).toBe(modelOf()?.ModelName);
  });

  test('have at most 63 characters, and no hyphens in a row at a cut', () => {
    const name = `${'a'.repeat(51)}-b`;
    const { config, models } = requestsFor({ name });
    expect(config.EndpointConfigName).toMatch(/^a{51}-[0-9a-f]{10}$/);
    expect(models[0]?.request.ModelName).toMatch(/^a{51}-[0-9a-f]{10}$/);
  });
});

describe('requests', () => {
  test('hold the whole plan', () => {
    const { models, config, creation } = requestsFor({
      environment: new Map([['LOG_LEVEL', 'debug']]),
      subnets: ['subnet-1'],
      securityGroupIds: ['sg-1'],
      networkIsolation: true,
      kmsKeyId: 'key',
      startupTimeoutSeconds: 600,
      downloadTimeoutSeconds: 900,
      dataCapture: { path: 's3://capture', percentage: 20 },
      async: {
        outputPath: 's3://out',
        failurePath: 's3://bad',
        errorTopic: 'arn:sns',
        maxConcurrentInvocations: 4,
      },
    });
    expect(models[0]?.request).toMatchObject({
      PrimaryContainer: { Image: IMAGE_URI, ModelDataUrl: MODEL_DATA, Environment: { LOG_LEVEL: 'debug' } },
      ExecutionRoleArn: 'arn:aws:iam::123456789012:role/serving',
      VpcConfig: { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
      EnableNetworkIsolation: true,
    });
    expect(config).toMatchObject({
      KmsKeyId: 'key',
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          ModelName: models[0]?.request.ModelName,
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 1,
          InitialVariantWeight: 1,
          ContainerStartupHealthCheckTimeoutInSeconds: 600,
          ModelDataDownloadTimeoutInSeconds: 900,
        },
      ],
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 20,
        DestinationS3Uri: 's3://capture',
        KmsKeyId: 'key',
        CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
      },
      AsyncInferenceConfig: {
        ClientConfig: { MaxConcurrentInvocationsPerInstance: 4 },
        OutputConfig: {
          S3OutputPath: 's3://out',
          S3FailurePath: 's3://bad',
          KmsKeyId: 'key',
          NotificationConfig: { ErrorTopic: 'arn:sns' },
        },
      },
    });
    expect(creation).toMatchObject({ EndpointName: 'churn', EndpointConfigName: config.EndpointConfigName });
  });

  test('of a serverless variant have no instances', () => {
    expect(configOf({ variants: [serverless], startupTimeoutSeconds: 600 }).ProductionVariants).toEqual([
      {
        VariantName: 'AllTraffic',
        ModelName: expect.any(String),
        InitialVariantWeight: 1,
        ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5, ProvisionedConcurrency: 1 },
      },
    ]);
  });

  test('have no key for instances with a disk of their own, and say so', () => {
    const { config, notices } = requestsFor({
      kmsKeyId: 'key',
      variants: [variant({ hosting: { kind: 'instance', type: 'ml.g5.xlarge', count: 1 } })],
    });
    expect(config.KmsKeyId).toBeUndefined();
    expect(notices).toEqual([expect.stringContaining('ml.g5.xlarge')]);
  });

  test('are shown without the values of secrets', () => {
    const requests = requestsFor({ environment: new Map([['API_TOKEN', 'hunter2222']]) });
    expect(JSON.stringify(shownRequests(requests))).not.toContain('hunter2222');
  });
});

describe('overrides', () => {
  test('are merged last, and are known', () => {
    const { models, config, creation, overridden } = requestsFor({
      overrides: {
        CreateModel: { PrimaryContainer: { Environment: { A: 'b' } }, ModelName: 'mine' },
        CreateEndpointConfig: { MetricsConfig: { EnableEnhancedMetrics: true } },
        CreateEndpoint: { Newer: 1, EndpointConfigName: 'mine', Tags: [{ Key: 'team', Value: 'ml' }] },
      },
    });
    expect(models[0]?.request.PrimaryContainer).toEqual({
      Image: IMAGE_URI,
      ModelDataUrl: MODEL_DATA,
      Environment: { A: 'b' },
    });
    expect(models[0]?.request.ModelName).toMatch(/^churn-AllTraffic-/);
    expect(config).toMatchObject({ MetricsConfig: { EnableEnhancedMetrics: true } });
    expect(creation).toMatchObject({ Newer: 1, EndpointConfigName: config.EndpointConfigName });
    expect(creation.Tags).toContainEqual({ Key: 'team', Value: 'ml' });
    expect(creation.Tags).toContainEqual({ Key: 'sagemaker-byoc:commit', Value: SOURCE.commit });
    expect(overridden).toContain('CreateModel.PrimaryContainer.Environment.A');
  });

  test('reach a variant by its name, or by its place, without its model’s name', () => {
    const variants = [variant({ name: 'blue' }), variant({ name: 'green' })];
    const ami = { InferenceAmiVersion: 'al2023-ami-sagemaker-inference-gpu-4-1' };
    const of = (ProductionVariants: unknown) =>
      configOf({ variants, overrides: { CreateEndpointConfig: { ProductionVariants } } }).ProductionVariants;
    expect(of([{ VariantName: 'green', ...ami }])).toMatchObject([
      { VariantName: 'blue' },
      { VariantName: 'green', ModelName: expect.stringMatching(/^churn-green-/), ...ami },
    ]);
    expect(of([{ ...ami }])).toMatchObject([{ VariantName: 'blue', ...ami }, { VariantName: 'green' }]);
    expect(of([{ VariantName: 'red', ModelName: 'mine' }])).toHaveLength(3);
  });
});

describe('an update', () => {
  const before = (change: Partial<EndpointPlan> = {}) => configOf(change) as DescribeEndpointConfigOutput;
  const updated = (change: Partial<EndpointPlan>, was: Partial<EndpointPlan> = {}) =>
    updateRequest(deployPlan(change).endpoint, configOf(change), before(was));
  const excluded = (change: Partial<EndpointPlan>, was: Partial<EndpointPlan> = {}) =>
    (updated(change, was).ExcludeRetainedVariantProperties ?? []).map(
      ({ VariantPropertyType }) => VariantPropertyType,
    );

  test('keeps the counts and weights of the live endpoint', () => {
    expect(updated({ environment: new Map([['A', 'b']]) })).toMatchObject({
      RetainAllVariantProperties: true,
    });
    expect(excluded({ environment: new Map([['A', 'b']]) })).toEqual([]);
  });

  test.each<[string, Partial<EndpointPlan>, readonly string[]]>([
    [
      'count',
      { variants: [variant({ hosting: { kind: 'instance', type: 'ml.m5.large', count: 2 } })] },
      ['DesiredInstanceCount'],
    ],
    ['weight', { variants: [variant({ weight: 3 })] }, ['DesiredWeight']],
    ['variants', { variants: [variant(), variant({ name: 'green' })] }, ['DesiredWeight']],
    ['data capture', { dataCapture: { path: 's3://capture', percentage: 5 } }, ['DataCaptureConfig']],
  ])('takes the plan’s %s when that is another one', (_, change, properties) => {
    expect(excluded(change)).toEqual(properties);
  });

  test('that ends data capture ends it', () => {
    expect(excluded({}, { dataCapture: { path: 's3://capture', percentage: 5 } })).toEqual([
      'DataCaptureConfig',
    ]);
  });

  test.each<[EndpointPlan['policy'], object]>([
    [
      { kind: 'canary', percent: 10, waitSeconds: 300, terminationWaitSeconds: 120 },
      {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: 'CANARY',
            CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 },
            WaitIntervalInSeconds: 300,
          },
          TerminationWaitInSeconds: 120,
        },
      },
    ],
    [
      { kind: 'linear', percent: 25, waitSeconds: 60, terminationWaitSeconds: 0 },
      {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: 'LINEAR',
            LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 25 },
            WaitIntervalInSeconds: 60,
          },
          TerminationWaitInSeconds: 0,
        },
      },
    ],
    [
      { kind: 'all-at-once', waitSeconds: 60, terminationWaitSeconds: 30 },
      {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 60 },
          TerminationWaitInSeconds: 30,
        },
      },
    ],
    [
      { kind: 'rolling', percent: 20, waitSeconds: 60 },
      {
        RollingUpdatePolicy: {
          MaximumBatchSize: { Type: 'CAPACITY_PERCENT', Value: 20 },
          WaitIntervalInSeconds: 60,
        },
      },
    ],
  ])('by %j', (policy, deployment) => {
    const change = { rollbackAlarms: ['errors'], ...(policy && { policy }) };
    expect(updated(change).DeploymentConfig).toEqual({
      ...deployment,
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] },
    });
  });

  test('with alarms alone leaves them time to see something', () => {
    expect(updated({ rollbackAlarms: ['errors'] }).DeploymentConfig).toMatchObject({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 300 },
      },
    });
  });

  test('without either, and of serverless variants, has no deployment configuration', () => {
    expect(updated({}).DeploymentConfig).toBeUndefined();
    expect(updated({ variants: [serverless], rollbackAlarms: ['errors'] }).DeploymentConfig).toBeUndefined();
  });

  test('takes the overrides, but for the names', () => {
    const change = {
      overrides: { UpdateEndpoint: { RetainAllVariantProperties: false, EndpointConfigName: 'mine' } },
    };
    expect(updated(change)).toMatchObject({
      RetainAllVariantProperties: false,
      EndpointConfigName: configOf().EndpointConfigName,
    });
  });

  test('is taken back at once, with what it did not keep', () => {
    const update = updated({ variants: [variant({ weight: 3 })], rollbackAlarms: ['errors'] });
    expect(restoreRequest(update, 'before')).toEqual({
      EndpointName: 'churn',
      EndpointConfigName: 'before',
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }],
    });
  });
});
