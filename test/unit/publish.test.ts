import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ReportPlan, RunRecord } from '../../src/plan.js';
import { earlyOutputs, publish } from '../../src/publish.js';
import { createLog } from '../../src/runner/job-log.js';
import { Outputs } from '../../src/runner/outputs.js';
import { runnerCommands } from '../integration/runner-commands.js';
import { runnerFile } from './runner/runner-files.js';
import { temporaryFolder } from './runner/temporary-folder.js';

let folder: string;
let output: string;
let outputs: ReturnType<typeof runnerFile>;
const write = process.stdout.write;

beforeEach(() => {
  folder = temporaryFolder();
  outputs = runnerFile('GITHUB_OUTPUT');
  output = '';
  process.stdout.write = ((text: string) => {
    output += text;
    return true;
  }) as typeof process.stdout.write;
});
afterEach(() => {
  process.stdout.write = write;
});

const PASSED: RunRecord = {
  version: 1,
  outcome: 'passed',
  source: {},
  startedAt: '2026-01-02T03:04:05.000Z',
  seconds: 12.5,
  stages: [{ stage: 'smoke-test', status: 'passed', seconds: 12, detail: '2 checks passed.' }],
  checks: [
    {
      id: 'train-exit-code',
      group: 'training',
      title: 'Training ends with exit code 0',
      severity: 'error',
      status: 'passed',
      evidence: 'Exit code 0.',
    },
  ],
  metrics: [],
  annotations: [],
  notices: [],
};
const FAILED: RunRecord = {
  ...PASSED,
  outcome: 'failed',
  checks: PASSED.checks.map((check) => ({
    ...check,
    status: 'failed',
    evidence: 'Exit code 1.',
    fix: 'Read the log.',
  })),
};

async function publishing(record: RunRecord, change: Partial<ReportPlan> = {}): Promise<boolean> {
  const log = createLog({ write: (text) => process.stdout.write(text), token: () => 'token', now: () => 0 });
  const env = { ...process.env, GITHUB_STEP_SUMMARY: join(folder, 'summary') };
  const report = { summary: true, annotations: true, path: join(folder, 'reports'), ...change };
  // As after a run: the guard around the container's last lines is still up.
  log.untrusted('serve', 'the last line');
  return publish(record, { report, log, env, outputs: new Outputs(env, () => {}) });
}

const summary = () => readFileSync(join(folder, 'summary'), 'utf8');
const errors = () => runnerCommands(output).filter(({ name }) => name === 'error');
const lastLine = () => output.trimEnd().split('\n').at(-1);

describe('a run that passed', () => {
  test('is told by files, outputs, summary and the last line', async () => {
    expect(await publishing(PASSED)).toBe(true);
    const paths = [join(folder, 'reports/report.json'), join(folder, 'reports/junit.xml')];
    expect(JSON.parse(readFileSync(paths[0] as string, 'utf8'))).toEqual(PASSED);
    expect(readFileSync(paths[1] as string, 'utf8')).toMatch(/<testsuites/);
    expect(outputs.values()).toMatchObject({
      outcome: 'passed',
      'report-path': paths[0],
      'junit-path': paths[1],
    });
    expect(summary()).toMatch(/^## ✅ SageMaker would train with this container/);
    expect(lastLine()).toMatch(/^✅ SageMaker would train with this container/);
    expect(errors()).toEqual([]);
  });
});

describe('a run that failed', () => {
  test('fails the step, with the error where the runner sees it and the fix in the last line', async () => {
    expect(await publishing(FAILED)).toBe(false);
    expect(errors()).toEqual([expect.objectContaining({ message: 'Exit code 1.\nFix: Read the log.' })]);
    expect(lastLine()).toBe('Next: Read the log.');
  });

  test('has an error even when annotations are not wanted: why a step is red must be said', async () => {
    expect(await publishing(FAILED, { annotations: false })).toBe(false);
    expect(errors()).toEqual([expect.objectContaining({ message: 'Read the log.' })]);
  });

  test('one that was canceled fails the step, and blames nobody', async () => {
    expect(await publishing({ ...PASSED, outcome: 'canceled', checks: [] })).toBe(false);
    expect(errors()).toEqual([]);
  });
});

describe('what cannot be written does not stop the rest', () => {
  test('report files: an error with the path, and all else is told', async () => {
    writeFileSync(join(folder, 'reports'), 'in the way');
    expect(await publishing(PASSED)).toBe(false);
    expect(errors()).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(/reports: .*\(E[A-Z]+\)\.\nFix: .*report-path/),
      }),
    ]);
    expect(outputs.values()).toMatchObject({ outcome: 'passed', 'report-path': '', 'junit-path': '' });
    expect(summary()).toContain('The report could not be saved');
    expect(lastLine()).toMatch(/^✅/);
  });

  test('the summary: a line in the log, and the step stays green', async () => {
    const log = createLog({
      write: (text) => process.stdout.write(text),
      token: () => 'token',
      now: () => 0,
    });
    const env = { ...process.env, GITHUB_STEP_SUMMARY: join(folder, 'no/summary') };
    const report = { summary: true, annotations: true, path: join(folder, 'reports') };
    expect(await publish(PASSED, { report, log, env, outputs: new Outputs(env, () => {}) })).toBe(true);
    expect(output).toMatch(
      /The job summary could not be written: .*no\/summary: it does not exist \(ENOENT\)/,
    );
  });
});

test('no summary is written when none is wanted', async () => {
  await publishing(PASSED, { summary: false });
  expect(existsSync(join(folder, 'summary'))).toBe(false);
});

test('while it runs, nothing is said of how it ends', () => {
  const image = { uri: 'model:1', id: 'sha256:0', platform: 'linux/amd64', sizeBytes: 1 };
  expect(earlyOutputs({ ...PASSED, image })).toEqual({
    'image-uri': 'model:1',
    'image-id': 'sha256:0',
    metrics: '{}',
    removed: '[]',
  });
});
