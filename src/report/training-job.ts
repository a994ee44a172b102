import type { JobRecord, PushRecord, RunRecord } from '../plan.js';
import { excerpt, type Limits } from './budget.js';
import { mermaidChart, sparkline } from './chart.js';
import { consoleLink, imagePage, objectPage } from './console.js';
import { COST_HINT, dollars, spotSaving } from './cost.js';
import { code, escapeHtml, prose } from './escape.js';
import { bytes, number, plural } from './format.js';
import { type Gate, isJudged } from './gate.js';
import { details, lastLines, leftOut, paragraph, properties, table, time } from './html.js';
import { goesOn } from './job-verdict.js';
import { commitLink } from './link.js';
import { renderTimeline } from './timeline.js';

/** One quiet line of figures under the verdict. */
export function renderJobFigures(job: JobRecord): string {
  const judged = job.gates.filter((gate) => isJudged(gate, job));
  const gates = judged.length;
  const passed = judged.filter((gate) => gate.passed).length;
  const figures = [
    `${iconOf(job)} ${statusOf(job)}`,
    job.trainingSeconds === undefined ? '' : `⏱️ ${time(job.trainingSeconds)} trained`,
    job.cost === undefined ? '' : `💵 about ${escapeHtml(dollars(job.cost.usd))}`,
    gates === 0 ? '' : `🎯 ${passed} of ${plural(gates, 'gate')} passed`,
  ];
  return paragraph(figures.filter((figure) => figure !== '').join(' &nbsp; '));
}

function iconOf(job: JobRecord): string {
  if (job.status === 'Completed' || job.stoppedEarly === true) return '✅';
  if (job.status === 'Failed') return '❌';
  if (job.status === 'Unknown') return '⚠️';
  return goesOn(job) ? '🏃' : '⏹️';
}

/** `Stopped (MaxRuntimeExceeded)`; statuses are AWS's words, and may be new ones. */
function statusOf({ status, secondaryStatus }: JobRecord): string {
  const second =
    secondaryStatus === undefined || secondaryStatus === status ? '' : ` (${prose(secondaryStatus, 60)})`;
  return `${prose(status, 60)}${second}`;
}

/** The job itself: where it ran, how long, what it cost, and what it went through. */
export function renderJob(record: RunRecord, job: JobRecord, limits: Limits): string[] {
  return [
    '### Training job',
    properties(jobRows(record, job, limits)),
    ...renderTimeline(job.transitions, limits),
    ...renderRequest(job, limits),
  ];
}

/** The end of the log, open where it explains something. */
export const renderJobLog = (job: JobRecord, limits: Limits): string =>
  lastLines(job.logTail, limits, logOf(job), isExplained(job) && job.logTailBeforeRestart !== true);

/** Whose log it is, which matters where there are several hosts. */
export function logOf({ instanceCount, logTailHost, logTailBeforeRestart }: JobRecord): string {
  const log =
    instanceCount > 1 && logTailHost !== undefined
      ? `the log of ${escapeHtml(logTailHost)}`
      : 'the job’s log';
  return logTailBeforeRestart === true ? `${log}, from before it was started again` : log;
}

/** Whether the log is the first thing to look at. */
export const isExplained = ({ status, stoppedEarly }: JobRecord): boolean =>
  status === 'Failed' || (status === 'Stopped' && stoppedEarly !== true);

function jobRows(record: RunRecord, job: JobRecord, limits: Limits): (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [['Job', consoleLink(job.name, job.consoleUrl)]];
  const joined = job.joined ? ', joined: it was there when this run looked' : '';
  rows.push(['Status', `${iconOf(job)} ${statusOf(job)}${joined}`]);
  if (job.stoppedBecause !== undefined) {
    rows.push(['Stopped because', prose(job.stoppedBecause, limits.fieldCharacters)]);
  }
  const reason = job.failureReason?.trim() ?? '';
  if (reason !== '' && reason !== record.diagnosis?.evidence) {
    rows.push(['SageMaker’s reason', code(reason, Math.min(1_100, limits.fieldCharacters))]);
  }
  if (job.exitMessage !== undefined && job.exitMessage.trim() !== '') {
    rows.push(['Exit message', code(job.exitMessage, limits.fieldCharacters)]);
  }
  const spot = job.spot ? ', spot' : '';
  rows.push([
    'Instances',
    `${job.instanceCount} × ${code(job.instanceType, 60)}${spot} in ${code(job.region, 40)}`,
  ]);
  const trained = timesOf(job);
  if (trained !== '') rows.push(['Time', trained]);
  rows.push(...costRow(job));
  if (job.logsUrl !== undefined) rows.push(['Log', consoleLink('CloudWatch', job.logsUrl)]);
  return rows;
}

