import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeModelPackageCommand, DescribeTrainingJobCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { SharedLocalAws } from '../integration/local-aws/shared.js';
import { pushTinyImage } from '../integration/local-aws/tiny-image.js';
import type { ActRun } from './act.js';
import { type Example, openExample, pullRequest } from './examples.js';

jest.setTimeout(240_000);

describe('examples/training-only', () => {
  let example: Example;
  let checked: ActRun;
  let trained: ActRun;

  beforeAll(async () => {
    example = await openExample('training-only');
    await example.upload('container/sample/train', 'rent/train');
    checked = await example.run('pull-request.yml', { event: pullRequest(example) });
    trained = await example.run('train.yml');
  });
  afterAll(() => example.close());

  test('checks a pull request without AWS: the training, and that there is nothing to serve', () => {
    expect(checked.exitCode).toBe(0);
    expect(checked.credentials).toEqual([]);
    const { result, outputs = {} } = checked.byJob['Container'] ?? {};
    expect(result).toBe('success');
    expect(outputs).toMatchObject({ outcome: 'passed', 'failed-checks': '', warnings: '' });
    expect(outputs['skipped-checks']).toContain('serve-starts');
    expect(checked.summary).toContain('SageMaker would train with this container');
  });

  test('trains with the image’s own entry point, on the data and with the hyperparameters of the workflow', async () => {
    expect(trained.exitCode).toBe(0);
    const { result, outputs = {} } = trained.byJob['Train'] ?? {};
    expect(result).toBe('success');
    expect(outputs).toMatchObject({
      outcome: 'passed',
      'training-job-status': 'Completed',
      repository: 'rent',
    });
    expect(JSON.parse(outputs['metrics'] ?? '').loss).toBeLessThan(0.01);
    expect(trained.summary).toContain(outputs['training-job-name']);
    const TrainingJobName = outputs['training-job-name'];
    expect(await example.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }))).toMatchObject({
      AlgorithmSpecification: { TrainingImage: outputs['image-uri'] },
      HyperParameters: { epochs: '200', learning_rate: '0.5' },
      ModelArtifacts: { S3ModelArtifacts: outputs['model-artifacts'] },
      StoppingCondition: { MaxRuntimeInSeconds: 1800 },
    });
  });

  test('leaves nothing on the runner', () => {
    expect([...checked.left, ...trained.left]).toEqual([]);
  });
});

