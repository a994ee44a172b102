import type { AwsError } from '../../aws/aws-error.js';
import type { CreateTrainingJobRequest } from '../../aws/training-jobs.js';
import { StageFailure } from '../stage-failure.js';

/** AWS's refusal to make the job, with what to do about it. */
export function refusalOf(error: AwsError, request: CreateTrainingJobRequest): StageFailure {
  return new StageFailure({
    message: `The training job was not started. ${error.message}`,
    fix: FIXES.find(([pattern]) => pattern.test(error.message))?.[1](request, error) ?? error.fix,
  });
}

type Fix = (request: CreateTrainingJobRequest, error: AwsError) => string;

/** By what AWS says [obs]; the first one that fits. Its own kind of error has the words for all else. */
const FIXES: readonly (readonly [RegExp, Fix])[] = [
  [
    /account-level service limit '([^']+)' is/,
    ({ ResourceConfig }, { message }) => {
      const quota = /account-level service limit '([^']+)'/.exec(message)?.[1];
      return `Ask for more of the quota “${quota}” in Service Quotas (Amazon SageMaker), wait for other jobs to end, or use another \`instance-type\` than ${ResourceConfig?.InstanceType}.`;
    },
  ],
  [
    /is not available in this region/i,
    ({ ResourceConfig }) =>
      `This Region does not have ${ResourceConfig?.InstanceType} for training: use another \`instance-type\`, or another \`aws-region\`.`,
  ],
  [
    /iam:PassRole/,
    ({ RoleArn }) =>
      `Allow iam:PassRole on ${RoleArn} to the role of this workflow, with the condition iam:PassedToService = sagemaker.amazonaws.com.`,
  ],
  [
    /sagemaker:AddTags/,
    () =>
      'Allow sagemaker:AddTags on the training job to the role of this workflow: the action tags each job with its commit and run.',
  ],
  [
    /Could not assume role/i,
    ({ RoleArn }) =>
      `Check that ${RoleArn} exists and that its trust policy lets sagemaker.amazonaws.com assume it. A role that was just made takes some seconds.`,
  ],
  [
    /No S3 objects found/i,
    () =>
      'Check `channels`: the bucket’s Region, the prefix, and that the execution role has s3:ListBucket on the bucket itself (not on bucket/*).',
  ],
  [
    /Cannot find the requested image|ECR image .* is invalid/i,
    ({ AlgorithmSpecification }) =>
      `Check that ${AlgorithmSpecification?.TrainingImage} is in ECR, in the Region of the job; push it first.`,
  ],
];
