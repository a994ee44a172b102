import * as path from 'node:path';
import type { SourceLocation } from '../plan.js';
import type { Frame, Traceback } from './traceback.js';

/** The repository's files, by paths relative to its root with `/`. */
export interface RepositoryFiles {
  list(): readonly string[];
  /** Text of a listed file; undefined when it cannot or should not be read. */
  read(path: string): string | undefined;
}

export interface LocateOptions {
  /** The build context, relative to the repository's root: only its files can be in the image. */
  readonly context?: string;
}

/** Files that Python or pip installed, and code that is in no file at all (`<string>`, `<frozen runpy>`). */
const LIBRARY =
  /^<|\/(?:site|dist)-packages\/|\/lib(?:64)?\/(?:python|pypy)\d|\/python\d+\.zip\/|\/pypy[\w.-]*\//;

/** A frame that maps to many files of that name is not worth reading them all. */
const MOST_CANDIDATES = 200;

const isLibraryFrame = (frame: Frame): boolean => LIBRARY.test(frame.file);

/**
 * The line of the repository at which a traceback's error arose: its innermost call that is the user's code
 * and is surely a file of the repository. An annotation on a wrong line costs more trust than none gives, so
 * the code that Python printed must be what the file says, and two files that fit equally are none.
 */
export function locate(
  traceback: Traceback,
  files: RepositoryFiles,
  options: LocateOptions = {},
): SourceLocation | undefined {
  const reader = lineReader(files);
  const names = byName(files.list());
  for (const frame of traceback.frames.toReversed()) {
    if (isLibraryFrame(frame)) continue;
    const location = place(frame, traceback.frames, names, reader, options);
    if (location !== undefined) return location;
  }
  return undefined;
}

type Lines = (file: string) => readonly string[] | undefined;

function lineReader(files: RepositoryFiles): Lines {
  const read = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!read.has(file)) {
      read.set(
        file,
        files
          .read(file)
          ?.split('\n')
          .map((line) => line.trim()),
      );
    }
    return read.get(file);
  };
}

/** `COPY src/train.py /opt/program/train` drops the ending, so both are found under the name without it. */
const nameOf = (file: string): string => path.posix.basename(file).replace(/\.py$/, '');

function byName(list: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const file of list) {
    const name = nameOf(file);
    const same = names.get(name);
    if (same === undefined) names.set(name, [file]);
    else same.push(file);
  }
  return names;
}

function place(
  frame: Frame,
  frames: readonly Frame[],
  names: ReadonlyMap<string, readonly string[]>,
  lines: Lines,
  options: LocateOptions,
): SourceLocation | undefined {
  const candidates = inContext(names.get(nameOf(frame.file)) ?? [], options.context);
  if (candidates.length === 0 || candidates.length > MOST_CANDIDATES) return undefined;
  const exact = candidates.filter((file) => says(lines(file), frame));
  if (exact.length > 0) {
    const best = longestSuffix(exact, frame.file);
    return best === undefined ? undefined : { path: best, line: frame.line };
  }
  // The image's file is another version of the only one it can be: trust what the two have in common.
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) return undefined;
  const text = lines(only);
  if (text === undefined) return undefined;
  if (frame.code !== undefined) {
    const at = text.indexOf(frame.code);
    const unique = at >= 0 && text.indexOf(frame.code, at + 1) < 0;
    return unique ? { path: only, line: at + 1 } : undefined;
  }
  const corroborated = frames.some((other) => other.file === frame.file && says(text, other));
  return corroborated && frame.line <= text.length ? { path: only, line: frame.line } : undefined;
}

/** Those inside the build context: what lies outside of it cannot have been copied into the image. */
function inContext(candidates: readonly string[], context: string | undefined): readonly string[] {
  const folder = path.posix.normalize(context ?? '.').replace(/\/$/, '');
  return folder === '.' ? candidates : candidates.filter((file) => file.startsWith(`${folder}/`));
}

const says = (text: readonly string[] | undefined, frame: Frame): boolean =>
  frame.code !== undefined && text?.[frame.line - 1] === frame.code;

/** The candidate that shares most of the path's end with the image's path; none when two share as much. */
function longestSuffix(candidates: readonly string[], file: string): string | undefined {
  const scored = candidates
    .map((candidate) => ({ candidate, shared: sharedSuffix(candidate, file) }))
    .sort((a, b) => b.shared - a.shared);
  const [first, second] = scored;
  return first !== undefined && first.shared !== second?.shared ? first.candidate : undefined;
}

function sharedSuffix(a: string, b: string): number {
  const left = path.posix.normalize(a).split('/').reverse();
  const right = path.posix.normalize(b).split('/').reverse();
  let shared = 0;
  while (shared < left.length && left[shared] === right[shared]) shared++;
  return shared;
}
