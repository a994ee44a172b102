import { randomBytes } from 'node:crypto';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRepositoryCommand, DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeTrainingJobCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { localAws, type SharedLocalAws } from './shared.js';

jest.setTimeout(200_000);

let aws: SharedLocalAws;
let ecr: ECRClient;
let s3: S3Client;
let sts: STSClient;
let sagemaker: SageMakerClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  aws = await localAws();
  ecr = new ECRClient(aws.client());
  s3 = new S3Client(aws.client());
  sts = new STSClient(aws.client());
  sagemaker = new SageMakerClient(aws.client());
  logs = new CloudWatchLogsClient(aws.client());
});
afterEach(async () => {
  await aws.clearFaults();
  await aws.control('DELETE', `policies/${aws.accessKeyId}`);
});

/** Name, HTTP status and message of the error that a call ends with. */
async function errorOf(call: Promise<unknown>): Promise<readonly unknown[]> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return [name, $metadata?.httpStatusCode, message];
  }
  throw new Error('the call did not fail');
}

const repositories = (client = ecr) => client.send(new DescribeRepositoriesCommand({}));
const jobs = () => sagemaker.send(new ListTrainingJobsCommand({}));
const buckets = () => s3.send(new ListBucketsCommand({}));
const identity = () => sts.send(new GetCallerIdentityCommand({}));

describe('a fault is answered as AWS answers it', () => {
  const DENIED = 'is not authorized to perform';
  test.each([
    ['throttling', ['ThrottlingException', 400, 'Rate exceeded'], ['SlowDown', 503], ['Throttling', 400]],
    ['internal-error', ['InternalFailure', 500], ['InternalError', 500], ['InternalFailure', 500]],
    ['unavailable', ['ServiceUnavailable', 503], ['ServiceUnavailable', 503], ['ServiceUnavailable', 503]],
    [
      'expired-token',
      ['ExpiredTokenException', 400, 'The security token included in the request is expired'],
      ['ExpiredToken', 400],
      ['ExpiredToken', 403],
    ],
    [
      'access-denied',
      ['AccessDeniedException', 400, expect.stringContaining(`${DENIED}: sagemaker:ListTrainingJobs`)],
      ['AccessDenied', 403],
      ['AccessDenied', 403],
    ],
  ])('%s', async (kind, json, xml, query) => {
    await aws.fault({ service: '*', operation: '*', kind });
    expect((await errorOf(jobs())).slice(0, json.length)).toEqual(json);
    expect((await errorOf(buckets())).slice(0, 2)).toEqual(xml);
    expect((await errorOf(identity())).slice(0, 2)).toEqual(
      query.map((part) => (part === 'ExpiredToken' ? expect.stringMatching(/^ExpiredToken/) : part)),
    );
    await aws.clearFaults();
    await jobs();
  });

  test('an error of one’s own, by code, status and message', async () => {
    await aws.fault({
      service: 'sagemaker',
      operation: 'ListTrainingJobs',
      kind: 'error',
      code: 'ResourceLimitExceeded',
      message: 'no more',
      status: 400,
    });
    expect(await errorOf(jobs())).toEqual(['ResourceLimitExceeded', 400, 'no more']);
  });

  test('a reset connection and no answer', async () => {
    await aws.fault({ service: 'ecr', operation: 'DescribeRepositories', kind: 'reset', times: 1 });
    expect(await errorOf(repositories())).toEqual([
      'Error',
      undefined,
      expect.stringMatching(/ECONNRESET|hang up/),
    ]);
    await aws.fault({ service: 'ecr', operation: 'DescribeRepositories', kind: 'no-answer', times: 1 });
    const signal = AbortSignal.timeout(500);
    await expect(
      ecr.send(new DescribeRepositoriesCommand({}), { abortSignal: signal }),
    ).rejects.toMatchObject({
      name: 'AbortError',
    });
    await repositories();
  });

  test('a slow answer', async () => {
    await aws.fault({ service: 'sts', operation: 'GetCallerIdentity', kind: 'slow', delayMs: 300, times: 1 });
    const started = performance.now();
    expect((await identity()).Account).toBe('123456789012');
    expect(performance.now() - started).toBeGreaterThan(295);
  });
});

