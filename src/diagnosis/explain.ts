import type { Annotation, Diagnosis } from '../plan.js';
import { annotate } from './annotate.js';
import { diagnose } from './diagnose.js';
import { diagnoseEndpoint } from './diagnose-endpoint.js';
import { diagnoseJob } from './diagnose-job.js';
import type { ContainerFailure, EndpointFailure, JobFailure } from './failure.js';
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
  return told(diagnose(failure), texts, files, options);
}

/** The same of a training job: its log, and the end of the program's text in the failure reason. */
export function explainJob(
  failure: JobFailure,
  files: RepositoryFiles,
  options: LocateOptions = {},
): Explanation {
  const reason = (failure.failureReason ?? '').replace(/^AlgorithmError:\s{0,8}/, '');
  return told(diagnoseJob(failure), [failure.logTail, reason.split('\n')], files, {
    ...options,
    what: 'The training job failed',
  });
}

/** The same of an endpoint that is not what it was asked to be: what its containers printed. */
export function explainEndpoint(
  failure: EndpointFailure,
  files: RepositoryFiles,
  options: LocateOptions = {},
): Explanation {
  return told(diagnoseEndpoint(failure), [failure.logTail], files, {
    ...options,
    what: 'The deployment failed',
  });
}

/** @param texts where a traceback is looked for, the best place first */
function told(
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
