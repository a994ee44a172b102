import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CHECKS } from '../../src/contract/checks/index.js';
import type { CheckResult } from '../../src/plan.js';
import { filesBelow } from './files-below.js';
import { leftovers } from './leftovers.js';
import { type ActionRun, REPOSITORY, runAction } from './run-action.js';

/**
 * One container that is right, `good/`, and for each check one that is wrong in that alone: `broken/<check-id>/`
 * holds only the files that differ from the good one. Those of `green/` are right too, where more is asked.
 *
 * Jest runs them a few at a time (`maxConcurrency`): runs side by side on one engine must not disturb each
 * other, and no check may go wrong because the machine is busy.
 */
const CONTAINERS = join(REPOSITORY, 'test/containers');

/** `case.json` of a fixture. */
interface Case {
  /** One sentence: what is wrong, or what is asked. */
  readonly why: string;
  /** Inputs besides those of the good container; null takes one of them away. */
  readonly inputs?: Readonly<Record<string, string | null>>;
  /** In a broken fixture: text that the evidence of the failed check must hold. */
  readonly evidence?: string;
  /** In a green fixture: the checks that it is for, which must not be skipped. */
  readonly passed?: readonly string[];
  /** Why checks may be skipped here, besides the reasons of the good container. */
  readonly skipped?: readonly string[];
  /** Platform for which the image is built before the action runs, which is then given its name. */
  readonly prebuiltFor?: string;
}

/** A minute and more each, so they go first: the limit of SageMaker itself, and the checksum of a large layer. */
const SLOW = ['serve-time', 'image-size'];
const TIMEOUT_MS = 5 * 60_000;

const readCase = (folder: string): Case =>
  JSON.parse(readFileSync(join(CONTAINERS, folder, 'case.json'), 'utf8')) as Case;
const isSlow = (id: string): boolean => SLOW.includes(id);
const IDS = CHECKS.map(({ id }) => id).sort((one, other) => Number(isSlow(other)) - Number(isSlow(one)));
const GOOD = readCase('good');
const EXPECTED = GOOD.skipped ?? [];
const GREEN = readdirSync(join(CONTAINERS, 'green'));

test('there is one broken container for each check and none besides', () => {
  expect(readdirSync(join(CONTAINERS, 'broken')).sort()).toEqual([...IDS].sort());
});

describe('a container that is broken in one thing fails that check and no other:', () => {
  test.concurrent.each(IDS)(
    '%s',
    async (id) => {
      const { evidence, skipped = [] } = readCase(`broken/${id}`);
      if (!evidence) throw new Error(`broken/${id}/case.json names no evidence.`);
      const red = CHECKS.find((check) => check.id === id)?.severity === 'error';

      const run = await runFixture(`broken/${id}`);

      const failed = { [id]: expect.stringContaining(evidence) };
      expect(failures(run)).toEqual({ error: red ? failed : {}, warning: red ? {} : failed });
      expect(skippedUnexpectedly(run, [...EXPECTED, `see ${id}`, ...skipped])).toEqual([]);
      expect(run.outputs['outcome']).toBe(red ? 'failed' : 'passed');
      expect(run.exitCode).toBe(red ? 1 : 0);
    },
    TIMEOUT_MS,
  );
});

describe('a container that is right fails no check:', () => {
  test.concurrent.each(['good', ...GREEN.map((name) => `green/${name}`)])(
    '%s',
    async (folder) => {
      const { passed = [], skipped = [] } = readCase(folder);

      const run = await runFixture(folder);

      expect(failures(run)).toEqual({ error: {}, warning: {} });
      expect(passed.filter((id) => checkOf(run, id).status !== 'passed')).toEqual([]);
      expect(skippedUnexpectedly(run, [...EXPECTED, ...skipped])).toEqual([]);
      expect(run.outputs['outcome']).toBe('passed');
      expect(run.exitCode).toBe(0);
    },
    TIMEOUT_MS,
  );
});

/** Runs the action on a repository whose `container/` is the good one with the fixture's files over it. */
async function runFixture(folder: string): Promise<ActionRun> {
  const { inputs, prebuiltFor } = readCase(folder);
  const workspace = mkdtempSync(join(tmpdir(), 'broken-'));
  const image = `sagemaker-byoc-test/${basename(workspace).toLowerCase()}`;
  try {
    for (const layer of new Set(['good', folder])) {
      cpSync(join(CONTAINERS, layer), join(workspace, 'container'), { recursive: true });
    }
    rmSync(join(workspace, 'container/case.json'));
    if (prebuiltFor) prebuild(prebuiltFor, image, join(workspace, 'container'));
    const before = filesBelow(workspace);

    const given = { ...GOOD.inputs, ...inputs, ...(prebuiltFor && { 'image-uri': image }) };
    const run = await runAction(
      Object.fromEntries(
        Object.entries(given).filter((input): input is [string, string] => input[1] !== null),
      ),
      { workspace },
    );

    if (!run.report) throw new Error(`The action wrote no report:\n${run.log}`);
    expect(filesBelow(workspace)).toEqual(before);
    expect(run.temporaryFiles).toEqual([]);
    expect(leftovers(run.runId)).toEqual([]);
    return run;
  } finally {
    if (prebuiltFor) execFileSync('docker', ['image', 'rm', '--force', image], { stdio: 'ignore' });
    rmSync(workspace, { recursive: true, force: true });
  }
}

function prebuild(platform: string, image: string, context: string): void {
  const to = ['--platform', platform, '--provenance=false', '--load', '--tag', image];
  execFileSync('docker', ['buildx', 'build', ...to, context], { stdio: 'pipe' });
}

const checksOf = (run: ActionRun): readonly CheckResult[] => run.report?.checks ?? [];

function checkOf(run: ActionRun, id: string): CheckResult {
  const check = checksOf(run).find((one) => one.id === id);
  if (!check) throw new Error(`The report holds no check ${id}:\n${run.log}`);
  return check;
}

/** The failed checks by severity, with their evidence: what a failing test should show. */
function failures(run: ActionRun): Record<CheckResult['severity'], Record<string, string>> {
  const failed = (severity: CheckResult['severity']) =>
    checksOf(run).filter((check) => check.status === 'failed' && check.severity === severity);
  const evidence = (checks: readonly CheckResult[]) =>
    Object.fromEntries(checks.map((check) => [check.id, check.evidence]));
  expect(run.outputs).toMatchObject({
    'failed-checks': failed('error')
      .map(({ id }) => id)
      .join(','),
    warnings: failed('warning')
      .map(({ id }) => id)
      .join(','),
  });
  return { error: evidence(failed('error')), warning: evidence(failed('warning')) };
}

/** Checks that were skipped for another reason than one that the fixture expects. */
function skippedUnexpectedly(run: ActionRun, reasons: readonly string[]): readonly string[] {
  return checksOf(run)
    .filter(
      ({ status, evidence }) => status === 'skipped' && !reasons.some((reason) => evidence.includes(reason)),
    )
    .map(({ id, evidence }) => `${id}: ${evidence}`);
}
