import { randomBytes } from 'node:crypto';
import { BatchGetImageCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CleanUpPlan } from '../../../src/plan.js';
import { pinningTags } from '../../../src/stages/pinning-tags.js';
import { removeUnused } from '../../../src/stages/remove-unused.js';
import { type JobClock, systemJobClock } from '../../../src/stages/train/job-clock.js';
import { SOURCE as ANY } from '../../unit/stages/train/plans.js';
import {
  allow,
  documented,
  emptyPlan,
  LiveEndpoints,
  stageContext,
  uncalled,
  wire,
} from './live-endpoints.js';
import { localAws, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** The stage clean-up with the real SDK, over HTTP, at local AWS. */
jest.setTimeout(240_000);

const PREFIX = `byoc-clean-${randomBytes(3).toString('hex')}`;
/** A repository of its own: other tests of this local AWS leave things of theirs. */
const SOURCE = { ...ANY, repository: `octo-org/${PREFIX}` };
const REF = 'refs/heads/feature/x';
const OF_BRANCH = { ...SOURCE, ref: REF };
const before = { ...process.env };

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let ecr: ECRClient;
let image: string;
let endpoints: LiveEndpoints;

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  ecr = new ECRClient(aws.client());
  Object.assign(process.env, aws.env);
  image = (await pushTinyImage(aws, PREFIX)).uri;
  endpoints = new LiveEndpoints(aws, sagemaker, image);
});
afterEach(async () => {
  await aws.clearFaults();
  await allow(aws);
});
afterAll(() => {
  process.env = before;
  sagemaker.destroy();
  ecr.destroy();
});

/** What is younger than an hour stays. */
const LATER: JobClock = {
  now: () => systemJobClock.now() + 3_700_000,
  random: () => systemJobClock.random(),
  sleep: (milliseconds, signal) => systemJobClock.sleep(milliseconds, signal),
};

const clean = (change: Partial<CleanUpPlan> = {}) =>
  removeUnused(
    stageContext(SOURCE),
    { ...emptyPlan(aws), stages: ['clean-up'], cleanUp: { keep: 1, dryRun: false, ...change } },
    { onKnown: () => {}, clock: LATER },
  );

/** Local AWS tells times of creation by the second. */
const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1_050));

describe('what runs have left', () => {
  test('goes but for the live and the newest, once, with no more than docs/permissions.md allows', async () => {
    const name = `${PREFIX}-live`;
    const configs: string[] = [];
    for (let count = 0; count < 4; count++) {
      configs.push(await endpoints.config(name, ['AllTraffic'], { source: SOURCE }));
      await nextSecond();
    }
    await endpoints.endpoint(name, configs[0] ?? '', SOURCE);
    const theirs = await endpoints.config(`${PREFIX}-theirs`);
    const statements = documented('Clean-up');
    const calls = await aws.calls();
    await allow(aws, statements);
    const dry = await clean({ dryRun: true });
    expect(dry).toMatchObject({
      outcome: 'passed',
      detail: expect.stringContaining('4 things would be removed'),
    });
    expect(await clean()).toMatchObject({
      outcome: 'passed',
      detail: expect.stringContaining('4 things removed'),
    });
    expect(await clean()).toMatchObject({ outcome: 'passed', detail: expect.stringMatching(/^Unchanged/) });
    expect(await uncalled(aws, statements, calls)).toEqual([]);
    await allow(aws);
    const left = await endpoints.left(name);
    expect([...left.configs].sort()).toEqual([configs[0], configs[3]].sort());
    expect(left.models).toHaveLength(2);
    expect((await endpoints.left(theirs)).configs).toEqual([theirs]);
    expect(await endpoints.describe(name)).toMatchObject({ EndpointStatus: 'InService' });
  });

  test('for a branch goes with its jobs and its images; its endpoint is listed', async () => {
    const preview = `${PREFIX}-preview`;
    const live = await endpoints.config(preview, ['AllTraffic'], { source: OF_BRANCH });
    await endpoints.endpoint(preview, live, OF_BRANCH);
    const gone = `${PREFIX}-gone`;
    await endpoints.config(gone, ['AllTraffic'], { source: OF_BRANCH });
    const labels = (ref: string) => ({
      'org.opencontainers.image.source': `https://github.com/${SOURCE.repository}`,
      'io.github.sagemaker-byoc.ref': ref,
    });
    const tag = `sagemaker-byoc-${'0'.repeat(32)}`;
    const repositories = [`${PREFIX}-branch`, `${PREFIX}-main`] as const;
    await pushTinyImage(aws, repositories[0], 'docker', { tag, labels: labels(REF) });
    await pushTinyImage(aws, repositories[1], 'docker', { tag, labels: labels('refs/heads/main') });
    const job = `${PREFIX}-job`;
    await aws.control('POST', 'sagemaker/training', {
      jobs: job,
      script: {},
      delays: { Starting: 600_000 },
    });
    await sagemaker.send(
      new CreateTrainingJobCommand({
        TrainingJobName: job,
        RoleArn: aws.executionRoleArn,
        AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File' },
        OutputDataConfig: { S3OutputPath: `s3://${aws.bucket}/${PREFIX}` },
        ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 30 },
        StoppingCondition: { MaxRuntimeInSeconds: 3600 },
        Tags: wire(pinningTags(OF_BRANCH)),
      }),
    );
    const status = async () =>
      (await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: job }))).TrainingJobStatus;
    expect(await status()).toBe('InProgress');

    const statements = documented('Clean-up', 'clean-up-ref', 'clean-up of images');
    const calls = await aws.calls();
    await allow(aws, statements);
    const result = await clean({ ref: REF, repository: repositories[0] });
    expect(result.failure).toBeUndefined();
    expect(result.notices).toEqual([expect.stringContaining(`endpoint-name: ${preview}`)]);
    expect(result.cleanUp?.resources.map(({ result: how, kind }) => `${how} ${kind}`)).toEqual([
      'stopped training-job',
      'removed endpoint-config',
      'removed model',
      'removed image',
      'kept endpoint',
    ]);
    await allow(aws);
    while ((await status()) !== 'Stopped') await new Promise((resolve) => setTimeout(resolve, 200));
    await allow(aws, statements);
    const last = await clean({ ref: REF, repository: repositories[1] });
    expect(last.cleanUp?.resources.map(({ result: how, kind }) => `${how} ${kind}`)).toEqual([
      'removed training-job',
      'kept endpoint',
    ]);
    // These are called when there is a model registry.
    const registry = ['sagemaker:DescribeModelPackage', 'sagemaker:ListModelPackages'];
    expect((await uncalled(aws, statements, calls)).filter((action) => !registry.includes(action))).toEqual(
      [],
    );
    await allow(aws);
    for (const [index, repositoryName] of repositories.entries()) {
      const { images = [] } = await ecr.send(
        new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: tag }] }),
      );
      expect(images).toHaveLength(index);
    }
    expect((await endpoints.left(gone)).configs).toEqual([]);
    expect((await endpoints.left(preview)).configs).toEqual([live]);
  });
});
