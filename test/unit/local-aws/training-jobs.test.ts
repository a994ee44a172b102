import { readFile } from 'node:fs/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { S3Client } from '@aws-sdk/client-s3';
import type {
  Channel,
  CreateTrainingJobRequest,
  DescribeTrainingJobResponse,
  S3DataSource,
} from '@aws-sdk/client-sagemaker';
import { afterEach, describe, expect, test } from '@jest/globals';
import { groupsOf, hostsOf, hostsOfChannel } from '../../local-aws/sagemaker/instance-groups.js';
import { ObjectStore, type S3Location, s3Uri } from '../../local-aws/sagemaker/object-store.js';
import { type Scenario, Scenarios } from '../../local-aws/sagemaker/scenario.js';
import { Tags } from '../../local-aws/sagemaker/tags.js';
import { TrainingJobs } from '../../local-aws/sagemaker/training-jobs.js';
import { WarmPools } from '../../local-aws/sagemaker/warm-pools.js';
import type { CallContext } from '../../local-aws/service.js';
import { temporaryFolder } from '../inputs/workspace.js';
import { HandClock } from './hand-clock.js';

/** S3 in a map: URI → content. */
class MemoryStore extends ObjectStore {
  readonly objects = new Map<string, Buffer>();
  constructor() {
    super({} as S3Client);
  }
  override async list({ bucket, key }: S3Location) {
    const prefix = s3Uri({ bucket, key });
    return [...this.objects.keys()]
      .filter((uri) => uri.startsWith(prefix))
      .map((uri) => uri.slice(`s3://${bucket}/`.length));
  }
  override async upload(file: string, location: S3Location) {
    this.objects.set(s3Uri(location), await readFile(file));
  }
  override async put(content: Buffer, location: S3Location) {
    this.objects.set(s3Uri(location), content);
  }
}

const context: CallContext = {
  region: 'eu-west-1',
  account: '123456789012',
  accessKeyId: 'AKIA',
  now: () => new Date(0),
  requestId: 'r',
};

const worlds: TrainingJobs[] = [];
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((jobs) => jobs.close()));
});

/** Jobs that run scripts, in a world whose time is moved by hand. */
function world(...scenarios: readonly Scenario[]) {
  const clock = new HandClock();
  const store = new MemoryStore();
  const known = new Scenarios();
  const tags = new Tags();
  const quiet = { script: {}, log: { written: false } };
  known.set(scenarios.length > 0 ? scenarios.map((scenario) => ({ ...quiet, ...scenario })) : [quiet]);
  const jobs = new TrainingJobs(
    {
      clock,
      store,
      logs: new CloudWatchLogsClient({ region: 'eu-west-1' }),
      fleets: { prepare: () => Promise.reject(new Error('no container here')) },
      warmPools: new WarmPools(clock),
      folder: temporaryFolder(),
      log: (line) => {
        throw new Error(line);
      },
    },
    known,
    tags,
  );
  worlds.push(jobs);
  const describe = (name = 'job') => jobs.describe({ TrainingJobName: name });
  /** Waits, without time passing, until the job shows it. */
  const until = async (
    seen: (job: DescribeTrainingJobResponse) => boolean,
    name = 'job',
  ): Promise<DescribeTrainingJobResponse> => {
    while (!seen(describe(name))) {
      await new Promise(setImmediate);
    }
    return describe(name);
  };
  return {
    clock,
    store,
    jobs,
    tags,
    describe,
    until,
    status: (secondary: string, name?: string) => until((job) => job.SecondaryStatus === secondary, name),
    ended: (name?: string) =>
      until(
        (job) =>
          job.TrainingEndTime !== undefined ||
          job.TrainingJobStatus === 'Failed' ||
          job.TrainingJobStatus === 'Stopped',
        name,
      ),
    create: (request: Partial<CreateTrainingJobRequest> = {}) =>
      jobs.create({ ...REQUEST, ...request } as CreateTrainingJobRequest, context),
  };
}

