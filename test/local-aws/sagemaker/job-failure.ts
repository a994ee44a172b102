/** The end of a training job as Failed: the message is its FailureReason. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
}

/** FailureReason holds so many characters. [model] */
export const REASON_LENGTH = 1024;

/**
 * The reason of a program that ended with another code than 0. The failure file's first 1024 characters are in
 * it, as far as the field holds them. [doc]+[obs]: sagemaker-contract 1.4
 */
export function algorithmError(failureFile: string | undefined, exitCode: number): string {
  const [before, after] = ['AlgorithmError: ', `, exit code: ${exitCode}`];
  return `${before}${(failureFile ?? '').slice(0, REASON_LENGTH - before.length - after.length)}${after}`;
}

/** [obs] T12 of the failure catalogue. */
export const INTERNAL_ERROR = 'InternalServerError: We encountered an internal error. Please try again.';
/** [obs] T11 */
export const CAPACITY_ERROR =
  'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.';
/** [obs] T13 */
export const IMAGE_ERROR =
  'ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect.';
/** [obs] T09 */
export const MEMORY_ERROR =
  'ClientError: Please use an instance type with more memory, or reduce the size of job data processed on an instance.';
