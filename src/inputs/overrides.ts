import { readFileSync } from 'node:fs';
import { isMap } from 'yaml';
import { checkShape, isObject } from './check-shape.js';
import { formOf } from './parse-map.js';
import { findPath } from './paths.js';
import type { Field } from './problems.js';
import type { Structure } from './request-shape.js';
import { parseYaml, textOf } from './yaml-text.js';

/** What messages say of a request. */
export interface OverrideWords {
  /** Fields of it in YAML. */
  readonly example: string;
  /** A path of a file with some. */
  readonly file: string;
}

const OF_TRAINING: OverrideWords = {
  example: 'RetryStrategy: {MaximumRetryAttempts: 2}',
  file: 'training.yml',
};

export type Overrides = Readonly<Record<string, unknown>>;

/** A request is a page of text; more than this is another file. */
const MOST_BYTES = 1_000_000;

/**
 * Fields of a request of AWS in its own JSON or YAML, inline or in a file of the workspace, with the types that
 * YAML gives them. Fields and words that are not known pass, so that what AWS ships today can be used today,
 * unless one is so near to a known one that it must be a slip.
 */
export function readOverrides(
  field: Field,
  workspace: string,
  request: Structure,
  words: OverrideWords = OF_TRAINING,
): Overrides {
  if (!field.given) return {};
  const text = formOf(field.text) === 'yaml' ? field.text : readOverridesFile(field, workspace, words);
  const yaml = text === undefined ? undefined : parseYaml(field, text);
  if (!yaml) return {};
  if (!isMap(yaml.root)) {
    field.problem('Is not a map of fields.', `Write \`${words.example}\`, for example.`, '');
    return {};
  }
  const json = textOf(field, yaml, yaml.root);
  if (json === undefined || field.failed) return {};
  const overrides = JSON.parse(json) as Record<string, unknown>;
  checkShape(field, overrides, request);
  return overrides;
}

function readOverridesFile(field: Field, workspace: string, words: OverrideWords): string | undefined {
  const given = field.text.trim();
  if (given.includes('\n') || /^[[{"]|^[A-Z]\w+\s*=/.test(given)) {
    return field.problem(
      'Is neither fields of the request (YAML or JSON) nor the path of a file with them.',
      `Write \`Field: value\`, a JSON object, or a path such as \`${words.file}\`.`,
    );
  }
  const file = findPath(field, workspace, given, { kind: 'file', what: 'file of the overrides' });
  if (!file) return undefined;
  if (file.bytes > MOST_BYTES) {
    return field.problem(
      `The file has ${file.bytes} bytes; a request has at most ${MOST_BYTES}.`,
      'Name the file with the fields of the request.',
      given,
    );
  }
  return readFileSync(file.path, 'utf8');
}

/** What the overrides say at a path of the request, `undefined` where they say nothing. */
export function overridden(overrides: Overrides, ...path: readonly string[]): unknown {
  let value: unknown = overrides;
  for (const name of path) {
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}
