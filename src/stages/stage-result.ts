import type { Annotation, Diagnosis, Failure, Outcome } from '../plan.js';

/** How a stage that works in AWS went, besides the record of what it worked on. */
export interface StageResult {
  readonly outcome: Exclude<Outcome, 'invalid-input'>;
  /** One sentence for people. */
  readonly detail: string;
  readonly failure?: Failure;
  readonly diagnosis?: Diagnosis;
  readonly annotations?: readonly Annotation[];
  /** Things worth knowing, a sentence each. */
  readonly notices?: readonly string[];
}
