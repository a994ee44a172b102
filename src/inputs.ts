import { fields } from './inputs/fields.js';
import { type InputProblem, Problems } from './inputs/problems.js';
import { readImage } from './inputs/read-image.js';
import { readPlatform } from './inputs/read-platform.js';
import { readReport } from './inputs/read-report.js';
import { readSmokeTest } from './inputs/read-smoke-test.js';
import { readStages, rejectIdle } from './inputs/read-stages.js';
import { readTraining } from './inputs/read-training.js';
import { readWorkspace } from './inputs/read-workspace.js';
import { rejectUnknown } from './inputs/reject-unknown.js';
import { findSampleFolder, type SampleFolder } from './inputs/sample-folder.js';
import type { Plan } from './plan.js';

export { INPUTS } from './inputs/names.js';
export type { InputProblem } from './inputs/problems.js';

/** An image that is not built here brings no sample. */
const NO_SAMPLE: SampleFolder = { channels: new Map(), payloads: [] };

/**
 * Reads all inputs at once and checks them as a whole: either the plan, or every mistake there is.
 *
 * @param env the process' environment: `INPUT_*`, `GITHUB_WORKSPACE`, `RUNNER_TEMP`, `GITHUB_ACTION`
 * @param checkIds ids of the smoke test's checks, for `smoke-severity`
 */
export function readPlan(
  env: NodeJS.ProcessEnv,
  checkIds: readonly string[],
): { readonly plan: Plan } | { readonly problems: readonly InputProblem[] } {
  const problems = new Problems();
  const inputs = fields(env, problems);
  rejectUnknown(env, problems);

  const workspace = readWorkspace(env, problems);
  const stages = readStages(inputs);
  const training = readTraining(inputs);
  const platform = readPlatform(inputs);
  const image = readImage(inputs, workspace, platform);
  const sample = image.kind === 'build' ? findSampleFolder(image.build.context) : NO_SAMPLE;
  const smokeTest = readSmokeTest(inputs, workspace, checkIds, sample);
  const report = readReport(inputs, workspace, env);
  rejectIdle(inputs, stages);

  if (problems.found.length > 0) return { problems: problems.found };
  return { plan: { stages, workspace, image, training, smokeTest, report } };
}
