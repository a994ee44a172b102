import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { RunRecord } from '../../../src/plan.js';
import { renderJunit } from '../../../src/report/junit.js';
import {
  buildFailed,
  canceled,
  failing,
  filledWith,
  green,
  HOSTILE,
  hostile,
  huge,
  invalidInput,
  warned,
} from './samples.js';
import { anyText, UNSEEN } from './texts.js';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => ['testsuite', 'testcase'].includes(name),
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
});

interface Case {
  readonly classname: string;
  readonly failure?: { readonly '#text': string };
  readonly error?: object;
  readonly skipped?: { readonly message: string };
  readonly 'system-out'?: string;
}
interface Report {
  readonly testsuite: readonly (Record<string, string> & { readonly testcase: readonly Case[] })[];
}

function parse(record: RunRecord): Report {
  const xml = renderJunit(record);
  expect(XMLValidator.validate(xml)).toBe(true);
  return parser.parse(xml).testsuites;
}

const cases = (record: RunRecord): readonly Case[] =>
  parse(record).testsuite.flatMap(({ testcase }) => testcase);
const caseOf = (record: RunRecord, id: string): Case | undefined =>
  cases(record).find(({ classname }) => classname.endsWith(`.${id}`));

describe('the JUnit report', () => {
  test('has a suite for the run and one for each group, with their counts', () => {
    const report = parse(failing);
    expect(
      report.testsuite.map(({ name, tests, failures, errors, skipped }) => [
        name,
        tests,
        failures,
        errors,
        skipped,
      ]),
    ).toEqual([
      ['run', '2', '0', '0', '0'],
      ['image', '5', '0', '0', '0'],
      ['training', '8', '1', '0', '4'],
      ['hosting', '9', '1', '0', '7'],
    ]);
    expect(report).toMatchObject({
      name: 'sagemaker-byoc',
      tests: '24',
      failures: '2',
      errors: '0',
      skipped: '11',
    });
    expect(report.testsuite[0]?.['timestamp']).toBe('2026-02-03T10:11:12');
  });

  test('has a failure for a failed check, with its evidence, fix and last lines', () => {
    const found = caseOf(failing, 'training.train-exit-code');
    expect(found).toMatchObject({
      name: 'Training ends with exit code 0',
      time: '3.200',
      failure: { type: 'train-exit-code' },
    });
    expect(found?.failure?.['#text']).toMatch(/^Exit code 1 after 3\.2 s\..*\nFix: Convert.*\nTraceback/s);
  });

  test('has no failure for a warning, which is said all the same', () => {
    expect(parse(warned)).toMatchObject({ failures: '0', errors: '0' });
    const found = caseOf(warned, 'image-user');
    expect(found?.['system-out']).toMatch(/^Warning: The image runs as user “app”\.\nFix: Remove/);
  });

  test('says why a check was skipped', () => {
    const found = caseOf(green, 'serve-bad-payload');
    expect(found?.skipped?.message).toBe('No bad payload is sent: `smoke-payload` is empty.');
  });

  test.each(Object.entries({ buildFailed, invalidInput, canceled }))(
    'of the run %s, which no check explains, has an error',
    (_name, record) => {
      expect(parse(record)).toMatchObject({ errors: '1' });
      expect(cases(record).find(({ error }) => error)).toMatchObject({ error: { type: record.outcome } });
    },
  );

  test('of a green run has no error and no failure', () => {
    expect(parse(green)).toMatchObject({ errors: '0', failures: '0', tests: '24' });
  });

  test('holds of many lines the last', () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
    const record = {
      ...green,
      checks: [
        {
          id: 'a',
          group: 'image',
          title: 'A',
          severity: 'error',
          status: 'failed',
          evidence: 'e',
          lines,
        } as const,
      ],
    };
    const text = cases(record).find(({ failure }) => failure)?.failure?.['#text'];
    expect(text).toContain('line 9999');
    expect(text).not.toContain('line 9799\n');
    expect(renderJunit(huge).length).toBeLessThan(64_000_000);
  });

  test('has the text of the container as text', () => {
    expect(XMLValidator.validate(renderJunit(hostile))).toBe(true);
    expect(JSON.stringify(parse(hostile))).toContain(']8;;'.length > 0 ? '<script>alert(1)</script>' : '');
    expect(renderJunit(hostile)).not.toContain('<script');
    expect(HOSTILE).toContain('<script');
  });

  test('is XML that can be seen, whatever the container said', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const xml = renderJunit(filledWith(text));
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(xml).not.toMatch(UNSEEN);
        expect(xml.isWellFormed()).toBe(true);
        expect(xml.match(/<testcase/g)).toHaveLength(8);
      }),
    );
  });

  test('of times that are none has zeros', () => {
    const record = {
      ...green,
      seconds: Number.NaN,
      startedAt: 'never',
      stages: [{ stage: 'build', status: 'passed', seconds: -1, detail: '' } as const],
    };
    expect(parse(record)).toMatchObject({ time: '0.000' });
    expect(renderJunit(record)).not.toContain('timestamp');
  });
});
