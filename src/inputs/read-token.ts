import type { Inputs } from './fields.js';

/**
 * The token of GitHub.
 *
 * @param what is done with it, for messages: `A comment is written`
 * @param permission that it needs: `pull-requests: write`
 */
export function readToken(inputs: Inputs, env: NodeJS.ProcessEnv, what: string, permission: string): string {
  const field = inputs('github-token');
  const token = field.text.trim() || (env['GITHUB_TOKEN'] ?? '').trim();
  if (token === '') {
    field.problem(
      `${what} with a token of GitHub, and none is given.`,
      `Set it to \`github.token\`, and give the job \`permissions: ${permission}\`.`,
    );
  } else if (/\s/.test(token)) {
    field.problem(
      'A token holds no blanks.',
      'Set it to `github.token`, or to a secret that holds one token.',
    );
  }
  return token;
}
