/** Failures as SageMaker's and other AWS APIs word them, by the row of the catalogue that explains each. */
import type { ApiFailure, EndpointFailure, JobFailure } from '../../../src/diagnosis/failure.js';

export type PlatformCase<Failure> = readonly [row: string, className: string, failure: Failure];

/** A job that failed with this reason. */
export const failedJob = (failureReason: string, facts: Partial<JobFailure> = {}): JobFailure => ({
  status: 'Failed',
  secondaryStatus: 'Failed',
  failureReason,
  logTail: [],
  ...facts,
});

export const stoppedJob = (secondaryStatus: string, facts: Partial<JobFailure> = {}): JobFailure => ({
  status: 'Stopped',
  secondaryStatus,
  logTail: ['Epoch 3: loss 0.41'],
  ...facts,
});

const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/churn';
const role = 'arn:aws:iam::123456789012:role/sagemaker-execution';
const ci = 'arn:aws:sts::123456789012:assumed-role/ci/GitHubActions';
const job = 'arn:aws:sagemaker:eu-west-1:123456789012:training-job/churn-42-1';

export const JOB_CASES: readonly PlatformCase<JobFailure>[] = [
  ['T01', 'exit-without-failure-file', failedJob('AlgorithmError: , exit code: 1')],
  ['T02', 'entry-point-not-found', failedJob('AlgorithmError: , exit code: 127')],
  ['T03', 'entry-point-not-executable', failedJob('AlgorithmError: , exit code: 126')],
  ['T04', 'killed', failedJob('AlgorithmError: , exit code: 137')],
  ['T05', 'segmentation-fault', failedJob('AlgorithmError: , exit code: 139')],
  [
    'T06',
    'toolkit-user-script-failed',
    failedJob(
      'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "ValueError: Input contains NaN."\nCommand "/opt/conda/bin/python3.8 train.py --epochs 3", exit code: 1',
    ),
  ],
  [
    'T07',
    'toolkit-framework-error',
    failedJob('AlgorithmError: framework error: \nTraceback (most recent call last):\n, exit code: 1'),
  ],
  ['T08', 'exit-code-without-reason', failedJob('AlgorithmError: Exit Code: 1')],
  [
    'T09',
    'out-of-memory',
    failedJob(
      'ClientError: Please use an instance type with more memory, or reduce the size of job data processed on an instance.',
    ),
  ],
  [
    'T10',
    'artifact-upload-out-of-memory',
    failedJob('ClientError: Artifact upload failed:ClientError: Out of Memory. Please use a larger instance'),
  ],
  [
    'T11',
    'capacity-unavailable',
    failedJob(
      'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.',
    ),
  ],
  [
    'T12',
    'platform-error',
    failedJob('InternalServerError: We encountered an internal error. Please try again.'),
  ],
  [
    'T13',
    'image-not-pullable',
    failedJob(
      'ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect.',
    ),
  ],
  [
    'T14',
    'image-not-found',
    failedJob(
      `ClientError: API error (404): manifest for ${image}:latest not found: manifest unknown: Requested image not found`,
    ),
  ],
  [
    'T15',
    'train-program-missing',
    failedJob(
      'ClientError: Artifact upload failed:API error (400): OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "train": executable file not found in $PATH: unknown',
    ),
  ],
  [
    'T16',
    'exec-format-error',
    failedJob('AlgorithmError: , exit code: 1', {
      logTail: ['exec /usr/local/bin/train: exec format error'],
    }),
  ],
  ['T18', 'data-larger-than-volume', failedJob('ClientError: Data download failed:Insufficient disk space')],
  [
    'T19',
    'input-access-denied',
    failedJob(
      'ClientError: Data download failed:Unable to download object s3://churn-data/train/part-0.csv (AccessDenied: Access Denied)',
    ),
  ],
  [
    'T20',
    'input-forbidden',
    failedJob('ClientError: Data download failed:failed to download data. 403 Forbidden'),
  ],
  [
    'T21',
    's3-unreachable',
    failedJob(
      'ClientError: Data download failed:ListObjectsV2 failed for s3://churn-data/train, Unable to execute request to S3',
    ),
  ],
  [
    'T22',
    's3-route-missing',
    failedJob(
      "ClientError: Data download failed: Please ensure that the subnet's route table has a route to an S3 VPC endpoint or a NAT device, and both the security groups and the subnet's network ACL allow outbound traffic to S3.",
    ),
  ],
  [
    'T23',
    'fastfile-partial-prefix',
    failedJob(
      "ClientError: For FastFile mode, partial S3 prefix is not supported. S3 prefix has to end with a full file or folder. Add a trailing '/' in the S3 prefix",
    ),
  ],
  [
    'T24',
    's3-double-slash',
    failedJob("ClientError: S3 key: s3://churn-data/a//c has an illegal char sub-sequence '//' in it"),
  ],
  [
    'T25',
    'output-access-denied',
    failedJob('ClientError: Artifact upload failed:Error 7: AccessDenied (403): Access Denied'),
  ],
  [
    'T26',
    'bucket-in-other-region',
    failedJob(
      'ClientError: Artifact upload failed:Unable to upload file to s3 (BucketRegionError: incorrect region, the bucket must be in the same region as the job)',
    ),
  ],
  [
    'P42',
    'artifact-upload-failed',
    failedJob('ClientError: Artifact upload failed:NoSuchBucket: The specified bucket does not exist', {
      logStreams: 0,
    }),
  ],
  [
    'T27',
    'toolkit-environment-missing',
    failedJob(
      "AlgorithmError: Traceback (most recent call last):\n  File \"/opt/program/train\", line 9, in <module>\n    os.environ['SM_CHANNEL_TRAINING']\nKeyError: 'SM_CHANNEL_TRAINING', exit code: 1",
    ),
  ],
  ['T30', 'max-runtime-exceeded', stoppedJob('MaxRuntimeExceeded')],
  ['T31', 'max-wait-time-exceeded', stoppedJob('MaxWaitTimeExceeded', { spot: true })],
  ['T32', 'spot-interrupted', stoppedJob('Interrupted', { spot: true })],
  ['P32', 'job-stopped', stoppedJob('Stopped')],
  ['P32', 'job-stopped', { status: 'Stopped', logTail: [] }],
  [
    'T33',
    'no-model-artifacts',
    { status: 'Completed', secondaryStatus: 'Completed', modelWritten: false, logTail: ['done'] },
  ],
  ['T34', 'container-not-started', { status: 'Failed', logStreams: 0, logTail: [] }],
  ['T34', 'container-not-started', failedJob('AlgorithmError', { logStreams: 0 })],
  ['T34', 'container-not-started', failedJob('AlgorithmError: ', { logStreams: 0 })],
  [
    'T36',
    'opt-ml-not-permitted',
    failedJob('AlgorithmError: , exit code: 1', {
      logTail: ['sh: 1: cannot create /opt/ml/output/failure: Permission denied'],
    }),
  ],
  [
    'C09',
    'kms-access-denied',
    failedJob(
      `ClientError: Data download failed:User: arn:aws:sts::123456789012:assumed-role/x/SageMaker is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:123456789012:key/1 because no identity-based policy allows the kms:Decrypt action`,
    ),
  ],
  [
    'A17',
    'repository-policy-missing',
    failedJob(
      `ClientError: The repository of your image ${image} does not grant ecr:GetDownloadUrlForLayer, ecr:BatchGetImage, ecr:BatchCheckLayerAvailability permission to sagemaker.amazonaws.com service principal.`,
    ),
  ],
];

