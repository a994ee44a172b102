import type { Inputs } from './fields.js';
import { readEnvironment } from './limited-maps.js';
import { HOSTING_ENVIRONMENT } from './limits.js';

/** `Environment` of the endpoint's container; undefined: that of the training job. */
export const readHostingEnvironment = (inputs: Inputs): ReadonlyMap<string, string> | undefined =>
  inputs('endpoint-environment').given
    ? readEnvironment(inputs('endpoint-environment'), HOSTING_ENVIRONMENT)
    : undefined;
