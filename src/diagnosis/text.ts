/**
 * Making untrusted output fit to be searched and quoted. Lines are cut before any pattern sees them, so that
 * a container that prints megabytes without a line break costs no more than one that prints a sentence.
 */

/** Longest line that is searched; what is longer loses its middle. */
const LONGEST_LINE = 1_000;
const KEPT_TAIL = 300;

/** CSI (colours, cursor) and OSC (titles, links) sequences; bounded, so that no input is scanned twice. */
const ESCAPES = /\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)?|[@-Z\\^_])/g;
/** Control characters, line separators, and the marks that reorder or hide what surrounds them. */
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * A line as patterns see it: without colours and without its line end, at most {@link LONGEST_LINE}
 * characters. A carriage return inside the line stays: it is what betrays a script with Windows line ends.
 */
export function searchable(line: string): string {
  const short =
    line.length > LONGEST_LINE * 4
      ? `${line.slice(0, LONGEST_LINE * 3)} … ${line.slice(-LONGEST_LINE)}`
      : line;
  const clean = short
    .replace(ESCAPES, '')
    .replace(/[\r\n]$/, '')
    .replace(/\r$/, '');
  if (clean.length <= LONGEST_LINE) return clean;
  return `${clean.slice(0, LONGEST_LINE - KEPT_TAIL - 3)} … ${clean.slice(-KEPT_TAIL)}`;
}

/** One line to quote: no controls, trimmed, at most `limit` characters, those around the place `at`. */
export function excerpt(line: string, limit = 300, at = 0): string {
  const plain = (piece: string): string => piece.replace(CONTROLS, ' ').trim();
  if (line.length <= limit) return plain(line);
  const width = limit - 2;
  const from = Math.max(0, Math.min(at - Math.floor(width / 3), line.length - width));
  const piece = plain(line.slice(from, from + width));
  return `${from > 0 ? '…' : ''}${piece}${from + width < line.length ? '…' : ''}`;
}

/**
 * A captured piece of untrusted text inside a sentence of ours: only what names, versions and paths are made
 * of, so that it can neither end a code span nor start anything else.
 */
export function named(captured: string | undefined, limit = 120): string {
  const name = (captured ?? '').slice(0, limit).replace(/[^\w./@:+=,<>~ -]/g, '?');
  return name === '' ? '?' : name;
}

/** A message inside a code span of ours: what words, paths, numbers and Python's literals are made of. */
export function quoted(message: string, limit: number): string {
  const text = excerpt(message, limit).replace(/[^\p{L}\p{N}\s./@:+=,<>~'"()[\]{}%#*!?;_…-]/gu, '?');
  return text.trim() === '' ? '?' : text;
}
