import type { DeploymentConfig, ListEndpointsOutput } from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { DIGEST, IMAGE, world } from './world.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012';

describe('An endpoint that is created', () => {
  test('is Creating until its containers are healthy, then in service with what its configuration says', async () => {
    const { config, call, describe, pass, script, lines, invoke } = world();
    await config('one', { InitialInstanceCount: 3, InitialVariantWeight: 2 });
    script({ script: { start: 1000, lines: ['loading'] }, times: 1 });
    await expect(
      call('CreateEndpoint', { EndpointName: 'live', EndpointConfigName: 'one' }),
    ).resolves.toEqual({ EndpointArn: `${ARN}:endpoint/live` });
    await pass(900);
    const creating = await describe();
    expect(creating).toMatchObject({
      EndpointStatus: 'Creating',
      PendingDeploymentSummary: {
        EndpointConfigName: 'one',
        ProductionVariants: [
          { VariantName: 'AllTraffic', InstanceType: 'ml.m5.large', VariantStatus: [{ Status: 'Creating' }] },
        ],
      },
    });
    expect(creating.ProductionVariants).toBeUndefined();
    await expect(invoke()).rejects.toThrow('Endpoint live of account 123456789012 not found.');
    for (const operation of ['UpdateEndpoint', 'DeleteEndpoint', 'UpdateEndpointWeightsAndCapacities']) {
      await expect(call(operation, { EndpointName: 'live', EndpointConfigName: 'one' })).rejects.toThrow(
        `Cannot update in-progress endpoint "${ARN}:endpoint/live".`,
      );
    }
    await pass(200);
    const live = await describe();
    expect(live).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'one',
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          DeployedImages: [{ SpecifiedImage: IMAGE, ResolvedImage: `${IMAGE.replace(/:1$/, '')}@${DIGEST}` }],
          CurrentWeight: 2,
          DesiredWeight: 2,
          CurrentInstanceCount: 3,
          DesiredInstanceCount: 3,
        },
      ],
    });
    expect(live.PendingDeploymentSummary).toBeUndefined();
    expect(live.ProductionVariants?.[0]?.VariantStatus).toBeUndefined();
    expect(lines).toEqual(['AllTraffic/INSTANCE: loading']);
  });

  test.each([
    ['no capacity', { capacity: 'error' as const }, /InsufficientInstanceCapacity/],
    [
      'an unhealthy container',
      { script: { fails: 'ping' as const } },
      /^The primary container for production variant AllTraffic did not pass the ping health check/,
    ],
    [
      'a container that cannot start',
      { script: { fails: 'start' as const } },
      /^CannotStartContainerError\. .*variant AllTraffic/,
    ],
    ['a scripted reason', { failure: 'because' }, /^because$/],
  ])('is Failed with %s, and then can only be deleted', async (_, scenario, reason) => {
    const { live, script, describe, call, update, settle, events } = world();
    script({ ...scenario, times: 1 });
    await live();
    expect(await describe()).toMatchObject({
      EndpointStatus: 'Failed',
      FailureReason: expect.stringMatching(reason),
    });
    if (!('capacity' in scenario)) expect(events.at(-1)).toBe('stopped one');
    await expect(update('one')).rejects.toThrow('with status Failed');
    await call('DeleteEndpoint', { EndpointName: 'live' });
    await settle();
    await expect(describe()).rejects.toThrow(`Could not find endpoint "${ARN}:endpoint/live".`);
  });

  test('of a serverless variant leaves no log and no good reason when its container does not start', async () => {
    const { live, script, describe, lines, config, call, settle } = world();
    script({ script: { fails: 'ping', lines: ['Traceback'] }, times: 1 }, { script: { lines: ['ready'] } });
    const ServerlessConfig = { MemorySizeInMB: 1024, MaxConcurrency: 1 };
    await live({ ServerlessConfig });
    expect(await describe()).toMatchObject({
      EndpointStatus: 'Failed',
      FailureReason: 'Request to service failed. If failure persists after retry, contact customer support.',
    });
    expect(lines).toEqual([]);
    await config('two', { ServerlessConfig });
    await call('CreateEndpoint', { EndpointName: 'second', EndpointConfigName: 'two' });
    await settle();
    expect(await describe('second')).toMatchObject({ EndpointStatus: 'InService' });
    expect(lines).toEqual(['AllTraffic/INSTANCE: ready']);
  });

  test('is refused: name taken, no configuration, quota, and a configuration that is not seen yet', async () => {
    const { live, call, script } = world();
    await live();
    const create = (EndpointName: string, EndpointConfigName = 'one') =>
      call('CreateEndpoint', { EndpointName, EndpointConfigName });
    await expect(create('live')).rejects.toThrow(
      `Cannot create already existing endpoint "${ARN}:endpoint/live".`,
    );
    await expect(create('other', 'none')).rejects.toThrow(
      `Could not find endpoint configuration "${ARN}:endpoint-config/none".`,
    );
    script({ quota: 'exceeded', times: 1 }, { config: 'missing', times: 2 });
    await expect(create('other')).rejects.toMatchObject({
      code: 'ResourceLimitExceeded',
      message: expect.stringContaining("'ml.m5.large for endpoint usage' is 0 Instances"),
    });
    await expect(create('other')).rejects.toThrow('Could not find endpoint configuration');
    await expect(create('other')).rejects.toThrow('Could not find endpoint configuration');
    await expect(create('other')).resolves.toBeDefined();
  });

  test('is listed, and its tags are known until it is gone', async () => {
    const { live, call, clock, settle, tags } = world();
    await live();
    clock.advance(1000);
    await call('CreateEndpoint', {
      EndpointName: 'second',
      EndpointConfigName: 'one',
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    await settle();
    const names = async (input: object = {}) =>
      (await call<ListEndpointsOutput>('ListEndpoints', input)).Endpoints?.map(
        ({ EndpointName }) => EndpointName,
      );
    expect(await names()).toEqual(['second', 'live']);
    expect(await names({ SortBy: 'Name', SortOrder: 'Ascending' })).toEqual(['live', 'second']);
    expect(await names({ NameContains: 'SEC' })).toEqual(['second']);
    expect(await names({ StatusEquals: 'Failed' })).toEqual([]);
    expect(await names({ LastModifiedTimeAfter: new Date(clock.now() - 500) })).toEqual(['second']);
    const page = await call<ListEndpointsOutput>('ListEndpoints', { MaxResults: 1 });
    expect(await names({ MaxResults: 1, NextToken: page.NextToken })).toEqual(['live']);
    const ResourceArn = `${ARN}:endpoint/second`;
    expect(tags.list({ ResourceArn }).Tags).toEqual([{ Key: 'a', Value: 'b' }]);
    await call('DeleteEndpoint', { EndpointName: 'second' });
    await settle();
    expect(() => tags.list({ ResourceArn })).toThrow('not found');
  });
});

