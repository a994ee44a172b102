import type { Annotation, RunRecord } from '../plan.js';
import { cut, oneLine, visible } from './escape.js';
import { plural } from './format.js';
import { claimOf, failedGates, seenOf } from './gate.js';
import { explains, failedErrors, names, verdictOf } from './verdict.js';

/**
 * GitHub shows 10 errors and 10 warnings of a step and drops the rest without a word. One error is left for the
 * one that fails the step; the last of 10 notices says how many more there are.
 */
const LIMIT = { error: 9, warning: 10, notice: 9 } as const;
const LEVELS = ['error', 'warning', 'notice'] as const;

/** What GitHub shows beside the code and on the run's page: errors first, each text cleaned, within the limits. */
export function renderAnnotations(record: RunRecord): Annotation[] {
  const all = [...record.annotations, ...placeless(record)].map(clean);
  const shown = LEVELS.flatMap((level) => all.filter((one) => one.level === level).slice(0, LIMIT[level]));
  if (shown.length === all.length) {
    return shown;
  }
  const more = LEVELS.flatMap((level) => {
    const count = all.filter((one) => one.level === level).length - LIMIT[level];
    return count > 0 ? [plural(count, level)] : [];
  });
  const message = `${more.join(', ')} more: GitHub shows only some of a step. The job summary has all of them.`;
  return [...shown, { level: 'notice', title: 'More annotations', message }];
}

/** What has no place in the repository gets an annotation too, but never a second one. */
function placeless(record: RunRecord): Annotation[] {
  const { annotations, diagnosis, failure } = record;
  const found: Annotation[] = [];
  const at = diagnosis?.location;
  const isThere = annotations.some(
    ({ location }) => location !== undefined && location.path === at?.path && location.line === at.line,
  );
  if (diagnosis !== undefined && at !== undefined && !isThere) {
    const message = `${diagnosis.cause}\nFix: ${diagnosis.fix}`;
    found.push({ level: 'error', title: diagnosis.class, message, location: at });
  }
  for (const check of failedErrors(record)) {
    // What the diagnosis says beside the line of the program is not said again without a place.
    const isSaid = explains(diagnosis, check) && at !== undefined;
    if (!isSaid && !annotations.some(({ level, title }) => level === 'error' && names(title, check))) {
      const fix = check.fix === undefined ? '' : `\nFix: ${check.fix}`;
      // The title of a check is what holds when it passes: alone it would say the opposite.
      found.push({ level: 'error', title: `Failed: ${check.title}`, message: `${check.evidence}${fix}` });
    }
  }
  found.push(...ofJob(record, at !== undefined));
  if (failure !== undefined && ![...annotations, ...found].some(({ level }) => level === 'error')) {
    const isInput = record.outcome === 'invalid-input';
    const lines = isInput ? (failure.lines ?? []) : [];
    const fix = failure.fix === undefined ? [] : [`Fix: ${failure.fix}`];
    const level = record.outcome === 'canceled' ? 'notice' : 'error';
    const title = isInput ? 'Invalid input' : verdictOf(record).headline;
    found.push({ level, title, message: [failure.message, ...lines, ...fix].join('\n') });
  }
  return found;
}

/** A failed job, unless it is told beside a line of the program, and each gate that its metrics did not pass. */
function ofJob(record: RunRecord, hasPlace: boolean): Annotation[] {
  const { job, diagnosis, outcome, annotations } = record;
  if (job === undefined || outcome !== 'failed') return [];
  const gates = job.status === 'Completed' || job.stoppedEarly === true ? failedGates(job) : [];
  if (gates.length > 0) {
    return gates.map((gate) => ({
      level: 'error',
      title: `Metric gate failed: ${claimOf(gate)}`,
      message: seenOf(gate),
    }));
  }
  if (hasPlace || annotations.some(({ level }) => level === 'error') || failedErrors(record).length > 0)
    return [];
  const { failure } = record;
  if (failure !== undefined && (diagnosis === undefined || job.stoppedBecause !== undefined)) {
    const fix = failure.fix === undefined ? '' : `\nFix: ${failure.fix}`;
    return [{ level: 'error', title: verdictOf(record).headline, message: `${failure.message}${fix}` }];
  }
  const why =
    job.stoppedBecause ??
    (diagnosis === undefined ? (job.failureReason ?? '') : `${diagnosis.cause}\nFix: ${diagnosis.fix}`);
  const title = verdictOf(record).headline;
  return [{ level: 'error', title, message: why === '' ? title : why }];
}

function clean(annotation: Annotation): Annotation {
  return {
    ...annotation,
    // GitHub takes titles of 255 characters; what cannot be seen grows when it is spelt out.
    title: cut(oneLine(annotation.title, 200), 210),
    message: visible(cut(annotation.message, 4_000)).trim(),
  };
}
