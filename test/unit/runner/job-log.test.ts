import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLog, type JobLog } from '../../../src/runner/job-log.js';
import { runnerCommands } from '../../integration/runner-commands.js';
import { hostileText } from './hostile.js';

let output: string;
let log: JobLog;
let clock: number;
let tokens: number;

beforeEach(() => {
  output = '';
  clock = 0;
  tokens = 0;
  log = createLog({
    write: (text) => {
      output += text;
    },
    token: () => {
      tokens += 1;
      return `token${tokens}`;
    },
    now: () => clock,
  });
});

const lines = () => output.split('\n').slice(0, -1);

describe('the guard around untrusted lines', () => {
  test('begins at the first one and ends before the next line of our own', () => {
    log.info('before');
    log.untrusted('build', 'one');
    log.untrusted('build', 'two');
    log.info('after');
    expect(lines()).toEqual([
      'before',
      '::stop-commands::token1',
      'build | one',
      'build | two',
      '::token1::',
      'after',
    ]);
  });

  test('stands once around many lines at once', () => {
    log.untrusted('algo-1', ['one', 'two']);
    log.release();
    expect(lines()).toEqual(['::stop-commands::token1', 'algo-1 | one', 'algo-1 | two', '::token1::']);
    output = '';
    log.untrusted('algo-1', []);
    log.release();
    expect(output).toBe('');
  });

  test('has another token each time', () => {
    log.untrusted('a', 'x');
    log.info('between');
    log.untrusted('a', 'x');
    log.release();
    expect(lines().filter((line) => line.startsWith('::'))).toEqual([
      ...['::stop-commands::token1', '::token1::', '::stop-commands::token2', '::token2::'],
    ]);
  });

  test('is left before a debug line, each of whose lines is a command of its own', () => {
    log.untrusted('build', 'one');
    log.debug('50%0A\n::error::x');
    expect(lines().slice(2)).toEqual(['::token1::', '::debug::50%250A', '::debug::: :error::x']);
    expect(runnerCommands(output).filter(({ name }) => name === 'debug')).toMatchObject([
      { message: '50%0A' },
      { message: ': :error::x' },
    ]);
  });

  test('is left once: a release without a guard writes nothing', () => {
    log.release();
    log.untrusted('a', 'x');
    log.release();
    log.release();
    expect(lines()).toEqual(['::stop-commands::token1', 'a | x', '::token1::']);
  });

  test('is left before a group ends, so that the end counts', async () => {
    await log.group('Build', async () => log.untrusted('build', 'one'));
    expect(runnerCommands(output).map(({ name }) => name)).toEqual(['group', 'endgroup']);
  });
});

describe('a group', () => {
  test('has its lines inside, its time at the end, and gives the result', async () => {
    const result = await log.group('Build', async () => {
      log.info('inside');
      clock = 3_240;
      return 7;
    });
    expect(result).toBe(7);
    expect(lines()).toEqual(['::group::Build', 'inside', 'Took 3.2 s.', '::endgroup::']);
  });

  test('ends when its work fails, and another one may follow', async () => {
    await expect(log.group('A', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await log.group('B', async () => {});
    expect(lines().filter((line) => line.startsWith('::'))).toEqual([
      ...['::group::A', '::endgroup::', '::group::B', '::endgroup::'],
    ]);
  });

  test('a title is one line of text, whatever it holds', async () => {
    const title = '100%0A\n::error::x\r##[error]y';
    await log.group(title, async () => {});
    expect(runnerCommands(output)).toEqual([
      { name: 'group', properties: {}, message: '100%0A ::error::x ## [error]y' },
      { name: 'endgroup', properties: {}, message: '' },
    ]);
  });

  test('one inside another is a mistake of the caller', async () => {
    await expect(log.group('A', () => log.group('B', async () => {}))).rejects.toThrow(/inside another/);
  });
});

describe('untrusted text', () => {
  test('each of its lines has its source in front', () => {
    log.untrusted('algo-1', 'a\n::error::b\r\nc\rd');
    log.release();
    expect(lines().slice(1, -1)).toEqual(['algo-1 | a', 'algo-1 | : :error::b', 'algo-1 | c', 'algo-1 | d']);
  });

  test('an empty line has no blank at its end', () => {
    log.untrusted('build', '');
    expect(lines().at(-1)).toBe('build |');
  });

  /** Takes the guard away, as a runner would see the lines that did not know of it. */
  const unguarded = (text: string) => text.replaceAll(/^::(?:stop-commands::)?token\d+(?:::)?\n/gm, '');

  test('is never a command, neither behind the guard nor without it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileText, { maxLength: 6 }), async (texts) => {
        output = '';
        for (const text of texts) {
          log.untrusted('algo-1', text);
          log.info(text);
        }
        await log.group('Group', async () => {
          for (const text of texts) log.untrusted('algo-1', text);
        });
        for (const seen of [output, unguarded(output)]) {
          expect(runnerCommands(seen).map(({ name }) => name)).toEqual(['group', 'endgroup']);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of many lines at once is shown as that of one after the other', () => {
    const some = fc.oneof(
      hostileText,
      fc.constantFrom('', 'plain', 'blank ', 'tab\t', 'two\nlines', 'a::b', '::error::x', '##[error]x', 'µ'),
    );
    const shown = (print: () => void) => {
      output = '';
      print();
      log.release();
      return unguarded(output);
    };
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), (texts) => {
        expect(shown(() => log.untrusted('algo-1', texts))).toBe(
          shown(() => {
            for (const text of texts) log.untrusted('algo-1', text);
          }),
        );
      }),
      { numRuns: 500 },
    );
    const many = Array.from({ length: 2_500 }, (_, n) => `line ${n}`);
    expect(shown(() => log.untrusted('algo-1', many))).toBe(
      many.map((line) => `algo-1 | ${line}\n`).join(''),
    );
  });

  test('does not end the guard, not even by a token that was printed before', () => {
    log.untrusted('algo-1', '::token1::');
    log.untrusted('algo-1', '##[token1]');
    log.untrusted('algo-1', '##[error]still guarded');
    expect(runnerCommands(output)).toEqual([]);
    log.release();
    expect(runnerCommands(`${output}::notice::counts again\n`)).toHaveLength(1);
  });
});
