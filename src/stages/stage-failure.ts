import type { Annotation, Diagnosis, Failure } from '../plan.js';

/** A stage that could not do its work, in the words for the person who must act. */
export class StageFailure extends Error {
  override readonly name = 'StageFailure';
  constructor(
    readonly failure: Failure,
    readonly annotations: readonly Annotation[] = [],
    /** The failure catalogue's answer, where it was asked. */
    readonly diagnosis?: Diagnosis,
  ) {
    super(failure.message);
  }
}
