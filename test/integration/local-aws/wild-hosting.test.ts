import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { isExpected } from '../../../src/contract/expectation.js';
import { filesBelow } from '../files-below.js';
import { localAws, PYTHON, ROOT, type SharedLocalAws } from './shared.js';

/** The containers that serve, of this repository and of the wild: trained, deployed and asked on local AWS. */
jest.setTimeout(300_000);

const PREFIX = `wild-hosting-${randomBytes(3).toString('hex')}`;

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let runtime: SageMakerRuntimeClient;
const built: string[] = [];

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  runtime = new SageMakerRuntimeClient(aws.client());
});
afterAll(() => {
  sagemaker.destroy();
  runtime.destroy();
  execFileSync('docker', ['rmi', '--force', ...built], { stdio: 'ignore' });
});

async function python(file: string, args: readonly string[], input = ''): Promise<string> {
  const running = promisify(execFile)(PYTHON, [join(__dirname, file), ...args], {
    env: { PATH: process.env['PATH'], HOME: tmpdir(), ...aws.env },
    maxBuffer: 64 * 1024 * 1024,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** @returns the URI in ECR */
async function push(context: string, name: string): Promise<string> {
  built.push(name);
  execFileSync('docker', ['build', '--quiet', '--tag', name, join(ROOT, context)]);
  const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
  const uri = (await python('push_image.py', [name, name, config])).trim();
  rmSync(config, { recursive: true, force: true });
  return uri;
}

/** @returns the URI of model.tar.gz */
async function train(image: string, name: string, channel: string, folder: string, parameters: object) {
  const from = join(ROOT, folder);
  const objects = Object.fromEntries(
    filesBelow(from).map((file) => [`data-${name}/${file}`, readFileSync(join(from, file), 'latin1')]),
  );
  const request = {
    TrainingJobName: name,
    RoleArn: aws.executionRoleArn,
    AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File' },
    HyperParameters: parameters,
    InputDataConfig: [
      {
        ChannelName: channel,
        DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${aws.bucket}/data-${name}/` } },
      },
    ],
    OutputDataConfig: { S3OutputPath: `s3://${aws.bucket}/` },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
  };
  const seen = JSON.parse(
    await python('run_job.py', [], JSON.stringify({ request, objects, bucket: aws.bucket })),
  );
  expect(seen.job).toMatchObject({ TrainingJobStatus: 'Completed' });
  return seen.job.ModelArtifacts.S3ModelArtifacts as string;
}

test.each([
  {
    context: 'container',
    channel: 'train',
    data: 'container/sample/train',
    payload: 'container/sample/payload.json',
    expected: readFileSync(join(ROOT, 'container/sample/expected.json'), 'utf8'),
  },
  {
    context: 'test/containers/good',
    channel: 'train',
    data: 'test/containers/good/sample',
    payload: 'test/containers/good/request.csv',
    expected: '{"predictions": [7.0, 21.0]}',
  },
  {
    context: 'test/containers/wild/decision-tree-flask/repaired',
    channel: 'training',
    data: 'container/sample/train',
    payload: 'test/containers/wild/decision-tree-flask/sample/request.json',
    expected: '{"predictions": ["setosa", "virginica"]}',
  },
  {
    context: 'test/containers/wild/nginx-gunicorn-flask/repaired',
    channel: 'training',
    data: 'test/containers/wild/nginx-gunicorn-flask/sample/training',
    payload: 'test/containers/wild/nginx-gunicorn-flask/sample/request.csv',
    expected: '42.9',
    parameters: { steps: '100000' },
  },
])('$context', async ({ context, channel, data, payload, expected, parameters = {} }) => {
  const name = `${PREFIX}-${built.length + 1}`;
  const image = await push(context, name);
  const ModelDataUrl = await train(image, name, channel, data, parameters);
  await sagemaker.send(
    new CreateModelCommand({
      ModelName: name,
      ExecutionRoleArn: aws.executionRoleArn,
      PrimaryContainer: { Image: image, ModelDataUrl },
    }),
  );
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [
        { VariantName: 'AllTraffic', ModelName: name, InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
      ],
    }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
  const describe = () => sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
  while ((await describe()).EndpointStatus === 'Creating') await sleep(200);
  const { EndpointStatus, FailureReason } = await describe();
  expect([EndpointStatus, FailureReason]).toEqual(['InService', undefined]);
  const { Body } = await runtime.send(
    new InvokeEndpointCommand({
      EndpointName: name,
      Body: readFileSync(join(ROOT, payload)),
      ContentType: payload.endsWith('.json') ? 'application/json' : 'text/csv',
    }),
  );
  const text = Buffer.from(Body ?? []).toString('utf8');
  expect([text, isExpected(text, expected)]).toEqual([text, true]);
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
});
