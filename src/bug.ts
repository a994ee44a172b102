import type { Failure } from './plan.js';
import { isDebugging } from './runner/debug-log.js';
import { actionUrl } from './runner/source.js';

/** An error that nobody foresaw, in words for those who met it. Never a stack trace. */
export function bugFailure(error: unknown, env: NodeJS.ProcessEnv): Failure {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const url = actionUrl(env)?.repository;
  const where = url === undefined ? "in the action's repository" : `at ${url}/issues`;
  return {
    message: `The action failed by a mistake of its own: ${what}`,
    fix:
      `Please report it ${where}, with the log of this step. ` +
      'Run the job again with debug logging to have the place in the code in the log too.',
  };
}

/** The place in the code, for the log of a run with debug logging; otherwise nothing. */
export function bugTrace(error: unknown, env: NodeJS.ProcessEnv): string | undefined {
  return isDebugging(env) && error instanceof Error ? error.stack : undefined;
}
