import type {
  DeleteScalingPolicyRequest,
  DeregisterScalableTargetRequest,
  DescribeScalableTargetsRequest,
  DescribeScalableTargetsResponse,
  DescribeScalingPoliciesRequest,
  DescribeScalingPoliciesResponse,
  PutScalingPolicyRequest,
  PutScalingPolicyResponse,
  RegisterScalableTargetRequest,
  RegisterScalableTargetResponse,
  ScalableTarget,
  ScalingPolicy,
} from '@aws-sdk/client-application-auto-scaling';
import { AwsError, type CallContext, type ServiceHandler } from '../service.js';

/** What identifies a target in every request. */
interface TargetId {
  readonly ServiceNamespace: string | undefined;
  readonly ResourceId: string | undefined;
  readonly ScalableDimension: string | undefined;
}

/** Of SageMaker: dimension → what its resource is called. */
const RESOURCES: Readonly<Record<string, RegExp>> = {
  'sagemaker:variant:DesiredInstanceCount': /^endpoint\/[^/]+\/variant\/[^/]+$/,
  'sagemaker:variant:DesiredProvisionedConcurrency': /^endpoint\/[^/]+\/variant\/[^/]+$/,
  'sagemaker:inference-component:DesiredCopyCount': /^inference-component\/[^/]+$/,
};
const DEFAULT_PAGE = 50;

const invalid = (message: string) => new AwsError('ValidationException', message);

/**
 * Application Auto Scaling for SageMaker: targets and policies are kept, and scale nothing. Unlike moto's, a target
 * takes its policies with it, a policy needs its target, and what is not there is an ObjectNotFoundException.
 */
export class ApplicationAutoScaling implements ServiceHandler {
  readonly #targets = new Map<string, ScalableTarget>();
  /** By target, by name. */
  readonly #policies = new Map<string, Map<string, ScalingPolicy>>();

  async handle(operation: string, input: unknown, context: CallContext): Promise<unknown> {
    const namespace = (input as { readonly ServiceNamespace?: string }).ServiceNamespace;
    if (namespace !== undefined && namespace !== 'sagemaker') {
      throw invalid(`Local AWS scales sagemaker only, not ${namespace}.`);
    }
    switch (operation) {
      case 'RegisterScalableTarget':
        return this.#register(input as RegisterScalableTargetRequest, context);
      case 'DescribeScalableTargets':
        return this.#describeTargets(input as DescribeScalableTargetsRequest);
      case 'DeregisterScalableTarget':
        return this.#deregister(input as DeregisterScalableTargetRequest);
      case 'PutScalingPolicy':
        return this.#putPolicy(input as PutScalingPolicyRequest, context);
      case 'DescribeScalingPolicies':
        return this.#describePolicies(input as DescribeScalingPoliciesRequest);
      case 'DeleteScalingPolicy':
        return this.#deletePolicy(input as DeleteScalingPolicyRequest);
      case 'DescribeScalingActivities':
        return { ScalingActivities: [] };
    }
    throw new AwsError(
      'UnknownOperationException',
      `Local AWS has no application-autoscaling:${operation}.`,
      404,
    );
  }

