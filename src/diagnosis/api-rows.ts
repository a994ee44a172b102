import type { ApiFailure } from './failure.js';
import type { MessageRow } from './row.js';
import { ACCESS_ROWS } from './rows/api/access.js';
import { QUOTA_ROWS } from './rows/api/quotas.js';
import { REGISTRY_ROWS } from './rows/api/registry.js';
import { GENERAL_REQUEST_ROWS, REQUEST_ROWS } from './rows/api/requests.js';
import { WEATHER_ROWS } from './rows/api/weather.js';

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
