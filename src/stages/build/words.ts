/** A piece of untrusted text as a code span of a sentence: on one line, cut, and unable to end the span. */
export function code(text: string, limit = 120): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('`', "'").trim();
  return `\`${line.length > limit ? `${line.slice(0, limit - 1)}…` : line}\``;
}

/** A list for people: `a`, `b` and `c`. */
export function list(names: readonly string[]): string {
  const shown = names.map((name) => code(name));
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

const SAFE_WORD = /^[\w@%+=:,./-]+$/;

/** A command as one could repeat it in a POSIX shell. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
