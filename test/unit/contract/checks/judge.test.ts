import { describe, expect, test } from '@jest/globals';
import {
  type CheckDefinition,
  failed,
  passed,
  skipped,
  type Verdict,
} from '../../../../src/contract/checks/check.js';
import { CHECKS } from '../../../../src/contract/checks/index.js';
import { judge } from '../../../../src/contract/checks/judge.js';
import { green, notMade } from '../observations.js';

const check = (id: string, verdict: Verdict): CheckDefinition => ({
  id,
  group: 'image',
  severity: 'error',
  title: `The title of ${id}`,
  proves: 'It proves something.',
  why: 'SageMaker cares.',
  fix: 'The general fix.',
  source: '[doc] somewhere',
  judged: 'always',
  judge: () => verdict,
});
const judged = (verdict: Verdict, severities: [string, 'error' | 'warning' | 'off'][] = []) =>
  judge(green(), new Map(severities), [check('one', verdict)]);

describe('judge', () => {
  test('tells what was seen, with the check’s own words beside it', () => {
    expect(judged(passed('Seen.', { seconds: 0, lines: ['a'] }))).toEqual([
      {
        id: 'one',
        group: 'image',
        title: 'The title of one',
        severity: 'error',
        status: 'passed',
        evidence: 'Seen.',
        lines: ['a'],
        seconds: 0,
      },
    ]);
  });

  test('gives a failed check a fix: the verdict’s, or the general one; no other check has any', () => {
    expect(judged(failed('No.'))[0]).toMatchObject({ fix: 'The general fix.' });
    expect(judged(failed('No.', { fix: 'A better one.' }))[0]).toMatchObject({ fix: 'A better one.' });
    expect(judged(passed('Yes.', { fix: 'Nothing to fix.' }))[0]).not.toHaveProperty('fix');
    expect(judged(skipped('Why.'))[0]).not.toHaveProperty('fix');
  });

  test('leaves out what there is none of', () => {
    const [result] = judged(passed('Yes.', { lines: [] }));
    expect(result).not.toHaveProperty('lines');
    expect(result).not.toHaveProperty('seconds');
  });

  test('takes the user’s severity, by id', () => {
    expect(judged(failed('No.'), [['one', 'warning']])).toMatchObject([{ severity: 'warning' }]);
    expect(judged(failed('No.'), [['other', 'warning']])).toMatchObject([{ severity: 'error' }]);
  });

  test('does not even judge a check that is turned off', () => {
    const never = {
      ...check('one', passed('')),
      judge: () => {
        throw new Error('judged');
      },
    };
    const two = check('two', passed('Yes.'));
    expect(judge(green(), new Map([['one', 'off']]), [never, two]).map(({ id }) => id)).toEqual(['two']);
  });

  test('judges every check when none are named', () => {
    expect(judge(green(), new Map()).map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
  });
});

test('a container that does everything right fails nothing', () => {
  const results = judge(green(), new Map());
  expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(results.filter(({ status }) => status === 'skipped').map(({ id }) => id)).toEqual([
    'image-cuda',
    'train-network-isolation',
    'train-hosts',
    'train-pipe-mode',
    'serve-network-isolation',
    'serve-execution-parameters',
    'serve-multi-model',
  ]);
});

test('nothing about a run is green when the run was not made', () => {
  const why = notMade('Not made.');
  const results = judge(green({ training: why, brokenInput: why, stop: why, hosting: why }), new Map());
  for (const { id, group, status, evidence } of results) {
    if (group !== 'image') {
      expect([id, status, evidence]).toEqual([id, 'skipped', 'Not made.']);
    }
  }
});
