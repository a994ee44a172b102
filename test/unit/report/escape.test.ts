import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { code, cut, lastOverwrite, oneLine, preformattedLine, prose } from '../../../src/report/escape.js';
import { anyText, UNSEEN } from './texts.js';

describe('a sentence', () => {
  test.each([
    ['with code between backticks', 'Set `a: <b>` now.', 'Set <code>a: &lt;b&gt;</code> now.'],
    ['with a lone backtick', 'a ` b', 'a ` b'],
    ['with elements', '<b>&amp;</b>', '&lt;b&gt;&amp;amp;&lt;/b&gt;'],
    ['with a mention', 'ask (@octocat).', 'ask (<code>@octocat</code>).'],
    ['with a reference', 'see #12, o/r#3', 'see <code>#12</code>, <code>o/r#3</code>'],
    ['with an address', 'at https://a.example/b.', 'at <code>https://a.example/b</code>.'],
    ['with a bare address', 'at www.a.example', 'at <code>www.a.example</code>'],
    ['with a formula', 'costs $5', 'costs <code>$5</code>'],
    ['with a commit', 'at 6f1e0c5', 'at <code>6f1e0c5</code>'],
    ['with words of letters a to f, which are no commit', 'defaced faded', 'defaced faded'],
    ['over several lines', 'a\n  b\r\nc\td', 'a b c d'],
    ['with colours', '\u001b[31mred\u001b[0m', 'red'],
    ['with what cannot be seen', 'a\u202eb\0c', 'a[U+202E]b␀c'],
  ])('%s', (_what, text, html) => {
    expect(prose(text)).toBe(html);
  });

  test('is cut in its middle, and says by how much', () => {
    expect(prose('x '.repeat(5_000), 100)).toContain('(9,900 characters left out)');
  });
});

test('code of one long word may be broken, that of short ones not', () => {
  expect(code(`sha256:${'ab'.repeat(16)}`)).toBe(
    `<code>sha256:${'ab'.repeat(8)}a<wbr>${'ba'.repeat(7)}b</code>`,
  );
  expect(code('churn-model:6f1e0c5 linux/amd64')).toBe('<code>churn-model:6f1e0c5 linux/amd64</code>');
});

describe('a line of output', () => {
  test('that a progress bar wrote over shows its last state', () => {
    expect(lastOverwrite(' 10%\r 50%\r100%\r')).toBe('100%');
    expect(lastOverwrite('plain')).toBe('plain');
    expect(lastOverwrite('\r\r')).toBe('');
    expect(lastOverwrite('')).toBe('');
  });

  test('is never blank to Markdown, which would end the block around it', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n') })), (line) => {
        const html = preformattedLine(line, 100);
        expect(html).toMatch(/\S/);
        expect(html).not.toContain('\n');
        expect(html).not.toMatch(/[<>]/);
      }),
    );
  });

  test('of a million returns, or a million of anything, comes to an end', () => {
    for (const unit of ['\r', 'a\r', ' ', '\u001b[', '\u001b]', '\u009b0', '`', '&', '@']) {
      const line = unit.repeat(1_000_000);
      expect(preformattedLine(`${line}x`, 100).length).toBeGreaterThan(0);
      expect(oneLine(line).length).toBeLessThan(10_000);
      expect(prose(line).length).toBeLessThan(100_000);
    }
  });
});

describe('any text', () => {
  test('as one line can be seen and is one line', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = oneLine(text);
        expect(line).not.toMatch(/[\r\n\t]/);
        expect(line).not.toMatch(UNSEEN);
        expect(line.isWellFormed()).toBe(true);
      }),
    );
  });

  test('has no element of its own, as prose and as code', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const html of [prose(text), code(text)]) {
          expect(html.replace(/<\/?code>|<wbr>/g, '')).not.toMatch(/[<>"']/);
          expect(html.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
        }
      }),
    );
  });

  test('cut is not longer than asked for, but for the note of it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), fc.integer({ min: 1, max: 400 }), (text, limit) => {
        expect(cut(text, limit).length).toBeLessThanOrEqual(limit + 40);
        if (text.length <= limit) expect(cut(text, limit)).toBe(text);
      }),
    );
  });
});
