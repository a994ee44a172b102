import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { RUN_LABEL } from '../../../src/docker/leftovers.js';
import { AWS_CLI, localAws, PYTHON, ROOT, type SharedLocalAws } from './shared.js';

jest.setTimeout(300_000);

const SDK_PYTHON = join(ROOT, '.tools', 'sagemaker-sdk', 'bin', 'python');
const PREFIX = `byoc-training-${randomBytes(3).toString('hex')}`;
const REFERENCE = `${PREFIX}:1`;

let aws: SharedLocalAws;
let image: string;

beforeAll(async () => {
  aws = await localAws();
  execFileSync('docker', ['build', '--quiet', '--tag', REFERENCE, join(ROOT, 'container')]);
  const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
  image = (await python(PYTHON, 'push_image.py', [REFERENCE, PREFIX, config])).stdout.trim();
  rmSync(config, { recursive: true, force: true });
});
afterAll(() => {
  execFileSync('docker', ['rmi', '--force', REFERENCE], { stdio: 'ignore' });
});

async function python(program: string, file: string, args: readonly string[] = [], input = '') {
  const child = promisify(execFile)(program, [join(__dirname, file), ...args], {
    env: { PATH: process.env['PATH'], HOME: tmpdir(), ...aws.env },
    maxBuffer: 64 * 1024 * 1024,
  });
  child.child.stdin?.end(input);
  return child;
}

interface Seen {
  readonly error?: { readonly Code: string; readonly Message: string };
  readonly job: {
    readonly TrainingJobStatus: string;
    readonly SecondaryStatus: string;
    readonly FailureReason?: string;
    readonly SecondaryStatusTransitions: readonly { readonly Status: string }[];
    readonly FinalMetricDataList?: readonly { readonly MetricName: string; readonly Value: number }[];
    readonly ModelArtifacts?: { readonly S3ModelArtifacts: string };
    readonly TrainingTimeInSeconds: number;
  };
  /** By stream, without the job's name. */
  readonly streams: Readonly<Record<string, readonly string[]>>;
  /** What lies below `<job>/` in the bucket: text, or the files of an archive. */
  readonly objects: Readonly<Record<string, unknown>>;
}

interface Task {
  readonly request?: Readonly<Record<string, unknown>>;
  readonly objects?: Readonly<Record<string, string>>;
  readonly stop_on?: string;
  /** The program: Python code that takes the place of the image's own. */
  readonly code?: string;
}

let number = 0;
function newName(): string {
  number += 1;
  return `${PREFIX}-${number}`;
}

/**
 * Any code as the program: a container argument holds 256 characters, a hyperparameter 2500, and neither a line's
 * end.
 */
const EXEC =
  "import base64,json;exec(base64.b64decode(json.load(open('/opt/ml/input/config/hyperparameters.json'))['code']))";
const encode = (code: string) => ({ code: Buffer.from(code).toString('base64') });

async function train({ request = {}, code, ...task }: Task, name = newName()): Promise<Seen> {
  const {
    AlgorithmSpecification: algorithm = {},
    HyperParameters = {},
    ...more
  } = request as {
    AlgorithmSpecification?: object;
    HyperParameters?: object;
  };
  const full = {
    TrainingJobName: name,
    RoleArn: aws.executionRoleArn,
    AlgorithmSpecification: {
      TrainingImage: image,
      TrainingInputMode: 'File',
      ...(code !== undefined && { ContainerEntrypoint: ['python', '-u', '-c', EXEC] }),
      ...algorithm,
    },
    HyperParameters: { ...(code !== undefined && encode(code)), ...HyperParameters },
    OutputDataConfig: { S3OutputPath: `s3://${aws.bucket}/` },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
    ...more,
  };
  const { stdout } = await python(
    PYTHON,
    'run_job.py',
    [],
    JSON.stringify({ request: full, bucket: aws.bucket, ...task }),
  );
  return JSON.parse(stdout) as Seen;
}

