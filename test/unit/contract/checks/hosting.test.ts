import { describe, expect, test } from '@jest/globals';
import {
  brokenHosting,
  diagnosis,
  green,
  hosting,
  image,
  invocation,
  lostHosting,
  notMade,
  ofHosting,
  ran,
  resultOf,
  said,
} from '../observations.js';

const WHY = 'Nothing in the image serves.';
const HOSTING_CHECKS = [
  'serve-starts',
  'serve-read-only-model',
  'serve-network-isolation',
  'serve-memory',
  'serve-port',
  'serve-ping',
  'serve-invocations',
  'serve-time',
  'serve-content-type',
  'serve-content',
  'serve-ping-load',
  'serve-bad-payload',
  'serve-survives',
  'serve-execution-parameters',
  'serve-multi-model',
  'serve-sigterm',
];
const NEED_A_READY_SERVER = [
  'serve-invocations',
  'serve-time',
  'serve-content-type',
  'serve-content',
  'serve-ping-load',
  'serve-bad-payload',
  'serve-survives',
  'serve-execution-parameters',
  'serve-multi-model',
  'serve-sigterm',
];
const ENDED = { exitCode: 137, oomKilled: false, timedOut: true, seconds: 600 };

describe('Every check of the hosting run', () => {
  test.each(HOSTING_CHECKS)('%s is skipped, with the reason, when there was none', (id) => {
    expect(resultOf(id, green({ hosting: notMade(WHY) }))).toMatchObject({
      status: 'skipped',
      evidence: WHY,
    });
  });

  test.each(NEED_A_READY_SERVER)('%s is not judged of a server that never became ready', (id) => {
    expect(ofHosting(id, brokenHosting())).toMatchObject({
      status: 'skipped',
      evidence: 'Not judged: see serve-starts.',
    });
  });
});

describe('serve-starts', () => {
  test.each([
    ['training', 'the model that the training run wrote'],
    ['given', 'the model of `smoke-model`'],
    ['none', 'an empty /opt/ml/model'],
  ] as const)('passes for a server that stays up, and says where its model is from: %s', (model, words) => {
    expect(said(ofHosting('serve-starts', hosting({ model })))).toBe(
      `passed: Started and stayed up, with ${words}.`,
    );
  });

  test('passes for one that is up but cannot be reached or does not become healthy', () => {
    for (const portOpen of [true, false]) {
      expect(ofHosting('serve-starts', brokenHosting({ end: ENDED, portOpen })).status).toBe('passed');
    }
  });

  test('fails for a container that ends, with exit code, ENTRYPOINT, cause, fix and last lines', () => {
    const run = brokenHosting({ diagnosis: diagnosis({ cause: 'It trained.', fix: 'Look at argv.' }) });
    const observations = green({ hosting: ran(run), image: image({ entrypoint: ['python', 'train.py'] }) });
    expect(resultOf('serve-starts', observations)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence:
        'It ended with exit code 1 after 2.5 s instead of serving. It was run with the argument serve; its ENTRYPOINT is ["python","train.py"]. It trained.',
      fix: 'Look at argv.',
      lines: ['starting', 'boom'],
    });
  });

  test('fails for a container that cannot be started, without a word of an ENTRYPOINT that it does not have', () => {
    const end = { startError: 'exec: "serve": not found', oomKilled: false, timedOut: false, seconds: 0 };
    const observations = green({
      hosting: ran(brokenHosting({ end, diagnosis: diagnosis({ id: 'unknown', fix: 'Read.' }) })),
      image: image({ entrypoint: [] }),
    });
    expect(resultOf('serve-starts', observations)).toMatchObject({
      status: 'failed',
      evidence: 'exec: "serve": not found',
      fix: expect.stringContaining('executable file `serve`'),
    });
  });

  test('fails for a server that ends by itself although nothing was asked of it', () => {
    const run = lostHosting({ invocations: [], pingsUnderLoad: [] });
    expect(ofHosting('serve-starts', run)).toMatchObject({
      status: 'failed',
      evidence: 'It became ready, and then ended by itself with exit code 1 after 12 s.',
    });
  });

  test('is not judged of a container that ran out of memory', () => {
    expect(said(ofHosting('serve-starts', brokenHosting({ oomKilled: true })))).toBe(
      'skipped: Not judged: see serve-memory.',
    );
  });
});

