import { APPROVAL_STATUSES, type ApprovePlan, type ModelPackageReference, type Stage } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { parseChoice } from './quantities.js';
import { readDescription } from './read-register.js';
import { UNSET } from './required.js';

/**
 * The status that a version of the model registry gets.
 *
 * @param reference of `model-package`
 * @returns the plan of the stage, or `undefined` when it is not to run
 */
export function readApprove(
  inputs: Inputs,
  stages: readonly Stage[],
  reference: ModelPackageReference | undefined,
): ApprovePlan | undefined {
  const description = readDescription(inputs('approval-description'));
  if (!stages.includes('approve')) return undefined;
  const field = inputs('model-package');
  if (stages.includes('register')) {
    inputs('stages').problem(
      'The stage `approve` is for a version that somebody looked at; `register` makes one in this run.',
      'Set `approval-status: Approved` for the new version, or approve it in a job of its own, behind a GitHub environment.',
    );
  } else if (!field.given) {
    field.problem(
      'The stage `approve` needs the version of the model.',
      `Set \`model-package\` to the output \`model-package-arn\` of the run that registered it, or \`latest\` with \`model-package-group\`. ${UNSET}`,
    );
  } else if (reference?.kind === 'latest-approved') {
    field.problem('Names a version that is approved already.', "Write `latest`, or the version's ARN.");
  }
  return {
    package: reference ?? { kind: 'arn', arn: '' },
    // A word that is none is told of with the version that `register` would make.
    status: inputs('approval-status').failed
      ? 'Approved'
      : parseChoice(inputs('approval-status'), APPROVAL_STATUSES, 'Approved', suggestion),
    ...(description === undefined ? {} : { description }),
  };
}
