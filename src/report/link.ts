import type { SourceLocation, SourceRecord } from '../plan.js';
import { code, escapeHtml } from './escape.js';

/**
 * A place in the repository as the commit has it: a link when every part of the address is known to be
 * harmless, else its name as code. A path comes out of a traceback, so nothing of it is trusted.
 */
export function sourceLink(source: SourceRecord, location: SourceLocation): string {
  const lines =
    location.endLine !== undefined && location.endLine > location.line
      ? `${location.line}–${location.endLine}`
      : `${location.line}`;
  const label = code(`${location.path}:${lines}`, 300);
  const url = sourceUrl(source, location);
  return url === undefined ? label : `<a href="${escapeHtml(url)}">${label}</a>`;
}

export function sourceUrl(source: SourceRecord, location: SourceLocation): string | undefined {
  const root = repositoryUrl(source);
  const segments = location.path.toWellFormed().split('/');
  if (
    root === undefined ||
    !isCommit(source.commit) ||
    !Number.isSafeInteger(location.line) ||
    location.line < 1 ||
    location.path.length > 1_000 ||
    segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  ) {
    return undefined;
  }
  const end = location.endLine;
  const lines =
    end !== undefined && Number.isSafeInteger(end) && end > location.line
      ? `#L${location.line}-L${end}`
      : `#L${location.line}`;
  return `${root}/blob/${source.commit}/${segments.map(encodeURIComponent).join('/')}${lines}`;
}

export function commitLink(source: SourceRecord): string | undefined {
  const root = repositoryUrl(source);
  if (!isCommit(source.commit)) {
    return undefined;
  }
  const label = code(source.commit.slice(0, 7));
  return root === undefined
    ? label
    : `<a href="${escapeHtml(`${root}/commit/${source.commit}`)}">${label}</a>`;
}

/** The run's page on GitHub; undefined when its address is not surely harmless. */
export function runLink({ runUrl }: SourceRecord, text: string): string | undefined {
  const url = webUrl(runUrl);
  return url === undefined ? undefined : `<a href="${escapeHtml(url)}">${escapeHtml(text)}</a>`;
}

/** A page of the run's own repository on GitHub; undefined when it is not surely one. */
export function repositoryPageLink(
  source: SourceRecord,
  url: string | undefined,
  text: string,
): string | undefined {
  const root = repositoryUrl(source);
  const page = webUrl(url);
  return root === undefined || page === undefined || !page.startsWith(`${root}/`)
    ? undefined
    : `<a href="${escapeHtml(page)}">${escapeHtml(text)}</a>`;
}

/** A check's id, linked to its page. */
export function checkLink(id: string, docsUrl: string | undefined): string {
  const root = webUrl(docsUrl);
  if (root === undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
    return code(id, 100);
  }
  return `<a href="${escapeHtml(`${root}/${id}.md`)}">${code(id, 100)}</a>`;
}

/** A failure's class, linked to its row on the page of all classes, which lies beside the folder of the checks' pages. */
export function failureLink(name: string, docsUrl: string | undefined): string {
  const root = webUrl(docsUrl)?.replace(/\/[^/]+$/, '');
  if (root === undefined) {
    return code(name, 100);
  }
  const row = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? `#${name}` : '';
  return `<a href="${escapeHtml(`${root}/failures.md${row}`)}">${code(name, 100)}</a>`;
}

function repositoryUrl({ repository, serverUrl = 'https://github.com' }: SourceRecord): string | undefined {
  const root = webUrl(serverUrl);
  if (root === undefined || repository === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    return undefined;
  }
  return repository.split('/').some((name) => /^\.+$/.test(name)) ? undefined : `${root}/${repository}`;
}

function isCommit(commit: string | undefined): commit is string {
  return commit !== undefined && /^[0-9a-f]{7,64}$/i.test(commit);
}

function webUrl(text: string | undefined): string | undefined {
  if (text === undefined || !/^https?:\/\//.test(text) || !URL.canParse(text)) {
    return undefined;
  }
  const url = new URL(text);
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
