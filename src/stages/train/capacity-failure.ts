/** Whether a job's FailureReason says that there were no instances for it. */
export const isCapacityFailure = (reason: string | undefined): boolean =>
  /^CapacityError|Unable to provision requested ML compute capacity|InsufficientInstanceCapacity/i.test(
    reason ?? '',
  );
