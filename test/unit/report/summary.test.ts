import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { marked } from 'marked';
import type { RunRecord } from '../../../src/plan.js';
import { BUDGET_BYTES } from '../../../src/report/budget.js';
import { renderSummary } from '../../../src/report/summary.js';
import { faultsOf, textOf } from './markdown.js';
import {
  buildFailed,
  canceled,
  failing,
  filledWith,
  green,
  HOSTILE,
  hostile,
  hostingFailed,
  huge,
  invalidInput,
  warned,
} from './samples.js';

const docsUrl = 'https://github.com/octo-org/sagemaker-byoc/blob/v1/docs/checks';
const read = (record: RunRecord): string =>
  textOf(marked.parse(renderSummary(record, { docsUrl }), { async: false }));
const headings = (record: RunRecord): string[] =>
  renderSummary(record)
    .split('\n')
    .filter((line) => /^##+ /.test(line));
const samples = { green, warned, failing, hostingFailed, buildFailed, invalidInput, canceled, hostile, huge };

describe('a summary', () => {
  test.each(Object.entries(samples))('of the run %s is well formed', (_name, record) => {
    expect(faultsOf(renderSummary(record, { docsUrl }))).toEqual([]);
  });

  test('begins with the verdict, then the next step', () => {
    for (const [record, verdict, next] of [
      [green, '## ✅ SageMaker would accept this container\n', '<p>✅ 21 passed'],
      [
        warned,
        '## ✅ SageMaker would accept this container, with 2 warnings\n',
        '<p><strong>Next:</strong> Remove the <code>USER</code>',
      ],
      [
        failing,
        '## ❌ SageMaker would refuse this container: 2 of 11 checks failed\n',
        '<p><strong>Next:</strong> Convert each value',
      ],
      [
        hostingFailed,
        '## ❌ SageMaker would refuse this container: 1 of 15 checks failed\n',
        '<p><strong>Next:</strong> Bind the server',
      ],
      [
        buildFailed,
        '## ❌ The image could not be built\n',
        '<p><strong>Next:</strong> Correct the name or the version',
      ],
      [
        invalidInput,
        '## ❌ Invalid input: 4 problems, nothing was run\n',
        '<p><strong>Next:</strong> Correct these inputs',
      ],
      [
        canceled,
        '## ⏹️ Canceled during smoke-test after 51 s: no verdict on the container\n',
        '<p>✅ 5 passed',
      ],
    ] as const) {
      const [first = '', second = ''] = renderSummary(record).split('\n\n');
      expect(`${first}\n`).toBe(verdict);
      expect(second.slice(0, next.length)).toBe(next);
    }
  });

  test('tells what matters most first', () => {
    expect(headings(failing).slice(1)).toEqual([
      '### Why it failed',
      '### Failed checks',
      '### Warnings',
      '### Metrics',
      '### Run',
    ]);
    expect(headings(green).slice(1)).toEqual(['### Metrics', '### Run', '### Notes']);
    expect(headings(buildFailed).slice(1)).toEqual(['### What happened', '### Run']);
    expect(headings(invalidInput)).toHaveLength(1);
  });

  test('links the place, the checks, the class of the failure and the commit', () => {
    const links = [...renderSummary(failing, { docsUrl }).matchAll(/href="([^"]*)"/g)].map(
      ([, href]) => href,
    );
    expect(links).toEqual(
      expect.arrayContaining([
        'https://github.com/octo-org/churn-model/blob/6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d/container/train#L61',
        `${docsUrl}/train-exit-code.md`,
        `https://github.com/octo-org/sagemaker-byoc/blob/v1/docs/failures.md#${failing.diagnosis?.class}`,
        'https://github.com/octo-org/churn-model/commit/6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d',
      ]),
    );
  });

  test('says a cause and a fix once, however many parts know them', () => {
    const text = read(failing);
    for (const sentence of [failing.diagnosis?.cause ?? '', 'copes with numbers, booleans and lists alike']) {
      expect(text.split(sentence)).toHaveLength(2);
    }
    expect(read(buildFailed).split('Correct the name or the version').length).toBe(2);
  });

  test('shows the output of the first failed check unfolded, of the others folded', () => {
    const markdown = renderSummary(failing);
    expect(markdown).toContain('<details open><summary>Last 10 lines of the container’s output</summary>');
    expect(markdown).toContain('<details><summary>Last 2 lines of the container’s output</summary>');
    expect(markdown).toContain(
      '    model.fit(frame[FEATURES], frame[&quot;churned&quot;], max_depth=params[&quot;max_depth&quot;])',
    );
  });

  test('has every check with what was seen, each under its group', () => {
    const text = read(green);
    for (const { title, evidence } of green.checks) {
      expect(text).toContain(title);
      expect(text).toContain(evidence.replaceAll('`', ' ').replace(/ +/g, ' ').slice(0, 30));
    }
    expect(text).toMatch(/All 22 checks .* Image .* Training .* Hosting /s);
  });

  test('lists mistakes of the inputs, each with its input, its value, the rule and the fix', () => {
    const markdown = renderSummary(invalidInput);
    expect(markdown.match(/<li>/g)).toHaveLength(4);
    expect(markdown).toContain(
      '<li><p><strong><code>smoke-chanels</code></strong> <code>&quot;train=container/sample&quot;</code><br>' +
        'This action has no input of this name. Did you mean <code>smoke-channels</code>?</p></li>',
    );
    const one = {
      ...invalidInput,
      failure: { message: 'x', lines: ['pull "yes": Must be a boolean. Write `true`.'] },
    };
    expect(renderSummary(one)).toContain('<strong>Next:</strong> pull');
    expect(renderSummary(one)).not.toContain('<li>');
  });

  test('has a table of metrics, with charts folded under it', () => {
    const markdown = renderSummary(green);
    expect(markdown).toContain('<td align="left"><code>train:loss</code></td><td align="left"><strong>0.');
    expect(markdown.match(/```mermaid/g)).toHaveLength(2);
    expect(markdown).toMatch(/<details><summary>Charts<\/summary>\n\n/);
    expect(read(failing)).toContain('train:loss no value 0');
  });

  test('does not link checks without a page, nor places without a commit', () => {
    expect(renderSummary({ ...failing, source: {} })).not.toContain('href');
  });
});

describe('text from elsewhere', () => {
  const { length } = HOSTILE;

  test('of every kind stays text in every place', () => {
    expect(faultsOf(renderSummary(hostile))).toEqual([]);
    // It is there, to be read.
    expect(read(hostile)).toContain('<script>alert(1)</script>');
    expect(length).toBeGreaterThan(500);
  });

  test.each(HOSTILE.split('\n').filter((line) => line !== ''))('stays text: %j', (line) => {
    expect(faultsOf(renderSummary(filledWith(line), { docsUrl }))).toEqual([]);
  });

  const piece = fc.constantFrom(
    ...[
      '`',
      '``',
      '```',
      '\n',
      '\n\n',
      '\r',
      '\r\n',
      '\t',
      ' ',
      '    ',
      '|',
      '-|-',
      '<',
      '>',
      '&',
      '"',
      "'",
      '\\',
      '*',
      '_',
      '~',
      '#',
      '+ ',
      '- ',
      '1. ',
      '> ',
      '[',
      '](',
      ')',
      '![',
      '<!--',
      '-->',
      '<?',
      ']]>',
      '<![CDATA[',
    ],
    ...[
      '</pre>',
      '</p>',
      '</details>',
      '</td></tr></table>',
      '<b>',
      '<script>',
      '<img src=x>',
      '<a href=x>',
      '@octocat',
      '#1',
      'https://evil.example',
      'www.evil.example',
      ':tada:',
      '$',
      '$$',
      '%%{',
      '::error::',
      '##[group]',
    ],
    ...[
      '\u202e',
      '\u2066',
      '\u200b',
      '\0',
      '\u001b[31m',
      '\u009b',
      '\u2028',
      '\u0085',
      '\ud800',
      '\udfff',
      '\ufffe',
      '&#64;',
      '&commat;',
      'a',
      'word',
    ],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  test('stays text whatever it is made of', () => {
    fc.assert(
      fc.property(text, (anything) => {
        expect(faultsOf(renderSummary(filledWith(anything), { docsUrl }))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('stays text in mistakes of the inputs', () => {
    fc.assert(
      fc.property(text, text, (one, two) => {
        const lines = [`input ${JSON.stringify(one)}: ${two}`, one, two];
        expect(faultsOf(renderSummary({ ...invalidInput, failure: { message: one, lines } }))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the budget', () => {
  test('is what GitHub takes, less room for others', () => {
    expect(BUDGET_BYTES).toBeLessThan(1024 * 1024);
    expect(Buffer.byteLength(renderSummary(huge))).toBeLessThanOrEqual(BUDGET_BYTES);
    expect(read(huge)).toContain('the JSON report has everything');
  });

  const long = fc
    .tuple(
      fc.constantFrom('x', '<', '😀', '\n', '\u202e', '@a ', '`', ' ', '\r', 'a\r', '\u001b]'),
      fc.integer({ min: 0, max: 5_000 }),
    )
    .map(([unit, count]) => unit.repeat(count));

  test('is kept by monstrous records, which stay well formed', () => {
    fc.assert(
      fc.property(long, fc.integer({ min: 0, max: 300 }), (text, count) => {
        const one = filledWith(text);
        const record: RunRecord = {
          ...one,
          checks: Array.from({ length: count }, (_, index) => ({
            ...(one.checks[index % one.checks.length] as (typeof one.checks)[0]),
            id: `c-${index}`,
          })),
          metrics: Array.from({ length: count }, (_, index) => ({
            name: text,
            values: [index, 2, 1e300, -1e-300],
          })),
          notices: Array.from({ length: count }, () => text),
          failure: { message: text, fix: text, lines: Array.from({ length: count }, () => text) },
        };
        const markdown = renderSummary(record, { docsUrl });
        expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(BUDGET_BYTES);
        expect(faultsOf(markdown)).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  test('of a few bytes leaves the verdict and what fits', () => {
    for (const budgetBytes of [0, 1_000, 2_000, 5_000, 10_000, 50_000]) {
      const markdown = renderSummary(failing, { budgetBytes });
      expect(markdown).toContain('## ❌ SageMaker would refuse this container');
      expect(faultsOf(markdown)).toEqual([]);
      if (budgetBytes >= 1_000) expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(budgetBytes);
    }
  });
});
