/** The job's log: our own words and, kept apart from them, what containers and builds print. */
export interface Log {
  /** One line of our own. Text from elsewhere may be in it: it is tamed like all else. */
  info(message: string): void;
  /** A foldable group around our own and untrusted lines; its time stands at its end. Groups do not nest. */
  group<Result>(title: string, run: () => Promise<Result>): Promise<Result>;
  /**
   * What a container or a build printed, shown as `source | line`, as it comes. Whatever it holds, the runner takes
   * none of it for a command.
   *
   * @param source a short constant word: `build`, `algo-1`, `serve`
   * @param lines one, or many at once, which takes a fraction of the time
   */
  untrusted(source: string, lines: string | readonly string[]): void;
}
