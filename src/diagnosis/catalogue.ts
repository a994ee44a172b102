import type { ApiFailure, EndpointFailure, JobFailure } from './failure.js';
import type { CatalogueRow, MessageRow, Where } from './row.js';
import { ACCESS_ROWS } from './rows/api/access.js';
import { QUOTA_ROWS } from './rows/api/quotas.js';
import { REGISTRY_ROWS } from './rows/api/registry.js';
import { GENERAL_REQUEST_ROWS, REQUEST_ROWS } from './rows/api/requests.js';
import { WEATHER_ROWS } from './rows/api/weather.js';
import { CONTRACT_ROWS } from './rows/contract.js';
import { ENDPOINT_ROWS } from './rows/endpoints.js';
import { ENTRY_POINT_ROWS } from './rows/entry-point.js';
import { EXCEPTION_ROWS } from './rows/exceptions.js';
import { JOB_ROWS } from './rows/jobs.js';
import { NETWORK_ROWS } from './rows/network.js';
import { PYTHON_ROWS } from './rows/python.js';
import { RESOURCE_ROWS } from './rows/resources.js';
import { SERVING_ROWS } from './rows/serving.js';

export { ENDPOINT_ROWS, EXCEPTION_ROWS, JOB_ROWS };

/**
 * The rows of containers, the more specific first: of two that fit the same line, or the same outcome, the earlier one is
 * the answer. Contract before Python, because `KeyError: 'SM_…'` says more than an exception; network before
 * resources and these before serving, whose last rows know nothing but how the container ended.
 */
export const CATALOGUE: readonly CatalogueRow[] = [
  ...ENTRY_POINT_ROWS,
  ...CONTRACT_ROWS,
  ...NETWORK_ROWS,
  ...RESOURCE_ROWS,
  ...PYTHON_ROWS,
  ...SERVING_ROWS,
];

/**
 * The rows of failed calls. Registry before access, as ECR words a missing repository like a denial; what is
 * known of a message before what its code alone says.
 */
export const API_ROWS: readonly MessageRow<ApiFailure>[] = [
  ...REGISTRY_ROWS,
  ...REQUEST_ROWS,
  ...QUOTA_ROWS,
  ...ACCESS_ROWS,
  ...WEATHER_ROWS,
  ...GENERAL_REQUEST_ROWS,
];

export interface CatalogueEntry {
  readonly id: string;
  readonly class: string;
  readonly cause: string;
  readonly fix: string;
  readonly where: Where;
}

/** The whole catalogue as text, for the page that documents it. */
export function describeCatalogue(): readonly CatalogueEntry[] {
  const jobs: readonly MessageRow<JobFailure>[] = JOB_ROWS;
  const endpoints: readonly MessageRow<EndpointFailure>[] = ENDPOINT_ROWS;
  return [...CATALOGUE, ...EXCEPTION_ROWS, ...jobs, ...API_ROWS, ...endpoints].map(
    ({ id, class: name, cause, fix, where }) => ({ id, class: name, cause, fix, where }),
  );
}
