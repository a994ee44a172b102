import { diagnoseApiError } from '../../diagnosis/diagnose-api-error.js';
import type { Diagnosis, Failure } from '../../plan.js';
import { StageFailure } from '../stage-failure.js';

/** What ECR said, or docker of it: its own words, by which the failure catalogue knows it. */
export interface Said {
  /** `PutImage`; for docker its command, `docker push`. */
  readonly operation: string;
  /** The error's name; empty when there is only a message. */
  readonly code: string;
  /** One line, or several of which one may be known: the last of those is. Untrusted. */
  readonly lines: readonly string[];
}

/**
 * The failure with the catalogue's row for it, where there is one. Its fix stays the failure's own: who writes that
 * knows the repository and the tag.
 */
export function diagnosed(failure: Failure, { operation, code, lines }: Said): StageFailure {
  const known = [...lines].reverse().reduce<Diagnosis | undefined>((found, message) => {
    if (found !== undefined) return found;
    const diagnosis = diagnoseApiError({ service: 'ecr', operation, code, message });
    return diagnosis.id === 'unknown' ? undefined : diagnosis;
  }, undefined);
  if (known === undefined) return new StageFailure(failure);
  return new StageFailure(failure, [], { ...known, fix: failure.fix ?? known.fix });
}
