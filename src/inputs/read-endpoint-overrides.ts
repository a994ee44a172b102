import type { EndpointOverrides } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import { ENDPOINT_REQUESTS } from './endpoint-requests.js';
import { TAGS } from './limits.js';
import { type Overrides, readOverrides } from './overrides.js';
import type { Field } from './problems.js';

const WORDS = {
  example: 'CreateEndpointConfig: {MetricsConfig: {EnableEnhancedMetrics: true}}',
  file: 'endpoint.yml',
} as const;

/** Names that this action gives: what is in a model or a configuration, and `endpoint-name`, say them. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  CreateModel: ['ModelName'],
  CreateEndpointConfig: ['EndpointConfigName'],
  CreateEndpoint: ['EndpointName', 'EndpointConfigName'],
  UpdateEndpoint: ['EndpointName', 'EndpointConfigName'],
};

/**
 * Fields of the requests that put an endpoint live, by operation.
 *
 * @param variants names of the endpoint's variants; absent when they are not known
 * @param tags what the input `tags` gives everything
 */
export function readEndpointOverrides(
  field: Field,
  workspace: string,
  variants: readonly string[] | undefined,
  tags: ReadonlyMap<string, string> = new Map(),
): EndpointOverrides {
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
  checkNames(field, overrides);
  checkVariants(field, overrides, variants);
  checkTags(field, overrides, tags);
  return overrides as EndpointOverrides;
}

/** Under another name, what is made would not be found again, nor known as this endpoint's. */
function checkNames(field: Field, overrides: Overrides): void {
  for (const [operation, names] of Object.entries(GIVEN)) {
    for (const name of names) {
      if (!Object.hasOwn(Object(overrides[operation]) as object, name)) continue;
      field.problem(
        'The action names models and configurations by what is in them, and the endpoint by `endpoint-name`.',
        `Remove \`${name}\`.`,
        `${operation}.${name}`,
      );
    }
  }
}

/** What is said of a variant is merged into the one of this name; there is none to put it into otherwise. */
function checkVariants(field: Field, overrides: Overrides, variants: readonly string[] | undefined): void {
  const { ProductionVariants: changes } = Object(overrides['CreateEndpointConfig']) as Overrides;
  if (!Array.isArray(changes)) return;
  for (const [index, change] of changes.entries()) {
    const { VariantName: name, ModelName } = Object(change) as Overrides;
    const path = `CreateEndpointConfig.ProductionVariants[${index}]`;
    if (typeof name === 'string' && variants?.includes(name) === false) {
      const known = variants.map((one) => `\`${one}\``).join(', ');
      field.problem(
        'The endpoint has no variant of this name; an override neither adds nor renames one.',
        `${suggestion(name, variants)}Known: ${known}. Add a variant with the input \`variants\`.`,
        `${path}.VariantName: ${name}`,
      );
    }
    if (ModelName === undefined) continue;
    field.problem(
      'The action makes the model of each variant, and names it by what is in it.',
      'Remove `ModelName`; say what it serves with `variants`, `model-artifacts` or `model-package`.',
      `${path}.ModelName`,
    );
  }
}

/** Tags of a request come on top of those that everything gets, and of the action's own. */
function checkTags(field: Field, overrides: Overrides, tags: ReadonlyMap<string, string>): void {
  for (const operation of Object.keys(GIVEN)) {
    const { Tags: own } = Object(overrides[operation]) as Overrides;
    if (!Array.isArray(own)) continue;
    const keys = new Set([...tags.keys(), ...own.map((tag) => (Object(tag) as Overrides)['Key'])]);
    if (keys.size <= TAGS.entries) continue;
    field.problem(
      `AWS takes at most 50 tags, and ten of them are for those that this action sets; these are ${keys.size}, with those of \`tags\`.`,
      `Keep ${TAGS.entries} or fewer.`,
      `${operation}.Tags`,
    );
  }
}