describe('examples/distributed-spot', () => {
  /** Enough for the interruption to come in the middle of the training. */
  const ROWS_OF_A_HOST = 6_000;
  let example: Example;
  let checked: ActRun;
  let run: ActRun;
  /** Digests of images of earlier runs, the oldest first. */
  let earlier: readonly string[];

  beforeAll(async () => {
    example = await openExample('distributed-spot');
    const { aws } = example;
    for (const host of [1, 2]) {
      const rows = Array.from({ length: ROWS_OF_A_HOST }, (_, row) => 20 + ((row * 7 + host) % 90));
      const Body = ['area,rent', ...rows.map((area) => `${area},${60 + 12 * area + (area % 7) * 10}`)].join(
        '\n',
      );
      await example.put(`rent-distributed/train/rents-${host}.csv`, Body);
    }
    earlier = await images(aws, ['a', 'b', 'c', 'd', 'e', 'f']);
    // A person has named the oldest one.
    await pushTinyImage(aws, 'rent-distributed', 'docker', { labels: { run: 'a' }, tag: 'v1.0' });
    await aws.control('POST', 'sagemaker/training', {
      jobs: 'distributed-spot-',
      interruptions: [{ afterLine: 'epoch 50:' }],
    });
    [checked, run] = await Promise.all([
      example.run('pull-request.yml', { event: pullRequest(example) }),
      example.run('train.yml'),
    ]);
  });
  afterAll(() => example.close());

  test('checks a pull request on two hosts', () => {
    expect(checked.exitCode).toBe(0);
    const { result, outputs = {} } = checked.byJob['Container'] ?? {};
    expect(result).toBe('success');
    expect(outputs).toMatchObject({ outcome: 'passed', warnings: '' });
    expect(outputs['skipped-checks']).not.toContain('train-hosts');
    expect(checked.credentials).toEqual([]);
  });

  test('trains on two hosts, each with its part of the data, and goes on after an interruption', async () => {
    expect(run.exitCode).toBe(0);
    const { result, outputs = {} } = run.byJob['Train and register'] ?? {};
    expect(result).toBe('success');
    const TrainingJobName = outputs['training-job-name'] ?? '';
    const job = await example.sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
    expect(job).toMatchObject({
      TrainingJobStatus: 'Completed',
      ResourceConfig: { InstanceCount: 2, InstanceType: 'ml.m5.xlarge' },
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxRuntimeInSeconds: 1800, MaxWaitTimeInSeconds: 3000 },
    });
    expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toContain('Interrupted');
    expect(run.summary).toMatch(/The job lost its spot capacity once/);

    const log = await logOf(example.aws, TrainingJobName);
    expect(Object.keys(log).sort()).toEqual(['algo-1', 'algo-2']);
    for (const lines of Object.values(log)) {
      expect(lines.filter((line) => line.startsWith(`${ROWS_OF_A_HOST} rows on this host`))).toHaveLength(2);
    }
    const [, epoch] = /^goes on after epoch (\d+)$/m.exec(log['algo-1']?.join('\n') ?? '') ?? [];
    expect(Number(epoch)).toBeGreaterThanOrEqual(50);

    const { S3Uri = '' } = job.CheckpointConfig ?? {};
    expect(S3Uri).toMatch(/\/checkpoints\/\d+$/);
    expect(JSON.parse(await example.object(`${S3Uri}/last.json`))).toMatchObject({ epoch: 200 });
  });

  test('registers the model with its metrics and metadata', async () => {
    const { outputs = {} } = run.byJob['Train and register'] ?? {};
    const { loss } = JSON.parse(outputs['metrics'] ?? '') as { loss: number };
    expect(loss).toBeLessThanOrEqual(0.01);
    const version = await example.sagemaker.send(
      new DescribeModelPackageCommand({ ModelPackageName: outputs['model-package-arn'] }),
    );
    expect(version).toMatchObject({
      ModelPackageGroupName: 'rent-distributed',
      ModelPackageVersion: 1,
      ModelApprovalStatus: 'PendingManualApproval',
      CustomerMetadataProperties: {
        dataset: 'rents-2026',
        owner: 'housing-team',
        'metric:loss': String(loss),
        'model-info:epochs': '200',
        'training-job': outputs['training-job-name'],
      },
      InferenceSpecification: {
        Containers: [{ ImageDigest: outputs['image-digest'], ModelDataUrl: outputs['model-artifacts'] }],
        SupportedContentTypes: ['text/csv'],
        SupportedResponseMIMETypes: ['text/csv'],
      },
    });
    const report = version.ModelMetrics?.ModelQuality?.Statistics?.S3Uri ?? '';
    expect(report).toBe(outputs['metrics-report']);
    expect(await example.object(report)).toContain('"loss"');
  });

  test('leaves the five newest images in ECR, and the one that a person has named', async () => {
    const [named, old, ...others] = earlier;
    const { 'image-digest': newest } = run.byJob['Train and register']?.outputs ?? {};
    const ecr = new ECRClient(example.aws.client());
    const { imageDetails = [] } = await ecr
      .send(new DescribeImagesCommand({ repositoryName: 'rent-distributed' }))
      .finally(() => ecr.destroy());
    const left = imageDetails.map(({ imageDigest }) => imageDigest);
    expect(new Set(left)).toEqual(new Set([named, ...others, newest]));
    expect(left).not.toContain(old);
    expect(run.log).toContain(`Removed ${old}: \`keep-images\` is 5.`);
    expect(run.summary).toContain('<code>v1.0</code>');
  });

  test('leaves nothing on the runner', () => {
    expect([...checked.left, ...run.left]).toEqual([]);
  });
});

/** Lines of the job's log by host, those before an interruption first. */
async function logOf(aws: SharedLocalAws, job: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const client = new CloudWatchLogsClient(aws.client());
  try {
    const logGroupName = '/aws/sagemaker/TrainingJobs';
    const { logStreams = [] } = await client.send(
      new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix: `${job}/` }),
    );
    const lines: Record<string, string[]> = {};
    for (const { logStreamName = '' } of logStreams) {
      const host = logStreamName.slice(job.length + 1).replace(/-\d+$/, '');
      const { events = [] } = await client.send(
        new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }),
      );
      lines[host] = [...(lines[host] ?? []), ...events.map(({ message = '' }) => message)];
    }
    return lines;
  } finally {
    client.destroy();
  }
}

/** Pushes what earlier runs of the workflow would have left. */
async function images(aws: SharedLocalAws, runs: readonly string[]): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const name of runs) {
    const tag = `sagemaker-byoc-${name.repeat(32)}`;
    const { digest } = await pushTinyImage(aws, 'rent-distributed', 'docker', { labels: { run: name }, tag });
    digests.push(digest);
  }
  return digests;
}
