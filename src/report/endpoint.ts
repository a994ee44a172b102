import type { EndpointRecord, ProofRecord, RunRecord, VariantRecord } from '../plan.js';
import { excerpt, type Limits } from './budget.js';
import { consoleLink, imagePage, objectPage } from './console.js';
import { code, escapeHtml, preformattedLine, prose } from './escape.js';
import { number, plural } from './format.js';
import { details, lastLines, leftOut, paragraph, properties, table, time } from './html.js';
import { commitLink, repositoryPageLink } from './link.js';
import { ownValue } from './own-value.js';
import { renderRemoved } from './removed.js';
import { renderTimeline, secondsOf } from './timeline.js';

/** One quiet line of figures under the verdict. */
export function renderEndpointFigures(endpoint: EndpointRecord): string {
  const { name, status, proof, restoredProof, transitions } = endpoint;
  const answers = endpoint.action === 'restored' ? restoredProof : proof;
  const took = secondsOf(transitions);
  const figures = [
    `${iconOf(status)} ${code(name, 70)} ${prose(status, 60)}`,
    answers === undefined ? '' : `📨 ${answersOf(answers)}`,
    latencyOf(answers) === '' ? '' : `⚡ ${latencyOf(answers)}`,
    took > 0 ? `⏱️ ${time(took)}` : '',
  ];
  return paragraph(figures.filter((figure) => figure !== '').join(' &nbsp; '));
}

function iconOf(status: string): string {
  if (status === 'InService') return '🟢';
  if (status === 'Unknown') return '⚠️';
  if (status === 'Deleted' || status === 'Deleting') return '🗑️';
  return /^(?:Failed|OutOfService|UpdateRollbackFailed)$/.test(status) ? '🔴' : '🔄';
}

function answersOf({ samples }: ProofRecord): string {
  const requests = samples.reduce((sum, sample) => sum + sample.requests, 0);
  const bad = samples.filter(({ passed }) => !passed).length;
  return bad === 0
    ? `${plural(requests, 'request')} answered`
    : `${bad} of ${plural(samples.length, 'sample')} not answered as expected`;
}

/** `p50 12 ms, p95 31 ms`, of all requests. */
function latencyOf(proof: ProofRecord | undefined): string {
  const parts = [
    ['p50', proof?.p50Seconds],
    ['p95', proof?.p95Seconds],
  ] as const;
  return parts
    .flatMap(([name, seconds]) => (seconds === undefined ? [] : [`${name} ${latency(seconds)}`]))
    .join(', ');
}

