import { describe, expect, test } from '@jest/globals';
import type { JobPlan } from '../../../src/plan.js';
import { lineOf, toldOf } from './told.js';
import { ALL_STAGES, only, workspace } from './workspace.js';

function jobOf(inputs: Record<string, string>, env: Record<string, string> = {}): JobPlan {
  const { job } = workspace().plan({ ...ALL_STAGES, ...inputs }, env);
  if (!job) throw new Error('no job is planned');
  return job;
}

describe('the image of a job', () => {
  const IMAGE = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/model';
  const train = { ...ALL_STAGES, stages: 'train' };

  test('needs the stage push when it is built', () => {
    expect(lineOf({ stages: 'build, train' })).toBe(
      'stages "build, train": The stage `train` needs the image in ECR, but no stage brings it there. Add `push` to ' +
        '`stages`, or set `image-uri` to an image in ECR and leave `build` out.',
    );
  });

  test.each([`${IMAGE}:1`, `${IMAGE}@sha256:${'0'.repeat(64)}`])('in ECR needs no push: %s', (uri) => {
    const plan = workspace().plan({ ...train, 'image-uri': uri });
    expect(plan.stages).toEqual(['train']);
    expect(plan.image).toMatchObject({ registry: { account: '123456789012', region: 'eu-central-1' } });
    expect(plan).toHaveProperty('job');
  });

  test.each(['model:1', 'ghcr.io/org/model:1', 'public.ecr.aws/x/model:1'])('is not in ECR: %s', (uri) => {
    expect(only(workspace().problems({ ...train, 'image-uri': uri }))).toMatchObject({
      input: 'image-uri',
      rule: 'The stage `train` needs an image in a private registry of ECR.',
    });
    expect(workspace().plan({ ...train, 'image-uri': uri, stages: 'push, train' }).stages).toEqual([
      'push',
      'train',
    ]);
  });

  test('has a tag or a digest', () => {
    expect(only(workspace().problems({ ...train, 'image-uri': IMAGE })).rule).toContain(
      'neither a tag nor a digest',
    );
  });

  test('is in the region of the job', () => {
    const { rule, fix } = only(
      workspace().problems({
        ...train,
        'image-uri': IMAGE.replace('eu-central-1', 'us-east-1').concat(':1'),
      }),
    );
    expect(rule).toContain('Is in the region us-east-1, but the job in eu-central-1');
    expect(fix).toContain('Set `aws-region: us-east-1`');
  });

  test('is elsewhere when the API is told how to get it, or AWS itself is elsewhere', () => {
    const config = 'AlgorithmSpecification: {TrainingImageConfig: {TrainingRepositoryAccessMode: Vpc}}';
    const elsewhere = { ...train, 'image-uri': 'registry.corp:5000/model:1' };
    expect(workspace().plan({ ...elsewhere, 'training-overrides': config })).toHaveProperty('job');
    expect(workspace().plan(elsewhere, { AWS_ENDPOINT_URL: 'http://localhost:4566' })).toHaveProperty('job');
  });

  test('has a registry in its name, wherever that is: its first part is one by Docker’s rule', () => {
    const told = (uri: string) =>
      only(
        workspace().problems({ ...train, 'image-uri': uri }, { AWS_ENDPOINT_URL: 'http://localhost:4566' }),
      );
    expect(told('team/model:1')).toMatchObject({
      input: 'image-uri',
      rule: expect.stringContaining('the name has none'),
      fix: expect.stringContaining('`<registry>/<repository>:<tag>`'),
    });
    expect(told('model:1').rule).toContain('the name has none');
  });

  test('is the business of overrides that name one', () => {
    const overrides = `AlgorithmSpecification: {TrainingImage: "${IMAGE}:2"}`;
    expect(
      workspace().plan({ ...ALL_STAGES, stages: 'build, train', 'training-overrides': overrides }),
    ).toHaveProperty('job');
  });
});

describe('training-job-name', () => {
  test.each(['a', 'A-1', 'a--b', 'x'.repeat(63)])('%s is one', (name) => {
    expect(jobOf({ 'training-job-name': name }).name).toBe(name);
  });

  test.each([
    ['forecast_7', 'Write for example `forecast-7`.'],
    ['-forecast-', 'Write for example `forecast`.'],
    ['main/forecast v7', 'Write for example `main-forecast-v7`.'],
    ['x'.repeat(64), `Write for example \`${'x'.repeat(63)}\`.`],
    ['___', 'Write for example `forecast-42`.'],
  ])('%s is none', (name, fix) => {
    expect(toldOf({ 'training-job-name': name })).toMatchObject({ input: 'training-job-name', fix });
  });

  test('of very many dashes is refused at once', () => {
    expect(toldOf({ 'training-job-name': '-'.repeat(50_000) }).rule).toContain('1 to 63 letters');
  });
});