const REQUEST: CreateTrainingJobRequest = {
  TrainingJobName: 'job',
  RoleArn: 'arn:aws:iam::123456789012:role/r',
  AlgorithmSpecification: { TrainingImage: 'registry/image:1', TrainingInputMode: 'File' },
  OutputDataConfig: { S3OutputPath: 's3://bucket/out' },
  ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 1 },
  StoppingCondition: { MaxRuntimeInSeconds: 3600 },
};
const SPOT = {
  EnableManagedSpotTraining: true,
  StoppingCondition: { MaxRuntimeInSeconds: 3600, MaxWaitTimeInSeconds: 7200 },
};
const WARM = {
  ResourceConfig: { ...REQUEST.ResourceConfig, KeepAlivePeriodInSeconds: 600 },
} as Partial<CreateTrainingJobRequest>;

const story = (job: DescribeTrainingJobResponse) =>
  (job.SecondaryStatusTransitions ?? []).map(({ Status }) => Status);
const refusal = (code: string, message: string | RegExp) =>
  expect.objectContaining({
    code,
    status: 400,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });

describe('The story of a job', () => {
  test('goes through the platform’s statuses, each as long as the scenario says', async () => {
    const { clock, create, status, ended, describe } = world({
      delays: { Starting: 60_000, Pending: 30_000, Downloading: 20_000, Uploading: 5_000 },
      script: { lines: ['a'], after: 100_000 },
    });
    await create();
    expect(describe()).toMatchObject({ TrainingJobStatus: 'InProgress', SecondaryStatus: 'Starting' });
    expect(describe().TrainingStartTime).toBeUndefined();
    clock.advance(60_000);
    await status('Pending');
    clock.advance(30_000);
    await status('Downloading');
    clock.advance(20_000);
    await status('Training');
    clock.advance(100_000);
    await status('Uploading');
    clock.advance(5_000);
    const job = await ended();
    expect(story(job)).toEqual(['Starting', 'Pending', 'Downloading', 'Training', 'Uploading', 'Completed']);
    expect(
      (job.SecondaryStatusTransitions ?? []).map(
        ({ StartTime, EndTime }) => ((EndTime?.getTime() ?? 0) - (StartTime?.getTime() ?? 0)) / 1000,
      ),
    ).toEqual([60, 30, 20, 100, 5, 0]);
    expect(job).toMatchObject({
      TrainingJobStatus: 'Completed',
      TrainingTimeInSeconds: 125,
      BillableTimeInSeconds: 125,
      ModelArtifacts: { S3ModelArtifacts: 's3://bucket/out/job/output/model.tar.gz' },
    });
  });

  test('ends with the platform’s words when there are no instances', async () => {
    const { create, ended } = world({ capacity: 'error' });
    await create();
    expect(await ended()).toMatchObject({
      TrainingJobStatus: 'Failed',
      SecondaryStatus: 'Failed',
      FailureReason:
        'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
    });
  });

  test('says that it tries again while there are none yet', async () => {
    const { clock, create, until } = world({ capacity: 2, delays: { Pending: 1000 } });
    await create();
    await until((job) => job.SecondaryStatus === 'Pending');
    clock.advance(1000);
    const message = (job: DescribeTrainingJobResponse) =>
      job.SecondaryStatusTransitions?.at(-1)?.StatusMessage;
    const waiting = await until((job) => message(job)?.startsWith('Insufficient') === true);
    expect(message(waiting)).toBe(
      'Insufficient capacity error from EC2 while launching instances, retrying!',
    );
    clock.advance(1000);
    await new Promise(setImmediate);
    clock.advance(1000);
    await until((job) => job.TrainingJobStatus === 'Completed');
  });

  test('fails with the first 1024 characters of it all: what the field holds', async () => {
    const { create, ended } = world({ script: { exitCode: 3, failure: 'x'.repeat(2000) } });
    await create();
    const { FailureReason = '' } = await ended();
    expect(FailureReason).toHaveLength(1024);
    expect(FailureReason).toMatch(/^AlgorithmError: x+, exit code: 3$/);
  });

  test('fails where the scenario says, with its reason', async () => {
    const reason = 'InternalServerError: We encountered an internal error. Please try again.';
    const { create, ended, store } = world({ failure: { at: 'Uploading', reason } });
    await create();
    const job = await ended();
    expect(job).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: reason });
    expect(job.ModelArtifacts).toBeUndefined();
    expect(store.objects.size).toBe(0);
  });

  test('keeps the last value of each metric', async () => {
    const { create, ended } = world({ script: { lines: ['loss: 0.{n}'], repeat: 3 } });
    await create({
      AlgorithmSpecification: {
        ...REQUEST.AlgorithmSpecification,
        TrainingInputMode: 'File',
        MetricDefinitions: [
          { Name: 'loss', Regex: 'loss: ([0-9.]+)' },
          { Name: 'never', Regex: 'never ([0-9]+)' },
        ],
      },
    });
    expect((await ended()).FinalMetricDataList).toEqual([
      { MetricName: 'loss', Value: Math.fround(0.3), Timestamp: new Date('2026-01-01T00:00:00Z') },
    ]);
  });
});

