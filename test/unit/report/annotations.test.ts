import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Annotation } from '../../../src/plan.js';
import { renderAnnotations } from '../../../src/report/annotations.js';
import {
  buildFailed,
  canceled,
  failing,
  filledWith,
  green,
  hostingFailed,
  invalidInput,
  warned,
} from './samples.js';
import { anyText, UNSEEN } from './texts.js';

const many = (level: Annotation['level'], count: number): Annotation[] =>
  Array.from({ length: count }, (_, index) => ({ level, title: `${level} ${index}`, message: 'x' }));

describe('annotations', () => {
  test('of a green run are none', () => {
    expect(renderAnnotations(green)).toEqual([]);
    expect(renderAnnotations(warned)).toEqual([]);
  });

  test('of a failed training: the line of the program, said once, and what else failed', () => {
    expect(
      renderAnnotations(failing).map(({ level, title, location }) => [level, title, location?.line]),
    ).toEqual([
      ['error', 'Hyperparameter is a string', 61],
      ['error', 'Failed: The server listens on port 8080 of all interfaces', undefined],
    ]);
  });

  test('of a failed server without a line of the program: the check', () => {
    const [annotation] = renderAnnotations(hostingFailed);
    expect(annotation).toMatchObject({
      title: 'Failed: The server listens on port 8080 of all interfaces',
      message: expect.stringMatching(/^Port 8080 cannot be reached.*\nFix: Bind to/s),
    });
  });

  test('of a diagnosis with a place that nobody annotated: that place', () => {
    const [annotation] = renderAnnotations({ ...failing, annotations: [] });
    expect(annotation).toMatchObject({ level: 'error', location: { path: 'container/train', line: 61 } });
  });

  test('of a failed build: its line, and no second one', () => {
    expect(renderAnnotations(buildFailed)).toHaveLength(1);
    expect(renderAnnotations({ ...buildFailed, annotations: [] })).toEqual([
      {
        level: 'error',
        title: 'The image could not be built',
        message: expect.stringContaining('\nFix: Correct the name'),
      },
    ]);
  });

  test('of wrong inputs: all mistakes in one', () => {
    const [annotation, ...more] = renderAnnotations(invalidInput);
    expect(more).toEqual([]);
    expect(annotation?.title).toBe('Invalid input');
    for (const line of invalidInput.failure?.lines ?? []) expect(annotation?.message).toContain(line);
  });

  test('of a canceled run are no errors', () => {
    const record = { ...canceled, failure: { message: 'Stopped.' } };
    expect(renderAnnotations(record).map(({ level }) => level)).toEqual(['notice']);
  });

  test('are as many as GitHub shows, the errors first, and the last says what is missing', () => {
    const annotations = [...many('notice', 20), ...many('warning', 20), ...many('error', 20)];
    const shown = renderAnnotations({ ...green, annotations });
    const count = (level: string) => shown.filter((one) => one.level === level).length;
    expect([count('error'), count('warning'), count('notice')]).toEqual([9, 10, 10]);
    expect(shown[0]?.title).toBe('error 0');
    expect(shown.at(-1)?.message).toBe(
      '11 errors, 10 warnings, 11 notices more: GitHub shows only some of a step. The job summary has all of them.',
    );
  });

  test('are short and can be seen, whatever the container said', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 500 }), (text, times) => {
        for (const { title, message } of renderAnnotations(filledWith(text.repeat(times)))) {
          expect(title.length).toBeLessThanOrEqual(255);
          expect(title).not.toMatch(/[\r\n]/);
          expect(message.length).toBeLessThanOrEqual(40_000);
          expect(title + message).not.toMatch(UNSEEN);
        }
      }),
    );
  });
});
