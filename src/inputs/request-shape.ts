/**
 * What a request of AWS, or another document with a schema, may hold: names, types, lengths, ranges and words, as
 * far as a mistake in it can be told from a field that is newer than this action. Other patterns than that of
 * hyperparameters are left to AWS.
 */
export type Shape =
  | { readonly kind: 'text'; readonly min: number; readonly max: number; readonly words?: readonly string[] }
  /** `fraction`: not a whole number alone. */
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly fraction?: true }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'any' }
  | { readonly kind: 'list'; readonly min: number; readonly max: number; readonly of: Shape }
  | {
      readonly kind: 'map';
      readonly max: number;
      readonly key: number;
      readonly value: number;
      /** The pattern `.*` of keys and values, which many lines do not fit. */
      readonly oneLine?: boolean;
    }
  | Structure;

export interface Structure {
  readonly kind: 'structure';
  readonly fields: Readonly<Record<string, Shape>>;
  /** Fields without which a new structure is refused. */
  readonly required: readonly string[];
}

export const ANY = Number.MAX_SAFE_INTEGER;

export const text = (max = ANY, min = 0): Shape => ({ kind: 'text', min, max });
export const word = (...words: string[]): Shape => ({ kind: 'text', min: 1, max: ANY, words });
export const integer = (min = -ANY, max = ANY): Shape => ({ kind: 'number', min, max });
export const number = (min = -ANY, max = ANY): Shape => ({ kind: 'number', min, max, fraction: true });
export const list = (of: Shape, max = ANY, min = 0): Shape => ({ kind: 'list', min, max, of });
export const map = (max: number, key: number, value: number): Shape => ({ kind: 'map', max, key, value });
export const ANYTHING: Shape = { kind: 'any' };
export const BOOLEAN: Shape = { kind: 'boolean' };

/** A `*` behind a name says that it is required. */
export function structure(fields: Readonly<Record<string, Shape>>): Structure {
  const entries = Object.entries(fields);
  return {
    kind: 'structure',
    fields: Object.fromEntries(entries.map(([name, shape]) => [name.replace('*', ''), shape])),
    required: entries.flatMap(([name]) => (name.endsWith('*') ? [name.slice(0, -1)] : [])),
  };
}
