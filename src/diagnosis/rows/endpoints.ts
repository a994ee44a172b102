import type { EndpointFailure } from '../failure.js';
import type { MessageRow } from '../row.js';
import { named } from '../text.js';

/** What the platform itself says of an endpoint; what its container does is in the rows of serving. */
export const ENDPOINT_ROWS: readonly MessageRow<EndpointFailure>[] = [
  {
    id: 'E05',
    class: 'model-too-large',
    where: 'endpoint FailureReason',
    pattern: /model data archive is too large/,
    cause: 'The model, once extracted, does not fit on the instance.',
    fix: 'Use a larger instance type or volume, or give the model uncompressed (`ModelDataSource` with `CompressionType: None`).',
    source: '[obs] FailureReason',
  },
  {
    id: 'E07',
    class: 'endpoint-capacity-unavailable',
    where: 'endpoint FailureReason',
    pattern: /InsufficientInstanceCapacity/,
    cause: 'AWS has no free capacity of the endpoint’s instance type now.',
    fix: 'Try again later, choose another instance type, or name several in `InstancePools`.',
    source: '[obs] FailureReason',
  },
  {
    id: 'E08',
    class: 'endpoint-image-inaccessible',
    where: 'endpoint FailureReason',
    pattern: /make sure all images included in the model for the production variant (\S{1,80})/,
    cause: 'An image of the model is gone, or the model’s execution role may not read it.',
    fix: 'Restore the image and pin it by digest, exempt it from lifecycle rules, and grant the execution role read access to ECR.',
    source: '[obs] sdk#1835',
  },
  {
    id: 'E15',
    class: 'deployment-alarm',
    where: 'endpoint FailureReason',
    pattern: /alarms?\b.{0,200}\bALARM\b|CloudWatch alarm/i,
    cause:
      'A CloudWatch alarm went off while the new version took traffic, and SageMaker went back to the old one.',
    fix: 'Open the alarm, correct the new version, and deploy again.',
    source: '[inf] deployment guardrails; the wording is approximate',
  },
  {
    id: 'E16',
    class: 'rollback-failed',
    where: 'endpoint status',
    pattern: /UpdateRollbackFailed/,
    holds: ({ status }) => status === 'UpdateRollbackFailed',
    cause: 'The update failed, and so did going back: the endpoint now has instances of both versions.',
    fix: 'Update the endpoint again with the configuration that is known to be good.',
    source: '[doc] model: EndpointStatus; deployment-guardrails-rolling.md',
  },
  {
    id: 'E09',
    class: 'endpoint-rolled-back',
    where: 'endpoint status',
    holds: ({ status, configName, requestedConfigName }) =>
      status === 'InService' && requestedConfigName !== undefined && configName !== requestedConfigName,
    cause:
      'The endpoint is in service on another configuration than the one asked for: the update failed and SageMaker went back.',
    fix: 'Read the endpoint’s log of the time of the update; the old version is live until the new one starts.',
    specific: (_groups, { configName, requestedConfigName }) => ({
      cause: `The endpoint is in service on \`${named(configName, 80)}\`, not on \`${named(requestedConfigName, 80)}\`: the update failed and SageMaker went back.`,
    }),
    source: '[obs] terraform-provider-aws#39099, #48997',
  },
  {
    id: 'E06',
    class: 'endpoint-service-failure',
    where: 'endpoint FailureReason',
    pattern: /Request to service failed\. If failure persists after retry/,
    cause:
      'SageMaker says no more than that its request failed. It is seen with serverless containers that do not start, broken images, and faults of the platform.',
    fix: 'Try once more; then run the smoke test of the image, and read the endpoint’s log group.',
    source: '[obs] amazon-sagemaker-custom-container#3',
  },
];
