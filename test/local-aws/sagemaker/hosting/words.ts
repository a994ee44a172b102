import { AwsError, type CallContext } from '../../service.js';

/** What SageMaker answers for hosting; what no source quotes is said to be ours. */
export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

export type HostingKind = 'model' | 'endpoint-config' | 'endpoint';

const NAMES: Readonly<Record<HostingKind, string>> = {
  model: 'model',
  'endpoint-config': 'endpoint configuration',
  endpoint: 'endpoint',
};

/** The platform writes names in lower case in these ARNs. [obs] */
export const hostingArn = (
  kind: HostingKind,
  name: string,
  { region, account }: Pick<CallContext, 'region' | 'account'>,
): string => `arn:aws:sagemaker:${region}:${account}:${kind}/${name.toLowerCase()}`;

/** [obs] A25 and its kin: not found has no code of its own. */
export const notFound = (kind: HostingKind, arn: string): AwsError =>
  invalid(`Could not find ${NAMES[kind]} "${arn}".`);

/** [obs] A24 and its kin. */
export const alreadyThere = (kind: HostingKind, arn: string): AwsError =>
  invalid(`Cannot create already existing ${NAMES[kind]} "${arn}".`);

/** [obs] A26; DeleteEndpoint says the same. */
export const inProgress = (arn: string): AwsError => invalid(`Cannot update in-progress endpoint "${arn}".`);

/** FailureReason of an endpoint. [obs] E01 to E08 of the failure catalogue. */
export const REASONS = {
  ping: (variant: string) =>
    `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`,
  start: (variant: string) =>
    `CannotStartContainerError. Please ensure the model container for variant ${variant} starts correctly when invoked with 'docker run <image> serve'`,
  archive: (url: string) =>
    `Failed to extract model data archive from URL "${url}". Please ensure that the object located at the URL is a valid tar.gz archive.`,
  service: 'Request to service failed. If failure persists after retry, contact customer support.',
  capacity:
    'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after some time. Consider configuring InstancePools in your EndpointConfig',
  images: (variant: string) =>
    `Please make sure all images included in the model for the production variant ${variant} exist, and that the execution role used to create the model has permissions to access them.`,
  /** A20, which an endpoint says too. */
  modelData: (url: string, region: string, role: string) =>
    `Could not access model data at ${url}. Please ensure that the role "${role}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located in ${region}.`,
  /** E15: the wording is approximate. */
  alarms: (names: readonly string[]) =>
    `The endpoint was not updated because one or more CloudWatch alarms went into ALARM: ${names.join(', ')}`,
  /** The wording is ours. */
  time: (seconds: number) =>
    `The deployment did not end within MaximumExecutionTimeoutInSeconds (${seconds} seconds).`,
} as const;

/** A deployment that cannot succeed: the message is the endpoint's FailureReason. */
export class DeploymentFailure extends Error {
  override readonly name = 'DeploymentFailure';
}
