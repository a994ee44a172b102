import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FolderEntry {
  /** Relative to the folder, with `/`. */
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Of a file, in bytes. */
  readonly size: number;
}

/** A symbolic link in a folder leads back to a folder that it lies in: its content has no end. */
export class FolderLoopError extends Error {
  override readonly name = 'FolderLoopError';
  constructor(readonly path: string) {
    super(`${path} is a symbolic link that leads back to a folder around it. Remove the link.`);
  }
}

/**
 * Everything below a folder: by name, a folder before what it holds. Links are followed, as an upload to S3
 * follows them; what is neither a file nor a folder is left out.
 *
 * @throws FolderLoopError before anything is given twice
 */
export async function* folderEntries(root: string): AsyncGenerator<FolderEntry> {
  async function* below(
    folder: string,
    prefix: string,
    above: ReadonlySet<string>,
  ): AsyncGenerator<FolderEntry> {
    for (const entry of (await readdir(folder)).sort()) {
      const path = join(folder, entry);
      const info = await statOrLoop(path);
      const name = `${prefix}${entry}`;
      if (info.isDirectory()) {
        const real = await realpath(path);
        if (above.has(real)) {
          throw new FolderLoopError(path);
        }
        yield { name, path, kind: 'folder', size: 0 };
        yield* below(path, `${name}/`, new Set(above).add(real));
      } else if (info.isFile()) {
        yield { name, path, kind: 'file', size: info.size };
      }
    }
  }
  yield* below(root, '', new Set([await realpath(root)]));
}

async function statOrLoop(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? new FolderLoopError(path) : error;
  }
}
