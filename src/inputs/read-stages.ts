import { STAGES, type Stage } from '../plan.js';
import type { Inputs } from './fields.js';
import { INPUTS } from './names.js';
import { readWords } from './read-words.js';

/** The stages to do, in the order of a run. Reports those that do not fit what else is given. */
export function readStages(inputs: Inputs): readonly Stage[] {
  const field = inputs('stages');
  const uri = inputs('image-uri');
  if (!field.given) return uri.given ? STAGES.filter((stage) => stage !== 'build') : STAGES;

  const stages = new Set(readWords(field, STAGES, 'stage'));
  // What follows from a mistyped stage is not worth saying.
  if (stages.size === 0 || field.failed) return STAGES;
  if (uri.given && stages.has('build')) {
    field.problem(
      'The stage `build` builds an image, but `image-uri` names one in its place.',
      'Remove `build` from `stages`, or remove `image-uri`.',
    );
  }
  if (!uri.given && !stages.has('build')) {
    field.problem(
      'There is no image: neither the stage `build` makes one, nor does `image-uri` name one.',
      'Add `build` to `stages`, or set `image-uri`.',
    );
  }
  // The order of a run is not for the workflow to choose.
  return STAGES.filter((stage) => stages.has(stage));
}

/** Inputs for a stage that does not run: what they ask for would silently not happen. */
export function rejectIdle(inputs: Inputs, stages: readonly Stage[]): void {
  if (stages.includes('smoke-test')) return;
  for (const name of INPUTS['smoke test']) {
    if (!inputs(name).given) continue;
    inputs(name).problem(
      'Is about the smoke test, but `stages` does not name it.',
      'Add `smoke-test` to `stages`, or remove this input.',
    );
  }
}