const channel = (
  name: string,
  key: string,
  more: Readonly<Record<string, unknown>> = {},
  source: object = {},
) => ({
  ChannelName: name,
  DataSource: {
    S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${aws.bucket}/${key}`, ...source },
  },
  ...more,
});
const story = ({ job }: Seen) => job.SecondaryStatusTransitions.map(({ Status }) => Status);
/** The lines of the only stream of a host. */
const linesOf = ({ streams }: Seen, host = 'algo-1') =>
  Object.entries(streams).find(([name]) => name.startsWith(`${host}-`))?.[1];

describe('The reference container', () => {
  const iris = readFileSync(join(ROOT, 'container/sample/train/iris.csv'), 'latin1');

  test('trains: data from S3, log lines in order, metrics, and a model that is in S3', async () => {
    const seen = await train({
      objects: { 'iris/a.csv': iris },
      request: {
        HyperParameters: { rounds: '5' },
        InputDataConfig: [channel('train', 'iris/')],
        AlgorithmSpecification: { MetricDefinitions: [{ Name: 'loss', Regex: 'train_loss: ([0-9.]+)' }] },
      },
    });
    expect(seen.job).toMatchObject({ TrainingJobStatus: 'Completed', SecondaryStatus: 'Completed' });
    expect(story(seen)).toEqual(['Starting', 'Downloading', 'Training', 'Uploading', 'Completed']);
    expect(Object.keys(seen.streams)).toEqual([expect.stringMatching(/^algo-1-\d{10}$/)]);
    const lines = linesOf(seen) ?? [];
    expect(lines.map((line) => /^\[round (\d)\]/.exec(line)?.[1])).toEqual([
      undefined,
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    const last = Number(/train_loss: ([0-9.]+)/.exec(lines.at(-1) ?? '')?.[1]);
    expect(seen.job.FinalMetricDataList).toEqual([
      expect.objectContaining({ MetricName: 'loss', Value: expect.closeTo(last, 4) }),
    ]);
    expect(Object.keys(seen.objects)).toEqual(['output/model.tar.gz']);
    const model = seen.objects['output/model.tar.gz'] as Record<string, string>;
    expect(Object.keys(model).sort()).toEqual(['model.joblib', 'model_info.json']);
    expect(JSON.parse(model['model_info.json'] ?? '')).toMatchObject({ rounds: 5 });
  });

  test('fails on a bad hyperparameter with its own words', async () => {
    const seen = await train({
      objects: { 'iris/a.csv': iris },
      request: { HyperParameters: { epochs: '5' }, InputDataConfig: [channel('train', 'iris/')] },
    });
    expect(seen.job).toMatchObject({ TrainingJobStatus: 'Failed', SecondaryStatus: 'Failed' });
    expect(seen.job.FailureReason).toMatch(
      /^AlgorithmError: ValueError: unknown hyperparameters: epochs; known: [\s\S]*, exit code: 1$/,
    );
    expect(seen.job.ModelArtifacts).toBeUndefined();
    expect(linesOf(seen)?.join('\n')).toContain('Traceback (most recent call last)');
  });

  test('trains with the SageMaker Python SDK, which streams its log', async () => {
    const { stdout } = await python(SDK_PYTHON, 'fit.py', [
      image,
      aws.executionRoleArn,
      aws.bucket,
      join(ROOT, 'container/sample/train'),
    ]);
    expect(stdout).toContain('[round 7] train_loss');
    expect(stdout).toContain('Training seconds: ');
    const job = /^JOB (.*)$/m.exec(stdout)?.[1];
    expect(/^ARTIFACT (.*)$/m.exec(stdout)?.[1]).toBe(`s3://${aws.bucket}/fitted/${job}/output/model.tar.gz`);
  });
});

