import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ActRun, runWorkflow } from './act.js';
import { REPOSITORY } from './action-copy.js';
import { CALLER, type Forge, makeForge } from './forge.js';
import { type GitHubApi, startGitHubApi, TOKEN } from './github-api/github-api.js';

jest.setTimeout(480_000);

let forge: Forge;
beforeAll(() => {
  forge = makeForge();
});
afterAll(() => forge.remove());

const pullRequest = (head = CALLER) => ({
  name: 'pull_request',
  ref: 'refs/pull/7/merge',
  payload: {
    number: 7,
    pull_request: {
      number: 7,
      head: { ref: 'better', repo: { full_name: head, fork: head !== CALLER } },
      base: { ref: 'main', repo: { full_name: CALLER } },
    },
    repository: { full_name: CALLER },
  },
});

describe('a pull request with a good container', () => {
  let run: ActRun;
  const SECRET = 'pip-token-8f2c61';

  beforeAll(async () => {
    const caller = forge.caller({
      'container/Dockerfile': `FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1
RUN --mount=type=secret,id=pip_token test "$(cat /run/secrets/pip_token)" = ${SECRET.slice(0, 9)}"${SECRET.slice(9)}"
COPY program/ /opt/program/
ENV PATH=/opt/program:$PATH
`,
    });
    run = await runWorkflow({
      forge,
      caller,
      workflow: 'pull-request.yml',
      event: pullRequest(),
      runId: '7000001',
      secrets: { BUILD_SECRETS: `pip_token=${SECRET}` },
    });
  });

  test('is green, and says so in the summary', () => {
    expect(run.jobs).toEqual({ byoc: 'success', later: 'success' });
    expect(run.exitCode).toBe(0);
    expect(run.summary).toContain('SageMaker would accept this container');
  });

  test('hands the outputs of the smoke test on to later jobs', () => {
    expect(run.needs?.['container']).toEqual({
      result: 'success',
      outputs: {
        outcome: 'passed',
        'failure-class': '',
        'failure-reason': '',
        'failed-checks': '',
        warnings: '',
        'skipped-checks': run.outputs['skipped-checks'],
        'image-id': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        metrics: '{"loss":0}',
      },
    });
  });

  test('shows its build secret neither in the log nor to those who list processes', () => {
    // What is looked at is what there is to see.
    expect([...run.seen].some((line) => /docker.* build .*container/.test(line))).toBe(true);
    expect([...run.seen].filter((line) => line.includes(SECRET))).toEqual([]);
    expect(run.raw).not.toContain(SECRET);
  });

  test('leaves nothing behind', () => {
    expect(run.runIds).toHaveLength(1);
    expect(run.left).toEqual([]);
  });
});

/** Trains no more: ends with an error, and writes no failure file. */
const BROKEN_TRAIN = `#!/usr/bin/env python3
import sys
sys.exit("no such column: rent")
`;

describe('a pull request with a container that fails', () => {
  let github: GitHubApi;
  let first: ActRun;
  let again: ActRun;

  beforeAll(async () => {
    github = await startGitHubApi();
    const caller = forge.caller({ 'container/program/train': BROKEN_TRAIN });
    const options = {
      ...{ forge, caller, workflow: 'pull-request.yml', event: pullRequest(), runId: '7000002' },
      env: github.env,
      secrets: { COMMENT_TOKEN: TOKEN },
      vars: { COMMENT: 'true' },
    };
    first = await runWorkflow(options);
    again = await runWorkflow({ ...options, runAttempt: 2 });
  });
  afterAll(() => github.close());

  test('is red, and says why', () => {
    expect(first.exitCode).toBe(1);
    expect(first.jobs).toEqual({ byoc: 'failure' });
    expect(first.steps['Main Build and smoke-test']).toBe('failure');
    expect(first.summary).toContain('no such column: rent');
  });

  // act runs no job after a reusable workflow that failed, whatever its `if:`: the outputs of the step are looked at.
  test('sets the outputs all the same', () => {
    expect(first.outputs).toMatchObject({ outcome: 'failed', 'failed-checks': 'train-exit-code' });
  });

  test('has one comment, which its second attempt brings up to date', () => {
    expect(github.mistakes).toEqual([]);
    expect(github.calls).toEqual(['graphql', 'issues/create-comment', 'graphql', 'issues/update-comment']);
    expect(github.comments).toEqual([
      { id: expect.any(Number), issue: 7, body: expect.stringContaining('<code>train-exit-code</code>') },
    ]);
    expect(github.comments[0]?.body).toContain('attempts/2');
  });

  test('shows its token to nobody', () => {
    for (const run of [first, again]) {
      expect(run.raw).not.toContain(TOKEN);
      expect([...run.seen].filter((line) => line.includes(TOKEN))).toEqual([]);
    }
  });

  test('leaves nothing behind', () => {
    expect([...first.left, ...again.left]).toEqual([]);
  });
});

