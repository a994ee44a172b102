import { listenToSteps, type Step } from '../debug.js';
import type { JobLog } from './job-log.js';

/** GitHub's debug logging is on: by "Enable debug logging" of a re-run, or by the variable ACTIONS_STEP_DEBUG. */
export const isDebugging = (env: NodeJS.ProcessEnv): boolean =>
  env['RUNNER_DEBUG'] === '1' || env['ACTIONS_STEP_DEBUG'] === 'true';

/**
 * With debug logging: writes each step of the action as a debug line.
 *
 * @returns ends it
 */
export function debugTo(log: Pick<JobLog, 'debug'>, env: NodeJS.ProcessEnv): () => void {
  return isDebugging(env) ? listenToSteps((step) => log.debug(lineOf(step))) : () => {};
}

function lineOf(step: Step): string {
  switch (step.kind) {
    case 'docker': {
      const ended = typeof step.ended === 'number' ? `exit code ${step.ended}` : step.ended;
      return `docker ${shown(step.args).join(' ')}: ${ended}, ${seconds(step.milliseconds)}`;
    }
    case 'aws': {
      const { action, status, attempts, requestId, error, milliseconds } = step;
      return [
        `${action}: ${status === undefined ? 'no answer' : `HTTP ${status}`}`,
        ...(error === undefined ? [] : [error]),
        ...(attempts === undefined || attempts < 2 ? [] : [`${attempts} attempts`]),
        seconds(milliseconds),
        ...(requestId === undefined ? [] : [`request ${requestId}`]),
      ].join(', ');
    }
    case 'decision':
      return step.text;
  }
}

/** Options whose value the user gives as `NAME=value`: the name is enough to know what was done. */
const WITH_VALUES = new Set(['--build-arg', '--env', '-e', '--label']);

function shown(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const option = args[index - 1] ?? '';
    const joined = /^(--build-arg|--env|--label)=([^=]*)=/s.exec(arg);
    if (joined) return `${joined[1]}=${joined[2]}=…`;
    const hidden = WITH_VALUES.has(option) && arg.includes('=') ? `${arg.split('=', 1)[0]}=…` : arg;
    return /^[\w@%+=:,./{}[\]…-]+$/.test(hidden) ? hidden : JSON.stringify(hidden);
  });
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
