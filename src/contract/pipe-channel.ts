import { spawn } from 'node:child_process';
import { constants, createReadStream, openSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipeUse } from './observations.js';

/** Epochs whose FIFOs are made ready in advance. */
const EPOCHS = 50;
const RETRY_MS = 20;

/**
 * One channel in Pipe mode: real FIFOs `<channel>_0`, `<channel>_1`, … in a folder that the container sees
 * as /opt/ml/input/data. Each is opened once by the program and read to its end; every epoch brings the
 * whole channel again, its files one after the other. [doc] model-train-storage.md
 */
export class PipeChannel {
  #opened = 0;
  #read = 0;
  readonly #abort = new AbortController();
  #feeding: Promise<void> | undefined;

  private constructor(
    private readonly channel: string,
    private readonly source: string,
    private readonly folder: string,
  ) {}

  /** Makes the FIFOs. Throws where the system has no `mkfifo`. */
  static async create(channel: string, source: string, folder: string): Promise<PipeChannel> {
    const paths = Array.from({ length: EPOCHS }, (_, epoch) => join(folder, `${channel}_${epoch}`));
    await new Promise<void>((resolve, reject) => {
      const child = spawn('mkfifo', ['-m', '666', ...paths], { stdio: 'ignore' });
      child.once('error', reject);
      child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`mkfifo: exit ${code}`))));
    });
    return new PipeChannel(channel, source, folder);
  }

  /** Feeds epoch after epoch until {@link stop}. */
  start(): void {
    const { signal } = this.#abort;
    const run = async () => {
      for (let epoch = 0; epoch < EPOCHS && !signal.aborted; epoch += 1) {
        const fifo = join(this.folder, `${this.channel}_${epoch}`);
        const descriptor = await waitForReader(fifo, signal);
        if (descriptor === undefined) {
          return;
        }
        this.#opened += 1;
        if (await this.#feed(descriptor, signal)) {
          this.#read += 1;
        }
        // Opened once each: a second open of the same epoch finds nothing, as on the platform.
        await rm(fifo, { force: true });
      }
    };
    this.#feeding = run().catch(() => {});
  }

  async stop(): Promise<PipeUse> {
    this.#abort.abort();
    await this.#feeding;
    return {
      channel: this.channel,
      inputMode: 'Pipe',
      epochsOpened: this.#opened,
      epochsRead: this.#read,
    };
  }

  /** True when the reader took everything; false when it closed its end before. */
  async #feed(descriptor: number, signal: AbortSignal): Promise<boolean> {
    const socket = new Socket({ fd: descriptor, readable: false, writable: true });
    const broken = new Promise<void>((resolve) => socket.once('error', () => resolve()));
    const write = (chunk: Buffer) =>
      new Promise<boolean>((resolve) => {
        socket.write(chunk, (error) => resolve(!error));
      });
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      broken.then(resolve);
    });
    let complete = true;
    for (const path of await filesOf(this.source)) {
      for await (const chunk of createReadStream(path)) {
        const written = await Promise.race([write(chunk as Buffer), aborted.then(() => false)]);
        if (!written) {
          complete = false;
          break;
        }
      }
      if (!complete) {
        break;
      }
    }
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      complete ? socket.end(() => socket.destroy()) : socket.destroy();
    });
    return complete;
  }
}

/** Opens a FIFO for writing once somebody reads it; undefined when the wait is given up. */
async function waitForReader(fifo: string, signal: AbortSignal): Promise<number | undefined> {
  while (!signal.aborted) {
    try {
      // A blocking open would hold a thread for as long as nobody reads; O_NONBLOCK says ENXIO instead.
      return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') {
        throw error;
      }
      await sleep(RETRY_MS);
    }
  }
  return undefined;
}

async function filesOf(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) {
    return [path];
  }
  const files: string[] = [];
  for (const entry of (await readdir(path)).sort()) {
    files.push(...(await filesOf(join(path, entry))));
  }
  return files;
}
