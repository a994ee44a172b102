import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { CHECKS } from '../../../src/contract/checks/index.js';
import { INPUTS, readPlan } from '../../../src/inputs.js';
import { OTHER_CLASSES } from '../../../src/report/failure-class.js';
import { ALL_STAGES, DEPLOY_ONLY, workspace } from '../inputs/workspace.js';

/** Every block of YAML in the documentation. */
interface Block {
  readonly where: string;
  readonly text: string;
}

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const blocks: readonly Block[] = PAGES.flatMap((page) => {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```ya?ml\n([\s\S]*?)^```$/gm)].map((match) => ({
    where: `${page}:${text.slice(0, match.index).split('\n').length}`,
    text: match[1] ?? '',
  }));
});

type Values = Readonly<Record<string, string>>;
/** A step, or a job that calls a workflow. */
interface Use {
  readonly uses: string;
  readonly with?: Values;
}

/** As GitHub reads it: every value is text. */
const yamlOf = (text: string): unknown => parse(text, { schema: 'failsafe' });

/** Everything in the block that uses something. */
function usesIn(value: unknown): readonly Use[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'uses' in value ? [value as Use] : [];
  return [...own, ...Object.values(value).flatMap(usesIn)];
}

/** The step of this action, with the Region that a step before it sets; a bare `with:` is one of this action. */
function stepsIn(block: Block): readonly { readonly inputs: Values; readonly env: Values }[] {
  const value = yamlOf(block.text) as { readonly with?: Values };
  const uses = usesIn(value);
  const region = uses.find(({ uses: name }) => name.includes('configure-aws-credentials'))?.with?.[
    'aws-region'
  ];
  const env: Values = region === undefined ? {} : { AWS_REGION: region };
  const bare = value.with !== undefined && !('uses' in value) ? [{ inputs: value.with, env }] : [];
  return [
    ...bare,
    ...uses
      .filter(({ uses: name }) => /^org\/sagemaker-byoc@/.test(name))
      .map(({ with: inputs = {} }) => ({ inputs, env })),
  ];
}

/** What a part of a workflow leaves to the reader. */
function rest(block: Block, inputs: Values): Values {
  const { stages = '' } = inputs;
  if (/^jobs:/m.test(block.text)) return {};
  if (/deploy|shift/.test(stages)) {
    const { 'model-package': _, ...others } = DEPLOY_ONLY;
    return 'model-artifacts' in inputs ? others : DEPLOY_ONLY;
  }
  return /push|train/.test(stages) ? ALL_STAGES : {};
}

/** A digest that the page shortens. */
const whole = (text: string): string => text.replaceAll('sha256:…', `sha256:${'0'.repeat(64)}`);

const KNOWN: ReadonlySet<string> = new Set(Object.values(INPUTS).flat());

