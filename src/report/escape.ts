import { visible } from '../visible.js';
import { grouped } from './format.js';

export { visible };

/**
 * Untrusted text (container output, evidence, metric names) becomes text that can only be read.
 *
 * The summary puts all of it inside HTML blocks (`<p>`, `<table>`, `<details>`, `<pre>` at the start of a
 * line). CommonMark hands such a block on unparsed up to the next blank line, so no Markdown inside it ever
 * counts, and only HTML's own characters need care. That is certain in a way that a code fence is not: a
 * fence depends on the longest run of backticks, on indentation and on the list or quote around it.
 *
 * GitHub then looks through the text of the finished page for mentions, issue numbers, commits, emoji and
 * formulas. It leaves `<code>` and `<pre>` alone, so a word that could be meant is shown as code.
 */

/** One visible line of at most about `limit` characters, for places that show plain text. */
export function oneLine(text: string, limit = 2_000): string {
  return visible(cut(text, limit).replace(/[\r\n\t ]+/g, ' ')).trim();
}

/** The beginning and the end of a long text: an error message says what matters in either. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  const head = Math.ceil((limit * 2) / 3);
  const tail = limit - head;
  const leftOut = grouped(text.length - limit);
  return `${text.slice(0, head)} … (${leftOut} characters left out) … ${text.slice(text.length - tail)}`;
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Words that GitHub may take for more than text: a mention or an address, a reference, a URL, an emoji, a
 * formula, an advisory, a commit. Long unbroken words too: as code they may be broken.
 */
const MEANT_FOR_MORE =
  /[@$]|#\d|:\/\/|www\.|:[a-z0-9_+-]+:|\bgh-\d|\bghsa-|\bcve-\d|\b(?=[a-f]*\d)[0-9a-f]{7,40}\b|^.{40,}$/iu;

/** Sentences as HTML. `Code` between backticks is shown as such: the checks' own texts write it so. */
export function prose(text: string, limit = 2_000): string {
  return oneLine(text, limit)
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? codeSpan(part.slice(1, -1)) : words(part)))
    .join('');
}

function words(text: string): string {
  return text
    .split(/( +)/)
    .map((word) => {
      if (!MEANT_FOR_MORE.test(word)) {
        return escapeHtml(word);
      }
      const [, before = '', core = '', after = ''] = /^([("“‘[]*)(.*?)([.,;:!?)"”’\]]*)$/u.exec(word) ?? [];
      return core === '' ? codeSpan(word) : escapeHtml(before) + codeSpan(core) + escapeHtml(after);
    })
    .join('');
}

/** One line as code. Long words may be broken, or a digest alone would make a table wider than the page. */
export function code(text: string, limit = 2_000): string {
  return codeSpan(oneLine(text, limit));
}

/** Of one line that is visible already. */
function codeSpan(text: string): string {
  const breakable = text.trim().replace(/[^\s]{24}(?=[^\s]{8})/gu, '$&\0');
  return `<code>${escapeHtml(breakable).replaceAll('\0', '<wbr>')}</code>`;
}

/** What a terminal would show of a line that a progress bar wrote over again and again. */
export function lastOverwrite(line: string): string {
  // By hand: `/\r+$/` looks at a long run of returns once for each of them.
  let end = line.length;
  while (line[end - 1] === '\r') {
    end--;
  }
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/**
 * One line of a `<pre>`. A line without visible characters would be blank to Markdown and end the HTML block
 * around it, so its first blank is written as an entity.
 */
export function preformattedLine(line: string, limit: number): string {
  const text = escapeHtml(visible(cut(lastOverwrite(line), limit)).replaceAll('\n', '⏎'));
  if (/\S/.test(text)) {
    return text;
  }
  return `&#32;${text.slice(1)}`;
}
