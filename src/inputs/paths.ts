import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { suggestion } from './did-you-mean.js';
import type { Field } from './problems.js';

export interface Found {
  /** Absolute, with every symbolic link resolved. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** As the workflow names it. */
  readonly given: string;
  readonly bytes: number;
}

export interface PathOptions {
  /** What it must be. */
  readonly kind: 'file' | 'folder' | 'any';
  /** What it is for people: "build context", "sample data of channel `train`". */
  readonly what: string;
  /** An absolute path outside of the workspace is the workflow author's own choice, and allowed. */
  readonly outsideIfAbsolute?: boolean;
}

/**
 * Finds a file or folder that an input names, relative to the workspace. It must exist, be readable and lie in
 * the workspace after all symbolic links are resolved: on a pull request the tree is the contributor's, and a
 * link to the runner's own files must not carry them into an image.
 */
export function findPath(
  field: Field,
  workspace: string,
  given: string,
  options: PathOptions,
): Found | undefined {
  const { what } = options;
  if (given === '') {
    return field.problem(`The path of the ${what} is empty.`, 'Write a path relative to the workspace.', '');
  }
  if (given.includes('\0')) {
    return field.problem(`The path of the ${what} holds a NUL character.`, 'Remove it.', given);
  }
  if (given.startsWith('~')) {
    return field.problem('`~` is not expanded here.', 'Write a path relative to the workspace.', given);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(given)) {
    return field.problem(
      `Is an address; the ${what} must be in the workspace.`,
      'Fetch it in a step before this one (actions/checkout, or a download), and name the path that it has then.',
      given,
    );
  }
  const path = resolve(workspace, given);
  const mayLeave = options.outsideIfAbsolute === true && isAbsolute(given);
  if (!mayLeave && !isInside(workspace, path)) return outside(field, workspace, given, path, what);

  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    return unreachable(field, workspace, given, path, what, error);
  }
  if (!mayLeave && !isInside(workspace, real)) return outside(field, workspace, given, real, what);

  const status = statSync(real);
  const kind = status.isDirectory() ? 'folder' : status.isFile() ? 'file' : undefined;
  if (kind === undefined) {
    return field.problem(
      `The ${what} is neither a file nor a folder.`,
      'Name a regular file or a folder.',
      given,
    );
  }
  if (options.kind !== 'any' && options.kind !== kind) {
    return field.problem(
      `The ${what} must be a ${options.kind}; this is a ${kind}.`,
      kind === 'file' ? `Name the folder that holds it: \`${dirname(given)}\`.` : `Name a file in it.`,
      given,
    );
  }
  if (!isReadable(real, kind)) return unreadable(field, given, what);
  return { path: real, kind, given, bytes: status.size };
}

/** Whether `path` is `folder` or lies in it, by name alone. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Whether there is something of this name, be it a link to nothing. */
export function entryExists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** A path for people: relative to the workspace where it lies in it. */
export const shown = (workspace: string, path: string): string =>
  isInside(workspace, path) ? relative(workspace, path) || '.' : path;

/**
 * The regular files below a folder, as paths relative to it, sorted; links are followed. Reports what could not
 * be copied into a container: dangling links, links in a circle, links that leave the workspace, unreadable and
 * special files. Each real folder is read once, so links cannot make the walk longer than the tree is big.
 */
export function filesIn(field: Field, workspace: string, folder: Found, what: string): readonly string[] {
  const files: string[] = [];
  const seen = new Set<string>();

  /** `via` is the last link on the way, the one to blame for a circle. */
  const visit = (real: string, way: string, above: ReadonlySet<string>, via: string): void => {
    seen.add(real);
    const chain = new Set(above).add(real);
    for (const entry of readdirSync(real, { withFileTypes: true })) {
      const name = join(way, entry.name);
      const path = join(real, entry.name);
      if (entry.isSymbolicLink()) visitLink(path, name, chain);
      else if (entry.isDirectory()) visitFolder(path, name, chain, via);
      else if (entry.isFile()) visitFile(path, name);
      else special(name);
    }
  };
  const visitFolder = (path: string, name: string, chain: ReadonlySet<string>, via: string): void => {
    if (chain.has(path)) loop(via);
    else if (seen.has(path)) return;
    else if (isReadable(path, 'folder')) visit(path, name, chain, via);
    else unreadable(field, join(folder.given, name), `${what}, a folder in it,`);
  };
  const visitFile = (path: string, name: string): void => {
    if (isReadable(path, 'file')) files.push(name);
    else unreadable(field, join(folder.given, name), `${what}, a file in it,`);
  };
  const visitLink = (path: string, name: string, chain: ReadonlySet<string>): void => {
    const link = `${join(folder.given, name)} -> ${readlinkSync(path)}`;
    let real: string;
    try {
      real = realpathSync(path);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ELOOP') loop(link);
      else if (code === 'EACCES') unreadable(field, link, `target of a symbolic link in the ${what}`);
      else {
        field.problem(
          `The ${what} holds a symbolic link to nothing.`,
          'Remove the link, or make its target (for Git LFS or DVC: fetch the files first).',
          link,
        );
      }
      return;
    }
    if (!isInside(workspace, real)) {
      field.problem(
        `The ${what} holds a symbolic link that leaves the workspace.`,
        'Put a copy of the target into the workspace in place of the link.',
        link,
      );
      return;
    }
    const status = statSync(real);
    // A link to a folder that this one lies in leads back here, whatever the walk finds first.
    if (status.isDirectory() && isInside(real, folder.path)) loop(link);
    else if (status.isDirectory()) visitFolder(real, name, chain, link);
    else if (status.isFile()) visitFile(real, name);
    else special(name);
  };
  const loop = (link: string): void => {
    field.problem(
      `The ${what} holds a symbolic link that runs in a circle: the data would have no end.`,
      'Remove the link.',
      link,
    );
  };
  const special = (name: string): void => {
    field.problem(
      `The ${what} holds something that is neither a file, a folder nor a link (a pipe, socket or device).`,
      'Remove it.',
      join(folder.given, name),
    );
  };

  visit(folder.path, '', new Set(), folder.given);
  return files.sort();
}

