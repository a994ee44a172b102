/** Records of runs that deploy, shift, undeploy and clean up, for the tests of the report and for looking at it. */
import type {
  CleanUpRecord,
  Diagnosis,
  EndpointRecord,
  ProofRecord,
  RunRecord,
  Stage,
  StageRecord,
} from '../../../src/plan.js';
import { job, jobCompleted, push } from './job-samples.js';

const region = 'eu-west-1';
const console = `https://${region}.console.aws.amazon.com`;
const live = 'churn-9c1f0b7d2e4a';
const before = 'churn-4d1f7a6b2c3e';

export const proof: ProofRecord = {
  passed: true,
  samples: [
    { name: 'request.json', passed: true, requests: 5, evidence: '{"predictions": [0, 1]}' },
    { name: 'many.csv', passed: true, requests: 5, evidence: '0 1 1 0' },
  ],
  p50Seconds: 0.012,
  p95Seconds: 0.0314,
};

export const badProof: ProofRecord = {
  passed: false,
  samples: [
    {
      name: 'request.json',
      passed: false,
      requests: 1,
      evidence: 'Expected “{"predictions": [0, 1]}”, got “{"predictions": [1, 1]}”.',
    },
    { name: 'many.csv', passed: true, requests: 5, evidence: '0 1 1 0' },
  ],
  p50Seconds: 0.013,
  p95Seconds: 0.033,
};

export const endpoint: EndpointRecord = {
  name: 'churn',
  arn: `arn:aws:sagemaker:${region}:123456789012:endpoint/churn`,
  region,
  status: 'InService',
  action: 'updated',
  configName: live,
  wantedConfigName: live,
  previousConfigName: before,
  changes: [
    {
      path: 'AllTraffic.ModelName',
      before: 'churn-AllTraffic-51aa02b3c4d5',
      after: 'churn-AllTraffic-77e0aa13c9d2',
    },
    { path: 'DataCaptureConfig.EnableCapture', after: 'true' },
  ],
  variants: [
    {
      name: 'AllTraffic',
      currentWeight: 1,
      desiredWeight: 1,
      instanceType: 'ml.m5.large',
      currentInstanceCount: 2,
      desiredInstanceCount: 2,
      image: push.uri,
      modelName: 'churn-AllTraffic-77e0aa13c9d2',
      modelArtifacts: job.modelArtifacts ?? '',
      modelPackageArn: `arn:aws:sagemaker:${region}:123456789012:model-package/churn/4`,
    },
  ],
  transitions: [
    { status: 'Updating', startedAt: '2026-03-04T10:12:02.000Z', seconds: 252 },
    { status: 'AllTraffic: Creating', startedAt: '2026-03-04T10:12:03.000Z', seconds: 200 },
    { status: 'InService', startedAt: '2026-03-04T10:16:14.000Z' },
  ],
  proof,
  autoScaling: { minCapacity: 2, maxCapacity: 6, invocationsPerInstance: 600 },
  removed: [
    { kind: 'endpoint-config', name: 'churn-00aa11bb22cc', why: 'superseded', result: 'removed' },
    { kind: 'model', name: 'churn-AllTraffic-0102030405', why: 'superseded', result: 'removed' },
  ],
  requests: {
    CreateEndpointConfig: { EndpointConfigName: live, ProductionVariants: [{ VariantName: 'AllTraffic' }] },
    UpdateEndpoint: { EndpointName: 'churn', EndpointConfigName: live, RetainAllVariantProperties: true },
  },
  overridden: ['CreateEndpointConfig.MetricsConfig.EnableEnhancedMetrics'],
  logTail: ['AllTraffic | Listening at: 0.0.0.0:8080', 'AllTraffic | "POST /invocations HTTP/1.1" 200 -'],
  goBack: `aws sagemaker update-endpoint --endpoint-name churn --endpoint-config-name ${before} --retain-all-variant-properties --region ${region}`,
  consoleUrl: `${console}/sagemaker/home?region=${region}#/endpoints/churn`,
  logsUrl: `${console}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/x`,
  deploymentUrl: 'https://github.com/octo-org/churn-model/deployments/production',
};

export const stageOf = (
  stage: Stage,
  status: StageRecord['status'] = 'passed',
  detail = 'As it went.',
): StageRecord => ({ stage, status, seconds: 260, detail });

/** A run of nothing but this stage. */
export function runOf(
  stage: Stage,
  outcome: RunRecord['outcome'],
  of: Partial<RunRecord>,
  detail?: string,
): RunRecord {
  const { job: _, push: __, image: ___, ...bare } = jobCompleted;
  const status = outcome === 'passed' || outcome === 'canceled' ? outcome : 'failed';
  return {
    ...bare,
    outcome,
    checks: [],
    metrics: [],
    notices: [],
    annotations: [],
    stages: [stageOf(stage, status, detail)],
    ...of,
  };
}

export const deployed: RunRecord = {
  ...jobCompleted,
  stages: [
    ...jobCompleted.stages,
    stageOf('deploy', 'passed', `Updated the endpoint churn: it is live on ${live}.`),
  ],
  endpoint,
};

/** Not yet asked, and back on the configuration before. */
const {
  proof: _proof,
  previousConfigName: _previous,
  goBack: _goBack,
  autoScaling: _scaling,
  ...withoutProof
} = endpoint;

