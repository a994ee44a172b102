import type { Log } from './log.js';
import { isHarmless, linesOf, tame } from './tame.js';

export interface JobLog extends Log {
  /** Lines that are shown when the run has debug logging. */
  debug(message: string): void;
  /**
   * Leaves the guard, so that what is written past this log (the annotations of `@actions/core`) counts. Call it
   * before that, and at the end.
   */
  release(): void;
}

export interface JobLogWorld {
  /** Writes text to the step's standard output, before it returns: see {@link ./standard-output.ts}. */
  readonly write: (text: string) => void;
  /** A word of letters and digits that nobody can guess, another one at each call. */
  readonly token: () => string;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/**
 * The log of a step on GitHub's runner.
 *
 * Untrusted lines stand between `::stop-commands::TOKEN` and `::TOKEN::`, where the runner takes nothing else
 * for a command. A token is used once: it can be read in the log only after the line that it guards against has
 * been written, and by then a new one is due. And each line is tamed, so that it would be no command without
 * the guard either.
 */
export function createLog({ write, token, now }: JobLogWorld): JobLog {
  let guard: string | undefined;
  let inGroup = false;

  function enter(): void {
    if (guard !== undefined) return;
    guard = token();
    write(`::stop-commands::${guard}\n`);
  }

  function release(): void {
    if (guard === undefined) return;
    write(`::${guard}::\n`);
    guard = undefined;
  }

  function info(message: string): void {
    release();
    write(
      linesOf(message)
        .map((line) => `${tame(line)}\n`)
        .join(''),
    );
  }

  function debug(message: string): void {
    release();
    write(
      linesOf(message)
        .map((line) => `::debug::${data(tame(line))}\n`)
        .join(''),
    );
  }

  async function group<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
    if (inGroup) throw new Error(`The log's group "${title}" was begun inside another one.`);
    inGroup = true;
    release();
    write(`::group::${data(tame(linesOf(title).join(' ')))}\n`);
    const started = now();
    try {
      return await run();
    } finally {
      info(`Took ${((now() - started) / 1000).toFixed(1)} s.`);
      write('::endgroup::\n');
      inGroup = false;
    }
  }

  function untrusted(source: string, texts: string | readonly string[]): void {
    const all = typeof texts === 'string' ? [texts] : texts;
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const some = from === 0 && all.length <= AT_ONCE ? all : all.slice(from, from + AT_ONCE);
      enter();
      write(shownAtOnce(source, some) ?? some.map((text) => shown(source, text)).join(''));
    }
  }

  return { info, debug, group, untrusted, release };
}

/** Lines that are written at once: enough to make a write worth while, few enough for memory. */
const AT_ONCE = 500;

const shown = (source: string, text: string): string =>
  linesOf(text)
    .map((line) => `${`${source} | ${tame(line)}`.trimEnd()}\n`)
    .join('');

/** The same as {@link shown} of each, for lines that need no second look; undefined when one may need it. */
function shownAtOnce(source: string, lines: readonly string[]): string | undefined {
  const start = `${source} | `;
  const text = `${start}${lines.join(`\n${start}`)}\n`;
  return isHarmless(lines, text) && !text.includes(' \n') && !text.includes('\t\n') ? text : undefined;
}

/** A command's data. The runner turns `%0A` and the like back, so a percent sign of ours must be written as one. */
const data = (text: string): string => text.replaceAll('%', '%25');
