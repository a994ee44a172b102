import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseList } from '../../../src/inputs/parse-list.js';
import { Field, Problems } from '../../../src/inputs/problems.js';

function parse(text: string, options = {}) {
  const problems = new Problems();
  return { ...parseList(new Field('arguments', text, problems), options), problems: problems.found };
}

describe('a list', () => {
  test.each([
    ['lines, without blank ones, comments and blanks around', ' a b \n\n# c\n\td\n', ['a b', 'd']],
    ['an argument with dashes is an item, not YAML', '--epochs\n3\n-v', ['--epochs', '3', '-v']],
    ['commas belong to an item', 'type=gha,mode=max', ['type=gha,mode=max']],
    ['a YAML list', '- a\n- "b: c"\n- 0.10\n-', ['a', 'b: c', '0.10', '']],
    ['a JSON list', '["--epochs", "3", "a\\nb", ""]', ['--epochs', '3', 'a\nb', '']],
    ['a JSON list over lines', '[\n  "a",\n  "b"\n]', ['a', 'b']],
    ['a flow list without quotes', '[python, train.py]', ['python', 'train.py']],
    ['nothing', '', []],
  ])('%s', (_what, text, items) => {
    expect(parse(text)).toMatchObject({ items, problems: [] });
  });

  test('commas separate where they are asked to', () => {
    expect(parse('build, smoke-test\nx,,', { commas: true }).items).toEqual(['build', 'smoke-test', 'x']);
  });

  test.each([
    ['an open bracket', '["a"', 'Is not valid YAML at line 1'],
    ['a map in the list', '- a: b', 'Line 1: an item is a map, a list or an alias'],
    ['a list in the list', '["a", ["b"]]', 'Line 1: an item is a map, a list or an alias'],
    ['an alias', '- &a b\n- *a', 'Line 2: an item is a map, a list or an alias'],
  ])('%s is a mistake', (_what, text, rule) => {
    expect(parse(text).problems).toEqual([expect.objectContaining({ rule: expect.stringContaining(rule) })]);
  });

  test('any list comes through whole as JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (items) => {
        expect(parse(JSON.stringify(items))).toMatchObject({ items, problems: [], form: 'yaml' });
      }),
    );
  });
});
