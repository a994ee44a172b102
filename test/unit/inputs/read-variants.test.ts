import { describe, expect, test } from '@jest/globals';
import { toldOf } from './told.js';
import { DEPLOY, DEPLOY_ONLY, workspace } from './workspace.js';

const ECR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/forecast:1';
const variantsOf = (inputs: Record<string, string>) =>
  workspace().plan({ ...DEPLOY, ...inputs }).endpoint?.variants;

describe('variants', () => {
  test('take from the other inputs what they do not say', () => {
    expect(
      variantsOf({
        'endpoint-instance-count': '2',
        variants: `
          blue: {weight: 9}
          green: {weight: 0.5, instance-type: ml.c5.large, instance-count: 1}
          grey:
          other: {instance-count: 3, model-artifacts: s3://data/model.tar.gz, image-uri: '${ECR}'}`,
      }),
    ).toEqual([
      { name: 'blue', weight: 9, model: { kind: 'run' }, hosting: hosting('ml.m5.large', 2) },
      { name: 'green', weight: 0.5, model: { kind: 'run' }, hosting: hosting('ml.c5.large', 1) },
      { name: 'grey', weight: 1, model: { kind: 'run' }, hosting: hosting('ml.m5.large', 2) },
      {
        name: 'other',
        weight: 1,
        model: { kind: 'artifacts', modelData: 's3://data/model.tar.gz', image: ECR },
        hosting: hosting('ml.m5.large', 3),
      },
    ]);
  });

  test('that all bring their model need none of the run', () => {
    const plan = workspace().plan({
      ...DEPLOY_ONLY,
      'model-package': '',
      variants: '{blue: {model-package: latest, weight: 9}, green: {model-package: latest-approved}}',
    });
    expect(plan.image.kind).toBe('none');
    expect(plan.endpoint?.variants.map(({ model }) => model)).toEqual([
      { kind: 'package', package: { kind: 'latest', group: 'forecast' } },
      { kind: 'package', package: { kind: 'latest-approved', group: 'forecast' } },
    ]);
  });

  test('decide the platform, each but those with an image of their own', () => {
    const graviton = { 'endpoint-instance-type': '', variants: 'a: {instance-type: ml.c7g.large}' };
    expect(workspace().plan({ ...DEPLOY, 'instance-type': '', ...graviton }).image).toMatchObject({
      build: { platform: 'linux/arm64' },
    });
    const both = 'a: {instance-type: ml.c7g.large}\nb: {instance-type: ml.m5.large}';
    expect(toldOf({ 'endpoint-instance-type': '', variants: both }, DEPLOY)).toMatchObject({
      input: 'variants',
      value: 'ml.m5.large',
    });
    const own = `a: {instance-type: ml.c7g.large, model-artifacts: s3://data/model.tar.gz, image-uri: '${ECR}'}`;
    expect(variantsOf({ variants: own })).toHaveLength(1);
  });

  test('may be one that is serverless', () => {
    const serverless = { memorySizeInMB: 3072, maxConcurrency: 7, provisionedConcurrency: 2 };
    expect(
      variantsOf({
        'endpoint-instance-type': '',
        variants: 'a: {memory-size: 3072, max-concurrency: 7, provisioned-concurrency: 2}',
      })?.map((variant) => variant.hosting),
    ).toEqual([{ kind: 'serverless', ...serverless }]);
  });

  test.each([
    ['blue: 1', 'blue', /is not a map/],
    ['- blue', '- blue', /Is not a YAML map of maps/],
    ['blue: {weigth: 1}', 'blue.weigth', /no such key/],
    ['blue: {weight: [1]}', 'blue.weight', /a single value is expected/],
    ['blue: {weight: -1}', 'blue.weight=-1', /a number from 0/],
    ['blue: {weight: 0}', 'blue', /No variant has a weight above 0/],
    ['blue: {instance-type: m5.large}', 'blue.instance-type=m5.large', /Is not a SageMaker instance type/],
    ['blue: {instance-count: 0}', 'blue.instance-count=0', /at least 1/],
    ['bl_ue: {}', 'bl_ue', /The name of a variant/],
    ['{}', '', /1 to 10 variants; these are 0/],
    [Array.from({ length: 11 }, (_, index) => `v${index}: {}`).join('\n'), '', /these are 11/],
    ['blue: {memory-size: 2048}\ngreen: {}', 'blue, green', /one variant only/],
    ['blue: {memory-size: 2048, instance-count: 1}', 'blue.memory-size=2048', /instances, or serverless/],
    [`blue: {image-uri: '${ECR}'}`, `blue.image-uri=${ECR}`, /without a model/],
    [
      'blue: {model-package: latest, model-artifacts: s3://data/model.tar.gz}',
      'blue.model-package=latest',
      /brings its model and its image/,
    ],
    ['blue: {model-package: newest}', 'blue.model-package=newest', /Is no version/],
    ['blue: {model-artifacts: model.tar.gz}', 'blue.model-artifacts=model.tar.gz', /is not an address in S3/],
  ])('%s is wrong', (text, value, rule) => {
    const problem = toldOf({ variants: text }, DEPLOY);
    expect(problem).toMatchObject({ input: 'variants', value });
    expect(problem.rule).toMatch(rule);
  });
});

