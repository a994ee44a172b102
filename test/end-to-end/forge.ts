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
  /**
   * Makes a repository of these folders and files, in place of what is there of that name.
   *
   * @param name `<owner>/<name>`
   * @param folders absolute path by path in the repository
   * @param files content by path; `undefined` leaves a file out
   * @returns its work tree
   */
  repository(
    name: string,
    folders: Readonly<Record<string, string>>,
    files?: Readonly<Record<string, string | undefined>>,
  ): Checkout;
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
  const repository: Forge['repository'] = (name, folders, files = {}) => {
    const path = mkdtempSync(join(folder, 'caller-'));
    for (const [to, from] of Object.entries(folders)) cpSync(from, join(path, to), { recursive: true });
    for (const [file, content] of Object.entries(files)) {
      const at = join(path, file);
      if (content === undefined) rmSync(at, { recursive: true });
      else {
        mkdirSync(dirname(at), { recursive: true });
        writeFileSync(at, content);
      }
    }
    const head = commit(path);
    publish(path, join(server, `${name}.git`));
    return { path, commit: head };
  };
  return {
    folder,
    server,
    action,
    repository,
    caller: (files) =>
      repository(
        CALLER,
        { '.': join(__dirname, 'caller'), container: join(REPOSITORY, 'test/containers/good') },
        files,
      ),
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
