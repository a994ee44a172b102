import type { JobFailure } from '../failure.js';
import type { MessageRow } from '../row.js';
import { named } from '../text.js';

const stopped = (failure: JobFailure): boolean => failure.status === 'Stopped';

/** EC2 had no instance for the job while it waited: one of the known StatusMessages. */
const waitedForCapacity = ({ statusMessage = '' }: JobFailure): boolean =>
  /Insufficient capacity error/i.test(statusMessage);

/**
 * What the platform itself says of a training job. Reasons that begin with `AlgorithmError:` are the container's,
 * and explained by its rows. The more specific come first.
 */
export const JOB_ROWS: readonly MessageRow<JobFailure>[] = [
  {
    id: 'T10',
    class: 'artifact-upload-out-of-memory',
    where: 'training FailureReason',
    pattern: /Out of Memory\. Please use a larger instance/,
    cause: 'SageMaker ran out of memory while it packed and uploaded the artifacts.',
    fix: 'Write fewer or smaller files to /opt/ml/model, set `OutputDataConfig.CompressionType: NONE` in `training-overrides`, or use an `instance-type` with more memory.',
    source: '[obs] grand-challenge 4e38c78',
  },
  {
    id: 'T11',
    class: 'capacity-unavailable',
    where: 'training FailureReason',
    pattern: /^CapacityError|Unable to provision requested ML compute capacity\./,
    cause:
      'AWS has no free capacity of that instance type in the Region (or in the job’s subnets) now. The container was not run.',
    fix: 'Run again later, name other types in `fallback-instance-types`, add subnets in other availability zones, or use a training plan.',
    source: '[obs] rse-grand-challenge#2631',
  },
  {
    id: 'T13',
    class: 'image-not-pullable',
    where: 'training FailureReason',
    pattern: /Cannot pull algorithm container/,
    cause:
      'SageMaker could not pull the image: it does not exist under that name in that Region, the execution role may not read it, the repository’s policy does not let the account in, a VPC has no route to ECR, or the disk is too small for it.',
    fix: 'Let the action push the image (`stages: …, push, train`), or check its URI and Region; grant the execution role `ecr:GetAuthorizationToken`, `ecr:BatchGetImage`, `ecr:GetDownloadUrlForLayer` and `ecr:BatchCheckLayerAvailability`.',
    source: '[obs] sdk#57, sdk#1968, sdk#1986; aws-sagemaker-build#25, #28',
  },
  {
    id: 'T14',
    class: 'image-not-found',
    where: 'training FailureReason',
    pattern: /manifest for (\S{1,300}) not found|manifest unknown/,
    cause:
      'The image does not exist: its tag was never pushed, was removed by a lifecycle rule, or is in another Region.',
    fix: 'Use the digest that the push stage gives (`image-digest`), and look at the repository’s lifecycle rules.',
    specific: ([, image]) =>
      image === undefined
        ? {}
        : {
            cause: `The image \`${named(image, 200)}\` does not exist: its tag was never pushed, was removed by a lifecycle rule, or is in another Region.`,
          },
    source: '[obs] sagemaker-run-notebook#33',
  },
  {
    id: 'T18',
    class: 'data-larger-than-volume',
    where: 'training FailureReason',
    pattern: /Data download failed:.{0,200}?Insufficient disk space/,
    cause: 'File mode copies every channel to the instance’s volume, and the data does not fit.',
    fix: 'Raise `volume-size` (types with NVMe disks have a fixed size), or stream the data with `input-mode: FastFile`.',
    source: '[obs] sdk#128',
  },
  {
    id: 'T22',
    class: 's3-route-missing',
    where: 'training FailureReason',
    pattern: /subnet's route table has a route to an S3 VPC endpoint/,
    cause: 'The job runs in a VPC whose subnets have no route to S3, or whose rules forbid it.',
    fix: 'Add an S3 gateway endpoint to the route tables of `subnets`, and allow outbound HTTPS in the security groups and network ACLs.',
    source: '[obs] FailureReason of jobs in a VPC',
  },
  {
    id: 'T21',
    class: 's3-unreachable',
    where: 'training FailureReason',
    pattern: /ListObjectsV2 failed for|Unable to execute request to S3/,
    cause: 'The job could not reach S3. It runs in a VPC without a path to it.',
    fix: 'Add an S3 gateway endpoint to the route tables of `subnets`, and allow outbound HTTPS (port 443) in the security groups.',
    source: '[obs] sagemaker-run-notebook#32',
  },
  {
    id: 'T19',
    class: 'input-access-denied',
    where: 'training FailureReason',
    pattern:
      /Data download failed:.{0,200}?(s3:\/\/[^\s(]{1,300}).{0,300}?Access ?Denied|Data download failed:.{0,500}?Access ?Denied/,
    cause:
      'The execution role may not read an object of a channel: it lacks `s3:GetObject` or `kms:Decrypt`, or a bucket or VPC endpoint policy denies it.',
    fix: 'Grant the execution role `s3:GetObject` on the objects and `kms:Decrypt` on their key; look at the bucket’s and the VPC endpoint’s policies.',
    specific: ([, uri]) =>
      uri === undefined
        ? {}
        : {
            cause: `The execution role may not read \`${named(uri, 200)}\`: it lacks \`s3:GetObject\` or \`kms:Decrypt\`, or a bucket or VPC endpoint policy denies it.`,
          },
    source: '[obs] examples#4384',
  },
  {
    id: 'T20',
    class: 'input-forbidden',
    where: 'training FailureReason',
    pattern: /Data download failed:.{0,500}?\b403\b/,
    cause:
      'S3 answered 403 for the data of a channel: the execution role may not read it, or it is absent and the role may not list the bucket.',
    fix: 'Grant the execution role `s3:ListBucket` on the bucket and `s3:GetObject` on its objects, and check that the prefix exists.',
    source: '[doc] S3 HeadObject: 403 in place of 404 without s3:ListBucket',
  },
  {
    id: 'T23',
    class: 'fastfile-partial-prefix',
    where: 'training FailureReason',
    pattern: /For FastFile mode, partial S3 prefix is not supported/,
    cause: 'FastFile mode takes a whole folder or file, and a channel names a part of a name.',
    fix: 'End the channel’s URI in `channels` with `/`.',
    source: '[obs] FailureReason',
  },
  {
    id: 'T24',
    class: 's3-double-slash',
    where: 'training FailureReason',
    pattern: /illegal char sub-sequence '\/\/'/,
    cause: 'An S3 key has two slashes in a row, which SageMaker does not take.',
    fix: 'Remove the second slash in `channels`, `output-path` or `checkpoint-path`.',
    source: '[obs] generative-ai-on-amazon-sagemaker PR#242',
  },
  {
    id: 'T26',
    class: 'bucket-in-other-region',
    where: 'training FailureReason',
    pattern: /BucketRegionError/,
    cause: 'A bucket of the job is in another Region than the job.',
    fix: 'Use a bucket in the job’s Region for `output-path`, `checkpoint-path` and `channels`.',
    source: '[obs] examples#3881',
  },
  {
    id: 'T25',
    class: 'output-access-denied',
    where: 'training FailureReason',
    pattern: /Artifact upload failed:.{0,500}?Access ?Denied/,
    cause:
      'The execution role may not write to `output-path`: it lacks `s3:PutObject` or `kms:GenerateDataKey`.',
    fix: 'Grant the execution role `s3:PutObject` below `output-path`, and `kms:GenerateDataKey` on `kms-key-id`.',
    source: '[obs] FailureReason',
  },
  {
    id: 'P42',
    class: 'artifact-upload-failed',
    where: 'training FailureReason',
    // What follows `API error` are Docker's words about a container that did not start.
    pattern: /Artifact upload failed:(?!\s{0,4}API error)/,
    cause:
      'SageMaker could not write the model or the output of the job to `output-path`; its reason says why.',
    fix: 'Check that the bucket of `output-path` exists in the job’s Region, that its policy, its key and the VPC’s endpoint of S3 let the execution role write there, and that /opt/ml/model holds plain files only.',
    source: '[inf] the words before it are those of T10 and T25',
  },
  {
    id: 'T12',
    class: 'platform-error',
    where: 'training FailureReason',
    pattern: /InternalServerError: We encountered an internal error/,
    cause:
      'SageMaker reports a fault of its own. The same words are seen when the image cannot start, when a checkpoint prefix is too big to restore, and when a VPC or security group is wrong.',
    fix: 'Run it once more; `RetryStrategy` in `training-overrides` does that by itself. When it comes again without a log, run the smoke test, and look at the size of `checkpoint-path` and at the VPC’s routes.',
    specific: (_groups, { logStreams }) =>
      logStreams === 0
        ? {
            cause:
              'SageMaker reports a fault of its own, and the container wrote no log. The same words are seen when the image cannot start, when a checkpoint prefix is too big to restore, and when a VPC or security group is wrong.',
          }
        : {},
    source: '[obs] sdk#70, sdk#3026; grand-challenge',
  },
  {
    id: 'T30',
    class: 'max-runtime-exceeded',
    where: 'training status',
    holds: ({ secondaryStatus }) => secondaryStatus === 'MaxRuntimeExceeded',
    cause:
      'The job was stopped because it ran longer than `max-runtime` allows. What the container had written by then was uploaded.',
    fix: 'Raise `max-runtime` (up to 28 days), or train for less; with `checkpoint-path` the next job goes on where this one stopped.',
    source: '[doc] model: SecondaryStatus, StoppingCondition',
  },
  {
    id: 'T31',
    class: 'max-wait-time-exceeded',
    where: 'training status',
    holds: ({ secondaryStatus }) => secondaryStatus === 'MaxWaitTimeExceeded',
    cause: 'The spot job used up `max-wait`, which covers its waiting and its running.',
    fix: 'Raise `max-wait`, name other types in `fallback-instance-types`, or set `spot: false`.',
    specific: (_groups, failure) =>
      waitedForCapacity(failure)
        ? {
            cause:
              'The spot job used up `max-wait`, which covers its waiting and its running: AWS had no spot capacity of that type for it.',
          }
        : {},
    source: '[doc] model: SecondaryStatus, StoppingCondition',
  },
  {
    id: 'T32',
    class: 'spot-interrupted',
    where: 'training status',
    holds: ({ secondaryStatus }) => secondaryStatus === 'Interrupted',
    cause: 'AWS took the spot capacity back while the job ran.',
    fix: 'Set `checkpoint-path` and load the newest file of /opt/ml/checkpoints at the start: the job then goes on where it was. Or set `spot: false`.',
    specific: (_groups, { checkpoints }) =>
      checkpoints === true
        ? {
            fix: 'Load the newest file of /opt/ml/checkpoints when the program starts, raise `max-wait`, or set `spot: false`.',
          }
        : {},
    source: '[doc] model: SecondaryStatus; model-managed-spot-training.md',
  },
  {
    id: 'P32',
    class: 'job-stopped',
    where: 'training status',
    holds: (failure) => stopped(failure) && failure.secondaryStatus !== 'Failed',
    cause: 'The job was stopped by a call of `StopTrainingJob`: by a person, by another run, or by this one.',
    fix: 'Find the call in CloudTrail (`StopTrainingJob`), and start the job again when nobody meant to stop it.',
    source: '[doc] StopTrainingJob; a time limit has a secondary status of its own',
  },
  {
    id: 'T33',
    class: 'no-model-artifacts',
    where: 'training status',
    holds: ({ status, modelWritten }) => status === 'Completed' && modelWritten === false,
    cause: 'The job completed and has no model: the program wrote nothing to /opt/ml/model.',
    fix: 'Save the model to /opt/ml/model: not to ./model, and not to `SM_MODEL_DIR` where that is not set (`toolkit-environment: true` sets it).',
    source: '[obs] sdk#3455',
  },
];
