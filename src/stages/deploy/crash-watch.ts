/** A container that ends each time it is started, and is started again. */
export interface CrashLoop {
  readonly variant: string;
  /** How often it was seen to start. */
  readonly starts: number;
  /** What it printed as its last line each time. Untrusted. */
  readonly lastLine: string;
}

/** So many starts are no accident. */
const STARTS = 3;
/** And they take some time: a program that tries something again and again within itself is quicker. */
const SHORTEST_SPAN_MS = 5_000;

/** What a program prints that does not get to serving. */
const TROUBLE =
  /^Traceback \(most recent call last\)|\b\w*(?:Error|Exception)\b|\b(?:error|fatal|panic|abort(?:ed)?|failed|failure|killed|segmentation fault|usage)\b|not found|no such file|permission denied|can(?:not|'t) open/i;
/** A program that answers requests has started, whatever else is wrong with it. */
const SERVED = /\/(?:ping|invocations)\b|\bHTTP\/[12]/;
/** A program that says so is still there: it is slow, and has not ended. */
const STILL_TRYING =
  /\b(?:re-?try(?:ing)?|retries|reconnect(?:ing)?|try(?:ing)? again|attempts?|waiting|back-?off|not ready)\b/i;
/**
 * Trouble in the very first line is the end of a program when it is of these kinds. Any other may be a line of its log,
 * written again and again by a program that waits for something.
 */
const ENDS_AT_ONCE =
  /^Traceback \(most recent call last\)|^Exception in thread|not found|no such file|permission denied|can(?:not|'t) open/i;
/** After this, another traceback belongs to the same crash. */
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/;

/**
 * Watches one log stream for a crash loop: the line with which the container began comes again and again, in between
 * there is an error, the same last line each time, no word of trying again, and no request was answered. A container
 * that is merely slow must not be taken for one: what is not certain is left to SageMaker, which itself gives up on a
 * container after a long time only (about 24 min, seen).
 */
export class CrashWatch {
  #first: string | undefined;
  /** The first line does not tell a start from a line that is logged again. */
  #mayBeLog = false;
  #firstAt = 0;
  #starts = 0;
  #before = '';
  /** Of the start that goes on. */
  #last = '';
  #trouble = false;
  #trying = false;
  /** The last line of the start before, and how many ended with it in a row. */
  #ending: { readonly line: string; readonly times: number } | undefined;
  #served = false;
  #loop: CrashLoop | undefined;

  constructor(private readonly variant: string) {}

  get loop(): CrashLoop | undefined {
    return this.#served ? undefined : this.#loop;
  }

  /** @param at milliseconds since 1970, of CloudWatch's event */
  push(line: string, at: number): void {
    if (line.trim() === '') return;
    if (SERVED.test(line)) this.#served = true;
    const shape = shapeOf(line);
    if (this.#first === undefined) {
      this.#mayBeLog = TROUBLE.test(line) && !ENDS_AT_ONCE.test(line);
      this.#first = shape;
      this.#firstAt = at;
    }
    if (shape === this.#first && !CHAINED.test(this.#before)) this.#start(at);
    this.#before = line;
    this.#last = line;
    this.#trouble ||= TROUBLE.test(line);
    this.#trying ||= STILL_TRYING.test(line);
  }

  #start(at: number): void {
    this.#starts += 1;
    if (this.#starts > 1 && this.#trouble && !this.#trying && !this.#mayBeLog) {
      const same = this.#ending !== undefined && shapeOf(this.#ending.line) === shapeOf(this.#last);
      this.#ending = { line: this.#last, times: same ? (this.#ending?.times ?? 0) + 1 : 1 };
      if (this.#ending.times >= STARTS - 1 && at - this.#firstAt >= SHORTEST_SPAN_MS) {
        this.#loop = { variant: this.variant, starts: this.#starts, lastLine: this.#last };
      }
    } else {
      this.#ending = undefined;
    }
    this.#trouble = false;
    this.#trying = false;
  }
}

/** The line without what differs from one start to the next: times, numbers, addresses. */
const shapeOf = (line: string): string =>
  line
    .slice(0, 500)
    .replace(/0x[0-9a-f]+/gi, '#')
    .replace(/\d+/g, '#')
    .trim();
