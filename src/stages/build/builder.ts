import { type Docker, DockerError } from '../../docker/docker.js';

/** What builds: BuildKit by way of buildx, or the engine's classic builder. */
export type Builder =
  | {
      readonly kind: 'buildx';
      /** It adds attestations unless told not to; versions before 0.10 do not know the words for it. */
      readonly attests: boolean;
    }
  | { readonly kind: 'plain' };

/** Finds out which one this Docker has. */
export async function findBuilder(docker: Docker, signal: AbortSignal): Promise<Builder> {
  try {
    const { stdout } = await docker.run(['buildx', 'version'], { signal });
    return { kind: 'buildx', attests: !/ v?0\.[0-9]\./.test(stdout) };
  } catch (error) {
    if (error instanceof DockerError) {
      return { kind: 'plain' };
    }
    throw error;
  }
}
