import { didYouMean } from './did-you-mean.js';
import { NAMES, variableOf } from './names.js';
import type { Problems } from './problems.js';

/**
 * Unknown inputs. The runner hands a mistyped key of `with:` on like any other, and only warns; a pull request
 * would then be green without the sample data that `smoke-chanels` was meant to give. So it is an error.
 *
 * What else begins with INPUT_ here: on GitHub, an action written in Node gets its own inputs only, not those of
 * a composite action or workflow around it (the runner's Handler.AddInputsToEnvironment works on the step's own).
 * But variables of an `env:` block or of GITHUB_ENV land in the same dictionary, and act, Gitea and Forgejo give
 * the steps of a composite action that action's inputs as well. Nothing tells these from inputs, so they are
 * errors too: a false alarm says at once what to do, a lost input would say nothing. An empty variable is no
 * input, which is the way out: `env:` of the step empties it for this step alone.
 */
export function rejectUnknown(env: NodeJS.ProcessEnv, problems: Problems): void {
  const known = new Set(NAMES.map(variableOf));
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('INPUT_') || known.has(variable) || !value) continue;
    const name = variable.slice('INPUT_'.length).toLowerCase();
    const close = didYouMean(name, NAMES);
    problems.add({
      input: name,
      // A mistyped `build-secrets` holds secrets too, and so may a variable that is no input at all.
      value: close === undefined || /^build-secret|^github-token$/.test(close) ? '***' : value,
      rule: 'This action has no input of this name.',
      fix: unknownFix(variable, close),
    });
  }
}

function unknownFix(variable: string, close: string | undefined): string {
  // With a dash and the look of one of ours it is nothing else; of any other, the way out is said too.
  if (close !== undefined && variable.includes('-')) return `Did you mean \`${close}\`?`;
  return (
    `${close === undefined ? 'Remove it from `with:`.' : `Did you mean \`${close}\`?`} If it does not come from ` +
    `\`with:\` (but from \`env:\`, or a composite action around this step), empty it here: \`env: { ${variable}: '' }\`.`
  );
}
