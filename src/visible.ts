/** Text from elsewhere as it can be read: for the job's log, the summary and the reports alike. */

const ANSI =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b\n]*\x1b\\|\x1b[ -/]*[0-Zc-~]/g;

/** What would be invisible, or would change the order in which the text around it is read. */
const UNSEEN =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const NOT_A_CHARACTER = /[\ufffe\uffff]/g;

/**
 * The text without colours and cursor movements; what else cannot be seen is spelt out (`␀`, `[U+202E]`), since
 * leaving it out would hide that it was there. Keeps line feeds and tabs.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(ANSI, '')
    .replace(/\r+\n?/g, (end) => (end.endsWith('\n') ? '\n' : end))
    .replace(UNSEEN, (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 0x20) {
        return String.fromCodePoint(0x2400 + code);
      }
      return code === 0x7f ? '␡' : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
    })
    .replace(NOT_A_CHARACTER, '\ufffd');
}
