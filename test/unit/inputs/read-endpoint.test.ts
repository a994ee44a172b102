import { describe, expect, test } from '@jest/globals';
import { toldOf } from './told.js';
import { ALL_STAGES, DEPLOY, DEPLOY_ONLY, only, workspace } from './workspace.js';

const endpointOf = (inputs: Record<string, string> = {}, env: Record<string, string> = {}) =>
  workspace().plan({ ...DEPLOY, ...inputs }, env).endpoint;

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:forecast';

describe('an endpoint', () => {
  test('is planned with what is said', () => {
    const repository = workspace();
    const file = repository.file('data/request.csv');
    const plan = repository.plan({
      ...DEPLOY,
      environment: 'A=train',
      'endpoint-environment': 'A=serve',
      subnets: 'subnet-1',
      'security-group-ids': 'sg-1',
      'network-isolation': 'true',
      'kms-key-id': 'alias/models',
      'async-inference': `{output-path: s3://data/out, failure-path: s3://data/failed, success-topic: ${TOPIC}, error-topic: ${TOPIC}, max-concurrency: 4}`,
      'data-capture-path': 's3://data/captured',
      'data-capture-percentage': '10',
      'deployment-policy': 'rolling',
      'auto-scaling':
        '{min: 0, max: 4, invocations-per-instance: 0.5, scale-in-cooldown: 5m, scale-out-cooldown: 0}',
      'startup-timeout': '10m',
      'model-download-timeout': '20m',
      'endpoint-timeout': '2h',
      'endpoint-payload': 'data/request.csv',
      'endpoint-accept': 'text/csv',
      'endpoint-expect': '1',
      'endpoint-requests': '20',
      'endpoint-max-latency': '500ms',
      'failed-endpoint': 'keep',
      'remove-superseded': 'false',
      'endpoint-overrides': 'CreateEndpoint: {Tags: []}',
      'github-environment': 'production',
      'github-token': 'ghs_x',
    });
    expect(plan.endpoint).toEqual({
      name: 'forecast',
      roleArn: ALL_STAGES['execution-role-arn'],
      variants: [
        {
          name: 'AllTraffic',
          weight: 1,
          model: { kind: 'run' },
          hosting: { kind: 'instance', type: 'ml.m5.large', count: 1 },
        },
      ],
      environment: new Map([['A', 'serve']]),
      subnets: ['subnet-1'],
      securityGroupIds: ['sg-1'],
      networkIsolation: true,
      kmsKeyId: 'alias/models',
      async: {
        outputPath: 's3://data/out',
        failurePath: 's3://data/failed',
        successTopic: TOPIC,
        errorTopic: TOPIC,
        maxConcurrentInvocations: 4,
      },
      dataCapture: { path: 's3://data/captured', percentage: 10 },
      policy: { kind: 'rolling', percent: 25, waitSeconds: 0 },
      rollbackAlarms: [],
      autoScaling: {
        minCapacity: 0,
        maxCapacity: 4,
        invocationsPerInstance: 0.5,
        scaleInCooldownSeconds: 300,
        scaleOutCooldownSeconds: 0,
      },
      startupTimeoutSeconds: 600,
      downloadTimeoutSeconds: 1200,
      timeoutSeconds: 7200,
      proof: {
        payloads: [{ path: file, contentType: 'text/csv', accept: 'text/csv', expect: '1' }],
        repeats: 20,
        maxLatencySeconds: 0.5,
      },
      failedEndpoint: 'keep',
      removeSuperseded: false,
      overrides: { CreateEndpoint: { Tags: [] } },
      github: { environment: 'production', token: 'ghs_x' },
    });
    // What was tested is what runs.
    expect([...(plan.smokeTest.endpointEnvironment ?? [])]).toEqual([['A', 'serve']]);
    expect([...plan.training.environment]).toEqual([['A', 'train']]);
  });

  test('is planned for its stage alone; what is given is checked anyway', () => {
    const given = { 'endpoint-name': 'forecast', 'endpoint-instance-type': 'ml.m5.large' };
    expect(workspace().plan({ ...ALL_STAGES, ...given })).not.toHaveProperty('endpoint');
    expect(toldOf({ 'endpoint-requests': 'many' }).input).toBe('endpoint-requests');
    expect(only(workspace().problems({ 'endpoint-name': 'fore_cast' })).fix).toBe(
      'Write for example `fore-cast`.',
    );
  });

  test('needs a name and a role, each said once', () => {
    expect(toldOf({ 'endpoint-name': '' }, DEPLOY).rule).toBe(
      'The stage `deploy` needs the name of the endpoint.',
    );
    expect(toldOf({ 'execution-role-arn': '' }, DEPLOY_ONLY).rule).toBe(
      'The stage `deploy` needs the role that SageMaker assumes for the endpoint.',
    );
    expect(toldOf({ 'execution-role-arn': '' }, DEPLOY).rule).toBe(
      'The stage `train` needs the role that SageMaker assumes for the job.',
    );
    const role = 'arn:aws:iam::123456789012:role/of-the-overrides';
    const plan = workspace().plan({
      ...DEPLOY_ONLY,
      'execution-role-arn': '',
      'endpoint-overrides': `CreateModel: {ExecutionRoleArn: '${role}'}`,
    });
    expect(plan.endpoint?.roleArn).toBe(role);
  });

  test.each([
    [{ 'endpoint-environment': `A=${'x'.repeat(1025)}` }, 'endpoint-environment', /at most 1024/],
    [{ 'data-capture-path': `s3://data/${'x'.repeat(503)}` }, 'data-capture-path', /at most 512/],
    [{ 'data-capture-percentage': '10' }, 'data-capture-percentage', /but not where to/],
    [
      { 'data-capture-path': 's3://data/x', 'data-capture-percentage': '0' },
      'data-capture-percentage',
      /from 1 to 100/,
    ],
    [{ 'startup-timeout': '59' }, 'startup-timeout', /from 60 to 3600/],
    [{ 'model-download-timeout': '61m' }, 'model-download-timeout', /from 60 to 3600/],
    [{ 'endpoint-timeout': '2d' }, 'endpoint-timeout', /from 60 to 86400/],
    [{ 'startup-timeout': '10m', 'endpoint-timeout': '10m' }, 'endpoint-timeout', /Is over before `startup/],
    [{ 'failed-endpoint': 'Delete' }, 'failed-endpoint', /Must be one of/],
    [{ 'github-environment': 'x'.repeat(256) }, 'github-environment', /at most 255/],
    [{ 'github-environment': 'production' }, 'github-token', /A deployment is reported with a token/],
    [
      { 'endpoint-instance-type': 'ml.inf1.xlarge', 'rollback-alarms': 'a' },
      'rollback-alarms',
      /no deployment guardrails on ml\.inf1\.xlarge/,
    ],
    [
      { 'endpoint-instance-type': 'ml.inf1.xlarge', 'deployment-policy': 'rolling' },
      'deployment-policy',
      /no deployment guardrails/,
    ],
    [{ 'auto-scaling': 'max=2' }, 'auto-scaling', /`invocations-per-instance` is missing/],
    [{ 'auto-scaling': 'invocations-per-instance=5' }, 'auto-scaling', /`max` is missing/],
    [
      { 'auto-scaling': '{min: 3, max: 2, invocations-per-instance: 5}' },
      'auto-scaling',
      /Is less than `min`/,
    ],
    [{ 'auto-scaling': '{min: 0, max: 2, invocations-per-instance: 5}' }, 'auto-scaling', /from 1 to/],
    [{ 'auto-scaling': '{max: 2, invocations-per-instance: 0}' }, 'auto-scaling', /number from/],
    [{ 'async-inference': 'failure-path=s3://data/x' }, 'async-inference', /`output-path` is missing/],
    [{ 'async-inference': 'output-path=data' }, 'async-inference', /is not an address in S3/],
    [
      { 'async-inference': '{output-path: s3://data/x, max-concurrency: 1001}' },
      'async-inference',
      /from 1 to 1000/,
    ],
    [
      { 'async-inference': '{output-path: s3://data/x, error-topic: forecast}' },
      'async-inference',
      /Is not the ARN of a topic/,
    ],
    [
      {
        'async-inference': `{output-path: s3://data/x, error-topic: ${TOPIC.replace('eu-central-1', 'us-east-1')}}`,
      },
      'async-inference',
      /The topic is in the region us-east-1/,
    ],
  ])('refuses %j', (inputs, input, rule) => {
    const problem = toldOf(inputs as Record<string, string>, DEPLOY);
    expect(problem.input).toBe(input);
    expect(problem.rule).toMatch(rule);
  });

  test('takes the token of the environment for its GitHub deployment', () => {
    expect(endpointOf({ 'github-environment': 'production' }, { GITHUB_TOKEN: 'ghs_y' })?.github).toEqual({
      environment: 'production',
      token: 'ghs_y',
    });
  });
});

