import type { ApprovePlan, JobRecord, ModelCardPlan, Plan, RegisterPlan } from '../../../../src/plan.js';
import { IMAGE_URI, trainingPlan } from '../train/plans.js';

export const MODEL = 's3://models/churn/churn-7/output/model.tar.gz';
export const GROUP = 'churn';

export function registerPlan(change: Partial<RegisterPlan> = {}): Plan {
  return {
    ...trainingPlan(),
    stages: ['register'],
    aws: { tags: new Map([['team', 'retention']]) },
    register: {
      group: GROUP,
      createGroup: true,
      approvalStatus: 'PendingManualApproval',
      metadata: new Map(),
      contentTypes: ['text/csv'],
      responseTypes: ['application/json'],
      instanceTypes: ['ml.m5.large'],
      ...change,
    },
  };
}

export const approvePlan = (change: Partial<ApprovePlan> = {}): Plan => ({
  ...trainingPlan(),
  stages: ['approve'],
  approve: { package: { kind: 'latest', group: GROUP }, status: 'Approved', ...change },
});

export const CARD: ModelCardPlan = {
  path: '/workspace/model-card.yml',
  status: 'Draft',
  content: {
    model_overview: { model_description: 'Says who will leave.', model_owner: 'Retention team' },
    intended_uses: {
      intended_uses: 'Letters to customers.\n<b>Never</b> for prices, never for credit.',
      risk_rating: 'Low',
    },
    training_details: { training_observations: 'Trained on the year 2025.' },
    additional_information: {
      caveats_and_recommendations: 'Customers of less than 3 months are not judged.',
      custom_details: { reviewer: 'A. Turing', commit: 'said by the author' },
    },
  },
};

export function job(change: Partial<JobRecord> = {}): JobRecord {
  return {
    name: 'churn-7',
    arn: 'arn:aws:sagemaker:eu-west-1:123456789012:training-job/churn-7',
    region: 'eu-west-1',
    status: 'Completed',
    instanceType: 'ml.m5.large',
    instanceCount: 1,
    spot: false,
    joined: false,
    transitions: [],
    modelArtifacts: MODEL,
    finalMetrics: [
      { name: 'validation:accuracy', value: 0.93 },
      { name: 'loss', value: 0.25 },
    ],
    series: [{ name: 'epochs', values: [1, 2, 3] }],
    gates: [{ metric: 'validation:accuracy', operator: '>=', value: 0.9, actual: 0.93, passed: true }],
    baseline: {
      jobName: 'churn-6',
      ref: 'main',
      metrics: [{ name: 'validation:accuracy', value: 0.91 }],
    },
    request: {
      AlgorithmSpecification: { TrainingImage: IMAGE_URI },
      HyperParameters: { epochs: '3', api_key: '***' },
      InputDataConfig: [
        {
          ChannelName: 'training',
          DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/churn/2025' } },
        },
      ],
    },
    logTail: [],
    ...change,
  };
}
