import { spawn } from 'node:child_process';
import { closeSync, constants, createReadStream, openSync, readSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderEntries } from './folder-entries.js';
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
  /** An open end of each FIFO that was written in full: tells at the end whether the program took it all. */
  readonly #written: number[] = [];
  readonly #abort = new AbortController();
  #feeding: Promise<void> | undefined;
  #use: Promise<PipeUse> | undefined;

  private constructor(
    private readonly host: string,
    private readonly channel: string,
    private readonly source: string,
    private readonly folder: string,
  ) {}

  /** Makes the FIFOs. Throws where the system has no `mkfifo`. */
  static async create(host: string, channel: string, source: string, folder: string): Promise<PipeChannel> {
    const paths = Array.from({ length: EPOCHS }, (_, epoch) => join(folder, `${channel}_${epoch}`));
    await new Promise<void>((resolve, reject) => {
      const child = spawn('mkfifo', ['-m', '666', ...paths], { stdio: 'ignore' });
      child.once('error', reject);
      child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`mkfifo: exit ${code}`))));
    });
    return new PipeChannel(host, channel, source, folder);
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
        await this.#feed(fifo, descriptor, signal);
        // Opened once each: a second open of the same epoch finds nothing, as on the platform.
        await rm(fifo, { force: true });
      }
    };
    this.#feeding = run().catch(() => {});
  }

  /** Ends the feeding and tells what was read. To be called when the program has ended; safe to repeat. */
  stop(): Promise<PipeUse> {
    this.#use ??= this.#end();
    return this.#use;
  }

  async #end(): Promise<PipeUse> {
    this.#abort.abort();
    await this.#feeding;
    const read = this.#written.filter(isDrained).length;
    for (const descriptor of this.#written) {
      closeSync(descriptor);
    }
    return {
      host: this.host,
      channel: this.channel,
      inputMode: 'Pipe',
      epochsOpened: this.#opened,
      epochsRead: read,
    };
  }

  /** Writes the whole channel, unless the reader closes its end before. */
  async #feed(fifo: string, descriptor: number, signal: AbortSignal): Promise<void> {
    const socket = new Socket({ fd: descriptor, readable: false, writable: true });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const destroy = () => {
      socket.destroy();
    };
    signal.addEventListener('abort', destroy, { once: true });
    // A broken pipe is told to the write that met it, too.
    socket.on('error', () => {});
    const write = (chunk: Buffer) =>
      new Promise<boolean>((resolve) => {
        socket.write(chunk, (error) => resolve(!error));
      });
    try {
      for await (const path of filesOf(this.source)) {
        for await (const chunk of createReadStream(path)) {
          if (!(await write(chunk as Buffer))) {
            return;
          }
        }
      }
      // The pipe's own buffer can hold all of a small sample, whether it is read or not. What nobody reads
      // stays in it for as long as one end is open: this one.
      this.#written.push(openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK));
    } finally {
      signal.removeEventListener('abort', destroy);
      socket.destroy();
      await closed;
    }
  }
}

/** Whether nothing is left in a pipe that nobody writes to any more. */
function isDrained(descriptor: number): boolean {
  return readSync(descriptor, Buffer.alloc(1)) === 0;
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

async function* filesOf(path: string): AsyncGenerator<string> {
  if ((await stat(path)).isFile()) {
    yield path;
    return;
  }
  for await (const entry of folderEntries(path)) {
    if (entry.kind === 'file') {
      yield entry.path;
    }
  }
}
