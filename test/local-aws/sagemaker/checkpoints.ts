import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CheckpointConfig } from '@aws-sdk/client-sagemaker';
import { extract } from 'tar-stream';
import type { Fleet } from './fleet.js';
import { type ObjectStore, parseS3Uri, type S3Location } from './object-store.js';

/** [doc] CheckpointConfig.LocalPath */
export const CHECKPOINTS_DIR = '/opt/ml/checkpoints';

/**
 * Keeps the checkpoints of a job in S3: restored in full before a start, then whatever a host writes there goes
 * up, and what it deletes is deleted. [doc] your-algorithms-training-algo, model-managed-spot-training.md
 */
export class Checkpoints {
  readonly localPath: string;
  readonly #target: S3Location;
  /** Host → file → hash of the content that S3 has of it. */
  readonly #known = new Map<string, Map<string, string>>();
  #syncing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: ObjectStore,
    { S3Uri = '', LocalPath }: CheckpointConfig,
  ) {
    this.localPath = LocalPath ?? CHECKPOINTS_DIR;
    const { bucket, key } = parseS3Uri(S3Uri);
    this.#target = { bucket, key: key === '' || key.endsWith('/') ? key : `${key}/` };
  }

  /** Copies all that S3 has into a folder of this machine, which every host then begins with. */
  async restore(hosts: readonly string[], folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const { bucket, key: prefix } = this.#target;
    const restored = new Map<string, string>();
    for (const key of await this.store.list(this.#target)) {
      const name = posix.normalize(`/${key.slice(prefix.length)}`).slice(1);
      const content = await read(await this.store.open({ bucket, key }));
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      restored.set(name, hash(content));
    }
    for (const host of hosts) {
      this.#known.set(host, new Map(restored));
    }
  }

  /** Brings S3 to what the hosts have now; one such round at a time. */
  sync(fleet: Fleet): Promise<void> {
    const round = async () => {
      for (const host of fleet.hosts) {
        await this.#syncHost(host, fleet.copyOut(host, this.localPath));
      }
    };
    this.#syncing = this.#syncing.catch(() => {}).then(round);
    return this.#syncing;
  }

  async #syncHost(host: string, content: Readable): Promise<void> {
    const known = this.#known.get(host) ?? new Map<string, string>();
    this.#known.set(host, known);
    const seen = new Set<string>();
    const location = (name: string) => ({ ...this.#target, key: `${this.#target.key}${name}` });
    const entries = extract();
    const copied = pipeline(content, entries);
    copied.catch(() => {});
    for await (const entry of entries) {
      const name = entry.header.name.replace(/^\/?[^/]*\/?/, '');
      if (entry.header.type !== 'file' || name === '') {
        entry.resume();
        continue;
      }
      const bytes = await read(entry);
      seen.add(name);
      const digest = hash(bytes);
      if (known.get(name) !== digest) {
        await this.store.put(bytes, location(name));
        known.set(name, digest);
      }
    }
    await copied;
    for (const name of [...known.keys()].filter((name) => !seen.has(name))) {
      await this.store.delete(location(name));
      known.delete(name);
    }
  }
}

async function read(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

const hash = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
