import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Docker, DockerError } from '../../../src/docker/docker.js';
import type { World } from '../service.js';

/** The images that were pulled for containers of this world, by the platform's own login. */
export class PulledImages {
  readonly #pulled = new Set<string>();

  constructor(
    private readonly docker: Docker,
    private readonly world: Pick<World, 'registry' | 'folder' | 'log'>,
  ) {}

  /**
   * Pulls an image by the URI of a request. A URI with ECR's real host name means the registry of this world.
   *
   * @returns the image's id; undefined when it cannot be pulled
   */
  async pull(uri: string, signal: AbortSignal): Promise<string | undefined> {
    const { host, username, password } = this.world.registry;
    const image = uri.replace(/^\d{12}\.dkr\.ecr\.[^/]+/, host);
    const known = await this.#id(image, signal);
    const config = join(this.world.folder, `docker-${randomBytes(4).toString('hex')}`);
    await mkdir(config, { recursive: true, mode: 0o700 });
    try {
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      await writeFile(join(config, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }), {
        mode: 0o600,
      });
      await this.docker.run(['pull', '--quiet', image], { signal, env: { DOCKER_CONFIG: config } });
    } catch (error) {
      if (!(error instanceof DockerError)) {
        throw error;
      }
      this.world.log(`docker pull ${image}: ${error.stderr.trim()}`);
      return undefined;
    } finally {
      await rm(config, { recursive: true, force: true });
    }
    if (known === undefined) {
      this.#pulled.add(image);
    }
    return this.#id(image, signal);
  }

  async #id(image: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const { stdout } = await this.docker.run(['image', 'inspect', '--format', '{{.Id}}', image], {
        signal,
      });
      return stdout.trim();
    } catch (error) {
      if (error instanceof DockerError) {
        return undefined;
      }
      throw error;
    }
  }

  /** Removes the images that were not there before. */
  async close(): Promise<void> {
    for (const image of this.#pulled) {
      // Somebody else may use it by now: then it stays.
      await this.docker.run(['rmi', image]).catch(() => {});
    }
    this.#pulled.clear();
  }
}
