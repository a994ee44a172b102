import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const SCRIPT = resolve(__dirname, '../../../script/lint-docs.mjs');

/** Finds what is wrong in each line that says so, and keeps what it is given. */
const ACTIONLINT = `#!/usr/bin/env node
const { readFileSync, appendFileSync } = require('node:fs');
const findings = process.argv.slice(4).flatMap((filepath) => {
  const text = readFileSync(filepath, 'utf8');
  appendFileSync(process.env.SEEN, text.trimStart() + '---\\n');
  return text.split('\\n').flatMap((line, index) =>
    line.includes('wrong') ? [{ filepath, line: index + 1, message: 'is wrong', kind: 'stub' }] : []);
});
console.log(JSON.stringify(findings));
process.exit(findings.length > 0 ? 1 : 0);
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lint-docs-test-'));
  write('action.yml', 'name: x\n');
  write('.github/workflows/train.yml', 'name: x\n');
  write('bin/actionlint', ACTIONLINT);
  chmodSync(join(root, 'bin/actionlint'), 0o755);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function lint(): { status: number | null; stderr: string; seen: string } {
  const seen = join(root, 'seen');
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--root', root], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH']}`, SEEN: seen },
  });
  return { status, stderr, seen: status === null ? '' : readFileSync(seen, 'utf8') };
}

const fenced = (text: string) => `\`\`\`yaml\n${text}\`\`\`\n`;

test('a part of a workflow gets what stands around it, and this repository in place of the published one', () => {
  write(
    'docs/page.md',
    [
      fenced('on: push\njobs:\n  train:\n    uses: org/sagemaker-byoc/.github/workflows/train.yml@v1\n'),
      fenced('- uses: org/sagemaker-byoc@v1\n'),
      fenced('    with:\n      context: a\n'),
      fenced('stages: deploy\n'),
      fenced('permissions:\n  contents: read\n'),
    ].join('\n'),
  );
  const { status, stderr, seen } = lint();
  expect([status, stderr]).toEqual([0, '']);
  expect(seen.split('---\n').slice(0, -1)).toEqual([
    'on: push\njobs:\n  train:\n    uses: ./.github/workflows/train.yml\n',
    'on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./\n',
    'on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./\n        with:\n          context: a\n',
    'on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./\n        with:\n          stages: deploy\n',
    'on: push\njobs:\n  example:\n    permissions:\n      contents: read\n    runs-on: ubuntu-latest\n    steps:\n      - run: "true"\n',
  ]);
});

test('a finding is told where it is on its page', () => {
  write('README.md', `${'\n'.repeat(9)}${fenced('- uses: a\n- uses: wrong\n')}`);
  const { status, stderr } = lint();
  expect([status, stderr]).toEqual([1, 'README.md:12: is wrong [stub]\n']);
});

test('an example of a mistake is left out, and pages of others are', () => {
  write(
    'docs/a.md',
    `${fenced('with:\n  b: wrong\n')}\n\`\`\`text\nb is wrong\n\`\`\`\n${fenced('- uses: a\n')}`,
  );
  write('node_modules/x/README.md', fenced('- uses: wrong\n'));
  expect(lint().status).toBe(0);
});

test('what is no part of a workflow cannot be passed over', () => {
  write('README.md', fenced('Resources: {}\n'));
  expect(() =>
    execFileSync(process.execPath, [SCRIPT, '--root', root], { stdio: 'pipe', encoding: 'utf8' }),
  ).toThrow('line 2: an example that is no part of a workflow');
});
