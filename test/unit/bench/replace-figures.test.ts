import { expect, test } from '@jest/globals';
import { replaceFigures } from '../../bench/replace-figures.js';

const PAGE =
  'a\n<!-- figures: one -->\n<!-- /figures: one -->\nb\n<!-- figures: two -->\n2\n<!-- /figures: two -->\nc\n';

test('figures of one part are replaced, those of others stay', () => {
  const once = replaceFigures(PAGE, 'one', '$1');
  expect(once).toBe(PAGE.replace('one -->\n<', () => 'one -->\n$1\n<'));
  expect(replaceFigures(once, 'one', '$1')).toBe(once);
  expect(replaceFigures(PAGE, 'two', '3')).toBe(PAGE.replace('\n2\n', '\n3\n'));
});

test('a page without the part is an error', () => {
  expect(() => replaceFigures(PAGE, 'three', '')).toThrow(/three/);
});
