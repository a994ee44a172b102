import type { ModelPackageReference, ModelSource, Stage } from '../plan.js';
import type { Inputs } from './fields.js';
import { stagesInWords } from './require-image.js';

/** What there is of a model to register or to deploy. */
export interface ModelSourceSurroundings {
  readonly stages: readonly Stage[];
  /** Of `model-package`. */
  readonly reference: ModelPackageReference | undefined;
  /** Of `model-artifacts`. */
  readonly modelArtifacts: string | undefined;
  /** Whether each variant names a model of its own. */
  readonly ownModels: boolean;
  /** Whether the training job is followed to its end. */
  readonly waits: boolean;
}

/**
 * Where the model of `deploy` comes from that its variants do not name, and whether `register` has one. Of two
 * sources none is the better one, so it is a mistake to give both.
 *
 * @returns `undefined` when there is none, or none is needed
 */
export function readModelSource(
  inputs: Inputs,
  { stages, reference, modelArtifacts, ownModels, waits }: ModelSourceSurroundings,
): ModelSource | undefined {
  const [version, artifacts] = [inputs('model-package'), inputs('model-artifacts')];
  const [registers, deploys, trains] = (['register', 'deploy', 'train'] as const).map((stage) =>
    stages.includes(stage),
  );
  const fromVersion = deploys && !ownModels && version.given;
  const needing = [
    ...(registers ? (['register'] as const) : []),
    ...(deploys && !ownModels && !version.given ? (['deploy'] as const) : []),
  ];
  if (fromVersion && (registers || artifacts.given)) {
    version.problem(
      registers
        ? 'Names a version to deploy, but `register` makes another one in this run.'
        : 'Names a version of the model registry, which brings its model, but `model-artifacts` names another.',
      registers
        ? 'Remove `model-package` to deploy the new version, or `register` from `stages`.'
        : 'Remove `model-package`, or `model-artifacts`.',
    );
  }
  if (needing.length > 0 && trains && artifacts.given) {
    artifacts.problem(
      'Names a model, but the stage `train` makes one in this run.',
      'Remove `model-artifacts`, or `train` from `stages`.',
    );
  } else if (needing.length > 0 && trains && !waits) {
    inputs('wait').problem(
      `${stagesInWords(needing)} the model of the training job, which is not waited for.`,
      'Set `wait: true`.',
    );
  } else if (needing.length > 0 && !trains && !artifacts.given) {
    inputs('stages').problem(
      `${stagesInWords(needing)} a model: neither does the stage \`train\` make one, nor does \`model-artifacts\` name one.`,
      `Add \`train\` to \`stages\`, or set \`model-artifacts\`${registers ? '' : ', or `model-package`'}.`,
    );
  }
  if (fromVersion) return reference === undefined ? undefined : { kind: 'package', package: reference };
  // With `register` the version that it makes is what goes live.
  if (registers || artifacts.given === false) return { kind: 'run' };
  return modelArtifacts === undefined ? undefined : { kind: 'artifacts', modelData: modelArtifacts };
}
