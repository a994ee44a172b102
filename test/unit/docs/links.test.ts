import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { marked, type Token } from 'marked';

const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  ...['test/containers/README.md'],
];

interface Page {
  /** Targets of links and pictures, as they stand there. */
  readonly links: readonly string[];
  /** Anchors, as GitHub makes them of headings. */
  readonly anchors: ReadonlySet<string>;
}

const pages = new Map<string, Page>();

function pageOf(path: string): Page {
  const known = pages.get(path);
  if (known !== undefined) return known;
  const links: string[] = [];
  const anchors = new Set<string>();
  marked.walkTokens(marked.lexer(readFileSync(path, 'utf8')), (token: Token) => {
    if (token.type === 'link' || token.type === 'image') links.push(token['href'] as string);
    if (token.type === 'heading') anchors.add(anchorOf(token['text'] as string, anchors));
  });
  const page = { links, anchors };
  pages.set(path, page);
  return page;
}

function anchorOf(heading: string, taken: ReadonlySet<string>): string {
  const anchor = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? anchor : `${anchor}-${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

describe('links of the documentation', () => {
  test.each(PAGES)('%s: each leads to a file, and to a heading of it', (path) => {
    const broken = pageOf(path).links.filter((link) => {
      if (/^[a-z]+:/i.test(link)) return false;
      const [target = '', anchor] = decodeURI(link).split('#', 2);
      const file = target === '' ? path : normalize(join(dirname(path), target));
      if (!existsSync(file)) return true;
      if (anchor === undefined) return false;
      return !statSync(file).isFile() || !pageOf(file).anchors.has(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('there are links, to files and to headings', () => {
    const all = PAGES.flatMap((path) => pageOf(path).links);
    expect(all.filter((link) => link.includes('#')).length).toBeGreaterThan(5);
    expect(all.length).toBeGreaterThan(100);
  });

  test('docs/README.md leads to every page that is not one of many', () => {
    const led = pageOf('docs/README.md').links.map((link) => link.split('#')[0]);
    const missing = readdirSync('docs').filter(
      (name) => name.endsWith('.md') && name !== 'README.md' && !led.includes(name),
    );
    expect(missing).toEqual([]);
  });
});
