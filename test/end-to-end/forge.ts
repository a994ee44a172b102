import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyAction, REPOSITORY } from './action-copy.js';

/** The repository that calls the reusable workflows. */
export const CALLER = 'octo-org/octo-model';

/** A folder with what GitHub would hold: the repository of the action, tagged `v1`, and callers of it. */
export interface Forge {
  /** Of all that is below. */
  readonly folder: string;
  /** Folder of the bare repositories: `<owner>/<name>.git`. */
  readonly server: string;
  /** Work tree of the action's repository at `v1`. */
  readonly action: string;
  /**
   * Makes the caller from test/end-to-end/caller, the container `good` and these files, in place of what is there.
   *
   * @param files content by path; `undefined` leaves a file out
   * @returns its work tree
   */
  caller(files?: Readonly<Record<string, string | undefined>>): Checkout;
  remove(): void;
}

export interface Checkout {
  readonly path: string;
  readonly commit: string;
}

export function makeForge(): Forge {
  const folder = mkdtempSync(join(tmpdir(), 'forge-'));
  const server = join(folder, 'git');
  const action = join(folder, 'action');
  copyAction(action);
  commit(action);
  git(action, 'tag', 'v1');
  publish(action, join(server, 'org/sagemaker-byoc.git'));
  return {
    folder,
    server,
    action,
    caller: (files = {}) => {
      const path = mkdtempSync(join(folder, 'caller-'));
      cpSync(join(__dirname, 'caller'), path, { recursive: true });
      cpSync(join(REPOSITORY, 'test/containers/good'), join(path, 'container'), { recursive: true });
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        if (content === undefined) rmSync(file, { recursive: true });
        else {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        }
      }
      const head = commit(path);
      publish(path, join(server, `${CALLER}.git`));
      return { path, commit: head };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @returns the commit of all files in the folder, its first one */
function commit(folder: string): string {
  git(folder, 'init', '--quiet', '--initial-branch=main', '.');
  git(folder, 'add', '--all', '--force');
  git(
    folder,
    '-c',
    'user.name=Octocat',
    '-c',
    'user.email=octocat@github.com',
    'commit',
    '--quiet',
    '-m',
    'Begin',
  );
  return git(folder, 'rev-parse', 'HEAD').trim();
}

function publish(folder: string, bare: string): void {
  rmSync(bare, { recursive: true, force: true });
  git(folder, 'clone', '--quiet', '--bare', '.', bare);
}

const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
