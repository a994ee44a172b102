import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeRepositoriesCommand, ECRClient, TagResourceCommand } from '@aws-sdk/client-ecr';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { UndeployPlan } from '../../../src/plan.js';
import { pinningTags } from '../../../src/stages/pinning-tags.js';
import { undeploy } from '../../../src/stages/undeploy.js';
import { SOURCE } from '../../unit/stages/train/plans.js';
import { runAction } from '../run-action.js';
import {
  allow,
  documented,
  emptyPlan,
  LiveEndpoints,
  stageContext,
  uncalled,
  wire,
} from './live-endpoints.js';
import { localAws, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** The stage undeploy with the real SDK, over HTTP, at local AWS. */
jest.setTimeout(240_000);

const PREFIX = `byoc-undeploy-${randomBytes(3).toString('hex')}`;
const OTHER = { ...SOURCE, repository: 'octo-org/other' };
const before = { ...process.env };

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let scaling: ApplicationAutoScalingClient;
let ecr: ECRClient;
let s3: S3Client;
let image: string;
let endpoints: LiveEndpoints;
let number = 0;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  scaling = new ApplicationAutoScalingClient(aws.client());
  ecr = new ECRClient(aws.client());
  s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  Object.assign(process.env, aws.env);
  image = (await pushTinyImage(aws, PREFIX)).uri;
  endpoints = new LiveEndpoints(aws, sagemaker, image);
});
afterEach(async () => {
  await aws.clearFaults();
  await allow(aws);
});
afterAll(() => {
  process.env = before;
  for (const client of [sagemaker, scaling, ecr, s3]) client.destroy();
});

/** An endpoint with a configuration before the live one. */
async function deployed(): Promise<string> {
  number += 1;
  const name = `${PREFIX}-${String(number).padStart(3, '0')}`;
  await endpoints.config(name);
  await endpoints.endpoint(name, await endpoints.config(name));
  await scaling.send(new RegisterScalableTargetCommand({ ...target(name), MinCapacity: 1, MaxCapacity: 2 }));
  return name;
}

