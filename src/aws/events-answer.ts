/** Bytes of events that are parsed at once, about: some hundred lines, enough to make a write worth while. */
const PIECE = 64 * 1024;
/** A full page: 1 MiB of text, and what JSON has around it. */
const USUAL_ANSWER = 2 * 1024 * 1024;

/** Memory of answers that are done with: taken anew for each, it would be collected much later than it is needed. */
const spare: Buffer[] = [];
/** As many as are read at the same time, about. */
const MOST_SPARE = 4;

interface Event {
  message: string;
  timestamp: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

export interface EventsAnswer {
  /** To be gone through once. Throws what {@link readEventsAnswer} does, at the piece from which on it is no JSON. */
  readonly pieces: Iterable<readonly Readonly<Event>[]>;
  /** All but the events, as JSON. */
  readonly rest: string;
}

/**
 * Reads an answer of GetLogEvents. That is a megabyte of some ten thousand events: parsed as a whole, of several hosts
 * at a time, they would make V8's young generation grow by a hundred megabytes, which it keeps. So they are parsed in
 * pieces, as they are gone through.
 *
 * @throws SyntaxError when it is no JSON, with what makes it an error of the answer for {@link toAwsError}
 */
export async function readEventsAnswer(body: AsyncIterable<Buffer>): Promise<EventsAnswer> {
  let memory = spare.pop() ?? Buffer.allocUnsafeSlow(USUAL_ANSWER);
  let length = 0;
  for await (const chunk of body) {
    if (memory.length < length + chunk.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (length + chunk.length));
      memory.copy(larger, 0, 0, length);
      memory = larger;
    }
    length += chunk.copy(memory, length);
  }
  const bytes = memory.subarray(0, length);
  const range = rangeOfEvents(bytes);
  const rest =
    range && isJson(`${bytes.toString('utf8', 0, range.start)}${bytes.toString('utf8', range.end)}`);
  if (range === undefined || rest === undefined) {
    const { events = [], ...others } = parse<{ readonly events?: Partial<Event>[] }>(bytes.toString());
    giveBack(memory);
    return { pieces: [completed(events)], rest: JSON.stringify(others) };
  }
  return { pieces: piecesOf(bytes, range, memory), rest };
}

function* piecesOf(
  bytes: Buffer,
  range: Range,
  memory: Buffer,
): Generator<readonly Event[], void, undefined> {
  for (let { start } = range; start < range.end; ) {
    let end = endOfPiece(bytes, start + PIECE, range.end);
    let events: Partial<Event>[];
    try {
      events = parsed(bytes, start, end);
    } catch (error) {
      if (end === range.end) throw error;
      // Objects within events, which AWS does not have today.
      bytes.write(',', end);
      end = range.end;
      events = parsed(bytes, start, end);
    }
    yield completed(events);
    start = end + 1;
  }
  giveBack(memory);
}

/** The commas around the piece become its brackets: no copy of it needs to be made for them. */
function parsed(bytes: Buffer, start: number, end: number): Partial<Event>[] {
  bytes.write('[', start - 1);
  bytes.write(']', end);
  return parse(bytes.toString('utf8', start - 1, end + 1));
}

function parse<Value>(text: string): Value {
  try {
    return JSON.parse(text);
  } catch (error) {
    // As the SDK has it: something that is not AWS answered with a 200, or the answer was cut.
    throw Object.assign(error as SyntaxError, { $metadata: { httpStatusCode: 200 } });
  }
}

function completed(events: Partial<Event>[]): readonly Event[] {
  for (const event of events) {
    event.message ??= '';
    event.timestamp ??= 0;
  }
  return events as Event[];
}

function giveBack(memory: Buffer): void {
  // A line of a megabyte may have made it grow: it is not kept for ever.
  if (spare.length < MOST_SPARE && memory.length === USUAL_ANSWER) spare.push(memory);
}

/*
 * Marks in JSON without blanks between its tokens, as AWS writes it. A quote that a letter comes after begins a name:
 * within a string a quote has a backslash before it, and after a string comes no letter. So whatever a container
 * writes, no text of its can be taken for a mark.
 */
const BEFORE_EVENTS = Buffer.from('"events":[{"');
const BETWEEN_EVENTS = Buffer.from('},{"');
const AFTER_EVENTS = Buffer.from('}],"');

const isLetter = (byte: number | undefined): boolean =>
  byte !== undefined && /[a-z]/i.test(String.fromCharCode(byte));

/** Where the events are, without the brackets around them. */
function rangeOfEvents(bytes: Buffer): Range | undefined {
  const before = bytes.indexOf(BEFORE_EVENTS);
  if (before < 0) return undefined;
  const start = before + BEFORE_EVENTS.length - 2;
  for (let after = bytes.lastIndexOf(AFTER_EVENTS); after > start; ) {
    if (isLetter(bytes[after + AFTER_EVENTS.length])) return { start, end: after + 1 };
    after = bytes.lastIndexOf(AFTER_EVENTS, after - 1);
  }
  return bytes.subarray(-3).toString() === '}]}' ? { start, end: bytes.length - 2 } : undefined;
}

/** Where the event ends that is the first to end at the place or after it. */
function endOfPiece(bytes: Buffer, place: number, end: number): number {
  let at = bytes.indexOf(BETWEEN_EVENTS, place);
  while (at >= 0 && at < end) {
    if (isLetter(bytes[at + BETWEEN_EVENTS.length])) return at + 1;
    at = bytes.indexOf(BETWEEN_EVENTS, at + 1);
  }
  return end;
}

function isJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}