describe('A job with RetryStrategy', () => {
  const RETRY = { RetryStrategy: { MaximumRetryAttempts: 2 } };
  const reason = 'InternalServerError: We encountered an internal error. Please try again.';

  test('is started again after an error of the platform', async () => {
    const { create, ended } = world({ failure: { at: 'Training', reason, times: 2 } });
    await create(RETRY);
    const job = await ended();
    const start = ['Starting', 'Downloading'];
    expect(story(job)).toEqual([...start, ...start, ...start, 'Training', 'Uploading', 'Completed']);
    expect(job).toMatchObject({ TrainingJobStatus: 'Completed', ...RETRY });
    expect(job.FailureReason).toBeUndefined();
  });

  test('fails when the errors are more', async () => {
    const { create, ended } = world({ failure: { at: 'Downloading', reason } });
    await create(RETRY);
    const job = await ended();
    expect(job).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason: reason });
    expect(story(job).filter((status) => status === 'Starting')).toHaveLength(3);
  });

  test.each([
    [{ failure: { at: 'Training', reason: 'CapacityError: none', times: 1 } }, 'CapacityError: none'],
    [{ script: { exitCode: 1 } }, 'AlgorithmError: , exit code: 1'],
  ] as const)('is not started again after any other: %j', async (scenario, FailureReason) => {
    const { create, ended } = world(scenario);
    await create(RETRY);
    const job = await ended();
    expect(job).toMatchObject({ TrainingJobStatus: 'Failed', FailureReason });
    expect(story(job).filter((status) => status === 'Starting')).toHaveLength(1);
  });

  test('has one time limit for all its starts', async () => {
    const { clock, create, status, until, ended } = world({
      failure: { at: 'Uploading', reason, times: 1 },
      script: { after: 60_000 },
    });
    await create({ ...RETRY, StoppingCondition: { MaxRuntimeInSeconds: 100 } });
    await status('Training');
    clock.advance(60_000);
    await until((job) => story(job).filter((seen) => seen === 'Training').length === 2);
    clock.advance(40_000);
    expect((await ended()).SecondaryStatus).toBe('MaxRuntimeExceeded');
  });
});

describe('A job of several kinds of instances', () => {
  const groups = [
    { InstanceGroupName: 'data', InstanceType: 'ml.c5.xlarge', InstanceCount: 2 },
    { InstanceGroupName: 'learn', InstanceType: 'ml.g5.xlarge', InstanceCount: 1 },
  ] as const;
  const resources = { InstanceGroups: [...groups], VolumeSizeInGB: 1 };

  test('runs on all of them', async () => {
    const { create, ended, store } = world();
    await create({ ResourceConfig: resources });
    expect(await ended()).toMatchObject({ TrainingJobStatus: 'Completed', ResourceConfig: resources });
    expect([...store.objects.keys()]).toEqual(['s3://bucket/out/job/output/model.tar.gz']);
    expect(hostsOf(resources)).toEqual(['algo-1', 'algo-2', 'algo-3']);
    expect(groupsOf(resources).map(({ name, hosts }) => [name, hosts])).toEqual([
      ['data', ['algo-1', 'algo-2']],
      ['learn', ['algo-3']],
    ]);
    const channel = (...InstanceGroupNames: string[]) => ({
      ChannelName: 'c',
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri: 's3://b', InstanceGroupNames } },
    });
    expect(hostsOfChannel(channel('learn'), resources)).toEqual(['algo-3']);
    expect(hostsOfChannel(channel(), resources)).toEqual(['algo-1', 'algo-2', 'algo-3']);
  });
});