describe('A program that fails', () => {
  test('without a failure file has nothing but its exit code in the reason', async () => {
    const seen = await train({ code: 'print("so long"); exit(3)' });
    expect(seen.job.FailureReason).toBe('AlgorithmError: , exit code: 3');
    expect(linesOf(seen)).toEqual(['so long']);
    expect(story(seen)).toEqual(['Starting', 'Downloading', 'Training', 'Uploading', 'Failed']);
  });

  test('on one of two hosts ends the job, though the other would wait for ever', async () => {
    const seen = await train({
      request: { ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 2, VolumeSizeInGB: 10 } },
      code: `import json, time
if json.load(open('/opt/ml/input/config/resourceconfig.json'))['current_host'] == 'algo-2':
    open('/opt/ml/output/failure', 'w').write('lost my peer')
    exit(7)
time.sleep(600)`,
    });
    expect(seen.job.FailureReason).toBe('AlgorithmError: lost my peer, exit code: 7');
  });

  test('because there is no such program fails as the platform words it', async () => {
    const seen = await train({
      request: { AlgorithmSpecification: { ContainerEntrypoint: ['no-such-program'] } },
    });
    expect(seen.job.FailureReason).toMatch(
      /^ClientError: Artifact upload failed:API error \(400\): OCI runtime create failed: .*exec: "no-such-program": executable file not found in \$PATH/,
    );
    expect(seen.streams).toEqual({});
  });
});

test('An image that the registry does not have fails the job, one that was never named so the request', async () => {
  const missing = await train({
    request: { AlgorithmSpecification: { TrainingImage: image.replace(/:1$/, ':2') } },
  });
  expect(missing.job.FailureReason).toBe(
    'ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect.',
  );
  const wrong = await train({
    request: { AlgorithmSpecification: { TrainingImage: image.replace(/:1$/, '') } },
  });
  expect(wrong.error).toMatchObject({
    Code: 'ValidationException',
    Message: expect.stringContaining('is invalid'),
  });
});

test('The container has the platform’s environment: the job’s name and ARN, the request’s own, and no credentials', async () => {
  const name = newName();
  const seen = await train(
    {
      request: { Environment: { MODE: 'fast' } },
      code: 'import os\nfor k in sorted(os.environ): print(k, os.environ[k])',
    },
    name,
  );
  const lines = linesOf(seen) ?? [];
  expect(lines).toContain(`TRAINING_JOB_NAME ${name}`);
  expect(lines).toContain(
    `TRAINING_JOB_ARN arn:aws:sagemaker:${aws.region}:123456789012:training-job/${name}`,
  );
  expect(lines).toContain('MODE fast');
  expect(lines.filter((line) => /^(SM_|AWS_(?!REGION))/.test(line))).toEqual([]);
});

