import { LogTail } from '../../contract/log-lines.js';
import { isLaterStart } from './log-reader.js';

const TAIL_LINES = 200;
const TRACEBACK = 'Traceback (most recent call last)';

/** The last lines of one host. */
export interface HostTail {
  /** `algo-1`; absent when there are no lines. */
  readonly host?: string;
  /** True when the host was started again after them, and has written nothing since: they explain no failure. */
  readonly beforeRestart?: true;
  readonly lines: readonly string[];
}

interface Start {
  readonly stream: string;
  readonly tail: LogTail;
  /** Milliseconds since 1970: of the last line, and of the last traceback. */
  lastAt: number;
  tracebackAt?: number;
}

/** Of each host of a job, the last lines of its last start: what an interruption broke off explains nothing. */
export class LogTails {
  readonly #starts = new Map<string, Start>();

  /**
   * Lines of a stream that is not of the host's last start are left out.
   *
   * @param times of the lines, in milliseconds since 1970: as many
   */
  push(host: string, stream: string, lines: readonly string[], times: readonly number[]): void {
    let start = this.#starts.get(host);
    if (start === undefined || start.stream !== stream) {
      // Streams of a host come in the order of its starts; a line of an earlier one may be late.
      if (start !== undefined && !isLaterStart(stream, start.stream)) return;
      start = { stream, tail: new LogTail(TAIL_LINES), lastAt: Number.NEGATIVE_INFINITY };
      this.#starts.set(host, start);
    }
    // By index: an iterator that makes pairs takes several times as long, for each of a million lines.
    for (let index = 0; index < times.length; index += 1) {
      const time = times[index] ?? 0;
      if (time > start.lastAt) start.lastAt = time;
      if (lines[index]?.startsWith(TRACEBACK)) start.tracebackAt = time;
    }
    start.tail.pushAll(lines);
  }

  /**
   * The tail of the host that failed, as far as that can be known: whose words SageMaker's reason has, else whose
   * traceback came first (those of the others are often its consequence), else who speaks of an error, else who
   * wrote last. Hosts that were started again since they wrote come last, and say so.
   *
   * @param failureReason as the API has it
   * @param restartedAt milliseconds since 1970 at which the job was last started again
   * @param lastStream of a host, where it is known: one without a line yet is a start of which nothing is seen
   */
  telling({
    failureReason = '',
    restartedAt = Number.NEGATIVE_INFINITY,
    lastStream = () => undefined,
  }: {
    readonly failureReason?: string | undefined;
    readonly restartedAt?: number | undefined;
    readonly lastStream?: (host: string) => string | undefined;
  } = {}): HostTail {
    const all = [...this.#starts]
      .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([host, start]) => ({ host, ...start, lines: start.tail.lines }));
    const isPast = ({ host, stream, lastAt }: (typeof all)[number]) => {
      const last = lastStream(host);
      return lastAt < restartedAt || (last !== undefined && isLaterStart(last, stream));
    };
    const current = all.filter((one) => !isPast(one));
    const among = current.length > 0 ? current : all;
    const words = lastWords(failureReason);
    const found =
      (words !== undefined && among.find(({ lines }) => lines.some((line) => line.trim() === words))) ||
      among
        .filter(({ lines }) => lines.some((line) => line.startsWith(TRACEBACK)))
        .sort((a, b) => (a.tracebackAt ?? 0) - (b.tracebackAt ?? 0))[0] ||
      among.find(({ lines }) => lines.slice(-20).some((line) => /error|exception|fatal/i.test(line))) ||
      among.reduce<(typeof all)[number] | undefined>(
        (last, one) => (last === undefined || one.lastAt > last.lastAt ? one : last),
        undefined,
      );
    if (found === undefined) return { lines: [] };
    const { host, lines } = found;
    return { host, lines, ...(current.length === 0 && { beforeRestart: true as const }) };
  }
}

/** A shorter line stands in any log. */
const SHORTEST_WORDS = 8;

/** The last line of the program's own text in the reason: where Python names the exception. */
function lastWords(failureReason: string): string | undefined {
  const lines = failureReason
    .replace(/,?\s*exit code: \d+\s*$/i, '')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const last = lines.length > 1 ? lines.at(-1) : undefined;
  return last !== undefined && last.length >= SHORTEST_WORDS ? last : undefined;
}
