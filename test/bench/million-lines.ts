import { join } from 'node:path';
import { startLocalAws } from '../local-aws/local-aws.js';
import { createSageMaker } from '../local-aws/sagemaker/sagemaker.js';
import { type Printed, runMain, runProcess } from './follower-process.js';
import { LineCount } from './line-count.js';
import { LogServer } from './log-server.js';

const HOSTS = ['algo-1', 'algo-2', 'algo-3', 'algo-4'];

/** How a follower did with the lines of one job. */
export interface Reading {
  /** All, once, whole and in order: otherwise there is no reading but an error. */
  readonly lines: number;
  /** From its first request for lines to the last line that it printed. */
  readonly linesPerSecond: number;
  readonly peakBytes: number | undefined;
}

export interface LinesResult {
  readonly action: readonly Reading[];
  readonly sdk: readonly Reading[];
}

/**
 * The same job, with all its lines there, followed by the action and then by the SageMaker Python SDK.
 *
 * @param total lines of all hosts
 * @throws Error when a line is missing, there twice or out of order
 */
export async function millionLines(root: string, rounds: number, total: number): Promise<LinesResult> {
  const perHost = total / HOSTS.length;
  const logs = new LogServer({ hosts: HOSTS, perHost, from: Date.now() - total });
  const local = await startLocalAws({
    root,
    port: 0,
    registryPort: 0,
    region: 'us-east-1',
    account: '123456789012',
    createSageMaker,
    now: () => new Date(),
    log: () => {},
  });
  try {
    const { world } = local;
    const env = {
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: await logs.listen(),
      AWS_REGION: world.region,
      AWS_DEFAULT_REGION: world.region,
      AWS_ACCESS_KEY_ID: world.accessKeyId,
      AWS_SECRET_ACCESS_KEY: world.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    // No containers: the job runs for as long as the reading takes, and its lines are in the log server.
    await local.play({
      'sagemaker/training': [{ script: { lines: [], after: 10_000 }, log: { written: false } }],
    });
    const result = { action: [] as Reading[], sdk: [] as Reading[] };
    for (let round = 1; round <= rounds; round += 1) {
      const job = `bench-lines-${round}`;
      const inputs = {
        stages: 'train',
        'image-uri': `${world.account}.dkr.ecr.${world.region}.amazonaws.com/bench@sha256:${'ab'.repeat(32)}`,
        'execution-role-arn': local.executionRoleArn,
        'training-job-name': job,
        'instance-type': 'ml.m5.large',
        'instance-count': String(HOSTS.length),
        'output-path': `s3://${local.bucket}/bench`,
        'metric-definitions': 'loss=loss=([0-9.]+)',
      };
      logs.firstAsked = undefined;
      const printedByAction = await runMain(root, inputs, env);
      result.action.push(readingOf('The action', printedByAction, logs.firstAsked, perHost));
      logs.firstAsked = undefined;
      const { PATH, HOME } = process.env;
      const printedBySdk = await runProcess(
        join(root, '.tools/sagemaker-sdk/bin/python'),
        [join(import.meta.dirname, 'follow_jobs.py'), job],
        { PATH, HOME, ...env },
        root,
      );
      result.sdk.push(readingOf('The SageMaker Python SDK', printedBySdk, logs.firstAsked, perHost));
    }
    return result;
  } finally {
    await local.close();
    await logs.close();
  }
}

function readingOf(who: string, printed: Printed, firstAsked: number | undefined, perHost: number): Reading {
  const { chunks, exitCode, stderr, peakBytes } = printed;
  if (exitCode !== 0 || firstAsked === undefined) {
    const end = Buffer.concat(chunks.map(({ bytes }) => bytes)).toString();
    throw new Error(`${who} ended with ${exitCode}:\n${end.slice(-3000)}\n${stderr}`);
  }
  const count = new LineCount(HOSTS, perHost);
  let last = 0;
  try {
    for (const { at, bytes } of chunks) if (count.push(bytes.toString('latin1')) > 0) last = at;
    const lines = count.end();
    return { lines, linesPerSecond: lines / ((last - firstAsked) / 1000), peakBytes };
  } catch (error) {
    throw new Error(`${who} did not print the log: ${error instanceof Error ? error.message : error}`);
  }
}
