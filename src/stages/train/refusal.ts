import type { AwsError } from '../../aws/aws-error.js';
import { diagnoseApiError } from '../../diagnosis/diagnose-api-error.js';
import { StageFailure } from '../stage-failure.js';

/** AWS's refusal to make the job, with what to do about it. */
export function refusalOf(error: AwsError, region: string): StageFailure {
  const said = error.cause instanceof Error ? error.cause.message : error.message;
  const diagnosis = diagnoseApiError({
    service: 'sagemaker',
    operation: 'CreateTrainingJob',
    code: error.code,
    message: said,
    region,
  });
  const { id, fix, link } = diagnosis;
  const known = id === 'unknown' ? error.fix : fix;
  const failure = {
    message: `The training job was not started. ${error.message}`,
    fix: link === undefined || known.includes(link) ? known : `${known} ${link}`,
  };
  return id === 'unknown' ? new StageFailure(failure) : new StageFailure(failure, [], diagnosis);
}
