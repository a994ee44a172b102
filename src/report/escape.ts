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

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

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
    .map((part) => (/^`[^`]+`$/.test(part) ? code(part.slice(1, -1)) : words(part)))
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
      return core === '' ? code(word) : escapeHtml(before) + code(core) + escapeHtml(after);
    })
    .join('');
}

/** One line as code. Long words may be broken, or a digest alone would make a table wider than the page. */
export function code(text: string, limit = 2_000): string {
  const breakable = oneLine(text, limit).replace(/[^\s]{24}(?=[^\s]{8})/gu, '$&\0');
  return `<code>${escapeHtml(breakable).replaceAll('\0', '<wbr>')}</code>`;
}

/** What a terminal would show of a line that a progress bar wrote over again and again. */
export function lastOverwrite(line: string): string {
  const end = line.replace(/\r+$/, '');
  return end.slice(end.lastIndexOf('\r') + 1);
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
