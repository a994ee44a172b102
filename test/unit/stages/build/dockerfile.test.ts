import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDockerfile, stageHeads } from '../../../../src/stages/build/dockerfile.js';

const places = (text: string) =>
  parseDockerfile(text).map(({ keyword, line, endLine }) => `${keyword} ${line}-${endLine}`);

describe('the instructions of a Dockerfile', () => {
  test('comments and empty lines are none, keywords are read in any case', () => {
    expect(places('# a\n\nfrom x\n  # b\n  Run true\n')).toEqual(['FROM 3-3', 'RUN 5-5']);
  });

  test('a continuation goes on over comments and empty lines, to the line without the mark', () => {
    const text = 'FROM x\nRUN a && \\\n  # why\n\n  b; \\  \n  c\nCMD d\n';
    expect(places(text)).toEqual(['FROM 1-1', 'RUN 2-6', 'CMD 7-7']);
    expect(parseDockerfile(text)[1]?.rest).toBe('a && b; c');
  });

  test('the escape directive changes what continues a line, but only at the top', () => {
    expect(places('# escape=`\nFROM x\nRUN a `\n b\nRUN c\\\nCMD d')).toEqual([
      'FROM 2-2',
      'RUN 3-4',
      'RUN 5-5',
      'CMD 6-6',
    ]);
    expect(places('FROM x\n# escape=`\nRUN a \\\n b')).toEqual(['FROM 1-1', 'RUN 3-4']);
  });

  test('the bodies of here-documents belong to their instruction, several of them too', () => {
    const text = [
      'FROM x',
      'RUN <<EOF',
      'RUN not an instruction',
      'EOF',
      `COPY <<-"ONE" <<'TWO' /x/`,
      'FROM here',
      '\tONE',
      'FROM there',
      'TWO',
      'CMD y',
    ].join('\n');
    expect(places(text)).toEqual(['FROM 1-1', 'RUN 2-4', 'COPY 5-9', 'CMD 10-10']);
  });

  test('a here-string and a here-document that never ends take no other lines', () => {
    expect(places('FROM x\nRUN cat <<<EOF\nRUN b <<END\nCMD c')).toEqual([
      'FROM 1-1',
      'RUN 2-2',
      'RUN 3-3',
      'CMD 4-4',
    ]);
  });

  test('Windows line ends and a byte order mark are no part of it', () => {
    expect(parseDockerfile('\ufeffFROM x\r\nRUN a \\\r\n b\r\n')).toEqual([
      { keyword: 'FROM', rest: 'x', line: 1, endLine: 1, stage: 0 },
      { keyword: 'RUN', rest: 'a b', line: 2, endLine: 3, stage: 0 },
    ]);
  });

  test('each belongs to a build stage, and what stands before the first FROM to none', () => {
    expect(parseDockerfile('ARG A\nFROM a\nRUN b\nFROM c').map(({ stage }) => stage)).toEqual([-1, 0, 0, 1]);
  });

  test('any text gives instructions that follow each other within its lines', () => {
    const piece = fc.constantFrom('RUN a', ' \\', '\n', '<<EOF', 'EOF', '# c', 'FROM x', '\r\n', '\t', '`');
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        const text = pieces.join('');
        let last = 0;
        for (const { line, endLine } of parseDockerfile(text)) {
          expect(line).toBeGreaterThan(last);
          expect(endLine).toBeGreaterThanOrEqual(line);
          last = endLine;
        }
        expect(last).toBeLessThanOrEqual(text.split('\n').length);
      }),
    );
  });
});

test('the heads of the stages have image and name, options left out', () => {
  const text = 'FROM --platform=linux/amd64 python:3.11 AS Train\nFROM scratch\nFROM Train as x';
  expect(stageHeads(parseDockerfile(text))).toEqual([
    { image: 'python:3.11', name: 'train' },
    { image: 'scratch' },
    { image: 'Train', name: 'x' },
  ]);
});
