import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exceptionType, finalTraceback, parseTracebacks } from '../../../src/diagnosis/traceback.js';

const parse = (text: string) => parseTracebacks(text.split('\n'));
/** What `locate` needs of each: the innermost frame and the exception. */
const ends = (text: string) =>
  parse(text).map(({ frames, exception }) => [frames.at(-1)?.file, frames.at(-1)?.line, exception]);

const SIMPLE = `Traceback (most recent call last):
  File "/opt/program/train", line 12, in <module>
    main()
  File "/opt/program/helper.py", line 7, in main
    work(config)
ValueError: bad: value`;

describe('a traceback', () => {
  test('of two calls', () => {
    expect(parse(`before\n${SIMPLE}\nafter`)).toEqual([
      {
        frames: [
          { file: '/opt/program/train', line: 12, function: '<module>', code: 'main()' },
          { file: '/opt/program/helper.py', line: 7, function: 'main', code: 'work(config)' },
        ],
        exception: 'ValueError: bad: value',
        firstLine: 1,
        lastLine: 6,
        chainFirstLine: 1,
      },
    ]);
  });

  test('with the underlines of 3.11 and the elided statement of 3.13', () => {
    const [traceback] = parse(`Traceback (most recent call last):
  File "/opt/program/train", line 12, in <module>
    frame = read(path)["a"]
            ~~~~~~~~~~^^^^^
  File "/opt/program/train", line 3, in read
    return pd.read_csv(
           ~~~~~~~~~~~^
        path,
        ^^^^^
    ...<2 lines>...
    )
    ^
KeyError: 'a'`);
    expect(traceback?.frames.map(({ code }) => code)).toEqual([
      'frame = read(path)["a"]',
      'return pd.read_csv(',
    ]);
    expect(traceback?.exception).toBe("KeyError: 'a'");
  });

  test('without source, with repeated lines, in methods and lambdas, of a bare exception', () => {
    expect(
      parse(`Traceback (most recent call last):
  File "/opt/program/train", line 12, in <lambda>
  File "/opt/program/train", line 3, in A.b.<locals>.c
    c()
  [Previous line repeated 995 more times]
  File "<string>", line 1, in <module>
RecursionError`),
    ).toMatchObject([
      {
        frames: [
          { line: 12, function: '<lambda>' },
          { line: 3, function: 'A.b.<locals>.c', code: 'c()' },
          { file: '<string>', line: 1 },
        ],
        exception: 'RecursionError',
      },
    ]);
  });

  test('with the import machinery in between', () => {
    expect(
      ends(`Traceback (most recent call last):
  File "/opt/program/train", line 2, in <module>
    import helper
  File "<frozen importlib._bootstrap>", line 1360, in _find_and_load
  File "<frozen importlib._bootstrap_external>", line 1026, in exec_module
  File "/opt/program/helper.py", line 1, in <module>
    import nothing
ModuleNotFoundError: No module named 'nothing'`),
    ).toEqual([['/opt/program/helper.py', 1, "ModuleNotFoundError: No module named 'nothing'"]]);
  });

  test('with notes and a message of several lines: the first line of the message', () => {
    expect(ends(`${SIMPLE}\nand more\nA note that was added`)).toEqual([
      ['/opt/program/helper.py', 7, 'ValueError: bad: value'],
    ]);
  });

  test('whose exception has a module, or none and no message', () => {
    const ending = (exception: string) =>
      parse(SIMPLE.replace('ValueError: bad: value', exception))[0]?.exception;
    expect(ending('torch.cuda.OutOfMemoryError: CUDA out of memory')).toBe(
      'torch.cuda.OutOfMemoryError: CUDA out of memory',
    );
    expect(ending('struct.error: unpack')).toBe('struct.error: unpack');
    expect(ending('KeyboardInterrupt')).toBe('KeyboardInterrupt');
    expect(ending('__main__.f.<locals>.Broken: x')).toBe('__main__.f.<locals>.Broken: x');
    expect(ending('AssertionError:')).toBe('AssertionError:');
  });

  test('with Windows line ends and colours', () => {
    const coloured = SIMPLE.replace('ValueError', '\u001b[1;35mValueError\u001b[0m').replace(
      '"/opt/program/helper.py"',
      '\u001b[35m"/opt/program/helper.py"\u001b[0m',
    );
    expect(ends(coloured.replaceAll('\n', '\r\n'))).toEqual([
      ['/opt/program/helper.py', 7, 'ValueError: bad: value'],
    ]);
  });

  test('that the end of the log cuts off has no exception', () => {
    expect(ends(SIMPLE.split('\n').slice(0, -1).join('\n'))).toEqual([['/opt/program/helper.py', 7, '']]);
  });

  test('that the start of the log cuts off has the frames that are left', () => {
    for (const cut of [1, 2, 3]) {
      expect(ends(SIMPLE.split('\n').slice(cut).join('\n'))).toEqual([
        ['/opt/program/helper.py', 7, 'ValueError: bad: value'],
      ]);
    }
  });

  test('is not made of lines that only look like a frame', () => {
    expect(parse('starting\nreading\nloading\n  File "/opt/program/train", line 3, in main\nready')).toEqual(
      [],
    );
    expect(parse('Traceback (most recent call last):\nnothing follows')).toEqual([]);
    expect(parse('  File "/opt/program/train", line 3\nready')).toEqual([]);
  });
});

