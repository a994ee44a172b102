import { CanceledError, type Docker, DockerUnavailableError } from '../docker/docker.js';
import { RUN_LABEL, removeLeftovers } from '../docker/leftovers.js';
import { reasonOf } from '../runner/errno.js';
import type { RunState } from '../runner/state.js';
import { removeTempDir } from '../runner/temp-dir.js';

/**
 * Removes what a run may have left: its containers, networks and volumes, then its temporary files. Safe to
 * repeat; never rejects, and one part's failure does not stop the other.
 *
 * @param signal ends it before its time, when the engine takes too long
 * @returns what could not be removed, a sentence each with what to do; empty when nothing is left
 */
export async function cleanUp(
  docker: Docker,
  { runId, tempDir }: RunState,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const problems: string[] = [];
  try {
    await removeLeftovers(signal === undefined ? docker : within(docker, signal), runId);
  } catch (error) {
    // Without an engine nothing was made; one that stopped has stopped the containers too, and the run has said so.
    if (error instanceof CanceledError) {
      problems.push('Docker took too long to remove the containers of this run. The post part tries again.');
    } else if (!(error instanceof DockerUnavailableError)) {
      problems.push(
        `Containers, networks or volumes of this run could not be removed: ${reasonOf(error)}. ` +
          `On a runner of your own, look for the label ${RUN_LABEL}=${runId} and remove them with \`docker rm --force\`, ` +
          '`docker network rm` and `docker volume rm`.',
      );
    }
  }
  try {
    await removeTempDir(tempDir, runId);
  } catch (error) {
    problems.push(
      `Temporary files of this run could not be removed: ${tempDir}: ${reasonOf(error)}. ` +
        'On a runner of your own, remove the folder by hand.',
    );
  }
  return problems;
}

/** The same Docker, whose commands end when the signal is aborted. */
function within(docker: Docker, signal: AbortSignal): Docker {
  return {
    run: (args, options) => docker.run(args, { signal, ...options }),
    start: (args, options) => docker.start(args, { signal, ...options }),
  };
}
