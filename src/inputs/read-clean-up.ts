import type { CleanUpPlan, Stage } from '../plan.js';
import type { Inputs } from './fields.js';
import { KEEP_MODELS } from './limits.js';
import type { Field } from './problems.js';
import { parseInteger } from './quantities.js';
import { NO_REF } from './read-report.js';

/** What the inputs of a clean-up are checked against. */
export interface CleanUpSurroundings {
  readonly stages: readonly Stage[];
  /** Of `repository`, without its registry. */
  readonly repository: string | undefined;
  /** Of `dry-run`. */
  readonly dryRun: boolean;
}

/** Enough to go back twice. */
const DEFAULT_KEEP = 2;

/**
 * What is removed of what nobody uses any more.
 *
 * @returns the plan of the stage, or `undefined` when it is not to run
 */
export function readCleanUp(
  inputs: Inputs,
  { stages, repository, dryRun }: CleanUpSurroundings,
): CleanUpPlan | undefined {
  const ref = readRef(inputs('clean-up-ref'));
  const keep = parseInteger(inputs('keep-models'), KEEP_MODELS, DEFAULT_KEEP);
  if (!stages.includes('clean-up')) return undefined;
  return {
    ...(ref === undefined ? {} : { ref }),
    keep,
    ...(repository === undefined ? {} : { repository }),
    dryRun,
  };
}

/** In full, as GitHub's own variable and the tags have it; a short name is a branch's. */
function readRef(field: Field): string | undefined {
  const ref = field.text.trim();
  if (ref === '') return undefined;
  if (NO_REF.test(ref) || (ref.startsWith('refs/') && !/^refs\/(?:heads|tags|pull)\/./.test(ref))) {
    return field.problem(
      'Is not the name of a branch, a tag or a pull request.',
      'Write a branch such as `feature/x`, or in full, `refs/heads/feature/x`, `refs/tags/v1` or `refs/pull/7/merge`.',
    );
  }
  return ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
}
