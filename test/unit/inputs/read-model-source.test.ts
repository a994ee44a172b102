import { describe, expect, test } from '@jest/globals';
import { toldOf } from './told.js';
import { DEPLOY, DEPLOY_ONLY, workspace } from './workspace.js';

const ECR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/forecast:1';
const GIVEN = {
  ...DEPLOY,
  stages: 'deploy',
  'image-uri': ECR,
  repository: '',
  'output-path': '',
  'model-artifacts': 's3://models/a/model.tar.gz',
} as const;

const modelOf = (inputs: Record<string, string>) => workspace().plan(inputs).endpoint?.variants[0]?.model;

describe('what is deployed', () => {
  test('is the model of the run, with or without a version of the registry', () => {
    expect(modelOf(DEPLOY)).toEqual({ kind: 'run' });
    expect(modelOf({ ...DEPLOY, stages: 'build, push, train, deploy' })).toEqual({ kind: 'run' });
  });

  test('is a model in S3 on an image in ECR', () => {
    expect(modelOf(GIVEN)).toEqual({ kind: 'artifacts', modelData: 's3://models/a/model.tar.gz' });
    expect(modelOf({ ...GIVEN, 'model-artifacts': 's3://models/a/' })).toMatchObject({
      modelData: 's3://models/a/',
    });
  });

  test('is the version that the run registers of such a model', () => {
    const plan = workspace().plan({ ...GIVEN, stages: 'register, deploy' });
    expect(plan.register?.modelArtifacts).toBe('s3://models/a/model.tar.gz');
    expect(plan.endpoint?.variants[0]?.model).toEqual({ kind: 'run' });
  });

  test('is a version of the registry, and needs no image', () => {
    const plan = workspace().plan(DEPLOY_ONLY);
    expect(plan.image).toEqual({ kind: 'none', platform: 'linux/amd64' });
    expect(plan.endpoint?.variants[0]?.model).toEqual({
      kind: 'package',
      package: { kind: 'latest-approved', group: 'forecast' },
    });
  });

  test.each([
    [
      { ...GIVEN, 'model-artifacts': '' },
      'stages',
      'The stage `deploy` needs a model: neither does the stage `train` make one, nor does `model-artifacts` name one.',
    ],
    [
      { ...GIVEN, stages: 'register, deploy', 'model-artifacts': '' },
      'stages',
      'The stages `register` and `deploy` need a model: neither does the stage `train` make one, nor does `model-artifacts` name one.',
    ],
    [
      { ...DEPLOY, 'model-artifacts': 's3://data/model.tar.gz' },
      'model-artifacts',
      'Names a model, but the stage `train` makes one in this run.',
    ],
    [
      { ...DEPLOY, wait: 'false' },
      'wait',
      'The stages `register` and `deploy` need the model of the training job, which is not waited for.',
    ],
    [
      { ...DEPLOY, 'model-package': 'latest' },
      'model-package',
      'Names a version to deploy, but `register` makes another one in this run.',
    ],
    [
      { ...DEPLOY_ONLY, 'model-artifacts': 's3://data/model.tar.gz' },
      'model-package',
      'Names a version of the model registry, which brings its model, but `model-artifacts` names another.',
    ],
    [
      { ...GIVEN, 'model-artifacts': 's3://data/model.zip' },
      'model-artifacts',
      'Is neither an archive (`.tar.gz`) nor a prefix that ends with `/`.',
    ],
    [
      { ...GIVEN, 'image-uri': 'ghcr.io/org/model:1' },
      'image-uri',
      'The stage `deploy` needs an image in a private registry of ECR.',
    ],
    [
      { ...GIVEN, 'image-uri': ECR.replace('eu-central-1', 'us-east-1') },
      'image-uri',
      'Is in the region us-east-1, but the job in eu-central-1: SageMaker takes images of its own region only.',
    ],
    [
      { ...DEPLOY, stages: 'build, deploy', 'model-artifacts': 's3://data/model.tar.gz' },
      'stages',
      'The stage `deploy` needs the image in ECR, but no stage brings it there.',
    ],
  ])('is clear: %#', (inputs, input, rule) => {
    expect(toldOf(inputs, {})).toMatchObject({ input, rule });
  });

  test('may be in another registry by the fields of the request, or be named there', () => {
    const vpc = { subnets: 'subnet-1', 'security-group-ids': 'sg-1' };
    const overrides = 'CreateModel: {PrimaryContainer: {ImageConfig: {RepositoryAccessMode: Vpc}}}';
    const plan = workspace().plan({
      ...GIVEN,
      ...vpc,
      'image-uri': 'registry.example.com/model:1',
      'endpoint-overrides': overrides,
    });
    expect(plan.image).toMatchObject({ uri: 'registry.example.com/model:1' });
    const named = `CreateModel: {PrimaryContainer: {Image: '${ECR}'}}`;
    expect(workspace().plan({ ...GIVEN, 'image-uri': '', 'endpoint-overrides': named }).image.kind).toBe(
      'none',
    );
  });
});

describe('stages without an image', () => {
  test.each(['approve', 'shift', 'undeploy', 'clean-up'])('%s', (stages) => {
    const repository = workspace();
    const plan = repository.plan({
      stages,
      'aws-region': 'eu-central-1',
      'model-package-group': 'forecast',
      'model-package': 'latest',
      'endpoint-name': 'forecast',
      'shift-weights': 'blue=1',
    });
    expect(plan.image).toEqual({ kind: 'none', platform: 'linux/amd64' });
  });

  test.each(['register', 'push', 'train', 'smoke-test'])('are not %s', (stages) => {
    const [first] = workspace().problems({ ...DEPLOY, stages, 'model-artifacts': 's3://data/model.tar.gz' });
    expect(first).toMatchObject({ input: 'stages', rule: expect.stringMatching(/^There is no image/) });
  });

  test('need a region', () => {
    expect(workspace().problems({ stages: 'clean-up' }, { HOME: '/nowhere' })).toEqual([
      expect.objectContaining({ input: 'aws-region' }),
    ]);
  });
});
