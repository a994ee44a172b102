#!/usr/bin/env node
/**
 * Shows a job summary as GitHub would, near enough to judge it by eye:
 *
 *   node script/render-summary.mjs SUMMARY.md OUT.html
 *   node script/render-summary.mjs SUMMARY.md OUT.png [dark] [open]     (needs chromium on PATH, or CHROMIUM)
 *
 * `open` unfolds what is folded. The picture is as high as the page, at most HEIGHT pixels.
 * Mermaid charts are drawn when MERMAID names a copy of mermaid.min.js, and stay text otherwise.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { marked } from 'marked';

const [source, target, ...wishes] = process.argv.slice(2);
if (source === undefined || target === undefined) {
  console.error('usage: render-summary.mjs SUMMARY.md OUT.html|OUT.png [dark] [open]');
  process.exit(2);
}
const theme = wishes.includes('dark') ? 'dark' : 'light';

const body = marked.parse(readFileSync(source, 'utf8'));
const html = page(wishes.includes('open') ? body.replaceAll('<details>', '<details open>') : body);
if (target.endsWith('.png')) {
  screenshot(html, resolve(target));
} else {
  writeFileSync(target, html);
}

function page(body) {
  const mermaid = process.env.MERMAID;
  const charts = mermaid
    ? `<script src="${pathToFileURL(resolve(mermaid))}"></script><script>
      document.querySelectorAll('code.language-mermaid').forEach((code) => {
        const div = document.createElement('div');
        div.className = 'mermaid';
        div.textContent = code.textContent;
        code.parentElement.replaceWith(div);
      });
      mermaid.initialize({ startOnLoad: true, theme: '${theme === 'dark' ? 'dark' : 'default'}' });
    </script>`
    : '';
  return `<!doctype html><meta charset="utf-8"><style>${css(theme)}</style><main>${body}</main>${charts}
    <script>addEventListener('load', () => {
      document.body.dataset.height = Math.ceil(document.querySelector('main').getBoundingClientRect().bottom + 24);
    });</script>`;
}

function screenshot(html, target) {
  const folder = mkdtempSync(join(tmpdir(), 'summary-'));
  try {
    const file = join(folder, 'summary.html');
    writeFileSync(file, html);
    const measured = chromium(file, folder, 1_000, '--dump-dom');
    const height = Number(/data-height="(\d+)"/.exec(measured ?? '')?.[1] ?? 2_400);
    const most = Number(process.env.HEIGHT ?? 10_000);
    if (chromium(file, folder, Math.min(height, most), `--screenshot=${target}`) === undefined) {
      process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What chromium printed; nothing when it failed, which is told. */
function chromium(file, folder, height, wish) {
  const { status, stdout, stderr } = spawnSync(
    process.env.CHROMIUM ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...[
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--hide-scrollbars',
      ],
      `--user-data-dir=${join(folder, 'profile')}`,
      `--window-size=1012,${height}`,
      '--virtual-time-budget=5000',
      '--run-all-compositor-stages-before-draw',
      wish,
      pathToFileURL(file).href,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    console.error(stderr);
    return undefined;
  }
  return stdout;
}

/** The measures of GitHub's Markdown that decide how a summary looks: widths, wrapping, tables, code. */
function css(name) {
  const dark = name === 'dark';
  const [text, muted, page, soft, line, link] = dark
    ? ['#f0f6fc', '#9198a1', '#0d1117', '#151b23', '#3d444d', '#4493f8']
    : ['#1f2328', '#59636e', '#ffffff', '#f6f8fa', '#d1d9e0', '#0969da'];
  return `
    body { margin: 0; background: ${page}; color: ${text};
      font: 16px/1.5 -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif, "Noto Color Emoji"; }
    main { margin: 24px; padding: 0 16px; overflow-wrap: break-word; }
    p, ul, ol, table, pre, blockquote, details { margin: 0 0 16px; }
    h2, h3 { margin: 24px 0 16px; line-height: 1.25; font-weight: 600; }
    h2 { font-size: 1.5em; padding-bottom: .3em; border-bottom: 1px solid ${line}; }
    h3 { font-size: 1.25em; }
    a { color: ${link}; text-decoration: underline; }
    ul, ol { padding-left: 2em; }
    blockquote { padding: 0 1em; color: ${muted}; border-left: .25em solid ${line}; }
    blockquote > :last-child { margin-bottom: 0; }
    table { display: block; width: max-content; max-width: 100%; overflow: auto; border-spacing: 0; border-collapse: collapse; }
    th, td { padding: 6px 13px; border: 1px solid ${line}; }
    th { font-weight: 600; }
    tr { background: ${page}; border-top: 1px solid ${line}; }
    table tr:nth-child(2n) { background: ${soft}; }
    code, pre { font-family: ui-monospace, SFMono-Regular, "Liberation Mono", monospace; }
    code { padding: .2em .4em; font-size: 85%; white-space: break-spaces; background: ${dark ? '#656c7633' : '#818b981f'}; border-radius: 6px; }
    pre { padding: 16px; overflow: auto; font-size: 85%; line-height: 1.45; background: ${soft}; border-radius: 6px; }
    pre code { padding: 0; background: none; white-space: pre; font-size: 100%; }
    sub { font-size: 75%; }
    summary { cursor: pointer; }
  `;
}