describe('a chain', () => {
  test.each([
    'The above exception was the direct cause of the following exception:',
    'During handling of the above exception, another exception occurred:',
  ])('%s', (link) => {
    const tracebacks = parse(
      `noise\n${SIMPLE}\n\n${link}\n\n${SIMPLE.replace('ValueError: bad: value', 'RuntimeError: worse')}`,
    );
    expect(tracebacks.map(({ firstLine, chainFirstLine }) => [firstLine, chainFirstLine])).toEqual([
      [1, 1],
      [10, 1],
    ]);
    expect(finalTraceback(tracebacks)?.exception).toBe('RuntimeError: worse');
  });

  test('of a pool, which raises the same once more: the worker’s own is the one', () => {
    const remote = `multiprocessing.pool.RemoteTraceback:
"""
${SIMPLE}
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/opt/program/train", line 30, in <module>
    pool.map(work, rows)
  File "/usr/local/lib/python3.12/multiprocessing/pool.py", line 774, in get
    raise self._value
ValueError: bad: value`;
    expect(finalTraceback(parse(remote))?.frames.at(-1)).toMatchObject({
      file: '/opt/program/helper.py',
      line: 7,
    });
  });

  test('a later traceback after something else is no part of it', () => {
    const tracebacks = parse(`${SIMPLE}\n${'line\n'.repeat(10)}${SIMPLE}`);
    expect(tracebacks.map(({ firstLine, chainFirstLine }) => firstLine - chainFirstLine)).toEqual([0, 0]);
  });
});

describe('an exception group', () => {
  const GROUP = `  + Exception Group Traceback (most recent call last):
  |   File "/opt/program/train", line 30, in <module>
  |     asyncio.run(main())
  |   File "/opt/program/train", line 20, in main
  |     async with asyncio.TaskGroup() as group:
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/opt/program/train", line 8, in one
    |     raise ValueError("one")
    | ValueError: one
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/opt/program/train", line 11, in two
    |     return {}["two"]
    |            ~~^^^^^^^
    | KeyError: 'two'
    +------------------------------------`;

  test('has its own traceback and one for each exception in it', () => {
    expect(ends(GROUP)).toEqual([
      ['/opt/program/train', 20, 'ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)'],
      ['/opt/program/train', 8, 'ValueError: one'],
      ['/opt/program/train', 11, "KeyError: 'two'"],
    ]);
    expect(parse(GROUP).map(({ chainFirstLine }) => chainFirstLine)).toEqual([0, 0, 0]);
    expect(parse(GROUP)[2]?.frames[0]?.code).toBe('return {}["two"]');
  });

  test('printed by one of several processes', () => {
    const prefixed = GROUP.split('\n')
      .map((line) => `[rank1]: ${line}`)
      .join('\n');
    expect(ends(prefixed)).toEqual(ends(GROUP));
  });
});

describe('a syntax error', () => {
  test('in the program itself comes without a header', () => {
    expect(
      parse(`  File "/opt/program/train", line 3
    print "x"
    ^^^^^^^^^
SyntaxError: Missing parentheses in call to 'print'`),
    ).toMatchObject([
      {
        frames: [{ file: '/opt/program/train', line: 3, code: 'print "x"' }],
        exception: expect.stringContaining('SyntaxError'),
      },
    ]);
  });

  test('in a module is the innermost frame', () => {
    expect(
      ends(`Traceback (most recent call last):
  File "/opt/program/train", line 2, in <module>
    import helper
  File "/opt/program/helper.py", line 4
    def f(:
          ^
SyntaxError: invalid syntax`),
    ).toEqual([['/opt/program/helper.py', 4, 'SyntaxError: invalid syntax']]);
  });
});

