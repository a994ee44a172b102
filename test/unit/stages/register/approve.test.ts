import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../../src/docker/docker.js';
import type { ApprovePlan, ModelPackageRecord } from '../../../../src/plan.js';
import { type ApproveResult, approve } from '../../../../src/stages/approve.js';
import { register } from '../../../../src/stages/register.js';
import { IMAGE_URI, SOURCE } from '../train/plans.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { FakeRegistry, trouble } from './fake-registry.js';
import { approvePlan, CARD, GROUP, job, MODEL, registerPlan } from './plans.js';

let clock: VirtualClock;
let aws: FakeRegistry;
let canceler: AbortController;
let known: ModelPackageRecord[];

beforeEach(async () => {
  clock = new VirtualClock();
  aws = new FakeRegistry(clock);
  canceler = new AbortController();
  known = [];
  await aws.open();
});
afterEach(() => aws.close());

const context = (actor = 'grace') => ({
  docker: createDocker({}),
  runId: '0123456789ab',
  tempDir: '/temp',
  log: new SeenLog(),
  signal: canceler.signal,
  source: { ...SOURCE, actor, runUrl: 'https://github.com/octo-org/churn-model/actions/runs/77' },
});

const run = (change: Partial<ApprovePlan> = {}): Promise<ApproveResult> =>
  clock.run(
    approve(context(), approvePlan(change), {
      onKnown: (record) => known.push(record),
      clock,
      connect: aws.connectRegistry,
    }),
  );

/** A version of the group, as `register` makes it. */
const registered = (version: number) =>
  clock.run(
    register(
      context('ada'),
      registerPlan({ card: CARD }),
      { imageUri: IMAGE_URI, job: job({ modelArtifacts: MODEL.replace('churn-7', `churn-${version}`) }) },
      { onKnown: () => {}, clock, connect: aws.connect },
    ),
  );

const arn = (version: number) => `arn:aws:sagemaker:eu-west-1:123456789012:model-package/${GROUP}/${version}`;

describe('a version that is approved', () => {
  test('has its status, why, who decided it, when and where', async () => {
    await registered(1);
    await registered(2);
    const { outcome, detail, modelPackage } = await run({ description: 'Beats\nthe baseline.' });
    expect(outcome).toBe('passed');
    expect(detail).toBe('churn version 2: PendingManualApproval → Approved.');
    const described = aws.describe(arn(2));
    expect(described.ModelApprovalStatus).toBe('Approved');
    expect(described.ApprovalDescription).toMatch(
      /^Beats the baseline\. \(Approved by grace at 2026-03-01T10:\d\d:\d\d\.\d{3}Z, https:\/\/github\.com\/octo-org\/churn-model\/actions\/runs\/77\)$/,
    );
    expect(described.CustomerMetadataProperties).toMatchObject({
      'sagemaker-byoc:actor': 'ada',
      'approved-by': 'grace',
      'approved-at': expect.stringMatching(/^2026-03-01T10:/),
      'approval-run-url': 'https://github.com/octo-org/churn-model/actions/runs/77',
    });
    expect(modelPackage).toMatchObject({
      arn: arn(2),
      version: 2,
      approvalStatus: 'Approved',
      approvalDescription: described.ApprovalDescription,
      created: false,
      versions: [
        { version: 2, approvalStatus: 'Approved' },
        { version: 1, approvalStatus: 'PendingManualApproval' },
      ],
    });
    expect(known.at(-1)).toEqual(modelPackage);
    expect(aws.describe(arn(1)).ModelApprovalStatus).toBe('PendingManualApproval');
  });

  test('has it in its model card, with the author’s words untouched', async () => {
    await registered(1);
    const before = JSON.parse((await aws.card(GROUP)).Content ?? '');
    const { modelPackage } = await run();
    expect(modelPackage?.card).toMatchObject({ name: GROUP, version: 2 });
    const card = JSON.parse((await aws.card(GROUP)).Content ?? '');
    expect(card).toMatchObject({
      intended_uses: before.intended_uses,
      model_package_details: { model_package_arn: arn(1), model_approval_status: 'Approved' },
      additional_information: {
        caveats_and_recommendations: before.additional_information.caveats_and_recommendations,
        custom_details: { reviewer: 'A. Turing', decided_by: 'grace', approval_status: 'Approved' },
      },
    });
  });

  test('leaves the card alone when that is about another version', async () => {
    await registered(1);
    await registered(2);
    const { outcome } = await run({ package: { kind: 'arn', arn: arn(1) } });
    expect(outcome).toBe('passed');
    expect((await aws.card(GROUP)).ModelCardVersion).toBe(2);
  });

  test('may be named by its ARN, or be the latest approved one', async () => {
    await registered(1);
    await registered(2);
    await run({ package: { kind: 'arn', arn: arn(1) } });
    const { modelPackage } = await run({
      package: { kind: 'latest-approved', group: GROUP },
      status: 'Rejected',
    });
    expect(modelPackage).toMatchObject({ version: 1, approvalStatus: 'Rejected' });
  });

  test('may be named by its number', async () => {
    await registered(1);
    await registered(2);
    const { modelPackage } = await run({ package: { kind: 'version', group: GROUP, version: 1 } });
    expect(modelPackage).toMatchObject({ version: 1, approvalStatus: 'Approved' });
    await expect(run({ package: { kind: 'version', group: GROUP, version: 3 } })).rejects.toThrow(
      'has no version 3',
    );
  });

  test('already is left as it is', async () => {
    await registered(1);
    await run();
    const before = aws.describe(arn(1));
    const { outcome, detail, modelPackage } = await run({ description: 'Once more.' });
    expect([outcome, detail]).toEqual(['passed', 'Unchanged: churn version 1 is Approved already.']);
    expect(aws.describe(arn(1))).toEqual(before);
    expect(aws.count('UpdateModelPackage')).toBe(1);
    expect(modelPackage?.versions).toHaveLength(1);
  });
});

