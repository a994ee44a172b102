import { excerpt, type Limits } from './budget.js';
import { escapeHtml } from './escape.js';
import { duration, plural } from './format.js';

/** The few shapes that a summary is made of. Blocks stand apart by a blank line, which also ends an HTML block. */
export const join = (blocks: readonly string[]): string =>
  blocks
    .filter((block) => block !== '')
    .map((block) => `${block}\n\n`)
    .join('');

export const paragraph = (html: string): string => `<p>${html}</p>`;

export const details = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n${body}\n</details>`;

/** In one piece: `< 0.1 s` is HTML's business too. */
export const time = (seconds: number): string => escapeHtml(duration(seconds)).replaceAll(' ', '&nbsp;');

export function lastLines(lines: readonly string[], limits: Limits, of: string, open: boolean): string {
  if (lines.length === 0 || limits.blockBytes === 0) {
    return '';
  }
  const { html, shown } = excerpt(lines, limits.blockBytes);
  const count =
    shown === lines.length ? plural(shown, 'line') : `${shown} of ${plural(lines.length, 'line')}`;
  const body = `<pre>${html}</pre>`;
  return `<details${open ? ' open' : ''}><summary>Last ${count} of ${of}</summary>\n${body}\n</details>`;
}

export function leftOut(count: number, what: string): string {
  return count > 0 ? paragraph(`… and ${plural(count, `more ${what}`)}: the JSON report has them all.`) : '';
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag} align="left">${cell}</${tag}>`).join('')}</tr>`;
  return [
    '<table>',
    `<thead>${cells('th', head)}</thead>`,
    '<tbody>',
    ...rows.map((row) => cells('td', row)),
    '</tbody>',
    '</table>',
  ].join('\n');
}

export function properties(rows: readonly (readonly [name: string, html: string])[]): string {
  const lines = rows.map(([name, html]) => `<tr><th align="left">${name}</th><td>${html}</td></tr>`);
  return ['<table>', ...lines, '</table>'].join('\n');
}
