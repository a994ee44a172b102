import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type CreateTrainingJobRequest, connectTrainingJobs } from '../../../src/aws/training-jobs.js';

/** What the SDK finds in the environment. */
const VARIABLES = [
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_EC2_METADATA_DISABLED',
];
const before = VARIABLES.map((name) => [name, process.env[name]] as const);
let server: Server | undefined;

afterEach(async () => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  server?.closeAllConnections();
  await new Promise((done) => server?.close(done));
});

/** Answers every call with an ARN, and keeps what was sent. */
async function listen(): Promise<string[]> {
  const bodies: string[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString('utf8'));
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end('{"TrainingJobArn": "arn:aws:sagemaker:eu-west-1:123456789012:training-job/x"}');
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  return bodies;
}

describe('a training job that is created', () => {
  test('is asked for with every field, also with those that are newer than the SDK', async () => {
    const bodies = await listen();
    const request = {
      TrainingJobName: 'x',
      QuantumConfig: { Qubits: 3 },
      RetryStrategy: { MaximumRetryAttempts: 1, Newer: 'é' },
    };
    const jobs = await connectTrainingJobs({ region: 'eu-west-1', tags: new Map() }, 1);
    const arn = await jobs.create(
      request as unknown as CreateTrainingJobRequest,
      new AbortController().signal,
    );
    expect(arn).toMatch(/training-job\/x$/);
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([request]);
  });
});