describe('serve-read-only-model', () => {
  const readOnly = brokenHosting({
    diagnosis: diagnosis({
      class: 'model-folder-read-only',
      evidence: 'OSError: [Errno 30] /opt/ml/model/x',
    }),
  });

  test('passes for a server that became ready', () => {
    expect(said(ofHosting('serve-read-only-model', hosting()))).toBe(
      'passed: Serves with /opt/ml/model mounted read-only.',
    );
  });

  test('fails for a server that wanted to write there', () => {
    expect(ofHosting('serve-read-only-model', readOnly)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'The server wrote to /opt/ml/model: OSError: [Errno 30] /opt/ml/model/x',
      lines: ['starting', 'boom'],
      fix: expect.stringContaining('/tmp'),
    });
  });

  test('is not judged of a server that failed for another reason', () => {
    expect(said(ofHosting('serve-read-only-model', brokenHosting()))).toBe(
      'skipped: Not judged: see serve-starts.',
    );
  });
});

describe('serve-network-isolation', () => {
  const isolated = (name: string) =>
    brokenHosting({ networkIsolation: true, diagnosis: diagnosis({ class: name, cause: 'It downloads.' }) });

  test('passes for a server that became ready without a network', () => {
    expect(said(ofHosting('serve-network-isolation', hosting({ networkIsolation: true })))).toBe(
      'passed: Serves without a network.',
    );
  });

  test.each(['network-unreachable', 'credentials-missing'])('fails for %s', (name) => {
    expect(ofHosting('serve-network-isolation', isolated(name))).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'It downloads.',
    });
  });

  test('is skipped when isolation is off, and for another failure', () => {
    expect(ofHosting('serve-network-isolation', hosting())).toMatchObject({
      status: 'skipped',
      evidence: '`network-isolation` is off.',
    });
    expect(said(ofHosting('serve-network-isolation', isolated('python-exception')))).toBe(
      'skipped: Not judged: see serve-starts.',
    );
  });
});

describe('serve-memory', () => {
  test('passes and shows the highest use', () => {
    expect(said(ofHosting('serve-memory', hosting({ memoryLimitBytes: 2 * 1024 ** 3 })))).toBe(
      'passed: Highest memory use seen: 90.0 MiB of 2.0 GiB.',
    );
    expect(ofHosting('serve-memory', hosting({ memoryPeakBytes: undefined })).evidence).toContain(
      'too short',
    );
  });

  test.each([
    ['before it was ready', brokenHosting({ oomKilled: true, memoryLimitBytes: 1024 ** 3 })],
    ['while it served', hosting({ oomKilled: true, memoryLimitBytes: 1024 ** 3 })],
  ])('fails for a process that was killed %s', (_, run) => {
    expect(ofHosting('serve-memory', run)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'A process was killed: the memory limit of 1.0 GiB was reached.',
      lines: run.logTail,
    });
  });

  test('is not judged of a container that never started', () => {
    const end = { startError: 'exec: "serve": not found', oomKilled: false, timedOut: false, seconds: 0 };
    expect(said(ofHosting('serve-memory', brokenHosting({ end })))).toBe(
      'skipped: Not judged: see serve-starts.',
    );
  });
});

