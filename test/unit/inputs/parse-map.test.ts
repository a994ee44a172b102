import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseMap } from '../../../src/inputs/parse-map.js';
import { Field, Problems } from '../../../src/inputs/problems.js';

function parse(text: string, options: Parameters<typeof parseMap>[1] = {}, secret = false) {
  const problems = new Problems();
  const map = parseMap(new Field('build-args', text, problems, secret), options);
  return { map, pairs: Object.fromEntries(map), problems: problems.found };
}

const rules = (text: string) => parse(text).problems.map(({ rule }) => rule);

describe('lines of key=value', () => {
  test('a value is everything behind the first equals sign, as it is', () => {
    const text = [
      'equals=a=b==c',
      'url=https://user:pass@host:8080/a?b=c#d',
      'colon=a: b',
      `quotes="double" and 'single'`,
      'json={"a": [1, 2]}',
      'blanks=  both sides  ',
      'empty=',
      'hash=a # b',
      'unicode=Grüße 日本語 🚀',
      'yaml=- &a *b !c',
      'tab=a\tb',
    ].join('\n');
    expect(parse(text)).toMatchObject({
      problems: [],
      pairs: {
        equals: 'a=b==c',
        url: 'https://user:pass@host:8080/a?b=c#d',
        colon: 'a: b',
        quotes: `"double" and 'single'`,
        json: '{"a": [1, 2]}',
        blanks: '  both sides  ',
        empty: '',
        hash: 'a # b',
        unicode: 'Grüße 日本語 🚀',
        yaml: '- &a *b !c',
        tab: 'a\tb',
      },
    });
  });

  test('blank lines, comments and indentation of keys do not count', () => {
    expect(parse('\n  # first\n\n  a=1\n\t b=2\n#c=3\n').pairs).toEqual({ a: '1', b: '2' });
  });

  test('the order of the keys stays', () => {
    expect([...parse('z=1\na=2\nm=3').map.keys()]).toEqual(['z', 'a', 'm']);
  });

  test('keys that every object has are keys like others', () => {
    expect([...parse('__proto__=a\nconstructor=b\ntoString=c').map]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
  });

  test('blanks around a value go where they are never meant', () => {
    expect(parse('a=  path/to  ', { trim: true }).pairs).toEqual({ a: 'path/to' });
  });

  test('all commented out is an empty map', () => {
    expect(parse('# a=1\n\n# b=2')).toMatchObject({ problems: [], pairs: {} });
  });

  test.each([
    ['a line without an equals sign', 'a=1\nnonsense', 'Line 2 is not `key=value`.', 'nonsense'],
    ['no key', '=1', 'Line 1 has no key before `=`.', '=1'],
    ['a blank before the equals sign', 'a = 1', 'Line 1 has a space before `=`.', 'a = 1'],
    ['a key given twice', 'a=1\nb=2\na=3', 'Line 3: the key is given twice.', 'a'],
    ['YAML in a later line', 'a=1\nb: x=2', 'Line 2 looks like YAML, but the first line is', 'b: x=2'],
    ['a quoted key', '"a"=1', 'Has a quoted key before `=`.', '"a"=1'],
    ['words alone', 'just words', 'Is neither `key=value` lines nor a YAML map.', 'just words'],
    ['a list', '- a\n- b', 'Is a list; a map is expected.', '- a\n- b'],
    ['a JSON list', '["a"]', 'Is a list; a map is expected.', '["a"]'],
  ])('%s is a mistake', (_what, text, rule, value) => {
    expect(parse(text).problems).toEqual([
      expect.objectContaining({ input: 'build-args', rule: expect.stringContaining(rule), value }),
    ]);
  });

  test('every wrong line is told, not only the first', () => {
    expect(rules('a=1\nb\nc\n=d')).toEqual([
      'Line 2 is not `key=value`.',
      'Line 3 is not `key=value`.',
      'Line 4 has no key before `=`.',
    ]);
  });

  test('of hundreds of wrong lines the first ten are told, and how many more there are', () => {
    const found = rules(
      Array.from({ length: 500 }, (_, index) => `line ${index}`)
        .join('\n')
        .replace('line 0', 'a=1'),
    );
    expect(found).toHaveLength(11);
    expect(found.at(-1)).toBe('Has 489 more mistakes like these.');
  });
});

describe('YAML and JSON', () => {
  test('a block map: scalars stay as written, quotes and block scalars are read', () => {
    const text = [
      'decimal: 0.10',
      'exponent: 1e5',
      'no: no',
      'on: on',
      'null: null',
      'empty:',
      'octal: 0o17',
      'date: 2026-01-01',
      'quoted: "a\\tb: \\u00fc # c"',
      "single: 'it''s'",
      'literal: |',
      '  line 1',
      '',
      '  line 2',
      'folded: >-',
      '  one',
      '  line',
      'url: https://x:80/#a',
      '"a=b": c',
    ].join('\n');
    expect(parse(text)).toMatchObject({
      problems: [],
      pairs: {
        decimal: '0.10',
        exponent: '1e5',
        no: 'no',
        on: 'on',
        null: 'null',
        empty: '',
        octal: '0o17',
        date: '2026-01-01',
        quoted: 'a\tb: ü # c',
        single: "it's",
        literal: 'line 1\n\nline 2\n',
        folded: 'one line',
        url: 'https://x:80/#a',
        'a=b': 'c',
      },
    });
  });

  test('whichever of equals sign and colon comes first decides the form', () => {
    expect(parse('a=b: c').pairs).toEqual({ a: 'b: c' });
    expect(parse('a: b=c').pairs).toEqual({ a: 'b=c' });
    expect(parse('validation:accuracy=acc: ([0-9.]+)').pairs).toEqual({
      'validation:accuracy': 'acc: ([0-9.]+)',
    });
    expect(parse('a:\n  b=c').pairs).toEqual({ a: 'b=c' });
  });

  test('a flow map and a document with its marker are YAML', () => {
    expect(parse('{a: 1, "b": "x=y"}').pairs).toEqual({ a: '1', b: 'x=y' });
    expect(parse('---\na: 1\n').pairs).toEqual({ a: '1' });
  });

  test('nested values become compact JSON where they are allowed', () => {
    const text = 'layers: [64, 0.10, "a"]\noptions:\n  deep: {x: null, y: true}\n  text: no\n';
    expect(parse(text, { nested: true })).toMatchObject({
      problems: [],
      pairs: { layers: '[64,0.10,"a"]', options: '{"deep":{"x":null,"y":true},"text":"no"}' },
    });
    expect(rules(text)).toEqual([
      'Line 1: the value is a list or a map; a single value is expected.',
      'Line 2: the value is a list or a map; a single value is expected.',
    ]);
  });

  test.each([
    ['a key given twice', 'a: 1\nb: 2\na: 3', 'Line 3: the key is given twice.'],
    ['a key given twice in JSON', '{"a": 1, "a": 2}', 'Line 1: the key is given twice.'],
    [
      'an alias, which could grow to gigabytes',
      'a: &x 1\nb: *x',
      'Line 2: YAML aliases (`*name`) are not supported.',
    ],
    ['a merge key', 'a: &x {c: 1}\nb: 1\n<<: *x', 'Line 3: YAML aliases'],
    ['an unknown tag', 'a: !secret b', 'Is not valid YAML at line 1: '],
    ['bad indentation', 'a: 1\n b: 2', 'Is not valid YAML at line '],
    ['an open quote', 'a: "b', 'Is not valid YAML at line '],
    ['an open brace', '{"a": 1', 'Is not valid YAML at line '],
    ['a list as key', '? [a, b]\n: c', 'Is neither'],
    ['an empty key', '"": a', 'Line 1 has an empty key.'],
  ])('%s is a mistake', (_what, text, rule) => {
    expect(rules(text)[0]).toContain(rule);
  });

  test('thousands of nested brackets are a mistake, not a crash', () => {
    const deep = `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(parse(deep, { nested: true }).problems).toEqual([
      expect.objectContaining({ rule: 'Is nested too deeply.' }),
    ]);
    const deeper = `a: ${'['.repeat(150)}${']'.repeat(150)}`;
    expect(parse(deeper, { nested: true }).problems).toEqual([
      expect.objectContaining({ rule: 'Is nested too deeply.' }),
    ]);
  });

  test('a billion laughs are refused at the first', () => {
    const laughs = [
      'a: &a [x, x]',
      ...'bcdefghij'
        .split('')
        .map((name, index) => `${name}: &${name} [*${'abcdefghi'[index]}, *${'abcdefghi'[index]}]`),
    ];
    expect(parse(laughs.join('\n'), { nested: true }).problems.length).toBeGreaterThan(0);
  });
});

describe('secrets', () => {
  test.each([
    'token=a\nmy-secret',
    'token: "my-secret',
    'token: my-secret: x',
    'my-secret',
    '=my-secret',
    'a: &my-secret b\nc: *my-secret',
    '"my-secret"=a',
    '- my-secret',
    'token: [my-secret]',
    'token: !my-secret a',
    '{"my-secret": "a", "my-secret": "b"}',
    'my-secret=a\nmy-secret=b',
    '@my-secret: a',
  ])('no part of %j is in any problem', (text) => {
    const { problems } = parse(text, {}, true);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toContain('my-secret');
  });
});

describe('any map comes through whole', () => {
  const lineKey = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((key) => !/[=\n]|^[\s"'#{[-]|\s$/.test(key) && !/:(?=\s|$)/.test(key) && key === key.trim());
  const lineValue = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => !value.includes('\n'));

  test('as key=value lines', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(lineKey, lineValue), { selector: ([key]) => key, minLength: 1 }),
        (pairs) => {
          const { map, problems } = parse(pairs.map(([key, value]) => `${key}=${value}`).join('\n'));
          expect(problems).toEqual([]);
          expect([...map]).toEqual(pairs);
        },
      ),
    );
  });

  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary-ascii' }),
  );
  const any = fc.uniqueArray(
    fc.tuple(
      text.filter((key) => key !== ''),
      text,
    ),
    { selector: ([key]) => key },
  );

  test.each([undefined, 2, '\t'])('as JSON, indented by %j', (indent) => {
    fc.assert(
      fc.property(any, (pairs) => {
        // Object.fromEntries would sort keys that look like numbers.
        const members = pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
        const json =
          indent === undefined
            ? `{${members.join(',')}}`
            : JSON.stringify(Object.fromEntries(pairs), null, indent);
        const { map, problems } = parse(json);
        expect(problems).toEqual([]);
        expect(Object.fromEntries(map)).toEqual(Object.fromEntries(pairs));
      }),
    );
  });

  test('as JSON with numbers, booleans, lists and maps', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }),
          fc.jsonValue({ maxDepth: 4 }).filter((value) => typeof value !== 'string'),
        ),
        (values) => {
          const { map, problems } = parse(JSON.stringify(values), { nested: true });
          expect(problems).toEqual([]);
          expect(Object.fromEntries([...map].map(([key, value]) => [key, JSON.parse(value)]))).toEqual(
            // JSON has no negative zero.
            JSON.parse(JSON.stringify(values)),
          );
        },
      ),
    );
  });

  test('whatever the text is, reading it does not throw', () => {
    const bits = fc.constantFrom(
      'a',
      '=',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '#',
      '|',
      '&a',
      '*a',
      '? ',
      '!t',
      '\t',
      '---\n',
      '%YAML 1.1\n',
      '<<',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(bits).map((all) => all.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (input) => {
          expect(() => parse(input, { nested: true })).not.toThrow();
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
