import { preformattedLine } from './escape.js';
import { grouped } from './format.js';

/**
 * GitHub drops a summary of more than 1024 KiB as a whole. The budget leaves room for what other steps of the
 * same job may add, and for a different way of counting.
 */
export const BUDGET_BYTES = 900_000;

/** How much detail one rendering takes. */
export interface Limits {
  /** Bytes of HTML that each block of lines may take. */
  readonly blockBytes: number;
  /** Characters of each untrusted sentence. */
  readonly fieldCharacters: number;
  /** Rows of each table and entries of each list. */
  readonly rows: number;
  readonly charts: number;
}

/** From all that anyone wants to read, down to almost nothing. */
export const LEVELS: readonly Limits[] = [
  { blockBytes: 64_000, fieldCharacters: 2_000, rows: 500, charts: 4 },
  { blockBytes: 16_000, fieldCharacters: 1_000, rows: 200, charts: 4 },
  { blockBytes: 4_000, fieldCharacters: 400, rows: 100, charts: 2 },
  { blockBytes: 1_000, fieldCharacters: 200, rows: 25, charts: 0 },
  { blockBytes: 0, fieldCharacters: 80, rows: 5, charts: 0 },
];

export const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/**
 * The most detailed rendering that fits. Each level renders whole elements from less text, so nothing is ever
 * cut inside a tag, a table or a fence. When none fits, `core` is what nobody may lose.
 */
export function withinBudget(
  budgetBytes: number,
  core: string,
  details: (limits: Limits, level: number) => string,
): string {
  for (const [level, limits] of LEVELS.entries()) {
    const text = core + details(limits, level);
    if (utf8Bytes(text) <= budgetBytes) {
      return text;
    }
  }
  return core;
}

const LINE_CHARACTERS = 2_000;

export interface Excerpt {
  /** Escaped lines for the inside of a `<pre>`, with a note where lines were left out. */
  readonly html: string;
  readonly shown: number;
  readonly leftOut: number;
}

/**
 * The first and, above all, the last lines, as many as fit: programs say at the end why they end. Looks at no
 * more lines than it shows.
 */
export function excerpt(lines: readonly string[], maxBytes: number): Excerpt {
  const lineCharacters = Math.min(LINE_CHARACTERS, Math.max(80, Math.floor(maxBytes / 8)));
  const cost = (html: string) => utf8Bytes(html) + 1;
  const tail: string[] = [];
  let next = lines.length - 1;
  let left = maxBytes;
  // A quarter stays for the beginning, unless the rest fits as well.
  for (; next >= 0; next--) {
    const html = preformattedLine(lines[next] ?? '', lineCharacters);
    if (cost(html) > left) {
      break;
    }
    tail.unshift(html);
    left -= cost(html);
  }
  if (next < 0) {
    return { html: tail.join('\n'), shown: lines.length, leftOut: 0 };
  }
  let freed = left;
  while (tail.length > 1 && freed < maxBytes / 4) {
    freed += cost(tail.shift() ?? '');
    next++;
  }
  const head: string[] = [];
  for (let index = 0; index <= next; index++) {
    const html = preformattedLine(lines[index] ?? '', lineCharacters);
    if (cost(html) > freed) {
      break;
    }
    head.push(html);
    freed -= cost(html);
  }
  const leftOut = lines.length - head.length - tail.length;
  if (leftOut === 0) {
    return { html: [...head, ...tail].join('\n'), shown: lines.length, leftOut };
  }
  const note = `… ${grouped(leftOut)} ${leftOut === 1 ? 'line' : 'lines'} left out …`;
  return { html: [...head, note, ...tail].join('\n'), shown: lines.length - leftOut, leftOut };
}
