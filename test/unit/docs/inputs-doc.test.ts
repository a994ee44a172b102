import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Plan } from '../../../src/plan.js';
import { ALL_STAGES, DEPLOY, type Workspace, workspace } from '../inputs/workspace.js';

/** What the examples of an endpoint need besides; the inputs of a page's example win. */
const BASES: readonly (readonly [about: RegExp, base: Readonly<Record<string, string>>])[] = [
  [/^shift-/, { stages: 'shift', 'aws-region': 'eu-central-1', 'endpoint-name': 'forecast' }],
  [/^(?:variants|deployment-policy|endpoint-|model-)/, DEPLOY],
];

const baseOf = (inputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  BASES.find(([about]) => Object.keys(inputs).some((name) => about.test(name)))?.[1] ?? ALL_STAGES;

/** A `with:` block of docs/inputs.md, and the block after it that says what comes of it. */
interface Example {
  readonly line: number;
  readonly inputs: Readonly<Record<string, string>>;
  readonly kind: 'json' | 'text';
  readonly result: string;
}

const page = readFileSync('docs/inputs.md', 'utf8');

function examplesOf(text: string): readonly Example[] {
  const pattern = /```yaml\n(with:\n[\s\S]*?)```\s+```(json|text)\n([\s\S]*?)```/g;
  return [...text.matchAll(pattern)].map((match) => {
    const [, source = '', kind, result = ''] = match;
    return {
      line: text.slice(0, match.index).split('\n').length,
      // As GitHub reads it: every value is text.
      inputs: parse(source, { schema: 'failsafe' })['with'] as Record<string, string>,
      kind: kind as 'json' | 'text',
      result,
    };
  });
}

const examples = examplesOf(page);

/** The page's own example of a model card. */
const modelCard = /```markdown\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

function repository(): Workspace {
  const found = workspace();
  found.file('container/sample/payload.json', '{}');
  found.file('container/sample/payload.csv', '1,2');
  found.file('docs/model-card.md', modelCard);
  return found;
}

/** What the plan holds for an input, as the page writes it. */
function planned(plan: Plan, input: string, path: string): unknown {
  const { training, smokeTest, job, follow, endpoint, register, shift } = plan;
  const build = plan.image.kind === 'build' ? plan.image.build : undefined;
  const values: Readonly<Record<string, unknown>> = {
    'cache-from': build?.cacheFrom,
    'build-secrets':
      build &&
      Object.fromEntries(
        [...build.secrets].map(([id, secret]) => [id, secret.kind === 'value' ? secret.value : secret.path]),
      ),
    arguments: training.arguments,
    environment: Object.fromEntries(training.environment),
    'metric-definitions': Object.fromEntries(
      training.metricDefinitions.map(({ name, regex }) => [name, regex]),
    ),
    'network-isolation': training.networkIsolation,
    hyperparameters: job && Object.fromEntries(job.hyperparameters),
    channels: job?.channels,
    'metric-gates': job?.metricGates,
    'training-overrides': job?.overrides,
    'stop-when': follow.stopWhen,
    'stall-timeout': follow.stallTimeoutSeconds,
    variants: endpoint?.variants,
    'deployment-policy': endpoint?.policy,
    'endpoint-overrides': endpoint?.overrides,
    'endpoint-max-latency': endpoint?.proof.maxLatencySeconds,
    'model-card': register?.card?.content,
    'shift-weights': shift && Object.fromEntries(shift.weights),
    'shift-gates': shift?.gates,
    'smoke-runs': smokeTest.runs,
    'smoke-hyperparameters': Object.fromEntries(smokeTest.hyperparameters),
    'smoke-payload': smokeTest.payloads.map((payload) => relative(path, payload.path)),
    'smoke-expect': smokeTest.payloads.map(({ expect: expected }) => expected ?? null),
    'smoke-timeout': smokeTest.timeoutSeconds,
    'smoke-memory': smokeTest.memoryBytes,
  };
  if (!(input in values)) throw new Error(`${input}: say here where it is in the plan`);
  return values[input];
}

describe('docs/inputs.md', () => {
  test('has an example with a result for each `with:` block', () => {
    expect(examples.length).toBe(page.match(/^with:$/gm)?.length);
    expect(examples.length).toBeGreaterThanOrEqual(12);
  });

  test.each(examples.filter(({ kind }) => kind === 'json').map((one) => [one.line, one] as const))(
    'line %i: the example is read as the page says',
    (_, { inputs, result }) => {
      const found = repository();
      const plan = found.plan({ ...baseOf(inputs), ...inputs });
      const expected = JSON.parse(result) as Record<string, unknown>;
      const actual = Object.keys(expected).map((input) => [input, planned(plan, input, found.path)]);
      expect(Object.fromEntries(actual)).toEqual(expected);
      // Key order is part of what is read.
      expect(JSON.stringify(Object.fromEntries(actual))).toBe(JSON.stringify(expected));
    },
  );

  test.each(examples.filter(({ kind }) => kind === 'text').map((one) => [one.line, one] as const))(
    'line %i: the mistake is told as the page says',
    (_, { inputs, result }) => {
      const told = repository()
        .problems(inputs)
        .map(({ input, value, rule, fix }) => `${input} ${JSON.stringify(value)}: ${rule} ${fix}`);
      for (const line of result.trim().split('\n')) {
        expect(told).toContain(line);
      }
    },
  );

  test('names every other mistake of the example with many', () => {
    const many = examples.find(({ inputs }) => 'smoke-chanels' in inputs);
    const problems = repository().problems(many?.inputs);
    expect(problems.map(({ input }) => input).sort()).toEqual([
      'smoke-chanels',
      'smoke-channels',
      'smoke-severity',
      'smoke-timeout',
    ]);
  });

  test('is right about where YAML begins', () => {
    const environment = (text: string) =>
      Object.fromEntries(repository().plan({ environment: text }).training.environment);
    expect(environment('a: b=c')).toEqual({ a: 'b=c' });
    expect(environment('a=b: c')).toEqual({ a: 'b: c' });
    expect(environment('{"a": "b"}')).toEqual({ a: 'b' });
    expect(environment('---\na: b')).toEqual({ a: 'b' });
  });

  test('is right about white space around values', () => {
    const found = repository();
    const plan = found.plan({
      'smoke-channels': 'train=  container/sample ',
      'smoke-severity': 'image-size= off ',
      environment: 'A= b ',
    });
    expect([...plan.smokeTest.channels.values()].map((path) => basename(path))).toEqual(['sample']);
    expect([...plan.smokeTest.severities]).toEqual([['image-size', 'off']]);
    expect([...plan.training.environment]).toEqual([['A', ' b ']]);
  });

  test('is right about what contradicts itself', () => {
    const named = (inputs: Record<string, string>) => repository().problems(inputs)[0]?.input;
    expect(named({ 'image-uri': 'model:1', context: 'container' })).toBe('context');
    expect(named({ stages: 'build', 'smoke-hosts': '2' })).toBe('smoke-hosts');
    expect(named({ 'smoke-expect': 'x', 'image-uri': 'model:1' })).toBe('smoke-expect');
    expect(named({ platform: 'linux/arm64', 'instance-type': 'ml.m5.large' })).toBe('platform');
    expect(named({ 'max-wait': '2d' })).toBe('max-wait');
    expect(named({ subnets: 'subnet-1' })).toBe('subnets');
    expect(named({ wait: 'false', timeout: '1h' })).toBe('timeout');
  });

  test('is right about a variable that is no input', () => {
    const found = repository();
    expect('problems' in found.read({}, { INPUT_OTHER: 'x' })).toBe(true);
    expect('plan' in found.read({}, { INPUT_OTHER: '' })).toBe(true);
  });
});
