import { describe, expect, test } from '@jest/globals';
import { toldOf } from './told.js';
import { DEPLOY, workspace } from './workspace.js';

const ALARMS = { 'rollback-alarms': 'forecast-5xx\nforecast, latency' };
const policyOf = (inputs: Record<string, string>) =>
  workspace().plan({ ...DEPLOY, ...inputs }).endpoint?.policy;

describe('deployment-policy', () => {
  test.each([
    ['all-at-once', { kind: 'all-at-once', waitSeconds: 300, terminationWaitSeconds: 0 }],
    ['canary', { kind: 'canary', percent: 10, waitSeconds: 300, terminationWaitSeconds: 0 }],
    ['{type: linear, percent: 50, wait: 0}', undefined],
    [
      '{type: linear, percent: 50, wait: 10m, termination-wait: 5m}',
      { kind: 'linear', percent: 50, waitSeconds: 600, terminationWaitSeconds: 300 },
    ],
    ['type=rolling\npercent=5\nwait=60', { kind: 'rolling', percent: 5, waitSeconds: 60 }],
  ])('%j with alarms', (text, expected) => {
    if (expected) expect(policyOf({ ...ALARMS, 'deployment-policy': text })).toEqual(expected);
    else {
      expect(toldOf({ ...ALARMS, 'deployment-policy': text }, DEPLOY)).toMatchObject({
        value: 'wait=0',
        rule: 'Alarms are looked at while the deployment waits, and it would not wait.',
      });
    }
  });

  test('without alarms does not wait, unless told to', () => {
    expect(policyOf({ 'deployment-policy': 'all-at-once' })).toMatchObject({ waitSeconds: 0 });
    expect(policyOf({ 'deployment-policy': 'rolling' })).toEqual({
      kind: 'rolling',
      percent: 25,
      waitSeconds: 0,
    });
  });

  test.each(['canary', 'linear', '{type: canary, wait: 10m}'])('%s needs alarms', (text) => {
    expect(toldOf({ 'deployment-policy': text }, DEPLOY)).toMatchObject({
      input: 'deployment-policy',
      fix: 'Set `rollback-alarms`, or `deployment-policy: all-at-once`.',
    });
  });

  test.each([
    ['{type: canary, percent: 51}', 'percent=51'],
    ['{type: linear, percent: 9}', 'percent=9'],
    ['{type: canary, wait: 61m}', 'wait=61m'],
    ['{type: rolling, percent: 4}', 'percent=4'],
  ])('%s is wrong without alarms, too', (text, value) => {
    const told = workspace()
      .problems({ ...DEPLOY, 'deployment-policy': text })
      .filter(({ input }) => input === 'deployment-policy');
    expect(told.map((problem) => problem.value)).toContain(value);
  });

  test.each([
    ['cannary', 'cannary', /^Did you mean `canary`\?/],
    ['{percent: 10}', '{percent: 10}', /^Add `type: canary`/],
    ['{type: canary, size: 10}', 'size', /Known: `type`, `percent`, `wait`, `termination-wait`\.$/],
    ['{type: canary, percent: 51}', 'percent=51', /from 1 to 50/],
    ['{type: linear, percent: 9}', 'percent=9', /from 10 to 50/],
    ['{type: rolling, percent: 4}', 'percent=4', /from 5 to 50/],
    ['{type: canary, wait: 61m}', 'wait=61m', /1 hour/],
    ['{type: canary, termination-wait: 2h}', 'termination-wait=2h', /1 hour/],
    ['{type: all-at-once, percent: 10}', 'percent=10', /^Remove it, or choose/],
    ['{type: rolling, termination-wait: 60}', 'termination-wait=60', /^Remove it, or choose/],
  ])('%s is wrong', (text, value, fix) => {
    expect(toldOf({ ...ALARMS, 'deployment-policy': text }, DEPLOY)).toMatchObject({
      input: 'deployment-policy',
      value,
      fix: expect.stringMatching(fix),
    });
  });

  test.each([
    ['canary', 2 * 300],
    ['{type: linear, percent: 30, wait: 60, termination-wait: 30}', 4 * 60 + 30],
    ['{type: rolling, percent: 50, wait: 60}', 2 * 60],
    ['all-at-once', 300],
  ])('%s has its waiting in the time-out', (text, waiting) => {
    const timeoutOf = (timeout: string) => ({
      ...DEPLOY,
      ...ALARMS,
      'deployment-policy': text,
      'endpoint-timeout': timeout,
    });
    expect(workspace().plan(timeoutOf('')).endpoint?.timeoutSeconds).toBe(3600 + waiting);
    expect(workspace().plan(timeoutOf(`${waiting + 1}`)).endpoint?.timeoutSeconds).toBe(waiting + 1);
    expect(toldOf(timeoutOf(`${waiting}`), {}).rule).toBe(
      `Is over before \`deployment-policy\` has done its waiting (${waiting} s).`,
    );
  });
});

describe('rollback-alarms', () => {
  test('are one a line', () => {
    const plan = workspace().plan({ ...DEPLOY, ...ALARMS }).endpoint;
    expect(plan?.rollbackAlarms).toEqual(['forecast-5xx', 'forecast, latency']);
  });

  test.each([
    [Array.from({ length: 11 }, (_, index) => `alarm-${index}`).join('\n'), /at most 10 alarms/],
    ['a\na', /named twice/],
    ['arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a', /Is an ARN/],
    ['x'.repeat(256), /1 to 255 characters/],
  ])('%.20s are wrong', (text, rule) => {
    const problem = toldOf({ 'rollback-alarms': text }, DEPLOY);
    expect(problem.input).toBe('rollback-alarms');
    expect(problem.rule).toMatch(rule);
  });
});
