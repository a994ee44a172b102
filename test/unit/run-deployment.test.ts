import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { run } from '../../src/run.js';
import { createLog } from '../../src/runner/job-log.js';
import { JsonServer, refusal } from './aws/json-server.js';
import { runnerFile } from './runner/runner-files.js';
import { temporaryFolder } from './runner/temporary-folder.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/7';
const INPUTS = {
  stages: 'deploy',
  'aws-region': 'eu-west-1',
  'model-package': ARN,
  'endpoint-name': 'churn',
  'endpoint-instance-type': 'ml.m5.large',
  'execution-role-arn': 'arn:aws:iam::123456789012:role/serving',
};

let aws: JsonServer;
let folder: string;
let output: string;
const write = process.stdout.write;

beforeEach(async () => {
  aws = new JsonServer();
  await aws.open();
  folder = temporaryFolder();
  for (const name of ['temp', 'workspace']) mkdirSync(join(folder, name));
  output = '';
  process.stdout.write = ((text: string) => {
    output += text;
    return true;
  }) as typeof process.stdout.write;
});
afterEach(async () => {
  process.stdout.write = write;
  await aws.close();
});

test('a deployment that cleaning up has taken back is told as such, and nothing is left for post', async () => {
  const signals = new EventEmitter();
  const files = { outputs: runnerFile('GITHUB_OUTPUT'), state: runnerFile('GITHUB_STATE') };
  let created: Readonly<Record<string, unknown>> | undefined;
  let looks = 0;
  const arnOf = (kind: string) => `arn:aws:sagemaker:eu-west-1:123456789012:${kind}/churn`;
  const missing = (what: string) => refusal('ValidationException', `Could not find ${what}.`);
  aws.answer = ({ operation, body }) => {
    switch (operation) {
      case 'DescribeModelPackage':
        return {
          body: {
            ModelPackageArn: ARN,
            ModelPackageStatus: 'Completed',
            ModelApprovalStatus: 'Approved',
            InferenceSpecification: {
              Containers: [
                { Image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn@sha256:${'ab'.repeat(32)}` },
              ],
            },
          },
        };
      case 'CreateModel':
        return { body: { ModelArn: arnOf('model') } };
      case 'CreateEndpointConfig':
        return { body: { EndpointConfigArn: arnOf('endpoint-config') } };
      case 'CreateEndpoint':
        created = body;
        signals.emit('SIGINT');
        return { body: { EndpointArn: arnOf('endpoint') } };
      case 'DescribeEndpoint':
        if (created === undefined) return missing('endpoint');
        looks += 1;
        // The stage itself is refused, and has no time to wait; cleaning up asks again.
        if (looks === 1) return refusal('AccessDeniedException', 'Not now.');
        return {
          body: {
            EndpointName: 'churn',
            EndpointArn: arnOf('endpoint'),
            EndpointStatus: 'InService',
            EndpointConfigName: created['EndpointConfigName'],
            CreationTime: 1_700_000_000,
            LastModifiedTime: 1_700_000_000,
          },
        };
      case 'ListTags':
        return { body: { Tags: created?.['Tags'] ?? [] } };
      case 'DescribeModel':
      case 'DescribeEndpointConfig':
        return missing(operation);
      default:
        return { body: {} };
    }
  };
  const inputs = Object.entries(INPUTS).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const code = await run({
    env: {
      ...process.env,
      ...Object.fromEntries(inputs),
      PATH: '/nowhere',
      GITHUB_WORKSPACE: join(folder, 'workspace'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      RUNNER_TEMP: join(folder, 'temp'),
    },
    log: createLog({ write: (text) => process.stdout.write(text), token: () => 'token', now: () => 0 }),
    randomHex: (bytes) => 'ab'.repeat(bytes),
    now: () => new Date(1_700_000_000_000),
    sleep: () => new Promise(() => {}),
    signals,
    platform: 'linux',
  });
  expect(code).toBe(1);
  expect(output).toContain('could not be taken back yet');
  expect(aws.calls.map(({ operation }) => operation)).toContain('DeleteEndpoint');
  expect(files.state.values()['deployment']).toBe('');
  expect(files.outputs.values()['outcome']).toBe('canceled');
  expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain('the endpoint is being deleted');
});
