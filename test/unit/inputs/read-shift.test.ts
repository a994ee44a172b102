import { describe, expect, test } from '@jest/globals';
import { Field, Problems } from '../../../src/inputs/problems.js';
import { parseShiftGates } from '../../../src/inputs/shift-gates.js';
import { toldOf } from './told.js';
import { DEPLOY, workspace } from './workspace.js';

const SHIFT = {
  stages: 'shift',
  'aws-region': 'eu-central-1',
  'endpoint-name': 'forecast',
  'shift-weights': 'blue=0\ngreen=1.5',
} as const;

describe('a shift', () => {
  test('is planned with what is said', () => {
    const plan = workspace().plan({
      ...SHIFT,
      'shift-steps': '4',
      'shift-interval': '10m',
      'shift-gates': 'Invocation5XXErrors <= 0',
      'rollback-alarms': 'forecast-5xx',
      'endpoint-timeout': '2h',
    });
    expect(plan.shift).toEqual({
      endpointName: 'forecast',
      weights: new Map([
        ['blue', 0],
        ['green', 1.5],
      ]),
      steps: 4,
      intervalSeconds: 600,
      alarms: ['forecast-5xx'],
      gates: [{ metric: 'Invocation5XXErrors', operator: '<=', value: 0 }],
      timeoutSeconds: 7200,
    });
  });

  test.each([
    [{ 'shift-weights': '' }, 'shift-weights', /needs the weights to reach/],
    [{ 'endpoint-name': '' }, 'endpoint-name', /The stage `shift` needs the name/],
    [{ 'shift-weights': 'blue=' }, 'shift-weights', /has no weight/],
    [{ 'shift-weights': 'blue=half' }, 'shift-weights', /a number from 0/],
    [{ 'shift-weights': 'blue=0\ngreen=0' }, 'shift-weights', /No variant would get any/],
    [{ 'shift-weights': 'bl_ue=1' }, 'shift-weights', /The name of a variant/],
    [{ 'shift-steps': '101' }, 'shift-steps', /from 1 to 100/],
    [{ 'shift-interval': '59s' }, 'shift-interval', /from 60 to 86400/],
    [{ 'shift-steps': '12', 'endpoint-timeout': '1h' }, 'endpoint-timeout', /12 × 300 s/],
  ])('refuses %j', (inputs, input, rule) => {
    const problem = toldOf(inputs as Record<string, string>, SHIFT);
    expect(problem.input).toBe(input);
    expect(problem.rule).toMatch(rule);
  });

  test('after a deployment is between its variants', () => {
    const both = { ...DEPLOY, stages: `${DEPLOY.stages}, shift`, variants: 'blue: {}\ngreen: {}' };
    expect(workspace().plan({ ...both, 'shift-weights': 'green=1' }).shift?.weights.size).toBe(1);
    expect(toldOf({ ...both, 'shift-weights': 'gren=1' }, {})).toMatchObject({
      input: 'shift-weights',
      value: 'gren',
      fix: 'Did you mean `green`? It has `blue`, `green`.',
    });
  });

  test('is planned for its stage alone', () => {
    expect(workspace().plan({ ...DEPLOY, 'shift-weights': 'a=1' })).not.toHaveProperty('shift');
  });
});

describe('gates of a shift', () => {
  function read(text: string) {
    const problems = new Problems();
    return { gates: parseShiftGates(new Field('shift-gates', text, problems)), problems: problems.found };
  }

  test.each([
    ['Invocation5XXErrors <= 0', 'Invocation5XXErrors', '<=', 0],
    ['Invocations>=100', 'Invocations', '>=', 100],
    ['ModelLatency < 500ms', 'ModelLatency', '<', 500_000],
    ['ModelLatency < 1.5 s', 'ModelLatency', '<', 1_500_000],
    ['OverheadLatency < 80us', 'OverheadLatency', '<', 80],
    ['CPUUtilization < 90%', 'CPUUtilization', '<', 90],
    ['MemoryUtilization < 90', 'MemoryUtilization', '<', 90],
  ])('%s', (text, metric, operator, value) => {
    expect(read(text)).toEqual({ gates: [{ metric, operator, value }], problems: [] });
  });

  test.each([
    ['ModelLatency < 500', /^Write `ModelLatency < 500ms`/],
    ['ModelLatency < 5%', /^Write `ModelLatency < 5ms`/],
    ['Invocation5XXErrors < 1%', /^Write `Invocation5XXErrors < 1`/],
    ['CPUUtilization < 5ms', /^Write `CPUUtilization < 5`/],
    ['Invocation5xxError < 1', /^Did you mean `Invocation5XXErrors`\?/],
    ['constructor < 1', /^Known: `Invocations`/],
    ['Invocation5XXErrors = 0', /^Did you mean `==`\?/],
    ['errors are few', /^Write one a line, for example `Invocation5XXErrors <= 0`/],
    ['Invocations > 1\nInvocations > 1', /^Name it once/],
  ])('%j is none', (text, fix) => {
    expect(read(text).problems).toEqual([expect.objectContaining({ fix: expect.stringMatching(fix) })]);
  });
});
