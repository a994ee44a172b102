/**
 * Values as Python's `json` reads and writes them. What sagemaker-training-toolkit hands to a program went
 * through `json.loads`, `json.dumps` and `str()`, and the difference shows: `1.0` stays `1.0`, where
 * JavaScript would make `1` of it, and an `argparse` type of the program may refuse one of the two.
 */
export type PythonValue =
  | string
  | boolean
  | null
  | PythonNumber
  | readonly PythonValue[]
  | ReadonlyMap<string, PythonValue>;

/** A number by its two spellings: `1e-05` in both, `Infinity` in JSON and `inf` in a text. */
export class PythonNumber {
  constructor(
    readonly json: string,
    readonly text: string = json,
  ) {}
}

const CONSTANTS: ReadonlyMap<string, PythonNumber> = new Map([
  ['NaN', new PythonNumber('NaN', 'nan')],
  ['Infinity', new PythonNumber('Infinity', 'inf')],
  ['-Infinity', new PythonNumber('-Infinity', '-inf')],
]);

/** `JSON.parse` with the third argument of the reviver, which TypeScript's own types do not know yet. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** As `json.loads`; text that is no JSON is the value itself, as the toolkit takes it. */
export function decodeJson(text: string): PythonValue {
  const constant = CONSTANTS.get(text.trim());
  if (constant) {
    return constant;
  }
  try {
    return parseWithSource(text, (_, value, { source }) => {
      if (typeof value === 'number') {
        return numberOf(source ?? String(value));
      }
      const isObject = typeof value === 'object' && value !== null;
      return isObject && !Array.isArray(value) && !(value instanceof PythonNumber)
        ? new Map(Object.entries(value))
        : value;
    }) as PythonValue;
  } catch {
    return text;
  }
}

/** As `json.dumps(value, sort_keys=True, separators=(',', ':'))`, which writes ASCII only. */
export function encodeJson(value: PythonValue): string {
  if (typeof value === 'string') {
    return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (char) => escaped(char.charCodeAt(0), 'u'));
  }
  if (value === null || typeof value === 'boolean') {
    return String(value);
  }
  if (value instanceof PythonNumber) {
    return value.json;
  }
  if (value instanceof Map) {
    return `{${sorted(value)
      .map(([key, item]) => `${encodeJson(key)}:${encodeJson(item)}`)
      .join(',')}}`;
  }
  return `[${(value as readonly PythonValue[]).map(encodeJson).join(',')}]`;
}

/** As `str(value)`. */
export function stringOf(value: PythonValue): string {
  return typeof value === 'string' ? value : repr(value);
}

/** The entries by key. */
export function sorted<Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** As `repr(value)`: what `str()` writes for what is inside a list or a dictionary. */
function repr(value: PythonValue): string {
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (value === null) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (value instanceof PythonNumber) {
    return value.text;
  }
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${quoted(key)}: ${repr(item)}`).join(', ')}}`;
  }
  return `[${(value as readonly PythonValue[]).map(repr).join(', ')}]`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    // What Python calls not printable; the blank is.
    .replace(/[\p{C}\p{Z}]/gu, (char) => {
      const code = char.codePointAt(0) ?? 0;
      return char === ' '
        ? char
        : (SHORT_ESCAPES[char] ?? escaped(code, code < 0x100 ? 'x' : code < 0x10000 ? 'u' : 'U'));
    });
  return `${quote}${body}${quote}`;
}

function escaped(code: number, kind: 'x' | 'u' | 'U'): string {
  return `\\${kind}${code.toString(16).padStart({ x: 2, u: 4, U: 8 }[kind], '0')}`;
}

function numberOf(source: string): PythonNumber {
  return /[.eE]/.test(source) ? floatOf(Number(source)) : new PythonNumber(BigInt(source).toString());
}

/** Both languages write the fewest digits that mean the same number; they differ in when to use an exponent. */
function floatOf(value: number): PythonNumber {
  if (!Number.isFinite(value)) {
    return CONSTANTS.get(String(value)) as PythonNumber;
  }
  const [, digits = '', sign = '', exponent = ''] = /^(.*)e([+-])(\d+)$/.exec(value.toExponential()) ?? [];
  const power = Number(`${sign}${exponent}`);
  if (power < -4 || power >= 16) {
    return new PythonNumber(`${digits}e${sign}${exponent.padStart(2, '0')}`);
  }
  const plain = Object.is(value, -0) ? '-0' : String(value);
  return new PythonNumber(Number.isInteger(value) ? `${plain}.0` : plain);
}
