import { readFileSync } from 'node:fs';
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { clientOptions } from '../../../src/aws/client-options.js';
import { parseRegistry } from '../../../src/inputs/registry.js';

/** The table between `<!-- hosts -->` in docs/troubleshooting.md. */
const [, table = ''] =
  /<!-- hosts -->([\s\S]*)<!-- \/hosts -->/.exec(readFileSync('docs/troubleshooting.md', 'utf8')) ?? [];
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );

const before = { ...process.env };
beforeEach(() => {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_DEFAULT_REGION']) delete process.env[name];
  process.env['AWS_CONFIG_FILE'] = '/dev/null';
});
afterEach(() => {
  process.env = { ...before };
});

/** Keeps each request's host, and lets none go. */
async function hostsCalled(region: string): Promise<readonly string[]> {
  const hosts: string[] = [];
  const options = {
    ...clientOptions({ region, tags: new Map() }),
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' },
    maxAttempts: 1,
    retryStrategy: undefined as never,
    requestHandler: {
      handle: ({ hostname }: { hostname: string }) => {
        hosts.push(hostname);
        return Promise.reject(Object.assign(new Error('kept'), { name: 'Kept' }));
      },
    } as never,
  };
  const calls = [
    new SageMakerClient(options).send(new DescribeTrainingJobCommand({ TrainingJobName: 'a' })),
    new SageMakerRuntimeClient(options).send(new InvokeEndpointCommand({ EndpointName: 'a', Body: '' })),
    new ECRClient(options).send(new GetAuthorizationTokenCommand({})),
    new CloudWatchLogsClient(options).send(new DescribeLogStreamsCommand({ logGroupName: 'a' })),
    new S3Client({ ...options, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'kept' } });
  }
  return hosts;
}

test('the table has hosts with FIPS and without, and of another partition', () => {
  expect(rows.map(([region, fips]) => [region, fips])).toEqual([
    ['us-east-1', ''],
    ['us-east-1', 'true'],
    ['us-gov-west-1', 'true'],
    ['cn-north-1', ''],
  ]);
});

test.each(rows.map((row) => [row[0] ?? '', row[1] ?? '', row.slice(2)] as const))(
  'in %s, AWS_USE_FIPS_ENDPOINT=%s: the hosts are those of the page',
  async (region, fips, expected) => {
    process.env['AWS_USE_FIPS_ENDPOINT'] = fips || 'false';
    expect([...(await hostsCalled(region))].sort()).toEqual([...expected].sort());
  },
);

test.each([
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
])('the registry %s is one of ECR', (host, region) => {
  expect(parseRegistry(host)).toEqual({ account: '123456789012', region });
});