export const call = (
  operation: string,
  code: string,
  message: string,
  facts: Partial<ApiFailure> = {},
): ApiFailure => ({ service: 'sagemaker', operation, code, message, ...facts });

const train = (code: string, message: string, facts: Partial<ApiFailure> = {}) =>
  call('CreateTrainingJob', code, message, facts);
const invalid = (operation: string, message: string) => call(operation, 'ValidationException', message);
const denied = (action: string, resource?: string) =>
  `User: ${ci} is not authorized to perform: ${action}${resource === undefined ? '' : ` on resource: ${resource}`} because no identity-based policy allows the ${action} action`;
const ecr = (operation: string, code: string, message: string) =>
  call(operation, code, message, { service: 'ecr' });

export const API_CASES: readonly PlatformCase<ApiFailure>[] = [
  [
    'A01',
    'quota-exceeded',
    train(
      'ResourceLimitExceeded',
      "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0 Instances, with current utilization of 0 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.",
    ),
  ],
  [
    'A02',
    'spot-quota-exceeded',
    train(
      'ResourceLimitExceeded',
      "The account-level service limit 'ml.g5.xlarge for spot training job usage' is 0 Instances, with current utilization of 0 Instances and a request delta of 1 Instances.",
    ),
  ],
  [
    'A03',
    'instance-type-not-in-region',
    train(
      'ResourceLimitExceeded',
      'The requested resource training-job/ml.p2.xlarge is not available in this region',
    ),
  ],
  [
    'A04',
    'serverless-memory-quota',
    call(
      'CreateEndpointConfig',
      'ResourceLimitExceeded',
      "The account-level service limit 'Memory size in MB per serverless endpoint' is 3072 Megabytes, with current utilization of 0 Megabytes and a request delta of 6144 Megabytes.",
    ),
  ],
  [
    'A05',
    'input-prefix-empty',
    train(
      'ValidationException',
      `No S3 objects found under S3 URL "s3://churn-data/train" given in input data source. Please ensure that the bucket exists in the selected region (eu-west-1), that objects exist under that S3 prefix, and that the role "${role}" has "s3:ListBucket" permissions on bucket "churn-data".`,
    ),
  ],
  [
    'A06',
    'role-not-assumable',
    train(
      'ValidationException',
      `Could not assume role ${role}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`,
    ),
  ],
  [
    'A07',
    'requested-image-missing',
    train('ValidationException', `Cannot find the requested image: ${image}:y`),
  ],
  [
    'A08',
    'instance-type-invalid',
    train(
      'ValidationException',
      "1 validation error detected: Value 'ml.t2.medium' at 'resourceConfig.instanceType' failed to satisfy constraint: Member must satisfy enum value set: [ml.m6i.xlarge, ml.trn1.32xlarge]",
    ),
  ],
  [
    'A09',
    'name-invalid',
    invalid(
      'CreateModel',
      "1 validation error detected: Value 'codeqwen1.5-7b' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?",
    ),
  ],
  [
    'A10',
    'sagemaker-access-denied',
    train('AccessDeniedException', `${denied('sagemaker:CreateTrainingJob', job)} with an explicit deny`),
  ],
  ['A11', 'pass-role-denied', train('AccessDeniedException', denied('iam:PassRole', role))],
  ['A12', 'add-tags-denied', train('AccessDeniedException', denied('sagemaker:AddTags', job))],
  ['A13', 'throttled', call('DescribeTrainingJob', 'ThrottlingException', 'Rate exceeded')],
  ['A13', 'throttled', ecr('PutImage', 'TooManyRequestsException', 'Too many requests')],
  [
    'A14',
    'job-name-taken',
    train(
      'ResourceInUse',
      `Job name must be unique within an AWS account and region, and a job with this name already exists (${job})`,
    ),
  ],
  [
    'A15',
    'max-wait-time-invalid',
    train(
      'ValidationException',
      'Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds',
    ),
  ],
  [
    'A16',
    'manifest-media-type-unsupported',
    invalid(
      'CreateModel',
      `Unsupported manifest media type application/vnd.oci.image.index.v1+json for image ${image}:y. Ensure that valid manifest media type is used for specified image.`,
    ),
  ],
  [
    'A17',
    'repository-policy-missing',
    invalid(
      'CreateModel',
      `The repository of your image ${image} does not grant ecr:GetDownloadUrlForLayer, ecr:BatchGetImage, ecr:BatchCheckLayerAvailability permission to sagemaker.amazonaws.com service principal.`,
    ),
  ],
  ['A18', 'image-uri-invalid', invalid('CreateModel', `ECR image "${image}" is invalid.`)],
  [
    'A19',
    'model-data-missing',
    invalid('CreateModel', 'Could not find model data at s3://churn-models/k/model.tar.gz.'),
  ],
  [
    'A20',
    'model-data-inaccessible',
    invalid(
      'CreateModel',
      `Could not access model data at s3://churn-models/k. Please ensure that the role "${role}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located in eu-west-1.`,
    ),
  ],
  [
    'A21',
    'execution-role-invalid',
    invalid(
      'CreateModel',
      `The execution role ARN "${role}" is invalid. Please ensure that the role exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com".`,
    ),
  ],
  [
    'A22',
    'role-arn-malformed',
    train(
      'ValidationException',
      "1 validation error detected: Value '***' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ^arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+$",
    ),
  ],
  [
    'A23',
    'container-definition-invalid',
    invalid(
      'CreateModel',
      'Specify one of either Image and Model Data URL or ModelPackageName in container definition.',
    ),
  ],
  [
    'A24',
    'name-already-exists',
    invalid(
      'CreateEndpointConfig',
      'Cannot create already existing endpoint configuration "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn".',
    ),
  ],
  [
    'A25',
    'hosting-resource-missing',
    invalid(
      'CreateEndpointConfig',
      'Could not find model "arn:aws:sagemaker:eu-west-1:123456789012:model/churn".',
    ),
  ],
  [
    'A26',
    'endpoint-busy',
    invalid(
      'UpdateEndpoint',
      'Cannot update in-progress endpoint "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn".',
    ),
  ],
  ['A27', 'training-job-not-found', invalid('DescribeTrainingJob', 'Requested resource not found.')],
  [
    'A28',
    'training-job-already-ended',
    invalid('StopTrainingJob', 'The request was rejected because the training job is in status Completed.'),
  ],
  [
    'A29',
    'capability-label-missing',
    invalid(
      'CreateModel',
      `Your Ecr Image ${image} does not contain required com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true Docker label(s).`,
    ),
  ],
  [
    'A30',
    'image-too-large-for-serverless',
    invalid('CreateEndpoint', 'Image size 11000000000 is greater than supported size 10737418240'),
  ],
  [
    'A31',
    'serverless-image-in-other-account',
    invalid(
      'CreateEndpoint',
      'The container image URI is not a prebuilt SageMaker algorithm or deep learning image, or the bring-your-own container image URI does not reside in an Amazon ECR repository within the same AWS account creating the endpoint.',
    ),
  ],
  [
    'A32',
    'serverless-uncompressed-model',
    invalid(
      'CreateEndpoint',
      'Model with containers that use ModelDataSource cannot be deployed to a serverless endpoint',
    ),
  ],
  [
    'A33',
    'zones-lack-instance-type',
    invalid(
      'CreateEndpoint',
      'Unable to locate at least 2 availability zone(s) with the requested instance type ml.p4d.24xlarge that overlap with SageMaker subnets.',
    ),
  ],
  [
    'I01',
    'invocation-timed-out',
    call(
      'InvokeEndpoint',
      'ModelError',
      'Received server error (0) from primary with message "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."',
      { service: 'sagemaker-runtime' },
    ),
  ],
  [
    'I02',
    'invocation-failed',
    call('InvokeEndpoint', 'ModelError', 'Received server error (500) from primary with message "boom"', {
      service: 'sagemaker-runtime',
    }),
  ],
  [
    'I03',
    'model-not-ready',
    call('InvokeEndpoint', 'ModelNotReadyException', 'Please retry', { service: 'sagemaker-runtime' }),
  ],
  [
    'I04',
    'payload-too-large',
    call(
      'InvokeEndpoint',
      'ValidationError',
      "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to 6291456",
      { service: 'sagemaker-runtime' },
    ),
  ],
  [
    'C01',
    'oidc-not-authorized',
    call(
      'AssumeRoleWithWebIdentity',
      'AccessDenied',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
      {
        service: 'sts',
      },
    ),
  ],
  [
    'C02',
    'oidc-audience',
    call('AssumeRoleWithWebIdentity', 'InvalidIdentityToken', 'Incorrect token audience', { service: 'sts' }),
  ],
  [
    'C03',
    'credentials-not-found',
    call('GetCallerIdentity', 'CredentialsProviderError', 'Could not load credentials from any providers', {
      service: 'sts',
    }),
  ],
  [
    'C04',
    'ecr-access-denied',
    ecr(
      'docker push',
      '',
      `denied: ${denied('ecr:InitiateLayerUpload', 'arn:aws:ecr:eu-west-1:123456789012:repository/team/churn')}`,
    ),
  ],
  [
    'C04',
    'ecr-access-denied',
    ecr('GetAuthorizationToken', 'AccessDeniedException', denied('ecr:GetAuthorizationToken', '*')),
  ],
  [
    'C05',
    'repository-missing',
    ecr(
      'docker push',
      '',
      "name unknown: The repository with name 'team/churn' does not exist in the registry with id '123456789012'",
    ),
  ],
  [
    'C06',
    'image-tag-immutable',
    ecr(
      'PutImage',
      'ImageTagAlreadyExistsException',
      "The image tag 'latest' already exists in the 'team/churn' repository and cannot be overwritten because the repository is immutable.",
    ),
  ],
  ['C07', 'registry-login-missing', ecr('docker push', '', 'no basic auth credentials')],
  [
    'C08',
    'credentials-expired',
    call(
      'DescribeTrainingJob',
      'ExpiredTokenException',
      'The security token included in the request is expired',
    ),
  ],
  [
    'C09',
    'kms-access-denied',
    train('AccessDeniedException', denied('kms:CreateGrant', 'arn:aws:kms:eu-west-1:123456789012:key/9f4c')),
  ],
  [
    'C10',
    'model-package-group-not-empty',
    call(
      'DeleteModelPackageGroup',
      'ConflictException',
      'Model Package Group churn cannot be deleted because it still contains Model Packages',
    ),
  ],
  [
    'P33',
    'access-denied',
    call(
      'GetLogEvents',
      'AccessDeniedException',
      denied(
        'logs:GetLogEvents',
        'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/TrainingJobs',
      ),
      { service: 'cloudwatch-logs' },
    ),
  ],
  ['P33', 'access-denied', call('GetObject', 'AccessDenied', 'Access Denied', { service: 's3' })],
  [
    'P41',
    'credentials-invalid',
    call(
      'GetCallerIdentity',
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
      {
        service: 'sts',
      },
    ),
  ],
  [
    'P35',
    'aws-unavailable',
    call('DescribeTrainingJob', 'InternalFailure', 'We encountered an internal error.'),
  ],
  [
    'P35',
    'aws-unavailable',
    ecr('docker push', '', 'received unexpected HTTP status: 503 Service Unavailable'),
  ],
  ['P36', 'aws-unreachable', call('DescribeTrainingJob', 'ECONNRESET', 'read ECONNRESET')],
  ['P36', 'aws-unreachable', call('DescribeTrainingJob', 'TimeoutError', 'socket hang up')],
  ['P37', 'region-not-set', train('Error', 'Region is missing')],
  [
    'P38',
    'request-invalid',
    train('ValidationException', 'VpcConfig: you must specify at least one security group.'),
  ],
  [
    'P39',
    'registry-quota-exceeded',
    ecr('PutImage', 'LimitExceededException', 'The maximum number of images has been reached.'),
  ],
  [
    'P40',
    'resource-limit-exceeded',
    train('ResourceLimitExceeded', 'You have reached the limit of queued jobs.'),
  ],
];