describe('serve-port', () => {
  const unreachable = (listeners: readonly string[] | undefined) =>
    ofHosting('serve-port', brokenHosting({ end: ENDED, listeners, windowSeconds: 65 }));

  test('passes when the port takes connections, healthy or not', () => {
    expect(said(ofHosting('serve-port', hosting()))).toBe('passed: Port 8080 takes connections.');
    expect(ofHosting('serve-port', brokenHosting({ end: ENDED, portOpen: true })).status).toBe('passed');
  });

  test.each([
    [['127.0.0.1:8080'], ' The container listens on 127.0.0.1:8080.'],
    [['0.0.0.0:5000', '[::]:22'], ' The container listens on 0.0.0.0:5000, [::]:22.'],
    [[], ' Nothing listens in the container.'],
    [undefined, ''],
  ])('fails for a server that listens on %j', (listeners, words) => {
    expect(unreachable(listeners)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: `Port 8080 cannot be reached from outside (waited 65 s).${words}`,
      fix: expect.stringContaining('0.0.0.0:8080'),
    });
  });

  test('is not judged of a container that ended before it could listen', () => {
    expect(said(ofHosting('serve-port', brokenHosting()))).toBe('skipped: Not judged: see serve-starts.');
  });
});

describe('serve-ping', () => {
  const unhealthy = (changes: Parameters<typeof brokenHosting>[0]) =>
    ofHosting('serve-ping', brokenHosting({ end: ENDED, portOpen: true, windowSeconds: 480, ...changes }));

  test('passes with the time that it took', () => {
    expect(ofHosting('serve-ping', hosting({ readyAfterSeconds: 42 }))).toMatchObject({
      status: 'passed',
      evidence: '200 after 42 s.',
      seconds: 42,
    });
  });

  test('fails with the last answer', () => {
    expect(unhealthy({ lastPing: { status: 503, seconds: 0.1 } })).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'No 200 within 480 s; the last answer was 503.',
    });
    expect(said(unhealthy({ lastPing: { error: 'time-out', seconds: 2 } }))).toBe(
      'failed: No 200 within 480 s; the last try ended with: time-out.',
    );
  });

  test('takes the fix of a diagnosis that knows one', () => {
    expect(unhealthy({ diagnosis: diagnosis({ fix: 'Route /ping.' }) }).fix).toBe('Route /ping.');
    expect(unhealthy({ diagnosis: diagnosis({ id: 'unknown', fix: 'x' }) }).fix).toContain(
      'Answer GET /ping',
    );
  });

  test('is not judged of a server that cannot be reached', () => {
    expect(said(unhealthy({ portOpen: false }))).toBe('skipped: Not judged: see serve-port.');
  });
});