describe('a pull request with two containers, in a matrix', () => {
  let github: GitHubApi;
  let run: ActRun;

  beforeAll(async () => {
    github = await startGitHubApi();
    const good = join(REPOSITORY, 'test/containers/good');
    const caller = forge.repository(
      CALLER,
      { '.': join(__dirname, 'caller'), 'models/churn': good, 'models/forecast': good },
      { 'models/forecast/program/train': BROKEN_TRAIN },
    );
    run = await runWorkflow({
      ...{ forge, caller, workflow: 'matrix.yml', event: pullRequest(), runId: '7000005' },
      env: github.env,
      secrets: { COMMENT_TOKEN: TOKEN },
    });
  });
  afterAll(() => github.close());

  test('judges each by itself', () => {
    expect(run.exitCode).toBe(1);
    expect(run.runIds).toHaveLength(2);
    expect(run.summary).toContain('SageMaker would train with this container');
    expect(run.summary).toContain('no such column: rent');
    expect(run.left).toEqual([]);
  });

  test('has a comment for each', () => {
    expect(github.mistakes).toEqual([]);
    const headlines = github.comments.map(({ body }) => /^### (\S+)/m.exec(body)?.[1]);
    expect(headlines.sort()).toEqual(['✅', '❌']);
    // They run at the same time, and may both find none: what they are found by later tells them apart.
    const markers = github.comments.map(({ body }) => body.split('\n')[0]);
    expect(markers[0]).toMatch(/^<!-- sagemaker-byoc [0-9a-f]+ -->$/);
    expect(new Set(markers).size).toBe(2);
  });
});

describe('a pull request from a fork', () => {
  let github: GitHubApi;
  let run: ActRun;

  beforeAll(async () => {
    github = await startGitHubApi();
    run = await runWorkflow({
      ...{
        forge,
        caller: forge.caller(),
        workflow: 'pull-request.yml',
        event: pullRequest('stranger/octo-model'),
      },
      runId: '7000003',
      // Its token may only read, and it is given no secret.
      env: github.env,
      secrets: { GITHUB_TOKEN: 'ghs_thatMayRead' },
      vars: { COMMENT: 'true' },
    });
  });
  afterAll(() => github.close());

  test('is checked like any other', () => {
    expect(run.exitCode).toBe(0);
    expect(run.needs?.['container']).toMatchObject({ result: 'success', outputs: { outcome: 'passed' } });
  });

  test('has no comment, and the log says why', () => {
    expect(github.calls).toEqual([]);
    expect(run.log).toContain('No comment was written');
  });
});

describe('a run that is canceled while the container trains', () => {
  let run: ActRun;

  beforeAll(async () => {
    const caller = forge.caller({
      'container/program/train': `#!/usr/bin/env python3
import time
print("epoch: 1 loss: 1.0", flush=True)
time.sleep(600)
`,
    });
    run = await runWorkflow({
      ...{ forge, caller, workflow: 'pull-request.yml', event: pullRequest(), runId: '7000004' },
      cancelAfter: /epoch: 1 loss/,
    });
  });

  test('ends at once', () => {
    expect(run.exitCode).not.toBe(0);
    expect(run.steps['Main Build and smoke-test']).toBe('failure');
    expect(run.seconds).toBeLessThan(60);
  });

  test('is cleaned up by post: nothing is left', () => {
    expect(run.steps['Post Build and smoke-test']).toBe('success');
    expect(run.runIds).toHaveLength(1);
    expect(run.left).toEqual([]);
  });
});
