import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateModelPackageCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { AWS_CLI, localAws, PYTHON, ROOT, type SharedLocalAws } from './shared.js';
import { pushTinyImage, type TinyImage } from './tiny-image.js';

/** Clients of all kinds at the model registry of local AWS. */
jest.setTimeout(240_000);

const SDK_PYTHON = join(ROOT, '.tools', 'sagemaker-sdk', 'bin', 'python');
const run = promisify(execFile);
const PREFIX = `registry-${randomBytes(4).toString('hex')}`;
const MODEL = `${PREFIX}/model.tar.gz`;
let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let image: TinyImage;
let number = 0;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  const s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: MODEL, Body: 'no archive' }));
  s3.destroy();
  image = await pushTinyImage(aws, PREFIX);
});
afterEach(() => aws.clearFaults());
afterAll(() => sagemaker.destroy());

function name(): string {
  number += 1;
  return `${PREFIX}-${number}`;
}

async function python(interpreter: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(interpreter, args, { env: { ...process.env, ...aws.env } });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

/** A program for boto3, where `sm` is the client of SageMaker; its last line of output is JSON. */
const boto3 = (program: string, ...args: readonly string[]) =>
  python(
    PYTHON,
    '-c',
    `import boto3, json, sys
from botocore.exceptions import ClientError
sm = boto3.client('sagemaker')
def error(call, **arguments):
  try:
    call(**arguments)
  except ClientError as e:
    return [type(e).__name__, e.response['Error']['Code'], e.response['Error']['Message']]
${program}`,
    ...args,
  );

async function cli(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(AWS_CLI, ['sagemaker', ...args, '--output', 'json'], {
    env: { ...process.env, ...aws.env },
  });
  return stdout === '' ? undefined : JSON.parse(stdout);
}

const arn = (kind: string, rest: string) => `arn:aws:sagemaker:${aws.region}:123456789012:${kind}/${rest}`;

test('boto3 registers versions, approves one, finds it, and takes everything away again', async () => {
  const group = name();
  const seen = await boto3(
    `
image, model, group = sys.argv[1:]
made = sm.create_model_package_group(ModelPackageGroupName=group, Tags=[{'Key': 'repository', 'Value': 'us/model'}])['ModelPackageGroupArn']
def create(**more):
  return sm.create_model_package(ModelPackageGroupName=group, InferenceSpecification={
    'Containers': [{'Image': image, 'ModelDataUrl': model}],
    'SupportedContentTypes': ['text/csv'], 'SupportedResponseMIMETypes': ['text/csv'],
  }, MetadataProperties={'CommitId': 'abc', 'Repository': 'us/model', 'GeneratedBy': 'run'},
  CustomerMetadataProperties={'actor': 'me'},
  ModelMetrics={'ModelQuality': {'Statistics': {'ContentType': 'application/json', 'S3Uri': model + '.json'}}}, **more)['ModelPackageArn']
arns = [create(), create(ClientToken='t' + group), create(ClientToken='t' + group)]
sm.update_model_package(ModelPackageArn=arns[1], ModelApprovalStatus='Approved', ApprovalDescription='good')
package = sm.describe_model_package(ModelPackageName=arns[1])
approved = sm.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus='Approved', SortBy='CreationTime', SortOrder='Descending')['ModelPackageSummaryList']
pages = [len(page['ModelPackageSummaryList']) for page in sm.get_paginator('list_model_packages').paginate(ModelPackageGroupName=group, PaginationConfig={'PageSize': 1})]
sm.add_tags(ResourceArn=made, Tags=[{'Key': 'commit', 'Value': 'abc'}])
sm.delete_tags(ResourceArn=made, TagKeys=['repository'])
tags = sm.list_tags(ResourceArn=made)['Tags']
found = [r['ModelPackageGroup']['ModelPackageGroupName'] for r in sm.search(Resource='ModelPackageGroup', SearchExpression={'Filters': [{'Name': 'Tags.commit', 'Value': 'abc'}, {'Name': 'ModelPackageGroupName', 'Value': group}]})['Results']]
full = error(sm.delete_model_package_group, ModelPackageGroupName=group)
for a in set(arns):
  sm.delete_model_package(ModelPackageName=a)
sm.delete_model_package_group(ModelPackageGroupName=group)
print(json.dumps({
  'group': made, 'arns': arns, 'approved': [a['ModelPackageArn'] for a in approved], 'pages': pages, 'tags': tags, 'found': found, 'full': full,
  'package': {k: package.get(k) for k in ['ModelPackageVersion', 'ModelPackageStatus', 'ModelApprovalStatus', 'ApprovalDescription', 'CustomerMetadataProperties', 'MetadataProperties', 'ModelMetrics']},
  'digest': package['InferenceSpecification']['Containers'][0]['ImageDigest'],
  'gone': [error(sm.describe_model_package, ModelPackageName=arns[1]), error(sm.describe_model_package_group, ModelPackageGroupName=group)],
}))`,
    image.uri,
    `s3://${aws.bucket}/${MODEL}`,
    group,
  );
  const groupArn = arn('model-package-group', group);
  const [first, second] = [arn('model-package', `${group}/1`), arn('model-package', `${group}/2`)];
  expect(seen).toEqual({
    group: groupArn,
    arns: [first, second, second],
    approved: [second],
    pages: [1, 1],
    tags: [{ Key: 'commit', Value: 'abc' }],
    found: [group],
    full: [
      'ConflictException',
      'ConflictException',
      expect.stringContaining('still contains Model Packages'),
    ],
    package: {
      ModelPackageVersion: 2,
      ModelPackageStatus: 'Completed',
      ModelApprovalStatus: 'Approved',
      ApprovalDescription: 'good',
      CustomerMetadataProperties: { actor: 'me' },
      MetadataProperties: { CommitId: 'abc', Repository: 'us/model', GeneratedBy: 'run' },
      ModelMetrics: {
        ModelQuality: {
          Statistics: { ContentType: 'application/json', S3Uri: `s3://${aws.bucket}/${MODEL}.json` },
        },
      },
    },
    digest: image.digest,
    gone: [
      ['ClientError', 'ValidationException', `ModelPackage ${second} does not exist.`],
      ['ClientError', 'ValidationException', `ModelPackageGroup ${groupArn} does not exist.`],
    ],
  });
});

test('a package needs an image that is in ECR, an approval that is one, and no more than 50 properties', async () => {
  const group = name();
  const seen = await boto3(
    `
image, group = sys.argv[1:]
sm.create_model_package_group(ModelPackageGroupName=group)
def create(image, **more):
  return error(sm.create_model_package, ModelPackageGroupName=group, InferenceSpecification={'Containers': [{'Image': image}], 'SupportedContentTypes': [], 'SupportedResponseMIMETypes': []}, **more)
print(json.dumps([
  create(image.rsplit(':', 1)[0] + ':none'), create(image.rsplit(':', 1)[0]), create(image.rsplit('/', 1)[0] + '/none:1'),
  create(image, ModelApprovalStatus='Yes'),
  create(image, CustomerMetadataProperties={str(n): 'v' for n in range(51)}),
  create(image.rsplit(':', 1)[0] + '@' + 'sha256:' + '0' * 64),
  create(image),
]))`,
    image.uri,
    group,
  );
  const base = image.uri.replace(/:1$/, '');
  const refused = (message: string) => ['ClientError', 'ValidationException', message];
  expect(seen).toEqual([
    refused(`Cannot find the requested image: ${base}:none`),
    refused(`ECR image "${base}" is invalid.`),
    refused(`Cannot find the requested image: ${base.split('/')[0]}/none:1`),
    refused(
      "1 validation error detected: Value 'Yes' at 'modelApprovalStatus' failed to satisfy constraint: Member must satisfy enum value set: [Approved, Rejected, PendingManualApproval]",
    ),
    refused(expect.stringContaining('Member must have length less than or equal to 50') as never),
    refused(`Cannot find the requested image: ${base}@sha256:${'0'.repeat(64)}`),
    null,
  ]);
});

test('boto3 keeps model cards with their versions', async () => {
  const card = name();
  const seen = await boto3(
    `
name = sys.argv[1]
made = sm.create_model_card(ModelCardName=name, ModelCardStatus='Draft', Content='{"intended_uses": {"risk_rating": "Low"}}', Tags=[{'Key': 'a', 'Value': 'b'}])['ModelCardArn']
sm.update_model_card(ModelCardName=name, Content='{"business_details": {"line_of_business": "tests"}}')
sm.update_model_card(ModelCardName=name, ModelCardStatus='Approved')
card = sm.describe_model_card(ModelCardName=name)
first = sm.describe_model_card(ModelCardName=name, ModelCardVersion=1)
versions = [[v['ModelCardVersion'], v['ModelCardStatus']] for v in sm.list_model_card_versions(ModelCardName=name)['ModelCardVersionSummaryList']]
listed = [c['ModelCardName'] for c in sm.list_model_cards(NameContains=name, ModelCardStatus='Approved')['ModelCardSummaries']]
wrong = error(sm.create_model_card, ModelCardName=name + 'x', ModelCardStatus='Draft', Content='{"intended_uses": {"risk_rating": "none"}}')
twice = error(sm.create_model_card, ModelCardName=name, ModelCardStatus='Draft', Content='{}')
tags = sm.list_tags(ResourceArn=made)['Tags']
sm.delete_model_card(ModelCardName=name)
print(json.dumps([made, card['ModelCardVersion'], card['Content'], card['ModelCardStatus'], first['Content'], versions, listed, wrong, twice[:2], tags, error(sm.describe_model_card, ModelCardName=name)[:2]]))`,
    card,
  );
  expect(seen).toEqual([
    arn('model-card', card),
    2,
    '{"business_details": {"line_of_business": "tests"}}',
    'Approved',
    '{"intended_uses": {"risk_rating": "Low"}}',
    [
      [1, 'Draft'],
      [2, 'Approved'],
    ],
    [card],
    [
      'ClientError',
      'ValidationException',
      'The content of the model card does not satisfy the model card JSON schema: /intended_uses/risk_rating: must be one of High, Medium, Low, Unknown, not "none"',
    ],
    ['ConflictException', 'ConflictException'],
    [{ Key: 'a', Value: 'b' }],
    ['ResourceNotFound', 'ResourceNotFound'],
  ]);
});

test('the AWS CLI approves a version and rejects it again', async () => {
  const group = name();
  await cli('create-model-package-group', '--model-package-group-name', group);
  const made = (await cli(
    'create-model-package',
    '--model-package-group-name',
    group,
    '--inference-specification',
    JSON.stringify({
      Containers: [{ Image: image.uri, ModelDataUrl: `s3://${aws.bucket}/${MODEL}` }],
      SupportedContentTypes: ['text/csv'],
      SupportedResponseMIMETypes: ['text/csv'],
    }),
  )) as { readonly ModelPackageArn: string };
  const approval = ['update-model-package', '--model-package-arn', made.ModelPackageArn];
  await cli(...approval, '--model-approval-status', 'Approved');
  await cli(...approval, '--model-approval-status', 'Rejected', '--approval-description', 'worse');
  expect(await cli('describe-model-package', '--model-package-name', made.ModelPackageArn)).toMatchObject({
    ModelApprovalStatus: 'Rejected',
    ApprovalDescription: 'worse',
    ModelPackageGroupName: group,
  });
  expect(await cli('list-model-package-groups', '--name-contains', group)).toMatchObject({
    ModelPackageGroupSummaryList: [{ ModelPackageGroupName: group, ModelPackageGroupStatus: 'Completed' }],
  });
});

test("the SageMaker Python SDK's Model.register and ModelCard work", async () => {
  const [group, card] = [name(), name()];
  expect(
    await python(
      SDK_PYTHON,
      join(__dirname, 'register_model.py'),
      image.uri,
      aws.executionRoleArn,
      aws.bucket,
      MODEL,
      group,
      card,
    ),
  ).toEqual({
    packages: [arn('model-package', `${group}/1`), arn('model-package', `${group}/2`)],
    card: arn('model-card', card),
    created: [1, 'iris'],
    updated: [2, 'PendingReview', 'High'],
    package_details: [2, group],
  });
});

describe('faults', () => {
  test('meet the calls of the registry, also after they were carried out', async () => {
    const group = name();
    await boto3(`print(json.dumps(sm.create_model_package_group(ModelPackageGroupName=sys.argv[1])))`, group);
    await aws.fault({
      service: 'sagemaker',
      operation: 'CreateModelPackage',
      kind: 'reset',
      executed: true,
      times: 1,
    });
    const retrying = new SageMakerClient(aws.client({ attempts: 3 }));
    const { ModelPackageArn } = await retrying.send(
      new CreateModelPackageCommand({ ModelPackageGroupName: group }),
    );
    retrying.destroy();
    // The SDK repeats the call with the ClientToken that it made up: there is one version.
    expect(ModelPackageArn).toBe(arn('model-package', `${group}/1`));
    await aws.fault({ service: 'sagemaker', operation: 'CreateModelPackage', kind: 'throttling', times: 1 });
    await expect(
      sagemaker.send(new CreateModelPackageCommand({ ModelPackageGroupName: group })),
    ).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  test('delay and fail the packages that a scenario names', async () => {
    const group = name();
    await aws.control('PUT', 'sagemaker/model-packages', {
      packages: group,
      failure: 'scan failed',
      times: 1,
    });
    const seen = await boto3(
      `
sm.create_model_package_group(ModelPackageGroupName=sys.argv[1])
arns = [sm.create_model_package(ModelPackageGroupName=sys.argv[1])['ModelPackageArn'] for _ in range(2)]
print(json.dumps([sm.describe_model_package(ModelPackageName=a)['ModelPackageStatus'] for a in arns]))`,
      group,
    );
    await aws.control('DELETE', 'sagemaker/model-packages');
    expect(seen).toEqual(['Failed', 'Completed']);
  });
});