describe('serve-invocations', () => {
  test('passes with status and time of each sample', () => {
    const invocations = [
      invocation({ seconds: 12 }),
      invocation({ payload: 'b.csv', status: 204, seconds: 31 }),
    ];
    expect(ofHosting('serve-invocations', hosting({ invocations }))).toMatchObject({
      status: 'passed',
      evidence: 'container/sample/payload.json: 200 in 12 s, b.csv: 204 in 31 s.',
      seconds: 31,
    });
  });

  test('passes with the answer of a sample that nobody said what to expect of', () => {
    const invocations = [
      invocation({ expect: undefined, answer: '{"error": "no model"}\n' }),
      invocation({ payload: 'b.csv', expect: undefined, answer: '', answerBytes: 0 }),
    ];
    expect(said(ofHosting('serve-invocations', hosting({ invocations })))).toBe(
      'passed: container/sample/payload.json: 200 in 50 ms “{"error": "no model"}”, b.csv: 200 in 50 ms with nothing in it.',
    );
  });

  test('fails when every request after the first is refused, but not for some of them', () => {
    const answered = [invocation({})];
    const refused = (count: number) =>
      ofHosting(
        'serve-invocations',
        hosting({ invocations: answered, load: { requests: 9, refused: count, lastStatus: 500 } }),
      );
    expect(refused(8).status).toBe('passed');
    expect(refused(9)).toMatchObject({
      status: 'failed',
      evidence: 'Each sample was answered once, but then every one of 9 more requests with status 500.',
    });
  });

  test('shows what was printed for the samples, not for what came after them', () => {
    const run = hosting({
      invocations: [invocation({ status: 500 })],
      logAtInvocations: ['KeyError: x'],
      logTail: ['KeyError: x', 'a bad payload', 'shutting down'],
    });
    expect(ofHosting('serve-invocations', run).lines).toEqual(['KeyError: x']);
  });

  test.each([500, 404, 400, 302, 199])('fails for status %i, with the answer', (status) => {
    const invocations = [invocation(), invocation({ payload: 'b.csv', status, answer: 'no column x' })];
    expect(ofHosting('serve-invocations', hosting({ invocations }))).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: `1 of 2 samples failed; b.csv (application/json): ${status} no column x`,
      lines: hosting().logTail,
    });
  });

  test('fails for a sample without an answer', () => {
    const invocations = [invocation({ status: undefined, error: 'ECONNRESET' })];
    expect(ofHosting('serve-invocations', hosting({ invocations })).evidence).toContain(
      'no answer (ECONNRESET)',
    );
  });

  test('takes no time-out for an answer: that is serve-time’s', () => {
    const invocations = [invocation(), invocation({ status: undefined, error: 'time-out', seconds: 60 })];
    expect(ofHosting('serve-invocations', hosting({ invocations }))).toMatchObject({
      status: 'skipped',
      evidence: 'Not judged: see serve-time.',
    });
  });

  test.each(['serve-invocations', 'serve-time', 'serve-content-type', 'serve-content'])(
    '%s is skipped without a sample, and says how to give one',
    (id) => {
      expect(ofHosting(id, hosting({ invocations: [] }))).toMatchObject({
        status: 'skipped',
        evidence:
          'No sample payload is given: put one into the build context as `sample/payload.json` (such as `container/sample/payload.json`; any ending), or set `smoke-payload` to a file in the repository.',
      });
    },
  );

  test.each([
    ['serve-memory', hosting({ oomKilled: true, invocations: [invocation({ status: 500 })] })],
    [
      'serve-multi-model',
      hosting({
        multiModel: { steps: [{ request: 'POST /models', status: 404, wanted: [200] }] },
        invocations: [invocation({ status: 404 })],
      }),
    ],
  ])('is not judged when the reason is %s’s', (id, run) => {
    expect(said(ofHosting('serve-invocations', run))).toBe(`skipped: Not judged: see ${id}.`);
  });

  test('is judged by its own status when memory ran short but the sample was answered', () => {
    expect(ofHosting('serve-invocations', hosting({ oomKilled: true })).status).toBe('passed');
  });

  test('counts 299 as an answer and 300 not', () => {
    const answered = (status: number) =>
      ofHosting('serve-invocations', hosting({ invocations: [invocation({ status })] })).status;
    expect([answered(200), answered(299), answered(300)]).toEqual(['passed', 'passed', 'failed']);
  });
});

describe('serve-time', () => {
  const took = (seconds: number, changes = {}) =>
    ofHosting('serve-time', hosting({ invocations: [invocation({ seconds, ...changes })] }));

  test('passes up to 60 seconds', () => {
    expect(took(60)).toMatchObject({
      status: 'passed',
      evidence: 'The slowest answer took 60 s.',
      seconds: 60,
    });
  });

  test('fails for a later answer, and for none in time', () => {
    for (const result of [took(60.01), took(60, { status: undefined, error: 'time-out' })]) {
      expect(result).toMatchObject({
        status: 'failed',
        severity: 'error',
        evidence: 'container/sample/payload.json was not answered within 60 s.',
        fix: expect.stringContaining('asynchronous endpoint'),
      });
    }
  });

  test('is not judged when no sample was answered', () => {
    expect(took(1, { status: undefined, error: 'ECONNRESET' })).toMatchObject({
      status: 'skipped',
      evidence: 'No sample was answered: see serve-invocations.',
    });
  });
});

