import { diagnoseEndpoint } from './diagnose-endpoint.js';
import { type Explanation, placed } from './explain.js';
import type { EndpointFailure } from './failure.js';
import type { LocateOptions, RepositoryFiles } from './locate.js';

/** The whole story of an endpoint that is not what it was asked to be: what its containers printed. */
export function explainEndpoint(
  failure: EndpointFailure,
  files: RepositoryFiles,
  options: LocateOptions = {},
): Explanation {
  return placed(diagnoseEndpoint(failure), [failure.logTail], files, {
    ...options,
    what: 'The deployment failed',
  });
}
