import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Docker, feed } from '../docker/docker.js';
import { labelArgs } from '../docker/leftovers.js';

/**
 * Makes a volume and fills it from a tar stream, so that a container can then mount it read-only. The files
 * go through the engine: no folder of the runner is mounted, so none ends up owned by root, and it works
 * with an engine on another machine.
 *
 * @param image any image on the engine; a container of it is created but never started
 */
export async function fillVolume(
  engine: { readonly docker: Docker; readonly runId: string; readonly signal: AbortSignal },
  image: string,
  volume: string,
  target: string,
  content: Readable,
): Promise<void> {
  const { docker, runId, signal } = engine;
  const helper = `sagemaker-byoc-${runId}-fill-${randomBytes(3).toString('hex')}`;
  await docker.run(['volume', 'create', ...labelArgs(runId), volume], { signal });
  await docker.run(
    [
      'create',
      ...['--name', helper, ...labelArgs(runId), '--network', 'none'],
      ...['--mount', `type=volume,source=${volume},target=${target},volume-nocopy`],
      ...[image, 'train'],
    ],
    { signal },
  );
  try {
    // Without --archive, which gives everything to the image's USER and fails for a name that only the image knows:
    // the owner that the tar stream names, root, is what the platform has.
    await feed(docker, ['cp', '-', `${helper}:${target}`], content, signal);
  } finally {
    // With the anonymous volumes that it has from the image's own VOLUME lines: nothing marks those.
    await docker.run(['rm', '--force', '--volumes', helper]);
  }
}