describe('serve-content-type', () => {
  const answered = (accept: string | undefined, answerType: string | undefined, status = 200) =>
    ofHosting('serve-content-type', hosting({ invocations: [invocation({ accept, answerType, status })] }));

  test.each([
    ['application/json', 'application/json'],
    ['application/json', 'Application/JSON; charset=utf-8'],
    ['application/json; indent=2', 'application/json'],
    ['text/csv, application/json;q=0.5', 'application/json'],
    ['text/*', 'text/csv'],
    ['*/*', 'image/png'],
  ])('passes for Accept %s and answer %s', (accept, answerType) => {
    expect(answered(accept, answerType)).toMatchObject({
      status: 'passed',
      evidence: `Answers are ${answerType}.`,
    });
  });

  test.each([
    ['application/json', 'text/html', 'text/html'],
    ['text/*', 'textual/csv', 'textual/csv'],
    ['application/json', 'application/json-seq', 'application/json-seq'],
    ['application/json', undefined, 'no Content-Type'],
  ])('fails for Accept %s and answer %s', (accept, answerType, words) => {
    expect(answered(accept, answerType)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: `container/sample/payload.json was answered as “${words}”; “${accept}” was asked for.`,
    });
  });

  test('is skipped when nothing was asked for, or not answered', () => {
    for (const result of [
      answered(undefined, 'text/html'),
      answered('application/json', 'text/html', 500),
      answered('application/json', 'text/html', 300),
      answered('application/json', 'text/html', 199),
    ]) {
      expect(result).toMatchObject({
        status: 'skipped',
        evidence: 'No `smoke-accept` is given, or no sample was answered.',
      });
    }
  });
});

describe('serve-content', () => {
  const content = (changes: Parameters<typeof invocation>[0]) =>
    ofHosting('serve-content', hosting({ invocations: [invocation(), invocation(changes)] }));

  test('passes and shows the answers', () => {
    expect(said(content({ payload: 'b.json', answer: '[1]' }))).toBe(
      'passed: container/sample/payload.json: {"predictions":[0]}, b.json: [1]',
    );
  });

  test('fails for one answer that is not as expected, and shows both', () => {
    expect(content({ payload: 'b.json', expect: '[0]', answer: '[2]', asExpected: false })).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'b.json: expected “[0]”, got “[2]”.',
    });
  });

  test.each([199, 300, 500])('does not judge the content of an answer with status %i', (status) => {
    const invocations = [invocation({ status, asExpected: false })];
    expect(ofHosting('serve-content', hosting({ invocations })).status).toBe('skipped');
  });

  test('is skipped when nothing was expected', () => {
    const invocations = [invocation({ expect: undefined, asExpected: undefined })];
    expect(ofHosting('serve-content', hosting({ invocations }))).toMatchObject({
      status: 'skipped',
      evidence: 'No `smoke-expect` is given, or no sample was answered.',
    });
  });
});

describe('serve-ping-load', () => {
  const pings = (...pingsUnderLoad: NonNullable<Parameters<typeof hosting>[0]>['pingsUnderLoad'] & object) =>
    ofHosting('serve-ping-load', hosting({ pingsUnderLoad }));

  test('passes up to 2 seconds', () => {
    expect(pings({ status: 200, seconds: 0.01 }, { status: 200, seconds: 2 })).toMatchObject({
      status: 'passed',
      evidence: '2 pings with 4 requests in flight, the slowest in 2.0 s.',
      seconds: 2,
    });
  });

  test.each([
    [{ status: 200, seconds: 2.01 }, 'too late'],
    [{ status: 503, seconds: 1.5 }, 'status 503'],
    [{ error: 'time-out', seconds: 2 }, 'time-out'],
  ])('fails for %j', (ping, words) => {
    expect(pings({ status: 200, seconds: 0.01 }, ping)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: expect.stringContaining(`1 of 2 pings with 4 requests in flight missed their 2 s (${words}`),
    });
  });

  test('advises threads for a late answer, and not for a wrong one', () => {
    expect(pings({ error: 'time-out', seconds: 2 }).fix).toContain('more than one thread');
    expect(pings({ status: 503, seconds: 0.01 }).fix).toContain('Answer /ping with 200');
  });

  test('says so of a server that ended meanwhile: more threads would not help it', () => {
    const run = lostHosting({ pingsUnderLoad: [{ error: 'ECONNREFUSED', seconds: 0 }] });
    expect(ofHosting('serve-ping-load', run)).toMatchObject({
      status: 'failed',
      evidence: 'The server became ready, and ended by itself with exit code 1 with 4 requests in flight.',
      fix: expect.stringContaining('must not end the server'),
      lines: run.logTail,
    });
  });

  test('is not judged when another check says what took the server', () => {
    const run = lostHosting({
      invocations: [invocation(), invocation({ status: undefined, error: 'ECONNRESET' })],
      pingsUnderLoad: [{ error: 'ECONNREFUSED', seconds: 0 }],
    });
    expect(said(ofHosting('serve-ping-load', run))).toBe('skipped: Not judged: see serve-invocations.');
  });

  test('is skipped when there was no load', () => {
    expect(pings()).toMatchObject({
      status: 'skipped',
      evidence: expect.stringContaining('`smoke-payload`'),
    });
  });
});