describe('numbers of a job', () => {
  test.each(['instance-count', 'volume-size'])('%s is at least 1', (input) => {
    for (const text of ['0', '-1', '1.5', 'two', '1e3', '9999999999']) {
      expect(toldOf({ [input]: text })).toMatchObject({
        input,
        rule: 'Must be a whole number of at least 1.',
        fix: 'Write a number of at least 1.',
      });
    }
  });

  test('have no maximum of ours', () => {
    const { instanceCount, volumeSizeInGB } = jobOf({ 'instance-count': '1000', 'volume-size': '65536' });
    expect([instanceCount, volumeSizeInGB]).toEqual([1_000, 65_536]);
  });

  test.each([
    ['0.23', 0.23],
    ['41', 41],
    ['0.0001', 0.0001],
  ])('hourly-price %s is a price', (text, price) => {
    expect(jobOf({ 'hourly-price': text }).hourlyPrice).toBe(price);
  });

  test.each(['0', '$1', '1,5', '-1', '.5', '1 USD', '1e3', 'NaN'])('hourly-price %s is none', (text) => {
    expect(toldOf({ 'hourly-price': text })).toMatchObject({
      input: 'hourly-price',
      fix: 'Write the number alone, with a point: `0.23`.',
    });
  });
});

describe('the times of a job', () => {
  test('a spot job may wait twice its runtime', () => {
    expect(jobOf({ spot: 'true', 'max-runtime': '1h' })).toMatchObject({
      spot: true,
      maxRuntimeInSeconds: 3_600,
      maxWaitTimeInSeconds: 7_200,
    });
    expect(jobOf({ spot: 'true', 'max-runtime': '28d' }).maxWaitTimeInSeconds).toBe(56 * 86_400);
  });

  test('max-wait is at least max-runtime', () => {
    expect(jobOf({ spot: 'true', 'max-runtime': '1h', 'max-wait': '1h' }).maxWaitTimeInSeconds).toBe(3_600);
    expect(lineOf({ spot: 'true', 'max-runtime': '1h', 'max-wait': '59m' })).toBe(
      'max-wait "59m": The time that a spot job may wait and run (3540 s) must not be less than `max-runtime` ' +
        '(3600 s). Set `max-wait` to 3600 or more: it counts the waiting and the running together.',
    );
  });

  test('max-wait is at least the default of max-runtime too', () => {
    expect(toldOf({ spot: 'true', 'max-wait': '1h' }).rule).toContain('(86400 s)');
  });

  test('max-wait is for spot jobs', () => {
    expect(toldOf({ 'max-wait': '2d' })).toMatchObject({
      input: 'max-wait',
      fix: 'Set `spot: true`, or remove `max-wait`.',
    });
  });

  test('what is wrong in itself is told once', () => {
    expect(toldOf({ spot: 'true', 'max-wait': 'soon' }).rule).toContain('Is not a duration');
    expect(toldOf({ spot: 'true', 'max-wait': '1h', 'max-runtime': 'soon' }).input).toBe('max-runtime');
  });

  test('keep-alive is not for spot jobs', () => {
    expect(toldOf({ spot: 'true', 'keep-alive': '10m' })).toMatchObject({
      input: 'keep-alive',
      fix: 'Remove `keep-alive`, or `spot`.',
    });
    expect(jobOf({ spot: 'true', 'keep-alive': '0' })).not.toHaveProperty('keepAlivePeriodInSeconds');
    expect(jobOf({ 'keep-alive': '6h' }).keepAlivePeriodInSeconds).toBe(21_600);
  });

  test.each([
    ['keep-alive', '6h1s', 'Write a duration from 0 seconds to 6 hours.'],
    ['max-runtime', '28d1s', 'Write a duration from 1 second to 28 days.'],
    ['max-runtime', '0', 'Write a duration from 1 second to 28 days.'],
  ])('%s %s is out of range', (input, text, fix) => {
    expect(toldOf({ [input]: text })).toMatchObject({ input, fix });
  });

  test('what the overrides say of them counts', () => {
    const overrides = (text: string) => ({ 'training-overrides': text });
    expect(toldOf({ ...overrides('EnableManagedSpotTraining: true'), 'keep-alive': '1m' }).input).toBe(
      'keep-alive',
    );
    expect(
      toldOf({
        spot: 'true',
        'max-wait': '2d',
        ...overrides('StoppingCondition: {MaxRuntimeInSeconds: 200000}'),
      }).rule,
    ).toContain('(200000 s)');
  });
});