function latency(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  const value = seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${number(Number(seconds.toFixed(2)))} s`;
  return escapeHtml(value).replaceAll(' ', '&nbsp;');
}

/** What is live now, how it answers, what it went through to come there, and the way back. */
export function renderEndpoint(record: RunRecord, endpoint: EndpointRecord, limits: Limits): string[] {
  return [
    isLive(endpoint) ? '### What is live now' : '### Endpoint',
    properties(rowsOf(record, endpoint, limits)),
    ...renderVariants(endpoint, limits),
    ...renderChanges(endpoint, limits),
    ...renderSteps(endpoint, limits),
    ...renderGoBack(endpoint),
    ...renderProof('Proof', endpoint.proof, limits),
    ...renderProof('Proof of what was put back', endpoint.restoredProof, limits),
    ...renderTimeline(endpoint.transitions, limits),
    ...renderRequests(endpoint, limits),
    ...renderRemoved(endpoint.removed, limits, {
      open: isGone(endpoint) || endpoint.action === 'none' || endpoint.action === undefined,
    }),
    lastLines(endpoint.logTail, limits, 'the endpoint’s log', record.outcome === 'failed'),
  ];
}

/** Something takes requests. */
const isLive = ({ status }: EndpointRecord): boolean =>
  /^(?:InService|Updating|SystemUpdating|RollingBack|UpdateRollbackFailed)$/.test(status);

const isGone = ({ status }: EndpointRecord): boolean => status === 'Deleted' || status === 'Deleting';

const ACTIONS: Readonly<Record<NonNullable<EndpointRecord['action']>, string>> = {
  created: 'created it',
  updated: 'updated it',
  replaced: 'deleted it, as it could not be updated any more, and created it anew',
  unchanged: 'changed nothing: it was as asked for',
  restored: 'tried something new, and put the state before back',
  shifted: 'shifted its traffic',
  deleted: 'deleted it',
  none: 'changed nothing',
};

function rowsOf(record: RunRecord, endpoint: EndpointRecord, limits: Limits): (readonly [string, string])[] {
  const { name, status, action, region, autoScaling } = endpoint;
  const reason = endpoint.failureReason?.trim() ?? '';
  const rows: (readonly [string, string])[] = [
    ['Endpoint', `${consoleLink(name, endpoint.consoleUrl)} in ${code(region, 40)}`],
    ['Status', `${iconOf(status)} ${prose(status, 60)}`],
  ];
  if (reason !== '' && reason !== record.diagnosis?.evidence) {
    rows.push(['SageMaker’s reason', code(reason, Math.min(1_100, limits.fieldCharacters))]);
  }
  if (action !== undefined) rows.push(['This run', ownValue(ACTIONS, action) ?? prose(action, 60)]);
  rows.push(...configRows(endpoint));
  const commit = commitOf(record, endpoint);
  if (commit !== undefined) rows.push(['Commit', commit]);
  if (autoScaling !== undefined) {
    const { minCapacity, maxCapacity, invocationsPerInstance } = autoScaling;
    rows.push([
      'Auto-scaling',
      escapeHtml(
        `${minCapacity} to ${maxCapacity} instances a variant, for ${number(invocationsPerInstance)} invocations a minute of each`,
      ),
    ]);
  }
  if (endpoint.logsUrl !== undefined) rows.push(['Log', consoleLink('CloudWatch', endpoint.logsUrl)]);
  const deployment = repositoryPageLink(record.source, endpoint.deploymentUrl, 'on GitHub');
  if (deployment !== undefined) rows.push(['Deployment', deployment]);
  return rows;
}

/** Of which commit what is live is. */
function commitOf({ source }: RunRecord, endpoint: EndpointRecord): string | undefined {
  if (endpoint.commit !== undefined) return commitLink({ ...source, commit: endpoint.commit });
  return isOfThisRun(endpoint) ? commitLink(source) : undefined;
}

/** Whether this run made what is live: then it is of the run's commit. */
const isOfThisRun = ({ action, configName, wantedConfigName }: EndpointRecord): boolean =>
  (action === 'created' || action === 'updated' || action === 'replaced') &&
  configName !== undefined &&
  configName === wantedConfigName;

/** What is live, what was asked for where that is not the same, and what was live before. */
function configRows(endpoint: EndpointRecord): (readonly [string, string])[] {
  const { configName, wantedConfigName: wanted, previousConfigName: previous } = endpoint;
  const rows: (readonly [string, string])[] = [];
  if (configName !== undefined && !isGone(endpoint)) rows.push(['Configuration', code(configName, 70)]);
  if (wanted !== undefined && wanted !== configName) {
    rows.push([
      'Asked&nbsp;for',
      `${code(wanted, 70)}${configName === undefined ? '' : ', which is not live'}`,
    ]);
  }
  if (previous !== undefined && previous !== configName) rows.push(['Before', code(previous, 70)]);
  return rows;
}

function renderVariants({ variants, region }: EndpointRecord, limits: Limits): string[] {
  if (variants.length === 0) return [];
  const shown = variants.slice(0, limits.rows);
  const total = variants.reduce((sum, { currentWeight = 0 }) => sum + currentWeight, 0);
  const rows = shown.map((variant) => [
    `${code(variant.name, 70)}${variant.status === undefined ? '' : `<br>${prose(variant.status, Math.min(300, limits.fieldCharacters))}`}`,
    weightOf(variant, total),
    hostingOf(variant),
    contentOf(variant, region),
  ]);
  return [
    table(['Variant', 'Traffic', 'Runs on', 'What it serves'], rows),
    leftOut(variants.length - shown.length, 'variant'),
  ];
}

/** `90 %`, with the weight itself where that is not the same; and where it is going. */
function weightOf({ currentWeight, desiredWeight }: VariantRecord, total: number): string {
  if (currentWeight === undefined) return '–';
  const share =
    total > 0 && Number.isFinite(total)
      ? `<strong>${number(Number(((currentWeight / total) * 100).toPrecision(3)))}&nbsp;%</strong>`
      : '<strong>none</strong>';
  const on = desiredWeight !== undefined && desiredWeight !== currentWeight;
  return `${share}<br>weight&nbsp;${number(currentWeight)}${on ? `&nbsp;→&nbsp;${number(desiredWeight)}` : ''}`;
}

function hostingOf(variant: VariantRecord): string {
  const { serverless, instanceType, currentInstanceCount: current, desiredInstanceCount: desired } = variant;
  if (serverless !== undefined) {
    const { memorySizeInMB, maxConcurrency } = serverless;
    return escapeHtml(
      `serverless, ${number(memorySizeInMB)} MB, ${plural(maxConcurrency, 'request')} at a time`,
    );
  }
  const count = current ?? desired;
  const on = desired !== undefined && desired !== count;
  return [
    count === undefined ? '' : `${number(count)}${on ? `&nbsp;→&nbsp;${number(desired)}` : ''} ×`,
    instanceType === undefined ? (count === undefined ? '–' : 'instances') : code(instanceType, 60),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function contentOf(
  { image, modelName, modelArtifacts, modelPackageArn }: VariantRecord,
  region: string,
): string {
  const parts = [
    image === undefined ? '' : `Image ${imageLink(image)}`,
    modelName === undefined ? '' : `Model ${code(modelName, 70)}`,
    modelArtifacts === undefined
      ? ''
      : `Artifact ${consoleLink(modelArtifacts, objectPage(modelArtifacts, region), 500)}`,
    modelPackageArn === undefined ? '' : `Package ${code(modelPackageArn, 300)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '–' : parts.join('<br>');
}

function imageLink(image: string): string {
  const [, registry = '', repository = '', digest = ''] = /^([^/@]+)\/([^@]+)@([^@]+)$/.exec(image) ?? [];
  const page = imagePage({ registry, repository, digest });
  return consoleLink(image, page, 500);
}

/** What the configuration that was asked for says differently from the one before. */
function renderChanges(
  { changes = [], configName, wantedConfigName }: EndpointRecord,
  limits: Limits,
): string[] {
  if (changes.length === 0) return [];
  const shown = changes.slice(0, limits.rows);
  const cell = (value: string | undefined) =>
    value === undefined ? '–' : code(value, Math.min(200, limits.fieldCharacters));
  const rows = shown.map(({ path, before, after }) => [code(path, 200), cell(before), cell(after)]);
  const isLive = configName === wantedConfigName;
  return [
    table([isLive ? 'Changed' : 'Asked for', 'Before', isLive ? 'Now' : 'Instead'], rows),
    leftOut(changes.length - shown.length, 'change'),
  ];
}

/** The weights of the stage `shift`, one step after the other. */
function renderSteps({ steps = [] }: EndpointRecord, limits: Limits): string[] {
  if (steps.length === 0) return [];
  const shown = steps.slice(0, limits.rows);
  const names = [...new Set(steps.flatMap(({ weights }) => Object.keys(weights)))].slice(0, 10);
  const rows = shown.map(({ weights, seconds }, index) => [
    String(index + 1),
    ...names.map((name) => (weights[name] === undefined ? '' : escapeHtml(number(weights[name])))),
    time(seconds),
  ]);
  return [
    table(['Step', ...names.map((name) => code(name, 70)), 'Time'], rows),
    leftOut(steps.length - shown.length, 'step'),
  ];
}

/** Characters up to which the command is shown: something to copy is whole or not there. */
const COMMAND = 4_000;

function renderGoBack({ action, goBack, previousConfigName }: EndpointRecord): string[] {
  if (action === 'restored' || goBack === undefined || goBack.trim() === '' || goBack.length > COMMAND)
    return [];
  const to = previousConfigName === undefined ? 'how it was' : code(previousConfigName, 70);
  return [
    paragraph(`<strong>To go back</strong> to ${to}:`),
    `<pre>${goBack
      .split('\n')
      .map((line) => preformattedLine(line, COMMAND))
      .join('\n')}</pre>`,
  ];
}

function renderProof(title: string, proof: ProofRecord | undefined, limits: Limits): string[] {
  if (proof === undefined) return [];
  const { samples, passed } = proof;
  const shown = samples.slice(0, limits.rows);
  const hasVariants = samples.some(({ variant }) => variant !== undefined);
  const rows = shown.map((sample) => [
    `${sample.passed ? '✅' : '❌'} ${code(sample.name, Math.min(200, limits.fieldCharacters))}`,
    ...(hasVariants ? [sample.variant === undefined ? '' : code(sample.variant, 70)] : []),
    String(sample.requests),
    sample.passed
      ? code(sample.evidence, Math.min(400, limits.fieldCharacters))
      : prose(sample.evidence, limits.fieldCharacters),
  ]);
  const how = latencyOf(proof);
  const all = passed ? '' : samples.every((sample) => sample.passed) ? ', which is too slow' : '';
  return [
    paragraph(
      `${passed ? '✅' : '❌'} <strong>${title}:</strong> ${answersOf(proof)}${how === '' ? '' : `, ${how}`}${all}`,
    ),
    samples.length === 0
      ? ''
      : table(['Sample', ...(hasVariants ? ['Variant'] : []), 'Requests', 'Answer'], rows),
    leftOut(samples.length - shown.length, 'sample'),
  ];
}

function renderRequests({ requests = {}, overridden = [] }: EndpointRecord, limits: Limits): string[] {
  const names = overridden.slice(0, Math.min(40, limits.rows)).map((path) => code(path, 200));
  const more = overridden.length - names.length;
  const said =
    names.length === 0
      ? ''
      : paragraph(
          `<strong>Set by ${code('endpoint-overrides')}:</strong> ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
        );
  const sent = Object.entries(requests);
  if (sent.length === 0 || limits.blockBytes === 0) return [said];
  const lines = (JSON.stringify(requests, null, 2) ?? '').split('\n');
  const body = `<pre>${excerpt(lines, Math.min(limits.blockBytes, 32_000)).html}</pre>`;
  const operations = sent.slice(0, 10).map(([operation]) => prose(operation, 60));
  return [said, details(`Requests, as they were sent: ${operations.join(', ')}`, body)];
}
