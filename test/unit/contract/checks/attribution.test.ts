import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../../src/contract/checks/judge.js';
import type { HostingRun, TrainingRun } from '../../../../src/contract/observations.js';
import {
  brokenHost,
  brokenHosting,
  brokenTraining,
  diagnosis,
  green,
  host,
  hosting,
  invocation,
  lostHosting,
  notMade,
  ran,
  training,
} from '../observations.js';

const LATE = { exitCode: 137, oomKilled: false, timedOut: true, seconds: 600 };
const LINK = { path: 'latest', type: 'symbolic link' };
const pipe = { host: 'algo-1', channel: 'train', inputMode: 'Pipe', epochsOpened: 0, epochsRead: 0 } as const;
const noAnswer = invocation({
  status: undefined,
  answer: undefined,
  asExpected: undefined,
  error: 'ECONNRESET',
});
const timeOut = { ...noAnswer, error: 'time-out', seconds: 60 };
const lateTwice = { ...brokenHost(LATE), logTail: ['waiting'] };

const BROKEN_TRAINING: readonly (readonly [string, string, TrainingRun])[] = [
  [
    'there is no program',
    'train-starts',
    brokenTraining({ hosts: [brokenHost({ exitCode: undefined, startError: 'no train', logTail: [] })] }),
  ],
  [
    'the interpreter is missing',
    'train-starts',
    brokenTraining({ hosts: [brokenHost({ exitCode: 127, logTail: ['env: python: not found'] })] }),
  ],
  [
    'it needs SM_*',
    'train-environment',
    brokenTraining({ diagnosis: diagnosis({ class: 'toolkit-environment-missing' }) }),
  ],
  ['it ends with 1', 'train-exit-code', brokenTraining()],
  [
    'it needs SM_* that the toolkit would not set',
    'train-exit-code',
    brokenTraining({
      toolkitEnvironment: true,
      diagnosis: diagnosis({ class: 'toolkit-environment-missing' }),
    }),
  ],
  ['it never ends', 'train-time', brokenTraining({ hosts: [brokenHost(LATE)] })],
  [
    'it is killed for its memory',
    'train-memory',
    brokenTraining({ hosts: [brokenHost({ exitCode: 137, oomKilled: true })] }),
  ],
  [
    'the engine’s runtime complains in the program’s place',
    'train-starts',
    brokenTraining({
      hosts: [brokenHost({ exitCode: 1, logTail: ['exec /usr/local/bin/train: exec format error'] })],
    }),
  ],
  [
    'the worker fails and the leader waits for it',
    'train-hosts',
    brokenTraining({ hosts: [{ ...lateTwice }, brokenHost({ host: 'algo-2' })] }),
  ],
  [
    'it looks for files in Pipe mode, and says so in words of its own',
    'train-pipe-mode',
    brokenTraining({
      pipes: [pipe],
      diagnosis: diagnosis({ id: 'unknown', evidence: 'ValueError: no csv in /opt/ml/input/data/train' }),
    }),
  ],
  [
    'it fails for another reason in Pipe mode, before it opens anything',
    'train-exit-code',
    brokenTraining({
      pipes: [pipe],
      diagnosis: diagnosis({ id: 'unknown', evidence: 'ValueError: no labels' }),
    }),
  ],
  [
    'it looks for files in Pipe mode',
    'train-pipe-mode',
    brokenTraining({
      pipes: [{ host: 'algo-1', channel: 'train', inputMode: 'Pipe', epochsOpened: 0, epochsRead: 0 }],
      diagnosis: diagnosis({ id: 'T39' }),
    }),
  ],
  [
    'it hangs after a child was killed for its memory',
    'train-memory',
    brokenTraining({ hosts: [brokenHost({ ...LATE, oomKilled: true })] }),
  ],
  ['a child is killed and it ends with 0', 'train-memory', training({ hosts: [host({ oomKilled: true })] })],
  [
    'one host is killed for its memory and the other fails for it',
    'train-memory',
    brokenTraining({ hosts: [host({ oomKilled: true }), brokenHost({ host: 'algo-2' })] }),
  ],
  ['it writes no model', 'train-model', training({ model: { files: 0, bytes: 0, unarchivable: [] } })],
  [
    'it writes a link beside the model',
    'train-model-archive',
    training({ model: { files: 1, bytes: 1, unarchivable: [LINK] } }),
  ],
  [
    'it writes a link and nothing else',
    'train-model-archive',
    training({ model: { files: 0, bytes: 0, unarchivable: [LINK] } }),
  ],
  [
    'it downloads without a network',
    'train-network-isolation',
    brokenTraining({ networkIsolation: true, diagnosis: diagnosis({ class: 'network-unreachable' }) }),
  ],
  [
    'one of two hosts fails',
    'train-hosts',
    brokenTraining({ hosts: [host(), brokenHost({ host: 'algo-2' })] }),
  ],
  [
    'one of two hosts never ends',
    'train-hosts',
    brokenTraining({ hosts: [host(), { ...lateTwice, host: 'algo-2' }] }),
  ],
  [
    'both hosts fail',
    'train-exit-code',
    brokenTraining({ hosts: [brokenHost(), brokenHost({ host: 'algo-2' })] }),
  ],
  [
    'both hosts never end',
    'train-time',
    brokenTraining({ hosts: [lateTwice, { ...lateTwice, host: 'algo-2' }] }),
  ],
  [
    'the hosts do not find each other',
    'train-hosts',
    brokenTraining({
      hosts: [brokenHost(), brokenHost({ host: 'algo-2' })],
      diagnosis: diagnosis({ id: 'T40' }),
    }),
  ],
  [
    'it looks for files in Pipe mode',
    'train-pipe-mode',
    brokenTraining({ pipes: [pipe], diagnosis: diagnosis({ id: 'T39' }) }),
  ],
  [
    'it fails in Pipe mode for another reason',
    'train-exit-code',
    brokenTraining({ pipes: [pipe], diagnosis: diagnosis({ id: 'T01' }) }),
  ],
  [
    'it misses a file although it read its FIFO',
    'train-exit-code',
    brokenTraining({
      pipes: [{ ...pipe, epochsOpened: 1, epochsRead: 1 }],
      diagnosis: diagnosis({ id: 'T39' }),
    }),
  ],
  [
    'the only host does not find another one',
    'train-exit-code',
    brokenTraining({ diagnosis: diagnosis({ id: 'T40' }) }),
  ],
  [
    'a shell says in five lines that there is no program',
    'train-starts',
    brokenTraining({ hosts: [brokenHost({ exitCode: 126, logTail: ['1', '2', '3', '4', '5'] })] }),
  ],
  [
    'a program that ran ends with 126',
    'train-exit-code',
    brokenTraining({ hosts: [brokenHost({ exitCode: 126, logTail: ['1', '2', '3', '4', '5', '6'] })] }),
  ],
  [
    'the runtime prints one line and ends with 1',
    'train-starts',
    brokenTraining({
      hosts: [brokenHost({ exitCode: 1, logTail: ['exec /opt/program/train: no such file or directory'] })],
    }),
  ],
  [
    'a program prints such a line among others',
    'train-exit-code',
    brokenTraining({ hosts: [brokenHost({ logTail: ['exec /bin/tool: permission denied', 'gave up'] })] }),
  ],
  ['it ignores its FIFOs', 'train-pipe-mode', training({ pipes: [pipe] })],
];

