import type { AwsError } from '../../aws/aws-error.js';
import { diagnoseApiError } from '../../diagnosis/diagnose-api-error.js';
import type { Diagnosis, Failure } from '../../plan.js';

/**
 * A call of the registry that AWS refused, with what to do about it.
 *
 * @param what has not come about: `The model was not registered.`
 */
export function refusal(
  error: AwsError,
  what: string,
  region: string,
): { readonly failure: Failure; readonly diagnosis?: Diagnosis } {
  const [service = 'sagemaker', operation = ''] = error.action.split(':');
  const diagnosis = diagnoseApiError({
    service,
    operation,
    code: error.code,
    message: error.cause instanceof Error ? error.cause.message : error.message,
    region,
  });
  const { id, fix, link } = diagnosis;
  const known = id === 'unknown' ? error.fix : fix;
  return {
    failure: {
      message: `${what} ${error.message}`,
      fix: link === undefined || known.includes(link) ? known : `${known} ${link}`,
    },
    ...(id !== 'unknown' && { diagnosis }),
  };
}
