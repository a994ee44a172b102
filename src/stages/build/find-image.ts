import { type Docker, DockerError } from '../../docker/docker.js';
import type { ImageRecord } from '../../plan.js';

/** The facts of an image in the local engine; undefined when it is not there. */
export async function findImage(
  docker: Docker,
  uri: string,
  signal: AbortSignal,
): Promise<ImageRecord | undefined> {
  try {
    const { stdout } = await docker.run(['image', 'inspect', '--format', '{{json .}}', uri], { signal });
    const { Id, Os, Architecture, Size } = JSON.parse(stdout) as {
      Id: string;
      Os: string;
      Architecture: string;
      Size: number;
    };
    return { uri, id: Id, platform: `${Os}/${Architecture}`, sizeBytes: Size };
  } catch (error) {
    if (error instanceof DockerError && /No such (?:image|object)/i.test(error.stderr)) {
      return undefined;
    }
    throw error;
  }
}