const blueGreen = (
  routing: NonNullable<DeploymentConfig['BlueGreenUpdatePolicy']>['TrafficRoutingConfiguration'],
  more: object = {},
): { DeploymentConfig: DeploymentConfig } => ({
  DeploymentConfig: { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: routing, ...more } },
});
const ALARMS = { AutoRollbackConfiguration: { Alarms: [{ AlarmName: '5xx' }, { AlarmName: 'slow' }] } };

describe('An update', () => {
  test('starts the new fleet beside the old one, which serves until the new one is healthy', async () => {
    const { live, config, update, describe, pass, split, events, script } = world();
    await live();
    await config('two');
    script({ script: { start: 1000 }, times: 1 });
    await update('two');
    await pass(500);
    expect(await describe()).toMatchObject({
      EndpointStatus: 'Updating',
      EndpointConfigName: 'one',
      ProductionVariants: [{ VariantName: 'AllTraffic' }],
      PendingDeploymentSummary: {
        EndpointConfigName: 'two',
        ProductionVariants: [{ VariantStatus: [{ Status: 'Creating' }] }],
      },
    });
    expect(await split(3)).toEqual({ one: 3 });
    await expect(update('two')).rejects.toThrow('Cannot update in-progress endpoint');
    await pass(600);
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
    expect(await split(3)).toEqual({ two: 3 });
    expect(events).toEqual(['started one', 'started two', 'stopped one']);
  });

  test('of which the new fleet fails goes back: RollingBack, then InService on the old configuration', async () => {
    const { live, config, update, describe, pass, settle, split, script, events } = world();
    await live();
    await config('two');
    script({ script: { fails: 'ping' }, delays: { RollingBack: 1000 }, times: 1 });
    await update('two');
    await settle();
    expect(await describe()).toMatchObject({ EndpointStatus: 'RollingBack', EndpointConfigName: 'one' });
    await pass(1100);
    const back = await describe();
    expect(back).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'one',
      FailureReason: expect.stringContaining('did not pass the ping health check'),
    });
    expect(back.PendingDeploymentSummary).toBeUndefined();
    expect(await split(2)).toEqual({ one: 2 });
    expect(events).toEqual(['started one', 'stopped two']);
    // The next one that succeeds leaves nothing of it.
    await config('three');
    await update('three');
    await settle();
    const updated = await describe();
    expect(updated).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'three' });
    expect(updated.FailureReason).toBeUndefined();
  });

  test('can go back silently, or fail to go back', async () => {
    const { live, config, update, describe, settle, script } = world();
    await live();
    await config('two');
    script({ failure: 'no', silent: true, times: 1 }, { failure: 'no', rollback: 'error', times: 1 });
    await update('two');
    await settle();
    const back = await describe();
    expect(back).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one' });
    expect(back.FailureReason).toBeUndefined();
    await update('two');
    await settle();
    expect(await describe()).toMatchObject({ EndpointStatus: 'UpdateRollbackFailed', FailureReason: 'no' });
    // A good configuration repairs it.
    await update('two');
    await settle();
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
  });

  test('CANARY: a tenth of the traffic while it bakes, then all; the old fleet ends after the wait', async () => {
    const { live, config, update, describe, pass, settle, split, events } = world();
    await live({ InitialInstanceCount: 10 });
    await config('two', { InitialInstanceCount: 10 });
    await update(
      'two',
      blueGreen(
        { Type: 'CANARY', CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 }, WaitIntervalInSeconds: 60 },
        { TerminationWaitInSeconds: 30 },
      ),
    );
    await settle();
    expect(await split(20)).toEqual({ one: 18, two: 2 });
    expect(await describe()).toMatchObject({
      EndpointStatus: 'Updating',
      PendingDeploymentSummary: { ProductionVariants: [{ VariantStatus: [{ Status: 'Baking' }] }] },
      LastDeploymentConfig: { BlueGreenUpdatePolicy: { TerminationWaitInSeconds: 30 } },
    });
    await pass(61_000, 100);
    expect(await split(5)).toEqual({ two: 5 });
    await pass(61_000, 100);
    expect(await describe()).toMatchObject({
      EndpointStatus: 'Updating',
      ProductionVariants: [{ VariantStatus: [{ Status: 'Deleting' }] }],
    });
    expect(events).not.toContain('stopped one');
    await pass(31_000, 100);
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
    expect(events).toContain('stopped one');
  });

  test('LINEAR and rolling: step by step; a time scale makes the waits short', async () => {
    const { live, config, update, describe, pass, split, settle, script } = world();
    await live();
    await config('two');
    script({ timeScale: 0.01 });
    await update(
      'two',
      blueGreen({
        Type: 'LINEAR',
        LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 40 },
        WaitIntervalInSeconds: 100,
      }),
    );
    await settle();
    expect(await split(10)).toEqual({ one: 6, two: 4 });
    await pass(1050);
    expect(await split(10)).toEqual({ one: 2, two: 8 });
    await pass(1050);
    expect(await split(10)).toEqual({ two: 10 });
    await pass(1050);
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
    await update('one', {
      DeploymentConfig: {
        RollingUpdatePolicy: {
          MaximumBatchSize: { Type: 'CAPACITY_PERCENT', Value: 50 },
          WaitIntervalInSeconds: 100,
        },
      },
    });
    await settle();
    expect(await split(10)).toEqual({ one: 5, two: 5 });
  });

  test('an alarm that fires while it bakes takes all of the traffic back at once', async () => {
    const { live, config, update, describe, pass, settle, split, alarms, events } = world();
    await live();
    await config('two');
    const { DeploymentConfig } = blueGreen({ Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 60 });
    await update('two', { DeploymentConfig: { ...DeploymentConfig, ...ALARMS } });
    await pass(30_000, 60);
    expect(await split(4)).toEqual({ two: 4 });
    alarms.add('slow').add('other');
    await pass(1_000);
    await settle();
    expect(await split(4)).toEqual({ one: 4 });
    expect(await describe()).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'one',
      FailureReason: expect.stringMatching(/CloudWatch alarms went into ALARM: slow$/),
    });
    expect(events).toEqual(['started one', 'started two', 'stopped two']);
  });

  test('goes back when its own time is over', async () => {
    const { live, config, update, describe, pass } = world();
    await live();
    await config('two');
    await update(
      'two',
      blueGreen(
        { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 3600 },
        { MaximumExecutionTimeoutInSeconds: 600 },
      ),
    );
    await pass(700_000, 1000);
    expect(await describe()).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'one',
      FailureReason: expect.stringContaining('MaximumExecutionTimeoutInSeconds (600 seconds)'),
    });
  });

  test('stops nobody who is answering: the old fleet ends when its last request has', async () => {
    const { live, config, update, describe, invoke, pass, settle, script, events } = world();
    script({ script: { delay: 5000, body: 'one' }, times: 1 });
    await live();
    await config('two');
    const slow = invoke();
    await settle();
    await update('two');
    await pass(4000);
    expect(events).toEqual(['started one', 'started two']);
    expect((await invoke()).text).toBe('two');
    expect(await describe()).toMatchObject({ EndpointStatus: 'Updating' });
    await pass(1100);
    expect((await slow).text).toBe('one');
    await settle();
    expect(events).toEqual(['started one', 'started two', 'stopped one']);
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'two' });
  });

  test('takes counts, weights and data capture of the configuration, unless they are to be retained', async () => {
    const { live, config, update, call, describe, settle } = world();
    const capture = (percentage: number) => ({
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: percentage,
        DestinationS3Uri: 's3://b/c',
        CaptureOptions: [{ CaptureMode: 'Input' as const }],
      },
    });
    await live({}, capture(50));
    await call('UpdateEndpointWeightsAndCapacities', {
      EndpointName: 'live',
      DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredWeight: 5, DesiredInstanceCount: 7 }],
    });
    await settle();
    await config('two', { InitialInstanceCount: 2 }, capture(20));
    const seen = async (more: object) => {
      await update('two', more);
      await settle();
      const { ProductionVariants, DataCaptureConfig } = await describe();
      const [variant] = ProductionVariants ?? [];
      return [
        variant?.CurrentInstanceCount,
        variant?.CurrentWeight,
        DataCaptureConfig?.CurrentSamplingPercentage,
      ];
    };
    expect(await seen({ RetainAllVariantProperties: true })).toEqual([7, 5, 50]);
    expect(
      await seen({
        RetainAllVariantProperties: true,
        ExcludeRetainedVariantProperties: [
          { VariantPropertyType: 'DesiredInstanceCount' },
          { VariantPropertyType: 'DataCaptureConfig' },
        ],
      }),
    ).toEqual([2, 5, 20]);
    expect(await seen({})).toEqual([2, 1, 20]);
  });

  test.each([
    [
      'a canary of more than half',
      { Type: 'CANARY', CanarySize: { Type: 'CAPACITY_PERCENT', Value: 60 } },
      'CanarySize must be at most 50 percent',
    ],
    [
      'a step of less than a tenth',
      { Type: 'LINEAR', LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 5 } },
      'LinearStepSize must be from 10 to 50 percent',
    ],
    ['a canary without its size', { Type: 'CANARY' }, 'CanarySize must be specified'],
    [
      'a size that is not its own',
      { Type: 'ALL_AT_ONCE', CanarySize: { Type: 'CAPACITY_PERCENT', Value: 10 } },
      'CanarySize can only be specified',
    ],
  ] as const)('refuses %s, and changes nothing', async (_, routing, message) => {
    const { live, config, update, describe } = world();
    await live();
    await config('two');
    await expect(update('two', blueGreen({ ...routing, WaitIntervalInSeconds: 0 }))).rejects.toThrow(message);
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'one' });
  });
});

