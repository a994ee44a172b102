import { type LogEvent, type LogPage, type LogStreams, StaleTokenError } from '../../aws/log-streams.js';

/** Hosts whose streams are read at the same time. */
const AT_ONCE = 4;
/** CloudWatch may give empty pages in a row though more is to come; so many of them, and the next pass goes on. */
const MOST_EMPTY_PAGES = 50;
/** A page is full at 10,000 events or 1 MB; one that is far from both is the last one, most of the time. */
const FULL_PAGE = { events: 5_000, characters: 400_000 };

interface Stream {
  readonly name: string;
  readonly host: string;
  /** Where to go on; absent: at the beginning. */
  token?: string;
  /** Events from the beginning up to the token. */
  position: number;
  /** Events that were handed on: more than the position while the stream is read again from its beginning. */
  seen: number;
}

/**
 * Reads the log streams of a job or an endpoint as they grow: each event once, in its stream's order, whatever happens in
 * between. The place in a stream is CloudWatch's own token and never a time, which events can share.
 */
export class LogReader {
  readonly #streams = new Map<string, Stream>();

  /**
   * @param owner the job, or the endpoint
   * @param onEvents some of a page's; `host` is `algo-1`, …; `stream` is another one for each start of the host
   * @param hostOf whose streams are read one after the other
   */
  constructor(
    private readonly owner: string,
    private readonly onEvents: (host: string, events: readonly LogEvent[], stream: string) => void,
    private readonly hostOf: (stream: string) => string = hostOfJob,
  ) {}

  get streamCount(): number {
    return this.#streams.size;
  }

  /** Hosts that have logged at all. A host that was started again has more than one stream. */
  get hostCount(): number {
    return new Set([...this.#streams.values()].map(({ host }) => host)).size;
  }

  /** Hosts of which an event was handed on. */
  get heardHostCount(): number {
    return new Set([...this.#streams.values()].filter(({ seen }) => seen > 0).map(({ host }) => host)).size;
  }

  /** The stream of the host's last start so far, whether or not it has an event. */
  lastStreamOf(host: string): string | undefined {
    const names = [...this.#streams.values()]
      .filter((stream) => stream.host === host)
      .map(({ name }) => name);
    return names.sort(byStart).at(-1);
  }

  /** Looks for streams that are new. @returns their number */
  async look(logs: LogStreams, signal: AbortSignal): Promise<number> {
    const before = this.#streams.size;
    const names = await logs.streams(this.owner, signal);
    for (const name of [...names].sort(byStart)) {
      if (!this.#streams.has(name))
        this.#streams.set(name, { name, host: this.hostOf(name), position: 0, seen: 0 });
    }
    return this.#streams.size - before;
  }

  /**
   * Reads what is new in each stream; the streams of a host one after the other, so that its lines stay in order.
   * One host's trouble does not keep the others from being read.
   *
   * @param toEnd reads on until CloudWatch gives the same token again. Otherwise a page that is far from full ends
   * it, which halves the calls: should there be more, the next pass goes on from the same place
   * @param enough ends the pass early, between two pages
   * @returns the number of events
   * @throws AwsError of the first stream that failed; what had come before was handed on
   */
  async read(
    logs: LogStreams,
    signal: AbortSignal,
    toEnd: boolean,
    enough: () => boolean = () => false,
  ): Promise<number> {
    let events = 0;
    const failures: unknown[] = [];
    const waiting = [...Map.groupBy(this.#streams.values(), ({ host }) => host).values()];
    const work = async () => {
      for (let streams = waiting.shift(); streams !== undefined; streams = waiting.shift()) {
        try {
          for (const [index, stream] of streams.entries()) {
            // What is left of an earlier start comes first, in the next pass.
            if (index > 0 && enough()) break;
            events += await this.#readStream(stream, logs, signal, toEnd, enough);
          }
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, waiting.length) }, work));
    if (failures.length > 0) throw failures[0];
    return events;
  }

  async #readStream(
    stream: Stream,
    logs: LogStreams,
    signal: AbortSignal,
    toEnd: boolean,
    enough: () => boolean,
  ): Promise<number> {
    const before = stream.seen;
    let empty = 0;
    while (!signal.aborted && empty < MOST_EMPTY_PAGES) {
      if (stream.token === undefined) stream.position = 0;
      const page = await this.#page(stream, logs, signal);
      if (page === 'stale') continue;
      if (page === undefined || signal.aborted) break;
      const { count, full } = this.#handOn(stream, page.pieces);
      stream.position += count;
      const repeated = page.next === '' || page.next === stream.token;
      if (page.next === '') delete stream.token;
      else stream.token = page.next;
      if (repeated) break;
      empty = count === 0 ? empty + 1 : 0;
      if (enough() || (!toEnd && count > 0 && !full)) break;
    }
    return stream.seen - before;
  }

  /** Those of a page that are new. Should the page break off, it is known how far it was handed on. */
  #handOn(
    stream: Stream,
    pieces: Iterable<readonly LogEvent[]>,
  ): { readonly count: number; readonly full: boolean } {
    let count = 0;
    let characters = 0;
    const known = stream.seen - stream.position;
    for (const events of pieces) {
      for (const { message } of events) characters += message.length;
      const fresh = count >= known ? events : events.slice(known - count);
      count += events.length;
      if (fresh.length === 0) continue;
      stream.seen = stream.position + count;
      this.onEvents(stream.host, fresh, stream.name);
    }
    return { count, full: count >= FULL_PAGE.events || characters >= FULL_PAGE.characters };
  }

  /** The next page; `stale` when the token was too old: it is forgotten, and the stream read from its beginning. */
  async #page(stream: Stream, logs: LogStreams, signal: AbortSignal): Promise<LogPage | 'stale' | undefined> {
    try {
      return await logs.page(stream.name, stream.token, signal);
    } catch (error) {
      if (!(error instanceof StaleTokenError) || stream.token === undefined) throw error;
      delete stream.token;
      return 'stale';
    }
  }
}

/** `churn-1/algo-2-1699307977` → `algo-2`. */
function hostOfJob(stream: string): string {
  const last = stream.slice(stream.lastIndexOf('/') + 1);
  return /^(algo-\d+)-/.exec(last)?.[1] ?? last;
}

/** Whether a host's stream is of a later start than another of it. */
export function isLaterStart(stream: string, other: string): boolean {
  return byStart(stream, other) > 0;
}

/** A host's streams by the time in their names, so that a restart's lines come after those before it. */
function byStart(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
