import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeModelCardCommand,
  DescribeModelPackageCommand,
  ListModelPackagesCommand,
  ListTagsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { createDocker } from '../../../src/docker/docker.js';
import type { ApprovePlan, Plan, RegisterPlan } from '../../../src/plan.js';
import { approve } from '../../../src/stages/approve.js';
import type { MadeModel } from '../../../src/stages/made-model.js';
import { register } from '../../../src/stages/register.js';
import { approvePlan, CARD, job, registerPlan } from '../../unit/stages/register/plans.js';
import { SOURCE } from '../../unit/stages/train/plans.js';
import { SeenLog } from '../../unit/stages/train/seen-log.js';
import { runAction } from '../run-action.js';
import { localAws, ROOT, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** The stages register and approve with the real SDK, over HTTP, at local AWS. */
jest.setTimeout(240_000);

const SDK_PYTHON = join(ROOT, '.tools', 'sagemaker-sdk', 'bin', 'python');
const PREFIX = `byoc-register-${randomBytes(3).toString('hex')}`;
const before = { ...process.env };

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let s3: S3Client;
/** By its digest. */
let image: string;
let model: string;
let number = 0;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  Object.assign(process.env, aws.env);
  const pushed = await pushTinyImage(aws, PREFIX);
  image = pushed.uri.replace(/:[^:/]+$/, `@${pushed.digest}`);
  model = `s3://${aws.bucket}/${PREFIX}/churn-7/output/model.tar.gz`;
  const tar = pack();
  tar.entry({ name: 'weights.bin' }, 'w'.repeat(10_000));
  tar.entry({ name: 'model_info.json' }, '{"framework": "xgboost", "rows": 1200}');
  tar.finalize();
  await s3.send(new PutObjectCommand({ ...placeOf(model), Body: gzipSync(await buffer(tar)) }));
});
afterEach(() => aws.clearFaults());
afterAll(() => {
  process.env = before;
  sagemaker.destroy();
  s3.destroy();
});

function placeOf(uri: string) {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  return { Bucket, Key };
}

const newGroup = (): string => {
  number += 1;
  return `${PREFIX}-${number}`;
};

const context = () => ({
  docker: createDocker({}),
  runId: '0123456789ab',
  tempDir: '/temp',
  log: new SeenLog(),
  signal: new AbortController().signal,
  source: SOURCE,
});

const inRegion = (plan: Plan): Plan => ({ ...plan, aws: { ...plan.aws, region: aws.region } });

const registered = (change: Partial<RegisterPlan> & { readonly group: string }, made: MadeModel = {}) =>
  register(
    context(),
    inRegion(registerPlan(change)),
    { imageUri: image, job: job({ modelArtifacts: model }), ...made },
    { onKnown: () => {} },
  );

const approved = (change: Partial<ApprovePlan>) =>
  approve(context(), inRegion(approvePlan(change)), { onKnown: () => {} });

const described = (arn: string | undefined) =>
  sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn }));

