import type { Diagnosis } from '../plan.js';
import { CONTAINER_ROWS } from './container-rows.js';
import { diagnoseException } from './diagnose-exception.js';
import type { ContainerFailure } from './failure.js';
import type { CatalogueRow } from './row.js';
import { excerpt, named, searchable } from './text.js';
import { exceptionType, finalTraceback, parseTracebacks, type Traceback } from './traceback.js';

/** Lines that are searched: what a program prints last is where it says why it ends. */
const MOST_LINES = 2_000;
/** A process that a signal ended, or that was still busy, is explained by what it printed just before. */
const NEAR_END = 40;

interface Hit {
  readonly row: CatalogueRow;
  readonly line: string;
  readonly match: RegExpExecArray;
}

/**
 * The catalogue's answer to a failed run of a container. Tried in this order, because each knows more than
 * the next:
 *
 * 1. what Docker said when the container could not be started;
 * 2. the kernel's out-of-memory kill: a fact, whatever the program printed before it;
 * 3. an error in the failure file, which the program wrote as its last word, then in the final part of the
 *    log: the last traceback with its chain and all that follows, or everything when there is no traceback.
 *    The line nearest the end wins: what was printed before the final traceback did not end the program;
 * 4. a state printed earlier that still holds: a server bound to the wrong address;
 * 5. the way it ended (a signal, a time-out, 126, 127);
 * 6. the type of the exception that ended the program, then a supervisor's summary of an error.
 *
 * An exception that was printed long before the end is `unknown`, with that exception as evidence: the program
 * went on after it. So is one that merely reports that another process failed.
 */
export function diagnose(failure: ContainerFailure): Diagnosis {
  const rows = CONTAINER_ROWS.filter((row) => row.applies?.(failure) ?? true);
  const lines = failure.logTail.slice(-MOST_LINES).map(searchable);
  const written = fileLines(failure.failureFile);
  const printed = finalTraceback(parseTracebacks(lines));
  const traceback = printed ?? finalTraceback(parseTracebacks(written));

  if (failure.startError !== undefined) {
    const said = failure.startError.split('\n', 200).map(searchable);
    const hit = lastHit(rows, said, 0).error ?? lastHit(rows, said, 0).summary;
    return hit === undefined
      ? fromOutcome(
          rows,
          failure,
          traceback,
          said.find((line) => line.trim() !== ''),
        )
      : fromHit(hit, failure);
  }
  const last = lastLine(lines) ?? lastLine(written);
  const killedForMemory = failure.oomKilled === true ? rows.find(({ id }) => id === 'T09') : undefined;
  if (killedForMemory !== undefined) return fromRow(killedForMemory, [], failure, outcomeEvidence(failure));

  const file = lastHit(rows, written, 0);
  const log = lastHit(rows, lines, finalPart(lines, failure));
  const text = file.error ?? log.error ?? stateOf(rows, lines);
  if (text !== undefined) return fromHit(text, failure);

  const outcome = rows.find((row) => row.outcome?.(failure, traceback) === true);
  const summary = file.summary ?? log.summary;
  if (outcome === undefined && summary?.row.overException !== true) {
    const isLast = printed === undefined || lines.length - printed.lastLine <= NEAR_END;
    const raised = traceback === undefined || !isLast ? undefined : diagnoseException(traceback, failure);
    if (raised !== undefined) return raised;
  }
  // A signal's number or a time-out explains more than "a worker failed"; "exit code 1" explains less.
  const bare = outcome === undefined || outcome.rank === 'summary' || outcome.class === 'server-crashed';
  if (summary !== undefined && bare) return fromHit(summary, failure);
  if (outcome !== undefined) return fromOutcome(rows, failure, traceback, last);
  return unknown(failure, traceback, last);
}

/** The row that fits a text of the platform about a container, if one does: how it ended is not asked. */
export function recognise(text: string, failure: ContainerFailure): Diagnosis | undefined {
  const rows = CONTAINER_ROWS.filter((row) => row.applies?.(failure) ?? true);
  const { error, summary } = lastHit(rows, fileLines(text), 0);
  const hit = error ?? summary;
  return hit === undefined ? undefined : fromHit(hit, failure);
}

function fileLines(text: string | undefined): readonly string[] {
  return text === undefined
    ? []
    : text
        .slice(0, 1 << 20)
        .split('\n', MOST_LINES)
        .map(searchable);
}