describe('fallback-instance-types', () => {
  test('are tried in their order', () => {
    expect(jobOf({ 'fallback-instance-types': 'ml.m5.4xlarge, ml.c5.xlarge' }).fallbackInstanceTypes).toEqual(
      ['ml.m5.4xlarge', 'ml.c5.xlarge'],
    );
  });

  test.each([
    ['m5.4xlarge', 'Did you mean `ml.m5.4xlarge`?'],
    ['ml.c7g.xlarge', 'SageMaker trains on no Graviton type.'],
    ['ml.m5.xlarge', 'Remove it here.'],
    ['ml.c5.xlarge\nml.c5.xlarge', 'Remove it here.'],
    ['ml.p6e-gb200.36xlarge', 'Name types of the same architecture.'],
  ])('%j is none', (text, fix) => {
    expect(toldOf({ 'fallback-instance-types': text })).toMatchObject({
      input: 'fallback-instance-types',
      value: text.split('\n')[0],
      fix: expect.stringContaining(fix),
    });
  });
});

describe('output-path and checkpoint-path', () => {
  test('are addresses in S3', () => {
    const paths = { 'output-path': 's3://bucket', 'checkpoint-path': ' s3://bucket/a b/c ' };
    expect(jobOf(paths)).toMatchObject({ outputPath: 's3://bucket', checkpointPath: 's3://bucket/a b/c' });
  });

  test('the output path is missed by the stage train, unless the overrides name it', () => {
    expect(toldOf({ 'output-path': '' })).toMatchObject({
      input: 'output-path',
      rule: 'The stage `train` needs a place in S3 for the model.',
    });
    const overrides =
      'OutputDataConfig: {S3OutputPath: "s3://other/x"}\nRoleArn: arn:aws:iam::123456789012:role/o';
    expect(
      jobOf({ 'output-path': '', 'execution-role-arn': '', 'training-overrides': overrides }),
    ).toMatchObject({ outputPath: 's3://other/x', roleArn: 'arn:aws:iam::123456789012:role/o' });
  });
});

