import type { CatalogueRow } from './row.js';
import { CONTRACT_ROWS } from './rows/contract.js';
import { ENTRY_POINT_ROWS } from './rows/entry-point.js';
import { NETWORK_ROWS } from './rows/network.js';
import { PYTHON_ROWS } from './rows/python.js';
import { RESOURCE_ROWS } from './rows/resources.js';
import { SERVING_ROWS } from './rows/serving.js';

/**
 * The rows of containers, the more specific first: of two that fit the same line, or the same outcome, the earlier one is
 * the answer. Contract before Python, because `KeyError: 'SM_…'` says more than an exception; network before
 * resources and these before serving, whose last rows know nothing but how the container ended.
 */
export const CONTAINER_ROWS: readonly CatalogueRow[] = [
  ...ENTRY_POINT_ROWS,
  ...CONTRACT_ROWS,
  ...NETWORK_ROWS,
  ...RESOURCE_ROWS,
  ...PYTHON_ROWS,
  ...SERVING_ROWS,
];
