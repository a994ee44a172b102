import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  DescribeEndpointCommand,
  type DescribeEndpointOutput,
  DescribeModelCardCommand,
  DescribeModelPackageCommand,
  DescribeTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { instantiate } from '../integration/local-aws/cloudformation.js';
import type { SharedLocalAws } from '../integration/local-aws/shared.js';
import { pushTinyImage } from '../integration/local-aws/tiny-image.js';
import type { ActRun } from './act.js';
import { type Example, openExample, pullRequest } from './examples.js';

jest.setTimeout(480_000);

describe('examples/training-only', () => {
  let example: Example;
  let checked: ActRun;
  let trained: ActRun;

  beforeAll(async () => {
    example = await openExample('training-only');
    await example.upload('container/sample/train', 'rent/train');
    [checked, trained] = await Promise.all([
      example.run('pull-request.yml', { event: pullRequest(example) }),
      example.run('train.yml'),
    ]);
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

describe('examples/train-and-serve', () => {
  const ALARMS = ['churn-AllTraffic-5xx', 'churn-AllTraffic-latency'];
  let example: Example;
  let checked: ActRun;
  let first: ActRun;
  let second: ActRun;
  let back: ActRun;
  /** What was live after each of the runs. */
  const live: DescribeEndpointOutput[] = [];

  beforeAll(async () => {
    example = await openExample('train-and-serve');
    await example.upload('container/sample/train', 'churn/train');
    await makeAlarms(example, 'alarms.yml');
    // Five minutes under the alarms pass in nine seconds. The time that a container has to start shrinks as well.
    await example.aws.control('POST', 'sagemaker/endpoints', { endpoints: 'churn', timeScale: 0.03 });
    const look = async () => {
      live.push(await example.sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'churn' })));
    };
    [checked, first] = await Promise.all([
      example.run('pull-request.yml', { event: pullRequest(example) }),
      example.run('release.yml'),
    ]);
    await look();
    const program = 'container/program/train';
    example.change({ [program]: example.read(program).replace('"bias": 0.0', '"bias": 0.1') });
    second = await example.run('release.yml');
    await look();
    const version = second.byJob['Train and register']?.outputs['model-package-arn'];
    const inputs = { version, reason: 'Says that everybody stays' };
    back = await example.run('roll-back.yml', { event: { name: 'workflow_dispatch', payload: { inputs } } });
    await look();
  });
  afterAll(async () => {
    await example.deleteEndpoints('churn');
    await example.close();
  });

  const outputsOf = (run: ActRun, job: string): Readonly<Record<string, string>> => {
    const { result, outputs = {} } = run.byJob[job] ?? {};
    expect({ job, result }).toEqual({ job, result: 'success' });
    return outputs;
  };
  const versionOf = (run: ActRun) =>
    example.sagemaker.send(
      new DescribeModelPackageCommand({
        ModelPackageName: outputsOf(run, 'Train and register')['model-package-arn'],
      }),
    );

  test('checks a pull request without AWS, and what the server answers', () => {
    expect(checked.exitCode).toBe(0);
    const outputs = outputsOf(checked, 'Container');
    expect(outputs).toMatchObject({ outcome: 'passed', warnings: '' });
    expect(outputs['skipped-checks']).not.toMatch(/serve-content/);
    expect(checked.credentials).toEqual([]);
  });

  test('a release registers a version, approves it with its reason and puts it live', async () => {
    expect(first.exitCode).toBe(0);
    expect(outputsOf(first, 'Train and register')).toMatchObject({
      outcome: 'passed',
      'model-package-version': '1',
      'approval-status': 'PendingManualApproval',
      'model-card-version': '1',
    });
    expect(outputsOf(first, 'Approve and deploy')).toMatchObject({
      'model-package-version': '1',
      'approval-status': 'Approved',
      'endpoint-action': 'created',
      'endpoint-status': 'InService',
    });
    const version = await versionOf(first);
    expect(version).toMatchObject({
      ModelApprovalStatus: 'Approved',
      ApprovalDescription: expect.stringContaining('Reviewed in the GitHub environment production'),
      CustomerMetadataProperties: {
        owner: 'retention-team',
        'metric:validation:accuracy': expect.stringMatching(/^[01]/),
        'model-info:features': 'months calls price',
        'approval-run-url': expect.stringContaining(`github.com/${example.repository}/actions/runs/`),
      },
    });
    expect(imagesOf(live[0])).toEqual([version.InferenceSpecification?.Containers?.[0]?.ImageDigest]);
  });

  test('the next release is the next version, and an update under the alarms', async () => {
    expect(second.exitCode).toBe(0);
    expect(outputsOf(second, 'Train and register')).toMatchObject({ 'model-package-version': '2' });
    expect(outputsOf(second, 'Approve and deploy')).toMatchObject({
      'model-package-version': '2',
      'endpoint-action': 'updated',
    });
    expect(imagesOf(live[1])).toEqual([outputsOf(second, 'Train and register')['image-digest']]);
    expect(live[1]?.LastDeploymentConfig).toMatchObject({
      BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { WaitIntervalInSeconds: 300 } },
      AutoRollbackConfiguration: { Alarms: ALARMS.map((AlarmName) => ({ AlarmName })) },
    });
  });

  test('a roll-back rejects the version with the reason, and puts the one before live', async () => {
    expect(back.exitCode).toBe(0);
    expect(outputsOf(back, 'Reject')).toMatchObject({
      'model-package-version': '2',
      'approval-status': 'Rejected',
    });
    expect(outputsOf(back, 'Deploy')).toMatchObject({ outcome: 'passed', 'endpoint-action': 'updated' });
    expect(await versionOf(second)).toMatchObject({
      ModelApprovalStatus: 'Rejected',
      ApprovalDescription: expect.stringContaining('Says that everybody stays'),
    });
    expect((await versionOf(first)).ModelApprovalStatus).toBe('Approved');
    expect(live[2]?.EndpointConfigName).toBe(live[0]?.EndpointConfigName);
    expect(imagesOf(live[2])).toEqual(imagesOf(live[0]));
    expect(live[2]?.LastDeploymentConfig?.AutoRollbackConfiguration?.Alarms ?? []).toEqual([]);
  });

  test('the model card has the words of its author, the facts of the run, and a version for each step', async () => {
    const { Content = '', ModelCardVersion } = await example.sagemaker.send(
      new DescribeModelCardCommand({ ModelCardName: 'churn' }),
    );
    // Registered and approved, twice; rejected.
    expect(ModelCardVersion).toBe(5);
    expect(JSON.parse(Content)).toMatchObject({
      intended_uses: {
        intended_uses: expect.stringContaining('The retention team calls'),
        risk_rating: 'Low',
      },
      training_details: {
        training_job_details: {
          training_arn: outputsOf(second, 'Train and register')['training-job-arn'],
        },
      },
      evaluation_details: [expect.anything()],
    });
    expect(Content).toContain('Rejected');
  });

  test('leaves nothing on the runner', () => {
    expect([checked, first, second, back].flatMap(({ left }) => left)).toEqual([]);
  });
});

/** Digests of what an endpoint runs. */
const imagesOf = (endpoint: DescribeEndpointOutput | undefined): readonly string[] =>
  (endpoint?.ProductionVariants ?? []).flatMap(({ DeployedImages = [] }) =>
    DeployedImages.map(({ ResolvedImage = '' }) => ResolvedImage.replace(/^.*@/, '')),
  );

/** Makes the alarms of a CloudFormation template of the example: a resource's properties are PutMetricAlarm's members. */
async function makeAlarms(example: Example, template: string): Promise<void> {
  const client = new CloudWatchClient(example.aws.client());
  const { resources } = instantiate(example.read(template), {}, ({ AlarmName }) => ({
    ref: String(AlarmName),
    arn: `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${AlarmName}`,
  }));
  for (const { type, properties } of resources.values()) {
    if (type !== 'AWS::CloudWatch::Alarm') throw new Error(`no alarm: ${type}`);
    await client.send(new PutMetricAlarmCommand(properties as PutMetricAlarmInput));
  }
  client.destroy();
}

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
