import { isScalar, isSeq } from 'yaml';
import type { Field } from './problems.js';
import { parseYaml, textOf } from './yaml-text.js';

export interface ListOptions {
  /** Commas separate too: only for words that cannot hold one. */
  readonly commas?: boolean;
}

export interface ParsedList {
  readonly items: readonly string[];
  /** `yaml`: each item was delimited by the writer's own quotes or brackets, so spaces in it are meant. */
  readonly form: 'lines' | 'yaml';
}

/**
 * Reads a list in one of two forms: one item a line (blank lines and lines that begin with `#` are skipped, white
 * space around an item is dropped), or a YAML or JSON list. It is YAML when the first line that counts begins
 * with `[`, or with `-` and a space (an argument such as `--epochs` has no space there).
 */
export function parseList(field: Field, options: ListOptions = {}): ParsedList {
  const lines = field.text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const first = lines[0] ?? '';
  if (first.startsWith('[') || /^-\s/.test(first)) return { items: fromYaml(field), form: 'yaml' };
  const items = options.commas
    ? lines.flatMap((line) => line.split(',').map((item) => item.trim())).filter((item) => item !== '')
    : lines;
  return { items, form: 'lines' };
}

function fromYaml(field: Field): readonly string[] {
  const yaml = parseYaml(field);
  if (!yaml) return [];
  if (!yaml.root || !isSeq(yaml.root)) {
    field.problem('Is not a list.', 'Write one item a line, or `["one", "two"]`.');
    return [];
  }
  const items: string[] = [];
  for (const item of yaml.root.items) {
    if (item !== null && !isScalar(item)) {
      field.problem(
        `Line ${yaml.lineOf(item)}: an item is a map, a list or an alias; a single word is expected.`,
        'Put the item in quotes.',
      );
      continue;
    }
    const text = textOf(field, yaml, item);
    if (text !== undefined) items.push(text);
  }
  return items;
}