describe('A job that is stopped', () => {
  const PATIENT = `import signal, sys, time
def save(*_):
    open('/opt/ml/model/half', 'w').write('half')
    print('saved')
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print('waiting')
time.sleep(600)`;

  test('gets SIGTERM, and what it saves then is kept', async () => {
    const name = newName();
    const seen = await train({ code: PATIENT, stop_on: 'waiting' }, name);
    expect(seen.job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
    expect(story(seen)).toEqual(['Starting', 'Downloading', 'Training', 'Stopping', 'Uploading', 'Stopped']);
    expect(linesOf(seen)).toEqual(['waiting', 'saved']);
    expect(seen.objects).toEqual({ 'output/model.tar.gz': { half: 'half' } });
    // And the name is used up.
    const again = await train({ code: PATIENT }, name);
    expect(again.error?.Code).toBe('ResourceInUse');
  });

  test('by its time limit ends as MaxRuntimeExceeded', async () => {
    const seen = await train({ code: PATIENT, request: { StoppingCondition: { MaxRuntimeInSeconds: 2 } } });
    expect(seen.job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
    expect(seen.job.FailureReason).toBeUndefined();
    expect(linesOf(seen)).toEqual(['waiting', 'saved']);
  });

  test('and does not listen is killed when its grace is over', async () => {
    const name = newName();
    await aws.control('POST', 'sagemaker/training', { jobs: name, stopGraceSeconds: 1 });
    const deaf =
      'import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: print("no"))\nprint("deaf")\nwhile True: time.sleep(9)';
    const seen = await train({ code: deaf, stop_on: 'deaf' }, name);
    expect(seen.job.TrainingJobStatus).toBe('Stopped');
    expect(linesOf(seen)).toEqual(['deaf', 'no']);
  });
});

test('Two hosts find each other, see their shard, log each for itself and write one model', async () => {
  const seen = await train({
    objects: Object.fromEntries(['a', 'b', 'c'].map((name) => [`shards/${name}.txt`, name])),
    request: {
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 2, VolumeSizeInGB: 10 },
      InputDataConfig: [
        channel('part', 'shards/', {}, { S3DataDistributionType: 'ShardedByS3Key' }),
        channel('whole', 'shards/'),
      ],
    },
    code: `import json, os, socket, time
me = json.load(open('/opt/ml/input/config/resourceconfig.json'))
for host in me['hosts']:
    socket.gethostbyname(host)
print(me['current_host'], 'of', me['hosts'])
print(sorted(os.listdir('/opt/ml/input/data/part')), sorted(os.listdir('/opt/ml/input/data/whole')))
print(json.load(open('/opt/ml/input/config/inputdataconfig.json'))['part']['S3DistributionType'])
open('/opt/ml/model/' + me['current_host'], 'w').write('x')
time.sleep(3)`,
  });
  const whole = "['a.txt', 'b.txt', 'c.txt']";
  expect(linesOf(seen, 'algo-1')).toEqual([
    "algo-1 of ['algo-1', 'algo-2']",
    `['a.txt', 'c.txt'] ${whole}`,
    'ShardedByS3Key',
  ]);
  expect(linesOf(seen, 'algo-2')).toEqual([
    "algo-2 of ['algo-1', 'algo-2']",
    `['b.txt'] ${whole}`,
    'ShardedByS3Key',
  ]);
  expect(seen.objects).toEqual({ 'output/model.tar.gz': { 'algo-1': 'x', 'algo-2': 'x' } });
});

test.each([true, false])(
  'Hosts reach each other on a network of the job’s own, which is internal: %s, as the request has it',
  async (isolated) => {
    const name = newName();
    const job = train(
      {
        request: {
          EnableNetworkIsolation: isolated,
          ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 2, VolumeSizeInGB: 10 },
        },
        code: `import json, socket, time
me = json.load(open('/opt/ml/input/config/resourceconfig.json'))
peer = [host for host in me['hosts'] if host != me['current_host']][0]
server = socket.create_server(('', 5000))
while True:
    try: socket.create_connection((peer, 5000), 5); break
    except OSError: time.sleep(0.1)
print('peer reached')
time.sleep(3)`,
      },
      name,
    );
    const run = await untilFound(() => runOf(name));
    const network = docker('network', 'ls', '--quiet', '--filter', `label=${RUN_LABEL}=${run}`);
    // Whether a packet gets out is for the engine: not every machine that runs this test has an outside.
    expect(docker('network', 'inspect', '--format', '{{.Internal}}', network)).toBe(String(isolated));
    expect(Object.values((await job).streams)).toEqual(Array(2).fill(['peer reached']));
  },
);

