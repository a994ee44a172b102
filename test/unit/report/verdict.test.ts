import { describe, expect, test } from '@jest/globals';
import type { CheckGroup, CheckResult, RunRecord } from '../../../src/plan.js';
import { explains, locationOf, verdictOf } from '../../../src/report/verdict.js';
import { buildFailed, canceled, failing, green, hostile, invalidInput, warned } from './samples.js';

const check = (group: CheckGroup, changes: Partial<CheckResult> = {}): CheckResult => ({
  id: `${group}-x`,
  group,
  title: `It is ${group}`,
  severity: 'error',
  status: 'passed',
  evidence: 'Seen.',
  ...changes,
});
const { diagnosis: _diagnosis, failure: _failure, ...bare } = hostile;
const passed = (...checks: CheckResult[]): RunRecord => ({ ...green, checks });
const failed = (changes: Partial<RunRecord>): RunRecord => ({
  ...bare,
  outcome: 'failed',
  checks: [],
  annotations: [],
  stages: [],
  ...changes,
});

describe('a green verdict claims no more than what was seen', () => {
  test.each<[string, CheckResult[]]>([
    ['SageMaker would accept this container', [check('image'), check('training'), check('hosting')]],
    [
      'SageMaker would train with this container; hosting was not tested',
      [check('training'), check('hosting', { status: 'skipped' })],
    ],
    ['SageMaker would host this container; training was not tested', [check('hosting')]],
    ['SageMaker would accept this image; the container was not run', [check('image')]],
    ['Nothing was judged: 1 check was skipped', [check('image', { status: 'skipped' })]],
    [
      'Nothing was judged: 2 checks were skipped',
      [check('image', { status: 'skipped' }), check('training', { status: 'skipped' })],
    ],
    ['The image is built; nothing was tested', []],
  ])('%s', (headline, checks) => {
    expect(verdictOf(passed(...checks))).toMatchObject({ icon: '✅', headline });
  });

  test('without a sample request it says so, and what to give', () => {
    const untried = check('hosting', {
      id: 'serve-invocations',
      status: 'skipped',
      evidence: 'No sample payload is given: set `smoke-payload`.',
    });
    expect(verdictOf(passed(check('training'), check('hosting'), untried))).toEqual({
      icon: '✅',
      headline: 'SageMaker would accept this container; no request was tried',
      next: { text: 'No sample payload is given: set `smoke-payload`.' },
    });
    const warning = check('image', { severity: 'warning', status: 'failed', fix: 'Mend it.' });
    expect(verdictOf(passed(check('hosting'), untried, warning))).toMatchObject({
      headline:
        'SageMaker would host this container, with 1 warning; no request was tried; training was not tested',
      next: { text: 'No sample payload is given: set `smoke-payload`.' },
    });
    const vital: CheckResult = { ...warning, id: 'serve-ping' };
    expect(verdictOf(passed(check('hosting'), untried, vital)).next?.text).toBe('Mend it.');
    const elsewhere: CheckResult = { ...untried, evidence: 'Not judged: see serve-time.' };
    expect(verdictOf(passed(check('hosting'), elsewhere, warning)).next?.text).toBe('Mend it.');
    expect(verdictOf(passed(check('training'), untried)).headline).toBe(
      'SageMaker would train with this container; hosting was not tested',
    );
  });

  test('nothing was done: nothing was tested', () => {
    expect(verdictOf({ ...green, checks: [], stages: [] }).headline).toBe('Nothing was tested');
  });

  test('a container that does not start is not praised, whatever severity that was given', () => {
    const lowered = check('training', { id: 'train-starts', severity: 'warning', status: 'failed' });
    expect(verdictOf(passed(lowered, check('hosting'))).headline).toBe(
      'Passed as `smoke-severity` wants it, with 1 warning: SageMaker would not get far with this container',
    );
  });

  test('warnings are counted, and the first is the next step', () => {
    expect(verdictOf(warned).headline).toBe('SageMaker would accept this container, with 2 warnings');
    expect(verdictOf(warned).next?.text).toContain('Remove the `USER` instruction');
    expect(verdictOf(green).next).toBeUndefined();
  });
});

