import type { Log } from '../../../../src/runner/log.js';

/** A log that keeps what it is told. */
export class SeenLog implements Log {
  /** Our own lines. */
  readonly info_: string[] = [];
  /** `host | line` */
  readonly untrusted_: string[] = [];

  info(message: string): void {
    this.info_.push(message);
  }

  group<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
    this.info_.push(title);
    return run();
  }

  untrusted(source: string, lines: string | readonly string[]): void {
    for (const line of [lines].flat()) this.untrusted_.push(`${source} | ${line}`);
  }
}
