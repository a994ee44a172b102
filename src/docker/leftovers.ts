import type { Docker } from './docker.js';

/** Every container, network and volume of a run carries this label, so that a later process can find it. */
export const RUN_LABEL = 'io.github.sagemaker-byoc.run';

/** The `--label` arguments of one run. */
export function labelArgs(runId: string): readonly string[] {
  return ['--label', `${RUN_LABEL}=${runId}`];
}

/**
 * Removes every container (with its anonymous volumes), network and volume of the run, running or not.
 * Safe to repeat; what is already gone is not an error. Other runs on the same engine are not touched.
 */
export async function removeLeftovers(docker: Docker, runId: string): Promise<void> {
  const filter = ['--filter', `label=${RUN_LABEL}=${runId}`];
  const list = async (args: readonly string[]) =>
    (await docker.run([...args, ...filter])).stdout.split('\n').filter(Boolean);
  const containers = await list(['ps', '--all', '--quiet', '--no-trunc']);
  if (containers.length > 0) {
    await removeIgnoringGone(docker, ['rm', '--force', '--volumes', ...containers]);
  }
  const [networks, volumes] = await Promise.all([
    list(['network', 'ls', '--quiet', '--no-trunc']),
    list(['volume', 'ls', '--quiet']),
  ]);
  await Promise.all([
    networks.length > 0 && removeIgnoringGone(docker, ['network', 'rm', ...networks]),
    volumes.length > 0 && removeIgnoringGone(docker, ['volume', 'rm', '--force', ...volumes]),
  ]);
}

async function removeIgnoringGone(docker: Docker, args: readonly string[]): Promise<void> {
  try {
    await docker.run(args);
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    // Two removals of the same thing (main's and post's, or the engine's own) may meet: both mean done.
    const remaining = text
      .split('\n')
      .filter((line) => line.trim() && !/No such|not found|is already in progress/i.test(line));
    if (remaining.length > 0) {
      throw error;
    }
  }
}
