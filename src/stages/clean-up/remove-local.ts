import { CanceledError, type Docker, DockerUnavailableError } from '../../docker/docker.js';
import { RUN_LABEL, removeImageName, removeLeftovers } from '../../docker/leftovers.js';
import { reasonOf } from '../../runner/errno.js';
import type { RunState } from '../../runner/state.js';
import { removeTempDir } from '../../runner/temp-dir.js';

/** Containers, networks, volumes and files of the run. */
export async function removeLocal(
  docker: Docker,
  { runId, tempDir }: RunState,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const problems: string[] = [];
  try {
    const timely = signal === undefined ? docker : within(docker, signal);
    await Promise.all([removeLeftovers(timely, runId), removeImageName(timely, tempDir)]);
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
