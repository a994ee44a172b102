import type { CheckGroup, CheckResult, Diagnosis, Failure, RunRecord, StageStatus } from '../plan.js';
import { BUDGET_BYTES, excerpt, type Limits, withinBudget } from './budget.js';
import { mermaidChart, sparkline } from './chart.js';
import { code, escapeHtml, prose } from './escape.js';
import { bytes, duration, number, plural } from './format.js';
import { checkLink, commitLink, sourceLink } from './link.js';
import { failedErrors, failedWarnings, locationOf, verdictOf } from './verdict.js';

export interface SummaryOptions {
  /** Bytes of UTF-8 that the summary may take; below the verdict's own few, the verdict alone is given. */
  readonly budgetBytes?: number;
  /** Folder of the checks' pages on the web; absent: the checks' ids are no links. */
  readonly docsUrl?: string;
}

/**
 * The job summary: the verdict and the next step, then everything that explains them, most useful first, and
 * at the end, folded, every check. Markdown for the headings and charts, which are made of constant words;
 * HTML for all that holds text from elsewhere ({@link ./escape.ts} says why).
 */
export function renderSummary(record: RunRecord, options: SummaryOptions = {}): string {
  const core = renderVerdict(record);
  const details = (limits: Limits, level: number): string =>
    join([
      renderCounts(record),
      ...renderFailure(record.failure, record, limits),
      ...renderFailedChecks(record, limits, options),
      ...renderWarnings(record, limits, options),
      ...renderDiagnosis(record.diagnosis, record, limits),
      ...renderMetrics(record, limits),
      ...renderRun(record, limits),
      ...renderNotices(record, limits),
      ...renderAllChecks(record, limits, options),
      renderOrigin(record, level),
    ]);
  return withinBudget(options.budgetBytes ?? BUDGET_BYTES, core, details);
}

/** Blocks stand apart by a blank line, which also ends an HTML block. */
const join = (blocks: readonly string[]): string =>
  blocks
    .filter((block) => block !== '')
    .map((block) => `${block}\n\n`)
    .join('');

const paragraph = (html: string): string => `<p>${html}</p>`;

const details = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n${body}\n</details>`;

function renderVerdict(record: RunRecord): string {
  const { icon, headline, next } = verdictOf(record);
  const blocks = [`## ${icon} ${headline}`];
  if (next !== undefined) {
    const place = next.location === undefined ? '' : `<br>at ${sourceLink(record.source, next.location)}`;
    blocks.push(`<blockquote><p><strong>Next:</strong> ${prose(next.text)}${place}</p></blockquote>`);
  }
  return join(blocks);
}

/** One quiet line of figures under the verdict. */
function renderCounts(record: RunRecord): string {
  const count = (status: CheckResult['status']) =>
    record.checks.filter((check) => check.status === status).length;
  const errors = failedErrors(record).length;
  const warnings = failedWarnings(record).length;
  const figures = [
    errors > 0 ? `❌ ${errors} failed` : '',
    warnings > 0 ? `⚠️ ${plural(warnings, 'warning')}` : '',
    count('passed') > 0 ? `✅ ${count('passed')} passed` : '',
    count('skipped') > 0 ? `⏭️ ${count('skipped')} skipped` : '',
    `⏱️ ${duration(record.seconds)}`,
  ];
  return paragraph(figures.filter((figure) => figure !== '').join(' &nbsp; '));
}

function renderFailure(failure: Failure | undefined, record: RunRecord, limits: Limits): string[] {
  if (failure === undefined) {
    return [];
  }
  const isInput = record.outcome === 'invalid-input';
  const text = (part: string) => prose(part, limits.fieldCharacters);
  const blocks = ['### What happened', paragraph(text(failure.message))];
  const lines = failure.lines ?? [];
  if (isInput && lines.length > 0) {
    const problems = lines.slice(0, limits.rows).map((line) => `<li>${text(line)}</li>`);
    blocks.push(`<ol>\n${problems.join('\n')}\n</ol>`, leftOut(lines.length - problems.length, 'problem'));
  }
  if (failure.fix !== undefined) {
    blocks.push(paragraph(`<strong>Fix:</strong> ${text(failure.fix)}`));
  }
  if (!isInput) {
    blocks.push(lastLines(lines, limits, 'output', true));
  }
  return blocks;
}

