/** Records of runs that push and train, for the tests of the report and for looking at it. */
import type { Diagnosis, JobRecord, PushRecord, RunRecord, StageRecord } from '../../../src/plan.js';
import { green } from './samples.js';

const account = '123456789012';
const region = 'eu-west-1';
const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
const digest = 'sha256:9c1f0b7d2e4a6853c7d1f0e9b8a76543210fedcba9876543210fedcba9876543';
const console = `https://${region}.console.aws.amazon.com`;

export const push: PushRecord = {
  uri: `${registry}/team/churn@${digest}`,
  registry,
  repository: 'team/churn',
  digest,
  tags: ['content-4f1c2d9e8b7a6053', '6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d', 'main'],
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  sizeBytes: 301_234_567,
  unchanged: false,
  repositoryCreated: false,
  removed: [],
};

const curve = (from: number, to: number, wobble: number): number[] =>
  Array.from({ length: 400 }, (_, step) =>
    Number((to + (from - to) * Math.exp(-step / 90) + wobble * Math.sin(step * 1.7)).toFixed(5)),
  );

const name = 'churn-model-container-1234567890-1';

export const job: JobRecord = {
  name,
  arn: `arn:aws:sagemaker:${region}:${account}:training-job/${name}`,
  region,
  status: 'Completed',
  secondaryStatus: 'Completed',
  instanceType: 'ml.g5.xlarge',
  instanceCount: 2,
  spot: true,
  joined: false,
  transitions: [
    {
      status: 'Starting',
      message: 'Preparing the instances for training',
      startedAt: '2026-02-03T10:13:02.000Z',
      seconds: 141,
    },
    {
      status: 'Downloading',
      message: 'Downloading the training image',
      startedAt: '2026-02-03T10:15:23.000Z',
      seconds: 38,
    },
    {
      status: 'Training',
      message: 'Training image download completed. Training in progress.',
      startedAt: '2026-02-03T10:16:01.000Z',
      seconds: 611,
    },
    {
      status: 'Interrupted',
      message: 'Spot capacity was reclaimed',
      startedAt: '2026-02-03T10:26:12.000Z',
      seconds: 4,
    },
    {
      status: 'Restarting',
      message: 'Launching requested ML instances',
      startedAt: '2026-02-03T10:26:16.000Z',
      seconds: 190,
    },
    {
      status: 'Training',
      message: 'Training image download completed. Training in progress.',
      startedAt: '2026-02-03T10:29:26.000Z',
      seconds: 402,
    },
    {
      status: 'Uploading',
      message: 'Uploading generated training model',
      startedAt: '2026-02-03T10:36:08.000Z',
      seconds: 12,
    },
    {
      status: 'Completed',
      message: 'Training job completed',
      startedAt: '2026-02-03T10:36:20.000Z',
      seconds: 0,
    },
  ],
  trainingSeconds: 1063,
  billableSeconds: 319,
  modelArtifacts: `s3://churn-models/jobs/${name}/output/model.tar.gz`,
  finalMetrics: [
    { name: 'train:loss', value: 0.11834 },
    { name: 'validation:accuracy', value: 0.934 },
    { name: 'validation:f1', value: 0.912 },
  ],
  series: [
    { name: 'train:loss', values: curve(0.71, 0.118, 0.011) },
    { name: 'validation:accuracy', values: curve(0.52, 0.934, 0.006) },
    { name: 'validation:f1', values: [0.912] },
  ],
  baseline: {
    jobName: 'churn-model-container-1234500000-1',
    ref: 'main',
    metrics: [
      { name: 'train:loss', value: 0.1266 },
      { name: 'validation:accuracy', value: 0.921 },
    ],
  },
  gates: [
    { metric: 'validation:accuracy', operator: '>=', value: 0.9, actual: 0.934, passed: true },
    { metric: 'train:loss', operator: '<', value: 0.2, actual: 0.11834, passed: true },
  ],
  cost: { usd: 0.2495, hourlyPrice: 1.408, source: 'AWS’s Price List API, on demand' },
  request: {
    TrainingJobName: name,
    AlgorithmSpecification: { TrainingImage: push.uri, TrainingInputMode: 'FastFile' },
    RoleArn: `arn:aws:iam::${account}:role/sagemaker-execution`,
    HyperParameters: { epochs: '20', learning_rate: '0.01' },
    RetryStrategy: { MaximumRetryAttempts: 2 },
  },
  overridden: ['RetryStrategy.MaximumRetryAttempts'],
  logTail: ['[algo-1] epoch 20 loss 0.11834', '[algo-1] saved /opt/ml/model/model.joblib'],
  consoleUrl: `${console}/sagemaker/home?region=${region}#/jobs/${name}`,
  logsUrl: `${console}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FTrainingJobs?logStreamNameFilter=${name}`,
};

