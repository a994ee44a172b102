import { type Docker, DockerError } from './docker.js';

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
    removeNetworks(docker, networks),
    volumes.length > 0 && removeIgnoringGone(docker, ['volume', 'rm', '--force', ...volumes]),
  ]);
}

/** Removes networks, with whatever is still on them: this process' own container may be, if it runs in one. */
export async function removeNetworks(docker: Docker, networks: readonly string[]): Promise<void> {
  if (networks.length === 0) {
    return;
  }
  try {
    await removeIgnoringGone(docker, ['network', 'rm', ...networks]);
  } catch (error) {
    if (!(error instanceof DockerError && /active endpoints/i.test(error.stderr))) {
      throw error;
    }
    const format = '{{range $id, $_ := .Containers}}{{$.Id}} {{$id}}{{println}}{{end}}';
    const { stdout } = await docker.run(['network', 'inspect', '--format', format, ...networks]);
    for (const pair of stdout.split('\n').filter((line) => line.trim() !== '')) {
      await removeIgnoringGone(docker, ['network', 'disconnect', '--force', ...pair.trim().split(' ')]);
    }
    await removeIgnoringGone(docker, ['network', 'rm', ...networks]);
  }
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
