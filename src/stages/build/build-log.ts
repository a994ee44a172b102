import { LogTail } from '../../contract/log-lines.js';
import { searchable } from '../../diagnosis/text.js';
import type { BuildStep } from './locate-step.js';

/** What the output of a failed build says. All of it is untrusted text. */
export interface BuildFindings {
  /** The builder's last word, on one line, without the phrases that nest around it. Empty when it said nothing. */
  readonly error: string;
  readonly exitCode?: number;
  readonly step?: BuildStep;
  /** Last lines that the failed step printed, without the builder's marks. */
  readonly output: readonly string[];
  /** Lines of the Dockerfile that the builder itself points at, 1-based. */
  readonly place?: { readonly line: number; readonly endLine: number };
}

/** Takes a build's output line by line, and says at the end what went wrong. */
export interface BuildLog {
  push(stream: 'stdout' | 'stderr', line: string): void;
  findings(): BuildFindings;
}

/** Lines kept of a step: the report's own limit. */
const KEPT = 30;

interface Step {
  readonly title: string;
  readonly tail: LogTail;
  error?: string;
}

/**
 * Reads `docker buildx build --progress plain`: steps are numbered (`#6 [2/3] RUN …`), their output carries the
 * number and a time (`#6 0.345 text`), and at the end stand the failed steps, an excerpt of the Dockerfile with
 * `>>>` before the lines in question (since BuildKit 0.11), and `ERROR: …`.
 */
export class BuildkitLog implements BuildLog {
  readonly #steps = new Map<string, Step>();
  /** The step that printed last: an unmarked line behind it is the rest of a line with a carriage return. */
  #printing: Step | undefined;
  readonly #failed: Step[] = [];
  #error: string[] = [];
  #inError = false;
  #header: number | undefined;
  #excerpt: 'none' | 'header' | 'open' | 'read' = 'none';
  readonly #marked: number[] = [];

  push(_stream: 'stdout' | 'stderr', raw: string): void {
    const line = searchable(raw);
    const numbered = /^#(\d+) (.*)$/s.exec(line);
    if (numbered) {
      this.#inError = false;
      this.#pushStep(numbered[1] ?? '', numbered[2] ?? '');
      return;
    }
    if (line.startsWith('ERROR: ')) {
      this.#error = [line];
      this.#inError = true;
      this.#printing = undefined;
    } else if (this.#inError) {
      if (this.#error.length < KEPT) {
        this.#error.push(line);
      }
    } else if (line === '' || /^-{6}$/.test(line)) {
      this.#printing = undefined;
    } else if (this.#printing) {
      this.#printing.tail.push(line);
    } else {
      this.#pushExcerpt(line);
    }
  }