describe('A job that is stopped', () => {
  test('while it waits for instances never trains and costs nothing', async () => {
    const { create, jobs, until } = world({ delays: { Pending: 3_600_000 } });
    await create();
    await until((job) => job.SecondaryStatus === 'Pending');
    jobs.stop({ TrainingJobName: 'job' });
    const job = await until((job) => job.TrainingJobStatus === 'Stopped');
    expect(story(job)).toEqual(['Starting', 'Pending', 'Stopping', 'Stopped']);
    expect(job.TrainingTimeInSeconds).toBeUndefined();
    expect(job.FailureReason).toBeUndefined();
  });

  test('has 120 s for its program, and keeps what that left', async () => {
    const { clock, create, jobs, status, ended, describe } = world({
      script: { after: 3_000_000, onSigterm: 'ignore' },
    });
    await create();
    await status('Training');
    jobs.stop({ TrainingJobName: 'job' });
    jobs.stop({ TrainingJobName: 'job' });
    expect(describe()).toMatchObject({ TrainingJobStatus: 'Stopping', SecondaryStatus: 'Stopping' });
    clock.advance(119_999);
    await new Promise(setImmediate);
    expect(describe().SecondaryStatus).toBe('Stopping');
    clock.advance(1);
    const job = await ended();
    expect(story(job).slice(2)).toEqual(['Training', 'Stopping', 'Uploading', 'Stopped']);
    expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', TrainingTimeInSeconds: 120 });
    expect(job.ModelArtifacts?.S3ModelArtifacts).toBe('s3://bucket/out/job/output/model.tar.gz');
    expect(() => jobs.stop({ TrainingJobName: 'job' })).toThrow(
      'The request was rejected because the training job is in status Stopped.',
    );
  });

  test('by its own time limit ends with another status', async () => {
    const { clock, create, status, ended } = world({ script: { after: 90_000_000 } });
    await create();
    await status('Training');
    clock.advance(3_600_000);
    expect(await ended()).toMatchObject({
      TrainingJobStatus: 'Stopped',
      SecondaryStatus: 'MaxRuntimeExceeded',
      TrainingTimeInSeconds: 3600,
    });
  });

  test('by the limit of waiting for spot instances, too', async () => {
    const { clock, create, status, until } = world({ delays: { Pending: 90_000_000 } });
    await create(SPOT);
    await status('Pending');
    clock.advance(7_200_000);
    const job = await until((job) => job.TrainingJobStatus === 'Stopped');
    expect(job.SecondaryStatus).toBe('MaxWaitTimeExceeded');
  });
});

describe('A job on spot instances', () => {
  test('loses them, begins again and pays its share', async () => {
    const { clock, create, status, ended, until } = world({
      script: { after: 100_000 },
      interruptions: [{ after: 50_000 }],
      delays: { Restarting: 10_000 },
      spotSaving: 0.6,
    });
    await create(SPOT);
    await status('Training');
    clock.advance(50_000);
    await until((job) => story(job).includes('Interrupted'));
    clock.advance(10_000);
    await until((job) => story(job).filter((status) => status === 'Training').length === 2);
    clock.advance(100_000);
    const job = await ended();
    expect(story(job)).toEqual([
      ...['Starting', 'Downloading', 'Training', 'Interrupted', 'Restarting'],
      ...['Downloading', 'Training', 'Uploading', 'Completed'],
    ]);
    expect(job).toMatchObject({ TrainingTimeInSeconds: 160, BillableTimeInSeconds: 64 });
  });

  test('counts all its starts against the time limit', async () => {
    const { clock, create, status, ended, until } = world({
      script: { after: 90_000_000 },
      interruptions: [{ after: 3_000_000 }],
    });
    await create(SPOT);
    await status('Training');
    clock.advance(3_000_000);
    await until((job) => story(job).filter((status) => status === 'Training').length === 2);
    clock.advance(600_000);
    expect(await ended()).toMatchObject({ SecondaryStatus: 'MaxRuntimeExceeded' });
  });

  test('and on others an interruption is none', async () => {
    const { clock, create, status, ended } = world({
      script: { after: 100_000 },
      interruptions: [{ after: 50_000 }],
    });
    await create();
    await status('Training');
    clock.advance(100_000);
    expect(story(await ended())).not.toContain('Interrupted');
  });
});

