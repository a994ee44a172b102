import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CheckResult } from '../../src/plan.js';
import { leftovers } from './leftovers.js';
import { type ActionRun, REPOSITORY, runAction } from './run-action.js';

/**
 * Containers as they are found in the wild, `<name>/printed`: each gets the red checks that SageMaker's behaviour
 * earns it and no others. `<name>/repaired` is the same after what the report told.
 */
const WILD = join(REPOSITORY, 'test/containers/wild');

/** `case.json`: what the action is given, and what it must find. */
interface Case {
  /** Paths in them are relative to this repository, which is the workspace. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Ids of the failed checks of severity error. */
  readonly failed: readonly string[];
  /** Ids of the failed checks of severity warning. */
  readonly warnings: readonly string[];
  readonly why: string;
  /** By id: text that the failed check's fix must hold. */
  readonly fixes?: Readonly<Record<string, string>>;
  /** Ids of checks that must pass: those which show that the thing was really tried. */
  readonly passed?: readonly string[];
  /** By id: why it must be skipped. */
  readonly skipped?: Readonly<Record<string, string>>;
}

const readCase = (name: string): Case =>
  JSON.parse(readFileSync(join(WILD, name, 'case.json'), 'utf8')) as Case;
const CASES = readdirSync(WILD).flatMap((name) =>
  readdirSync(join(WILD, name))
    .filter((folder) => folder !== 'sample')
    .map((folder) => `${name}/${folder}`),
);

describe('a container found in the wild gets what SageMaker would give it:', () => {
  test.concurrent.each(CASES)(
    '%s',
    async (name) => {
      const { inputs, failed, warnings, fixes = {}, passed = [], skipped = {} } = readCase(name);
      const run = await runAction(inputs);
      execFileSync('docker', ['image', 'rm', '--force', run.outputs['image-uri'] ?? ''], { stdio: 'ignore' });

      expect({ failed: ids(run, 'error'), warnings: ids(run, 'warning') }).toEqual({ failed, warnings });
      expect(run).toMatchObject({
        exitCode: failed.length > 0 ? 1 : 0,
        outputs: { outcome: failed.length > 0 ? 'failed' : 'passed' },
        post: { exitCode: 0 },
      });
      for (const [id, text] of Object.entries(fixes)) expect(checkOf(run, id).fix).toContain(text);
      for (const id of passed) expect(checkOf(run, id)).toMatchObject({ id, status: 'passed' });
      for (const [id, text] of Object.entries(skipped)) {
        expect(checkOf(run, id)).toMatchObject({
          status: 'skipped',
          evidence: expect.stringContaining(text),
        });
      }
      expect(run.temporaryFiles).toEqual([]);
      expect(leftovers(run.runId)).toEqual([]);
    },
    300_000,
  );
});

/** Of the failed checks, in the order of the report. */
function ids(run: ActionRun, severity: CheckResult['severity']): readonly string[] {
  if (!run.report) throw new Error(`The action wrote no report:\n${run.log}`);
  return run.report.checks
    .filter((check) => check.status === 'failed' && check.severity === severity)
    .map(({ id }) => id);
}

function checkOf(run: ActionRun, id: string): CheckResult {
  const check = run.report?.checks.find((one) => one.id === id);
  if (!check) throw new Error(`The report holds no check ${id}:\n${run.log}`);
  return check;
}