function renderFailedChecks(record: RunRecord, limits: Limits, options: SummaryOptions): string[] {
  const failed = failedErrors(record);
  if (failed.length === 0) {
    return [];
  }
  const shown = failed.slice(0, limits.rows);
  return [
    '### Failed checks',
    ...shown.flatMap((check) => renderCheck('❌', check, record, limits, options)),
    leftOut(failed.length - shown.length, 'failed check'),
  ];
}

function renderWarnings(record: RunRecord, limits: Limits, options: SummaryOptions): string[] {
  const failed = failedWarnings(record);
  if (failed.length === 0) {
    return [];
  }
  const shown = failed.slice(0, limits.rows);
  return [
    '### Warnings',
    ...shown.flatMap((check) => renderCheck('⚠️', check, record, limits, options)),
    leftOut(failed.length - shown.length, 'warning'),
  ];
}

function renderCheck(
  icon: string,
  check: CheckResult,
  record: RunRecord,
  limits: Limits,
  options: SummaryOptions,
): string[] {
  const text = (part: string) => prose(part, limits.fieldCharacters);
  const location = locationOf(record, check);
  const place = location === undefined ? '' : ` at ${sourceLink(record.source, location)}`;
  const fix = check.fix === undefined ? '' : `<br><strong>Fix:</strong> ${text(check.fix)}`;
  return [
    paragraph(
      `${icon} <strong>${text(check.title)}</strong> ${checkLink(check.id, options.docsUrl)}<br>` +
        `${text(check.evidence)}${place}${fix}`,
    ),
    lastLines(check.lines ?? [], limits, 'the container’s output', false),
  ];
}

function renderDiagnosis(diagnosis: Diagnosis | undefined, record: RunRecord, limits: Limits): string[] {
  if (diagnosis === undefined) {
    return [];
  }
  const text = (part: string) => prose(part, limits.fieldCharacters);
  const place =
    diagnosis.location === undefined
      ? []
      : [['Where', sourceLink(record.source, diagnosis.location)] as const];
  const rows = [
    ['Cause', text(diagnosis.cause)] as const,
    ['Fix', text(diagnosis.fix)] as const,
    ...place,
    ['Class', `${code(diagnosis.class, 100)} ${code(diagnosis.id, 40)}`] as const,
  ];
  return [
    '### Diagnosis',
    properties(rows),
    diagnosis.evidence === '' ? '' : preformatted(diagnosis.evidence.split('\n'), limits),
  ];
}

function renderMetrics(record: RunRecord, limits: Limits): string[] {
  if (record.metrics.length === 0) {
    return [];
  }
  const shown = record.metrics.slice(0, limits.rows);
  const rows = shown.map(({ name, values }) => {
    const last = values.at(-1);
    return [
      code(name, Math.min(200, limits.fieldCharacters)),
      last === undefined ? 'no value' : `<strong>${escapeHtml(number(last))}</strong>`,
      String(values.length),
      sparkline(values),
    ];
  });
  const charts = shown
    .flatMap(({ name, values }) => {
      const chart = mermaidChart(values);
      return chart === undefined ? [] : [{ name, chart }];
    })
    .slice(0, limits.charts)
    .flatMap(({ name, chart }) => [paragraph(code(name, 200)), chart]);
  return [
    '### Metrics',
    table(['Metric', 'Last value', 'Values', 'Course'], rows),
    leftOut(record.metrics.length - shown.length, 'metric'),
    ...charts,
  ];
}

const STAGE_ICONS: Record<StageStatus, string> = { passed: '✅', failed: '❌', skipped: '⏭️', canceled: '⏹️' };

