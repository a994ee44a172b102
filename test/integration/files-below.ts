import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below a folder, hidden ones and links too, and every empty folder: paths relative to it, sorted. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ entry, path }) => !entry.isDirectory() || readdirSync(path).length === 0)
    .map(({ path }) => relative(folder, path))
    .sort();
}
