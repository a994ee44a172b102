import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Annotation } from '../../../src/plan.js';
import { annotate } from '../../../src/runner/annotations.js';
import { runnerCommands } from '../../integration/runner-commands.js';

let output: string;
const write = process.stdout.write;
beforeEach(() => {
  output = '';
  process.stdout.write = ((text: string) => {
    output += text;
    return true;
  }) as typeof process.stdout.write;
});
afterEach(() => {
  process.stdout.write = write;
});

const written = (annotations: readonly Annotation[]) => {
  annotate(annotations);
  return runnerCommands(output);
};

test('a place in the repository is named by file and lines', () => {
  const location = { path: 'container/train', line: 12, endLine: 14 };
  expect(written([{ level: 'error', title: 'Failed', message: 'Exit code 1', location }])).toEqual([
    {
      name: 'error',
      properties: { title: 'Failed', file: 'container/train', line: '12', endLine: '14' },
      message: 'Exit code 1',
    },
  ]);
});

test('one without a place, of each level', () => {
  const levels = ['error', 'warning', 'notice'] as const;
  const seen = written(levels.map((level) => ({ level, title: 'T', message: 'M' })));
  expect(seen).toEqual(levels.map((name) => ({ name, properties: { title: 'T' }, message: 'M' })));
});

test('what they hold stays text: it ends no line and sets no property', () => {
  const message = '100%\n::error::x\r\n::stop-commands::y';
  const title = 'a,file=/etc/passwd::b\nc';
  expect(written([{ level: 'warning', title, message }])).toEqual([
    { name: 'warning', properties: { title }, message },
  ]);
});
