import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { isExpected } from '../../../src/contract/expectation.js';
import { filesBelow } from '../files-below.js';
import { leftovers } from '../leftovers.js';
import { removeImages } from '../remove-images.js';
import { REPOSITORY, runAction } from '../run-action.js';
import { localAws, type SharedLocalAws } from './shared.js';

/**
 * The containers that serve go the whole way through the action, from action.yml and dist, on local AWS: built, pushed,
 * trained, deployed, and proven by the samples of their smoke test. Then a client asks them.
 */
jest.setTimeout(300_000);

/** One repository for all: they share most of their layers. */
const PREFIX = `byoc-serving-${randomBytes(3).toString('hex')}`;

let aws: SharedLocalAws;
let s3: S3Client;
let sagemaker: SageMakerClient;
let runtime: SageMakerRuntimeClient;

beforeAll(async () => {
  aws = await localAws();
  s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  sagemaker = new SageMakerClient(aws.client());
  runtime = new SageMakerRuntimeClient(aws.client());
});
afterAll(() => {
  for (const client of [s3, sagemaker, runtime]) client.destroy();
  removeImages(`*/${PREFIX}`);
});

const docker = (...args: readonly string[]): string =>
  execFileSync('docker', args, { encoding: 'utf8' }).trim();

interface Case {
  readonly context: string;
  readonly channel: string;
  readonly data: string;
  readonly hyperparameters?: string;
  readonly payload: string;
  readonly accept: string;
  readonly expected: string;
}

const WILD = 'test/containers/wild';
const NGINX = {
  channel: 'training',
  data: `${WILD}/nginx-gunicorn-flask/sample/training`,
  hyperparameters: 'steps=100000',
  payload: `${WILD}/nginx-gunicorn-flask/sample/request.csv`,
  accept: 'text/csv',
  expected: '42.9',
};
const CASES: readonly Case[] = [
  {
    context: 'container',
    channel: 'train',
    data: 'container/sample/train',
    payload: 'container/sample/payload.json',
    accept: 'application/json',
    expected: readFileSync(join(REPOSITORY, 'container/sample/expected.json'), 'utf8'),
  },
  {
    context: 'test/containers/good',
    channel: 'train',
    data: 'test/containers/good/sample',
    payload: 'test/containers/good/request.csv',
    accept: 'application/json',
    expected: '{"predictions": [7.0, 21.0]}',
  },
  {
    context: `${WILD}/decision-tree-flask/repaired`,
    channel: 'training',
    data: 'container/sample/train',
    payload: `${WILD}/decision-tree-flask/sample/request.json`,
    accept: 'application/json',
    expected: '{"predictions": ["setosa", "virginica"]}',
  },
  { context: `${WILD}/nginx-gunicorn-flask/repaired`, ...NGINX },
  // As it was found: what is wrong with it is wrong with its training only.
  { context: `${WILD}/nginx-gunicorn-flask/printed`, ...NGINX },
];

test.each(CASES)('$context deploys and answers', async (one) => {
  const { context, channel, data, payload, accept, expected, hyperparameters = '' } = one;
  const name = `${PREFIX}-${CASES.indexOf(one)}`;
  const from = join(REPOSITORY, data);
  for (const file of filesBelow(from)) {
    const Body = readFileSync(join(from, file));
    await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: `${name}/data/${file}`, Body }));
  }
  const run = await runAction(
    {
      context,
      stages: 'build, push, train, deploy',
      repository: PREFIX,
      'create-repository': 'true',
      'execution-role-arn': aws.executionRoleArn,
      'training-job-name': name,
      channels: `${channel}=s3://${aws.bucket}/${name}/data`,
      'output-path': `s3://${aws.bucket}/${name}`,
      hyperparameters,
      'endpoint-name': name,
      'endpoint-instance-type': 'ml.m5.large',
      'smoke-payload': payload,
      'smoke-accept': accept,
      'smoke-expect': expected,
    },
    { env: aws.env },
  );
  if (run.report?.image) docker('image', 'rm', '--force', run.report.image.uri);
  expect(run.outputs).toMatchObject({
    outcome: 'passed',
    'failure-reason': '',
    'endpoint-status': 'InService',
    'endpoint-action': 'created',
  });
  expect(run.report?.endpoint).toMatchObject({
    proof: { passed: true, samples: [{ name: basename(payload), passed: true }] },
    variants: [{ image: run.outputs['image-uri'], modelArtifacts: run.outputs['model-artifacts'] }],
  });
  expect(run.summary).toMatch(/^## ✅ The model is live and answers: the endpoint was created\n/);
  expect({ post: run.post?.exitCode, files: run.temporaryFiles, left: leftovers(run.runId) }).toEqual({
    post: 0,
    files: [],
    left: [],
  });

  const { Body, ContentType } = await runtime.send(
    new InvokeEndpointCommand({
      EndpointName: name,
      Body: readFileSync(join(REPOSITORY, payload)),
      ContentType: payload.endsWith('.json') ? 'application/json' : 'text/csv',
      Accept: accept,
    }),
  );
  const answer = Buffer.from(Body ?? []).toString('utf8');
  expect([ContentType, answer, isExpected(answer, expected)]).toEqual([
    expect.stringContaining(accept),
    answer,
    true,
  ]);
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
});