export const rolledBack: RunRecord = runOf('deploy', 'failed', {
  endpoint: {
    ...withoutProof,
    action: 'restored',
    configName: before,
    previousConfigName: before,
    failureReason: 'One or more variants failed to pass the ping health check.',
    variants: [],
    transitions: [
      { status: 'Updating', startedAt: '2026-03-04T10:12:02.000Z', seconds: 600 },
      {
        status: 'RollingBack',
        message: 'The new version is not healthy.',
        startedAt: '2026-03-04T10:22:02.000Z',
        seconds: 61,
      },
      { status: 'InService', startedAt: '2026-03-04T10:23:03.000Z' },
    ],
    restoredProof: proof,
    removed: [],
    logTail: ["AllTraffic | ModuleNotFoundError: No module named 'torch'"],
  },
  failure: {
    message: `The endpoint churn is in service on ${before}, not on ${live}: the update failed, and SageMaker went back. One or more variants failed to pass the ping health check. ${before} is live. It answers.`,
    fix: 'Install `torch` in the image.',
  },
});

export const takenBack: RunRecord = runOf('deploy', 'failed', {
  endpoint: {
    ...withoutProof,
    action: 'restored',
    configName: before,
    previousConfigName: before,
    proof: badProof,
    restoredProof: proof,
    removed: [],
  },
  failure: {
    message: `${live} came into service, but it does not answer as it should: request.json: Expected “{"predictions": [0, 1]}”, got “{"predictions": [1, 1]}”. ${before} was put back, and is live. It answers.`,
    fix: 'Compare what the smoke test of the image answers.',
  },
});

export const crashLoop: Diagnosis = {
  id: 'C10',
  class: 'module-missing',
  cause: 'The program needs the module `torch`, which is not in the image.',
  fix: 'Install `torch` in the image.',
  evidence: "ModuleNotFoundError: No module named 'torch'",
  location: { path: 'container/serve.py', line: 2 },
};

export const firstWasBad: RunRecord = runOf('deploy', 'failed', {
  endpoint: {
    ...withoutProof,
    action: 'deleted',
    status: 'Deleted',
    variants: [],
    removed: [
      { kind: 'endpoint', name: 'churn', why: 'its first deployment was bad', result: 'removed' },
      { kind: 'model', name: 'churn-AllTraffic-1', why: 'no: access denied', result: 'kept' },
    ],
  },
  diagnosis: crashLoop,
  failure: {
    message:
      'The container of the variant AllTraffic ends each time it is started. The endpoint was deleted.',
  },
});

export const shifted: RunRecord = runOf('shift', 'passed', {
  endpoint: {
    ...withoutProof,
    action: 'shifted',
    variants: [
      {
        name: 'blue',
        currentWeight: 1,
        desiredWeight: 1,
        instanceType: 'ml.m5.large',
        currentInstanceCount: 1,
      },
      {
        name: 'green',
        currentWeight: 3,
        desiredWeight: 3,
        serverless: { memorySizeInMB: 2048, maxConcurrency: 5 },
      },
    ],
    steps: [
      { weights: { blue: 2, green: 2 }, seconds: 61 },
      { weights: { blue: 1, green: 3 }, seconds: 62 },
    ],
    removed: [],
    goBack: 'aws sagemaker update-endpoint-weights-and-capacities --endpoint-name churn',
  },
});

export const shiftTakenBack: RunRecord = runOf('shift', 'failed', {
  endpoint: { ...withoutProof, action: 'restored', removed: [] },
  failure: {
    message: 'After step 1 of 2: the alarm churn-5xx is in ALARM. The weights are back: blue 1, green 0.',
    fix: 'Look at the metrics.',
  },
});

const removed = [
  { kind: 'model', name: 'churn-AllTraffic-0', why: 'no endpoint needs it', result: 'would-be-removed' },
  { kind: 'image', name: 'churn@sha256:00', why: 'the endpoint b needs it', result: 'kept' },
  { kind: 'training-job', name: 'churn-job-1', why: 'its branch is gone', result: 'would-be-stopped' },
] as const;

export const cleanUp: CleanUpRecord = { dryRun: true, resources: removed };
export const dryRun: RunRecord = runOf('clean-up', 'passed', { cleanUp });

export const ENDPOINT_SAMPLES = {
  deployed,
  rolledBack,
  takenBack,
  firstWasBad,
  shifted,
  shiftTakenBack,
  dryRun,
};

/** An endpoint all of whose texts are this one. */
export const endpointFilledWith = (text: string): EndpointRecord => ({
  name: text,
  arn: text,
  region: text,
  status: text,
  failureReason: text,
  action: text as 'updated',
  configName: text,
  wantedConfigName: `${text}1`,
  previousConfigName: `${text}2`,
  changes: [
    { path: text, before: text },
    { path: text, after: text },
  ],
  variants: [text, `${text}2`].map((name) => ({
    name,
    currentWeight: 1,
    desiredWeight: 2,
    instanceType: text,
    currentInstanceCount: 1,
    desiredInstanceCount: 2,
    image: `${text}/${text}@${text}`,
    modelName: text,
    modelArtifacts: text,
    modelPackageArn: text,
    status: text,
  })),
  transitions: [{ status: text, message: text, startedAt: text, seconds: 1 }],
  proof: {
    passed: false,
    samples: [{ name: text, variant: text, passed: false, requests: 1, evidence: text }],
  },
  restoredProof: { passed: true, samples: [{ name: text, passed: true, requests: 1, evidence: text }] },
  steps: [{ weights: { [text]: 1 }, seconds: 1 }],
  removed: [{ kind: text, name: text, why: text, result: text as 'kept' }],
  requests: { [text]: { [text]: text } },
  overridden: [text],
  logTail: [text, '', text],
  goBack: text,
  consoleUrl: text,
  logsUrl: text,
  deploymentUrl: text,
});