const stages: readonly StageRecord[] = [
  ...green.stages,
  { stage: 'push', status: 'passed', seconds: 14.8, detail: 'Pushed to team/churn: 301 MB, 3 tags.' },
  { stage: 'train', status: 'passed', seconds: 1402, detail: `${name} completed.` },
];

export const jobCompleted: RunRecord = {
  ...green,
  seconds: 1493,
  stages,
  push,
  job,
  notices: [],
};

const trainFailed = (detail: string): readonly StageRecord[] =>
  stages.map((stage) => (stage.stage === 'train' ? { ...stage, status: 'failed', detail } : stage));

const { modelArtifacts: _model, cost: _cost, baseline: _baseline, ...bareJob } = job;

const TRACEBACK = [
  '[algo-1] 2026-02-03 10:16:04 INFO reading /opt/ml/input/data/training',
  '[algo-1] Traceback (most recent call last):',
  '[algo-1]   File "/opt/program/train", line 61, in main',
  '[algo-1]     rows = read(os.environ["SM_CHANNEL_TRAIN"])',
  "[algo-1] KeyError: 'SM_CHANNEL_TRAIN'",
];

const missing: Diagnosis = {
  id: 'T27',
  class: 'toolkit-environment-missing',
  cause:
    'The program reads the environment variable `SM_CHANNEL_TRAIN`. It comes from sagemaker-training-toolkit; SageMaker itself does not set it.',
  fix: 'Set `toolkit-environment: true` to have it set without changing the image, or read /opt/ml/input/data/train in the program, or install sagemaker-training-toolkit.',
  evidence: "KeyError: 'SM_CHANNEL_TRAIN'",
  location: { path: 'container/train', line: 61 },
};

/** The program raised an exception. */
export const jobFailed: RunRecord = {
  ...jobCompleted,
  outcome: 'failed',
  checks: [],
  metrics: [],
  stages: trainFailed(`${name} failed.`),
  job: {
    ...bareJob,
    status: 'Failed',
    secondaryStatus: 'Failed',
    failureReason: 'AlgorithmError: , exit code: 1',
    spot: false,
    transitions: job.transitions.slice(0, 3).concat({
      status: 'Failed',
      message: 'Training job failed',
      startedAt: '2026-02-03T10:16:40.000Z',
      seconds: 0,
    }),
    trainingSeconds: 77,
    billableSeconds: 77,
    finalMetrics: [],
    series: [],
    gates: [{ metric: 'validation:accuracy', operator: '>=', value: 0.9, passed: false }],
    logTail: TRACEBACK,
  },
  diagnosis: missing,
  annotations: [
    {
      level: 'error',
      title: 'Toolkit environment missing',
      message: `${missing.evidence}\n${missing.cause}\n${missing.fix}`,
      location: { path: 'container/train', line: 61 },
    },
  ],
};

/** Trained, and not well enough. */
export const gateFailed: RunRecord = {
  ...jobCompleted,
  outcome: 'failed',
  stages: trainFailed('1 of 2 metric gates failed.'),
  job: {
    ...job,
    finalMetrics: [
      { name: 'train:loss', value: 0.24 },
      { name: 'validation:accuracy', value: 0.934 },
    ],
    series: [{ name: 'train:loss', values: curve(0.71, 0.24, 0.01) }],
    gates: [
      { metric: 'validation:accuracy', operator: '>=', value: 0.9, actual: 0.934, passed: true },
      { metric: 'train:loss', operator: '<', value: 0.2, actual: 0.24, passed: false },
    ],
  },
};

