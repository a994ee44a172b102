import { type Docker, DockerError } from '../../docker/docker.js';
import { labelArgs } from '../../docker/leftovers.js';
import { ownContainer } from '../../runner/own-container.js';
import { StageFailure } from '../stage-failure.js';

/**
 * A network of the run's own: it gives the hosts of a training job their names, and two runs on one engine
 * do not see each other. An isolated one leads nowhere outside; the hosts still reach one another.
 */
export async function createNetwork(
  docker: Docker,
  runId: string,
  isolated: boolean,
  signal: AbortSignal,
): Promise<string> {
  const name = `sagemaker-byoc-${runId}`;
  try {
    await docker.run(['network', 'create', ...labelArgs(runId), ...(isolated ? ['--internal'] : []), name], {
      signal,
    });
  } catch (error) {
    if (error instanceof DockerError && /address pool|could not find an available/i.test(error.stderr)) {
      throw new StageFailure({
        message: 'Docker has no address range left for another network.',
        fix: 'Remove networks that nothing uses: `docker network prune`.',
      });
    }
    throw error;
  }
  const self = ownContainer();
  if (self !== undefined) {
    // A job in a container reaches others only on a network that it is on itself. Where the engine does not
    // know this container, it is another engine's: then there is another way, or none.
    await docker.run(['network', 'connect', name, self], { signal }).catch((error: unknown) => {
      if (!(error instanceof DockerError)) {
        throw error;
      }
    });
  }
  return name;
}