function renderRun(record: RunRecord, limits: Limits): string[] {
  const { stages, image } = record;
  const blocks: string[] = [];
  if (stages.length > 0) {
    const rows = stages.map(({ stage, status, seconds, detail }) => [
      `${STAGE_ICONS[status]} ${stage}`,
      duration(seconds),
      prose(detail, limits.fieldCharacters),
    ]);
    blocks.push('### Stages', table(['Stage', 'Time', 'Result'], rows));
  }
  if (image !== undefined) {
    blocks.push(
      '### Image',
      properties([
        ['Reference', code(image.uri, 500)],
        ['Id', code(image.id, 100)],
        ['Platform', code(image.platform, 100)],
        ['Size', bytes(image.sizeBytes)],
      ]),
    );
  }
  return blocks;
}

function renderNotices(record: RunRecord, limits: Limits): string[] {
  if (record.notices.length === 0) {
    return [];
  }
  const shown = record.notices.slice(0, limits.rows);
  const items = shown.map((notice) => `<li>${prose(notice, limits.fieldCharacters)}</li>`);
  return [
    '### Notes',
    `<ul>\n${items.join('\n')}\n</ul>`,
    leftOut(record.notices.length - shown.length, 'note'),
  ];
}

const GROUPS: readonly CheckGroup[] = ['image', 'training', 'hosting'];

function renderAllChecks(record: RunRecord, limits: Limits, options: SummaryOptions): string[] {
  if (record.checks.length === 0) {
    return [];
  }
  const shown = record.checks.slice(0, limits.rows);
  const tables = GROUPS.flatMap((group) => {
    const rows = shown
      .filter((check) => check.group === group)
      .map((check) => [
        statusIcon(check),
        `${prose(check.title, limits.fieldCharacters)}<br>${checkLink(check.id, options.docsUrl)}`,
        prose(check.evidence, Math.min(400, limits.fieldCharacters)),
        check.seconds === undefined ? '' : duration(check.seconds).replaceAll(' ', '&nbsp;'),
      ]);
    return rows.length === 0 ? [] : [table(['', group, 'What was seen', 'Time'], rows)];
  });
  return [
    details(`<strong>All ${plural(record.checks.length, 'check')}</strong>`, tables.join('\n')),
    leftOut(record.checks.length - shown.length, 'check'),
  ];
}

function statusIcon({ status, severity }: CheckResult): string {
  if (status === 'failed') {
    return severity === 'error' ? '❌' : '⚠️';
  }
  return status === 'passed' ? '✅' : '⏭️';
}

function renderOrigin(record: RunRecord, level: number): string {
  const { source } = record;
  const commit = commitLink(source);
  const parts = [
    commit === undefined ? '' : `Commit ${commit}`,
    source.ref === undefined ? '' : code(source.ref, 200),
    level > 0 ? 'shortened to what GitHub shows; the JSON report has everything' : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `<p><sub>${parts.join(' · ')}</sub></p>`;
}

function lastLines(lines: readonly string[], limits: Limits, of: string, open: boolean): string {
  if (lines.length === 0 || limits.blockBytes === 0) {
    return '';
  }
  const { html, shown } = excerpt(lines, limits.blockBytes);
  const count =
    shown === lines.length ? plural(shown, 'line') : `${shown} of ${plural(lines.length, 'line')}`;
  const body = `<pre>${html}</pre>`;
  return `<details${open ? ' open' : ''}><summary>Last ${count} of ${of}</summary>\n${body}\n</details>`;
}

function preformatted(lines: readonly string[], limits: Limits): string {
  return limits.blockBytes === 0 ? '' : `<pre>${excerpt(lines, limits.blockBytes).html}</pre>`;
}

function leftOut(count: number, what: string): string {
  return count > 0 ? paragraph(`… and ${plural(count, `more ${what}`)}: the JSON report has them all.`) : '';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
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

function properties(rows: readonly (readonly [name: string, html: string])[]): string {
  const lines = rows.map(([name, html]) => `<tr><th align="left">${name}</th><td>${html}</td></tr>`);
  return ['<table>', ...lines, '</table>'].join('\n');
}
