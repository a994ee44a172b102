import { describe, expect, test } from '@jest/globals';
import type { HostingRun } from '../../../../src/contract/observations.js';
import { repositoryFiles } from '../../../../src/diagnosis/repository-files.js';
import { explainHosting } from '../../../../src/stages/smoke-test/explain-runs.js';
import { hosting, invocation } from '../../contract/observations.js';
import { temporaryFolder } from '../../inputs/workspace.js';

const explained = (run: HostingRun) =>
  explainHosting(run, {
    files: repositoryFiles(temporaryFolder()),
    entrypoint: [],
    channels: [],
  });

/** A server that was up and never ready, and said nothing. */
const notReady = (changes: Parameters<typeof hosting>[0]): HostingRun =>
  hosting({
    readyAfterSeconds: undefined,
    windowSeconds: 480,
    logTail: ['Loading'],
    invocations: [],
    pingsUnderLoad: [],
    end: { exitCode: 137, oomKilled: false, timedOut: true, seconds: 480 },
    ...changes,
  });

describe('a server that was up and never ready', () => {
  test.each<[string, Parameters<typeof hosting>[0], string, string, string]>([
    [
      'listens elsewhere',
      { portOpen: false, listeners: ['0.0.0.0:5000'] },
      'the container listens on 0.0.0.0:5000.',
      'Bind the server to 0.0.0.0:8080',
      'listens on 0.0.0.0:5000',
    ],
    [
      'listens nowhere',
      { portOpen: false, listeners: [] },
      'Nothing listened on port 8080 after 480 s',
      'Open port 8080 at once',
      'no port is open in the container',
    ],
    [
      'has no such route',
      { lastPing: { status: 405, seconds: 0.01 } },
      'within 480 s; the last answer was 405.',
      'a route for `GET /ping`',
      'GET /ping: 405',
    ],
    [
      'implements no GET',
      { lastPing: { status: 501, seconds: 0.01 } },
      'the last answer was 501.',
      'a route for `GET /ping`',
      'GET /ping: 501',
    ],
    [
      'is not healthy',
      { lastPing: { status: 503, seconds: 0.01 } },
      'the last answer was 503.',
      'as soon as the model is loaded',
      'GET /ping: 503',
    ],
    [
      'is too slow',
      { lastPing: { error: 'time-out', seconds: 2 } },
      'no answer within 2 seconds in any try',
      'Answer /ping at once',
      'GET /ping: time-out',
    ],
    [
      'speaks TLS',
      { lastPing: { error: 'HPE_INVALID_CONSTANT', seconds: 0.01 } },
      'not plain HTTP',
      'without TLS',
      'GET /ping: HPE_INVALID_CONSTANT',
    ],
  ])('%s: is told so', (_what, changes, cause, fix, evidence) => {
    const explanation = explained(notReady(changes));
    expect(explanation?.diagnosis).toMatchObject({
      class: 'ping-not-answered',
      cause: expect.stringContaining(cause),
      fix: expect.stringContaining(fix),
      evidence,
    });
    expect(explanation?.annotation.message).toContain(cause);
  });

  test('and was given no model is told of that first', () => {
    const run = notReady({ model: 'none', lastPing: { status: 503, seconds: 0.01 } });
    expect(explained(run)?.diagnosis.fix).toMatch(/^It was served with an empty .* as soon as the model/);
  });

  test.each([404, 405, 501])('without a route (%i) is not sent to look for a model', (status) => {
    const explanation = explained(notReady({ model: 'none', lastPing: { status, seconds: 0.01 } }));
    expect(explanation?.diagnosis.fix).toMatch(/^Give the server a route for `GET \/ping`/);
  });

  test('and printed what it met is explained by that', () => {
    const run = notReady({ logTail: ['Listening at: http://127.0.0.1:8080 (7)'], portOpen: false });
    expect(explained(run)?.diagnosis.class).toBe('server-on-loopback');
  });
});

describe('a server that failed at a sample', () => {
  const refused = (answer: string, log: readonly string[] = ['ready']) =>
    explained(hosting({ invocations: [invocation({ status: 500, answer })], logAtInvocations: log }));

  test('is explained by its answer where the log says nothing', () => {
    const explanation = refused("[Errno 30] Read-only file system: '/opt/ml/model/cache'");
    expect(explanation?.diagnosis.class).toBe('model-folder-read-only');
  });

  test('is explained by its log, which is nearer to the error than the answer', () => {
    const log = ["ModuleNotFoundError: No module named 'PIL'"];
    expect(refused('MemoryError', log)?.diagnosis.class).toBe('python-module-missing');
  });

  test('is not explained where neither says anything', () => {
    expect(refused('<h1>Internal Server Error</h1>')).toBeUndefined();
  });

  test('by the caller’s mistake is not explained by its answer', () => {
    const run = hosting({
      invocations: [invocation({ status: 400, answer: 'MemoryError' }), invocation({ status: 500 })],
      logAtInvocations: ['ready'],
    });
    expect(explained(run)).toBeUndefined();
  });
});
