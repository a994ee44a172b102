/** What GitHub would make of a summary: its blocks, its elements, and the text that it looks through once more. */
import { marked } from 'marked';

/** Every element that a summary is made of, exactly as it is written. */
const OWN_TAG =
  /^(?:\/?(?:p|strong|sub|details|summary|pre|table|thead|tbody|tr|ul|ol|li|td|th|h2|h3|code|a)|br|wbr|details open|t[hd] align="left"|code class="language-mermaid"|a href="https:\/\/eu-west-1\.console\.aws\.amazon\.com\/(?:[\w./%#~!*()?=:@$,;+|-]|&amp;|&#39;)*"|a href="https:\/\/github\.com\/octo-org\/(?:[\w./%#~!*()-]|&#39;)*")>/;
const EMPTY = new Set(['br', 'wbr']);

/** Everything that is not as the report's own words would have it; empty when all is well. */
export function faultsOf(markdown: string): string[] {
  const html = marked.parse(markdown, { async: false });
  return [...strangeBlocks(markdown), ...strangeTags(html), ...unbalanced(html), ...meanings(html)];
}

/** Untrusted text stands in HTML blocks only: any other block means that Markdown was found in it. */
function strangeBlocks(markdown: string): string[] {
  return marked
    .lexer(markdown)
    .filter(
      (token) =>
        !['html', 'space'].includes(token.type) &&
        !(
          token.type === 'heading' &&
          /^(?:✅|❌|⏹️|⚠️)?[\p{L}\p{N} :;,.-]+$/u.test(token.raw.replace(/^##+/, '').trim())
        ) &&
        !(token.type === 'code' && token.lang === 'mermaid' && /^[\w\s%{}:"",#.[\]×^>-]+$/.test(token.text)),
    )
    .map((token) => `block ${token.type}: ${token.raw.slice(0, 80)}`);
}

function strangeTags(html: string): string[] {
  return html
    .split('<')
    .slice(1)
    .filter((rest) => !OWN_TAG.test(rest))
    .map((rest) => `tag <${rest.slice(0, 80)}`);
}

function unbalanced(html: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
    if (EMPTY.has(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return [`</${name}> closes nothing`];
  }
  return open.map((name) => `<${name}> is not closed`);
}

/** GitHub makes more of plain text: mentions, references, addresses, emoji, formulas, commits. */
function meanings(html: string): string[] {
  const text = textOf(html.replace(/<(pre|code)[^>]*>.*?<\/\1>/gs, '`'));
  return [
    /@[a-z0-9]/i,
    /#\d/,
    /\w+:\/\//,
    /www\.\w/i,
    /:[a-z0-9_+-]+:/i,
    /\$.*\$/,
    /\bgh-\d/i,
    /\b[0-9a-f]{40}\b/,
    UNSEEN,
  ]
    .filter((pattern) => pattern.test(text))
    .map((pattern) => `meaning ${pattern}: ${pattern.exec(text)?.[0]}`);
}

const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** The text that a reader sees. */
export function textOf(html: string): string {
  return html
    .replace(/<wbr>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(lt|gt|quot|amp|nbsp|#39|#32);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/ +/g, ' ');
}

const ENTITIES: Record<string, string> = {
  lt: '<',
  gt: '>',
  quot: '"',
  amp: '&',
  nbsp: ' ',
  '#39': "'",
  '#32': ' ',
};