describe('serve-bad-payload', () => {
  const answered = (changes: Parameters<typeof invocation>[0]) =>
    ofHosting('serve-bad-payload', hosting({ badPayload: invocation({ payload: 'nonsense', ...changes }) }));

  test.each([400, 415, 499])('passes for status %i', (status) => {
    expect(answered({ status })).toMatchObject({ status: 'passed', evidence: `nonsense: ${status}.` });
  });

  test.each([200, 399, 500, 503])('fails for status %i', (status) => {
    expect(answered({ status, answer: 'oops' })).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: `nonsense was answered with ${status} oops`,
      fix: expect.stringContaining('answer 400'),
    });
  });

  test('is not judged when there was nobody left to answer', () => {
    const badPayload = invocation({ status: undefined, error: 'ECONNREFUSED' });
    expect(said(ofHosting('serve-bad-payload', lostHosting({ badPayload })))).toMatch(
      /^skipped: Not judged: see serve-/,
    );
  });

  test('fails for no answer of a server that lives', () => {
    expect(said(answered({ status: undefined, error: 'time-out' }))).toBe(
      'failed: nonsense got no answer (time-out).',
    );
  });

  test('is skipped when none was sent', () => {
    expect(ofHosting('serve-bad-payload', hosting({ badPayload: undefined }))).toMatchObject({
      status: 'skipped',
      evidence: 'No such payload was sent.',
    });
  });
});

describe('serve-survives', () => {
  test('passes for a server that lives on', () => {
    expect(ofHosting('serve-survives', hosting()).status).toBe('passed');
  });

  test('fails for one that does not, with its last lines', () => {
    expect(ofHosting('serve-survives', hosting({ aliveAfterBadPayload: false }))).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'After the bad payload GET /ping no longer answers 200.',
      lines: hosting().logTail,
    });
  });

  test('is not judged when something else took the server before, or nothing was sent', () => {
    const invocations = [invocation({ status: undefined, error: 'ECONNRESET' })];
    expect(said(ofHosting('serve-survives', lostHosting({ invocations })))).toBe(
      'skipped: Not judged: see serve-invocations.',
    );
    const unsent = hosting({ badPayload: undefined, aliveAfterBadPayload: undefined });
    expect(said(ofHosting('serve-survives', unsent))).toBe('skipped: No such payload was sent.');
  });
});

