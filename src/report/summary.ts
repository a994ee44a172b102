import type { CheckGroup, CheckResult, JobRecord, RunRecord, SourceLocation, StageStatus } from '../plan.js';
import { BUDGET_BYTES, type Limits, withinBudget } from './budget.js';
import { mermaidChart, sparkline } from './chart.js';
import { consoleLink } from './console.js';
import { renderEndpoint, renderEndpointFigures } from './endpoint.js';
import { code, escapeHtml, oneLine, prose } from './escape.js';
import { bytes, number, plural } from './format.js';
import { details, join, lastLines, leftOut, paragraph, properties, table, time } from './html.js';
import { lateStage } from './late-stage.js';
import { checkLink, commitLink, failureLink, sourceLink } from './link.js';
import { renderModelPackage } from './model-package.js';
import { renderCleanUp } from './removed.js';
import {
  isExplained,
  renderChain,
  renderJob,
  renderJobFigures,
  renderJobLog,
  renderJobMetrics,
} from './training-job.js';
import { explains, failedErrors, failedWarnings, locationOf, type Verdict, verdictOf } from './verdict.js';

export interface SummaryOptions {
  /** Bytes of UTF-8 that the summary may take; below the verdict's own few, the verdict alone is given. */
  readonly budgetBytes?: number;
  /** Folder of the checks' pages on the web; absent: the checks' ids are no links. */
  readonly docsUrl?: string;
}

/**
 * The job summary: the verdict and the next step, then everything that explains them, most useful first. What
 * few look for is folded. Nothing is said twice: a fix that is the next step, or a cause that the diagnosis
 * tells, is not repeated with each check. Markdown for the headings and charts, which are made of constant
 * words; HTML for all that holds text from elsewhere ({@link ./escape.ts} says why).
 */
export function renderSummary(record: RunRecord, options: SummaryOptions = {}): string {
  const page: Page = { record, options, verdict: verdictOf(record) };
  const core = renderVerdict(page);
  const { job, modelPackage, endpoint, cleanUp } = record;
  const rest = (limits: Limits, level: number): string =>
    join([
      endpoint === undefined ? '' : renderEndpointFigures(endpoint),
      job === undefined ? '' : renderJobFigures(job),
      renderCounts(record),
      ...renderFailure(page, limits),
      ...renderDiagnosis(page, limits),
      ...(endpoint === undefined ? [] : renderEndpoint(record, endpoint, limits)),
      ...(cleanUp === undefined ? [] : renderCleanUp(cleanUp, limits)),
      ...(modelPackage === undefined ? [] : renderModelPackage(record, modelPackage, limits)),
      ...(job === undefined ? [] : renderTraining(record, job, limits)),
      ...renderFailedChecks(page, limits),
      ...renderWarnings(page, limits),
      ...renderAllChecks(page, limits),
      // The job's metrics take the place of those of its rehearsal.
      ...(job === undefined ? renderMetrics(record, limits) : []),
      ...(job === undefined && record.push === undefined ? [] : renderChain(record, limits)),
      ...renderRun(record, limits),
      ...renderNotices(record, limits),
      renderOrigin(record, level),
    ]);
  return withinBudget(options.budgetBytes ?? BUDGET_BYTES, core, rest);
}

/** What all parts of one rendering look at. */
interface Page {
  readonly record: RunRecord;
  readonly options: SummaryOptions;
  readonly verdict: Verdict;
}

/** Of a job that failed its log comes first, of one that completed its metrics. */
function renderTraining(record: RunRecord, job: JobRecord, limits: Limits): string[] {
  const log = renderJobLog(job, limits);
  const about = renderJob(record, job, limits);
  const metrics = renderJobMetrics(job, limits);
  return isExplained(job) ? [log, ...about, ...metrics] : [...metrics, ...about, log];
}

function renderVerdict({ record, verdict }: Page): string {
  const { icon, headline, next } = verdict;
  const blocks = [`## ${icon} ${headline}`];
  if (inputMistakes(record).length > 1) {
    blocks.push(paragraph('<strong>Next:</strong> Correct these inputs: nothing runs before all are right.'));
  } else if (next !== undefined) {
    const place = next.location === undefined ? '' : `<br>${where(record, next.location)}`;
    blocks.push(paragraph(`<strong>Next:</strong> ${prose(next.text)}${place}`));
  }
  return join(blocks);
}

