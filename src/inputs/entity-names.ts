import { ENTITY_NAME } from './limits.js';
import type { Field } from './problems.js';

/**
 * The name of something in SageMaker: an endpoint, a variant, a group of model packages.
 *
 * @param what it names, for messages: `an endpoint`
 */
export function checkEntityName(field: Field, name: string, what: string, value = name): string | undefined {
  if (name.length <= ENTITY_NAME.length && ENTITY_NAME.pattern.test(name)) return name;
  const near = name
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, ENTITY_NAME.length)
    .replace(/-$/, '');
  return field.problem(
    `The name of ${what} has 1 to ${ENTITY_NAME.length} letters, digits and dashes, none of these at an end.`,
    near === '' ? 'Write for example `forecast`.' : `Write for example \`${near}\`.`,
    value,
  );
}

export const readEntityName = (field: Field, what: string): string | undefined =>
  field.given ? checkEntityName(field, field.text.trim(), what) : undefined;