describe('the proof of an endpoint', () => {
  function withSamples() {
    const repository = workspace();
    repository.file('container/sample/payload.csv', 'x'.repeat(10));
    repository.file('container/sample/expected.csv', 'yes\n');
    repository.file('data/other.json', '{}');
    return repository;
  }
  const payloadsOf = (inputs: Record<string, string>) =>
    withSamples()
      .plan(inputs)
      .endpoint?.proof.payloads.map(({ path: _, ...payload }) => payload);

  test('sends what the smoke test sends, under its own headers', () => {
    expect(payloadsOf(DEPLOY)).toEqual([{ contentType: 'text/csv', expect: 'yes' }]);
    expect(
      payloadsOf({ ...DEPLOY, 'endpoint-content-type': 'text/x', 'endpoint-expect': '{payload.csv: no}' }),
    ).toEqual([{ contentType: 'text/x', expect: 'no' }]);
  });

  test('sends what it is told to, without what was meant for others', () => {
    const inputs = { ...DEPLOY, 'smoke-accept': 'text/csv', 'endpoint-payload': 'data/other.json' };
    expect(payloadsOf(inputs)).toEqual([{ contentType: 'application/json' }]);
  });

  test('knows the sample of the container where only a version is deployed', () => {
    expect(payloadsOf(DEPLOY_ONLY)).toEqual([{ contentType: 'text/csv', expect: 'yes' }]);
    const repository = withSamples();
    const plan = repository.plan({ ...DEPLOY_ONLY, 'smoke-payload': 'data/other.json' });
    expect(plan.endpoint?.proof.payloads).toMatchObject([{ contentType: 'application/json' }]);
  });

  test('can be left out', () => {
    expect(payloadsOf({ ...DEPLOY, 'endpoint-requests': '0' })).toEqual([]);
  });

  test('sends no more than a serverless endpoint takes', () => {
    const repository = workspace();
    repository.file('large.csv', 'x'.repeat(4 * 1024 * 1024 + 1));
    const inputs = { ...DEPLOY, 'endpoint-payload': 'large.csv' };
    expect(repository.plan(inputs).endpoint?.proof.payloads).toHaveLength(1);
    const serverless = { ...inputs, 'endpoint-instance-type': '', serverless: '{}' };
    expect(only(repository.problems(serverless)).rule).toBe(
      'The request has 4194305 bytes; InvokeEndpoint takes at most 4194304 of a serverless endpoint.',
    );
  });

  test.each([
    [{ 'endpoint-accept': 'text/csv' }, 'endpoint-accept', /there are none/],
    [{ 'endpoint-requests': '1001' }, 'endpoint-requests', /from 0 to 1000/],
    [{ 'endpoint-max-latency': '500' }, 'endpoint-max-latency', /with `ms` or `s`/],
    [{ 'endpoint-max-latency': '0ms' }, 'endpoint-max-latency', /1 ms to 3600 s/],
    [{ 'endpoint-max-latency': '2h' }, 'endpoint-max-latency', /with `ms` or `s`/],
  ])('refuses %j', (inputs, input, rule) => {
    const problem = toldOf(inputs as Record<string, string>, DEPLOY);
    expect(problem.input).toBe(input);
    expect(problem.rule).toMatch(rule);
  });

  test.each([
    ['1.5s', 1.5],
    ['250 MS', 0.25],
  ])('takes %s', (text, seconds) => {
    expect(endpointOf({ 'endpoint-max-latency': text })?.proof.maxLatencySeconds).toBe(seconds);
  });
});