describe('the VPC of a job', () => {
  const groups = { 'security-group-ids': 'sg-1' };

  test('has subnets and security groups', () => {
    expect(jobOf({ subnets: 'subnet-1, subnet-2', ...groups })).toMatchObject({
      subnets: ['subnet-1', 'subnet-2'],
      securityGroupIds: ['sg-1'],
    });
  });

  test.each([
    ['subnets', 'subnet-1', 'security-group-ids'],
    ['security-group-ids', 'sg-1', 'subnets'],
  ])('has not %s alone', (input, value, missing) => {
    expect(toldOf({ [input]: value })).toMatchObject({
      input,
      fix: `Set \`${missing}\` too, or remove \`${input}\`.`,
    });
  });

  test('may have its other half from the overrides', () => {
    const overrides = { 'training-overrides': 'VpcConfig: {Subnets: [subnet-1]}' };
    expect(jobOf({ ...groups, ...overrides }).securityGroupIds).toEqual(['sg-1']);
  });

  test.each([
    ['sg-1', 'Move it to `security-group-ids`.'],
    ['subnet_1', 'Write it as AWS does: `subnet-0123456789abcdef0`.'],
    [`subnet-${'0'.repeat(26)}`, 'Write it as AWS does: `subnet-0123456789abcdef0`.'],
    ['subnet-1, subnet-1', 'Name it once.'],
  ])('subnets %s', (text, fix) => {
    expect(toldOf({ subnets: text, ...groups })).toMatchObject({ input: 'subnets', fix });
  });

  test('subnets in the place of security groups', () => {
    expect(toldOf({ subnets: 'subnet-1', 'security-group-ids': 'subnet-2' }).fix).toBe(
      'Move it to `subnets`.',
    );
  });

  test('has at most 16 subnets and 5 security groups', () => {
    const ids = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${prefix}-${index}`).join(',');
    expect(jobOf({ subnets: ids('subnet', 16), 'security-group-ids': ids('sg', 5) }).subnets).toHaveLength(
      16,
    );
    expect(toldOf({ subnets: ids('subnet', 17), ...groups }).rule).toBe(
      'SageMaker takes at most 16; these are 17.',
    );
    expect(toldOf({ subnets: 'subnet-1', 'security-group-ids': ids('sg', 6) }).rule).toBe(
      'SageMaker takes at most 5; these are 6.',
    );
  });
});

describe('kms-key-id', () => {
  const KEY = '1234abcd-12ab-34cd-56ef-1234567890ab';

  test.each([
    KEY,
    `mrk-${'0'.repeat(32)}`,
    'alias/training',
    `arn:aws:kms:eu-central-1:123456789012:key/${KEY}`,
    'arn:aws:kms:eu-central-1:123456789012:alias/training',
  ])('%s is a key', (key) => {
    expect(jobOf({ 'kms-key-id': key }).kmsKeyId).toBe(key);
  });

  test.each([
    ['training', 'Write `alias/training`'],
    ['my key', "Copy the ARN from the key's page."],
    ['arn:aws:kms:eu-central-1:123456789012:grant/x', "Copy the ARN from the key's page."],
    [`alias/${'x'.repeat(2048)}`, 'copy its ARN'],
    [`arn:aws:kms:us-east-1:123456789012:key/${KEY}`, 'Name a key in eu-central-1.'],
    [`arn:aws-cn:kms:eu-central-1:123456789012:key/${KEY}`, 'Name one that begins with `arn:aws:`'],
  ])('%s is none', (key, fix) => {
    expect(toldOf({ 'kms-key-id': key })).toMatchObject({
      input: 'kms-key-id',
      fix: expect.stringContaining(fix),
    });
  });
});

describe('instances of several kinds', () => {
  const overrides = {
    'training-overrides':
      'ResourceConfig: {InstanceGroups: [{InstanceType: ml.m5.large, InstanceCount: 1, InstanceGroupName: a}]}',
  };

  test.each([
    ['instance-type', 'ml.m5.large'],
    ['instance-count', '2'],
    ['keep-alive', '10m'],
    ['fallback-instance-types', 'ml.c5.large'],
  ])('contradict %s', (input, value) => {
    expect(toldOf({ ...overrides, [input]: value })).toMatchObject({
      input,
      rule: 'Is for a job of one kind of instance, but `training-overrides` gives `ResourceConfig.InstanceGroups`.',
    });
  });

  test('are fine without them', () => {
    expect(jobOf(overrides).overrides).toHaveProperty('ResourceConfig.InstanceGroups');
  });
});

describe('hyperparameters', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=v`).join('\n');

  test('arrive as they are written', () => {
    expect([
      ...jobOf({ hyperparameters: 'lr: 0.10\nlayers: [1, 2]\nquoted: \'"x"\'' }).hyperparameters,
    ]).toEqual([
      ['lr', '0.10'],
      ['layers', '[1,2]'],
      ['quoted', '"x"'],
    ]);
  });

  test.each([
    ['at most 100', many(101), 'these are 101'],
    ['names of at most 256 characters', `${'k'.repeat(257)}=v`, 'at most 256 characters'],
    ['values of at most 2500 characters', `k=${'v'.repeat(2501)}`, 'at most 2500 characters'],
  ])('%s', (_, text, rule) => {
    expect(toldOf({ hyperparameters: text })).toMatchObject({
      input: 'hyperparameters',
      rule: expect.stringContaining(rule),
    });
  });

  test('name the key that is too long', () => {
    expect(toldOf({ hyperparameters: `ok=1\nlong=${'v'.repeat(2501)}` }).value).toBe('long');
  });

  test.each(['\n', '\r', '\u0085', '\u2028', '\u2029'])(
    'are one line, by the pattern of the API: %j',
    (end) => {
      const text = JSON.stringify(`one${end}two`);
      expect(toldOf({ hyperparameters: `{"notes": ${text}}` })).toMatchObject({
        input: 'hyperparameters',
        value: 'notes',
        rule: expect.stringContaining('has a line end'),
      });
      expect(toldOf({ hyperparameters: `{${text}: 1}` }).rule).toContain('has a line end');
      expect(toldOf({ 'training-overrides': `{"HyperParameters": {"notes": ${text}}}` })).toMatchObject({
        input: 'training-overrides',
        value: 'HyperParameters.notes',
      });
      expect(toldOf({ entrypoint: `["python", "-c", ${text}]` })).toMatchObject({ input: 'entrypoint' });
    },
  );

  test('may be JSON of many lines', () => {
    expect(jobOf({ hyperparameters: 'layers:\n  - 1\n  - "a\\nb"' }).hyperparameters.get('layers')).toBe(
      '[1,"a\\nb"]',
    );
  });

  test('are those of the smoke test, unless it has its own', () => {
    const smoke = (inputs: Record<string, string>) => [...workspace().plan(inputs).smokeTest.hyperparameters];
    expect(smoke({ hyperparameters: 'epochs=20\nlr=1' })).toEqual([
      ['epochs', '20'],
      ['lr', '1'],
    ]);
    expect(smoke({ hyperparameters: 'epochs=20\nlr=1', 'smoke-hyperparameters': 'epochs=1' })).toEqual([
      ['epochs', '1'],
    ]);
  });
});

test('every value of a job is checked although the stage does not run', () => {
  const problems = workspace().problems({
    'training-job-name': 'a_b',
    'instance-count': '0',
    channels: 'train=data',
    'output-path': 'bucket',
    'metric-gates': 'loss < 1',
  });
  expect(problems.map(({ input }) => input).sort()).toEqual([
    'channels',
    'instance-count',
    'metric-gates',
    'output-path',
    'training-job-name',
  ]);
});
