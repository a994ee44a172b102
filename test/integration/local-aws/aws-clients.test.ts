import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { AWS_CLI, localAws, PYTHON, type SharedLocalAws } from './shared.js';

jest.setTimeout(240_000);

const run = promisify(execFile);
let aws: SharedLocalAws;
let folder: string;

beforeAll(async () => {
  aws = await localAws();
  folder = mkdtempSync(join(tmpdir(), 'aws-clients-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const name = (prefix: string): string => `${prefix}-${randomBytes(4).toString('hex')}`;

/** Runs a Python program with boto3; its last line of output is JSON. */
async function boto3(program: string, ...args: readonly string[]): Promise<unknown> {
  const head = 'import boto3, json, sys, botocore\nfrom botocore.exceptions import ClientError\n';
  const { stdout } = await run(PYTHON, ['-c', head + program, ...args], {
    env: { ...process.env, ...aws.env },
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

async function cli(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(AWS_CLI, args, { env: { ...process.env, ...aws.env } });
  return stdout;
}

describe('boto3', () => {
  test('keeps objects in S3, in one piece and in many, and reads them back', async () => {
    const path = join(folder, 'big');
    writeFileSync(path, randomBytes(20 * 1024 * 1024));
    const result = await boto3(
      `
s3 = boto3.client('s3')
bucket, path = sys.argv[1:]
s3.put_object(Bucket=bucket, Key='boto3/small', Body=b'a few bytes')
s3.upload_file(path, bucket, 'boto3/big')
s3.download_file(bucket, 'boto3/big', path + '.back')
print(json.dumps({
  'small': s3.get_object(Bucket=bucket, Key='boto3/small')['Body'].read().decode(),
  'keys': [item['Key'] for item in s3.list_objects_v2(Bucket=bucket, Prefix='boto3/')['Contents']],
}))`,
      aws.bucket,
      path,
    );
    expect(result).toEqual({ small: 'a few bytes', keys: ['boto3/big', 'boto3/small'] });
    expect(readFileSync(`${path}.back`).equals(readFileSync(path))).toBe(true);
  });

  test('learns the account from STS, finds the execution role in IAM, writes and reads logs', async () => {
    const result = await boto3(
      `
logs = boto3.client('logs')
group, role = sys.argv[1:]
logs.create_log_group(logGroupName=group)
logs.create_log_stream(logGroupName=group, logStreamName='one')
import time
logs.put_log_events(logGroupName=group, logStreamName='one', logEvents=[{'timestamp': int(time.time() * 1000), 'message': 'hello'}])
print(json.dumps({
  'account': boto3.client('sts').get_caller_identity()['Account'],
  'role': boto3.client('iam').get_role(RoleName=role.split('/')[-1])['Role']['Arn'],
  'messages': [event['message'] for event in logs.get_log_events(logGroupName=group, logStreamName='one', startFromHead=True)['events']],
}))`,
      name('/boto3/logs'),
      aws.executionRoleArn,
    );
    expect(result).toEqual({ account: '123456789012', role: aws.executionRoleArn, messages: ['hello'] });
  });

  test('gets an error of ECR as the exception that its model has, in the words of AWS', async () => {
    const repository = name('boto3');
    const result = await boto3(
      `
ecr = boto3.client('ecr')
def error(call, **arguments):
  try:
    call(**arguments)
  except ClientError as e:
    return [type(e).__name__, e.response['ResponseMetadata']['HTTPStatusCode'], e.response['Error']['Message']]
name = sys.argv[1]
first = error(ecr.describe_repositories, repositoryNames=[name])
ecr.create_repository(repositoryName=name)
print(json.dumps([
  first,
  error(ecr.create_repository, repositoryName=name),
  error(ecr.describe_images, repositoryName=name, imageIds=[{'imageTag': 'v1'}]),
  error(ecr.get_repository_policy, repositoryName=name),
  error(ecr.create_repository, repositoryName='Upper/Case'),
  error(ecr.create_repository, repositoryName=name + '2', imageTagMutability='SOMETIMES'),
  ecr.batch_get_image(repositoryName=name, imageIds=[{'imageTag': 'v1'}])['failures'],
  error(ecr.delete_repository, repositoryName=name),
]))`,
      repository,
    );
    const where = `in the registry with id '123456789012'`;
    expect(result).toEqual([
      [
        'RepositoryNotFoundException',
        400,
        `The repository with name '${repository}' does not exist ${where}`,
      ],
      [
        'RepositoryAlreadyExistsException',
        400,
        `The repository with name '${repository}' already exists ${where}`,
      ],
      [
        'ImageNotFoundException',
        400,
        `The image with imageId {imageDigest:'null', imageTag:'v1'} does not exist within the repository with name '${repository}' ${where}`,
      ],
      [
        'RepositoryPolicyNotFoundException',
        400,
        `Repository policy does not exist for the repository with name '${repository}' ${where}`,
      ],
      [
        'InvalidParameterException',
        400,
        expect.stringMatching(
          /^Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '.+''$/,
        ),
      ],
      [
        'InvalidParameterException',
        400,
        "Invalid parameter at 'imageTagMutability' failed to satisfy constraint: 'must satisfy enum value set: [MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]'",
      ],
      [
        {
          imageId: { imageTag: 'v1' },
          failureCode: 'ImageNotFound',
          failureReason: 'Requested image not found',
        },
      ],
      null,
    ]);
  });

  test('keeps tags, policies and settings of a repository', async () => {
    const repository = name('boto3');
    const result = await boto3(
      `
ecr = boto3.client('ecr')
name = sys.argv[1]
made = ecr.create_repository(repositoryName=name, tags=[{'Key': 'a', 'Value': '1'}], imageScanningConfiguration={'scanOnPush': True}, imageTagMutability='IMMUTABLE')['repository']
arn = made['repositoryArn']
ecr.tag_resource(resourceArn=arn, tags=[{'Key': 'b', 'Value': '2'}])
ecr.untag_resource(resourceArn=arn, tagKeys=['a'])
ecr.set_repository_policy(repositoryName=name, policyText='{"Version": "2012-10-17"}')
ecr.put_image_tag_mutability(repositoryName=name, imageTagMutability='MUTABLE')
now = ecr.describe_repositories(repositoryNames=[name])['repositories'][0]
print(json.dumps([
  arn, made['imageTagMutability'], made['imageScanningConfiguration'], now['imageTagMutability'],
  ecr.list_tags_for_resource(resourceArn=arn)['tags'], ecr.get_repository_policy(repositoryName=name)['policyText'],
  now['createdAt'].year > 2000, now['repositoryUri'].split('/', 1)[1],
]))`,
      repository,
    );
    expect(result).toEqual([
      `arn:aws:ecr:${aws.region}:123456789012:repository/${repository}`,
      'IMMUTABLE',
      { scanOnPush: true },
      'MUTABLE',
      [{ Key: 'b', Value: '2' }],
      '{"Version": "2012-10-17"}',
      true,
      repository,
    ]);
  });

  test('pages through repositories', async () => {
    const prefix = name('page');
    const result = await boto3(
      `
ecr = boto3.client('ecr')
for n in range(3):
  ecr.create_repository(repositoryName=f'{sys.argv[1]}/{n}')
pages = list(ecr.get_paginator('describe_repositories').paginate(PaginationConfig={'PageSize': 1}))
names = [repository['repositoryName'] for page in pages for repository in page['repositories']]
print(json.dumps([all(len(page['repositories']) == 1 for page in pages), sorted(n for n in names if n.startswith(sys.argv[1]))]))`,
      prefix,
    );
    expect(result).toEqual([true, [`${prefix}/0`, `${prefix}/1`, `${prefix}/2`]]);
  });
});

describe('the AWS CLI', () => {
  test('copies files to S3 and lists them', async () => {
    const path = join(folder, 'file.txt');
    writeFileSync(path, 'from the command line');
    await cli('s3', 'cp', path, `s3://${aws.bucket}/cli/file.txt`);
    expect(await cli('s3', 'ls', `s3://${aws.bucket}/cli/`)).toMatch(/ 21 file\.txt\n$/);
    expect(await cli('s3', 'cp', `s3://${aws.bucket}/cli/file.txt`, '-')).toBe('from the command line');
  });

  test('takes the role that a web identity gives, with a call that has no signature', async () => {
    const { stdout } = await run(
      AWS_CLI,
      [
        'sts',
        'assume-role-with-web-identity',
        '--role-arn',
        aws.executionRoleArn,
        '--role-session-name',
        'session',
        '--web-identity-token',
        'a.b.c',
        '--no-sign-request',
        '--query',
        'Credentials.AccessKeyId',
        '--output',
        'text',
      ],
      { env: { ...process.env, ...aws.env } },
    );
    expect(stdout).toMatch(/^ASIA/);
  });

  test('reads the scripted price of a training instance', async () => {
    const out = await cli(
      'pricing',
      'get-products',
      '--service-code',
      'AmazonSageMaker',
      '--filters',
      'Type=TERM_MATCH,Field=regionCode,Value=eu-west-1',
      'Type=TERM_MATCH,Field=instanceName,Value=ml.m5.xlarge',
      'Type=TERM_MATCH,Field=component,Value=Training',
      '--output',
      'json',
    );
    const [product, ...others] = (JSON.parse(out) as { PriceList: string[] }).PriceList.map(
      (text) => JSON.parse(text) as { product: { attributes: Record<string, string> }; terms: unknown },
    );
    expect(others).toEqual([]);
    expect(product?.product.attributes).toMatchObject({
      instanceName: 'ml.m5.xlarge',
      regionCode: 'eu-west-1',
    });
    expect(JSON.stringify(product?.terms)).toContain('"pricePerUnit":{"USD":"0.2000000000"}');
  });
});