describe('what an endpoint runs on', () => {
  test('must be said', () => {
    expect(toldOf({ 'endpoint-instance-type': '' }, DEPLOY)).toMatchObject({
      input: 'endpoint-instance-type',
      rule: 'The stage `deploy` needs to know what the endpoint runs on.',
    });
    expect(
      toldOf({ 'endpoint-instance-type': '', variants: 'a: {instance-type: ml.m5.large}\nb: {}' }, DEPLOY)
        .rule,
    ).toBe('It is not said what runs `b`.');
  });

  test.each([
    ['memory-size=2000', 'memory-size=2000', /multiple of 1024/],
    ['memory-size=512', 'memory-size=512', /from 1024 to 6144/],
    ['memory-size=7168', 'memory-size=7168', /from 1024 to 6144/],
    ['max-concurrency=201', 'max-concurrency=201', /from 1 to 200/],
    ['provisioned-concurrency=6', 'provisioned-concurrency=6', /More is kept ready/],
    ['memory=2048', 'memory', /no such key/],
  ])('serverless: %s is wrong', (text, value, rule) => {
    const problem = toldOf({ 'endpoint-instance-type': '', serverless: text }, DEPLOY);
    expect(problem).toMatchObject({ input: 'serverless', value });
    expect(problem.rule).toMatch(rule);
  });

  test('is not both', () => {
    expect(toldOf({ serverless: '{}' }, DEPLOY)).toMatchObject({
      input: 'endpoint-instance-type',
      fix: 'Remove `endpoint-instance-type`, or `serverless`.',
    });
  });

  test.each([
    ['data-capture-path', 's3://data/c'],
    ['async-inference', 'output-path=s3://data/c'],
    ['auto-scaling', '{max: 2, invocations-per-instance: 5}'],
    ['deployment-policy', 'all-at-once'],
    ['rollback-alarms', 'alarm'],
    ['startup-timeout', '5m'],
    ['model-download-timeout', '5m'],
    ['network-isolation', 'true'],
  ])('without instances has no %s', (input, text) => {
    const problem = toldOf({ 'endpoint-instance-type': '', serverless: '{}', [input]: text }, DEPLOY);
    expect(problem).toMatchObject({ input, rule: expect.stringMatching(/^A serverless endpoint/) });
  });

  test('without instances has no VPC, and takes no prefix as its model', () => {
    const serverless = { 'endpoint-instance-type': '', serverless: '{}' };
    const vpc = { subnets: 'subnet-1', 'security-group-ids': 'sg-1' };
    expect(toldOf({ ...serverless, ...vpc }, DEPLOY)).toMatchObject({ input: 'subnets' });
    const prefix = { ...DEPLOY, stages: 'build, push, deploy', 'model-artifacts': 's3://data/model/' };
    expect(toldOf({ ...prefix, ...serverless }, {})).toMatchObject({
      input: 'model-artifacts',
      rule: expect.stringContaining('as an archive'),
    });
    const own = 'a: {memory-size: 1024, model-artifacts: s3://data/model/}';
    expect(toldOf({ 'endpoint-instance-type': '', variants: own }, DEPLOY)).toMatchObject({
      input: 'variants',
      rule: expect.stringContaining('as an archive'),
    });
  });
});

function hosting(type: string, count: number) {
  return { kind: 'instance', type, count };
}