describe('a red verdict', () => {
  const broken = (className: string, ...checks: CheckResult[]): RunRecord =>
    failed({
      checks,
      diagnosis: { id: 'T38', class: className, cause: 'It calls AWS.', fix: 'Do not.', evidence: 'x' },
    });
  const explained = (id: string) => check('training', { id, status: 'failed', fix: 'Do not.' });

  test('gives the check’s fix where the diagnosis knows none', () => {
    const diagnosis = {
      ...{ id: 'unknown', class: 'unknown', cause: 'Not known.', fix: 'Read the log.', evidence: '' },
      location: { path: 'train', line: 3 },
    };
    const next = (check: CheckResult) => verdictOf(failed({ checks: [check], diagnosis })).next;
    const hosts = check('training', { id: 'train-hosts', status: 'failed', fix: 'Read `hosts`.' });
    expect(next(hosts)).toEqual({ text: 'Read `hosts`.', location: diagnosis.location });
    expect(next({ ...hosts, id: 'train-exit-code', fix: diagnosis.fix })?.text).toBe('Read the log.');
    expect(next({ ...hosts, group: 'hosting' })?.text).toBe('Read the log.');
  });

  test.each(['credentials-missing', 'gpu-missing'])(
    'does not speak for SageMaker where the runner lacks what it has: %s',
    (className) => {
      expect(verdictOf(broken(className, explained('train-exit-code')))).toEqual({
        icon: '❌',
        headline: 'This runner lacks what the container asks for: 1 of 1 check failed',
        next: { text: 'Do not.' },
      });
    },
  );

  test.each<[string, RunRecord]>([
    ['the class is another', broken('network-unreachable', explained('train-exit-code'))],
    [
      'an isolated container would lack it too',
      broken('credentials-missing', explained('train-network-isolation')),
    ],
    [
      'something else failed as well',
      broken(
        'gpu-missing',
        explained('train-exit-code'),
        check('image', { status: 'failed', fix: 'Mend it.' }),
      ),
    ],
  ])('speaks for SageMaker when %s', (_when, record) => {
    expect(verdictOf(record).headline).toMatch(/^SageMaker would refuse this container: /);
  });

  test('counts what failed among what was judged, and gives the diagnosis’ fix and place', () => {
    expect(verdictOf(failing)).toEqual({
      icon: '❌',
      headline: 'SageMaker would refuse this container: 2 of 11 checks failed',
      next: { text: failing.diagnosis?.fix, location: { path: 'container/train', line: 61 } },
    });
  });

  test('gives the fix of the image first, which explains what goes wrong when it runs', () => {
    const broken = check('image', { status: 'failed', fix: 'Build for linux/amd64.' });
    const record = { ...failing, checks: [...failing.checks, broken] };
    expect(verdictOf(record).next?.text).toBe('Build for linux/amd64.');
  });

  test('without a diagnosis gives the fix of the first failed check, in the order of the groups', () => {
    const checks = [
      check('hosting', { status: 'failed', fix: 'Bind.' }),
      check('training', { status: 'failed', fix: 'Train.' }),
    ];
    expect(verdictOf(failed({ checks })).next).toEqual({ text: 'Train.' });
    const [only] = [check('training', { status: 'failed', evidence: 'Exit code 3.' })];
    expect(verdictOf(failed({ checks: only ? [only] : [] })).next?.text).toBe('It is training: Exit code 3.');
  });

  test('of a build names the place, of anything else says that nothing is known of the container', () => {
    expect(verdictOf(buildFailed)).toMatchObject({
      headline: 'The image could not be built',
      next: {
        text: expect.stringContaining('scikit-lern'),
        location: { path: 'container/Dockerfile', line: 9, endLine: 10 },
      },
    });
    const stage = { stage: 'smoke-test', status: 'failed', seconds: 1, detail: '' } as const;
    const failure = { message: 'Docker went away.' };
    expect(verdictOf(failed({ failure, stages: [stage] })).headline).toContain('is not known');
    expect(verdictOf(failed({ failure })).headline).toContain(
      'before it could say anything about the container',
    );
    expect(verdictOf(failed({ failure })).next).toEqual({ text: 'Docker went away.' });
  });

  test('of inputs counts the mistakes and gives the first', () => {
    expect(verdictOf(invalidInput)).toMatchObject({
      headline: 'Invalid input: 4 problems, nothing was run',
      next: { text: expect.stringContaining('Did you mean `smoke-channels`?') },
    });
  });

  test('is never green for a run that did not pass', () => {
    for (const record of [failing, buildFailed, invalidInput, canceled, hostile])
      expect(verdictOf(record).icon).not.toBe('✅');
  });
});

test('a canceled run has no verdict and no next step', () => {
  expect(verdictOf(canceled)).toEqual({
    icon: '⏹️',
    headline: 'Canceled during smoke-test after 51 s: no verdict on the container',
  });
});

test('the headline has constant words and numbers only', () => {
  expect(verdictOf(hostile).headline).toMatch(/^[A-Za-z0-9 :,;]+$/);
});

describe('a check', () => {
  const red = check('training', {
    status: 'failed',
    id: 'train-exit-code',
    title: 'Training ends with exit code 0',
  });

  test('has the place of the annotation that names it', () => {
    const location = { path: 'a', line: 1 };
    const at = (title: string) =>
      locationOf({ ...green, annotations: [{ level: 'error', title, message: '', location }] }, red);
    expect(at('Failed: Training ends with exit code 0')).toBe(location);
    expect(at('train-exit-code: boom')).toBe(location);
    expect(at('train-exit-code-2: boom')).toBeUndefined();
    expect(at(`${'x'.repeat(100_000)} train-exit-code`)).toBeUndefined();
  });

  test('is explained by a diagnosis whose cause or fix it gives', () => {
    const diagnosis = {
      id: 'T09',
      class: 'out-of-memory',
      cause: 'It is full.',
      fix: 'Use less.',
      evidence: '',
    };
    expect(explains(diagnosis, { ...red, evidence: 'Exit code 1. It is full.' })).toBe(true);
    expect(explains(diagnosis, { ...red, fix: 'Use less.' })).toBe(true);
    expect(explains(diagnosis, red)).toBe(false);
    expect(explains(undefined, red)).toBe(false);
  });
});
