import { didYouMean, editDistance, suggestion } from './did-you-mean.js';
import { characters, LINE_END } from './limits.js';
import type { Field } from './problems.js';
import type { Shape, Structure } from './request-shape.js';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says what is wrong with a value that is merged into a request, or that is a whole document. */
export function checkShape(field: Field, value: unknown, shape: Structure, whole?: WholeDocument): void {
  check(field, '', value, shape, whole !== undefined, whole);
}

/** A document with a schema that takes nothing else. */
export interface WholeDocument {
  /** What it is, for messages: `model card`. */
  readonly what: string;
}

/**
 * @param path of the value in the request: `InputDataConfig[0].ChannelName`
 * @param whole whether the value stands alone, as an item of a list does, or is merged into the request
 */
function check(
  field: Field,
  path: string,
  value: unknown,
  shape: Shape,
  whole: boolean,
  document?: WholeDocument,
): void {
  // Takes the field out of the request.
  if (value === null && !whole) return;
  switch (shape.kind) {
    case 'any':
      return;
    case 'structure':
      if (isObject(value)) checkStructure(field, path, value, shape, whole, document);
      else wrongType(field, path, value, 'a map');
      return;
    case 'map':
      if (isObject(value)) checkMap(field, path, value, shape);
      else wrongType(field, path, value, 'a map');
      return;
    case 'list':
      if (Array.isArray(value)) checkList(field, path, value, shape, document);
      else wrongType(field, path, value, 'a list');
      return;
    case 'boolean':
      if (typeof value !== 'boolean') wrongType(field, path, value, '`true` or `false`');
      return;
    case 'number':
      if (shape.fraction ? !Number.isFinite(value) : !Number.isInteger(value)) {
        wrongType(field, path, value, shape.fraction ? 'a number' : 'a whole number');
      } else if ((value as number) < shape.min || (value as number) > shape.max) {
        field.problem(`Must be ${range(shape)}.`, 'Correct the number.', `${path}: ${value}`);
      }
      return;
    case 'text':
      if (typeof value === 'string') checkText(field, path, value, shape);
      else wrongType(field, path, value, 'text');
  }
}

function checkList(
  field: Field,
  path: string,
  items: readonly unknown[],
  shape: Shape & { kind: 'list' },
  document?: WholeDocument,
): void {
  if (items.length < shape.min || items.length > shape.max) {
    field.problem(
      `A list of ${range(shape)} items is expected; this one has ${items.length}.`,
      'Add or remove some.',
      path,
    );
  }
  for (const [index, item] of items.entries())
    check(field, `${path}[${index}]`, item, shape.of, true, document);
}

function checkStructure(
  field: Field,
  path: string,
  value: Record<string, unknown>,
  shape: Structure,
  whole: boolean,
  document?: WholeDocument,
): void {
  const names = Object.keys(shape.fields);
  for (const [name, item] of Object.entries(value)) {
    const below = path === '' ? name : `${path}.${name}`;
    const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    if (known) {
      check(field, below, item, known, whole, document);
      continue;
    }
    if (document) {
      field.problem(
        `The ${document.what} has no such field${path === '' ? '' : ` in \`${path}\``}.`,
        `${suggestion(name, names)}Known: ${names.map((one) => `\`${one}\``).join(', ')}.`,
        below,
      );
      continue;
    }
    const meant = names.find((candidate) => isSlip(name, candidate));
    if (meant !== undefined) {
      field.problem('The request has no such field.', `Did you mean \`${meant}\`?`, below);
    }
  }
  if (!whole) return;
  for (const name of shape.required) {
    if (value[name] !== undefined && value[name] !== null) continue;
    field.problem(`\`${name}\` is missing.`, `Add \`${name}\`.`, path);
  }
}

/** A name in other case, or one letter off. A digit more is a newer version of a field. */
const isSlip = (name: string, known: string): boolean =>
  name.toLowerCase() === known.toLowerCase() ||
  (known.length > 4 && /^\D*$/.test(name) && editDistance(name.toLowerCase(), known.toLowerCase()) === 1);

function checkMap(
  field: Field,
  path: string,
  value: Record<string, unknown>,
  shape: Shape & { kind: 'map' },
): void {
  const entries = Object.entries(value);
  if (entries.length > shape.max) {
    field.problem(
      `At most ${shape.max} entries are taken; these are ${entries.length}.`,
      'Remove some.',
      path,
    );
  }
  for (const [key, item] of entries) {
    const below = `${path}.${key}`;
    if (characters(key) > shape.key) {
      field.problem(`A key has at most ${shape.key} characters.`, 'Shorten it.', below);
    }
    if (shape.oneLine && LINE_END.test(`${key}${String(item)}`)) {
      field.problem(
        'Must be one line, the key as the value; this has a line end.',
        'Write it as one line.',
        below,
      );
    }
    check(field, below, item, { kind: 'text', min: 0, max: shape.value }, false);
  }
}

function checkText(field: Field, path: string, value: string, shape: Shape & { kind: 'text' }): void {
  const length = characters(value);
  if (length < shape.min || length > shape.max) {
    field.problem(`Must have ${range(shape)} characters; this has ${length}.`, 'Correct its length.', path);
  }
  if (!shape.words || shape.words.includes(value)) return;
  const meant = didYouMean(value, shape.words);
  if (meant !== undefined) {
    field.problem(
      `Must be one of ${shape.words.map((one) => `\`${one}\``).join(', ')}.`,
      `Did you mean \`${meant}\`?`,
      `${path}: ${value}`,
    );
  }
}

const range = ({ min, max }: { readonly min: number; readonly max: number }): string => {
  if (max === Number.MAX_SAFE_INTEGER) return `at least ${min}`;
  return min <= 0 ? `at most ${max}` : `${min} to ${max}`;
};

function wrongType(field: Field, path: string, value: unknown, expected: string): void {
  const shown = JSON.stringify(value) ?? '';
  field.problem(
    `Must be ${expected}.`,
    expected === 'text' && !isObject(value) && !Array.isArray(value)
      ? `Put it in quotes: \`"${String(value)}"\`.`
      : 'Write it as the API reference has it.',
    path === '' ? shown : `${path}: ${shown}`,
  );
}
