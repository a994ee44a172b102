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

/** A command as one could repeat it in bash, on one line. */
export const commandLine = (words: readonly string[]): string => words.map(quoted).join(' ');

function quoted(word: string): string {
  if (SAFE_WORD.test(word)) {
    return word;
  }
  return /[\x00-\x1f\x7f]/.test(word)
    ? `$'${word.replace(/[\\'\x00-\x1f\x7f]/g, escaped)}'`
    : `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(character: string): string {
  switch (character) {
    case '\n':
      return '\\n';
    case '\\':
    case "'":
      return `\\${character}`;
    default:
      return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
}