const where = (record: RunRecord, location: SourceLocation): string =>
  `<strong>Where:</strong> ${sourceLink(record.source, location)}`;

/** One quiet line of figures under the verdict. */
function renderCounts(record: RunRecord): string {
  if (record.checks.length === 0) {
    return '';
  }
  const count = (status: CheckResult['status']) =>
    record.checks.filter((check) => check.status === status).length;
  const errors = failedErrors(record).length;
  const warnings = failedWarnings(record).length;
  const isAlone = record.job === undefined && record.endpoint === undefined;
  const figures = [
    errors > 0 ? `❌ ${errors} failed` : '',
    warnings > 0 ? `⚠️ ${plural(warnings, 'warning')}` : '',
    count('passed') > 0 ? `✅ ${count('passed')} passed` : '',
    count('skipped') > 0 ? `⏭️ ${count('skipped')} skipped` : '',
    isAlone ? `⏱️ ${time(record.seconds)}` : '',
  ];
  const of = isAlone ? '' : 'Smoke test: ';
  return paragraph(of + figures.filter((figure) => figure !== '').join(' &nbsp; '));
}

const inputMistakes = (record: RunRecord): readonly string[] =>
  record.outcome === 'invalid-input' ? (record.failure?.lines ?? []) : [];

function renderFailure({ record, verdict }: Page, limits: Limits): string[] {
  const { failure } = record;
  const canceled = canceledDetail(record);
  if (failure === undefined && canceled !== undefined) {
    return ['### What happened', paragraph(prose(canceled, limits.fieldCharacters))];
  }
  const mistakes = inputMistakes(record);
  // A job that failed is told by its diagnosis, its status and its log.
  const isTold =
    record.job !== undefined && record.diagnosis !== undefined && lateStage(record) === undefined;
  if (failure === undefined || mistakes.length === 1 || (isTold && record.outcome === 'failed')) {
    return [];
  }
  if (mistakes.length > 1) {
    const shown = mistakes.slice(0, limits.rows);
    const items = shown.map((line) => `<li><p>${inputMistake(line, limits)}</p></li>`);
    return [`<ol>\n${items.join('\n')}\n</ol>`, leftOut(mistakes.length - shown.length, 'mistake')];
  }
  return [
    '### What happened',
    paragraph(prose(failure.message, limits.fieldCharacters) + fixUnlessNext(failure.fix, verdict, limits)),
    // The lines of jobs and endpoints are those of their log.
    record.job === undefined && record.endpoint === undefined
      ? lastLines(failure.lines ?? [], limits, 'output', true)
      : '',
  ];
}

/** How a canceled stage left an endpoint, in its own words. */
function canceledDetail({ outcome, stages, endpoint }: RunRecord): string | undefined {
  return outcome === 'canceled' && endpoint !== undefined
    ? stages.find(({ status }) => status === 'canceled')?.detail
    : undefined;
}

/** `input "value": rule fix`, each part as what it is. */
function inputMistake(line: string, limits: Limits): string {
  const [, input, value, rest] = /^([\w-]{1,100})(?: ("(?:[^"\\]|\\.)*"))?: (.*)$/s.exec(line) ?? [];
  if (input === undefined || rest === undefined) {
    return prose(line, limits.fieldCharacters);
  }
  const given = value === undefined ? '' : ` ${code(value, Math.min(300, limits.fieldCharacters))}`;
  return `<strong>${code(input)}</strong>${given}<br>${prose(rest, limits.fieldCharacters)}`;
}

/** Reads on behind what it follows. */
function fixUnlessNext(fix: string | undefined, { next }: Verdict, limits: Limits): string {
  return fix === undefined || oneLine(fix) === next?.text
    ? ''
    : `<br><strong>Fix:</strong> ${prose(fix, limits.fieldCharacters)}`;
}

function renderDiagnosis({ record, options, verdict }: Page, limits: Limits): string[] {
  const { diagnosis } = record;
  if (diagnosis === undefined) {
    return [];
  }
  const { location, evidence } = diagnosis;
  const rows: (readonly [string, string])[] = [['Cause', prose(diagnosis.cause, limits.fieldCharacters)]];
  if (evidence !== '') {
    rows.push(['Evidence', code(evidence, limits.fieldCharacters)]);
  }
  if (oneLine(diagnosis.fix) !== verdict.next?.text) {
    rows.push(['Fix', prose(diagnosis.fix, limits.fieldCharacters)]);
  }
  if (location !== undefined && location !== verdict.next?.location) {
    rows.push(['Where', sourceLink(record.source, location)]);
  }
  if (diagnosis.link !== undefined) {
    rows.push(['Page', consoleLink('Service Quotas', diagnosis.link)]);
  }
  if (diagnosis.id !== 'unknown') {
    rows.push(['Class', failureLink(diagnosis.class, options.docsUrl)]);
  }
  return ['### Why it failed', properties(rows)];
}

