import { searchable } from './text.js';

/** One call of a Python traceback, as the container's file system names it. */
export interface Frame {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Absent in the frame that a SyntaxError points to. */
  readonly function?: string;
  /** The line of source that Python printed, trimmed; absent when it had no source. */
  readonly code?: string;
}

export interface Traceback {
  /** Outermost call first, whatever order the log had. */
  readonly frames: readonly Frame[];
  /** `KeyError: 'SM_CHANNEL_TRAIN'`; empty when the log ends before it. */
  readonly exception: string;
  /** Indexes of the lines that hold its header and its exception. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** `firstLine` of the first traceback of the chain (`During handling of…`) or exception group it ends. */
  readonly chainFirstLine: number;
}

/*
 * Python's forms, read from CPython's traceback.py and Lib/traceback.c of 3.8 to 3.13 [code]:
 *
 *   Traceback (most recent call last):              + Exception Group Traceback (most recent call last):
 *     File "/opt/program/train", line 12, in main    |   File "/opt/program/train", line 12, in main
 *       frame = read(path)                           | ExceptionGroup: two failed (2 sub-exceptions)
 *               ~~~~^^^^^^                           +-+---------------- 1 ----------------
 *   KeyError: 'x'                                      | Traceback (most recent call last):
 *
 * Loggers and launchers put a prefix before the header alone, or before each line; lines of other processes
 * fall in between. So a traceback remembers its prefix and the column at which its frames start.
 */
const HEADER = 'Traceback (most recent call last):';
const FAULT_HEADER = /\b[Tt]hread 0x[0-9a-f]{1,20}\b.{0,80}\(most recent call first\):$/;
const FAULT = /Fatal Python error: .*/;
const FRAME_START = '  File "';
const FRAME = /^ {2}File "([^"]*)", line (\d{1,9})(?:,? in (.*))?$/;
/** Underlines since 3.11, the elision of long statements since 3.13. */
const MARKER = /^[\s~^]+$|^\.\.\.<\d+ lines>\.\.\.$/;
/** A builtin is one capitalised word; all others carry their module: `struct.error`, `__main__.Broken`. */
const EXCEPTION = /^(?:[A-Z]\w*|[A-Za-z_]\w*(?:\.(?:\w+|<locals>))+)(?::(?: |$)|$)/;
/** Words that begin a line of a log like an exception, from another thread or process: `INFO: started`. */
const LOG_LEVEL =
  /^(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|TRACE|Debug|Info|Epoch|Step|Loss|Note)\b/;
const SYNTAX_EXCEPTION = /^(?:SyntaxError|IndentationError|TabError)\b/;
const CHAIN =
  /(?:The above exception was the direct cause of the following exception|During handling of the above exception, another exception occurred):/;
const GROUP_RULE = /\+-\+?-{3,}/;

/** Tracebacks followed at once (ranks of a distributed program), and foreign lines allowed within one. */
const MOST_OPEN = 16;
const MOST_FOREIGN = 50;
/** What can be left of a frame (its source and the underline) before the first whole one. */
const CUT_LINES = 2;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Open {
  readonly kind: 'traceback' | 'syntax' | 'fault';
  readonly prefix: string;
  /** Each line starts with the prefix, so that lines without it are somebody else's. */
  exact: boolean;
  /** Column of the frames' indentation; unknown until the first frame. */
  margin: number | undefined;
  readonly frames: Mutable<Frame>[];
  readonly firstLine: number;
  readonly chainFirstLine: number;
  foreign: number;
}

type Fed = 'taken' | 'foreign' | 'broken' | { readonly exception: string };

/**
 * The Python tracebacks in lines of output, in the order in which they end. Each line is looked at once by at
 * most {@link MOST_OPEN} parsers, and only its first thousand characters: linear, whatever is printed.
 */