describe('A warm pool', () => {
  test('is kept for its time, and taken by a job that asks for the same', async () => {
    const { clock, create, ended, describe } = world({ delays: { Pending: 0 } });
    await create(WARM);
    await ended();
    expect(describe().WarmPoolStatus).toEqual({ Status: 'Available' });
    clock.advance(100_000);
    await create({ ...WARM, TrainingJobName: 'other', RoleArn: 'arn:aws:iam::123456789012:role/other' });
    await ended('other');
    expect(describe().WarmPoolStatus).toEqual({ Status: 'Available' });
    await create({ ...WARM, TrainingJobName: 'next' });
    const next = await ended('next');
    expect(story(next)).not.toContain('Pending');
    expect(describe().WarmPoolStatus).toEqual({
      Status: 'Reused',
      ResourceRetainedBillableTimeInSeconds: 100,
      ReusedByJob: 'next',
    });
    clock.advance(600_000);
    expect(describe('next').WarmPoolStatus).toEqual({
      Status: 'Terminated',
      ResourceRetainedBillableTimeInSeconds: 600,
    });
  });

  test('is not kept without a quota for it', async () => {
    const { create, ended } = world({ warmPools: false });
    await create(WARM);
    expect((await ended()).WarmPoolStatus).toBeUndefined();
  });
});

const GROUPS = {
  InstanceGroups: [{ InstanceGroupName: 'a', InstanceType: 'ml.c5.xlarge' as const, InstanceCount: 1 }],
};
const GROUPS_ALONE = { ...GROUPS, VolumeSizeInGB: 1 };
const channelOf = (source: Partial<S3DataSource>, InputMode?: 'Pipe'): Channel => ({
  ChannelName: 'train',
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://bucket/c/', ...source } },
  ...(InputMode && { InputMode }),
});

describe('Requests that the service refuses', () => {
  test.each<[string, Partial<CreateTrainingJobRequest>, string | RegExp]>([
    [
      'an image without a tag',
      { AlgorithmSpecification: { TrainingImage: 'host:5000/image', TrainingInputMode: 'File' } },
      'ECR image "host:5000/image" is invalid.',
    ],
    [
      'spot without a waiting time',
      { EnableManagedSpotTraining: true },
      /^Invalid MaxWaitTimeInSeconds\. It must be present/,
    ],
    [
      'a waiting time that is shorter than the run',
      { ...SPOT, StoppingCondition: { MaxRuntimeInSeconds: 10, MaxWaitTimeInSeconds: 9 } },
      /^Invalid MaxWaitTimeInSeconds/,
    ],
    [
      'a waiting time without spot',
      { StoppingCondition: { MaxRuntimeInSeconds: 10, MaxWaitTimeInSeconds: 20 } },
      /^Invalid MaxWaitTimeInSeconds/,
    ],
    [
      'kinds of instances beside one kind',
      { ResourceConfig: { ...REQUEST.ResourceConfig, ...GROUPS } },
      /^InstanceGroups cannot be given together with InstanceType/,
    ],
    [
      'a warm pool of several kinds',
      { ResourceConfig: { ...GROUPS, VolumeSizeInGB: 1, KeepAlivePeriodInSeconds: 600 } },
      /^KeepAlivePeriodInSeconds is not supported/,
    ],
    [
      'a channel for a group that there is not',
      { ResourceConfig: GROUPS_ALONE, InputDataConfig: [channelOf({ InstanceGroupNames: ['b'] })] },
      /^Channel train names instance groups that the job has not: b$/,
    ],
    [
      'an augmented manifest that is not piped',
      { InputDataConfig: [channelOf({ S3DataType: 'AugmentedManifestFile', AttributeNames: ['a'] })] },
      /can only be used with the input mode Pipe, not File \(channel train\)/,
    ],
    [
      'an augmented manifest of which nothing is wanted',
      { InputDataConfig: [channelOf({ S3DataType: 'AugmentedManifestFile' }, 'Pipe')] },
      /needs AttributeNames/,
    ],
    [
      'an augmented manifest that is to be divided, of which it is not known how',
      {
        InputDataConfig: [
          channelOf(
            {
              S3DataType: 'AugmentedManifestFile',
              AttributeNames: ['a'],
              S3DataDistributionType: 'ShardedByS3Key',
            },
            'Pipe',
          ),
        ],
      },
      /^Local AWS does not divide an AugmentedManifestFile/,
    ],
  ])('%s', async (_, request, message) => {
    await expect(world().create(request)).rejects.toEqual(refusal('ValidationException', message));
  });

  test('a name that is taken', async () => {
    const { create } = world();
    await create();
    await expect(create()).rejects.toEqual(
      refusal(
        'ResourceInUse',
        'Job name must be unique within an AWS account and region, and a job with this name already exists (arn:aws:sagemaker:eu-west-1:123456789012:training-job/job)',
      ),
    );
  });

  test('a name that is not there', () => {
    const { jobs } = world();
    for (const ask of [
      () => jobs.describe({ TrainingJobName: 'x' }),
      () => jobs.stop({ TrainingJobName: 'x' }),
    ]) {
      expect(ask).toThrow('Requested resource not found.');
    }
  });

  test('a channel with nothing in it', async () => {
    const { create } = world({ jobs: 'another' });
    await expect(
      create({
        InputDataConfig: [
          {
            ChannelName: 'train',
            DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://bucket/none/' } },
          },
        ],
      }),
    ).rejects.toEqual(
      refusal(
        'ValidationException',
        /^No S3 objects found under S3 URL "s3:\/\/bucket\/none\/" .* bucket "bucket"\.$/,
      ),
    );
  });
});

