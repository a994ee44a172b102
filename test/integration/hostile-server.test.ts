import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { marked } from 'marked';
import { leftovers } from './leftovers.js';
import { type ActionRun, runAction } from './run-action.js';

jest.setTimeout(120_000);

/** What the log, the summary or a message must not hold: control characters, separators, changes of direction. */
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe('a container that trains and serves, but whose file names, headers and answers are hostile', () => {
  let run: ActionRun;

  beforeAll(async () => {
    run = await runAction({
      context: 'test/containers/hostile',
      'smoke-channels': 'train=test/containers/hostile/sample',
      'smoke-payload': 'test/containers/hostile/sample/rows.csv',
      'smoke-accept': 'application/json',
      'smoke-expect': 'what it never says',
      'smoke-severity': 'train-broken-input=off',
      'metric-definitions': 'loss=(pwned)',
    });
  });
  afterAll(() => {
    execFileSync('docker', ['image', 'rm', '--force', run.outputs['image-uri'] ?? '']);
  });

  test('gets the checks failed that showed those texts, and no other', () => {
    expect(run.outputs).toMatchObject({
      outcome: 'failed',
      'failed-checks': 'train-model-archive,serve-content-type,serve-content',
      warnings: 'train-metrics,serve-bad-payload,serve-execution-parameters,serve-sigterm',
    });
    const evidence = (id: string) => run.report?.checks.find((check) => check.id === id)?.evidence;
    for (const id of [
      'train-model-archive',
      'train-metrics',
      'serve-content-type',
      'serve-content',
      'serve-bad-payload',
    ]) {
      expect(evidence(id)).toContain('pwned');
    }
  });

  test('gives the runner no command of its own', () => {
    for (const { name, message, properties } of run.commands) {
      expect(['group', 'endgroup', 'error', 'warning', 'notice']).toContain(name);
      expect(message).not.toMatch(/^\s*pwned/);
      expect(Object.values(properties).join()).not.toContain('pwned');
    }
    expect(Object.keys(run.state).sort()).toEqual(['runId', 'tempDir']);
  });

  test('writes nothing that a terminal or a reader would obey', () => {
    expect(run.log).not.toMatch(CONTROL);
    expect(run.summary).not.toMatch(CONTROL);
    for (const { message } of run.commands) expect(message).not.toMatch(CONTROL);
  });

  test('makes no tag, link, image or mention in the summary', async () => {
    const html = await marked.parse(run.summary);
    expect(html).not.toMatch(/<(script|img)/i);
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
    expect(links.filter((link) => !link?.startsWith('https://github.com/octo-org/octo-model/'))).toEqual([]);
    expect(html.replaceAll(/<(code|pre)[^>]*>.*?<\/\1>/gs, '')).not.toContain('@octocat');
  });

  test('leaves well-formed reports and nothing else', () => {
    expect(() => new XMLParser().parse(run.junit ?? '', true)).not.toThrow();
    expect(run.junit).toContain('pwned');
    expect(run.junit).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f]/);
    expect(leftovers(run.runId)).toEqual([]);
    expect(run.temporaryFiles).toEqual([]);
  });
});