  #pushStep(number: string, rest: string): void {
    const step = this.#steps.get(number);
    if (step === undefined) {
      this.#steps.set(number, { title: rest, tail: new LogTail(KEPT) });
      this.#printing = undefined;
      return;
    }
    const printed = /^\d+\.\d+ (.*)$/s.exec(rest);
    if (printed) {
      step.tail.push(printed[1] ?? '');
      this.#printing = step;
      return;
    }
    this.#printing = undefined;
    if (rest.startsWith('ERROR: ')) {
      step.error = rest.slice('ERROR: '.length);
      this.#failed.push(step);
    } else if (/^(?:DONE \d|CACHED$|CANCELED$)/.test(rest)) {
      this.#steps.delete(number);
    }
  }

  #pushExcerpt(line: string): void {
    if (this.#excerpt === 'header' && /^-{20}$/.test(line)) {
      this.#excerpt = 'open';
    } else if (this.#excerpt === 'none' || this.#excerpt === 'header') {
      const number = /^.+:(\d+)$/.exec(line)?.[1];
      this.#header = Number(number);
      this.#excerpt = number === undefined ? 'none' : 'header';
    } else if (this.#excerpt === 'open') {
      const marked = /^ *(\d+) \| >>>/.exec(line);
      if (marked) {
        this.#marked.push(Number(marked[1]));
      } else if (/^-{20}$/.test(line)) {
        this.#excerpt = 'read';
      }
    }
  }

  findings(): BuildFindings {
    const error = plainError(this.#error.join(' '));
    // Failed imports of a cache and steps canceled with another one are failed steps too, but not the reason.
    const blamed = this.#failed.filter((step) => error.includes(plainError(step.error ?? '')));
    const step = (blamed.length > 0 ? blamed : this.#failed).at(-1);
    const code = /(?:did not complete successfully: exit code|\]: exit code): (\d+)/.exec(error)?.[1];
    const line = this.#marked[0] ?? (this.#excerpt === 'read' ? this.#header : undefined);
    return {
      // Without an exit code the command was never started: only what stands behind it is the reason.
      error: code === undefined ? error.replace(NOT_STARTED, '') : error,
      output: step?.tail.lines ?? [],
      ...(code !== undefined && { exitCode: Number(code) }),
      ...(step && { step: buildkitStep(step.title) }),
      ...(line !== undefined && { place: { line, endLine: this.#marked.at(-1) ?? line } }),
    };
  }
}

function buildkitStep(name: string): BuildStep {
  const [, stage, number, total, title] =
    /^\[(?:[a-z]+\/\S+ )?(?:(\S+) )?(\d+)\/(\d+)\] (.*)$/s.exec(name) ?? [];
  return title === undefined
    ? { title: name }
    : {
        title,
        count: {
          by: 'stage',
          number: Number(number),
          total: Number(total),
          ...(stage !== undefined && { stage }),
        },
      };
}

/**
 * Reads the classic builder's output: `Step 2/7 : RUN …` and what that prints on standard output; the reason
 * that it stopped for on standard error.
 */
export class PlainLog implements BuildLog {
  #step: BuildStep | undefined;
  #tail = new LogTail(KEPT);
  readonly #errors = new LogTail(KEPT);

  push(stream: 'stdout' | 'stderr', raw: string): void {
    const line = searchable(raw);
    if (stream === 'stderr') {
      // The client's advice about its own deprecation stands first, and is indented.
      if (line !== '' && !/^(?:DEPRECATED: |\s{6,}|WARNING: |Sending build context )/.test(line)) {
        this.#errors.push(line);
      }
      return;
    }
    const step = /^Step (\d+)\/\d+ : (.*)$/s.exec(line);
    if (step) {
      this.#step = { title: step[2] ?? '', count: { by: 'file', number: Number(step[1]) } };
      this.#tail = new LogTail(KEPT);
    } else if (this.#step && line !== '' && !/^ ---> |^Removing intermediate container /.test(line)) {
      this.#tail.push(line);
    }
  }

  findings(): BuildFindings {
    const error = plainError(this.#errors.lines.join(' '));
    const code = /returned a non-zero code: (\d+)/.exec(error)?.[1];
    return {
      error,
      output: this.#tail.lines,
      ...(code !== undefined && { exitCode: Number(code) }),
      ...(this.#step && { step: this.#step }),
    };
  }
}

/** Phrases that each layer of the builder puts before the reason, and that tell the reader nothing. */
const WRAPPERS = [
  'ERROR: ',
  'failed to build: ',
  'failed to solve: ',
  'rpc error: code = [A-Za-z]+ desc = ',
  'failed to solve with frontend [\\w.]+: ',
  'failed to create LLB definition: ',
  'failed to (?:compute|load) cache key: ',
  'failed to calculate checksum of ref [^ ]+: ',
  'failed to read dockerfile: ',
  'failed to parse Dockerfile: ',
  'Error response from daemon: ',
];
const NOT_STARTED = /^(?:process ".*" did not complete successfully|executor failed running \[.*\]): /;
const WRAPPER = new RegExp(`^(?:${WRAPPERS.join('|')})+`);

const plainError = (text: string): string => text.trim().replace(WRAPPER, '');