describe('several processes', () => {
  const prefixed = (prefix: string, text = SIMPLE) => text.split('\n').map((line) => prefix + line);

  test.each(['[rank0]: ', 'algo-2 | ', '2026-02-03 10:11:12,345 ERROR ', '    ', 'train_1  | '])(
    'a prefix before each line: %j',
    (prefix) => {
      expect(ends(prefixed(prefix).join('\n'))).toEqual([
        ['/opt/program/helper.py', 7, 'ValueError: bad: value'],
      ]);
    },
  );

  test('a time that changes from line to line', () => {
    const lines = SIMPLE.split('\n').map((line, index) => `2026-02-03 10:11:1${index},345 ${line}`);
    expect(ends(lines.join('\n'))).toEqual([['/opt/program/helper.py', 7, 'ValueError: bad: value']]);
  });

  test('a logger that puts its prefix before the header alone', () => {
    expect(ends(`ERROR:root:failed ${SIMPLE}`)).toEqual([
      ['/opt/program/helper.py', 7, 'ValueError: bad: value'],
    ]);
  });

  test('two ranks, line by line', () => {
    const [a, b] = [
      prefixed('[rank0]: '),
      prefixed('[rank1]: ', SIMPLE.replace('bad', 'worse').replace('line 7', 'line 9')),
    ];
    expect(ends(a.flatMap((line, index) => [line, b[index] ?? '']).join('\n'))).toEqual([
      ['/opt/program/helper.py', 7, 'ValueError: bad: value'],
      ['/opt/program/helper.py', 9, 'ValueError: worse: value'],
    ]);
  });

  test('lines of others in between', () => {
    const foreign = [
      'INFO: still here',
      'WARNING:root:x',
      'epoch 3: loss 0.1',
      'Epoch: 4',
      '[I] ready',
      '100%|████| 3/3',
    ];
    const lines = SIMPLE.split('\n').flatMap((line, index) => [line, foreign[index] ?? '']);
    expect(ends(lines.join('\n'))).toEqual([['/opt/program/helper.py', 7, 'ValueError: bad: value']]);
  });

  test('more of them than anybody follows do not lose the last', () => {
    const lines = Array.from({ length: 40 }, (_, rank) => prefixed(`[rank${rank}]: `));
    const interleaved = SIMPLE.split('\n').flatMap((_, index) => lines.map((each) => each[index] ?? ''));
    const last = ends(interleaved.join('\n')).at(-1);
    expect(last).toEqual(['/opt/program/helper.py', 7, 'ValueError: bad: value']);
  });
});

describe('the one that ended the program', () => {
  test.each([
    "subprocess.CalledProcessError: Command '['python']' returned non-zero exit status 1.",
    'torch.distributed.elastic.multiprocessing.errors.ChildFailedError:',
    'SystemExit: 1',
    'gunicorn.errors.HaltServer: <HaltServer 3>',
    'torch.multiprocessing.spawn.ProcessRaisedException:',
  ])('is not one that only reports it: %s', (carrier) => {
    const tracebacks = parse(`${SIMPLE}\n${SIMPLE.replace('ValueError: bad: value', carrier)}`);
    expect(finalTraceback(tracebacks)?.exception).toBe('ValueError: bad: value');
  });

  test('is the report when there is nothing else', () => {
    const report = SIMPLE.replace('ValueError: bad: value', 'SystemExit: 1');
    expect(finalTraceback(parse(report))?.exception).toBe('SystemExit: 1');
    expect(finalTraceback([])).toBeUndefined();
  });
});

test('the dump of a crash has the innermost call first and ends with its signal', () => {
  expect(
    parse(`Fatal Python error: Segmentation fault

Current thread 0x00007f1b2c3d4e5f (most recent call first):
  File "/usr/local/lib/python3.12/ctypes/__init__.py", line 9 in call
  File "/opt/program/train", line 3 in <module>

Extension modules: numpy`),
  ).toMatchObject([
    {
      frames: [
        { file: '/opt/program/train', line: 3 },
        { file: '/usr/local/lib/python3.12/ctypes/__init__.py', line: 9 },
      ],
      exception: 'Fatal Python error: Segmentation fault',
    },
  ]);
});

test('the type of an exception is what stands before its message', () => {
  expect(exceptionType('a.b.C: d')).toBe('a.b.C');
  expect(exceptionType('KeyboardInterrupt')).toBe('KeyboardInterrupt');
});

describe('any text', () => {
  const line = fc.oneof(
    fc.constantFrom(
      ...SIMPLE.split('\n'),
      '  | ',
      '  +-+---- 1 ----',
      '  + Exception Group Traceback (most recent call last):',
      'During handling of the above exception, another exception occurred:',
      'Current thread 0x1 (most recent call first):',
      '  File "x", line 3',
      '    ^^^',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const prefix = fc.constantFrom('', '[rank0]: ', '  | ', ' ');

  test('is read without an error, and every traceback lies within it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(prefix, line).map(([before, text]) => before + text),
          { maxLength: 60 },
        ),
        (lines) => {
          for (const { frames, firstLine, lastLine, chainFirstLine } of parseTracebacks(lines)) {
            expect(frames.length).toBeGreaterThan(0);
            expect(chainFirstLine).toBeLessThanOrEqual(firstLine);
            expect(firstLine).toBeLessThanOrEqual(lastLine);
            expect(lastLine).toBeLessThan(lines.length);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('around a whole traceback does not hide it', () => {
    const quiet = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((text) => !/\n|File|Traceback|^\s*$/.test(text));
    fc.assert(
      fc.property(fc.array(quiet), fc.array(quiet), prefix, (before, after, mark) => {
        const own = SIMPLE.split('\n').map((text) => mark + text);
        expect(parseTracebacks([...before, ...own, ...after])).toContainEqual(
          expect.objectContaining({ exception: 'ValueError: bad: value', firstLine: before.length }),
        );
      }),
    );
  });
});
