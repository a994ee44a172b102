/** Records of runs that register and approve, for the tests of the report. */
import type { ModelPackageRecord, RunRecord, StageRecord } from '../../../src/plan.js';
import { job, jobCompleted, push } from './job-samples.js';

const arnOf = (version: number) => `arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/${version}`;

export const modelPackage: ModelPackageRecord = {
  arn: arnOf(4),
  group: 'churn',
  version: 4,
  region: 'eu-west-1',
  status: 'Completed',
  approvalStatus: 'PendingManualApproval',
  created: true,
  groupCreated: false,
  image: push.uri,
  modelArtifacts: job.modelArtifacts ?? '',
  metricsReport: 's3://models/churn/job/output/model-quality-0123456789ab.json',
  metadata: { 'training-job': job.name, 'model-info:framework': 'xgboost' },
  card: {
    name: 'churn',
    version: 2,
    arn: 'arn:aws:sagemaker:eu-west-1:123456789012:model-card/churn',
    consoleUrl: 'https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/model-cards/churn',
  },
  versions: [
    { version: 4, arn: arnOf(4), approvalStatus: 'PendingManualApproval', createdAt: '2026-03-04T10:11:12Z' },
    { version: 3, arn: arnOf(3), approvalStatus: 'Rejected', createdAt: '2026-03-03T10:11:12Z' },
    {
      version: 2,
      arn: arnOf(2),
      approvalStatus: 'Approved',
      createdAt: '2026-03-02T10:11:12Z',
      commit: 'ffac537e6cbbf934b08745a378932722df287a53',
    },
    { version: 1, arn: arnOf(1), approvalStatus: 'Approved', createdAt: '2026-03-01T10:11:12Z' },
  ],
};

const stage = (name: StageRecord['stage'], status: StageRecord['status'] = 'passed'): StageRecord => ({
  stage: name,
  status,
  seconds: 2,
  detail: 'Registered churn version 4 (PendingManualApproval).',
});

export const registered: RunRecord = {
  ...jobCompleted,
  stages: [...jobCompleted.stages, stage('register')],
  modelPackage,
};

const { job: _, push: __, image: ___, ...bare } = jobCompleted;

export const approved: RunRecord = {
  ...bare,
  checks: [],
  metrics: [],
  notices: [],
  annotations: [],
  stages: [stage('approve')],
  modelPackage: {
    ...modelPackage,
    approvalStatus: 'Approved',
    approvalDescription: 'Better. (Approved by grace at 2026-03-04T12:00:00.000Z)',
    created: false,
    versions: modelPackage.versions.map((version) =>
      version.version === 4 ? { ...version, approvalStatus: 'Approved' as const } : version,
    ),
  },
};

export const registerFailed: RunRecord = {
  ...jobCompleted,
  outcome: 'failed',
  stages: [...jobCompleted.stages, stage('register', 'failed')],
  failure: {
    message: 'There is no model package group churn in eu-west-1.',
    fix: 'Set `create-model-package-group: true`.',
  },
};

export const registerUnknown: RunRecord = {
  ...registerFailed,
  outcome: 'unknown',
  failure: {
    message: 'Whether the model was registered is not known: no network.',
    fix: 'Running this again is safe.',
  },
};

/** A version all of whose texts are this one. */
export const versionFilledWith = (text: string): ModelPackageRecord => ({
  arn: text,
  group: text,
  region: text,
  status: text,
  approvalStatus: text as ModelPackageRecord['approvalStatus'],
  approvalDescription: text,
  created: false,
  groupCreated: false,
  image: text,
  modelArtifacts: text,
  metricsReport: text,
  metadata: { [text]: text },
  card: { name: text, version: 1, arn: text, consoleUrl: text },
  versions: [2, 1].map((version) => ({
    version,
    arn: `${text}${version}`,
    approvalStatus: version === 1 ? 'Approved' : (text as ModelPackageRecord['approvalStatus']),
    createdAt: text,
    commit: text,
  })),
});
