import { describe, expect, test } from '@jest/globals';
import { parseMetricGates } from '../../../src/inputs/metric-gates.js';
import { Field, Problems } from '../../../src/inputs/problems.js';

const DEFINED = ['validation:accuracy', 'loss', 'F1 score (macro)'].map((name) => ({ name, regex: '(x)' }));

function parse(text: string, definitions: typeof DEFINED | undefined = DEFINED) {
  const problems = new Problems();
  return {
    gates: parseMetricGates(new Field('metric-gates', text, problems), definitions),
    problems: problems.found,
  };
}

describe('a metric gate', () => {
  test.each([
    ['validation:accuracy >= 0.9', 'validation:accuracy', '>=', 0.9],
    ['loss<1e-3', 'loss', '<', 0.001],
    ['loss <= -.5', 'loss', '<=', -0.5],
    ['loss > +2.', 'loss', '>', 2],
    ['loss == 0', 'loss', '==', 0],
    ['loss != 1', 'loss', '!=', 1],
    ['F1 score (macro) > 0.5', 'F1 score (macro)', '>', 0.5],
    ['- validation:accuracy >= 0.9', 'validation:accuracy', '>=', 0.9],
    ['["loss < 1"]', 'loss', '<', 1],
  ])('%s', (text, metric, operator, value) => {
    expect(parse(text)).toEqual({ gates: [{ metric, operator, value }], problems: [] });
  });

  test.each([
    ['loss is small', 'Write one a line, for example `validation:accuracy >= 0.9`.'],
    ['>= 0.9', 'Write one a line, for example `validation:accuracy >= 0.9`.'],
    ['loss = 1', 'Did you mean `==`?'],
    ['loss => 1', 'Did you mean `>=`?'],
    ['loss ≥ 1', 'Did you mean `>=`?'],
    ['loss =< 1', 'Did you mean `<=`?'],
    ['loss <> 1', 'Did you mean `!=`?'],
    ['loss >> 1', 'Known: `<=`, `>=`, `==`, `!=`, `<`, `>`.'],
    ['loss < 90 %', 'without `%`'],
    ['loss < small', 'Write a number such as `0.9` or `1e-3`.'],
    ['loss <', 'Write a number such as `0.9` or `1e-3`.'],
    ['loss < 1e999', 'Write a number such as `0.9` or `1e-3`.'],
    ['los < 1', 'Did you mean `loss`? Define it there: `los=<regular expression>`.'],
  ])('%s is none', (text, fix) => {
    expect(parse(text)).toEqual({
      gates: [],
      problems: [expect.objectContaining({ fix: expect.stringContaining(fix) })],
    });
  });

  test('stands on a line of its own, once', () => {
    expect(parse('loss < 1\n# a comment\nloss > 0\nloss < 1.0')).toEqual({
      gates: [
        { metric: 'loss', operator: '<', value: 1 },
        { metric: 'loss', operator: '>', value: 0 },
      ],
      problems: [expect.objectContaining({ value: 'loss < 1.0', rule: 'The condition is named twice.' })],
    });
  });

  test('may be about any metric when it is not known which are defined', () => {
    const problems = new Problems();
    const gates = parseMetricGates(new Field('metric-gates', 'other > 1', problems), undefined);
    expect([gates.length, problems.found]).toEqual([1, []]);
  });
});
