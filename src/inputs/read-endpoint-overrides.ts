import type { EndpointOverrides } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import { ENDPOINT_REQUESTS } from './endpoint-requests.js';
import { readOverrides } from './overrides.js';
import type { Field } from './problems.js';

const WORDS = {
  example: 'CreateEndpointConfig: {MetricsConfig: {EnableEnhancedMetrics: true}}',
  file: 'endpoint.yml',
} as const;

/** Fields of the requests that put an endpoint live, by operation. */
export function readEndpointOverrides(field: Field, workspace: string): EndpointOverrides {
  const overrides = readOverrides(field, workspace, ENDPOINT_REQUESTS, WORDS);
  const requests = Object.entries(ENDPOINT_REQUESTS.fields);
  const operations = requests.map(([operation]) => operation);
  for (const name of Object.keys(overrides)) {
    if (operations.includes(name)) continue;
    const owner = requests.find(([, request]) => Object.hasOwn(request.fields, name));
    field.problem(
      'The fields stand under the operation whose request they belong to.',
      owner
        ? `Write \`${owner[0]}: {${name}: …}\`.`
        : `${suggestion(name, operations)}Known: ${operations.map((one) => `\`${one}\``).join(', ')}.`,
      name,
    );
  }
  return overrides as EndpointOverrides;
}
