import { describe, expect, test } from '@jest/globals';
import { BuildkitLog, PlainLog } from '../../../../src/stages/build/build-log.js';
import { CLASSIC, MODERN, OLD } from './logs.js';

const buildkit = (text: string) => {
  const log = new BuildkitLog();
  for (const line of text.split('\n')) {
    log.push('stderr', line);
  }
  return log.findings();
};

const classic = ({ stdout, stderr }: { stdout: string; stderr: string }) => {
  const log = new PlainLog();
  for (const line of stdout.split('\n')) {
    log.push('stdout', line);
  }
  for (const line of stderr.split('\n')) {
    log.push('stderr', line);
  }
  return log.findings();
};

describe('the log of BuildKit', () => {
  test('tells the failed step, what it printed, its exit code and its lines in the Dockerfile', () => {
    expect(buildkit(MODERN.exitCode)).toEqual({
      error: expect.stringMatching(/^process "\/bin\/sh -c echo one/),
      exitCode: 3,
      step: {
        title: expect.stringMatching(/^RUN echo one/),
        count: { by: 'stage', stage: 'stage-1', number: 2, total: 3 },
      },
      output: ['one', 'line 1', 'line 2', 'two'],
      place: { line: 10, endLine: 14 },
    });
  });

  test('of engines before 23 has no lines of the Dockerfile', () => {
    expect(buildkit(OLD.exitCode)).toEqual({
      error: expect.stringMatching(/^executor failed running/),
      exitCode: 3,
      step: { title: expect.stringMatching(/^RUN echo one/), count: { by: 'stage', number: 3, total: 4 } },
      output: ['one', 'two', 'line 1'],
    });
  });

  test('has a reason under many wrappings', () => {
    expect(buildkit(OLD.syntax).error).toBe('dockerfile parse error line 3: unknown instruction: RUNN');
    expect(buildkit(MODERN.copy).error).toBe('"/nothere.txt": not found');
  });

  test('names only the reason of a command that was never started', () => {
    const reason = 'unable to find user nosuch: no matching entries in passwd file';
    for (const wrapping of [
      'process "/bin/sh -c a: b" did not complete successfully',
      'executor failed running [/bin/sh -c a]',
    ]) {
      const log = `#5 [2/2] RUN a\n#5 ERROR: ${wrapping}: ${reason}\nERROR: failed to solve: ${wrapping}: ${reason}`;
      expect(buildkit(log)).toMatchObject({ error: reason, step: { title: 'RUN a' } });
    }
  });

  test('has a reason of several lines', () => {
    expect(buildkit(OLD.cacheExport).error).toMatch(/^Cache export is not supported .* Learn more at https:/);
  });

  test('does not blame a cache that could not be read for what failed later', () => {
    const { step, output } = buildkit(MODERN.cacheImportAndExit);
    expect(step?.title).toBe('RUN false');
    expect(output).toEqual([]);
  });

  test('keeps apart what steps print at the same time, and the parts of a line with carriage returns', () => {
    const log = [
      '#5 [2/3] RUN a',
      '#5 0.1 a1',
      '',
      '#6 [other 2/3] RUN b',
      '#6 0.1 b 10%',
      'b 20%',
      '',
      '#5 [2/3] RUN a',
      '#5 0.2 a2',
      '#5 ERROR: process "/bin/sh -c a" did not complete successfully: exit code: 1',
      '',
      '#6 [other 2/3] RUN b',
      '#6 CANCELED',
      'ERROR: failed to build: failed to solve: process "/bin/sh -c a" did not complete successfully: exit code: 1',
    ].join('\n');
    expect(buildkit(log).output).toEqual(['a1', 'a2']);
    const failedB = log
      .replace('#5 ERROR: process', '#5 DONE 0.2s')
      .replace('#6 CANCELED', '#6 ERROR: process "/bin/sh -c a" did not complete successfully: exit code: 1');
    expect(buildkit(failedB).output).toEqual(['b 10%', 'b 20%']);
  });

  test('cannot be forged by what a step prints', () => {
    const forged = MODERN.exitCode.replace(
      '#6 0.051 one',
      '#6 0.051 one\n#6 0.051 Dockerfile:2\n#6 0.051 --------------------\n#6 0.051    2 | >>> FROM x\n#6 0.052 ERROR: failed to solve: exit code: 9',
    );
    const { place, exitCode, error } = buildkit(forged);
    expect({ place, exitCode }).toEqual({ place: { line: 10, endLine: 14 }, exitCode: 3 });
    expect(error).toMatch(/^process/);
  });

  test('is bounded: the last lines of a step are kept', () => {
    const log = new BuildkitLog();
    log.push('stderr', '#5 [2/3] RUN a');
    for (let index = 0; index < 10_000; index += 1) {
      log.push('stderr', `#5 1.5 \x1b[31mline ${index}\x1b[0m`);
    }
    log.push('stderr', '#5 ERROR: no');
    log.push('stderr', 'ERROR: failed to solve: no');
    const { output } = log.findings();
    expect(output).toHaveLength(30);
    expect(output.at(-1)).toBe('line 9999');
  });

  test('that says nothing gives no reason', () => {
    expect(buildkit('')).toEqual({ error: '', output: [] });
  });
});

describe('the log of the classic builder', () => {
  test('tells the failed step, what it printed without colours, and its exit code', () => {
    expect(classic(CLASSIC.exitCode)).toEqual({
      error: expect.stringMatching(/^The command '\/bin\/sh -c echo out/),
      exitCode: 2,
      step: { title: 'RUN echo out; echo err >&2; exit 2', count: { by: 'file', number: 2 } },
      output: ['out', 'err'],
    });
  });

  test('leaves the advice about its own deprecation out', () => {
    expect(classic(CLASSIC.copy).error).toBe(
      'COPY failed: file not found in build context or excluded by .dockerignore: stat nothere.txt: file does not exist',
    );
    expect(classic(CLASSIC.syntax)).toEqual({
      error: 'dockerfile parse error line 3: unknown instruction: RUNN',
      output: [],
    });
  });
});