function timesOf(job: JobRecord): string {
  const { trainingSeconds, billableSeconds, instanceCount } = job;
  const saving = spotSaving(job);
  return [
    trainingSeconds === undefined ? '' : `${time(trainingSeconds)} trained`,
    billableSeconds === undefined
      ? ''
      : `${time(billableSeconds)} billed${instanceCount > 1 ? ' for each instance' : ''}`,
    saving === undefined ? '' : `<strong>spot saved ${Math.round(saving * 100)}&nbsp;%</strong>`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function costRow({ cost, billableSeconds }: JobRecord): (readonly [string, string])[] {
  if (cost === undefined) {
    // A job that billed nothing yet needs no hint about its price.
    return billableSeconds === undefined ? [] : [['Cost', prose(COST_HINT)]];
  }
  const hourly = `${escapeHtml(number(cost.hourlyPrice))} USD an hour and instance`;
  return [
    [
      'Cost',
      `about <strong>${escapeHtml(dollars(cost.usd))}</strong>, an estimate: billed time at ${hourly} (${prose(cost.source, 200)})`,
    ],
  ];
}

function renderRequest({ request, overridden = [] }: JobRecord, limits: Limits): string[] {
  const names = overridden.slice(0, Math.min(40, limits.rows)).map((path) => code(path, 200));
  const more = overridden.length - names.length;
  const said =
    names.length === 0
      ? ''
      : paragraph(
          `<strong>Set by ${code('training-overrides')}:</strong> ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
        );
  if (request === undefined || limits.blockBytes === 0) return [said];
  const lines = (JSON.stringify(request, null, 2) ?? '').split('\n');
  const body = `<pre>${excerpt(lines, Math.min(limits.blockBytes, 32_000)).html}</pre>`;
  return [said, details('Request of CreateTrainingJob, as it was sent', body)];
}

/** Final values beside the baseline's and the gates', and their curves. */
export function renderJobMetrics(job: JobRecord, limits: Limits): string[] {
  const names = metricNames(job);
  if (names.length === 0) return [];
  const shown = names.slice(0, limits.rows);
  const { baseline } = job;
  const hasGates = job.gates.length > 0;
  const hasSeries = (job.series ?? []).some(({ values }) => values.length > 1);
  const rows = shown.map((name) => {
    const final = finalOf(job, name);
    const before = baseline?.metrics.find((metric) => metric.name === name)?.value;
    const gates = job.gates.filter(({ metric }) => metric === name);
    return [
      code(name, Math.min(200, limits.fieldCharacters)),
      final === undefined ? 'no value' : `<strong>${escapeHtml(number(final))}</strong>`,
      ...(baseline === undefined
        ? []
        : [before === undefined ? '' : escapeHtml(number(before)), change(before, final)]),
      ...(hasGates ? [gates.map((gate) => gateCell(gate, job)).join('<br>')] : []),
      ...(hasSeries ? [sparkline(seriesOf(job, name))] : []),
    ];
  });
  const head = [
    'Metric',
    job.status === 'Completed' ? 'Final value' : 'Last value',
    ...(baseline === undefined ? [] : ['Baseline', 'Change']),
    ...(hasGates ? ['Gate'] : []),
    ...(hasSeries ? ['Trend'] : []),
  ];
  const charts = shown
    .flatMap((name) => {
      const chart = mermaidChart(seriesOf(job, name));
      return chart === undefined ? [] : [{ name, chart }];
    })
    .slice(0, limits.charts)
    .flatMap(({ name, chart }) => [paragraph(code(name, 200)), chart]);
  return [
    '### Metrics',
    table(head, rows),
    baseline === undefined
      ? ''
      : paragraph(`Baseline: the job ${code(baseline.jobName, 100)} of ${code(baseline.ref, 200)}.`),
    leftOut(names.length - shown.length, 'metric'),
    // Blank lines around the charts: inside of an HTML block their Markdown would be plain text.
    ...(charts.length === 0 ? [] : ['<details open><summary>Curves</summary>', ...charts, '</details>']),
  ];
}

/** Those with a gate first: they decide. */
function metricNames({ gates, finalMetrics, series = [] }: JobRecord): string[] {
  return [
    ...new Set([
      ...gates.map(({ metric }) => metric),
      ...finalMetrics.map(({ name }) => name),
      ...series.map(({ name }) => name),
    ]),
  ];
}

const seriesOf = ({ series = [] }: JobRecord, name: string): readonly number[] =>
  series.find((metric) => metric.name === name)?.values ?? [];

/** The API's value; before it has one, the last of the log. */
export function finalOf(job: JobRecord, name: string): number | undefined {
  return job.finalMetrics.find((metric) => metric.name === name)?.value ?? seriesOf(job, name).at(-1);
}

function change(before: number | undefined, now: number | undefined): string {
  if (before === undefined || now === undefined) return '';
  const difference = now - before;
  if (difference === 0) return '±0';
  const sign = difference > 0 ? '+' : '−';
  const share = (Math.abs(difference) / Math.abs(before)) * 100;
  const relative =
    before === 0 || !Number.isFinite(share) ? '' : ` (${sign}${number(Number(share.toPrecision(2)))}&nbsp;%)`;
  return `${sign}${escapeHtml(number(Math.abs(Number(difference.toPrecision(4)))))}${relative}`;
}

function gateCell(gate: Gate, job: JobRecord): string {
  const { operator, value, passed } = gate;
  const icon = passed ? '✅' : isJudged(gate, job) ? '❌' : '⏭️';
  return `${icon} ${escapeHtml(`${operator} ${number(value)}`)}`;
}

/** Commit → image → job → model → version, each named so that it can be nothing else. */
export function renderChain(record: RunRecord, limits: Limits): string[] {
  const { push, job, modelPackage, source } = record;
  const commit = commitLink(source);
  const rows: (readonly [string, string])[] = [
    ...(commit === undefined ? [] : [['Commit', commit] as const]),
    ...(push === undefined
      ? job?.image === undefined
        ? []
        : [['Image', code(job.image, 500)] as const]
      : [['Image', imageCell(push, limits)] as const]),
    ...(job === undefined ? [] : [['Training&nbsp;job', consoleLink(job.arn, job.consoleUrl)] as const]),
    ...(job?.modelArtifacts === undefined
      ? []
      : [
          [
            'Model',
            consoleLink(job.modelArtifacts, objectPage(job.modelArtifacts, job.region), 500),
          ] as const,
        ]),
    ...(modelPackage === undefined ? [] : [['Model&nbsp;package', code(modelPackage.arn, 300)] as const]),
  ];
  return ['### What ran', properties(rows)];
}

function imageCell(push: PushRecord, limits: Limits): string {
  const tags = push.tags.slice(0, Math.min(20, limits.rows)).map((tag) => code(tag, 130));
  const facts = [
    push.unchanged ? 'unchanged: it was in ECR already' : 'pushed',
    push.sizeBytes === undefined ? '' : bytes(push.sizeBytes),
    push.repositoryCreated ? 'repository created' : '',
    push.removed.length === 0 ? '' : `${plural(push.removed.length, 'old image')} removed`,
  ].filter((fact) => fact !== '');
  return [
    consoleLink(push.uri, imagePage(push), 500),
    tags.length === 0 ? '' : `<br>${tags.join(' ')}`,
    `<br>${facts.join(', ')}`,
  ].join('');
}