describe('Lists, tags and searches', () => {
  async function three() {
    const made = world({ jobs: 'bad', script: { exitCode: 1 } }, {});
    for (const [name, commit] of [
      ['a-good', '1'],
      ['c-bad', '2'],
      ['b-good', '3'],
    ] as const) {
      await made.create({ TrainingJobName: name, Tags: [{ Key: 'commit', Value: commit }] });
      await made.ended(name);
      made.clock.advance(1000);
    }
    return made;
  }
  const names = (list: { TrainingJobSummaries?: { TrainingJobName?: string | undefined }[] | undefined }) =>
    list.TrainingJobSummaries?.map(({ TrainingJobName }) => TrainingJobName);

  test('are filtered, sorted and paged', async () => {
    const { jobs } = await three();
    expect(names(jobs.list({}))).toEqual(['a-good', 'c-bad', 'b-good']);
    expect(names(jobs.list({ SortBy: 'Name', SortOrder: 'Descending' }))).toEqual([
      'c-bad',
      'b-good',
      'a-good',
    ]);
    expect(names(jobs.list({ NameContains: 'GOOD' }))).toEqual(['a-good', 'b-good']);
    expect(names(jobs.list({ StatusEquals: 'Failed' }))).toEqual(['c-bad']);
    const first = jobs.list({ MaxResults: 2 });
    expect(names(first)).toEqual(['a-good', 'c-bad']);
    const second = jobs.list({ MaxResults: 2, NextToken: first.NextToken });
    expect([names(second), second.NextToken]).toEqual([['b-good'], undefined]);
  });

  test('find jobs by tags and members, the newest first', async () => {
    const { jobs } = await three();
    const found = (
      ...filters: { Name: string; Operator?: 'Equals' | 'NotEquals' | 'Exists'; Value?: string }[]
    ) =>
      jobs
        .search({ Resource: 'TrainingJob', SearchExpression: { Filters: filters } })
        .Results?.map(({ TrainingJob }) => TrainingJob?.TrainingJobName);
    expect(found({ Name: 'Tags.commit', Value: '2' })).toEqual(['c-bad']);
    expect(found({ Name: 'Tags.commit', Operator: 'Exists' })).toEqual(['b-good', 'c-bad', 'a-good']);
    expect(
      found(
        { Name: 'TrainingJobStatus', Value: 'Completed' },
        { Name: 'Tags.commit', Operator: 'NotEquals', Value: '1' },
      ),
    ).toEqual(['b-good']);
  });

  test('keep tags with the job', async () => {
    const { jobs, tags, describe } = await three();
    const ResourceArn = describe('a-good').TrainingJobArn;
    tags.add({ ResourceArn, Tags: [{ Key: 'ref', Value: 'main' }] });
    tags.delete({ ResourceArn, TagKeys: ['commit'] });
    expect(tags.list({ ResourceArn }).Tags).toEqual([{ Key: 'ref', Value: 'main' }]);
    expect(() => tags.list({ ResourceArn: `${ResourceArn}-x` })).toThrow('Requested resource not found.');
    jobs.delete({ TrainingJobName: 'a-good' });
    expect(() => tags.list({ ResourceArn })).toThrow('Requested resource not found.');
  });
});
