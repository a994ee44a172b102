import { isMap, isScalar } from 'yaml';
import type { Field } from './problems.js';
import { pairsOf, parseYaml, textOf } from './yaml-text.js';

export interface MapOptions {
  /** A nested map or list becomes compact JSON; otherwise it is a mistake. */
  readonly nested?: boolean;
  /** Drop white space around values: for paths and words, where it is never meant. */
  readonly trim?: boolean;
}

/**
 * Reads a map in one of two forms:
 *
 * - Lines `key=value`. The first `=` splits; everything behind it is the value, to the end of the line, exactly
 *   as it is: `=`, `:`, quotes, `#` and spaces included.
 * - A YAML map, block or flow, so JSON as well; for values of several lines, for keys with `=`, for nested values.
 *
 * Blank lines are skipped, and so are lines that begin with `#`. The first line that is left decides the form:
 *
 * - it begins with `{` or `---`: YAML;
 * - it begins with a quoted key: YAML when a `:` follows, otherwise a mistake;
 * - else whichever comes first: `=` means lines, `:` before white space or at the line's end means YAML. So
 *   `a=b: c` and `url=https://x:80` are lines, `a: b=c` is YAML.
 */
export function parseMap(field: Field, options: MapOptions = {}): ReadonlyMap<string, string> {
  // All commented out is nothing given, not something else than a map.
  if (firstContent(field.text) === '') return new Map();
  switch (formOf(field.text)) {
    case 'lines':
      return fromLines(field, options);
    case 'yaml':
      return fromYaml(field, options);
    case 'list':
      field.problem(
        'Is a list; a map is expected.',
        'Write one `key=value` a line, without dashes or brackets.',
      );
      return new Map();
    case 'quoted-key':
      field.problem(
        'Has a quoted key before `=`.',
        'Write `key=value` without quotes around the key, or YAML: `"key": value`.',
        firstContent(field.text),
      );
      return new Map();
    case 'none':
      field.problem(
        'Is neither `key=value` lines nor a YAML map.',
        'Write one `key=value` a line, or `key: value` (YAML).',
        firstContent(field.text),
      );
      return new Map();
  }
}

export type MapForm = 'lines' | 'yaml' | 'list' | 'quoted-key' | 'none';

const QUOTED_KEY = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(.?)/;
const YAML_COLON = /:(?=\s|$)/;

/** Which form the text has, by its first line that is neither blank nor a comment. */
export function formOf(text: string): MapForm {
  const first = firstContent(text);
  if (first.startsWith('{') || /^---(\s|$)/.test(first)) return 'yaml';
  if (first.startsWith('[') || /^-(\s|$)/.test(first)) return 'list';
  const quoted = QUOTED_KEY.exec(first);
  if (quoted) {
    if (quoted[1] === ':') return 'yaml';
    return quoted[1] === '=' ? 'quoted-key' : 'none';
  }
  const equals = first.indexOf('=');
  const colon = first.search(YAML_COLON);
  if (equals === -1 && colon === -1) return 'none';
  return equals !== -1 && (colon === -1 || equals < colon) ? 'lines' : 'yaml';
}

const isContent = (line: string): boolean => line.trim() !== '' && !line.trimStart().startsWith('#');

const firstContent = (text: string): string => text.split('\n').find(isContent)?.trim() ?? '';

function fromLines(field: Field, options: MapOptions): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [index, line] of field.text.split('\n').entries()) {
    if (!isContent(line)) continue;
    const where = `Line ${index + 1}`;
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(equals, 0)).trimStart();
    if (equals === -1) {
      field.problem(
        `${where} is not \`key=value\`.`,
        field.secret
          ? 'A secret of several lines goes into `build-secret-files`, or into the JSON form with `toJSON`.'
          : 'Write one `key=value` a line. For a value of several lines use YAML (`key: |`) for the whole map.',
        line.trim(),
      );
    } else if (key === '') {
      field.problem(`${where} has no key before \`=\`.`, 'Write `key=value`.', line.trim());
    } else if (YAML_COLON.test(key)) {
      field.problem(
        `${where} looks like YAML, but the first line is \`key=value\`: one form for the whole map.`,
        'Write every line as `key=value`, or every one as `key: value`.',
        line.trim(),
      );
    } else if (key !== key.trimEnd()) {
      field.problem(
        `${where} has a space before \`=\`.`,
        'Write `key=value` without spaces around `=`: the value is taken as it is, spaces included.',
        line.trim(),
      );
    } else if (map.has(key)) {
      field.problem(`${where}: the key is given twice.`, 'Keep one of the two.', key);
    } else {
      const value = line.slice(equals + 1);
      map.set(key, options.trim ? value.trim() : value);
    }
  }
  return map;
}

function fromYaml(field: Field, options: MapOptions): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const yaml = parseYaml(field);
  if (!yaml) return map;
  if (!yaml.root || !isMap(yaml.root)) {
    field.problem('Is not a YAML map.', 'Write one `key: value` a line, or `key=value`.');
    return map;
  }
  for (const { key, value, line } of pairsOf(field, yaml, yaml.root)) {
    if (key === '') {
      field.problem(`Line ${line} has an empty key.`, 'Write `key: value`.', '');
      continue;
    }
    if (!options.nested && value !== null && !isScalar(value)) {
      field.problem(
        `Line ${line}: the value is a list or a map; a single value is expected.`,
        'Write it as a quoted string, for instance JSON in single quotes.',
        key,
      );
      continue;
    }
    const text = textOf(field, yaml, value);
    if (text !== undefined) map.set(key, options.trim ? text.trim() : text);
  }
  return map;
}
