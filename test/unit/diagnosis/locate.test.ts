import { describe, expect, test } from '@jest/globals';
import { type LocateOptions, locate } from '../../../src/diagnosis/locate.js';
import { finalTraceback, parseTracebacks } from '../../../src/diagnosis/traceback.js';

/** A repository in memory; where the final traceback of the log leads in it. */
function place(log: string, files: Record<string, string>, options: LocateOptions = {}) {
  const traceback = finalTraceback(parseTracebacks(log.split('\n')));
  if (traceback === undefined) throw new Error('no traceback');
  return locate(traceback, { list: () => Object.keys(files), read: (path) => files[path] }, options);
}

const log = (...frames: (readonly [file: string, line: number, code?: string])[]): string =>
  [
    'Traceback (most recent call last):',
    ...frames.flatMap(([file, line, code]) => [
      `  File "${file}", line ${line}, in main`,
      ...(code === undefined ? [] : [`    ${code}`]),
    ]),
    'ValueError: bad',
  ].join('\n');

const TRAIN = 'import sys\n\ndef main():\n    work(config)\n\nmain()\n';

describe('the line of the repository', () => {
  test('is the innermost frame whose text the file has at that line', () => {
    const files = { 'container/train': TRAIN };
    expect(
      place(log(['/opt/program/train', 6, 'main()'], ['/opt/program/train', 4, 'work(config)']), files),
    ).toEqual({
      path: 'container/train',
      line: 4,
    });
  });

  test('is the user’s own call when a library raised', () => {
    const frames = log(
      ['/opt/program/train', 4, 'work(config)'],
      ['/usr/local/lib/python3.12/site-packages/pkg/train.py', 1, 'import sys'],
      ['/usr/lib/python3.12/json/decoder.py', 1, 'import sys'],
      ['<frozen importlib._bootstrap>', 1],
      ['<string>', 1],
    );
    expect(
      place(frames, { 'container/train': TRAIN, 'pkg/train.py': 'import sys', 'decoder.py': 'import sys' }),
    ).toEqual({
      path: 'container/train',
      line: 4,
    });
  });

  test('is found under a name that lost or won its ending, and with Windows line ends', () => {
    expect(
      place(log(['/opt/program/train', 4, 'work(config)']), {
        'src/train.py': TRAIN.replaceAll('\n', '\r\n'),
      }),
    ).toEqual({
      path: 'src/train.py',
      line: 4,
    });
  });

  test('is in the file whose path has most in common', () => {
    const files = { 'a/utils/io.py': TRAIN, 'b/models/io.py': TRAIN, 'io.py': TRAIN };
    expect(place(log(['/opt/program/models/io.py', 4, 'work(config)']), files)?.path).toBe('b/models/io.py');
  });

  test('is in the one file of several that says what Python printed', () => {
    const files = { 'a/train.py': 'x = 1\ny = 2\n', 'b/train.py': TRAIN };
    expect(place(log(['/opt/train.py', 4, 'work(config)']), files)?.path).toBe('b/train.py');
  });

  test('has moved, when the image’s file is another version of the only one there is', () => {
    expect(place(log(['/opt/train.py', 9, 'work(config)']), { 'train.py': TRAIN })).toEqual({
      path: 'train.py',
      line: 4,
    });
  });

  test('is believed without text when another frame of the same file agrees', () => {
    const frames = log(['/opt/train.py', 6, 'main()'], ['/opt/train.py', 4]);
    expect(place(frames, { 'train.py': TRAIN })).toEqual({ path: 'train.py', line: 4 });
  });

  test('is that of a syntax error too', () => {
    const text =
      '  File "/opt/program/train", line 2\n    print "x"\n    ^^^^^^^^^\nSyntaxError: invalid syntax';
    expect(place(text, { 'container/train': 'import sys\nprint "x"\n' })).toEqual({
      path: 'container/train',
      line: 2,
    });
  });

  test('is an outer call when the inner one is not in the repository', () => {
    const frames = log(['/opt/program/train', 6, 'main()'], ['/opt/vendor/lib.py', 3, 'boom()']);
    expect(place(frames, { 'container/train': TRAIN })).toEqual({ path: 'container/train', line: 6 });
  });
});

describe('no line is named', () => {
  test.each<[string, string, Record<string, string>, LocateOptions?]>([
    [
      'when two files fit equally',
      log(['/opt/program/train.py', 4, 'work(config)']),
      { 'a/train.py': TRAIN, 'b/train.py': TRAIN },
    ],
    [
      'when the file is another program',
      log(['/opt/program/train.py', 4, 'work(config)']),
      { 'train.py': 'nothing\nof it\n' },
    ],
    [
      'when the text stands there twice, on other lines',
      log(['/opt/train.py', 1, 'work(config)']),
      { 'train.py': `${TRAIN}${TRAIN}` },
    ],
    ['when there is no text and nothing agrees', log(['/opt/train.py', 4]), { 'train.py': TRAIN }],
    [
      'when the line is beyond the end',
      log(['/opt/train.py', 6, 'main()'], ['/opt/train.py', 99]).replace('line 6', 'line 5'),
      { 'train.py': 'x' },
    ],
    [
      'when all frames are of libraries',
      log(['/usr/lib/python3/site-packages/train.py', 4, 'work(config)']),
      { 'train.py': TRAIN },
    ],
    ['when no file has that name', log(['/opt/program/other.py', 4, 'work(config)']), { 'train.py': TRAIN }],
    [
      'when the file cannot be read',
      log(['/opt/program/train.py', 4, 'work(config)']),
      { 'train.py': undefined as unknown as string },
    ],
    [
      'when the file lies outside of the build context',
      log(['/opt/program/train.py', 4, 'work(config)']),
      { 'other/train.py': TRAIN },
      { context: 'container' },
    ],
    [
      'when the context is another folder whose name begins alike',
      log(['/opt/program/train.py', 4, 'work(config)']),
      { 'container2/train.py': TRAIN },
      { context: 'container' },
    ],
    [
      'when hundreds of files have that name',
      log(['/opt/program/__init__.py', 1, 'import x']),
      Object.fromEntries(
        Array.from({ length: 201 }, (_, index) => [`p${index}/__init__.py`, index === 7 ? 'import x' : '']),
      ),
    ],
  ])('%s', (_name, text, files, options = {}) => {
    expect(place(text, files, options)).toBeUndefined();
  });
});

test('of two equal files the one in the build context is the one', () => {
  const files = { 'container/train.py': TRAIN, 'old/train.py': TRAIN };
  for (const context of ['container', 'container/', './container']) {
    expect(place(log(['/opt/program/train.py', 4, 'work(config)']), files, { context })?.path).toBe(
      'container/train.py',
    );
  }
});

test('each file is read once, and only those of the right name', () => {
  const reads: string[] = [];
  const traceback = finalTraceback(
    parseTracebacks(log(['/opt/train.py', 6, 'x'], ['/opt/train.py', 4, 'y']).split('\n')),
  );
  if (traceback === undefined) throw new Error('no traceback');
  locate(traceback, {
    list: () => ['train.py', 'other.py'],
    read(path) {
      reads.push(path);
      return TRAIN;
    },
  });
  expect(reads).toEqual(['train.py']);
});