function renderFailedChecks(page: Page, limits: Limits): string[] {
  return renderChecks('Failed checks', '❌', failedErrors(page.record), 'failed check', page, limits);
}

function renderWarnings(page: Page, limits: Limits): string[] {
  return renderChecks('Warnings', '⚠️', failedWarnings(page.record), 'warning', page, limits);
}

function renderChecks(
  heading: string,
  icon: string,
  checks: readonly CheckResult[],
  what: string,
  page: Page,
  limits: Limits,
): string[] {
  if (checks.length === 0) {
    return [];
  }
  const shown = checks.slice(0, limits.rows);
  return [
    `### ${heading}`,
    ...shown.flatMap((check, index) => renderCheck(icon, check, index === 0, page, limits)),
    leftOut(checks.length - shown.length, what),
  ];
}

function renderCheck(
  icon: string,
  check: CheckResult,
  first: boolean,
  { record, options, verdict }: Page,
  limits: Limits,
): string[] {
  const text = (part: string) => prose(part, limits.fieldCharacters);
  const { diagnosis } = record;
  const location = locationOf(record, check);
  const isNew =
    location !== undefined && location !== diagnosis?.location && location !== verdict.next?.location;
  const evidence = seen(check, record);
  const lines = [
    `${icon} <strong>${text(check.title)}</strong> ${checkLink(check.id, options.docsUrl)}`,
    evidence === '' ? '' : text(evidence),
    isNew ? where(record, location) : '',
  ].filter((line) => line !== '');
  const fix = check.fix === diagnosis?.fix ? '' : fixUnlessNext(check.fix, verdict, limits);
  const isError = check.severity === 'error';
  return [
    paragraph(lines.join('<br>') + fix),
    lastLines(check.lines ?? [], limits, 'the container’s output', first && isError),
  ];
}

/** The evidence without what the diagnosis says of it. */
const seen = (check: CheckResult, { diagnosis }: RunRecord): string =>
  explains(diagnosis, check)
    ? check.evidence.replace(diagnosis.cause, '').replace(/ {2,}/g, ' ').trim()
    : check.evidence;

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
    table(['Metric', 'Last value', 'Values', 'Trend'], rows),
    leftOut(record.metrics.length - shown.length, 'metric'),
    // Blank lines around the charts: inside of an HTML block their Markdown would be plain text.
    ...(charts.length === 0 ? [] : ['<details><summary>Charts</summary>', ...charts, '</details>']),
  ];
}

const STAGE_ICONS: Record<StageStatus, string> = { passed: '✅', failed: '❌', skipped: '⏭️', canceled: '⏹️' };

function renderRun(record: RunRecord, limits: Limits): string[] {
  const { stages, image } = record;
  if (stages.length === 0 && image === undefined) {
    return [];
  }
  const rows = stages.map(({ stage, status, seconds, detail }) => [
    // What is not known is not said to have failed.
    `${record.outcome === 'unknown' && status === 'failed' ? '⚠️' : STAGE_ICONS[status]} ${stage}`,
    status === 'skipped' ? '–' : time(seconds),
    prose(detail, limits.fieldCharacters),
  ]);
  return [
    '### Run',
    rows.length === 0 ? '' : table(['Stage', 'Time', 'Result'], rows),
    image === undefined || record.push !== undefined
      ? ''
      : paragraph(
          `<strong>Image:</strong> ${code(image.uri, 500)} · ${code(image.platform, 100)} · ` +
            `${bytes(image.sizeBytes)}<br>${code(image.id, 100)}`,
        ),
  ];
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
const HEADINGS: Record<CheckGroup, string> = { image: 'Image', training: 'Training', hosting: 'Hosting' };

function renderAllChecks({ record, options }: Page, limits: Limits): string[] {
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
        prose(seen(check, record), Math.min(400, limits.fieldCharacters)),
        check.seconds === undefined ? '' : time(check.seconds),
      ]);
    return rows.length === 0 ? [] : [table(['', HEADINGS[group], 'What was seen', 'Time'], rows)];
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