/** Index of the line from which on the log is about the error that ended the program. */
function finalPart(lines: readonly string[], failure: ContainerFailure): number {
  const traceback = finalTraceback(parseTracebacks(lines));
  const from = traceback?.chainFirstLine ?? 0;
  const bySignal = failure.exitCode !== undefined && failure.exitCode > 128;
  const stopped = failure.timedOut === true && failure.phase === 'training';
  return bySignal || stopped ? Math.max(from, lines.length - NEAR_END) : from;
}

interface Hits {
  readonly error?: Hit;
  readonly summary?: Hit;
}

/** Searches from the end, so that the first line with an error ends the search. */
function lastHit(rows: readonly CatalogueRow[], lines: readonly string[], from: number): Hits {
  let summary: Hit | undefined;
  for (let index = lines.length - 1; index >= from; index--) {
    const line = lines[index] ?? '';
    for (const row of rows) {
      if (row.pattern === undefined || row.rank === 'state') continue;
      if (row.rank === 'summary' && summary !== undefined) continue;
      const match = row.pattern.exec(line);
      if (match === null || unlessHolds(row, lines)) continue;
      if (row.rank !== 'summary') return { error: { row, line, match } };
      summary = { row, line, match };
    }
  }
  return summary === undefined ? {} : { summary };
}

function stateOf(rows: readonly CatalogueRow[], lines: readonly string[]): Hit | undefined {
  for (const row of rows) {
    if (row.rank !== 'state' || row.pattern === undefined || unlessHolds(row, lines)) continue;
    for (const line of lines) {
      const match = row.pattern.exec(line);
      if (match !== null) return { row, line, match };
    }
  }
  return undefined;
}

function unlessHolds(row: CatalogueRow, lines: readonly string[]): boolean {
  const { unless } = row;
  return unless !== undefined && lines.some((line) => unless.test(line));
}

function fromHit({ row, line, match }: Hit, failure: ContainerFailure): Diagnosis {
  return fromRow(row, [...match], failure, excerpt(line, 300, match.index));
}

function fromOutcome(
  rows: readonly CatalogueRow[],
  failure: ContainerFailure,
  traceback: Traceback | undefined,
  line: string | undefined,
): Diagnosis {
  const row = rows.find(({ outcome }) => outcome?.(failure, traceback) === true);
  if (row === undefined) return unknown(failure, traceback, line);
  const evidence = failure.startError === undefined ? outcomeEvidence(failure) : '';
  return fromRow(row, [], failure, excerpt([evidence, line].filter(Boolean).join('; last line: ')));
}

function fromRow(
  row: CatalogueRow,
  groups: readonly (string | undefined)[],
  failure: ContainerFailure,
  evidence: string,
): Diagnosis {
  const specific = row.specific?.(groups, failure);
  const general = failure.onPlatform === true ? row.onPlatform : undefined;
  return {
    id: row.id,
    class: row.class,
    cause: specific?.cause ?? general?.cause ?? row.cause,
    fix: specific?.fix ?? general?.fix ?? row.fix,
    evidence,
  };
}

/** The engine's facts, in words. */
function outcomeEvidence(failure: ContainerFailure): string {
  const facts = [
    failure.timedOut === true ? 'stopped after the time-out' : undefined,
    failure.oomKilled === true ? 'killed for lack of memory (OOMKilled)' : undefined,
    failure.exitCode === undefined ? undefined : `exit code ${failure.exitCode}`,
  ];
  return facts.filter((fact) => fact !== undefined).join(', ') || 'the container did not end';
}

function unknown(
  failure: ContainerFailure,
  traceback: Traceback | undefined,
  last: string | undefined,
): Diagnosis {
  const exception = traceback?.exception ?? '';
  const running = failure.phase === 'hosting' && failure.exitCode === undefined && failure.timedOut !== true;
  const ended = failure.exitCode === undefined ? '' : ` with exit code ${failure.exitCode}`;
  const seen = running ? 'the server runs' : `the container ended${ended}`;
  return {
    id: 'unknown',
    class: 'unknown',
    cause:
      exception === ''
        ? `The cause is unknown: ${seen}, and its output holds no error that the failure catalogue knows.`
        : `The cause is unknown: ${seen}, and the last traceback in its output, of \`${named(exceptionType(exception), 80)}\`, does not tell why.`,
    fix: 'Read the last lines of the log; run the image with the same argument on your machine to see all of it.',
    evidence:
      exception === '' ? (last === undefined ? outcomeEvidence(failure) : excerpt(last)) : excerpt(exception),
  };
}

function lastLine(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => line.trim() !== '');
}
