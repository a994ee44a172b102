import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A checked-out repository of a test's own. */
export interface Workspace {
  /** Absolute path. */
  readonly path: string;
  remove(): void;
}

/**
 * Makes one with these files; those that begin with `#!` are executable.
 *
 * @param files by path relative to the workspace
 */
export function makeWorkspace(files: Readonly<Record<string, string>>): Workspace {
  const path = mkdtempSync(join(tmpdir(), 'workspace-'));
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (content.startsWith('#!')) {
      chmodSync(file, 0o755);
    }
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Files and folders below a workspace that do not belong to this process' user. */
export function foreignFiles(workspace: Workspace): readonly string[] {
  const user = String(process.getuid?.() ?? 0);
  return execFileSync('find', [workspace.path, '!', '-user', user], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}
