import type { RunRecord } from '../plan.js';
import { type Limits, withinBudget } from './budget.js';
import { renderEndpointFigures } from './endpoint.js';
import { code, escapeHtml, oneLine, prose } from './escape.js';
import { number, plural } from './format.js';
import { join, leftOut, paragraph, table } from './html.js';
import { lateStage } from './late-stage.js';
import { checkLink, commitLink, runLink, sourceLink } from './link.js';
import { renderJobFigures, renderJobMetrics } from './training-job.js';
import { failedErrors, failedWarnings, verdictOf } from './verdict.js';

export interface CommentOptions {
  /** What the comment is found by when it is brought up to date: a hidden line, made of hex digits. */
  readonly key: string;
  /** Folder of the checks' pages on the web; absent: the checks' ids are no links. */
  readonly docsUrl?: string;
}

/** GitHub takes comments of 65,536 characters; nobody reads one of a tenth of that. */
const BUDGET_BYTES = 20_000;
const MOST = 10;

/** The line that a comment of this key begins with. No reader sees it. */
export const markerOf = (key: string): string => `<!-- sagemaker-byoc ${key.replace(/[^0-9a-f]/g, '')} -->`;

/** The short form for a pull request: the verdict, the next step, the metrics, and where the rest is. */
export function renderComment(record: RunRecord, { key, docsUrl }: CommentOptions): string {
  const { icon, headline, next } = verdictOf(record);
  const core = join([`${markerOf(key)}\n### ${icon} ${headline}`]);
  const rest = (limits: Limits, _level: number): string => {
    const few: Limits = { ...limits, rows: Math.min(limits.rows, MOST), charts: 0, blockBytes: 0 };
    const place =
      next?.location === undefined
        ? ''
        : `<br><strong>Where:</strong> ${sourceLink(record.source, next.location)}`;
    return join([
      next === undefined
        ? ''
        : paragraph(`<strong>Next:</strong> ${prose(next.text, few.fieldCharacters)}${place}`),
      ...renderWhy(record, few, next?.text),
      record.endpoint === undefined ? '' : renderEndpointFigures(record.endpoint),
      record.job === undefined ? '' : renderJobFigures(record.job),
      ...renderFailed(record, few, docsUrl),
      // Without the heading, which a comment of this length does not need.
      ...(record.job === undefined
        ? renderLastValues(record, few)
        : renderJobMetrics(record.job, few).slice(1)),
      renderFooter(record),
    ]);
  };
  return withinBudget(BUDGET_BYTES, core, rest);
}

/** Why what came after training failed: who reads the comment must know what is live. */
function renderWhy(record: RunRecord, limits: Limits, next: string | undefined): string[] {
  const { failure } = record;
  if (failure === undefined || lateStage(record) === undefined || oneLine(failure.message) === next)
    return [];
  return [paragraph(prose(failure.message, limits.fieldCharacters))];
}

function renderFailed(record: RunRecord, limits: Limits, docsUrl: string | undefined): string[] {
  const failed = [
    ...failedErrors(record).map((check) => ({ icon: '❌', check })),
    ...failedWarnings(record).map((check) => ({ icon: '⚠️', check })),
  ];
  const shown = failed.slice(0, limits.rows);
  if (shown.length === 0) return [];
  const items = shown.map(
    ({ icon, check }) =>
      `${icon} ${prose(check.title, limits.fieldCharacters)} ${checkLink(check.id, docsUrl)}`,
  );
  return [paragraph(items.join('<br>')), leftOut(failed.length - shown.length, 'check')];
}

function renderLastValues({ metrics }: RunRecord, limits: Limits): string[] {
  const shown = metrics.slice(0, limits.rows);
  if (shown.length === 0) return [];
  const rows = shown.map(({ name, values }) => {
    const last = values.at(-1);
    return [code(name, 200), last === undefined ? 'no value' : escapeHtml(number(last))];
  });
  return [
    table(['Metric of the smoke test', 'Last value'], rows),
    leftOut(metrics.length - shown.length, 'metric'),
  ];
}

function renderFooter({ source, checks }: RunRecord): string {
  const commit = commitLink(source);
  const run = runLink(source, 'The whole report');
  const parts = [
    run ?? '',
    checks.length === 0 ? '' : plural(checks.length, 'check'),
    commit === undefined ? '' : `commit ${commit}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `<p><sub>${parts.join(' · ')}</sub></p>`;
}
