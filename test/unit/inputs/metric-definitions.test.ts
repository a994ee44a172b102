import { describe, expect, test } from '@jest/globals';
import { parseMetricDefinitions } from '../../../src/inputs/metric-definitions.js';
import { Field, Problems } from '../../../src/inputs/problems.js';

function parse(text: string) {
  const problems = new Problems();
  return {
    metrics: parseMetricDefinitions(new Field('metric-definitions', text, problems)),
    problems: problems.found,
  };
}

describe('metric definitions', () => {
  test('lines, with the colon of the name and all signs of the expression', () => {
    expect(parse('train:loss=loss: ([0-9\\.]+)\nvalidation:accuracy=acc=(\\d+(?:\\.\\d+)?)%?')).toEqual({
      metrics: [
        { name: 'train:loss', regex: 'loss: ([0-9\\.]+)' },
        { name: 'validation:accuracy', regex: 'acc=(\\d+(?:\\.\\d+)?)%?' },
      ],
      problems: [],
    });
  });

  test('YAML', () => {
    expect(parse("train:loss: 'loss: ([0-9.]+)'\n").metrics).toEqual([
      { name: 'train:loss', regex: 'loss: ([0-9.]+)' },
    ]);
  });

  test('a group with a name counts as the one group', () => {
    expect(parse('a=x (?<value>\\d+)').problems).toEqual([]);
  });

  test.each([
    ['no capture group', 'loss: [0-9.]+', 'has no capture group', 'Put the number in parentheses'],
    [
      'groups that capture nothing only',
      'loss: (?:[0-9.]+)',
      'has no capture group',
      'Put the number in parentheses',
    ],
    [
      'an escaped parenthesis is no group',
      'loss \\(\\d+\\)',
      'has no capture group',
      'Put the number in parentheses',
    ],
    [
      'two capture groups',
      '(loss): ([0-9.]+)',
      'has 2 capture groups; SageMaker reads one.',
      'write the others as `(?:…)`',
    ],
    ['an open parenthesis', 'loss: ([0-9.]+', 'Is not a regular expression', 'needs a backslash'],
    ['an open bracket', 'loss: ([0-9)', 'Is not a regular expression', 'needs a backslash'],
    ['nothing to repeat', '*loss (\\d+)', 'Is not a regular expression', 'needs a backslash'],
    ["Python's named group", 'loss: (?P<loss>[0-9.]+)', 'Is not a regular expression', 'plain group `(…)`'],
    [
      "Python's flags",
      '(?i)loss: ([0-9.]+)',
      'Is not a regular expression',
      'where a letter may be of either case, write both: `[Ll]oss: ([0-9.]+)`',
    ],
    ['no expression', '', 'The metric has no regular expression.', 'Write `name=regex`.'],
    ['more than 500 characters', `${'x'.repeat(498)}(.)`, 'at most 500 characters', 'Shorten it.'],
  ])('%s', (_what, regex, rule, fix) => {
    expect(parse(`train:loss=${regex}`).problems).toEqual([
      {
        input: 'metric-definitions',
        value: expect.stringContaining('train:loss'),
        rule: expect.stringContaining(rule),
        fix: expect.stringContaining(fix),
      },
    ]);
  });

  test('500 characters, each of them outside of the basic plane, are taken', () => {
    expect(parse(`a=${'😀'.repeat(497)}(.)`).problems).toEqual([]);
  });

  test('a name of more than 255 characters and more than 40 metrics are refused', () => {
    expect(parse(`${'n'.repeat(256)}=(.)`).problems[0]?.rule).toContain('at most 255 characters');
    const many = Array.from({ length: 41 }, (_, index) => `m${index}=(.)`).join('\n');
    expect(parse(many).problems[0]?.rule).toContain('at most 40 metric definitions; these are 41');
  });
});
