import type { CleanUpRecord, RemovedResource } from '../plan.js';
import type { Limits } from './budget.js';
import { code, prose } from './escape.js';
import { plural } from './format.js';
import { details, leftOut, paragraph, table } from './html.js';

const RESULTS: Readonly<Record<RemovedResource['result'], string>> = {
  removed: '🗑️&nbsp;removed',
  kept: '📌&nbsp;kept',
  'would-be-removed': '🔎&nbsp;would be removed',
  stopped: '⏹️&nbsp;stopped',
  'would-be-stopped': '🔎&nbsp;would be stopped',
};
const WORDS: Readonly<Record<RemovedResource['result'], string>> = {
  removed: 'removed',
  kept: 'kept',
  'would-be-removed': 'would be removed',
  stopped: 'stopped',
  'would-be-stopped': 'would be stopped',
};
/** Those that a person may have to do something about come first. */
const ORDER: readonly RemovedResource['result'][] = [
  'kept',
  'would-be-stopped',
  'would-be-removed',
  'stopped',
  'removed',
];

/** What was removed, was kept or would be removed, each with the reason. */
export function renderRemoved(
  resources: readonly RemovedResource[],
  limits: Limits,
  { open }: { readonly open: boolean },
): string[] {
  if (resources.length === 0) return [];
  const sorted = [...resources].sort((a, b) => ORDER.indexOf(a.result) - ORDER.indexOf(b.result));
  const shown = sorted.slice(0, limits.rows);
  const rows = shown.map(({ kind, name, why, result }) => [
    RESULTS[result] ?? prose(result, 40),
    prose(kind, 60),
    code(name, Math.min(300, limits.fieldCharacters)),
    prose(why, Math.min(500, limits.fieldCharacters)),
  ]);
  const body = table(['', 'Kind', 'Name', 'Why'], rows);
  const counts = ORDER.flatMap((result) => {
    const count = resources.filter((resource) => resource.result === result).length;
    return count === 0 ? [] : [`${count} ${WORDS[result]}`];
  });
  return [
    open ? body : details(`<strong>Cleaned up:</strong> ${counts.join(', ')}`, body),
    leftOut(resources.length - shown.length, 'resource'),
  ];
}

/** What the stage `clean-up` did, or would do. */
export function renderCleanUp({ dryRun, resources }: CleanUpRecord, limits: Limits): string[] {
  const would = resources.filter(({ result }) => result.startsWith('would-be-')).length;
  const hint = dryRun
    ? paragraph(
        would === 0
          ? 'A dry run: nothing was changed.'
          : `A dry run: nothing was changed. Without ${code('dry-run')}, ${plural(would, 'resource')} would be removed or stopped.`,
      )
    : '';
  const none = resources.length === 0 ? paragraph('Nothing was found that nobody uses.') : '';
  return ['### Clean-up', hint, none, ...renderRemoved(resources, limits, { open: true })];
}
