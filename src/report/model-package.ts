import type { ApprovalStatus, ModelPackageRecord, ModelVersion, RunRecord } from '../plan.js';
import { excerpt, type Limits } from './budget.js';
import { consoleLink, objectPage } from './console.js';
import { code, escapeHtml, prose } from './escape.js';
import { details, leftOut, paragraph, properties, table } from './html.js';
import { commitLink } from './link.js';
import { ownValue } from './own-value.js';

const ICONS: Readonly<Record<ApprovalStatus, string>> = {
  Approved: '✅',
  Rejected: '⛔',
  PendingManualApproval: '⏳',
};

/** The version of the model registry, those beside it, and how to go back to one of them. */
export function renderModelPackage(
  record: RunRecord,
  version: ModelPackageRecord,
  limits: Limits,
): readonly string[] {
  return [
    '### Model registry',
    properties(rowsOf(version, limits)),
    ...renderDecision(version, limits),
    ...renderVersions(record, version, limits),
    ...renderGoBack(version, limits),
    ...renderMetadata(version, limits),
  ];
}

function rowsOf(version: ModelPackageRecord, limits: Limits): (readonly [string, string])[] {
  const { approvalDescription = '', card, metricsReport, region } = version;
  const number = version.version === undefined ? '' : ` version <strong>${version.version}</strong>`;
  const how = version.created
    ? `registered by this run${version.groupCreated ? ', the first of its group' : ''}`
    : 'was there already';
  return [
    ['Model&nbsp;package', `${code(version.group, 100)}${number}, ${how}<br>${code(version.arn, 300)}`],
    ...(version.status === 'Completed' ? [] : [['Status', prose(version.status, 60)] as const]),
    ['Approval', approvalOf(version.approvalStatus)],
    ...(approvalDescription.trim() === ''
      ? []
      : [['Decision', prose(approvalDescription, Math.min(1_100, limits.fieldCharacters))] as const]),
    ...(version.image === undefined ? [] : [['Image', code(version.image, 500)] as const]),
    ...objectRow('Model', version.modelArtifacts, region),
    ...objectRow('Metrics&nbsp;report', metricsReport, region),
    ...(card === undefined
      ? []
      : [['Model&nbsp;card', `${consoleLink(card.name, card.consoleUrl)} version ${card.version}`] as const]),
  ];
}

const objectRow = (name: string, uri: string | undefined, region: string): (readonly [string, string])[] =>
  uri === undefined ? [] : [[name, consoleLink(uri, objectPage(uri, region), 500)]];

const approvalOf = (status: ApprovalStatus): string =>
  `${ownValue(ICONS, status) ?? ''} ${prose(status, 60)}`.trim();

/** The step that decides on a version nobody has decided on. */
function renderDecision({ approvalStatus, arn, status }: ModelPackageRecord, limits: Limits): string[] {
  if (approvalStatus !== 'PendingManualApproval' || status !== 'Completed') return [];
  return [
    paragraph(
      `${code('latest-approved')} does not mean this version before it is approved, for example in a job with an ${code('environment')} that asks reviewers:`,
    ),
    ...steps(['stages: approve', `model-package: ${arn}`], limits),
  ];
}

function renderVersions(record: RunRecord, version: ModelPackageRecord, limits: Limits): string[] {
  if (version.versions.length < 2) return [];
  const shown = version.versions.slice(0, limits.rows);
  const rows = shown.map((other) => [
    other.arn === version.arn ? `<strong>${other.version}</strong> ←` : String(other.version),
    approvalOf(other.approvalStatus),
    timeOf(other),
    commitLink({ ...withoutCommit(record), ...(other.commit !== undefined && { commit: other.commit }) }) ??
      '',
  ]);
  return [
    table(['Version', 'Approval', 'Registered&nbsp;(UTC)', 'Commit'], rows),
    leftOut(version.versions.length - shown.length, 'version'),
  ];
}

function withoutCommit({ source }: RunRecord) {
  const { commit: _, ...rest } = source;
  return rest;
}

/** `2026-03-01 10:11`, as code: GitHub could take `:11:` for an emoji. */
function timeOf({ createdAt }: ModelVersion): string {
  const at = new Date(createdAt);
  return Number.isNaN(at.getTime()) ? '' : code(at.toISOString().slice(0, 16).replace('T', ' '));
}

/** The approved version before this one, when there is one: deploying it is the way back. */
export function versionBefore({ arn, version, versions }: ModelPackageRecord): ModelVersion | undefined {
  return versions.find(
    (other) =>
      other.arn !== arn &&
      other.approvalStatus === 'Approved' &&
      (version === undefined || other.version < version),
  );
}

function renderGoBack(version: ModelPackageRecord, limits: Limits): string[] {
  const before = versionBefore(version);
  if (before === undefined) return [];
  return [
    paragraph(
      `<strong>To go back</strong> to version ${before.version}, the approved one before this, run the action with`,
    ),
    ...steps(['stages: deploy', `model-package: ${before.arn}`], limits),
  ];
}

/** Lines of a workflow's `with:`. */
function steps(lines: readonly string[], limits: Limits): string[] {
  // Something to copy is whole or not there.
  if (limits.blockBytes === 0) return [];
  return [`<pre>${excerpt(lines, Math.max(2_000, limits.blockBytes)).html}</pre>`];
}

function renderMetadata({ metadata }: ModelPackageRecord, limits: Limits): string[] {
  const entries = Object.entries(metadata);
  if (entries.length === 0) return [];
  const shown = entries.slice(0, limits.rows);
  const rows = shown.map(
    ([name, value]) => [code(name, 130), code(value, Math.min(260, limits.fieldCharacters))] as const,
  );
  return [
    details(`Metadata of the version: ${escapeHtml(String(entries.length))} entries`, properties(rows)),
    leftOut(entries.length - shown.length, 'entry'),
  ];
}
