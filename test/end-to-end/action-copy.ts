import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Absolute path of this repository. */
export const REPOSITORY = resolve(__dirname, '../..');

/** Dist is kept for as long as these say the same. */
const MADE_OF = ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'script/build-dist.mjs'];

/**
 * Copies what a caller gets of this repository: action.yml, the workflows, and dist as the present sources give it,
 * which is not what is committed while somebody works on them.
 *
 * @param folder made by this
 */
export function copyAction(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(REPOSITORY, 'action.yml'), join(folder, 'action.yml'));
  cpSync(join(REPOSITORY, '.github'), join(folder, '.github'), { recursive: true });
  cpSync(presentDist(), join(folder, 'dist'), { recursive: true });
}

function presentDist(): string {
  const kept = join(REPOSITORY, '.tools', 'test', 'dist');
  const wanted = join(kept, digest());
  if (!existsSync(wanted)) {
    const making = join(kept, `making-${process.pid}`);
    rmSync(kept, { recursive: true, force: true });
    execFileSync(process.execPath, [join(REPOSITORY, 'script', 'build-dist.mjs'), '--out', making], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(making, wanted);
  }
  return wanted;
}

function digest(): string {
  const hash = createHash('sha256');
  for (const name of MADE_OF) {
    const path = join(REPOSITORY, name);
    const files = name.includes('.')
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort();
    for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
