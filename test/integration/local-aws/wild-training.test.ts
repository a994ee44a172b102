import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  paginateDescribeLogStreams,
  paginateGetLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { filesBelow } from '../files-below.js';
import { leftovers } from '../leftovers.js';
import { removeImages } from '../remove-images.js';
import { type ActionRun, REPOSITORY, runAction } from '../run-action.js';
import { localAws, type SharedLocalAws } from './shared.js';

/**
 * The containers of `test/containers/wild` train as SageMaker jobs: built, pushed and trained by the action, from
 * action.yml and dist, on local AWS. What the smoke test says of them is in wild.test.ts.
 */
const WILD = join(REPOSITORY, 'test/containers/wild');
/** One repository for all: they share most of their layers. */
const PREFIX = `byoc-wild-${randomBytes(3).toString('hex')}`;

jest.setTimeout(300_000);

interface Clients {
  readonly aws: SharedLocalAws;
  readonly s3: S3Client;
  readonly logs: CloudWatchLogsClient;
}

/** Started by the first test that asks, and not in `beforeAll`: concurrent tests need not wait for that. */
const clients: () => Promise<Clients> = (() => {
  const start = async () => {
    const aws = await localAws();
    return { aws, s3: new S3Client(aws.client()), logs: new CloudWatchLogsClient(aws.client()) };
  };
  let started: Promise<Clients> | undefined;
  return () => {
    started ??= start();
    return started;
  };
})();

afterAll(async () => {
  const { s3, logs } = await clients();
  s3.destroy();
  logs.destroy();
  removeImages(`*/${PREFIX}`);
});