export const endpoint = (
  status: string,
  failureReason?: string,
  facts: Partial<EndpointFailure> = {},
): EndpointFailure => ({
  status,
  logTail: [],
  ...(failureReason !== undefined && { failureReason }),
  ...facts,
});

export const ENDPOINT_CASES: readonly PlatformCase<EndpointFailure>[] = [
  [
    'E01',
    'ping-not-answered',
    endpoint(
      'Failed',
      'The primary container for production variant AllTraffic did not pass the ping health check. Please check CloudWatch logs for this endpoint.',
    ),
  ],
  [
    'E14',
    'gunicorn-worker-failed-to-boot',
    endpoint(
      'Failed',
      'The primary container for production variant AllTraffic did not pass the ping health check. Please check CloudWatch logs for this endpoint.',
      { logTail: ['[2026-02-01 10:00:00 +0000] [7] [ERROR] Worker failed to boot.'] },
    ),
  ],
  [
    'E04',
    'model-archive-invalid',
    endpoint(
      'Failed',
      'Failed to extract model data archive from URL "s3://churn-models/k/model.tar.gz". Please ensure that the object located at the URL is a valid tar.gz archive.',
    ),
  ],
  [
    'E05',
    'model-too-large',
    endpoint(
      'Failed',
      'Failed to extract model data archive from URL "s3://churn-models/k/model.tar.gz". The model data archive is too large. Please reduce the size of the model data archive or move to an instance type with more memory.',
    ),
  ],
  [
    'E06',
    'endpoint-service-failure',
    endpoint(
      'Failed',
      'Request to service failed. If failure persists after retry, contact customer support.',
    ),
  ],
  [
    'E07',
    'endpoint-capacity-unavailable',
    endpoint(
      'Failed',
      'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a different ML instance type or after some time. Consider configuring InstancePools in your EndpointConfig',
    ),
  ],
  [
    'E08',
    'endpoint-image-inaccessible',
    endpoint(
      'Failed',
      'Please make sure all images included in the model for the production variant AllTraffic exist, and that the execution role used to create the model has permissions to access them.',
    ),
  ],
  [
    'E09',
    'endpoint-rolled-back',
    endpoint('InService', undefined, { configName: 'churn-1a2b', requestedConfigName: 'churn-3c4d' }),
  ],
  [
    'E15',
    'deployment-alarm',
    endpoint(
      'InService',
      'The endpoint was not updated because one or more CloudWatch alarms went into ALARM',
      {
        configName: 'churn-1a2b',
        requestedConfigName: 'churn-3c4d',
      },
    ),
  ],
  ['E16', 'rollback-failed', endpoint('UpdateRollbackFailed')],
  [
    'A20',
    'model-data-inaccessible',
    endpoint('Failed', 'Could not access model data at s3://churn-models/k/model.tar.gz.'),
  ],
];
