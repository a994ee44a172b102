import type { Docker, DockerProcess } from '../docker/docker.js';

/** So often in a row, at two lines a second, the same number stands for more than one sample. */
const PRINTS_OF_ONE_SAMPLE = 2;

/**
 * The highest of a container's samples. The first may be of the moment before its program was started, and says
 * nothing alone: a peak is known from the second on.
 */
export class MemoryPeak {
  #first = 0;
  #prints = 0;
  #peak: number | undefined;

  /** @param use bytes, as `docker stats` prints them: each sample about twice; 0 is of a container that does not run */
  push(use: number): void {
    if (use === 0) return;
    this.#first ||= use;
    this.#prints += 1;
    if (use !== this.#first || this.#prints > PRINTS_OF_ONE_SAMPLE) {
      this.#peak = Math.max(this.#peak ?? this.#first, use);
    }
  }

  /** Bytes; undefined when there were not two samples. */
  get bytes(): number | undefined {
    return this.#peak;
  }
}

/** Follows a container's memory use by `docker stats`, which samples about once a second. */
export class MemoryWatch {
  readonly #peak = new MemoryPeak();
  readonly #stats: DockerProcess;

  constructor(docker: Docker, container: string, signal: AbortSignal) {
    this.#stats = docker.start(['stats', '--format', '{{.MemUsage}}', container], { signal });
    this.#stats.stdout.on('data', (chunk: Buffer) => {
      for (const use of parseMemoryUse(chunk.toString('latin1'))) {
        this.#peak.push(use);
      }
    });
    this.#stats.stderr.resume();
  }

  /** Ends the watch; bytes, or undefined when it was too short. */
  stop(): number | undefined {
    this.#stats.kill();
    return this.#peak.bytes;
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
