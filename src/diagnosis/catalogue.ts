import { API_ROWS } from './api-rows.js';
import { CONTAINER_ROWS } from './container-rows.js';
import type { EndpointFailure, JobFailure } from './failure.js';
import type { MessageRow, Where } from './row.js';
import { ENDPOINT_ROWS } from './rows/endpoints.js';
import { EXCEPTION_ROWS } from './rows/exceptions.js';
import { JOB_ROWS } from './rows/jobs.js';

export interface CatalogueEntry {
  readonly id: string;
  readonly class: string;
  readonly cause: string;
  readonly fix: string;
  readonly where: Where;
}

/** The whole catalogue as text, for the page that documents it: no run loads all of it. */
export function describeCatalogue(): readonly CatalogueEntry[] {
  const jobs: readonly MessageRow<JobFailure>[] = JOB_ROWS;
  const endpoints: readonly MessageRow<EndpointFailure>[] = ENDPOINT_ROWS;
  return [...CONTAINER_ROWS, ...EXCEPTION_ROWS, ...jobs, ...API_ROWS, ...endpoints].map(
    ({ id, class: name, cause, fix, where }) => ({ id, class: name, cause, fix, where }),
  );
}
