import type { Docker } from '../docker/docker.js';
import type { DeploymentState, JobState, RunState, ShiftState } from '../runner/state.js';
import { removeLocal } from './clean-up/remove-local.js';
import type { StopWorld } from './clean-up/stop-world.js';

export type { StopWorld };

/**
 * Ends and removes what a run may have left: its training job, its unproven deployment, its containers, networks and
 * volumes, then its temporary files. Safe to repeat; never rejects, and one part's failure does not stop the other.
 *
 * @param signal ends it before its time, when the engine takes too long
 * @returns what was found and stopped, and what could not be removed, a sentence each with what to do; empty when
 * nothing was left
 */
export async function cleanUp(
  docker: Docker,
  state: RunState,
  signal?: AbortSignal,
  world: StopWorld = { source: {} },
): Promise<readonly string[]> {
  const [ofJob, ofDeployment, ofShift, ofEngine] = await Promise.all([
    state.job === undefined ? [] : stopJob(state.job, state.runId, world),
    state.deployment === undefined ? [] : undoDeployment(state.deployment, state.runId, world),
    state.shift === undefined ? [] : tellShift(state.shift, world),
    removeLocal(docker, state, signal),
  ]);
  return [...ofJob, ...ofDeployment, ...ofShift, ...ofEngine];
}

// What asks AWS is loaded by the runs that have left something there.

async function stopJob(job: JobState, runId: string, world: StopWorld): Promise<readonly string[]> {
  const { stopLeftJob } = await import('./clean-up/stop-left-job.js');
  return await stopLeftJob(job, runId, world);
}

async function undoDeployment(
  deployment: DeploymentState,
  runId: string,
  world: StopWorld,
): Promise<readonly string[]> {
  const { undoLeftDeployment } = await import('./clean-up/undo-left-deployment.js');
  return await undoLeftDeployment(deployment, runId, world);
}

async function tellShift(shift: ShiftState, world: StopWorld): Promise<readonly string[]> {
  const { tellLeftShift } = await import('./clean-up/tell-left-shift.js');
  return await tellLeftShift(shift, world);
}