const BROKEN_HOSTING: readonly (readonly [string, string, HostingRun])[] = [
  [
    'there is no program',
    'serve-starts',
    brokenHosting({ end: { startError: 'no serve', oomKilled: false, timedOut: false, seconds: 0 } }),
  ],
  ['it ends at once', 'serve-starts', brokenHosting()],
  [
    'it writes to the model’s folder',
    'serve-read-only-model',
    brokenHosting({ diagnosis: diagnosis({ class: 'model-folder-read-only' }) }),
  ],
  [
    'it downloads without a network',
    'serve-network-isolation',
    brokenHosting({ networkIsolation: true, diagnosis: diagnosis({ class: 'network-unreachable' }) }),
  ],
  ['it is killed while it loads', 'serve-memory', brokenHosting({ oomKilled: true })],
  ['it listens on 127.0.0.1', 'serve-port', brokenHosting({ end: LATE, listeners: ['127.0.0.1:8080'] })],
  ['it never becomes healthy', 'serve-ping', brokenHosting({ end: LATE, portOpen: true })],
  [
    'it answers 500',
    'serve-invocations',
    hosting({ invocations: [invocation({ status: 500, asExpected: false })], pingsUnderLoad: [] }),
  ],
  ['it takes too long for an answer', 'serve-time', hosting({ invocations: [timeOut], pingsUnderLoad: [] })],
  [
    'it answers in another type',
    'serve-content-type',
    hosting({ invocations: [invocation({ answerType: 'text/html' })] }),
  ],
  [
    'it answers something else',
    'serve-content',
    hosting({ invocations: [invocation({ asExpected: false })] }),
  ],
  [
    'it serves one request at a time',
    'serve-ping-load',
    hosting({ pingsUnderLoad: [{ error: 'time-out', seconds: 2 }] }),
  ],
  [
    'it dies from nonsense',
    'serve-survives',
    lostHosting({ executionParameters: { status: 404, body: '' } }),
  ],
  ['it hangs from nonsense', 'serve-survives', hosting({ aliveAfterBadPayload: false, badPayload: timeOut })],
  [
    'it dies from a sample',
    'serve-invocations',
    lostHosting({ invocations: [noAnswer], pingsUnderLoad: [] }),
  ],
  [
    'it dies from the second sample',
    'serve-invocations',
    lostHosting({
      invocations: [invocation(), noAnswer],
      pingsUnderLoad: [{ error: 'ECONNREFUSED', seconds: 0 }],
    }),
  ],
  [
    'it hangs from a sample',
    'serve-time',
    hosting({
      invocations: [timeOut],
      pingsUnderLoad: [],
      aliveAfterBadPayload: false,
      badPayload: timeOut,
      executionParameters: undefined,
    }),
  ],
  [
    'it dies under load',
    'serve-ping-load',
    lostHosting({ pingsUnderLoad: [{ error: 'ECONNRESET', seconds: 0 }] }),
  ],
  [
    'it is killed for its memory by a sample',
    'serve-memory',
    hosting({ oomKilled: true, invocations: [noAnswer], pingsUnderLoad: [] }),
  ],
  [
    'it is killed for its memory under load',
    'serve-memory',
    lostHosting({ oomKilled: true, pingsUnderLoad: [{ error: 'ECONNRESET', seconds: 0 }] }),
  ],
  ['it ends by itself', 'serve-starts', lostHosting({ invocations: [], pingsUnderLoad: [] })],
  [
    'it ends by itself with 0',
    'serve-starts',
    lostHosting({
      end: { exitCode: 0, oomKilled: false, timedOut: false, seconds: 9 },
      invocations: [],
      pingsUnderLoad: [],
    }),
  ],
  [
    'it does not load a model',
    'serve-multi-model',
    hosting({
      multiModel: { steps: [{ request: 'POST /models', status: 404, wanted: [200] }] },
      invocations: [invocation({ status: 404 })],
      pingsUnderLoad: [],
    }),
  ],
  [
    'it does not unload a model',
    'serve-multi-model',
    hosting({
      multiModel: {
        steps: [
          { request: 'POST /models', status: 200, wanted: [200] },
          { request: 'DELETE /models/smoke', status: 405, wanted: [200] },
        ],
      },
    }),
  ],
  [
    'it dies from nonsense, so that it cannot unload',
    'serve-survives',
    lostHosting({
      executionParameters: { status: 404, body: '' },
      multiModel: {
        steps: [
          { request: 'POST /models', status: 200, wanted: [200] },
          { request: 'DELETE /models/smoke', error: 'ECONNREFUSED', wanted: [200] },
        ],
      },
    }),
  ],
];

const errorsOf = (observations: ReturnType<typeof green>): readonly string[] =>
  judge(observations, new Map())
    .filter(({ severity, status }) => severity === 'error' && status === 'failed')
    .map(({ id }) => id);

describe('One failure has one red check', () => {
  test.each(BROKEN_TRAINING)('training: %s → %s', (_, id, run) => {
    const brokenInput = notMade('The training run failed.');
    expect(errorsOf(green({ training: ran(run), brokenInput }))).toEqual([id]);
  });

  test.each(BROKEN_HOSTING)('hosting: %s → %s', (_, id, run) => {
    expect(errorsOf(green({ hosting: ran(run) }))).toEqual([id]);
  });

  test('every check of severity error that judges the two runs can be the one', () => {
    const blamed = new Set([...BROKEN_TRAINING, ...BROKEN_HOSTING].map(([, id]) => id));
    const errors = judge(green(), new Map())
      .filter(({ severity, group }) => severity === 'error' && group !== 'image')
      .map(({ id }) => id)
      .filter((id) => id !== 'train-broken-input');
    expect([...blamed].sort()).toEqual(errors.sort());
  });
});