const stoppedBy = (
  secondaryStatus: string,
  diagnosis: Diagnosis,
  more: Partial<JobRecord> = {},
): RunRecord => ({
  ...jobCompleted,
  outcome: 'failed',
  checks: [],
  metrics: [],
  stages: trainFailed(`${name}: ${secondaryStatus}.`),
  diagnosis,
  job: {
    ...bareJob,
    status: 'Stopped',
    secondaryStatus,
    gates: [],
    transitions: [
      ...job.transitions.slice(0, 3),
      { status: secondaryStatus, startedAt: '2026-02-03T10:26:12.000Z', seconds: 0 },
    ],
    ...more,
  },
});

export const maxRuntime = stoppedBy('MaxRuntimeExceeded', {
  id: 'T30',
  class: 'max-runtime-exceeded',
  cause:
    'The job was stopped because it ran longer than `max-runtime` allows. What the container had written by then was uploaded.',
  fix: 'Raise `max-runtime` (up to 28 days), or train for less; with `checkpoint-path` the next job goes on where this one stopped.',
  evidence: 'TrainingJobStatus Stopped, SecondaryStatus MaxRuntimeExceeded',
});

export const maxWaitTime = stoppedBy('MaxWaitTimeExceeded', {
  id: 'T31',
  class: 'max-wait-time-exceeded',
  cause: 'The spot job used up `max-wait`, which covers its waiting and its running.',
  fix: 'Raise `max-wait`, name other types in `fallback-instance-types`, or set `spot: false`.',
  evidence: 'TrainingJobStatus Stopped, SecondaryStatus MaxWaitTimeExceeded',
});

/** Stopped by somebody, not by this run. */
export const jobStopped = stoppedBy('Stopped', {
  id: 'P32',
  class: 'job-stopped',
  cause: 'The job was stopped by a call of `StopTrainingJob`: by a person, by another run, or by this one.',
  fix: 'Find the call in CloudTrail (`StopTrainingJob`), and start the job again when nobody meant to stop it.',
  evidence: 'TrainingJobStatus Stopped, SecondaryStatus Stopped',
});

const stall = {
  ...jobStopped,
  job: {
    ...jobStopped.job,
    stoppedBecause: 'No log line and no metric for 15 min (`stall-timeout`). The last line was of epoch 3.',
  } as JobRecord,
};
const { diagnosis: _stopped, ...stalledRun } = stall;
export const stalled: RunRecord = stalledRun;

export const capacity: RunRecord = {
  ...jobFailed,
  annotations: [],
  diagnosis: {
    id: 'T11',
    class: 'capacity-unavailable',
    cause:
      'AWS has no free capacity of that instance type in the Region (or in the job’s subnets) now. The container was not run.',
    fix: 'Run again later, name other types in `fallback-instance-types`, add subnets in other availability zones, or use a training plan.',
    evidence: 'CapacityError: Unable to provision requested ML compute capacity.',
  },
  job: {
    ...(jobFailed.job as JobRecord),
    failureReason:
      'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
    transitions: job.transitions.slice(0, 1),
    logTail: [],
    trainingSeconds: 0,
    billableSeconds: 0,
    gates: [],
  },
};

const { job: _job, ...withoutJob } = jobFailed;
export const quota: RunRecord = {
  ...withoutJob,
  annotations: [],
  stages: trainFailed('CreateTrainingJob was refused.'),
  diagnosis: {
    id: 'A01',
    class: 'quota-exceeded',
    cause: 'The account’s quota `ml.g5.xlarge for training job usage` is 0, and this call needs 2.',
    fix: 'Ask for more of the quota `ml.g5.xlarge for training job usage` in Service Quotas (Amazon SageMaker), or use another instance type. Trying again does not help.',
    evidence:
      "ResourceLimitExceeded: The account-level service limit 'ml.g5.xlarge for training job usage' is 0 Instances, with current utilization of 0 Instances and a request delta of 2 Instances.",
    link: `${console}/servicequotas/home/services/sagemaker/quotas?region=${region}`,
  },
};

