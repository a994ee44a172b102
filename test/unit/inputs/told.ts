import type { InputProblem } from '../../../src/inputs/problems.js';
import { ALL_STAGES, only, workspace } from './workspace.js';

/** The only problem of a run of all stages with these inputs. */
export const toldOf = (inputs: Record<string, string>): InputProblem =>
  only(workspace().problems({ ...ALL_STAGES, ...inputs }));

/** The problem in one line, as people read it. */
export const lineOf = (inputs: Record<string, string>): string => {
  const { input, value, rule, fix } = toldOf(inputs);
  return `${input} ${JSON.stringify(value)}: ${rule} ${fix}`;
};
