import type { Docker, DockerProcess } from '../docker/docker.js';

/** Follows a container's memory use by `docker stats`, which samples about once a second. */
export class MemoryWatch {
  #peak = 0;
  readonly #stats: DockerProcess;

  constructor(docker: Docker, container: string, signal: AbortSignal) {
    this.#stats = docker.start(['stats', '--format', '{{.MemUsage}}', container], { signal });
    this.#stats.stdout.on('data', (chunk: Buffer) => {
      for (const use of parseMemoryUse(chunk.toString('latin1'))) {
        this.#peak = Math.max(this.#peak, use);
      }
    });
    this.#stats.stderr.resume();
  }

  /** Ends the watch; bytes, or undefined when there was no sample. */
  stop(): number | undefined {
    this.#stats.kill();
    return this.#peak > 0 ? this.#peak : undefined;
  }
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** The first quantity of each `12.5MiB / 1GiB`, in bytes. Screen control codes in between are passed over. */
export function parseMemoryUse(text: string): readonly number[] {
  return [...text.matchAll(/([\d.]+)(B|KiB|MiB|GiB|TiB) \/ /g)].map(
    ([, amount, unit]) => Number(amount) * (UNITS[unit ?? 'B'] ?? 1),
  );
}