describe('serve-execution-parameters', () => {
  const parameters = (body: string, status = 200) =>
    ofHosting('serve-execution-parameters', hosting({ executionParameters: { status, body } }));

  test.each([
    '{"MaxConcurrentTransforms":8,"BatchStrategy":"MULTI_RECORD","MaxPayloadInMB":6}',
    '{"MaxConcurrentTransforms":1,"BatchStrategy":"SINGLE_RECORD","MaxPayloadInMB":100}',
    '{"MaxPayloadInMB":0}',
    '{}',
  ])('passes for %s, and shows it', (body) => {
    expect(parameters(` ${body}\n`)).toMatchObject({ status: 'passed', evidence: body });
  });

  test.each([
    ['<html>', 'The answer is not JSON'],
    ['[]', 'The answer is not a JSON object'],
    ['null', 'The answer is not a JSON object'],
    ['{"MaxConcurrentTransforms":"8"}', 'MaxConcurrentTransforms is not a whole number'],
    ['{"MaxConcurrentTransforms":1.5}', 'MaxConcurrentTransforms is not a whole number'],
    ['{"MaxPayloadInMB":101}', 'MaxPayloadInMB is not a whole number up to 100'],
    ['{"MaxPayloadInMB":-1}', 'MaxPayloadInMB is not a whole number up to 100'],
    ['{"BatchStrategy":"MultiRecord"}', 'BatchStrategy is neither MULTI_RECORD nor SINGLE_RECORD'],
    [
      '{"MaxConcurrentTransforms":17,"MaxPayloadInMB":6}',
      'MaxConcurrentTransforms × MaxPayloadInMB is over 100',
    ],
  ])('fails for %s', (body, problem) => {
    expect(parameters(body)).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: `${problem}: ${body}`,
      fix: expect.stringContaining('or 404'),
    });
  });

  test('is skipped for a server without the route', () => {
    expect(parameters('', 404)).toMatchObject({
      status: 'skipped',
      evidence: 'The server does not offer the route (404); it is optional.',
    });
    expect(
      ofHosting('serve-execution-parameters', hosting({ executionParameters: undefined })).evidence,
    ).toBe('The server does not offer the route (no answer); it is optional.');
  });
});

describe('serve-multi-model', () => {
  const load = { request: 'POST /models', status: 200, wanted: [200] };
  const steps = (
    ...rest: readonly { request: string; status?: number; wanted: number[]; error?: string }[]
  ) => ofHosting('serve-multi-model', hosting({ multiModel: { steps: [load, ...rest] } }));

  test('passes when every call was answered as it should be', () => {
    expect(steps({ request: 'POST /models again', status: 409, wanted: [409] })).toMatchObject({
      status: 'passed',
      evidence: 'POST /models: 200, POST /models again: 409.',
    });
  });

  test('fails for another status, and for none', () => {
    expect(steps({ request: 'GET /models/smoke', status: 404, wanted: [200, 204] })).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'GET /models/smoke: 404, expected 200 or 204.',
    });
    expect(said(steps({ request: 'GET /models', error: 'time-out', wanted: [200] }))).toBe(
      'failed: GET /models: time-out, expected 200.',
    );
  });

  test('is not judged by a call that came after the server was lost', () => {
    const unload = { request: 'DELETE /models/smoke', error: 'ECONNREFUSED', wanted: [200] };
    const run = lostHosting({
      executionParameters: { status: 404, body: '' },
      multiModel: { steps: [load, unload] },
    });
    expect(said(ofHosting('serve-multi-model', run))).toBe('skipped: Not judged: see serve-survives.');
  });

  test('is skipped for an image without the label', () => {
    expect(ofHosting('serve-multi-model', hosting())).toMatchObject({
      status: 'skipped',
      evidence: 'The image is not labelled as a multi-model container.',
    });
  });
});

describe('serve-sigterm', () => {
  const stopped = (changes: Partial<NonNullable<ReturnType<typeof hosting>['stop']>>) =>
    ofHosting(
      'serve-sigterm',
      hosting({
        stop: { seconds: 14, sigkilled: false, graceSeconds: 30, handlesSigterm: true, ...changes },
      }),
    );

  test('passes for a server that ends by itself', () => {
    expect(stopped({})).toMatchObject({
      status: 'passed',
      evidence: 'Ended 14 s after SIGTERM.',
      seconds: 14,
    });
  });

  test('fails for one that has to be killed', () => {
    expect(stopped({ sigkilled: true, seconds: 30 })).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: 'Still running 30 s after SIGTERM; killed.',
      seconds: 30,
    });
  });

  test('fails for a process 1 without a handler', () => {
    expect(said(stopped({ handlesSigterm: false }))).toBe(
      'failed: Process 1 of the container has no handler for SIGTERM, so the kernel drops the signal.',
    );
  });

  test('is skipped for a server that had ended before', () => {
    expect(ofHosting('serve-sigterm', lostHosting())).toMatchObject({
      status: 'skipped',
      evidence: 'The server had ended before SIGTERM could be sent.',
    });
  });
});
