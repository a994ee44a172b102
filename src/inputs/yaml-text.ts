import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Field } from './problems.js';

/**
 * YAML 1.2 as text: scalars keep what was written (`0.10` stays `0.10`, `no` stays `no`), because SageMaker's
 * maps hold strings and nothing should be lost on the way through a number. JSON is YAML, so it comes this way too.
 */
export interface YamlDocument {
  readonly root: Node | null;
  /** 1-based line of a node. */
  lineOf(node: unknown): number;
}

/** Parses, or reports why not and returns `undefined`. */
export function parseYaml(field: Field, text: string = field.text): YamlDocument | undefined {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      // Duplicates are looked for by the readers below, in linear time.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: lines,
    });
    // A warning is an unknown tag or directive: what it asks for would be dropped in silence.
    const error = document.errors[0] ?? document.warnings[0];
    if (error?.code === 'RESOURCE_EXHAUSTION') return tooDeep(field);
    if (error) {
      const line = lines.linePos(error.pos[0]).line;
      // The parser's words can quote the text, which must stay hidden when it is a secret.
      const reason = field.secret ? '' : `: ${error.message}`;
      return field.problem(
        `Is not valid YAML at line ${line}${reason}.`,
        'Correct the YAML, or write it as JSON. A plain value that holds ": " or " #", or begins with one of ' +
          '[ ] { } , & * ! | > \' " % @ `, needs quotes.',
        lineAt(text, line),
      );
    }
    return {
      root: document.contents as Node | null,
      lineOf: (node) => {
        const range = (node as { range?: [number, number, number] | null } | null)?.range;
        return range ? lines.linePos(range[0]).line : 1;
      },
    };
  } catch (error) {
    // Thousands of nested brackets exhaust the parser's stack.
    if (error instanceof RangeError) return tooDeep(field);
    throw error;
  }
}

/** A scalar's own text, or compact JSON of a map or list. Reports what has no such form. */
export function textOf(field: Field, yaml: YamlDocument, node: unknown): string | undefined {
  if (node === null || node === undefined) return '';
  if (isScalar(node)) return scalarText(node);
  try {
    return jsonOf(field, yaml, node, 0);
  } catch (error) {
    if (error instanceof RangeError) return tooDeep(field);
    throw error;
  }
}

/** The pairs of a YAML map, in order; reports keys that are no scalars or come twice. */
export function pairsOf(
  field: Field,
  yaml: YamlDocument,
  node: Node,
): { key: string; value: unknown; line: number }[] {
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  const pairs: { key: string; value: unknown; line: number }[] = [];
  for (const pair of node.items) {
    const line = yaml.lineOf(pair.key);
    if (!isScalar(pair.key)) {
      if (!noAlias(field, line, pair.key)) {
        field.problem(`Line ${line}: a key must be a single word or a quoted string.`, 'Write `key: value`.');
      }
      continue;
    }
    const key = scalarText(pair.key);
    if (seen.has(key)) {
      field.problem(`Line ${line}: the key is given twice.`, 'Keep one of the two.', key);
      continue;
    }
    seen.add(key);
    if (noAlias(field, line, pair.value)) continue;
    pairs.push({ key, value: pair.value, line });
  }
  return pairs;
}

const scalarText = (node: { source?: string; value: unknown }): string =>
  node.source ?? (node.value === null || node.value === undefined ? '' : String(node.value));

/** Aliases are refused, not expanded: a few of them expand to gigabytes, and no input needs one. */
function noAlias(field: Field, line: number, node: unknown): boolean {
  if (!isAlias(node)) return false;
  field.problem(`Line ${line}: YAML aliases (\`*name\`) are not supported.`, 'Write the value out.');
  return true;
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function jsonOf(field: Field, yaml: YamlDocument, node: unknown, depth: number): string | undefined {
  if (depth > 100) return tooDeep(field);
  if (node === null || node === undefined) return 'null';
  if (isMap(node)) {
    const members: string[] = [];
    for (const { key, value } of pairsOf(field, yaml, node)) {
      const text = jsonOf(field, yaml, value, depth + 1);
      if (text === undefined) return undefined;
      members.push(`${JSON.stringify(key)}:${text}`);
    }
    return `{${members.join(',')}}`;
  }
  if (isSeq(node)) {
    const items: string[] = [];
    for (const item of node.items) {
      if (noAlias(field, yaml.lineOf(item), item)) return undefined;
      const text = jsonOf(field, yaml, item, depth + 1);
      if (text === undefined) return undefined;
      items.push(text);
    }
    return `[${items.join(',')}]`;
  }
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'number') {
    const source = node.source ?? '';
    // The number as written, so that no digit is lost; other notations (0x1F, .5) by their value.
    if (JSON_NUMBER.test(source)) return source;
    if (Number.isFinite(node.value)) return String(node.value);
    return field.problem(
      `Line ${yaml.lineOf(node)}: JSON has no such number.`,
      'Quote it to pass it as a string.',
      source,
    );
  }
  return JSON.stringify(node.value ?? null);
}

function tooDeep(field: Field): undefined {
  return field.problem('Is nested too deeply.', 'Pass the data as a file.');
}

const lineAt = (text: string, line: number): string => text.split('\n')[line - 1]?.trim() ?? '';
