import { STAGES, type Stage } from '../plan.js';
import type { Inputs } from './fields.js';
import { INPUTS, type InputName } from './names.js';
import { readWords } from './read-words.js';

/** What is done when nothing is said: all that needs no AWS. */
const DEFAULT_STAGES: readonly Stage[] = ['build', 'smoke-test'];

/** The stages to do, in the order of a run. Reports those that do not fit what else is given. */
export function readStages(inputs: Inputs): readonly Stage[] {
  const field = inputs('stages');
  const uri = inputs('image-uri');
  if (!field.given) return DEFAULT_STAGES.filter((stage) => stage !== 'build' || !uri.given);

  const stages = new Set(readWords(field, STAGES, 'stage'));
  // What follows from a mistyped stage is not worth saying.
  if (stages.size === 0 || field.failed) return DEFAULT_STAGES;
  if (uri.given && stages.has('build')) {
    field.problem(
      'The stage `build` builds an image, but `image-uri` names one in its place.',
      'Remove `build` from `stages`, or remove `image-uri`.',
    );
  }
  // The order of a run is not for the workflow to choose.
  return STAGES.filter((stage) => stages.has(stage));
}

/** The stages that do something with the image of this run. `deploy` may find its image elsewhere. */
export const WITH_IMAGE: readonly Stage[] = ['build', 'smoke-test', 'push', 'train', 'register', 'deploy'];

/**
 * An image is built, or named.
 *
 * @param needing the stages of the run that do something with it
 */
export function requireAnyImage(inputs: Inputs, stages: readonly Stage[], needing: readonly Stage[]): void {
  const field = inputs('stages');
  if (inputs('image-uri').given || stages.includes('build') || needing.length === 0 || field.failed) return;
  field.problem(
    'There is no image: neither the stage `build` makes one, nor does `image-uri` name one.',
    'Add `build` to `stages`, or set `image-uri`.',
  );
}

/** The smoke test's inputs that say what is sent to an endpoint too. */
const SAMPLES: readonly InputName[] = ['smoke-payload', 'smoke-content-type', 'smoke-accept', 'smoke-expect'];

/** Inputs for a stage that does not run: what they ask for would silently not happen. */
export function rejectIdle(inputs: Inputs, stages: readonly Stage[]): void {
  if (stages.includes('smoke-test')) return;
  const used = stages.includes('deploy') || stages.includes('register') ? SAMPLES : [];
  for (const name of INPUTS['smoke test']) {
    if (!inputs(name).given || used.includes(name)) continue;
    inputs(name).problem(
      'Is about the smoke test, but `stages` does not name it.',
      'Add `smoke-test` to `stages`, or remove this input.',
    );
  }
}
