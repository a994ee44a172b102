import { lstat, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from './errno.js';
import { makeFolder } from './make-folder.js';

export interface ReportFiles {
  /** Absolute paths of the files that were written, by name. */
  readonly paths: ReadonlyMap<string, string>;
  /** What kept a file from being written, in a sentence with the path and the reason; absent when nothing did. */
  readonly problem?: string;
}

/**
 * Writes the report's files into a folder, which is made when missing. Each is there whole or not at all: a disk
 * that fills up leaves no half of a report. The first failure ends it, since the others would fail alike.
 *
 * @param folder absolute path
 * @param texts what to write, by file name
 */
export async function writeReportFiles(
  folder: string,
  texts: Readonly<Record<string, string>>,
): Promise<ReportFiles> {
  const paths = new Map<string, string>();
  let target = folder;
  try {
    await makeFolder(folder);
    for (const [name, text] of Object.entries(texts)) {
      target = join(folder, name);
      await writeWhole(target, text);
      paths.set(name, target);
    }
    return { paths };
  } catch (error) {
    return { paths, problem: `The report could not be saved: ${target}: ${reasonOf(error)}.` };
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await replaceLink(path);
  try {
    await writeFile(path, text);
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * A link in the file's place is not followed: in the workspace it comes from a pull request, and could have any
 * file of the runner's user overwritten. One to a device harms nobody.
 */
async function replaceLink(path: string): Promise<void> {
  const entry = await lstat(path).catch(() => undefined);
  if (entry?.isSymbolicLink() !== true) return;
  const target = await stat(path).catch(() => undefined);
  if (target === undefined || target.isFile()) await rm(path);
}
