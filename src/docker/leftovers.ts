import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

const namesFile = (tempDir: string): string => join(tempDir, 'image-name');

/**
 * Gives an image of the engine a name for the moment, and takes it away afterwards: by a later process, when this one
 * is killed. A name that the engine has already stays. The image itself is not removed.
 *
 * @param tempDir the run's own folder, which holds the name meanwhile
 */
export async function withImageName<Result>(
  docker: Docker,
  { id, name }: { readonly id: string; readonly name: string },
  { tempDir, signal }: { readonly tempDir: string; readonly signal: AbortSignal },
  use: () => Promise<Result>,
): Promise<Result> {
  const wasThere = await docker.run(['image', 'inspect', '--format', '{{.Id}}', name], { signal }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof DockerError) return false;
      throw error;
    },
  );
  // A disk that is full must not end the push: the name is then left only by a kill.
  if (!wasThere) await writeFile(namesFile(tempDir), name).catch(() => {});
  await docker.run(['tag', id, name], { signal });
  try {
    return await use();
  } finally {
    // Without the signal: a cancel must not leave it.
    if (!wasThere) {
      const isGone = docker.run(['image', 'rm', '--no-prune', name]).then(
        () => true,
        () => false,
      );
      if (await isGone) await rm(namesFile(tempDir), { force: true });
    }
  }
}

/** Takes away the name that {@link withImageName} could not. What is already gone is not an error. */
export async function removeImageName(docker: Docker, tempDir: string): Promise<void> {
  const name = await readFile(namesFile(tempDir), 'utf8').catch(() => '');
  // Never an option of docker's.
  if (/^[\w.[\]][\w.:/@[\]-]*$/.test(name))
    await removeIgnoringGone(docker, ['image', 'rm', '--no-prune', name]);
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