test('A spot job that loses its instance goes on from its checkpoint, in another log stream', async () => {
  const name = newName();
  await aws.control('POST', 'sagemaker/training', {
    jobs: name,
    interruptions: [{ afterLine: 'epoch 2' }],
    checkpointInterval: 100,
  });
  const seen = await train(
    {
      request: {
        EnableManagedSpotTraining: true,
        StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 1200 },
        CheckpointConfig: { S3Uri: `s3://${aws.bucket}/${name}/checkpoints` },
      },
      code: `import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
done = max([int(f[6:]) for f in os.listdir('/opt/ml/checkpoints')], default=0)
print('from', done)
for epoch in range(done + 1, 5):
    if epoch > 1: os.remove(f'/opt/ml/checkpoints/epoch-{epoch - 1}')
    open(f'/opt/ml/checkpoints/epoch-{epoch}', 'w').write(str(epoch))
    print('epoch', epoch)
    if done == 0 and epoch == 2: time.sleep(600)
open('/opt/ml/model/model', 'w').write('whole')`,
    },
    name,
  );
  expect(seen.job.TrainingJobStatus).toBe('Completed');
  expect(story(seen)).toEqual([
    ...['Starting', 'Downloading', 'Training', 'Interrupted', 'Restarting'],
    ...['Downloading', 'Training', 'Uploading', 'Completed'],
  ]);
  const streams = Object.entries(seen.streams).sort();
  expect(streams.map(([, lines]) => lines)).toEqual([
    ['from 0', 'epoch 1', 'epoch 2'],
    ['from 2', 'epoch 3', 'epoch 4'],
  ]);
  // What the program deleted is gone from S3 too.
  expect(seen.objects).toEqual({ 'checkpoints/epoch-4': '4', 'output/model.tar.gz': { model: 'whole' } });
});

test('Channels of all modes stand side by side: Pipe unpacks, FastFile is read-only, File is a copy', async () => {
  const packed = gzipSync('streamed\n').toString('latin1');
  const seen = await train({
    objects: {
      'modes/packed/1.gz': packed,
      'modes/packed/2.gz': packed,
      'modes/fast/deep/f.txt': 'fast',
      'modes/copy-1.txt': 'one',
      'modes/copy-2.txt': 'two',
      'modes/list.json': JSON.stringify([{ prefix: `s3://${aws.bucket}/modes/` }, 'copy-2.txt']),
    },
    request: {
      InputDataConfig: [
        channel('piped', 'modes/packed/', {
          InputMode: 'Pipe',
          CompressionType: 'Gzip',
          ContentType: 'text/plain',
        }),
        channel('fast', 'modes/fast/', { InputMode: 'FastFile' }),
        channel('partial', 'modes/copy'),
        channel('listed', 'modes/list.json', {}, { S3DataType: 'ManifestFile' }),
      ],
    },
    code: `import json, os
data = '/opt/ml/input/data/'
for epoch in range(2):
    print(open(f'{data}piped_{epoch}').read().split())
print(open(data + 'fast/deep/f.txt').read(), sorted(os.listdir(data + 'partial')), os.listdir(data + 'listed'))
try: open(data + 'fast/new', 'w')
except OSError as error: print(error.strerror)
config = json.load(open('/opt/ml/input/config/inputdataconfig.json'))
print([config[name]['TrainingInputMode'] for name in ('piped', 'fast', 'partial')], config['piped']['ContentType'])`,
  });
  expect(linesOf(seen)).toEqual([
    "['streamed', 'streamed']",
    "['streamed', 'streamed']",
    "fast ['copy-1.txt', 'copy-2.txt'] ['copy-2.txt']",
    'Read-only file system',
    "['Pipe', 'File', 'File'] text/plain",
  ]);
});