describe('a version that cannot be approved', () => {
  test.each([
    ['there is none', 'latest' as const, /has no version in eu-west-1/],
    ['none is approved', 'latest-approved' as const, /has no approved version/],
  ])('because %s', async (_, kind, message) => {
    if (kind === 'latest-approved') await registered(1);
    await expect(run({ package: { kind, group: GROUP } })).rejects.toMatchObject({
      failure: { message: expect.stringMatching(message) },
    });
  });

  test('because its ARN is unknown', async () => {
    await registered(1);
    await expect(run({ package: { kind: 'arn', arn: arn(9) } })).rejects.toMatchObject({
      failure: { message: `There is no model package ${arn(9)} in eu-west-1.` },
    });
  });

  test('because its registration failed; the latest that did not is taken', async () => {
    await registered(1);
    aws.local.control('PUT', { failure: 'no' });
    await registered(2);
    await expect(run({ package: { kind: 'arn', arn: arn(2) } })).rejects.toMatchObject({
      failure: { message: expect.stringMatching(/its status is Failed/) },
    });
    expect((await run()).modelPackage?.version).toBe(1);
  });
});

describe('trouble', () => {
  test('is outlived', async () => {
    await registered(1);
    const until = clock.now() + 60_000;
    aws.fault = (operation) => (clock.now() < until ? trouble('throttled', operation) : undefined);
    expect((await run()).outcome).toBe('passed');
  });

  test('without end at the change: nobody knows', async () => {
    await registered(1);
    aws.fault = (operation) =>
      operation === 'UpdateModelPackage' ? trouble('network', operation) : undefined;
    const { outcome, failure } = await run();
    expect(outcome).toBe('unknown');
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^Whether the approval status was changed to Approved is not known\./),
      fix: expect.stringMatching(/Running this again is safe/),
    });
  });

  test('a refusal changes nothing', async () => {
    await registered(1);
    aws.fault = (operation) =>
      operation === 'UpdateModelPackage' ? trouble('access-denied', operation) : undefined;
    const { outcome, failure } = await run();
    expect(outcome).toBe('failed');
    expect(failure?.message).toBe('The approval status was not changed. access-denied it is.');
    expect(aws.describe(arn(1)).ModelApprovalStatus).toBe('PendingManualApproval');
  });

  test.each([
    ['UpdateModelCard', /model card churn does not say it/],
    ['ListModelPackages', /versions of churn are not listed/],
  ])('at %s does not take the decision back', async (refused, notice) => {
    await registered(1);
    aws.fault = (operation) => (operation === refused ? trouble('access-denied', operation) : undefined);
    const { outcome, notices } = await run({ package: { kind: 'arn', arn: arn(1) } });
    expect(outcome).toBe('passed');
    expect(notices).toEqual([expect.stringMatching(notice)]);
    expect(aws.describe(arn(1)).ModelApprovalStatus).toBe('Approved');
  });

  test('a cancel during the change says that nobody knows', async () => {
    await registered(1);
    aws.after = (operation) => {
      if (operation === 'UpdateModelPackage') canceler.abort();
    };
    const { outcome, detail } = await run();
    expect(outcome).toBe('canceled');
    expect(detail).toMatch(/whether it is Approved is not known/);
  });
});
