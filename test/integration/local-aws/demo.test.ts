import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import type { RunRecord } from '../../../src/plan.js';
import { runnerCommands } from '../runner-commands.js';
import { localAws, ROOT } from './shared.js';

jest.setTimeout(300_000);

/** Where script/demo leaves what the action wrote, and what it worked on. */
const FOLDER = join(ROOT, '.tools', 'demo');
const images = new Set<string>();
afterAll(() => {
  if (images.size > 0) execFileSync('docker', ['image', 'rm', '--force', ...images], { stdio: 'ignore' });
});

/** script/demo, as a person runs it beside a local AWS. */
async function demo(...words: readonly string[]) {
  const aws = await localAws();
  const jobs = async () => (await aws.calls())['sagemaker:CreateTrainingJob'] ?? 0;
  const before = await jobs();
  const child = spawn(join(ROOT, 'script', 'demo'), words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...aws.env, BUCKET: aws.bucket, EXECUTION_ROLE_ARN: aws.executionRoleArn },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const report = JSON.parse(
    readFileSync(join(FOLDER, 'temp/sagemaker-byoc/report/report.json'), 'utf8'),
  ) as RunRecord;
  if (report.image !== undefined) images.add(report.image.uri);
  const summary = readFileSync(join(FOLDER, 'summary.md'), 'utf8');
  return { exitCode, output, summary, report, jobs: (await jobs()) - before };
}

test('script/demo trains a model and shows its metrics, and the served model answers', async () => {
  const { exitCode, output, summary, report, jobs } = await demo();
  expect(output).toContain('==> The action says: passed');
  expect({ exitCode, jobs }).toEqual({ exitCode: 0, jobs: 1 });
  expect(output).toMatch(/job: +\S+ Completed$/m);
  expect(output).toMatch(/model: +s3:\/\/\S+\/model\.tar\.gz$/m);
  expect(output).toMatch(/about the 12 patients: all right \(/);
  expect(report.job?.finalMetrics.map(({ name }) => name)).toEqual(['train:loss', 'validation:accuracy']);
  expect(summary).toContain('xychart');
  expect(summary).toContain('validation:accuracy');
});

test('script/demo --broken shows cause, fix and the line of a bug in train, and no job is paid for', async () => {
  const { exitCode, output, summary, report, jobs } = await demo('--broken');
  expect(output).toContain('==> The action says: failed');
  expect({ exitCode, jobs }).toEqual({ exitCode: 1, jobs: 0 });
  const program = readFileSync(join(FOLDER, 'workspace/container/train'), 'utf8').split('\n');
  const line = 1 + program.findIndex((text) => text.includes('joblib.dump(modle'));
  expect(line).toBeGreaterThan(0);
  const [annotation, ...others] = runnerCommands(output).filter(({ name }) => name === 'error');
  expect(others).toEqual([]);
  expect(annotation).toMatchObject({
    properties: { file: 'container/train', line: String(line) },
    message: expect.stringContaining('uncaught `NameError`'),
  });
  expect(annotation?.properties['title']).toContain("name 'modle' is not defined");
  expect(report.diagnosis).toMatchObject({
    class: 'python-name-undefined',
    cause:
      "The program uses the name `modle`, which is not defined at that line. It ended with exit code 1 after an uncaught `NameError`: `name 'modle' is not defined. Did you mean: 'model'?`.",
    location: { path: 'container/train', line },
  });
  const { fix = '' } = report.diagnosis ?? {};
  expect(fix).toContain('Write `model` in place of `modle`');
  expect(annotation?.message).toContain(fix);
  expect(summary).toContain(`<strong>Next:</strong> ${fix.replace(/`([^`]+)`/g, '<code>$1</code>')}`);
  expect(summary).toContain(`<code>container/train:${line}</code>`);
  expect(summary).toMatch(/>Cause<.*uncaught <code>NameError<\/code>/);
  expect(`${summary}${annotation?.message}`).not.toMatch(/unknown/i);
});
