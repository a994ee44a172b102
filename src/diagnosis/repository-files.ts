import * as fs from 'node:fs';
import * as path from 'node:path';
import type { RepositoryFiles } from './locate.js';

export interface RepositoryLimits {
  readonly files: number;
  readonly bytesPerFile: number;
}

const LIMITS: RepositoryLimits = { files: 20_000, bytesPerFile: 1 << 20 };
/** Folders that hold nobody's own source. */
const SKIPPED = new Set([
  '.git',
  'node_modules',
  'site-packages',
  '__pycache__',
  '.venv',
  'venv',
  '.tox',
  '.nox',
]);

/**
 * The files of the checked-out repository. Symbolic links are neither listed nor followed: a pull request
 * could point one out of the workspace. Walked once, when first asked for, nearest files first, so that the
 * limit cuts off the deepest.
 */
export function repositoryFiles(workspace: string, limits: RepositoryLimits = LIMITS): RepositoryFiles {
  let listed: ReadonlySet<string> | undefined;
  let order: readonly string[] = [];
  const list = (): readonly string[] => {
    if (listed === undefined) {
      order = walk(workspace, limits.files);
      listed = new Set(order);
    }
    return order;
  };
  return {
    list,
    read(file) {
      list();
      if (listed?.has(file) !== true) return undefined;
      return readText(path.join(workspace, file), limits.bytesPerFile);
    },
  };
}

function walk(root: string, most: number): readonly string[] {
  const files: string[] = [];
  const folders = [''];
  for (let next = 0; next < folders.length && files.length < most; next++) {
    const folder = folders[next] ?? '';
    let entries: fs.Dirent[];
    try {
      entries = fs.readdirSync(path.join(root, folder), { withFileTypes: true });
    } catch {
      continue; // unreadable, or removed meanwhile: its files cannot be shown either
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name) && folders.length < most) folders.push(name);
      } else if (entry.isFile() && files.length < most) {
        files.push(name);
      }
    }
  }
  return files;
}

function readText(file: string, mostBytes: number): string | undefined {
  let handle: number | undefined;
  try {
    // No link and no waiting, even when the file was replaced after the walk.
    handle = fs.openSync(
      file,
      fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0),
    );
    const stat = fs.fstatSync(handle);
    if (!stat.isFile() || stat.size > mostBytes) return undefined;
    const text = fs.readFileSync(handle, 'utf8');
    // Python's sources hold no NUL: this is something else.
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}
