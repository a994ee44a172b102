import { describe, expect, test } from '@jest/globals';
import { lineOf, toldOf } from './told.js';
import { workspace } from './workspace.js';

const METRICS = { 'metric-definitions': 'validation:loss=loss: ([0-9.]+)' };
const followOf = (inputs: Record<string, string>) => workspace().plan({ ...METRICS, ...inputs }).follow;

describe('how a job is followed', () => {
  test.each([
    ['wait', 'yes'],
    ['stop-on-cancel', 'no'],
    ['stream-logs', '1'],
  ])('%s is a boolean', (input, text) => {
    expect(toldOf({ [input]: text })).toMatchObject({ input, rule: 'Must be `true` or `false`.' });
  });

  test('without waiting', () => {
    expect(followOf({ wait: 'false' })).toEqual({ wait: false, stopOnCancel: true, streamLogs: true });
  });

  test.each([
    ['timeout', '1h'],
    ['stall-timeout', '10m'],
    ['stop-when', 'metric=validation:loss\ndirection=minimize\npatience=3'],
    ['metric-gates', 'validation:loss < 1'],
  ])('%s contradicts wait: false', (input, value) => {
    expect(toldOf({ ...METRICS, wait: 'false', [input]: value })).toMatchObject({
      input,
      rule: 'Is about following the job, but `wait` is `false`.',
      fix: `Remove \`${input}\`, or set \`wait: true\`.`,
    });
  });

  test.each([
    ['timeout', '0', 'Write a duration from 1 second to 56 days.'],
    ['timeout', '57d', 'Write a duration from 1 second to 56 days.'],
    ['stall-timeout', '59s', 'Write a duration from 1 minute to 28 days.'],
    ['stall-timeout', '1 hour', 'Write for example `90`, `90s`, `10m`, `1h30m` or `2d`.'],
  ])('%s %s', (input, text, fix) => {
    expect(toldOf({ [input]: text })).toMatchObject({ input, fix });
  });

  test('for a time', () => {
    expect(followOf({ timeout: '5h', 'stall-timeout': '1m' })).toMatchObject({
      timeoutSeconds: 18_000,
      stallTimeoutSeconds: 60,
    });
  });
});

describe('stop-when', () => {
  const PLAN = { metric: 'validation:loss', direction: 'minimize', patience: 10 };

  test.each([
    'metric=validation:loss\ndirection=minimize\npatience=10',
    'metric: validation:loss\ndirection: minimize\npatience: 10',
    '{metric: "validation:loss", direction: minimize, patience: 10}',
    'patience= 10 \ndirection= minimize\nmetric= validation:loss',
  ])('%j is a map of three', (text) => {
    expect(followOf({ 'stop-when': text }).stopWhen).toEqual(PLAN);
  });

  test.each([
    ['metric=validation:los\ndirection=minimize\npatience=10', 'Did you mean `validation:loss`?'],
    ['metric=validation:loss\ndirection=minimise\npatience=10', 'Did you mean `minimize`?'],
    ['metric=validation:loss\ndirection=down\npatience=10', 'Write `minimize` for a loss'],
    ['metric=validation:loss\ndirection=minimize\npatience=0', 'Write for example `patience=10`.'],
    ['metric=validation:loss\ndirection=minimize\npatience=3.5', 'Write for example `patience=10`.'],
    ['metric=validation:loss\ndirection=minimize', 'Add `patience=10`, the number of values'],
    ['metric=validation:loss\npatience=10', 'Add `direction=minimize` or `direction=maximize`.'],
    ['direction=minimize\npatience=10', 'Add `metric=validation:loss`, one of `metric-definitions`.'],
    [
      'metric=validation:loss\ndirection=minimize\npatience=10\nmin-delta=1',
      'Known: `metric`, `direction`, `patience`.',
    ],
    ['validation:loss', 'Write one `key=value` a line'],
  ])('%j is not', (text, fix) => {
    expect(toldOf({ ...METRICS, 'stop-when': text })).toMatchObject({
      input: 'stop-when',
      fix: expect.stringContaining(fix),
    });
  });

  test('needs no definition here when the overrides bring them, or when those are mistaken', () => {
    const stop = { 'stop-when': 'metric=x\ndirection=maximize\npatience=2' };
    const overrides = 'AlgorithmSpecification: {MetricDefinitions: [{Name: x, Regex: "x=(.*)"}]}';
    expect(workspace().plan({ ...stop, 'training-overrides': overrides }).follow.stopWhen?.metric).toBe('x');
    expect(lineOf({ ...stop, 'metric-definitions': 'x=no group' })).toMatch(/^metric-definitions /);
  });
});
