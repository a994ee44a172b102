import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { finalMetricsOf } from '../../../../src/aws/training-jobs.js';
import { CanceledError, createDocker } from '../../../../src/docker/docker.js';
import type { ModelPackageRecord, RegisterPlan, SourceRecord } from '../../../../src/plan.js';
import type { MadeModel } from '../../../../src/stages/made-model.js';
import { type RegisterResult, register } from '../../../../src/stages/register.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';
import { IMAGE_URI, SOURCE } from '../train/plans.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { DIGEST, FakeRegistry, trouble } from './fake-registry.js';
import { CARD, GROUP, job, MODEL, registerPlan } from './plans.js';

let clock: VirtualClock;
let aws: FakeRegistry;
let log: SeenLog;
let canceler: AbortController;
let known: ModelPackageRecord[];

beforeEach(async () => {
  clock = new VirtualClock();
  aws = new FakeRegistry(clock);
  log = new SeenLog();
  canceler = new AbortController();
  known = [];
  aws.objects.set(MODEL, { body: await archive({}) });
  await aws.open();
});
afterEach(() => aws.close());

const MADE: MadeModel = { imageUri: IMAGE_URI, job: job() };

function run(
  change: Partial<RegisterPlan> = {},
  made: MadeModel = MADE,
  source: SourceRecord = SOURCE,
): Promise<RegisterResult> {
  const context = {
    docker: createDocker({}),
    runId: '0123456789ab',
    tempDir: '/temp',
    log,
    signal: canceler.signal,
    source,
  };
  return clock.run(
    register(context, registerPlan(change), made, {
      onKnown: (record) => known.push(record),
      clock,
      connect: aws.connect,
    }),
  );
}

/** A model.tar.gz with these files. */
async function archive(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries({ 'weights.bin': 'w'.repeat(1000), ...files })) {
    tar.entry({ name }, content);
  }
  tar.finalize();
  return gzipSync(await buffer(tar));
}

const arn = (version: number) => `arn:aws:sagemaker:eu-west-1:123456789012:model-package/${GROUP}/${version}`;