export const unknownOutcome: RunRecord = {
  ...jobCompleted,
  outcome: 'unknown',
  checks: [],
  metrics: [],
  stages: trainFailed('The job could no longer be asked.'),
  failure: {
    message: `The AWS credentials have expired at sagemaker:DescribeTrainingJob, and \`${name}\` was in the status Training then: it goes on.`,
    fix: 'Run this again with fresh credentials: it joins the job, and starts no second one. For long jobs raise `role-duration-seconds` of configure-aws-credentials.',
  },
  job: {
    ...bareJob,
    status: 'Unknown',
    secondaryStatus: 'Training',
    finalMetrics: [],
    gates: [],
    transitions: job.transitions
      .slice(0, 3)
      .map(({ seconds: _seconds, ...step }, index) => (index === 2 ? step : { ...step, seconds: 100 })),
  },
};

/** Started, and left to itself: `wait: false`. */
export const notWaited: RunRecord = {
  ...jobCompleted,
  stages: stages.map((stage) =>
    stage.stage === 'train' ? { ...stage, detail: `${name} was started.` } : stage,
  ),
  job: {
    ...bareJob,
    status: 'InProgress',
    secondaryStatus: 'Starting',
    finalMetrics: [],
    series: [],
    gates: [],
    logTail: [],
    transitions: job.transitions.slice(0, 1),
  },
};

export const jobCanceled: RunRecord = {
  ...notWaited,
  outcome: 'canceled',
  checks: [],
  metrics: [],
  seconds: 700,
  stages: stages.map((stage) =>
    stage.stage === 'train' ? { ...stage, status: 'canceled', seconds: 610 } : stage,
  ),
  job: {
    ...(notWaited.job as JobRecord),
    status: 'Stopping',
    secondaryStatus: 'Stopping',
    stoppedBecause: 'The run was canceled.',
  },
};

const { job: _trained, ...pushedRun } = jobCompleted;
export const pushedOnly: RunRecord = {
  ...pushedRun,
  stages: stages.slice(0, 3),
  push: { ...push, unchanged: true },
};

export const JOB_SAMPLES = {
  jobCompleted,
  jobFailed,
  gateFailed,
  maxRuntime,
  maxWaitTime,
  jobStopped,
  stalled,
  capacity,
  quota,
  unknownOutcome,
  notWaited,
  jobCanceled,
  pushedOnly,
};

/** Every place of a push and a job that can hold text from elsewhere, holding it. */
export function jobFilledWith(text: string): Required<Pick<RunRecord, 'push' | 'job'>> {
  return {
    push: {
      uri: text,
      registry: text,
      repository: text,
      digest: text,
      tags: [text, text],
      mediaType: text,
      sizeBytes: 1,
      unchanged: false,
      repositoryCreated: true,
      removed: [text],
    },
    job: {
      name: text,
      arn: text,
      region: text,
      status: text,
      secondaryStatus: `${text} `,
      failureReason: `${text}!`,
      exitMessage: text,
      instanceType: text,
      instanceCount: 1,
      spot: true,
      joined: true,
      stoppedBecause: text,
      transitions: [
        { status: text, message: text, startedAt: text, seconds: 1 },
        { status: text, message: text, startedAt: text, seconds: Number.NaN },
      ],
      trainingSeconds: 10,
      billableSeconds: 3,
      modelArtifacts: text,
      finalMetrics: [{ name: text, value: 1 }],
      series: [{ name: text, values: [1, 2, Number.NaN] }],
      baseline: { jobName: text, ref: text, metrics: [{ name: text, value: 0.5 }] },
      gates: [{ metric: text, operator: '<', value: 0.5, actual: 1, passed: false }],
      cost: { usd: 1, hourlyPrice: 1, source: text },
      request: { [text]: [text] },
      overridden: [text],
      logTail: [text, '', text],
      consoleUrl: text,
      logsUrl: `https://eu-west-1.console.aws.amazon.com/${text}`,
    },
  };
}
