import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter, LogTail } from '../../../src/contract/log-lines.js';

function linesOf(...chunks: readonly (Buffer | string)[]): readonly string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) {
    splitter.write(Buffer.from(chunk as string));
  }
  splitter.end();
  return lines;
}

const LIMIT = 64 * 1024;

describe('LineSplitter', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\n\nb\n', ['a', '', 'b']],
    ['\n', ['']],
    ['a\r\nb\r\n', ['a', 'b']],
    ['10%\r20%\r30%\n', ['10%', '20%', '30%']],
    ['a\r\r\nb', ['a', '', 'b']],
    ['\r\n', ['']],
    ['\n\r', ['', '']],
    ['a\u2028b\u0085c\u000bd', ['a\u2028b\u0085c\u000bd']],
  ])('cuts %j into %j', (text, lines) => {
    expect(linesOf(text)).toEqual(lines);
  });

  test('keeps a CR LF pair whole that comes in two chunks', () => {
    expect(linesOf('a\r', '\nb\r', '\n')).toEqual(['a', 'b']);
    expect(linesOf('a\r', '', '\nb')).toEqual(['a', 'b']);
  });

  test('shows a progress bar’s line as soon as its carriage return comes', () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    splitter.write(Buffer.from('10%\r20'));
    expect(lines).toEqual(['10%']);
  });

  test('puts a character together that is cut between two chunks', () => {
    const bytes = Buffer.from('größe 😀\n');
    for (let at = 1; at < bytes.length; at += 1) {
      expect(linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['größe 😀']);
    }
  });

  test('writes U+FFFD for bytes that are no UTF-8, and goes on', () => {
    expect(linesOf(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xc3, 0x28, 0x0a, 0x63]))).toEqual([
      'a\ufffdb',
      '\ufffd(',
      'c',
    ]);
    expect(linesOf(Buffer.from([0x61, 0xe2, 0x82]))).toEqual(['a\ufffd']);
  });

  test('gives the same lines however the bytes are cut', () => {
    // Bytes that are likely to make a difference: line ends, parts of characters, nonsense.
    const byte = fc.oneof(
      fc.constantFrom(
        0x0a,
        0x0d,
        0x61,
        0xc3,
        0xa9,
        0xe2,
        0x82,
        0xac,
        0xf0,
        0x9f,
        0x98,
        0x80,
        0xff,
        0x00,
        0xed,
      ),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(byte), fc.array(fc.nat(100)), (bytes, cuts) => {
        const whole = Buffer.from(bytes);
        const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((from, index) =>
          whole.subarray(from, [...places, whole.length][index]),
        );
        expect(Buffer.concat(chunks)).toEqual(whole);
        expect(linesOf(...chunks)).toEqual(linesOf(whole));
      }),
      { numRuns: 500 },
    );
  });

  test('loses no text: the lines joined are the text without its line ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = Buffer.from(text).toString('utf8');
        expect(linesOf(clean).join('')).toBe(clean.replace(/[\r\n]/g, ''));
      }),
    );
  });

  test('cuts a line of a megabyte, says how much is missing, and keeps the lines around it', () => {
    const long = 'x'.repeat(1024 * 1024);
    const expected = ['before', `${'x'.repeat(LIMIT)} … [${1024 * 1024 - LIMIT} more characters]`, 'after'];
    expect(linesOf(`before\n${long}\nafter`)).toEqual(expected);
    const pieces = Array.from({ length: 64 }, () => 'x'.repeat(16 * 1024));
    expect(linesOf('before\n', ...pieces, '\nafter')).toEqual(expected);
  });

  test('cuts nothing from a line that just fits', () => {
    expect(linesOf('x'.repeat(LIMIT))).toEqual(['x'.repeat(LIMIT)]);
    expect(linesOf(`${'x'.repeat(LIMIT)}y`)).toEqual([`${'x'.repeat(LIMIT)} … [1 more characters]`]);
  });
});

describe('LogTail', () => {
  test('keeps the last lines', () => {
    const tail = new LogTail(3);
    expect(tail.lines).toEqual([]);
    for (let line = 1; line <= 10; line += 1) {
      tail.push(`${line}`);
      expect(tail.lines).toEqual(
        Array.from({ length: Math.min(line, 3) }, (_, index) => `${Math.max(line - 2, 1) + index}`),
      );
    }
  });

  test('keeps the same of many lines at once as of one after the other', () => {
    for (const sizes of [[3], [2, 2], [7], [1, 3, 1], [2, 8, 2], [5, 0, 5]]) {
      const [one, all] = [new LogTail(3), new LogTail(3)];
      for (const [index, size] of sizes.entries()) {
        const lines = Array.from({ length: size }, (_, line) => `${index}.${line}`);
        for (const line of lines) one.push(line);
        all.pushAll(lines);
      }
      expect(all.lines).toEqual(one.lines);
    }
  });

  test('keeps 400 lines unless told otherwise, and cuts long ones', () => {
    const tail = new LogTail();
    for (let line = 0; line < 1000; line += 1) {
      tail.push('y'.repeat(5000));
    }
    expect(tail.lines).toHaveLength(400);
    expect(tail.lines[0]).toBe(`${'y'.repeat(4096)}…`);
  });
});