export function parseTracebacks(lines: readonly string[]): readonly Traceback[] {
  const found: Traceback[] = [];
  let open: Open[] = [];
  let chain: { readonly to: number; readonly at: number } | undefined;
  let fatal = '';

  const close = (parser: Open, lastLine: number, exception: string): void => {
    open = open.filter((other) => other !== parser);
    if (parser.frames.length === 0) return;
    if (parser.kind === 'syntax' && exception === '') return;
    found.push({
      frames: parser.kind === 'fault' ? parser.frames.toReversed() : parser.frames,
      exception,
      firstLine: parser.firstLine,
      lastLine,
      chainFirstLine: parser.chainFirstLine,
    });
  };

  const start = (kind: Open['kind'], prefix: string, at: number): Open => {
    for (const other of open) if (other.prefix === prefix) close(other, at - 1, '');
    if (open.length >= MOST_OPEN) close(open[0] as Open, at - 1, '');
    const linked = chain !== undefined && at - chain.at <= 5 ? chain.to : at;
    chain = undefined;
    const parser: Open = {
      kind,
      prefix,
      exact: false,
      margin: undefined,
      frames: [],
      firstLine: at,
      chainFirstLine: linked,
      foreign: 0,
    };
    open.push(parser);
    return parser;
  };

  for (const [index, raw] of lines.entries()) {
    const line = searchable(raw);
    const header = line.indexOf(HEADER);
    if (header >= 0) {
      // "Exception Group " stands between the margin and the header's text.
      start('traceback', line.slice(0, header).replace(/Exception Group $/, ''), index);
      continue;
    }
    if (CHAIN.test(line) || (found.length > 0 && GROUP_RULE.test(line))) {
      const last = found.at(-1);
      if (last !== undefined) chain = { to: last.chainFirstLine, at: index };
      continue;
    }
    const fault = FAULT.exec(line);
    if (fault !== null) fatal = fault[0];
    if (FAULT_HEADER.test(line)) {
      start('fault', line.slice(0, Math.max(0, line.search(/(?:Current thread|Thread) 0x/))), index);
      continue;
    }

    let taken = false;
    for (const parser of byPrefix(open, line)) {
      const fed = feed(parser, line);
      if (fed === 'foreign') {
        parser.foreign += 1;
        if (parser.foreign > MOST_FOREIGN) close(parser, index, '');
        continue;
      }
      if (fed === 'broken') close(parser, index - 1, parser.kind === 'fault' ? fatal : '');
      else if (fed !== 'taken') close(parser, index, fed.exception);
      taken = fed !== 'broken';
      if (taken) break;
    }
    if (taken) continue;

    // A SyntaxError in the program itself comes without a header: there was no call yet. And the first lines
    // of a log's tail may be the rest of a traceback whose header was cut off.
    const column = line.indexOf(FRAME_START);
    const frame = column >= 0 ? FRAME.exec(line.slice(column)) : null;
    if (frame !== null && (frame[3] === undefined || index <= CUT_LINES)) {
      const parser = start(frame[3] === undefined ? 'syntax' : 'traceback', line.slice(0, column), index);
      parser.margin = column;
      parser.exact = column > 0;
      parser.frames.push(frameOf(frame));
    }
  }
  for (const parser of [...open]) close(parser, lines.length - 1, parser.kind === 'fault' ? fatal : '');
  return found.sort((a, b) => a.lastLine - b.lastLine);
}

/** Those whose prefix the line has come first, then the youngest: another rank's prefix is as wide. */
function byPrefix(open: readonly Open[], line: string): readonly Open[] {
  const score = ({ prefix }: Open): number => (line.startsWith(prefix) ? prefix.length : -1);
  return open.length < 2 ? open : open.toReversed().sort((a, b) => score(b) - score(a));
}

const frameOf = ([, file = '', line, name]: RegExpExecArray): Frame => ({
  file,
  line: Number(line),
  ...(name === undefined ? {} : { function: name }),
});

function feed(parser: Open, line: string): Fed {
  if (parser.margin === undefined) {
    const column = line.indexOf(FRAME_START);
    // The prefix stands before each line, changes but keeps its width (a time), or stood before the header only.
    if (column !== parser.prefix.length && column !== 0) return 'foreign';
    parser.margin = column;
    parser.exact = column > 0 && line.startsWith(parser.prefix);
  } else if (parser.exact && !line.startsWith(parser.prefix)) {
    return 'foreign';
  }
  const body = line.slice(parser.margin);
  const frame = FRAME.exec(body);
  if (frame !== null) {
    parser.frames.push(frameOf(frame));
    return 'taken';
  }
  if (parser.kind === 'fault') return 'broken';
  if (body.trim() === '') return 'taken';
  if (body.startsWith('    ')) {
    const last = parser.frames.at(-1);
    const code = body.trim();
    if (last !== undefined && last.code === undefined && !MARKER.test(code)) last.code = code;
    return 'taken';
  }
  // "  [Previous line repeated 995 more times]"
  if (body.startsWith(' ')) return 'taken';
  const ends = parser.kind === 'syntax' ? SYNTAX_EXCEPTION : EXCEPTION;
  return ends.test(body) && !LOG_LEVEL.test(body) ? { exception: body.trimEnd() } : 'foreign';
}

/** `requests.exceptions.ConnectionError` of `requests.exceptions.ConnectionError: …`. */
export function exceptionType(exception: string): string {
  const end = exception.search(/[:\s]/);
  return end < 0 ? exception : exception.slice(0, end);
}

/**
 * Exceptions by which one process reports that another one failed: a `train` script that runs the real
 * program, torchrun, gunicorn's master. The error was printed before them.
 */
const CARRIERS =
  /(?:^|\.)(?:CalledProcessError|ChildFailedError|HaltServer|ExecuteUserScriptError|SystemExit|ProcessRaisedException|ProcessExitedException|BrokenProcessPool)$/;

/** Whether an exception of this type reports another process's failure. */
export const isCarrier = (type: string): boolean => CARRIERS.test(type);

/**
 * The traceback of the error that ended the program: the last one that does not merely report another's. A
 * pool raises a worker's exception once more in the parent: then the worker's own is the one that tells where.
 */
export function finalTraceback(tracebacks: readonly Traceback[]): Traceback | undefined {
  const last =
    tracebacks.findLast(({ exception }) => !isCarrier(exceptionType(exception))) ?? tracebacks.at(-1);
  if (last === undefined || last.chainFirstLine === last.firstLine) return last;
  const cause = tracebacks.findLast(({ lastLine }) => lastLine < last.firstLine);
  const same = cause?.chainFirstLine === last.chainFirstLine && cause.exception === last.exception;
  return same ? cause : last;
}
