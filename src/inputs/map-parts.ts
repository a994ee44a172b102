import { isMap, isScalar } from 'yaml';
import { suggestion } from './did-you-mean.js';
import { parseMap } from './parse-map.js';
import type { Field } from './problems.js';
import { pairsOf, parseYaml, textOf } from './yaml-text.js';

/** Gives the value of a key as a field of its own, empty when the map does not have it. */
export type Parts<Key extends string> = (key: Key) => Field;

export interface PartOptions<Key extends string> {
  readonly keys: readonly Key[];
  /** Keys without which the map says nothing, each with what to write. */
  readonly required?: Readonly<Partial<Record<Key, string>>>;
}

/** An input that is a map of a few known keys. */
export function readParts<Key extends string>(field: Field, options: PartOptions<Key>): Parts<Key> {
  const before = field.failed;
  const map = parseMap(field, { trim: true });
  // What could not be read is not said to be missing.
  const unread = !field.given || (field.failed && !before);
  return partsOf(field, '', map, unread ? { keys: options.keys } : options);
}

/** An input that is a map from name to such a map: YAML or JSON. */
export function readNamedParts<Key extends string>(
  field: Field,
  keys: readonly Key[],
  example: string,
): ReadonlyMap<string, Parts<Key>> {
  const named = new Map<string, Parts<Key>>();
  const yaml = field.given ? parseYaml(field) : undefined;
  if (!yaml) return named;
  if (!isMap(yaml.root)) {
    field.problem('Is not a YAML map of maps.', `Write \`${example}\`, for example.`);
    return named;
  }
  for (const { key: name, value, line } of pairsOf(field, yaml, yaml.root)) {
    if (value !== null && !isMap(value) && !(isScalar(value) && value.value === null)) {
      field.problem(
        `Line ${line}: what is said of \`${name}\` is not a map.`,
        `Write \`${example}\`, for example.`,
        name,
      );
      continue;
    }
    const texts = new Map<string, string>();
    for (const inner of isMap(value) ? pairsOf(field, yaml, value) : []) {
      if (inner.value === null || isScalar(inner.value)) {
        texts.set(inner.key, (textOf(field, yaml, inner.value) ?? '').trim());
      } else {
        field.problem(
          `Line ${inner.line}: the value is a list or a map; a single value is expected.`,
          'Write one value.',
          `${name}.${inner.key}`,
        );
      }
    }
    named.set(name, partsOf(field, `${name}.`, texts, { keys }));
  }
  return named;
}

function partsOf<Key extends string>(
  field: Field,
  prefix: string,
  map: ReadonlyMap<string, string>,
  { keys, required }: PartOptions<Key>,
): Parts<Key> {
  for (const key of map.keys()) {
    if (keys.some((known) => known === key)) continue;
    field.problem(
      'There is no such key.',
      `${suggestion(key, keys)}Known: ${keys.map((known) => `\`${known}\``).join(', ')}.`,
      `${prefix}${key}`,
    );
  }
  for (const [key, what] of Object.entries<string | undefined>(required ?? {})) {
    if (map.get(key)) continue;
    field.problem(`The key \`${prefix}${key}\` is missing.`, `Add ${what}.`);
  }
  const parts = new Map(keys.map((key) => [key, field.part(`${prefix}${key}`, map.get(key) ?? '')]));
  return (key) => parts.get(key) as Field;
}