describe('a fault meets only', () => {
  test('the calls after the first ones, and so many', async () => {
    await aws.fault({ service: 'ecr', operation: '*', kind: 'throttling', after: 1, times: 2 });
    const ends = [];
    for (let call = 0; call < 4; call++)
      ends.push(
        await repositories().then(
          () => 'well',
          (error) => error.name,
        ),
      );
    expect(ends).toEqual(['well', 'ThrottlingException', 'ThrottlingException', 'well']);
  });

  test('one operation of one service', async () => {
    await aws.fault({ service: 'logs', operation: 'DescribeLogGroups', kind: 'throttling' });
    expect((await errorOf(logs.send(new DescribeLogGroupsCommand({}))))[0]).toBe('ThrottlingException');
    await repositories();
    await identity();
  });

  test('requests with a text in them', async () => {
    const describe = (TrainingJobName: string) =>
      sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    await aws.fault({ service: 'sagemaker', operation: '*', kind: 'expired-token', contains: 'this-one' });
    expect((await errorOf(describe('this-one')))[0]).toBe('ExpiredTokenException');
    expect((await errorOf(describe('another')))[0]).toBe('ValidationException');
  });

  test('calls with its access key', async () => {
    await aws.fault({ service: '*', operation: '*', kind: 'throttling' });
    const other = await localAws();
    await repositories(new ECRClient(other.client()));
    expect((await errorOf(repositories()))[0]).toBe('ThrottlingException');
  });
});

test('a client that tries again gets through', async () => {
  await aws.fault({ service: 'ecr', operation: 'DescribeRepositories', kind: 'throttling', times: 1 });
  await aws.fault({ service: 'ecr', operation: 'DescribeRepositories', kind: 'reset', times: 1 });
  const { $metadata } = await repositories(new ECRClient(aws.client({ attempts: 4 })));
  expect($metadata.attempts).toBe(3);
});

test('a call can be carried out although its answer is lost', async () => {
  const repositoryName = `lost-${randomBytes(4).toString('hex')}`;
  await aws.fault({ service: 'ecr', operation: 'CreateRepository', kind: 'reset', executed: true, times: 1 });
  const patient = new ECRClient(aws.client({ attempts: 3 }));
  expect((await errorOf(patient.send(new CreateRepositoryCommand({ repositoryName }))))[0]).toBe(
    'RepositoryAlreadyExistsException',
  );

  // The same for what moto does.
  const Key = `lost/${repositoryName}`;
  await aws.fault({
    service: 's3',
    operation: 'PutObject',
    kind: 'internal-error',
    executed: true,
    times: 1,
  });
  await errorOf(s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body: 'here' })));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: aws.bucket, Key }));
  expect(await Body?.transformToString()).toBe('here');
});

test('an upload that a fault answers early does not disturb the next call', async () => {
  await aws.fault({ service: 's3', operation: 'PutObject', kind: 'access-denied', times: 1 });
  const put = () =>
    s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: 'early', Body: randomBytes(5_000_000) }));
  expect((await errorOf(put())).slice(0, 2)).toEqual(['AccessDenied', 403]);
  await put();
});

test('a policy denies what it does not allow', async () => {
  await aws.control('PUT', `policies/${aws.accessKeyId}`, {
    Statement: [
      { Effect: 'Allow', Action: ['s3:*', 'ecr:Describe*'], Resource: '*' },
      { Effect: 'Deny', Action: 's3:PutObject', Resource: '*' },
    ],
  });
  await repositories();
  await buckets();
  await identity();
  expect((await errorOf(jobs()))[0]).toBe('AccessDeniedException');
  expect((await errorOf(s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: 'a', Body: 'b' }))))[0]).toBe(
    'AccessDenied',
  );
});

test('calls are counted by operation and key, with what they ended in', async () => {
  const other = await localAws();
  const client = new ECRClient(other.client());
  await other.fault({ service: 'ecr', operation: 'DescribeRepositories', kind: 'throttling', times: 1 });
  await errorOf(repositories(client));
  await repositories(client);
  await new S3Client(other.client()).send(new ListBucketsCommand({}));
  expect(await other.calls()).toEqual({ 'ecr:DescribeRepositories': 2, 's3:ListBuckets': 1 });
  expect(await other.control('GET', `calls?list&accessKeyId=${other.accessKeyId}`)).toEqual([
    expect.objectContaining({
      operation: 'DescribeRepositories',
      status: 400,
      fault: 'throttling',
      via: 'api',
    }),
    expect.objectContaining({ operation: 'DescribeRepositories', status: 200 }),
    expect.objectContaining({ service: 's3', operation: 'ListBuckets', status: 200 }),
  ]);
});

test('a fault that means nothing is refused with the reason', async () => {
  await expect(aws.fault({ service: 'ecr', operation: '*', kind: 'trotling' })).rejects.toThrow(
    'kind is none of throttling, internal-error',
  );
  await expect(aws.fault({ service: 'ecr', operation: '*', kind: 'reset', time: 1 })).rejects.toThrow(
    'unknown member time',
  );
});