describe('Weights and capacities', () => {
  const two = async () => {
    const all = world();
    await all.config('a');
    await all.config('b');
    const variant = (name: string, weight: number) => ({
      VariantName: name,
      ModelName: name,
      InitialInstanceCount: 1,
      InstanceType: 'ml.m5.large',
      InitialVariantWeight: weight,
    });
    await all.call('CreateEndpointConfig', {
      EndpointConfigName: 'both',
      ProductionVariants: [variant('a', 3), variant('b', 1)],
    });
    await all.call('CreateEndpoint', { EndpointName: 'live', EndpointConfigName: 'both' });
    await all.settle();
    const change = (...DesiredWeightsAndCapacities: readonly object[]) =>
      all.call('UpdateEndpointWeightsAndCapacities', { EndpointName: 'live', DesiredWeightsAndCapacities });
    return { ...all, change };
  };

  test('split the requests; a target variant is asked alone', async () => {
    const { split, invoke, change, settle, describe, pass, script } = await two();
    expect(await split(8)).toEqual({ a: 6, b: 2 });
    const { text, headers } = await invoke({ TargetVariant: 'b' });
    expect([text, headers['x-amzn-invoked-production-variant']]).toEqual(['b', 'b']);
    await expect(invoke({ TargetVariant: 'c' })).rejects.toThrow('Variant c not found');
    script({ on: 'weights', delays: { Updating: 1000 } });
    await change({ VariantName: 'a', DesiredWeight: 0 }, { VariantName: 'b', DesiredInstanceCount: 4 });
    await settle();
    expect(await describe()).toMatchObject({
      EndpointStatus: 'Updating',
      ProductionVariants: [
        { CurrentWeight: 3, DesiredWeight: 0, VariantStatus: [{ Status: 'Updating' }] },
        { CurrentInstanceCount: 1, DesiredInstanceCount: 4 },
      ],
    });
    await expect(change({ VariantName: 'a', DesiredWeight: 1 })).rejects.toThrow('in-progress');
    expect(await split(8)).toEqual({ a: 6, b: 2 });
    await pass(1100);
    expect(await describe()).toMatchObject({
      EndpointStatus: 'InService',
      ProductionVariants: [{ CurrentWeight: 0 }, { CurrentInstanceCount: 4 }],
    });
    expect(await split(4)).toEqual({ b: 4 });
    // A variant without weight still answers who asks for it by name.
    expect((await invoke({ TargetVariant: 'a' })).text).toBe('a');
  });

  test('go back when there is no capacity, and refuse a variant that is not there', async () => {
    const { change, settle, describe, script, split } = await two();
    await expect(change({ VariantName: 'c', DesiredWeight: 1 })).rejects.toThrow(
      'Could not find variant "c"',
    );
    script({ on: 'weights', capacity: 'error' });
    await change({ VariantName: 'a', DesiredWeight: 9, DesiredInstanceCount: 9 });
    await settle();
    expect(await describe()).toMatchObject({
      EndpointStatus: 'InService',
      FailureReason: expect.stringContaining('InsufficientInstanceCapacity'),
      ProductionVariants: [{ CurrentWeight: 3, DesiredWeight: 3, DesiredInstanceCount: 1 }, {}],
    });
    expect(await split(8)).toEqual({ a: 6, b: 2 });
  });
});

