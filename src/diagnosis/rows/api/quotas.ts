import { quotasPage } from '../../console.js';
import type { ApiFailure } from '../../failure.js';
import type { MessageRow } from '../../row.js';
import { named } from '../../text.js';

/** `'ml.g5.xlarge for training job usage' is 0 Instances, with current utilization of 0 Instances and a request delta of 1` */
const LIMIT =
  "account-level service limit '([^']{1,200})' is ([\\d.]+) ?\\w*(?:, with current utilization of ([\\d.]+) ?\\w* and a request delta of ([\\d.]+))?";

function link({ region }: ApiFailure): { link?: string } {
  const page = quotasPage(region);
  return page === undefined ? {} : { link: page };
}

function quota([, name, limit, used, wanted]: readonly (string | undefined)[], failure: ApiFailure) {
  const use = limit === '0' || used === undefined ? '' : `, ${used} in use`;
  const need = wanted === undefined ? '' : `, and this call needs ${wanted}${use === '' ? '' : ' more'}`;
  return {
    cause: `The account’s quota \`${named(name, 200)}\` is ${limit ?? '?'}${use}${need}.`,
    fix: `Ask for more of the quota \`${named(name, 200)}\` in Service Quotas (Amazon SageMaker), or use another instance type. Trying again does not help.`,
    ...link(failure),
  };
}

/** What the account may not have more of, or not so fast. */
export const QUOTA_ROWS: readonly MessageRow<ApiFailure>[] = [
  {
    id: 'A02',
    class: 'spot-quota-exceeded',
    where: 'API error',
    pattern: new RegExp(`${LIMIT.replace("[^']{1,200}", "[^']{0,100}for spot training job usage")}`),
    cause: 'Spot training has a quota of its own for each instance type, and it is used up.',
    fix: 'Ask for more of the quota “… for spot training job usage” in Service Quotas, or set `spot: false`.',
    specific: (groups, failure) => {
      const said = quota(groups, failure);
      const fix = `Ask for more of the quota \`${named(groups[1], 200)}\` in Service Quotas (Amazon SageMaker), or set \`spot: false\`: spot has a quota of its own.`;
      return { ...said, fix };
    },
    source: '[obs] ResourceLimitExceeded',
  },
  {
    id: 'A04',
    class: 'serverless-memory-quota',
    where: 'API error',
    pattern: /Memory size in MB per serverless endpoint/,
    cause: 'The account’s quota of memory for one serverless endpoint is lower than the memory asked for.',
    fix: 'Lower the serverless memory to the number in the message, or ask for more in Service Quotas.',
    specific: (_groups, failure) => link(failure),
    source: '[obs] ResourceLimitExceeded (paraphrased)',
  },
  {
    id: 'A01',
    class: 'quota-exceeded',
    where: 'API error',
    pattern: new RegExp(LIMIT),
    cause:
      'The account’s quota for that instance type and that use is used up. New accounts have 0 for types with a GPU.',
    fix: 'Ask for more of the quota that the message names in Service Quotas (Amazon SageMaker), or use another instance type.',
    specific: quota,
    source: '[obs] examples#1001',
  },
  {
    id: 'A03',
    class: 'instance-type-not-in-region',
    where: 'API error',
    pattern: /requested resource (\S{1,100}) is not available in this region/i,
    cause: 'The instance type is not offered in this Region, or no longer.',
    fix: 'Choose another `instance-type`, or another `aws-region`.',
    specific: ([, resource]) => ({
      cause: `\`${named(resource)}\` is not offered in this Region, or no longer.`,
    }),
    source: '[obs] examples#1001',
  },
  {
    id: 'P39',
    class: 'registry-quota-exceeded',
    where: 'API error',
    pattern: /^LimitExceededException: |maximum (?:number|count) of (?:images|repositories|tags)/i,
    cause:
      'A quota of ECR is used up: repositories in the registry, images in the repository, or tags of an image.',
    fix: 'Set `keep-images` to remove old images, or ask for more in Service Quotas (Amazon ECR).',
    source: '[doc] ecr model: LimitExceededException',
  },
  {
    id: 'P40',
    class: 'resource-limit-exceeded',
    where: 'API error',
    pattern: /^ResourceLimitExceeded\b/,
    cause: 'A limit of the account for SageMaker is reached.',
    fix: 'Stop what is no longer needed, or ask for more of the limit that the message names in Service Quotas.',
    specific: (_groups, failure) => link(failure),
    source: '[doc] sagemaker model: ResourceLimitExceeded',
  },
  {
    id: 'A13',
    class: 'throttled',
    where: 'API error',
    pattern:
      /^(?:Throttl\w*|TooManyRequests\w*|RequestLimitExceeded|RequestThrottled\w*|SlowDown|BandwidthLimitExceeded|ProvisionedThroughputExceeded\w*|LimitExceededFault)\b|\bRate exceeded\b|toomanyrequests: /i,
    cause: 'AWS refused the call because the account makes too many in a second; it said so on every try.',
    fix: 'Run again. When it comes often, start fewer jobs at once, and look for other programs that poll the same API: the limit is the account’s.',
    source: '[obs] sdk#645; deep-learning-containers PR#1018',
  },
];
