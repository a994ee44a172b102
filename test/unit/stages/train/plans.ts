import type {
  BuildPlan,
  FollowPlan,
  JobPlan,
  Plan,
  SourceRecord,
  TrainingPlan,
} from '../../../../src/plan.js';

/** A plan that trains, as the inputs would make it. */
export function trainingPlan(
  change: {
    readonly job?: Partial<JobPlan>;
    readonly follow?: Partial<FollowPlan>;
    readonly training?: Partial<TrainingPlan>;
    readonly baselineRef?: string;
  } = {},
): Plan & { readonly job: JobPlan } {
  return {
    stages: ['train'],
    workspace: '/workspace',
    image: { kind: 'image', uri: 'image', platform: 'linux/amd64' },
    training: {
      instanceType: 'ml.m5.large',
      inputMode: 'File',
      environment: new Map(),
      metricDefinitions: [],
      networkIsolation: false,
      toolkitEnvironment: false,
      ...change.training,
    },
    smokeTest: {
      runs: 'auto',
      channels: new Map(),
      hyperparameters: new Map(),
      payloads: [],
      hosts: 1,
      timeoutSeconds: 60,
      severities: new Map(),
    },
    aws: { tags: new Map() },
    job: {
      roleArn: 'arn:aws:iam::123456789012:role/training',
      instanceCount: 1,
      volumeSizeInGB: 30,
      maxRuntimeInSeconds: 3600,
      spot: false,
      fallbackInstanceTypes: [],
      channels: [],
      outputPath: 's3://models/churn',
      hyperparameters: new Map(),
      subnets: [],
      securityGroupIds: [],
      overrides: {},
      metricGates: [],
      ...change.job,
    },
    follow: { wait: true, stopOnCancel: true, streamLogs: true, ...change.follow },
    report: {
      summary: true,
      annotations: true,
      path: '/reports',
      ...(change.baselineRef !== undefined && { baselineRef: change.baselineRef }),
    },
  };
}

export const IMAGE_URI = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn@sha256:${'ab'.repeat(32)}`;

export const SOURCE: SourceRecord = {
  repository: 'octo-org/churn-model',
  serverUrl: 'https://github.com',
  commit: 'ffac537e6cbbf934b08745a378932722df287a53',
  ref: 'refs/heads/main',
  runUrl: 'https://github.com/octo-org/churn-model/actions/runs/1658821493',
  runId: '1658821493',
  runAttempt: 1,
  actor: 'dependabot[bot]',
  workflow: 'Train & deploy',
};

export const BUILD: BuildPlan = {
  context: '/workspace',
  dockerfile: '/workspace/Dockerfile',
  buildArgs: new Map(),
  secrets: new Map(),
  labels: new Map(),
  platform: 'linux/amd64',
  cacheFrom: [],
  cacheTo: [],
  pull: true,
};
