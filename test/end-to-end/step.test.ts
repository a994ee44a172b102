import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ActRun, runWorkflow } from './act.js';
import { REPOSITORY } from './action-copy.js';
import { CALLER, type Forge, makeForge } from './forge.js';

jest.setTimeout(480_000);

/** Takes requests of one content type only. */
const SERVE = `#!/usr/bin/env python3
from serving import Handler, serve

class PlainText(Handler):
    def invocations(self, body):
        if self.headers["Content-Type"] != "text/plain":
            return self.answer(415)
        super().invocations(body)

serve(PlainText)
`;

const DOCKERFILE = `FROM python:3.11-slim-bookworm AS wanted
ARG GREETING
LABEL greeting=$GREETING
RUN --mount=type=secret,id=netrc grep -q 'machine example.com' /run/secrets/netrc
ENV PYTHONUNBUFFERED=1
COPY program/ /opt/program/
ENV PATH=/opt/program:$PATH

FROM wanted AS last
RUN false
`;

/** The action as a step of a job of the caller's own: `uses: ./`, with no workflow of ours around it. */
describe('the action as a plain step', () => {
  let forge: Forge;
  let run: ActRun;

  beforeAll(async () => {
    forge = makeForge();
    const caller = forge.repository(
      CALLER,
      {
        '.': join(__dirname, 'caller'),
        container: join(REPOSITORY, 'test/containers/good'),
        'action.yml': join(forge.action, 'action.yml'),
        dist: join(forge.action, 'dist'),
      },
      {
        'container/Dockerfile': undefined,
        'container/program/serve': SERVE,
        'docker/train.Dockerfile': DOCKERFILE,
        'secrets/netrc': 'machine example.com login me password not-for-you\n',
      },
    );
    run = await runWorkflow({ forge, caller, workflow: 'step.yml', runId: '7000101' });
  });
  afterAll(() => {
    const uri = run.outputs['image-uri'];
    if (uri !== undefined) execFileSync('docker', ['image', 'rm', '--force', uri], { stdio: 'ignore' });
    forge.remove();
  });

  test('runs main and post of action.yml, as often as it is used', () => {
    expect(run.jobs).toEqual({ container: 'success' });
    expect(run.steps).toMatchObject({
      'Main Good': 'success',
      'Main Bad': 'failure',
      'Main Rest': 'success',
      'Post Good': 'success',
      'Post Bad': 'success',
    });
    expect(run.runIds).toHaveLength(2);
  });

  test('builds what its inputs say: another Dockerfile, up to a stage, with arguments, labels and a secret', () => {
    const labels = JSON.parse(/^labels (\{.*\})$/m.exec(run.log)?.[1] ?? '{}') as Record<string, string>;
    expect(labels).toMatchObject({ greeting: 'hello', team: 'forecasting' });
    expect(run.raw).not.toContain('not-for-you');
  });

  test('leaves its outputs and its report to the steps after it', () => {
    expect(run.log).toContain('outcome in the report is passed\n');
    expect(run.log).toContain('passed and failed train-exit-code');
  });

  test('writes a summary, and none where it is not wanted; an error that says why it failed is there all the same', () => {
    expect(run.summary.match(/^## .*/gm)).toEqual([expect.stringContaining('SageMaker would accept this')]);
    expect(run.raw.match(/"command":"error"/g)).toHaveLength(1);
  });

  test('leaves nothing behind', () => {
    expect(run.left).toEqual([]);
  });
});

/** The first workflow that a reader of the README copies, not changed in any way, and the container beside it. */
describe("the README's pull-request workflow", () => {
  const [, source = ''] =
    /^```yaml\n([\s\S]*?)^```$/m.exec(readFileSync(join(REPOSITORY, 'README.md'), 'utf8')) ?? [];
  const [, path = ''] = /^# (\.github\/workflows\/\S+)\n/.exec(source) ?? [];
  let forge: Forge;
  let run: ActRun;

  beforeAll(async () => {
    forge = makeForge();
    const caller = forge.repository(CALLER, { container: join(REPOSITORY, 'container') }, { [path]: source });
    run = await runWorkflow({
      forge,
      caller,
      workflow: basename(path),
      event: {
        name: 'pull_request',
        ref: 'refs/pull/7/merge',
        payload: {
          number: 7,
          pull_request: { number: 7, head: { ref: 'better', repo: { full_name: CALLER, fork: false } } },
          repository: { full_name: CALLER },
        },
      },
      runId: '7000102',
    });
  });
  afterAll(() => {
    const uri = run.outputs['image-uri'];
    if (uri !== undefined) execFileSync('docker', ['image', 'rm', '--force', uri], { stdio: 'ignore' });
    forge.remove();
  });

  test('is green as it stands, without an input', () => {
    expect(run.jobs).toEqual({ 'smoke-test': 'success' });
    expect(run.outputs).toMatchObject({ outcome: 'passed', 'failed-checks': '' });
    expect(run.summary).toContain('SageMaker would accept this container');
  });

  test('finds the sample of the container: it trains with it, and sends its requests', () => {
    const skipped = run.outputs['skipped-checks']?.split(/[\s,]+/) ?? [];
    for (const check of ['train-model', 'train-broken-input', 'serve-invocations', 'serve-content'])
      expect(skipped).not.toContain(check);
    expect(run.summary).toContain('payload.csv');
    expect(run.summary).toContain('payload.json');
  });
});
