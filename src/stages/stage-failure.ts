import type { Annotation, Failure } from '../plan.js';

/** A stage that could not do its work, in the words for the person who must act. */
export class StageFailure extends Error {
  override readonly name = 'StageFailure';
  constructor(
    readonly failure: Failure,
    readonly annotations: readonly Annotation[] = [],
  ) {
    super(failure.message);
  }
}