describe('a trained model', () => {
  test('is registered with all that an auditor asks for, once, and approved', async () => {
    const group = newGroup();
    const first = await registered({ group, card: CARD, description: 'Churn, monthly' });
    expect(first).toMatchObject({
      outcome: 'passed',
      notices: [],
      modelPackage: {
        group,
        version: 1,
        created: true,
        groupCreated: true,
        card: { name: group, version: 1 },
      },
    });
    const { modelPackage } = first;
    const version = await described(modelPackage?.arn);
    expect(version).toMatchObject({
      ModelPackageGroupName: group,
      ModelPackageDescription: 'Churn, monthly',
      ModelApprovalStatus: 'PendingManualApproval',
      InferenceSpecification: { Containers: [{ Image: image, ModelDataUrl: model }] },
      CustomerMetadataProperties: {
        'sagemaker-byoc:commit': SOURCE.commit,
        'model-info:framework': 'xgboost',
        'model-info:rows': '1200',
        'metric:validation:accuracy': '0.93',
      },
      MetadataProperties: { CommitId: SOURCE.commit },
    });
    const { Body } = await s3.send(new GetObjectCommand(placeOf(modelPackage?.metricsReport ?? '')));
    expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({
      gates: [{ condition: '>= 0.9', passed: true }],
    });
    const groupArn = version.ModelPackageArn?.replace(/:model-package\/(.+)\/1$/, ':model-package-group/$1');
    const { Tags } = await sagemaker.send(new ListTagsCommand({ ResourceArn: groupArn }));
    expect(Tags).toContainEqual({ Key: 'sagemaker-byoc:actor', Value: 'dependabot_bot_' });
    const card = await sagemaker.send(new DescribeModelCardCommand({ ModelCardName: group }));
    expect(JSON.parse(card.Content ?? '')).toMatchObject({
      intended_uses: CARD.content['intended_uses'] as object,
      model_package_details: { model_package_arn: modelPackage?.arn },
    });

    const again = await registered({ group, card: CARD });
    expect(again.modelPackage).toMatchObject({ version: 1, created: false, card: { version: 1 } });

    expect(await approved({ package: { kind: 'latest', group } })).toMatchObject({
      outcome: 'passed',
      modelPackage: { version: 1, approvalStatus: 'Approved', card: { version: 2 } },
    });
    expect(await described(modelPackage?.arn)).toMatchObject({
      ModelApprovalStatus: 'Approved',
      ApprovalDescription: expect.stringContaining(SOURCE.runUrl ?? ''),
    });
  });

  test('has a card and a report that SageMaker’s own SDK reads', async () => {
    const group = newGroup();
    const { modelPackage } = await registered({ group, card: CARD });
    const program = `
import json, sys
import boto3, sagemaker
from sagemaker.model_card import ModelCard
from sagemaker.model_card.evaluation_metric_parsers import ClassificationParser, DefaultParser
name, bucket, key = sys.argv[1:]
report = json.loads(boto3.client('s3').get_object(Bucket=bucket, Key=key)['Body'].read())
card = ModelCard.load(name, sagemaker_session=sagemaker.Session(boto3.Session()))
print(json.dumps({
  'uses': card.intended_uses.intended_uses,
  'image': list(card.model_overview.inference_environment.container_image),
  'data': list(card.training_details.training_job_details.training_datasets),
  'parameters': [p.name for p in card.training_details.training_job_details.hyper_parameters],
  'package': card.model_package_details.model_package_arn,
  'evaluation': [e.name for e in card.evaluation_details],
  'metrics': [m['name'] for m in ClassificationParser().run(report)['metric_groups'][0]['metric_data']],
  'groups': [g['name'] for g in DefaultParser().run(report)['metric_groups']],
}))`;
    const { Bucket, Key } = placeOf(modelPackage?.metricsReport ?? '');
    const { stdout } = await promisify(execFile)(SDK_PYTHON, ['-c', program, group, Bucket, Key], {
      env: { ...process.env, ...aws.env },
    });
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      uses: (CARD.content['intended_uses'] as { intended_uses: string }).intended_uses,
      image: [image],
      data: ['s3://data/churn/2025'],
      parameters: ['epochs', 'api_key'],
      package: modelPackage?.arn,
      evaluation: ['Metrics of churn-7'],
      metrics: ['validation:accuracy'],
      groups: ['final metrics', 'baseline'],
    });
  });

  test('is registered by its image’s digest, also when the image was named by a tag', async () => {
    const repository = `123456789012.dkr.ecr.${aws.region}.amazonaws.com/${PREFIX}`;
    const { modelPackage } = await registered({ group: newGroup() }, { imageUri: `${repository}:1` });
    expect(modelPackage?.image).toBe(`${repository}@${image.split('@')[1]}`);
  });

  test.each([
    ['throttling', { kind: 'throttling', times: 4 }],
    ['an internal error', { kind: 'internal-error', times: 4 }],
    ['a lost answer', { kind: 'reset', executed: true, times: 1 }],
  ])('is registered once under %s', async (_, fault) => {
    const group = newGroup();
    await aws.fault({ service: 'sagemaker', operation: 'CreateModelPackage', ...fault });
    const { outcome, modelPackage } = await registered({ group });
    expect([outcome, modelPackage?.version]).toEqual(['passed', 1]);
    const { ModelPackageSummaryList } = await sagemaker.send(
      new ListModelPackagesCommand({ ModelPackageGroupName: group }),
    );
    expect(ModelPackageSummaryList).toHaveLength(1);
  });

  test('is not registered when it is not there', async () => {
    const gone = model.replace('churn-7', 'gone');
    await expect(
      registered({ group: newGroup() }, { job: job({ modelArtifacts: gone }) }),
    ).rejects.toMatchObject({ failure: { message: expect.stringContaining('Could not find model data') } });
  });
});