describe('What is scripted', () => {
  test('a status of the platform’s own lasts, and allows what it allows', async () => {
    const { live, hosting, describe, pass, invoke, update } = world();
    await live();
    hosting.controlStatus('live', { status: 'SystemUpdating', forMs: 1000 });
    expect(await describe()).toMatchObject({ EndpointStatus: 'SystemUpdating' });
    expect((await invoke()).text).toBe('one');
    await expect(update('one')).rejects.toThrow('in-progress');
    await pass(1100);
    expect(await describe()).toMatchObject({ EndpointStatus: 'InService' });
    hosting.controlStatus('live', { status: 'OutOfService' });
    await expect(invoke()).rejects.toThrow('not found');
    expect(() => hosting.controlStatus('live', { status: 'Fine' })).toThrow('status is none of');
    expect(() => hosting.controlStatus('none', { status: 'Failed' })).toThrow('no endpoint');
  });

  test('fits by name, configuration and operation, so many times; a member that is none is refused', async () => {
    const { config, script, call, settle, describe, hosting } = world();
    await config('one');
    script(
      { endpoints: 'b', on: 'create', failure: 'b fails', times: 1 },
      { configs: 'two', failure: 'never' },
    );
    const status = async (EndpointName: string) => {
      await call('CreateEndpoint', { EndpointName, EndpointConfigName: 'one' });
      await settle();
      return (await describe(EndpointName)).EndpointStatus;
    };
    expect([await status('a'), await status('b'), await status('bb')]).toEqual([
      'InService',
      'Failed',
      'InService',
    ]);
    expect(() => hosting.controlScenarios('PUT', { delay: 1 })).toThrow('has no delay');
    expect(() => hosting.controlScenarios('PUT', { delays: { Baking: 1 } })).toThrow('has no Baking');
  });
});
