import type { HostingRun, NotObserved, Observed, TrainingRun } from '../observations.js';
import { failedHosts } from './attribution.js';
import { skipped, type Verdict } from './check.js';

/** Lines of the container's output that a verdict shows. */
const SHOWN_LINES = 30;

export function seconds(value: number): string {
  if (value < 0.95) {
    return `${Math.max(1, Math.round(value * 1000))} ms`;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let index = 0;
  let rest = value;
  while (rest >= 1024 && index < units.length - 1) {
    rest /= 1024;
    index += 1;
  }
  return `${index === 0 ? rest : rest.toFixed(1)} ${units[index]}`;
}

export const tail = (lines: readonly string[]): readonly string[] => foldRepeats(lines).slice(-SHOWN_LINES);

/** So few lines of a kind, one after the other, are left as they are. */
const FEW_REPEATS = 2;

/**
 * Of lines that follow each other and differ in no more than the time and the client's port, such as a server's
 * on each health check, the first, with their number.
 */
export function foldRepeats(lines: readonly string[]): readonly string[] {
  const folded: string[] = [];
  for (let index = 0; index < lines.length; ) {
    const kind = withoutTime(lines[index] ?? '');
    let end = index + 1;
    while (end < lines.length && withoutTime(lines[end] ?? '') === kind) end += 1;
    const count = end - index;
    const same = kind.trim() !== '' && count > FEW_REPEATS;
    folded.push(...(same ? [`${lines[index]} … [${count} times]`] : lines.slice(index, end)));
    index = end;
  }
  return folded;
}

/** A line without its date, its time of day and the addresses with a port: never without its other numbers. */
const withoutTime = (line: string): string =>
  line
    .replace(/\b\d{4}[-/]\d\d[-/]\d\d(?!\d)|\b\d\d\/[A-Z][a-z]{2}\/\d{4}\b/g, 'date')
    .replace(/\b(?:date[T:])?\d\d:\d\d:\d\d(?:[.,]\d+)?/g, 'time')
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}:\d+\b/g, 'client');

/** The log of the first host that failed, or of the first host. */
export function failingLog(run: TrainingRun): readonly string[] {
  return tail((failedHosts(run)[0] ?? run.hosts[0])?.logTail ?? []);
}

export const isObserved = <Run>(observed: Observed<Run>): observed is { readonly run: Run } =>
  'run' in observed;

export const notObserved = (observed: NotObserved): Verdict => skipped(observed.notObserved);

export const seeInstead = (id: string): Verdict => skipped(`Not judged: see ${id}.`);

export const shortest = (text: string, length = 300): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** How the container of a hosting run is served, for evidence: its model's origin. */
export function modelOrigin(run: HostingRun): string {
  switch (run.model) {
    case 'training':
      return 'the model that the training run wrote';
    case 'given':
      return 'the model of `smoke-model`';
    case 'none':
      return 'an empty /opt/ml/model';
  }
}
