import { saveState } from '@actions/core';

/** What main leaves for post: all that is needed to find and remove what the run made. */
export interface RunState {
  /** 12 hex digits. */
  readonly runId: string;
  /** Absolute path of the run's folder for temporary files. */
  readonly tempDir: string;
}

/**
 * Saves the state. Called before anything is made, so that post finds it all, even when main was killed.
 *
 * @throws Error when the runner's file cannot be written
 */
export function saveRunState(env: NodeJS.ProcessEnv, { runId, tempDir }: RunState): void {
  // Outside of Actions nobody runs post, and saveState would print a command into the log instead.
  if (!env['GITHUB_STATE']) return;
  saveState('runId', runId);
  saveState('tempDir', tempDir);
}

/** What main saved; absent when it made nothing: the inputs were wrong, or it never started. */
export function readRunState(env: NodeJS.ProcessEnv): RunState | undefined {
  const runId = env['STATE_runId'] ?? '';
  const tempDir = env['STATE_tempDir'] ?? '';
  return /^[0-9a-f]{12}$/.test(runId) && tempDir !== '' ? { runId, tempDir } : undefined;
}
