import { SMOKE_MEMORY_BYTES } from './limits.js';
import type { Field } from './problems.js';

/** YAML 1.2's core schema, as GitHub's own `getBooleanInput`: `yes` and `on` are words, not booleans. */
export function parseBoolean(field: Field, otherwise: boolean): boolean {
  if (!field.given) return otherwise;
  const text = field.text.trim();
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  field.problem('Must be `true` or `false`.', 'Write `true` or `false`.');
  return otherwise;
}

/** Without `max`, what nine digits can say. */
export function parseInteger(
  field: Field,
  { min, max }: { readonly min: number; readonly max?: number },
  otherwise: number,
): number {
  if (!field.given) return otherwise;
  const text = field.text.trim();
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= (max ?? value)) return value;
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  field.problem(`Must be a whole number ${range}.`, `Write a number ${range}.`);
  return otherwise;
}

/** A number, whole or not, in plain notation. */
export function parseNumber(
  field: Field,
  { min, max }: { readonly min: number; readonly max: number },
  otherwise: number,
): number {
  if (!field.given) return otherwise;
  const text = field.text.trim();
  const value = /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  field.problem(`Must be a number from ${min} to ${max}.`, 'Write for example `1` or `0.5`.');
  return otherwise;
}

/** Seconds from `500ms` or `1.5s`: always with a unit, since neither is the usual one. */
export function parseLatency(
  field: Field,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  if (!field.given) return undefined;
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|s)$/i.exec(field.text.trim()) ?? [];
  const value = unit === undefined ? undefined : Number(number) / (unit.toLowerCase() === 'ms' ? 1000 : 1);
  if (value !== undefined && value >= range.min && value <= range.max) return value;
  return field.problem(
    `Is not a latency of ${range.min * 1000} ms to ${range.max} s: a number with \`ms\` or \`s\`.`,
    'Write for example `500ms` or `1.5s`.',
  );
}

/** Seconds from `600`, `90s`, `10m`, `1h30m` or `28d`. */
export function parseDuration(
  field: Field,
  range: { readonly min: number; readonly max: number },
  otherwise: number,
): number {
  if (!field.given) return otherwise;
  const text = field.text.trim();
  const match = /^(?:(\d{1,9})|(?:(\d{1,4})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?)$/i.exec(text);
  const [, plain, days, hours, minutes, seconds] = match ?? [];
  if (!match || (plain ?? days ?? hours ?? minutes ?? seconds) === undefined) {
    field.problem(
      'Is not a duration: seconds, or days, hours, minutes and seconds with their letters.',
      'Write for example `90`, `90s`, `10m`, `1h30m` or `2d`.',
    );
    return otherwise;
  }
  const value =
    Number(plain ?? 0) +
    Number(days ?? 0) * 86_400 +
    Number(hours ?? 0) * 3600 +
    Number(minutes ?? 0) * 60 +
    Number(seconds ?? 0);
  if (value < range.min || value > range.max) {
    field.problem(
      `Must be from ${range.min} to ${range.max} seconds; this is ${value}.`,
      `Write a duration from ${inWords(range.min)} to ${inWords(range.max)}.`,
    );
    return otherwise;
  }
  return value;
}

/** `24 hours`, `28 days`, `1 second`: the largest unit that divides it; days from two on. */
function inWords(seconds: number): string {
  const units = [
    ['day', 86_400, 2],
    ['hour', 3600, 1],
    ['minute', 60, 1],
  ] as const;
  const [name, size] = units.find(([, unit, least]) => seconds % unit === 0 && seconds / unit >= least) ?? [
    'second',
    1,
  ];
  return `${seconds / size} ${name}${seconds === size ? '' : 's'}`;
}

const MEMORY_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** Bytes from Docker's notation: `4g`, `512m`, `1.5GiB`, or plain bytes. */
export function parseMemory(field: Field): number | undefined {
  if (!field.given) return undefined;
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([kmgt]?)(?:i?b)?$/i.exec(field.text.trim());
  if (!match) {
    return field.problem(
      "Is not an amount of memory in Docker's notation.",
      'Write a number with `k`, `m`, `g` or `t`, for example `512m` or `4g`.',
    );
  }
  const bytes = Math.floor(Number(match[1]) * (MEMORY_UNITS[(match[2] ?? '').toLowerCase()] ?? 1));
  if (bytes < SMOKE_MEMORY_BYTES.min) {
    return field.problem(
      `Is ${bytes} bytes; Docker starts no container with less than 6 MiB.`,
      'Write at least `6m`; a unit may be missing (`4g`, not `4`).',
    );
  }
  if (!Number.isSafeInteger(bytes)) {
    return field.problem('Is more memory than any machine has.', 'Write for example `512m` or `4g`.');
  }
  return bytes;
}

/** One of a few words. */
export function parseChoice<Word extends string>(
  field: Field,
  words: readonly Word[],
  otherwise: Word,
  suggest: (given: string, known: readonly string[]) => string,
): Word {
  if (!field.given) return otherwise;
  const text = field.text.trim();
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  const all = words.map((candidate) => `\`${candidate}\``).join(', ');
  field.problem(`Must be one of ${all}.`, `${suggest(text, words)}Write one of ${all}.`);
  return otherwise;
}
