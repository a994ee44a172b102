import type { InputProblem } from '../../../src/inputs/problems.js';
import { ALL_STAGES, only, workspace } from './workspace.js';

/** The only problem of a run of all stages (or of another one) with these inputs. */
export const toldOf = (
  inputs: Record<string, string>,
  run: Readonly<Record<string, string>> = ALL_STAGES,
): InputProblem => only(workspace().problems({ ...run, ...inputs }));

/** The problem in one line, as people read it. */
export const lineOf = (inputs: Record<string, string>): string => {
  const { input, value, rule, fix } = toldOf(inputs);
  return `${input} ${JSON.stringify(value)}: ${rule} ${fix}`;
};