const target = (name: string) =>
  ({
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${name}/variant/AllTraffic`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  }) as const;

const undeployWith = (endpointName: string, change: Partial<UndeployPlan> = {}) =>
  undeploy(
    stageContext(),
    {
      ...emptyPlan(aws),
      stages: ['undeploy'],
      undeploy: { endpointName, artifacts: false, dryRun: false, timeoutSeconds: 120, ...change },
    },
    { onKnown: () => {} },
  );

describe('an endpoint', () => {
  test('goes with all that was made for it, once, with no more than docs/permissions.md allows', async () => {
    const name = await deployed();
    const statements = documented('Undeploy');
    const calls = await aws.calls();
    await allow(aws, statements);
    const dry = await undeployWith(name, { dryRun: true });
    expect(dry.endpoint?.removed).toHaveLength(6);
    expect((await endpoints.left(name)).configs).toHaveLength(2);
    const result = await undeployWith(name);
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { status: 'Deleted', action: 'deleted' } });
    expect(result.notices).toBeUndefined();
    expect(result.endpoint?.removed.map(({ kind }) => kind)).toEqual([
      'endpoint',
      'scalable-target',
      'endpoint-config',
      'endpoint-config',
      'model',
      'model',
    ]);
    expect(await undeployWith(name)).toMatchObject({ outcome: 'passed', endpoint: { action: 'unchanged' } });
    expect(await uncalled(aws, statements, calls)).toEqual([]);
    await allow(aws);
    expect(await endpoints.left(name)).toEqual({ configs: [], models: [] });
    await expect(endpoints.describe(name)).rejects.toThrow('Could not find endpoint');
    const { ScalableTargets } = await scaling.send(
      new DescribeScalableTargetsCommand({
        ServiceNamespace: 'sagemaker',
        ResourceIds: [target(name).ResourceId],
      }),
    );
    expect(ScalableTargets).toEqual([]);
  });

  test('of another repository is refused, and nothing of it goes', async () => {
    number += 1;
    const name = `${PREFIX}-${String(number).padStart(3, '0')}`;
    await endpoints.endpoint(name, await endpoints.config(name, ['AllTraffic'], { source: OTHER }), OTHER);
    await expect(undeployWith(name)).rejects.toMatchObject({
      failure: { message: expect.stringContaining('was not made by this repository') },
    });
    expect((await endpoints.left(name)).configs).toHaveLength(1);
    expect(await endpoints.describe(name)).toMatchObject({ EndpointStatus: 'InService' });
  });

  test.each([
    ['a throttled deletion', { operation: 'DeleteEndpoint', kind: 'throttling', times: 4 }],
    ['a lost answer', { operation: 'DeleteEndpoint', kind: 'reset', executed: true, times: 1 }],
    ['an internal error', { operation: 'DeleteModel', kind: 'internal-error', times: 4 }],
  ])('goes in spite of %s', async (_, fault) => {
    const name = await deployed();
    await aws.fault({ service: 'sagemaker', ...fault });
    expect(await undeployWith(name)).toMatchObject({ outcome: 'passed', endpoint: { status: 'Deleted' } });
    expect(await endpoints.left(name)).toEqual({ configs: [], models: [] });
  });

  test('that is being created is waited for', async () => {
    number += 1;
    const name = `${PREFIX}-${String(number).padStart(3, '0')}`;
    const config = await endpoints.config(name);
    await aws.control('POST', 'sagemaker/endpoints', {
      endpoints: name,
      script: {},
      delays: { Creating: 3_000 },
    });
    const made = endpoints.endpoint(name, config).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await undeployWith(name)).toMatchObject({ outcome: 'passed', endpoint: { action: 'deleted' } });
    await Promise.race([made, new Promise((resolve) => setTimeout(resolve, 1_000))]);
  });
});

test('the repository of images goes when it was created by this action, and an artifact that nobody trained stays', async () => {
  const name = await deployed();
  const key = `${name}/model.tar.gz`;
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: 'model' }));
  const repository = `${PREFIX}-own`;
  const own = await pushTinyImage(aws, repository);
  await new LiveEndpoints(aws, sagemaker, own.uri).config(name, ['AllTraffic'], {
    modelData: `s3://${aws.bucket}/${key}`,
  });
  const statements = documented('Undeploy', 'delete-repository and delete-artifacts');
  await allow(aws, statements);
  const options = { repository, artifacts: true };
  const first = await undeployWith(name, options);
  expect(first.failure).toBeUndefined();
  expect(first.endpoint?.removed).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'object', result: 'kept' }),
      expect.objectContaining({
        kind: 'repository',
        result: 'kept',
        why: expect.stringContaining('did not create it'),
      }),
    ]),
  );
  await allow(aws);
  await s3.send(new HeadObjectCommand({ Bucket: aws.bucket, Key: key }));
  const { repositories: [found] = [] } = await ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [repository] }),
  );
  await ecr.send(
    new TagResourceCommand({ resourceArn: found?.repositoryArn, tags: wire(pinningTags(SOURCE)) }),
  );
  await allow(aws, statements);
  expect((await undeployWith(name, options)).endpoint?.removed).toMatchObject([
    { kind: 'repository', name: repository, result: 'removed' },
  ]);
  await allow(aws);
  await expect(
    ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] })),
  ).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
});

test('the action undeploys, and GitHub shows the deployment as inactive', async () => {
  const name = await deployed();
  const states: string[] = [];
  const github = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url = '', method } = request;
      if (method === 'POST') states.push(`${url} ${JSON.parse(Buffer.concat(chunks).toString()).state}`);
      const found = url.includes('/statuses') ? [] : [{ id: 7, payload: { endpoint: name } }];
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    });
  });
  await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
  try {
    const run = await runAction(
      {
        stages: 'undeploy',
        'aws-region': aws.region,
        'endpoint-name': name,
        'github-environment': 'production',
        'github-token': 'ghs_0123456789',
      },
      {
        env: {
          ...aws.env,
          GITHUB_REPOSITORY: SOURCE.repository,
          GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`,
        },
      },
    );
    expect([run.exitCode, run.outputs['outcome']]).toEqual([0, 'passed']);
    expect(run.report?.endpoint).toMatchObject({ name, action: 'deleted', status: 'Deleted' });
    expect(states).toEqual([`/repos/${SOURCE.repository}/deployments/7/statuses inactive`]);
    expect(await endpoints.left(name)).toEqual({ configs: [], models: [] });
  } finally {
    await new Promise((resolve) => github.close(resolve));
  }
});
