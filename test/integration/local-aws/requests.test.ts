import {
  CreateTrainingJobCommand,
  type CreateTrainingJobRequest,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { localAws, type SharedLocalAws } from './shared.js';

jest.setTimeout(200_000);

let aws: SharedLocalAws;
beforeAll(async () => {
  aws = await localAws();
});

const SIGNED = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=${aws.accessKeyId}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0f'.repeat(32)}`;

async function post(
  target: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly type: string | null; readonly body: unknown }> {
  const response = await fetch(aws.endpoint, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      'x-amz-date': '20260101T000000Z',
      ...headers,
    },
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

describe('a signature', () => {
  test('must be there', async () => {
    expect(await post('SageMaker.ListTrainingJobs', '{}', {})).toEqual({
      status: 400,
      type: 'application/x-amz-json-1.1',
      body: {
        __type: 'MissingAuthenticationTokenException',
        message: 'Request is missing Authentication Token',
      },
    });
    const s3 = await fetch(`${aws.endpoint}/${aws.bucket}/key`);
    expect([s3.status, await s3.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    const query = await fetch(aws.endpoint, {
      method: 'POST',
      body: new URLSearchParams({ Action: 'ListRoles' }),
    });
    expect([query.status, await query.text()]).toEqual([
      403,
      expect.stringContaining('<Code>MissingAuthenticationToken</Code>'),
    ]);
  });

  test.each([
    ['Bearer abc', "Unsupported AWS 'algorithm': 'Bearer'"],
    ['AWS4-HMAC-SHA256 Credential=a/b', "requires 'Signature' parameter"],
    [
      `AWS4-HMAC-SHA256 Credential=AKIA/sagemaker, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'Credential must have exactly 5 slash-delimited elements',
    ],
  ])('must be well formed: %s', async (authorization, message) => {
    expect(await post('SageMaker.ListTrainingJobs', '{}', { authorization })).toMatchObject({
      status: 400,
      body: { __type: 'IncompleteSignatureException', message: expect.stringContaining(message) },
    });
  });

  test('decides which service a request is for', async () => {
    expect(
      await post('AmazonEC2ContainerRegistry_V20150921.DescribeRepositories', '{}', {
        authorization: SIGNED('ecr'),
      }),
    ).toMatchObject({ status: 200, body: { repositories: expect.any(Array) } });
    expect(await post('SageMaker.NoSuchThing', '{}', { authorization: SIGNED('sagemaker') })).toMatchObject({
      status: 400,
      body: { __type: 'UnknownOperationException' },
    });
  });
});

describe("a request is checked against AWS's model", () => {
  const valid = (): CreateTrainingJobRequest => ({
    TrainingJobName: 'a-name',
    RoleArn: aws.executionRoleArn,
    AlgorithmSpecification: { TrainingImage: 'image', TrainingInputMode: 'File' },
    OutputDataConfig: { S3OutputPath: `s3://${aws.bucket}/out` },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
    StoppingCondition: { MaxRuntimeInSeconds: 60 },
  });

  const messageOf = async (changes: unknown): Promise<string> => {
    const request = { ...valid(), ...(changes as Partial<CreateTrainingJobRequest>) };
    const error = await new SageMakerClient(aws.client()).send(new CreateTrainingJobCommand(request)).then(
      () => new Error('it was accepted'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    return error.message;
  };
  const one = '1 validation error detected: Value';
  const rule = 'failed to satisfy constraint:';

  test('a required member', async () => {
    expect(await messageOf({ RoleArn: undefined })).toBe(
      `${one} null at 'roleArn' ${rule} Member must not be null`,
    );
  });

  test('a pattern and a length, both told', async () => {
    const name = `${'x'.repeat(63)}_`;
    expect(await messageOf({ TrainingJobName: name })).toMatch(
      new RegExp(
        `^2 validation errors detected: Value '${name}' at 'trainingJobName' ${rule} Member must have length less than or equal to 63; Value '${name}' at 'trainingJobName' ${rule} Member must satisfy regular expression pattern: `,
      ),
    );
  });

  test('an enum, a range and a member in a list', async () => {
    const resources = valid().ResourceConfig;
    expect(await messageOf({ ResourceConfig: { ...resources, InstanceType: 'ml.t2.medium' } })).toMatch(
      new RegExp(
        `^${one} 'ml\\.t2\\.medium' at 'resourceConfig\\.instanceType' ${rule} Member must satisfy enum value set: \\[.*ml\\.m5\\.large`,
      ),
    );
    expect(await messageOf({ StoppingCondition: { MaxRuntimeInSeconds: 0 } })).toBe(
      `${one} '0' at 'stoppingCondition.maxRuntimeInSeconds' ${rule} Member must have value greater than or equal to 1`,
    );
    expect(await messageOf({ InputDataConfig: [{ ChannelName: 'not/a/name', DataSource: {} }] })).toContain(
      `${one} 'not/a/name' at 'inputDataConfig.1.member.channelName' ${rule}`,
    );
  });

  test('the values of a map, and the members of a list of texts', async () => {
    expect(await messageOf({ HyperParameters: { key: 'x'.repeat(2501) } })).toContain(
      `at 'hyperParameters' ${rule} Map value must satisfy constraint: [Member must have length less than or equal to 2500, `,
    );
    expect(await messageOf({ VpcConfig: { SecurityGroupIds: ['sg one'], Subnets: ['subnet-1'] } })).toContain(
      `${one} '[sg one]' at 'vpcConfig.securityGroupIds' ${rule} Member must satisfy constraint: [`,
    );
  });

  test('a wrong type is a serialization error', async () => {
    const target = 'SageMaker.DescribeTrainingJob';
    expect(
      await post(target, '{"TrainingJobName": 3}', { authorization: SIGNED('sagemaker') }),
    ).toMatchObject({
      status: 400,
      body: { __type: 'SerializationException', message: 'NUMBER_VALUE can not be converted to a String' },
    });
    expect(await post(target, '{"Training', { authorization: SIGNED('sagemaker') })).toMatchObject({
      status: 400,
      body: { __type: 'SerializationException' },
    });
  });
});