const docker = (...args: readonly string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();

/**
 * Builds, pushes and trains a container.
 *
 * @param name `<container>/<variant>`: its case.json says the context, the channels and what else it is given
 * @param job the job's name, of this file alone
 * @param more further inputs, in place of those of the case
 */
async function trainWild(
  name: string,
  job: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ActionRun> {
  const { aws } = await clients();
  const { inputs } = JSON.parse(readFileSync(join(WILD, name, 'case.json'), 'utf8')) as {
    inputs: Record<string, string>;
  };
  const { context = '', 'smoke-channels': samples = '', 'smoke-hyperparameters': parameters = '' } = inputs;
  const others = Object.entries(inputs).filter(([input]) => !input.startsWith('smoke-'));
  const channels = await Promise.all(
    samples.split('\n').map((line) => {
      const [channel = '', folder = ''] = line.split('=');
      return upload(channel, folder, `${PREFIX}/${job}`);
    }),
  );
  const run = await runAction(
    {
      ...Object.fromEntries(others),
      context,
      stages: 'build, push, train',
      repository: PREFIX,
      'create-repository': 'true',
      'execution-role-arn': aws.executionRoleArn,
      'training-job-name': job,
      channels: channels.join('\n'),
      'output-path': `s3://${aws.bucket}/${PREFIX}`,
      hyperparameters: parameters,
      ...more,
    },
    { env: aws.env },
  );
  if (run.report?.image) docker('image', 'rm', '--force', run.report.image.uri);
  expect(run.temporaryFiles).toEqual([]);
  expect(leftovers(run.runId)).toEqual([]);
  return run;
}

/** Puts a folder of samples into the bucket; gives the line of `channels` for it. */
async function upload(channel: string, folder: string, prefix: string): Promise<string> {
  const { aws, s3 } = await clients();
  const from = join(REPOSITORY, folder);
  await Promise.all(
    filesBelow(from).map((file) =>
      s3.send(
        new PutObjectCommand({
          Bucket: aws.bucket,
          Key: `${prefix}/${channel}/${file}`,
          Body: readFileSync(join(from, file)),
        }),
      ),
    ),
  );
  return `${channel}=s3://${aws.bucket}/${prefix}/${channel}`;
}

/** An object of S3. */
async function read(uri: string): Promise<Buffer> {
  const { s3 } = await clients();
  const { host: Bucket, pathname } = new URL(uri);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: pathname.slice(1) }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** Names of the files in a model.tar.gz in S3. */
async function filesInModel(uri: string): Promise<readonly string[]> {
  const list = execFileSync('tar', ['--list', '--gzip'], { input: await read(uri), encoding: 'utf8' });
  return list
    .split('\n')
    .filter((name) => name !== '' && !name.endsWith('/'))
    .map((name) => name.replace(/^\.\//, ''))
    .toSorted();
}

/** Lines of a job as CloudWatch Logs has them: host → one list for each start, in the order of the starts. */
async function linesOf(job: string): Promise<Readonly<Record<string, readonly (readonly string[])[]>>> {
  const { logs } = await clients();
  const group = { logGroupName: '/aws/sagemaker/TrainingJobs' };
  const lines: Record<string, string[][]> = {};
  const streams: string[] = [];
  for await (const page of paginateDescribeLogStreams(
    { client: logs },
    { ...group, logStreamNamePrefix: `${job}/` },
  )) {
    streams.push(...(page.logStreams ?? []).map(({ logStreamName = '' }) => logStreamName));
  }
  for (const logStreamName of streams.toSorted()) {
    const host = /\/(algo-\d+)-\d+$/.exec(logStreamName)?.[1] ?? logStreamName;
    const messages: string[] = [];
    for await (const page of paginateGetLogEvents(
      { client: logs, stopOnSameToken: true },
      { ...group, logStreamName, startFromHead: true },
    )) {
      messages.push(...(page.events ?? []).map(({ message = '' }) => message));
    }
    lines[host] = [...(lines[host] ?? []), messages];
  }
  return lines;
}

interface Case {
  readonly name: string;
  /** Inputs in place of those of its case.json. */
  readonly with?: Readonly<Record<string, string>>;
  /** Files in the model. */
  readonly model: readonly string[];
  /** Metrics that the platform has read from the log, each with the expression that finds it. */
  readonly metrics: Readonly<Record<string, RegExp>>;
}

const TOOLKIT = { 'toolkit-environment': 'true' };
// Those that need nothing, or only toolkit-environment, also as they are printed: `toolkit-arguments/same-image` is
// the printed one with it. The greatest image first: the others are done meanwhile.
const CASES: readonly Case[] = [
  {
    name: 'training-toolkit/repaired',
    with: { hyperparameters: 'epochs=3\nsmoothing=0.5' },
    model: ['counts.json'],
    metrics: { 'train:accuracy': /train_accuracy=([0-9.]+)/ },
  },
  {
    name: 'training-toolkit/printed',
    model: ['counts.json'],
    metrics: { 'train:accuracy': /train_accuracy=([0-9.]+)/ },
  },
  {
    name: 'decision-tree-flask/repaired',
    model: ['model.joblib'],
    metrics: { accuracy: /Training accuracy: ([0-9.]+)/ },
  },
  {
    name: 'decision-tree-flask/printed',
    with: TOOLKIT,
    model: ['model.joblib'],
    metrics: { accuracy: /Training accuracy: ([0-9.]+)/ },
  },
  {
    name: 'nginx-gunicorn-flask/repaired',
    with: { hyperparameters: 'steps=20000', 'metric-definitions': 'error=squared error ([0-9.]+)' },
    model: ['weights.json'],
    metrics: { error: /squared error ([0-9.]+)/ },
  },
  {
    name: 'nginx-gunicorn-flask/printed',
    with: { hyperparameters: 'steps=20000', 'metric-definitions': 'error=squared error ([0-9.]+)' },
    model: ['weights.json'],
    metrics: { error: /squared error ([0-9.]+)/ },
  },
  { name: 'training-only/printed', model: ['model.json'], metrics: { loss: /loss=([0-9.]+)/ } },
  { name: 'training-only/repaired', model: ['model.json'], metrics: { loss: /loss=([0-9.]+)/ } },
  {
    name: 'toolkit-arguments/same-image',
    model: ['model.json', 'model_info.json'],
    metrics: { 'train:loss': /train_loss: ([0-9.]+)/, 'test:accuracy': /test_accuracy: ([0-9.]+)/ },
  },
];

describe('a container found in the wild trains:', () => {
  test.concurrent.each(CASES)('$name', async ({ name, with: more, model, metrics }) => {
    const job = jobOf(name);
    const run = await trainWild(name, job, more);
    expect(seen(run)).toEqual({ exitCode: 0, outcome: 'passed', status: 'Completed', post: 0 });
    expect(run.outputs['image-uri']).toContain(`/${PREFIX}@sha256:`);
    expect(await filesInModel(run.outputs['model-artifacts'] ?? '')).toEqual(model);
    const lines = (await linesOf(job))['algo-1']?.flat() ?? [];
    const last = Object.entries(metrics).map(([metric, regex]) => {
      const line = lines.findLast((text) => regex.test(text)) ?? '';
      return [metric, expect.closeTo(Number(regex.exec(line)?.[1]), 4)];
    });
    expect(JSON.parse(run.outputs['metrics'] ?? '')).toEqual(Object.fromEntries(last));
  });
});

test.concurrent('two spot instances that are taken away: the job goes on from its checkpoint', async () => {
  const { aws } = await clients();
  const job = jobOf('spot');
  const LAST = 20;
  const checkpoints = `s3://${aws.bucket}/${PREFIX}/checkpoints`;
  await aws.control('POST', 'sagemaker/training', {
    jobs: job,
    // The program does not heed SIGTERM: it is in the middle of an epoch when its instance goes.
    ...{ interruptions: [{ afterLine: '[epoch 3]' }], stopGraceSeconds: 1 },
  });
  const run = await trainWild('toolkit-arguments/repaired', job, {
    ...{ 'instance-count': '2', spot: 'true', 'max-runtime': '10m', 'max-wait': '20m' },
    'checkpoint-path': checkpoints,
    hyperparameters: `epochs=${LAST}\nbatch-size=4\npause=0.3`,
  });
  expect(seen(run)).toEqual({ exitCode: 0, outcome: 'passed', status: 'Completed', post: 0 });
  expect(run.report?.job).toMatchObject({ spot: true, instanceCount: 2, joined: false });
  const story = run.report?.job?.transitions.map(({ status }) => status);
  expect(story).toEqual(expect.arrayContaining(['Training', 'Interrupted', 'Restarting', 'Completed']));
  expect(story?.filter((status) => status === 'Training')).toHaveLength(2);
  expect(run.report?.notices).toContain('The job lost its spot capacity once.');

  const { 'algo-1': first = [], 'algo-2': second = [], ...others } = await linesOf(job);
  expect(others).toEqual({});
  expect([first.length, second.length]).toEqual([2, 2]);
  const [before = [], after = []] = first;
  const reached = epochs(before).at(-1) ?? 0;
  expect(epochs(before)).toEqual(range(1, reached));
  expect(reached).toBeGreaterThanOrEqual(3);
  expect(reached).toBeLessThan(LAST);
  const resumed = Number(/^resuming after epoch (\d+)$/m.exec(after.join('\n'))?.[1]);
  // An epoch is told before it is saved.
  expect([reached - 1, reached]).toContain(resumed);
  expect(epochs(after)).toEqual(range(resumed + 1, LAST));
  // Nor did it only count on: what it had learned is there.
  expect(losses(after)[0]).toBeLessThan(losses(before)[0] ?? 0);
  expect(second[1]).toContain(`resuming after epoch ${resumed}`);
  expect(epochs(second[1] ?? [])).toEqual(range(resumed + 1, LAST));

  expect(JSON.parse(String(await read(`${checkpoints}/checkpoint.json`)))).toMatchObject({ epoch: LAST });
  expect(await filesInModel(run.outputs['model-artifacts'] ?? '')).toEqual(['model.json', 'model_info.json']);
  expect(JSON.parse(run.outputs['metrics'] ?? '')).toEqual({
    'train:loss': expect.any(Number),
    'test:accuracy': 1,
  });
});

describe('as printed, a container that reads what only the toolkit sets fails with the fix:', () => {
  test.concurrent.each([
    { name: 'toolkit-arguments/printed', variable: 'SM_MODEL_DIR' },
    { name: 'decision-tree-flask/printed', variable: 'SM_CHANNEL_TRAINING' },
  ])('$name', async ({ name, variable }) => {
    const job = jobOf(`${name}-fails`);
    const run = await trainWild(name, job);
    expect(seen(run)).toEqual({ exitCode: 1, outcome: 'failed', status: 'Failed', post: 0 });
    expect(run.outputs['model-artifacts']).toBe('');
    expect(run.report?.job?.failureReason).toBe('AlgorithmError: , exit code: 1');
    expect(run.outputs['failure-class']).toBe('toolkit-environment-missing');
    expect(run.report?.diagnosis).toMatchObject({
      class: 'toolkit-environment-missing',
      cause: expect.stringContaining(variable),
      fix: expect.stringContaining('`toolkit-environment: true`'),
      evidence: expect.stringContaining(`KeyError: '${variable}'`),
      location: { path: expect.stringContaining(`${name}/train`), line: expect.any(Number) },
    });
    expect(run.summary).toContain('toolkit-environment: true');
  });
});

const jobOf = (name: string) => `${PREFIX}-${name.replace('/', '-')}`;

const seen = ({ exitCode, outputs, post }: ActionRun) => ({
  exitCode,
  outcome: outputs['outcome'],
  status: outputs['training-job-status'],
  post: post?.exitCode,
});

/** Of all lines `[epoch 3] train_loss: 0.4724`, in order. */
const reports = (lines: readonly string[]) =>
  lines.flatMap((line) => {
    const [, epoch, loss] = /^\[epoch (\d+)\] train_loss: ([0-9.]+)$/.exec(line) ?? [];
    return epoch === undefined ? [] : { epoch: Number(epoch), loss: Number(loss) };
  });
const epochs = (lines: readonly string[]) => reports(lines).map(({ epoch }) => epoch);
const losses = (lines: readonly string[]) => reports(lines).map(({ loss }) => loss);
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