test('Several kinds of instances: each host knows its group, and gets the channels of it', async () => {
  const uri = (name: string) => `s3://${aws.bucket}/kinds/${name}`;
  const seen = await train({
    objects: {
      'kinds/images/1': 'one,',
      'kinds/images/2': 'two,',
      'kinds/list': [
        JSON.stringify({ 'image-ref': uri('images/1'), class: 7 }),
        JSON.stringify({ class: 8, 'image-ref': uri('images/2') }),
      ].join('\n'),
    },
    request: {
      ResourceConfig: {
        InstanceGroups: [
          { InstanceGroupName: 'data', InstanceType: 'ml.c5.xlarge', InstanceCount: 1 },
          { InstanceGroupName: 'learn', InstanceType: 'ml.g5.xlarge', InstanceCount: 1 },
        ],
        VolumeSizeInGB: 1,
      },
      InputDataConfig: [
        channel('images', 'kinds/images/', {}, { InstanceGroupNames: ['data'] }),
        channel(
          'labeled',
          'kinds/list',
          { InputMode: 'Pipe' },
          {
            ...{ S3DataType: 'AugmentedManifestFile', AttributeNames: ['image-ref', 'class'] },
            InstanceGroupNames: ['learn'],
          },
        ),
      ],
    },
    code: `import json
read = lambda name: json.load(open('/opt/ml/input/config/' + name + '.json'))
own, channels = read('resourceconfig'), sorted(read('inputdataconfig'))
data = '/opt/ml/input/data/'
content = open(data + 'images/1').read() if channels == ['images'] else open(data + 'labeled_0').read()
print(own['current_group_name'], own['current_instance_type'], channels, content)`,
  });
  expect(seen.job).toMatchObject({ TrainingJobStatus: 'Completed' });
  expect(Object.values(seen.streams).flat().toSorted()).toEqual([
    "data ml.c5.xlarge ['images'] one,",
    "learn ml.g5.xlarge ['labeled'] one,7two,8",
  ]);
});

test('FastFile does not take a part of a name for a folder', async () => {
  const seen = await train({
    objects: { 'partial/copy-1.txt': '1' },
    request: { InputDataConfig: [channel('fast', 'partial/co', { InputMode: 'FastFile' })] },
    code: 'pass',
  });
  expect(seen.job.FailureReason).toContain('For FastFile mode, partial S3 prefix is not supported');
});

test('What the program leaves for S3 comes as files where the request wants no archive, and output beside it', async () => {
  const seen = await train({
    request: { OutputDataConfig: { S3OutputPath: `s3://${aws.bucket}/`, CompressionType: 'NONE' } },
    code: `import os
os.makedirs('/opt/ml/model/deep'); open('/opt/ml/model/deep/m', 'w').write('m')
os.symlink('deep/m', '/opt/ml/model/link')
open('/opt/ml/output/data/report.txt', 'w').write('all well')`,
  });
  expect(seen.objects).toEqual({
    'output/model/deep/m': 'm',
    'output/output.tar.gz': { 'report.txt': 'all well' },
  });
});

test('Late lines come after the end, with the time at which they were printed', async () => {
  const name = newName();
  await aws.control('POST', 'sagemaker/training', { jobs: name, log: { late: { every: 2, by: 5000 } } });
  const seen = await train({ code: 'import time\nfor n in range(4): print(n); time.sleep(0.05)' }, name);
  expect(linesOf(seen)).toEqual(['0', '2']);
  const logs = new CloudWatchLogsClient(aws.client());
  const [stream = ''] = Object.keys(seen.streams);
  let messages: (string | undefined)[] = [];
  while (messages.length < 4) {
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({
        logGroupName: '/aws/sagemaker/TrainingJobs',
        logStreamName: `${name}/${stream}`,
        startFromHead: true,
      }),
    );
    messages = events.map(({ message }) => message);
  }
  expect(messages).toEqual(['0', '1', '2', '3']);
});

test('Without the right to write logs there are none, and the job trains all the same', async () => {
  const name = newName();
  await aws.control('POST', 'sagemaker/training', { jobs: name, log: { written: false } });
  const seen = await train({ code: 'print("unheard")' }, name);
  expect([seen.job.TrainingJobStatus, seen.streams]).toEqual(['Completed', {}]);
});

