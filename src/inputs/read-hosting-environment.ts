import type { Inputs } from './fields.js';
import { readEnvironment } from './limited-maps.js';
import { HOSTING_ENVIRONMENT } from './limits.js';

/**
 * `Environment` of the endpoint's container: its own, or else that of the training job.
 *
 * @param training that of the job
 */
export const readHostingEnvironment = (
  inputs: Inputs,
  training: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> =>
  inputs('endpoint-environment').given
    ? readEnvironment(inputs('endpoint-environment'), HOSTING_ENVIRONMENT)
    : training;
