import { StringDecoder } from 'node:string_decoder';

/** A longer line is cut: the rest of it is counted, not kept. */
const MAX_LINE = 64 * 1024;

/**
 * Cuts a byte stream into lines of text. Invalid UTF-8 becomes U+FFFD; a carriage return ends a line like a
 * newline does, so that progress bars do not pile up into one; a line over 64 Ki characters is cut with a
 * note, so that memory stays bounded whatever a container prints.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #emit: (line: string) => void;
  #rest = '';
  #dropped = 0;
  #afterReturn = false;

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  write(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** Emits a last line that has no newline. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== '' || this.#dropped > 0) {
      this.#flush();
    }
  }

  #take(text: string): void {
    let start = 0;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code !== 10 && code !== 13) {
        continue;
      }
      // The newline of a CR LF pair ends nothing, also when the pair is cut between two chunks.
      const pair = code === 10 && this.#afterReturn && index === start && this.#rest === '';
      if (!pair) {
        this.#add(text.slice(start, index));
        this.#flush();
      }
      this.#afterReturn = code === 13;
      start = index + 1;
    }
    if (start < text.length) {
      this.#afterReturn = false;
      this.#add(text.slice(start));
    }
  }

  #add(text: string): void {
    const room = MAX_LINE - this.#rest.length;
    this.#rest += room >= text.length ? text : text.slice(0, room);
    this.#dropped += Math.max(0, text.length - room);
  }

  #flush(): void {
    const note = this.#dropped > 0 ? ` … [${this.#dropped} more characters]` : '';
    const line = this.#rest + note;
    this.#rest = '';
    this.#dropped = 0;
    this.#emit(line);
  }
}

/** The last lines of a log, bounded in number and in length. */
export class LogTail {
  readonly #lines: string[] = [];
  readonly #capacity: number;

  constructor(capacity = 400) {
    this.#capacity = capacity;
  }

  push(line: string): void {
    this.#lines.push(line.length > 4096 ? `${line.slice(0, 4096)}…` : line);
    // Trimmed in bulk: moving a whole array for each line would be quadratic.
    if (this.#lines.length >= this.#capacity * 2) {
      this.#lines.splice(0, this.#lines.length - this.#capacity);
    }
  }

  /** The same as one after the other, without keeping those that would be dropped right away. */
  pushAll(lines: readonly string[]): void {
    if (lines.length >= this.#capacity) this.#lines.length = 0;
    for (const line of lines.slice(-this.#capacity)) this.push(line);
  }

  get lines(): readonly string[] {
    return this.#lines.slice(-this.#capacity);
  }
}
