import type { Readable } from 'node:stream';
import type { ContainerEnd, HostRun, ModelContents } from '../../../src/contract/observations.js';

/** The hosts of one start of a job, with the program in each: real containers, or a script. */
export interface Fleet {
  /** `algo-1` … `algo-N`. */
  readonly hosts: readonly string[];
  /** Starts every host; resolves when all have ended. */
  run(onEnd: (host: string, end: ContainerEnd) => void): Promise<readonly HostRun[]>;
  /** SIGTERM, and SIGKILL after the grace. */
  stop(graceSeconds: number): Promise<void>;
  /** All hosts' copies of a folder as one .tar.gz. */
  archive(folder: string, file: string): Promise<ModelContents>;
  /** One host's copy of a folder as a tar stream; the paths begin with the folder's name. */
  copyOut(host: string, folder: string): Readable;
  remove(): Promise<void>;
}

export type OnLine = (host: string, line: string) => void;
