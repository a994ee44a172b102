import { sampleLine } from './sample-lines.js';

const MARK = '[bench] ';

/**
 * Checks what a follower has printed against what the hosts wrote: every line of every host, once, whole and in the
 * host's order. Other lines, the follower's own, are passed over.
 */
export class LineCount {
  readonly #next = new Map<string, number>();
  #rest = '';

  /** @param perHost lines that each host wrote */
  constructor(
    private readonly hosts: readonly string[],
    private readonly perHost: number,
  ) {
    for (const host of hosts) this.#next.set(host, 1);
  }

  /**
   * @param text what comes next; it may begin and end within a line
   * @returns the number of hosts' lines that it ended
   * @throws Error at the first line that is missing, there twice, cut or out of its order
   */
  push(text: string): number {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => this.#check(line)).length;
  }

  /**
   * @returns the number of lines
   * @throws Error when a host's last lines are missing
   */
  end(): number {
    if (this.#rest !== '') this.#check(this.#rest);
    this.#rest = '';
    for (const host of this.hosts) {
      const read = (this.#next.get(host) ?? 1) - 1;
      if (read !== this.perHost)
        throw new Error(`Of ${host}, ${read} of ${this.perHost} lines were printed.`);
    }
    return this.hosts.length * this.perHost;
  }

  /** @returns whether a host wrote it */
  #check(line: string): boolean {
    const start = line.indexOf(MARK);
    if (start < 0) return false;
    const message = line.slice(start);
    const host = message.slice(MARK.length, message.indexOf(' ', MARK.length));
    const n = this.#next.get(host);
    if (n === undefined) throw new Error(`There is no host ${JSON.stringify(host)}: ${line}`);
    const wanted = sampleLine(host, n);
    if (n > this.perHost || message !== wanted) {
      throw new Error(
        `Printed instead of the line ${n} of ${this.perHost} of ${host}: ${JSON.stringify(line)}`,
      );
    }
    this.#next.set(host, n + 1);
    return true;
  }
}
