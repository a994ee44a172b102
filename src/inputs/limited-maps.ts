import { characters, ENVIRONMENT, type HOSTING_ENVIRONMENT, HYPERPARAMETERS, LINE_END } from './limits.js';
import { parseMap } from './parse-map.js';
import type { Field } from './problems.js';

/**
 * `Environment` of a container.
 *
 * @param limits those of the request: CreateTrainingJob's, or CreateModel's
 */
export function readEnvironment(
  field: Field,
  limits: typeof ENVIRONMENT | typeof HOSTING_ENVIRONMENT = ENVIRONMENT,
): ReadonlyMap<string, string> {
  const map = parseMap(field);
  limitEntries(field, map, limits.entries, 'environment variables');
  for (const [key, value] of map) {
    if (!limits.keyPattern.test(key)) {
      field.problem(
        'The name of a variable has letters, digits and `_`, and does not begin with a digit.',
        'Rename it.',
        key,
      );
    }
    limitLength(field, key, key, limits.key, 'The name of a variable');
    limitLength(field, key, value, limits.value, 'The value of a variable');
  }
  return map;
}

/** `HyperParameters` of CreateTrainingJob: every value a string, a nested one JSON. */
export function readHyperparameters(field: Field): ReadonlyMap<string, string> {
  const map = parseMap(field, { nested: true });
  limitEntries(field, map, HYPERPARAMETERS.entries, 'hyperparameters');
  for (const [key, value] of map) {
    limitLength(field, key, key, HYPERPARAMETERS.key, 'The name of a hyperparameter');
    limitLength(field, key, value, HYPERPARAMETERS.value, 'The value of a hyperparameter');
    if (!LINE_END.test(key + value)) continue;
    field.problem(
      'SageMaker takes one line as the name and as the value of a hyperparameter; this one has a line end.',
      'Write it as one line, as JSON for example, or move it into a file of a channel.',
      key,
    );
  }
  return map;
}

function limitEntries(field: Field, map: ReadonlyMap<string, unknown>, most: number, what: string): void {
  if (map.size <= most) return;
  field.problem(`SageMaker takes at most ${most} ${what}; these are ${map.size}.`, 'Remove some.', '');
}

function limitLength(field: Field, key: string, text: string, most: number, what: string): void {
  const length = characters(text);
  if (length <= most) return;
  field.problem(
    `${what} has at most ${most} characters in SageMaker; this one has ${length}.`,
    'Shorten it, or move it into a file of a channel.',
    key,
  );
}
