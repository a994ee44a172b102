import type { EndpointPlan, Plan } from '../../../../src/plan.js';
import { IMAGE_URI, trainingPlan } from '../train/plans.js';

export { IMAGE_URI, SOURCE } from '../train/plans.js';

export const MODEL_DATA = 's3://models/churn/1/model.tar.gz';

/** A plan that deploys, as the inputs would make it. */
export function deployPlan(
  change: Partial<EndpointPlan> = {},
  follow: Partial<Plan['follow']> = {},
): Plan & { readonly endpoint: EndpointPlan } {
  const { job: _, ...plan } = trainingPlan({ follow });
  return {
    ...plan,
    stages: ['deploy'],
    endpoint: {
      name: 'churn',
      roleArn: 'arn:aws:iam::123456789012:role/serving',
      variants: [variant()],
      environment: new Map(),
      subnets: [],
      securityGroupIds: [],
      networkIsolation: false,
      rollbackAlarms: [],
      timeoutSeconds: 1_800,
      proof: { payloads: [], repeats: 1 },
      failedEndpoint: 'delete',
      removeSuperseded: true,
      overrides: {},
      ...change,
    },
  };
}

type Variant = EndpointPlan['variants'][number];

export const variant = (change: Partial<Variant> = {}): Variant => ({
  name: 'AllTraffic',
  weight: 1,
  model: { kind: 'artifacts', modelData: MODEL_DATA, image: IMAGE_URI },
  hosting: { kind: 'instance', type: 'ml.m5.large', count: 1 },
  ...change,
});