describe('a model that a run has trained', () => {
  test('becomes a version with its image, artifact and what it may be sent', async () => {
    const { outcome, detail, modelPackage } = await run();
    expect(outcome).toBe('passed');
    expect(detail).toBe('Registered churn version 1 (PendingManualApproval).');
    expect(modelPackage).toMatchObject({
      arn: arn(1),
      group: GROUP,
      version: 1,
      status: 'Completed',
      approvalStatus: 'PendingManualApproval',
      created: true,
      groupCreated: true,
      image: IMAGE_URI,
      modelArtifacts: MODEL,
      versions: [{ version: 1, arn: arn(1), commit: SOURCE.commit }],
    });
    expect(known.at(-1)).toEqual(modelPackage);
    expect(aws.describe(arn(1))).toMatchObject({
      InferenceSpecification: {
        Containers: [{ Image: IMAGE_URI, ModelDataUrl: MODEL, ImageDigest: DIGEST }],
        SupportedContentTypes: ['text/csv'],
        SupportedResponseMIMETypes: ['application/json'],
        SupportedRealtimeInferenceInstanceTypes: ['ml.m5.large'],
      },
      MetadataProperties: {
        CommitId: SOURCE.commit,
        Repository: 'https://github.com/octo-org/churn-model',
        GeneratedBy: SOURCE.runUrl,
        ProjectId: 'octo-org/churn-model',
      },
    });
  });

  test('says in its metadata whence it comes, in what the API takes', async () => {
    await run({
      metadata: new Map([
        ['owner', 'retention'],
        ['training-job', 'forged'],
      ]),
    });
    expect(aws.describe(arn(1)).CustomerMetadataProperties).toEqual({
      'sagemaker-byoc:repository': 'octo-org/churn-model',
      'sagemaker-byoc:workflow': 'Train _ deploy',
      'sagemaker-byoc:commit': SOURCE.commit,
      'sagemaker-byoc:ref': 'refs/heads/main',
      'sagemaker-byoc:run-url': SOURCE.runUrl,
      'sagemaker-byoc:actor': 'dependabot_bot_',
      'image-digest': DIGEST,
      'training-job': 'churn-7',
      'model-etag': expect.any(String),
      owner: 'retention',
      'metric:validation:accuracy': '0.93',
      'metric:loss': '0.25',
      'metric:epochs': '3',
    });
  });

  test('has its metrics, gates and baseline in a report beside it', async () => {
    const { modelPackage } = await run();
    const { Statistics } = aws.describe(arn(1)).ModelMetrics?.ModelQuality ?? {};
    const uri = Statistics?.S3Uri ?? '';
    expect(modelPackage?.metricsReport).toBe(uri);
    expect(uri).toMatch(/^s3:\/\/models\/churn\/churn-7\/output\/model-quality-[0-9a-f]{12}\.json$/);
    const body = aws.objects.get(uri)?.body ?? Buffer.alloc(0);
    expect(Statistics).toMatchObject({
      ContentType: 'application/json',
      ContentDigest: `sha256:${createHash('sha256').update(body).digest('hex')}`,
    });
    expect(JSON.parse(body.toString())).toMatchObject({
      multiclass_classification_metrics: {
        'validation:accuracy': { value: 0.93, standard_deviation: 'NaN' },
      },
      metric_groups: [
        {
          name: 'final metrics',
          metric_data: [
            { name: 'validation:accuracy', type: 'number', value: 0.93 },
            { name: 'loss', type: 'number', value: 0.25 },
            { name: 'epochs', type: 'number', value: 3 },
          ],
        },
        { name: 'baseline', metric_data: [{ name: 'validation:accuracy', value: 0.91 }] },
      ],
      gates: [{ metric: 'validation:accuracy', condition: '>= 0.9', actual: 0.93, passed: true }],
      baseline: { training_job: 'churn-6', ref: 'main' },
      training_job: { name: 'churn-7' },
      commit: SOURCE.commit,
    });
  });

  test('has metrics as the container wrote them, where AWS keeps floats of 32 bits', async () => {
    const finalMetrics = finalMetricsOf({
      FinalMetricDataList: [
        { MetricName: 'accuracy', Value: Math.fround(0.91) },
        { MetricName: 'loss', Value: 123456.789 },
        { MetricName: 'rows', Value: 12_000_000 },
      ],
    });
    await run({}, { ...MADE, job: job({ finalMetrics, series: [] }) });
    expect(aws.describe(arn(1)).CustomerMetadataProperties).toMatchObject({
      'metric:accuracy': '0.91',
      'metric:loss': '123456.789',
      'metric:rows': '12000000',
    });
  });

  test('says what training left in model_info.json', async () => {
    aws.objects.set(MODEL, {
      body: await archive({
        './model_info.json': '{"framework": "xgboost", "features": ["age", "plan"], "data": {"rows": 120}}',
      }),
    });
    await run();
    expect(aws.describe(arn(1)).CustomerMetadataProperties).toMatchObject({
      'model-info:framework': 'xgboost',
      'model-info:features': 'age plan',
      'model-info:data.rows': '120',
    });
  });

  test.each([
    ['broken JSON', '{"framework": ', /model_info\.json in the model is not JSON/],
    ['a list', '[1]', /no JSON object/],
    ['too long a file', `{"a": "${'x'.repeat(300_000)}"}`, /bytes, and only/],
  ])('is registered without %s of model_info.json, and the run says so', async (_, text, notice) => {
    aws.objects.set(MODEL, { body: await archive({ 'model_info.json': text }) });
    const { outcome, notices } = await run();
    expect(outcome).toBe('passed');
    expect(notices).toEqual([expect.stringMatching(notice)]);
  });

  test.each([
    ['no archive', Buffer.from('no archive'), /The model was not looked into/],
    ['a broken archive', gzipSync(Buffer.alloc(100_000)).subarray(0, 40), /The model was not looked into/],
  ])('is registered when it is %s', async (_, body, notice) => {
    aws.objects.set(MODEL, { body });
    const { outcome, notices } = await run();
    expect(outcome).toBe('passed');
    expect(notices).toEqual([expect.stringMatching(notice)]);
  });

  test('keeps to 50 entries of metadata, and says what was left out', async () => {
    const info = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}`, index]));
    aws.objects.set(MODEL, { body: await archive({ 'model_info.json': JSON.stringify(info) }) });
    const { outcome, notices } = await run();
    expect(outcome).toBe('passed');
    expect(Object.keys(aws.describe(arn(1)).CustomerMetadataProperties ?? {})).toHaveLength(47);
    expect(notices?.[0]).toMatch(/left out: .*model-info:field59/);
  });

  test('gets a group with the tags of the run, when it is asked for', async () => {
    await run();
    const [group] = aws.calls.filter(({ operation }) => operation === 'CreateModelPackageGroup');
    expect(group?.body['Tags']).toEqual(
      expect.arrayContaining([
        { Key: 'team', Value: 'retention' },
        { Key: 'sagemaker-byoc:repository', Value: 'octo-org/churn-model' },
      ]),
    );
    const [version] = aws.calls.filter(({ operation }) => operation === 'CreateModelPackage');
    expect(version?.body).not.toHaveProperty('Tags');
  });

  test('is not registered without its group, and the fix is said', async () => {
    const failed = run({ createGroup: false });
    await expect(failed).rejects.toBeInstanceOf(StageFailure);
    await expect(failed).rejects.toMatchObject({
      failure: {
        message: 'There is no model package group churn in eu-west-1.',
        fix: expect.stringMatching(/create-model-package-group: true/),
      },
    });
    expect(aws.count('CreateModelPackage')).toBe(0);
  });

  test('goes to a group that is there', async () => {
    await aws.do('CreateModelPackageGroup', { ModelPackageGroupName: GROUP });
    const { modelPackage } = await run({ createGroup: false });
    expect(modelPackage).toMatchObject({ created: true, groupCreated: false });
  });

  test('takes a group that somebody else makes at the same moment', async () => {
    aws.after = (operation) => {
      if (operation === 'DescribeModelPackageGroup' && aws.count('DescribeModelPackageGroup') === 1) {
        void aws.do('CreateModelPackageGroup', { ModelPackageGroupName: GROUP });
      }
    };
    const { outcome, modelPackage } = await run();
    expect(outcome).toBe('passed');
    expect(modelPackage?.groupCreated).toBe(false);
  });

  test('is not registered before there is one', async () => {
    await expect(
      run({}, { imageUri: IMAGE_URI, job: { ...job(), modelArtifacts: undefined as never } }),
    ).rejects.toMatchObject({
      failure: { message: expect.stringMatching(/churn-7 .* has not written one/) },
    });
    await expect(run({}, { imageUri: IMAGE_URI })).rejects.toMatchObject({
      failure: { fix: expect.stringMatching(/model-artifacts/) },
    });
  });
});

describe('the same model again', () => {
  test('is the version that is there', async () => {
    await run();
    const again = await run({}, MADE, {
      ...SOURCE,
      runUrl: 'https://github.com/octo-org/churn-model/actions/runs/9',
    });
    expect(again.outcome).toBe('passed');
    expect(again.modelPackage).toMatchObject({ arn: arn(1), created: false, versions: [{ version: 1 }] });
    expect(again.detail).toMatch(/^Unchanged: churn version 1/);
    expect(aws.count('CreateModelPackage')).toBe(1);
  });

  test('is not decided upon again', async () => {
    await run();
    await aws.do('UpdateModelPackage', { ModelPackageArn: arn(1), ModelApprovalStatus: 'Rejected' });
    const again = await run({ approvalStatus: 'Approved' });
    expect(again.modelPackage?.approvalStatus).toBe('Rejected');
    expect(again.notices?.join()).toMatch(/`approval-status: Approved` was not applied.*`approve`/);
    expect(aws.describe(arn(1)).ModelApprovalStatus).toBe('Rejected');
  });

  test.each([
    ['with another image', { ...MADE, imageUri: IMAGE_URI.replace('abab', 'cdcd') }],
    [
      'at another address',
      { ...MADE, job: job({ modelArtifacts: `${MODEL.replace('churn-7', 'churn-8')}` }) },
    ],
  ])('%s is another version', async (_, made) => {
    await run();
    expect((await run({}, made)).modelPackage).toMatchObject({ version: 2, created: true });
  });

  test('is another version when the address holds something else by now', async () => {
    await run();
    aws.objects.set(MODEL, { body: await archive({ more: 'than before' }) });
    const { modelPackage } = await run();
    expect(modelPackage).toMatchObject({ version: 2, created: true });
    expect(modelPackage?.versions.map(({ version }) => version)).toEqual([2, 1]);
  });

  test('is one version however often the call is answered into the void', async () => {
    aws.lostAnswer = (operation, nth) =>
      operation === 'CreateModelPackage' && nth < 3 ? trouble('network', operation) : undefined;
    const { outcome, modelPackage } = await run();
    expect(outcome).toBe('passed');
    expect(modelPackage?.version).toBe(1);
    expect(aws.count('CreateModelPackage')).toBe(3);
    const { ModelPackageSummaryList } = await aws.do<{ ModelPackageSummaryList: unknown[] }>(
      'ListModelPackages',
      { ModelPackageGroupName: GROUP },
    );
    expect(ModelPackageSummaryList).toHaveLength(1);
  });
});

describe('a model that another run has trained', () => {
  const made = { imageUri: IMAGE_URI };

  test('has the facts of its job, which is found by where its model is', async () => {
    aws.jobs.set('churn-7', {
      TrainingJobName: 'churn-7',
      TrainingJobArn: 'arn:aws:sagemaker:eu-west-1:123456789012:training-job/churn-7',
      ModelArtifacts: { S3ModelArtifacts: MODEL },
      HyperParameters: { epochs: '3', api_token: 'hunter2' },
      FinalMetricDataList: [{ MetricName: 'rmse', Value: 1.5, Timestamp: new Date(0) }],
    });
    const { modelPackage } = await run({ modelArtifacts: MODEL, card: CARD }, made);
    expect(modelPackage?.metadata).toMatchObject({ 'training-job': 'churn-7', 'metric:rmse': '1.5' });
    const report = aws.objects.get(modelPackage?.metricsReport ?? '')?.body.toString() ?? '{}';
    expect(JSON.parse(report)).toHaveProperty('regression_metrics.rmse.value', 1.5);
    const { Content = '' } = await aws.card(GROUP);
    expect(Content).toMatch(/"epochs","value":"3"/);
    expect(Content).not.toMatch(/hunter2/);
  });

  test.each([
    ['is not there', undefined],
    ['has another model', { ModelArtifacts: { S3ModelArtifacts: 's3://models/other.tar.gz' } }],
  ])('is registered without metrics when that job %s', async (_, description) => {
    if (description) aws.jobs.set('churn-7', description);
    const { outcome, modelPackage, notices } = await run({ modelArtifacts: MODEL }, made);
    expect(outcome).toBe('passed');
    expect(modelPackage).not.toHaveProperty('metricsReport');
    expect(notices).toEqual([expect.stringMatching(/no metrics/)]);
  });

  test('is registered by whoever may not describe jobs', async () => {
    aws.fault = (operation) =>
      operation === 'DescribeTrainingJob' ? trouble('access-denied', operation) : undefined;
    expect((await run({ modelArtifacts: MODEL }, made)).outcome).toBe('passed');
  });

  test('may be a folder that is not packed', async () => {
    aws.objects.set('s3://models/plain/model_info.json', { body: Buffer.from('{"framework": "torch"}') });
    await run({ modelArtifacts: 's3://models/plain' }, made);
    expect(aws.describe(arn(1))).toMatchObject({
      InferenceSpecification: {
        Containers: [
          {
            ModelDataSource: {
              S3DataSource: { S3Uri: 's3://models/plain/', S3DataType: 'S3Prefix', CompressionType: 'None' },
            },
          },
        ],
      },
      CustomerMetadataProperties: { 'model-info:framework': 'torch' },
    });
    expect((await run({ modelArtifacts: 's3://models/plain/' }, made)).modelPackage?.created).toBe(false);
  });
});

describe('the model card', () => {
  const content = async (version?: number) =>
    JSON.parse((await aws.card(GROUP, version)).Content ?? '{}') as Record<string, never>;

  test('has the author’s words as they are, and the facts of the run', async () => {
    const { detail, modelPackage } = await run({ card: CARD });
    expect(detail).toBe(
      'Registered churn version 1 (PendingManualApproval). Model card churn created: version 1.',
    );
    expect(modelPackage?.card).toMatchObject({ name: GROUP, version: 1 });
    const card = await content();
    expect(card).toMatchObject({
      intended_uses: CARD.content['intended_uses'] as never,
      model_overview: {
        ...(CARD.content['model_overview'] as object),
        model_name: GROUP,
        model_version: 1,
        model_creator: 'dependabot[bot]',
        model_artifact: [MODEL],
        inference_environment: { container_image: [IMAGE_URI] },
      },
      model_package_details: {
        model_package_arn: arn(1),
        model_package_group_name: GROUP,
        model_package_version: 1,
        model_approval_status: 'PendingManualApproval',
      },
      training_details: {
        training_observations: 'Trained on the year 2025.',
        training_job_details: {
          training_arn: job().arn,
          training_datasets: ['s3://data/churn/2025'],
          training_environment: { container_image: [IMAGE_URI] },
          training_metrics: [
            { name: 'validation:accuracy', value: 0.93 },
            { name: 'loss', value: 0.25 },
            { name: 'epochs', value: 3 },
          ],
          hyper_parameters: [
            { name: 'epochs', value: '3' },
            { name: 'api_key', value: '***' },
          ],
        },
      },
      evaluation_details: [
        {
          name: 'Metrics of churn-7',
          metadata: {
            gate_1: 'validation:accuracy >= 0.9: passed (0.93)',
            baseline: 'churn-6 of main',
            metrics_report: modelPackage?.metricsReport,
          },
        },
      ],
      additional_information: {
        caveats_and_recommendations: 'Customers of less than 3 months are not judged.',
        custom_details: {
          reviewer: 'A. Turing',
          commit: SOURCE.commit,
          repository: SOURCE.repository,
          run_url: SOURCE.runUrl,
          registered_by: 'dependabot[bot]',
          registered_at: expect.stringMatching(/^2026-03-01T10:/),
          image: IMAGE_URI,
          training_job: 'churn-7',
          training_data: 'training: s3://data/churn/2025',
          model_package_arn: arn(1),
        },
      },
    });
  });

  test('is in the version too, as far as its schema goes', async () => {
    await run({ card: CARD });
    const { ModelCard } = aws.describe(arn(1));
    expect(ModelCard?.ModelCardStatus).toBe('Draft');
    const inside = JSON.parse(ModelCard?.ModelCardContent ?? '{}');
    expect(inside.model_overview).toEqual({ model_creator: 'dependabot[bot]', model_artifact: [MODEL] });
    expect(inside.intended_uses).toEqual(CARD.content['intended_uses']);
    expect(inside.training_details.training_job_details.training_arn).toBe(job().arn);
  });

  test('gets a new version with each version of the model, and keeps the one before', async () => {
    await run({ card: CARD });
    const made = {
      ...MADE,
      job: job({ modelArtifacts: MODEL.replace('churn-7', 'churn-8'), name: 'churn-8' }),
    };
    const { modelPackage } = await run({ card: { ...CARD, status: 'PendingReview' } }, made);
    expect(modelPackage?.card?.version).toBe(2);
    expect((await aws.card(GROUP)).ModelCardStatus).toBe('PendingReview');
    expect(await content(1)).toMatchObject({ model_package_details: { model_package_version: 1 } });
    expect(await content(2)).toMatchObject({ model_package_details: { model_package_version: 2 } });
  });

  test('stays as it is, and in its status, when it says the same', async () => {
    await run({ card: CARD });
    await aws.do('UpdateModelCard', { ModelCardName: GROUP, ModelCardStatus: 'Approved' });
    const later = {
      ...SOURCE,
      runUrl: 'https://github.com/octo-org/churn-model/actions/runs/9',
      actor: 'other',
    };
    const { modelPackage, detail } = await run({ card: CARD }, MADE, later);
    expect(detail).toMatch(/Model card churn is version 1\.$/);
    expect(modelPackage?.card?.version).toBe(1);
    expect((await aws.card(GROUP)).ModelCardStatus).toBe('Approved');
  });

  test('is written by the next run when the first one was lost before it', async () => {
    aws.fault = (operation) =>
      operation === 'CreateModelCard' ? trouble('access-denied', operation) : undefined;
    const first = await run({ card: CARD });
    expect(first).toMatchObject({
      outcome: 'failed',
      modelPackage: { version: 1 },
      failure: { message: expect.stringMatching(/^The model is registered .* the rest was not done/) },
    });
    aws.fault = () => undefined;
    const second = await run({ card: CARD });
    expect(second).toMatchObject({
      outcome: 'passed',
      modelPackage: { created: false, card: { version: 1 } },
    });
  });

  test('is made once when the answer is lost', async () => {
    aws.lostAnswer = (operation, nth) =>
      operation === 'CreateModelCard' && nth === 1 ? trouble('server', operation) : undefined;
    expect((await run({ card: CARD })).modelPackage?.card?.version).toBe(1);
  });

  test('of another name is that one', async () => {
    const { modelPackage } = await run({ card: { ...CARD, name: 'churn-eu' } });
    expect(modelPackage?.card?.name).toBe('churn-eu');
    expect(modelPackage?.metadata['model-card']).toBe('churn-eu');
  });

  test('that is too long is refused before anything is registered', async () => {
    const content = { intended_uses: { intended_uses: 'x'.repeat(100_001) } };
    await expect(run({ card: { ...CARD, content } })).rejects.toMatchObject({
      failure: { message: expect.stringMatching(/takes 100000/) },
    });
    expect(aws.count('CreateModelPackage')).toBe(0);
  });
});

describe('trouble', () => {
  test.each([
    'DescribeModelPackageGroup',
    'CreateModelPackageGroup',
    'GetObject',
    'ListModelPackages',
    'PutObject',
    'CreateModelPackage',
    'DescribeModelPackage',
    'DescribeModelCard',
    'CreateModelCard',
  ])('of the network at %s for a minute is outlived', async (operation) => {
    const until = clock.now() + 60_000;
    aws.fault = (called) =>
      called === operation && clock.now() < until && operation !== 'GetObject'
        ? trouble('network', called)
        : undefined;
    expect(await run({ card: CARD })).toMatchObject({ outcome: 'passed', modelPackage: { version: 1 } });
  });

  test.each(['throttled', 'server', 'network', 'expired-credentials'] as const)(
    '%s without end while it is registered: nobody knows',
    async (kind) => {
      aws.fault = (operation) => (operation === 'CreateModelPackage' ? trouble(kind, operation) : undefined);
      const { outcome, failure } = await run();
      expect(outcome).toBe('unknown');
      expect(failure).toMatchObject({
        message: expect.stringMatching(/^Whether the model was registered is not known/),
        fix: expect.stringMatching(/aws sagemaker list-model-packages .* Running this again is safe/),
      });
    },
  );

  test('expired credentials are asked for again', async () => {
    aws.fault = (operation, nth) =>
      operation === 'CreateModelPackage' && nth === 1 ? trouble('expired-credentials', operation) : undefined;
    const { outcome } = await run();
    expect(outcome).toBe('passed');
    expect(aws.connections).toBeGreaterThan(2);
  });

  test.each(['DescribeModelPackageGroup', 'ListModelPackages', 'PutObject'])(
    'without end at %s: nothing was registered',
    async (operation) => {
      aws.fault = (called) => (called === operation ? trouble('network', called) : undefined);
      await expect(run()).rejects.toMatchObject({
        failure: { message: expect.stringMatching(/^The model was not registered\./) },
      });
      expect(aws.count('CreateModelPackage')).toBe(0);
    },
  );

  test('a refusal is said at once, with its fix', async () => {
    aws.fault = (operation) =>
      operation === 'CreateModelPackage' ? trouble('access-denied', operation) : undefined;
    await expect(run()).rejects.toMatchObject({
      failure: { message: 'The model was not registered. access-denied it is.' },
    });
    expect(aws.count('CreateModelPackage')).toBe(0);
  });

  test('a version that AWS takes time for is waited for', async () => {
    aws.local.control('PUT', { delay: 60_000 });
    expect((await run()).modelPackage?.status).toBe('Completed');
    expect(clock.now() - Date.parse('2026-03-01T10:00:00Z')).toBeGreaterThanOrEqual(60_000);
  });

  test('a version that AWS finds fault with fails the run', async () => {
    aws.local.control('PUT', { failure: 'The image does not start.' });
    const { outcome, failure, modelPackage } = await run();
    expect(outcome).toBe('failed');
    expect(failure?.message).toMatch(/The image does not start/);
    expect(modelPackage?.status).toBe('Failed');
    aws.local.control('DELETE', undefined);
    expect((await run()).modelPackage).toMatchObject({ version: 2, created: true, status: 'Completed' });
  });

  test('a version that never gets complete is not known to be', async () => {
    aws.local.control('PUT', { delay: 3_600_000 });
    const { outcome, modelPackage } = await run();
    expect(outcome).toBe('unknown');
    expect(modelPackage?.status).toBe('InProgress');
  });
});

describe('a cancel', () => {
  test('before anything is registered ends it', async () => {
    canceler.abort();
    await expect(run()).rejects.toBeInstanceOf(CanceledError);
  });

  test('while it is registered lets the call come to its end, and says what is there', async () => {
    aws.after = async (operation) => {
      if (operation !== 'CreateModelPackage') return;
      canceler.abort();
      // The answer takes its time.
      await clock.sleep(1_000);
    };
    const { outcome, detail, modelPackage } = await run({ card: CARD });
    expect(outcome).toBe('canceled');
    expect(detail).toMatch(/registered already: arn:.*churn\/1/);
    expect(modelPackage).toMatchObject({ arn: arn(1), created: true });
    expect(aws.count('CreateModelCard')).toBe(0);
  });

  test('while AWS is out of reach says that nobody knows', async () => {
    aws.fault = (operation) => {
      if (operation !== 'CreateModelPackage') return undefined;
      canceler.abort();
      return trouble('network', operation);
    };
    const { outcome, detail } = await run();
    expect(outcome).toBe('canceled');
    expect(detail).toMatch(/is not known/);
  });
});
