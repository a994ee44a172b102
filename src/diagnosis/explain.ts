import type { Annotation, Diagnosis } from '../plan.js';
import { annotate } from './annotate.js';
import { diagnose } from './diagnose.js';
import type { ContainerFailure } from './failure.js';
import { type LocateOptions, locate, type RepositoryFiles } from './locate.js';
import { finalTraceback, parseTracebacks } from './traceback.js';

export interface Explanation {
  /** With its location, when the traceback leads to a file of the repository. */
  readonly diagnosis: Diagnosis;
  readonly annotation: Annotation;
}

/** The whole story of a failed run: what it was, where in the repository, and the words beside that line. */
export function explain(
  failure: ContainerFailure,
  files: RepositoryFiles,
  options: LocateOptions = {},
): Explanation {
  const texts = [failure.logTail, (failure.failureFile ?? '').split('\n')];
  return placed(diagnose(failure), texts, files, options);
}

/**
 * A diagnosis with its line in the repository, and the words beside it.
 *
 * @param texts where a traceback is looked for, the best place first
 */
export function placed(
  found: Diagnosis,
  texts: readonly (readonly string[])[],
  files: RepositoryFiles,
  { what, ...options }: LocateOptions & { readonly what?: string },
): Explanation {
  const traceback = texts
    .map((lines) => finalTraceback(parseTracebacks(lines)))
    .find((one) => one !== undefined);
  const location = traceback === undefined ? undefined : locate(traceback, files, options);
  const diagnosis: Diagnosis = { ...found, ...(location === undefined ? {} : { location }) };
  return { diagnosis, annotation: annotate(diagnosis, traceback?.exception, what) };
}