describe('the action', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'register-'));
  writeFileSync(
    join(workspace, 'card.yml'),
    'status: PendingReview\nintended_uses:\n  intended_uses: "Letters, never <b>prices</b>."\n',
  );
  afterAll(() => rmSync(workspace, { recursive: true, force: true }));
  const act = (inputs: Readonly<Record<string, string>>) =>
    runAction(
      { 'aws-region': aws.region, 'model-package-group': `${PREFIX}-act`, ...inputs },
      { workspace, env: { ...aws.env } },
    );

  test('trains, registers, and in another run approves the version', async () => {
    await aws.control('POST', 'sagemaker/training', {
      jobs: `${PREFIX}-act`,
      script: { lines: ['accuracy=0.91'] },
    });
    const first = await act({
      stages: 'train, register',
      'image-uri': image,
      'training-job-name': `${PREFIX}-act`,
      'execution-role-arn': aws.executionRoleArn,
      'output-path': `s3://${aws.bucket}/${PREFIX}`,
      'instance-type': 'ml.m5.large',
      hyperparameters: 'epochs=3',
      'metric-definitions': 'accuracy=accuracy=([0-9.]+)',
      'metric-gates': 'accuracy >= 0.9',
      'create-model-package-group': 'true',
      'model-card': 'card.yml',
    });
    expect([first.exitCode, first.outputs['outcome'], first.outputs['model-package-version']]).toEqual([
      0,
      'passed',
      '1',
    ]);
    const arn = first.outputs['model-package-arn'] ?? '';
    expect(first.summary).toContain(`stages: approve\nmodel-package: ${arn}`);
    expect(first.report?.modelPackage).toMatchObject({ arn, created: true, card: { version: 1 } });
    const { Content, ModelCardStatus } = await sagemaker.send(
      new DescribeModelCardCommand({ ModelCardName: `${PREFIX}-act` }),
    );
    expect(ModelCardStatus).toBe('PendingReview');
    expect(JSON.parse(Content ?? '')).toMatchObject({
      intended_uses: { intended_uses: 'Letters, never <b>prices</b>.' },
      training_details: {
        training_job_details: {
          hyper_parameters: [{ name: 'epochs', value: '3' }],
          training_metrics: [{ name: 'accuracy', value: 0.91 }],
        },
      },
    });

    const second = await act({
      stages: 'approve',
      'model-package': arn,
      'approval-description': 'Looked at.',
    });
    expect([second.exitCode, second.outputs['approval-status']]).toEqual([0, 'Approved']);
    expect((await described(arn)).ApprovalDescription).toMatch(/^Looked at\. \(Approved/);
  });

  test('says what to do when the group is missing', async () => {
    const run = await act({
      stages: 'register',
      'image-uri': image,
      'model-artifacts': model,
      'model-package-group': newGroup(),
    });
    expect([run.exitCode, run.outputs['failure-class']]).toEqual([1, 'register-failed']);
    expect(run.summary).toContain('The model could not be registered');
    expect(run.summary).toContain('create-model-package-group');
  });
});

describe('the policies in docs/permissions.md', () => {
  const page = readFileSync(join(ROOT, 'docs', 'permissions.md'), 'utf8');
  const statements = (heading: string) => {
    const [, json = ''] = (page.split(new RegExp(`^#+ ${heading}$`, 'm'))[1] ?? '').split(/^```(?:json)?$/m);
    return (JSON.parse(json) as { Statement: { Action: string | string[] }[] }).Statement;
  };
  const put = (Statement: readonly object[]) =>
    aws.control('PUT', `policies/${aws.accessKeyId}`, { Version: '2012-10-17', Statement });

  afterEach(() => aws.control('DELETE', `policies/${aws.accessKeyId}`));

  test('are enough, and hold no more', async () => {
    const group = newGroup();
    const called = new Set<string>();
    const all = ['Register', 'create-model-package-group', 'model-card'].flatMap(statements);
    const before = await aws.calls();
    await put(all);
    expect(await registered({ group, card: CARD })).toMatchObject({ outcome: 'passed', notices: [] });
    await put(statements('Register'));
    expect(await registered({ group, createGroup: false })).toMatchObject({ outcome: 'passed', notices: [] });
    await put([...statements('Approve'), ...statements('model-card')]);
    expect(await approved({ package: { kind: 'latest', group } })).toMatchObject({
      outcome: 'passed',
      notices: [],
    });
    for (const [action, count] of Object.entries(await aws.calls())) {
      if (count > (before[action] ?? 0)) called.add(action);
    }
    // This one belongs to the calls that create, and is none.
    called.add('sagemaker:AddTags');
    const allowed = [...all, ...statements('Approve')].flatMap(({ Action }) => Action);
    expect(allowed.filter((action) => !called.has(action))).toEqual([]);
  });
});