/** Dockerfiles near by, as paths relative to the workspace: what people most often meant. */
export function dockerfilesNear(workspace: string, context: string | undefined): readonly string[] {
  const found: string[] = [];
  let left = 2000;
  const look = (folder: string, depth: number): void => {
    const folders: string[] = [];
    for (const entry of entriesOf(folder)) {
      if (left-- <= 0) return;
      const path = join(folder, entry.name);
      if (entry.isFile() && DOCKERFILE.test(entry.name)) found.push(relative(workspace, path));
      else if (entry.isDirectory() && !IGNORED.has(entry.name)) folders.push(path);
    }
    if (depth > 0) for (const path of folders) look(path, depth - 1);
  };
  if (context !== undefined && isInside(workspace, context)) look(context, 1);
  look(workspace, 3);
  return [...new Set(found)].slice(0, 5);
}

const DOCKERFILE = /^(?:(?:Dockerfile|Containerfile)(?:[.-].*)?|.*\.(?:Dockerfile|Containerfile))$/i;
const IGNORED = new Set(['.git', 'node_modules', '.venv', 'venv', '__pycache__']);

const entriesOf = (folder: string) => {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** By trying: permission bits do not tell of lists of access rights, of network shares or of a security module. */
function isReadable(path: string, kind: Found['kind']): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    // A folder can be listed with `r` alone, but nothing in it can be reached without `x`.
    if (kind === 'folder') statSync(`${path}/.`);
    return true;
  } catch {
    return false;
  }
}

function unreadable(field: Field, given: string, what: string): undefined {
  return field.problem(
    `The ${what} cannot be read by the user that runs this step.`,
    'Change its permissions (`chmod -R a+rX`). Files that an earlier container step wrote may belong to root.',
    given,
  );
}

function outside(field: Field, workspace: string, given: string, path: string, what: string): undefined {
  return field.problem(
    `The ${what} lies outside of the workspace (${workspace}): it is ${path}.`,
    'Name a path in the workspace that does not leave it through `..` or a symbolic link; copy what is needed ' +
      'there in a step before.',
    given,
  );
}

/** Why the real path could not be found. */
function unreachable(
  field: Field,
  workspace: string,
  given: string,
  path: string,
  what: string,
  error: unknown,
): undefined {
  const code = codeOf(error);
  if (code === 'ELOOP') {
    return field.problem(
      `The ${what} is a symbolic link that runs in a circle.`,
      'Remove the link, or let it point to the real place.',
      given,
    );
  }
  if (code === 'EACCES') return unreadable(field, given, what);
  if (code === 'ENAMETOOLONG')
    return field.problem(`The path of the ${what} is too long.`, 'Shorten it.', given);
  if (code === 'ENOENT' && isLink(path)) {
    return field.problem(
      `The ${what} is a symbolic link to nothing (${readlinkSync(path)}).`,
      'Make its target, or name the real place.',
      given,
    );
  }
  if (entriesOf(workspace).length === 0) {
    return field.problem(
      `The ${what} does not exist: the workspace (${workspace}) is empty.`,
      'Check the repository out before this step: `- uses: actions/checkout@v7`.',
      given,
    );
  }
  const parent = dirname(path);
  const siblings = entriesOf(parent).map((entry) => shown(workspace, join(parent, entry.name)));
  const comma = given.includes(',') || given.includes(' ') ? ' One path a line: commas do not separate.' : '';
  return field.problem(
    `The ${what} does not exist in the workspace (${workspace}).`,
    `${suggestion(shown(workspace, path), siblings)}Name a path relative to the workspace; files that git ` +
      `ignores are not there after a checkout.${comma}`,
    given,
  );
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