test('The AWS CLI lists, shows and cannot stop what has ended', async () => {
  const name = newName();
  await train({ code: 'pass', request: { Tags: [{ Key: 'commit', Value: 'abc' }] } }, name);
  const cli = async (...args: readonly string[]) =>
    (
      await promisify(execFile)(AWS_CLI, ['sagemaker', ...args], {
        env: { PATH: process.env['PATH'], ...aws.env },
      })
    ).stdout;
  const list = JSON.parse(await cli('list-training-jobs', '--name-contains', name));
  expect(list.TrainingJobSummaries).toEqual([
    expect.objectContaining({ TrainingJobName: name, TrainingJobStatus: 'Completed' }),
  ]);
  const arn = list.TrainingJobSummaries[0].TrainingJobArn;
  expect(JSON.parse(await cli('list-tags', '--resource-arn', arn)).Tags).toEqual([
    { Key: 'commit', Value: 'abc' },
  ]);
  await expect(cli('stop-training-job', '--training-job-name', name)).rejects.toThrow(
    'An error occurred (ValidationException) when calling the StopTrainingJob operation: The request was rejected because the training job is in status Completed.',
  );
  await expect(cli('describe-training-job', '--training-job-name', `${name}-no`)).rejects.toThrow(
    'Requested resource not found.',
  );
});

test('No container and no network of an ended job is left', async () => {
  const seen = await train({ code: 'print("done")' });
  expect(seen.job.TrainingJobStatus).toBe('Completed');
  const containers = execFileSync('docker', ['ps', '--all', '--format', '{{.Image}} {{.Names}}'], {
    encoding: 'utf8',
  });
  const id = execFileSync('docker', ['inspect', '--format', '{{.Id}}', REFERENCE], { encoding: 'utf8' });
  const short = id.trim().replace('sha256:', '').slice(0, 12);
  expect(containers.split('\n').filter((line) => line.startsWith(short))).toEqual([]);
});

test('Local AWS that ends in the middle of a job takes its container, network and image with it', async () => {
  const child = spawn(join(ROOT, 'script', 'local-aws'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (/^ready$/m.test(output)) {
      break;
    }
  }
  const own = Object.fromEntries(
    [...output.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  const shared = aws;
  const name = newName();
  try {
    aws = { ...shared, env: { ...shared.env, ...own } };
    const config = mkdtempSync(join(tmpdir(), 'docker-config-'));
    const uri = (await python(PYTHON, 'push_image.py', [REFERENCE, PREFIX, config])).stdout.trim();
    rmSync(config, { recursive: true, force: true });
    const client = new SageMakerClient({ ...shared.client(), endpoint: own['AWS_ENDPOINT_URL'] ?? '' });
    await client.send(
      new CreateTrainingJobCommand({
        TrainingJobName: name,
        RoleArn: own['EXECUTION_ROLE_ARN'],
        AlgorithmSpecification: {
          TrainingImage: uri,
          TrainingInputMode: 'File',
          ContainerEntrypoint: ['sleep', '600'],
        },
        OutputDataConfig: { S3OutputPath: `s3://${own['BUCKET']}/` },
        ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
        StoppingCondition: { MaxRuntimeInSeconds: 600 },
      }),
    );
    const run = await untilFound(() => runOf(name));
    child.kill('SIGTERM');
    await exit;
    for (const what of ['container', 'network', 'volume']) {
      const left = docker(what, 'ls', '--quiet', '--filter', `label=${RUN_LABEL}=${run}`);
      expect([what, left]).toEqual([what, '']);
    }
    expect(docker('image', 'ls', '--quiet', uri)).toBe('');
  } finally {
    aws = shared;
    child.kill('SIGTERM');
    await exit;
  }
});

const docker = (...args: readonly string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();

/** The run label of a job's container, once that runs. */
function runOf(jobName: string): string | undefined {
  const ids = docker('ps', '--quiet', '--filter', `label=${RUN_LABEL}`).split('\n').filter(Boolean);
  const format = `{{index .Config.Labels "${RUN_LABEL}"}} {{json .Config.Env}}`;
  return ids
    .map((id) => inspect(id, format))
    .find((line) => line.includes(`"TRAINING_JOB_NAME=${jobName}"`))
    ?.split(' ')[0];
}

/** Other tests' containers may go in the meantime. */
function inspect(id: string, format: string): string {
  try {
    return docker('inspect', '--format', format, id);
  } catch {
    return '';
  }
}

async function untilFound<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) {
      return found;
    }
    await sleep(50);
  }
}
