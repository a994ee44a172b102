import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const SCRIPT = resolve(__dirname, '../../../script/used-inputs.mjs');

const ACTION = `inputs:
  # --- Run ---
  stages:
    description: |
      What to do, in this order: \`build\`, \`push\`. A list.
  context:
    description: |
      Build context.
outputs:
  outcome:
    description: How it ended.
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'used-inputs-'));
  write('action.yml', ACTION);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** What the runs of one project have left. */
const ran = (project: string, ...runs: readonly object[]) =>
  write(`.tools/test/used/${project}/used.jsonl`, runs.map((run) => `${JSON.stringify(run)}\n`).join(''));

const usage = () => spawnSync(process.execPath, [SCRIPT, '--root', root], { encoding: 'utf8' });

test('a table says in how many runs of each kind everything was used', () => {
  ran('integration', { inputs: ['stages', 'context'], stages: ['build'] }, { outputs: ['outcome'] });
  ran('end-to-end', { inputs: ['stages'], stages: ['build', 'push'] });
  const { status, stderr } = usage();
  expect([status, stderr]).toEqual([0, '']);
  const page = readFileSync(join(root, '.tools/test/used.md'), 'utf8');
  expect(page).toContain('| stage | end-to-end | integration |');
  expect(page).toContain('| `build` | 1 | 1 |');
  expect(page).toContain('| `push` | 1 | 0 |');
  expect(page).toContain('| `context` | 0 | 1 |');
  expect(page).toContain('| `outcome` | 0 | 1 |');
});

test('what was never used is named, and fails', () => {
  ran('integration', { inputs: ['stages'], stages: ['build'] });
  const { status, stderr } = usage();
  expect(status).toBe(1);
  expect(stderr.split('\n').slice(0, 4)).toEqual([
    'never used: stage push',
    'never used: input context',
    'never used: output outcome',
    '3 of 5 were never used in a run.',
  ]);
});

test('without any run it says what to run', () => {
  const { status, stderr } = usage();
  expect([status, stderr]).toEqual([1, expect.stringContaining('script/test integration end-to-end')]);
});
