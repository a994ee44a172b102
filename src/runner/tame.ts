import { visible } from '../visible.js';

/** Characters of a line that are shown. The log's reader pages through lines, not through megabytes. */
const LONGEST = 8 * 1024;

/** What most lines are made of. It needs no second look for what cannot be seen. */
const PLAIN = /^[\x20-\x7e\t]*$/;
const PLAIN_LINES = /^[\x20-\x7e\t\n]*$/;

/**
 * One line that the runner takes for nothing but text, and that looks like what it is.
 *
 * The runner (ActionCommand.cs) takes `::name …::` for a command at the start of a line, after blanks, and
 * `##[name …]` anywhere in a line, with the names in any case; `##vso[` is the same for the runner's elder
 * relative, Azure Pipelines. A blank breaks either: it shows, and it cannot be lost as an invisible character
 * could be. Colours and cursor movements go, what else cannot be seen is spelt out.
 *
 * @param line without line ends
 */
export function tame(line: string): string {
  const shown =
    line.length > LONGEST ? `${line.slice(0, LONGEST)} … [cut: longer than ${LONGEST} characters]` : line;
  const text = PLAIN.test(shown) ? shown : visible(shown);
  return text.replace(/^(\s*):(?=:)/, '$1: ').replace(/##(?=\[|vso\[)/gi, '## ');
}

/**
 * Whether {@link tame} would change none of the lines. A log can have millions of them, and nearly all are so.
 *
 * @param text all of them, each after the same harmless start and with a `\n` at its end
 */
export function isHarmless(lines: readonly string[], text: string): boolean {
  return (
    PLAIN_LINES.test(text) &&
    !text.includes('::') &&
    !text.includes('##') &&
    lines.every((line) => line.length <= LONGEST && !line.includes('\n'))
  );
}

/** Lines as the runner's own reader cuts them: at `\n`, `\r\n` and a lone `\r`. */
export function linesOf(text: string): string[] {
  if (!text.includes('\n') && !text.includes('\r')) return [text];
  return text.split(/\r\n|\n|\r/);
}
