/** Calls of AWS, as `service:operation`, whose every trouble is tried in deploy-faults.test.ts. */
export const DEPLOY_ROWS = [
  'sagemaker:DescribeEndpoint',
  'sagemaker:ListTags',
  'sagemaker:DescribeEndpointConfig',
  'sagemaker:DescribeModel',
  'sagemaker:CreateModel',
  'sagemaker:CreateEndpointConfig',
  'sagemaker:CreateEndpoint',
  'sagemaker:UpdateEndpoint',
  'sagemaker:InvokeEndpoint',
  'sagemaker:AddTags',
  'sagemaker:ListModels',
  'sagemaker:ListEndpoints',
  'sagemaker:DeleteModel',
  'sagemaker:DeleteEndpointConfig',
  'logs:DescribeLogStreams',
] as const;

/** The same of the other stages, by what makes the call: stage-faults.test.ts. */
export const STAGE_ROWS = {
  register: [
    'sagemaker:DescribeModelPackageGroup',
    'sagemaker:CreateModelPackageGroup',
    'sagemaker:ListModelPackages',
    'sagemaker:CreateModelPackage',
    'sagemaker:DescribeModelPackage',
    'sagemaker:DescribeModelCard',
    'sagemaker:CreateModelCard',
    's3:GetObject',
    's3:PutObject',
  ],
  approve: ['sagemaker:DescribeModelPackage', 'sagemaker:UpdateModelPackage', 'sagemaker:UpdateModelCard'],
  'deploy, scaled': [
    'application-autoscaling:DescribeScalableTargets',
    'application-autoscaling:RegisterScalableTarget',
    'application-autoscaling:PutScalingPolicy',
  ],
  'deploy, asynchronous': ['s3:PutObject', 'sagemaker:InvokeEndpointAsync', 's3:GetObject'],
  shift: ['sagemaker:DescribeEndpoint', 'sagemaker:ListTags', 'sagemaker:UpdateEndpointWeightsAndCapacities'],
} as const;

/** Made by the stages, and not tried with every trouble yet. */
export const WITHOUT_ROW: readonly string[] = [
  'application-autoscaling:DeregisterScalableTarget',
  'application-autoscaling:DescribeScalingPolicies',
  'ecr:DeleteRepository',
  'ecr:ListTagsForResource',
  'monitoring:DescribeAlarms',
  'monitoring:GetMetricData',
  's3:DeleteObject',
  'sagemaker:DeleteEndpoint',
  'sagemaker:DeleteTrainingJob',
  'sagemaker:ListEndpointConfigs',
  'sagemaker:ListModelPackageGroups',
];