describe('the examples in YAML', () => {
  test('are there', () => {
    expect(blocks.length).toBeGreaterThan(20);
    expect(blocks.filter(({ text }) => /^jobs:/m.test(text)).length).toBeGreaterThanOrEqual(4);
  });

  test.each(blocks.map((block) => [block.where, block] as const))('%s is YAML', (_, { text }) => {
    expect(yamlOf(text)).toEqual(expect.any(Object));
  });

  // Those of docs/inputs.md are read by inputs-doc.test.ts, and some of them are mistakes.
  const read = blocks.filter(
    ({ where, text }) => !where.startsWith('docs/inputs.md') && stepsIn({ where, text }).length > 0,
  );

  test.each(read.map((block) => [block.where, block] as const))('%s is read as a plan', (_, block) => {
    for (const { inputs, env } of stepsIn(block)) {
      expect(Object.keys(inputs).filter((name) => !KNOWN.has(name))).toEqual([]);
      const given = { ...rest(block, inputs), ...inputs };
      // What an expression gives is not known here.
      if (Object.values(given).some((text) => text.includes('${{'))) continue;
      const { path, file } = workspace();
      for (const name of [
        'models/churn/Dockerfile',
        'data/sample/x.csv',
        'data/request.json',
        'samples/request.json',
      ])
        file(name);
      file('model-card.yml', 'model_overview:\n  model_description: x\n');
      for (const name of ['tests/data/customers.csv', 'tests/data/request.json', 'tests/request.json'])
        file(name);
      const variables = Object.entries(given).map(([name, text]) => [
        `INPUT_${name.toUpperCase()}`,
        whole(text),
      ]);
      const result = readPlan(
        { GITHUB_WORKSPACE: path, HOME: path, ...env, ...Object.fromEntries(variables) },
        CHECKS.map(({ id }) => id),
      );
      expect('problems' in result ? result.problems : []).toEqual([]);
    }
  });

  test('that check code out leave no token in the workspace, which the build may read', () => {
    const checkouts = blocks.flatMap(({ where, text }) =>
      usesIn(yamlOf(text))
        .filter(({ uses }) => uses.startsWith('actions/checkout@'))
        .map(({ with: inputs }) => [where, inputs?.['persist-credentials']]),
    );
    expect(checkouts.length).toBeGreaterThanOrEqual(6);
    expect(checkouts.filter(([, persist]) => persist !== 'false')).toEqual([]);
  });

  test('that call a reusable workflow give it inputs that it has', () => {
    const calls = blocks.flatMap(({ text }) =>
      usesIn(yamlOf(text)).filter(({ uses }) => uses.startsWith('org/sagemaker-byoc/.github/workflows/')),
    );
    expect([...new Set(calls.map(({ uses }) => uses.replace(/.*\/(.*)@.*/, '$1')))].sort()).toEqual([
      'deploy.yml',
      'pull-request.yml',
      'train.yml',
    ]);
    for (const { uses, with: inputs = {} } of calls) {
      const [path = ''] = uses.replace('org/sagemaker-byoc/', '').split('@');
      const workflow = parse(readFileSync(path, 'utf8')) as {
        on: { workflow_call: { inputs: Readonly<Record<string, unknown>> } };
      };
      const known = Object.keys(workflow.on.workflow_call.inputs);
      expect([uses, Object.keys(inputs).filter((name) => !known.includes(name))]).toEqual([uses, []]);
    }
  });
});

/** Cells of a page's tables, row by row. */
const rowsOf = (page: string): readonly (readonly string[])[] =>
  [...readFileSync(page, 'utf8').matchAll(/^\| (.*) \|$/gm)].map(([, row = '']) => row.split(' | '));
const codesIn = (text = ''): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

test('docs/migrate.md names inputs, stages and outputs that there are', () => {
  const { outputs } = parse(readFileSync('action.yml', 'utf8')) as {
    outputs: Readonly<Record<string, unknown>>;
  };
  const stages = 'build smoke-test push train register approve deploy shift undeploy clean-up'.split(' ');
  const words = new Set([...KNOWN, ...stages, ...Object.keys(outputs), 'train', 'serve', 'weight', 'latest']);
  const unknown = rowsOf('docs/migrate.md')
    .flatMap(([, now]) => codesIn(now))
    .map((code) => code.replace(/[:=].*$/, ''))
    .filter((code) => /^[a-z]+(?:-[a-z]+)*$/.test(code) && !words.has(code));
  expect(unknown).toEqual([]);
});

describe('docs/troubleshooting.md', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join('src', name), 'utf8'))
    .join('\n')
    // A message may be of several texts.
    .replace(/['`] \+\n\s*['`]/g, '');

  test('quotes messages as the action writes them', () => {
    const quoted = rowsOf('docs/troubleshooting.md')
      .filter(([first = '']) => /^`[A-Z]/.test(first))
      .flatMap(([first]) => codesIn(first))
      .filter((text) => text.includes(' ') && !text.startsWith('Not authorized'));
    expect(quoted.length).toBeGreaterThan(15);
    expect(quoted.filter((text) => !sources.includes(text))).toEqual([]);
  });

  test('names the classes of failures that are in no row of the catalogue', () => {
    const page = readFileSync('docs/troubleshooting.md', 'utf8');
    for (const name of Object.keys(OTHER_CLASSES)) {
      expect(page).toContain(`\`${name}\``);
    }
  });

  test('of the reusable workflows: the page names the inputs that are no strings', () => {
    const numbers = ['pull-request', 'train', 'deploy'].flatMap((name) => {
      const { on } = parse(readFileSync(`.github/workflows/${name}.yml`, 'utf8')) as {
        on: { workflow_call: { inputs: Readonly<Record<string, { readonly type: string }>> } };
      };
      return Object.entries(on.workflow_call.inputs).flatMap(([input, { type }]) =>
        type === 'string' ? [] : [input],
      );
    });
    const [, named = ''] =
      /All are strings \([^)]*\) but ([\s\S]*?), which/.exec(readFileSync('docs/workflows.md', 'utf8')) ?? [];
    expect([...named.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual([...new Set(numbers)]);
  });
});