  #register(input: RegisterScalableTargetRequest, context: CallContext): RegisterScalableTargetResponse {
    const pattern = RESOURCES[input.ScalableDimension ?? ''];
    if (pattern?.test(input.ResourceId ?? '') !== true) {
      throw invalid('Unsupported service namespace, resource type or scalable dimension');
    }
    const key = keyOf(input);
    const before = this.#targets.get(key);
    const { MinCapacity = before?.MinCapacity, MaxCapacity = before?.MaxCapacity } = input;
    if (MinCapacity === undefined || MaxCapacity === undefined) {
      throw invalid('MinCapacity and MaxCapacity are required to register a new scalable target.');
    }
    if (MinCapacity > MaxCapacity) {
      throw invalid('Maximum capacity cannot be less than minimum capacity');
    }
    const { region, account } = context;
    const ScalableTargetARN =
      before?.ScalableTargetARN ??
      `arn:aws:application-autoscaling:${region}:${account}:scalable-target/${String(this.#targets.size + 1).padStart(36, '0')}`;
    this.#targets.set(key, {
      ServiceNamespace: 'sagemaker',
      ResourceId: input.ResourceId,
      ScalableDimension: input.ScalableDimension,
      MinCapacity,
      MaxCapacity,
      RoleARN: `arn:aws:iam::${account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
      CreationTime: before?.CreationTime ?? context.now(),
      SuspendedState: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: false,
        ...before?.SuspendedState,
        ...input.SuspendedState,
      },
      ScalableTargetARN,
    });
    return { ScalableTargetARN };
  }

  #describeTargets(input: DescribeScalableTargetsRequest): DescribeScalableTargetsResponse {
    const found = [...this.#targets.values()].filter(
      ({ ResourceId = '', ScalableDimension }) =>
        (input.ResourceIds === undefined || input.ResourceIds.includes(ResourceId)) &&
        (input.ScalableDimension ?? ScalableDimension) === ScalableDimension,
    );
    const { items, NextToken } = paginate(found, input);
    return { ScalableTargets: items, NextToken };
  }

  #deregister(input: DeregisterScalableTargetRequest): object {
    const key = keyOf(input);
    if (!this.#targets.delete(key)) throw notFound('No scalable target found', input);
    this.#policies.delete(key);
    return {};
  }

  #putPolicy(input: PutScalingPolicyRequest, context: CallContext): PutScalingPolicyResponse {
    const { PolicyName = '', PolicyType = 'StepScaling' } = input;
    const key = keyOf(input);
    if (!this.#targets.has(key)) throw notFound('No scalable target registered', input);
    const policies = this.#policies.get(key) ?? new Map<string, ScalingPolicy>();
    const before = policies.get(PolicyName);
    const configuration = {
      StepScaling: input.StepScalingPolicyConfiguration,
      TargetTrackingScaling: input.TargetTrackingScalingPolicyConfiguration,
      PredictiveScaling: input.PredictiveScalingPolicyConfiguration,
    }[PolicyType];
    if (configuration === undefined) {
      throw invalid(`A policy of type ${PolicyType} needs ${PolicyType}PolicyConfiguration.`);
    }
    const { region, account } = context;
    const PolicyARN =
      before?.PolicyARN ??
      `arn:aws:autoscaling:${region}:${account}:scalingPolicy:${context.requestId}:resource/sagemaker/${input.ResourceId}:policyName/${PolicyName}`;
    policies.set(PolicyName, {
      PolicyARN,
      PolicyName,
      ServiceNamespace: 'sagemaker',
      ResourceId: input.ResourceId,
      ScalableDimension: input.ScalableDimension,
      PolicyType,
      [`${PolicyType}PolicyConfiguration`]: configuration,
      // Where AWS makes alarms of CloudWatch, there are none here.
      Alarms: [],
      CreationTime: before?.CreationTime ?? context.now(),
    });
    this.#policies.set(key, policies);
    return { PolicyARN, Alarms: [] };
  }

  #describePolicies(input: DescribeScalingPoliciesRequest): DescribeScalingPoliciesResponse {
    const found = [...this.#policies.values()]
      .flatMap((policies) => [...policies.values()])
      .filter(
        ({ PolicyName = '', ResourceId, ScalableDimension }) =>
          (input.PolicyNames === undefined || input.PolicyNames.includes(PolicyName)) &&
          (input.ResourceId ?? ResourceId) === ResourceId &&
          (input.ScalableDimension ?? ScalableDimension) === ScalableDimension,
      );
    const { items, NextToken } = paginate(found, input);
    return { ScalingPolicies: items, NextToken };
  }

  #deletePolicy(input: DeleteScalingPolicyRequest): object {
    if (this.#policies.get(keyOf(input))?.delete(input.PolicyName ?? '') !== true) {
      throw notFound('No scaling policy found', input, `, policy name: ${input.PolicyName}`);
    }
    return {};
  }
}

const keyOf = ({ ResourceId, ScalableDimension }: Omit<TargetId, 'ServiceNamespace'>): string =>
  `${ScalableDimension} ${ResourceId}`;

const notFound = (what: string, { ResourceId, ScalableDimension }: TargetId, more = ''): AwsError =>
  new AwsError(
    'ObjectNotFoundException',
    `${what} for service namespace: sagemaker, resource ID: ${ResourceId}, scalable dimension: ${ScalableDimension}${more}`,
  );

/** NextToken is the number of items before the page. */
function paginate<Item>(
  all: readonly Item[],
  {
    MaxResults = DEFAULT_PAGE,
    NextToken = '0',
  }: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
): { readonly items: Item[]; readonly NextToken: string | undefined } {
  const start = Number(NextToken);
  if (!Number.isInteger(start)) throw new AwsError('InvalidNextTokenException', 'Invalid next token.');
  const end = start + MaxResults;
  return { items: all.slice(start, end), NextToken: end < all.length ? String(end) : undefined };
}
