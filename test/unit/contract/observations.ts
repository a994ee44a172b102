import { CHECKS } from '../../../src/contract/checks/index.js';
import { judge } from '../../../src/contract/checks/judge.js';
import type {
  HostingRun,
  HostRun,
  ImageFacts,
  Invocation,
  Observations,
  Observed,
  StopRun,
  TrainingRun,
} from '../../../src/contract/observations.js';
import type { CheckResult, Diagnosis } from '../../../src/plan.js';

/** The group's facts as they look when all is well, changed where a test says so. `undefined` takes a fact out. */
type Changes<Facts> = { readonly [Name in keyof Facts]?: Facts[Name] | undefined };

function change<Facts extends object>(facts: Facts, changes: Changes<Facts>): Facts {
  const all = Object.entries({ ...facts, ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as Facts;
}

export const image = (changes: Changes<ImageFacts> = {}): ImageFacts =>
  change<ImageFacts>(
    {
      id: `sha256:${'0'.repeat(64)}`,
      os: 'linux',
      architecture: 'amd64',
      wantedPlatform: 'linux/amd64',
      sizeBytes: 200 * 1024 ** 2,
      entrypoint: ['python', '/opt/program/main.py'],
      cmd: [],
      user: '',
      workdir: '/opt/program',
      env: new Map([['PATH', '/usr/local/bin:/usr/bin:/bin']]),
      labels: new Map(),
      exposedPorts: ['8080/tcp'],
      bakedPaths: [],
      training: { offered: true, reason: 'The ENTRYPOINT takes the argument train.' },
      hosting: { offered: true, reason: 'The image exposes port 8080.' },
    },
    changes,
  );

export const host = (changes: Changes<HostRun> = {}): HostRun =>
  change<HostRun>(
    {
      host: 'algo-1',
      exitCode: 0,
      oomKilled: false,
      timedOut: false,
      seconds: 3.2,
      logTail: ['epoch 1 loss: 0.5', 'epoch 2 loss: 0.25', 'saved'],
      memoryPeakBytes: 150 * 1024 ** 2,
    },
    changes,
  );

/** A host whose program fails by itself. */
export const brokenHost = (changes: Changes<HostRun> = {}): HostRun =>
  host({
    exitCode: 1,
    logTail: [
      ...['loading', 'reading the data', 'building the model', 'Traceback (most recent call last):'],
      ...['  File "train.py", line 3', 'ValueError: no rows'],
    ],
    ...changes,
  });

export const training = (changes: Changes<TrainingRun> = {}): TrainingRun =>
  change<TrainingRun>(
    {
      hosts: [host()],
      timeoutSeconds: 600,
      networkIsolation: false,
      toolkitEnvironment: false,
      model: { files: 2, bytes: 4096, unarchivable: [] },
      metrics: [{ name: 'loss', regex: 'loss: ([0-9.]+)', values: [0.5, 0.25], matches: 2 }],
      pipes: [],
    },
    changes,
  );

/** A training run that failed: there is no model then. */
export const brokenTraining = (changes: Changes<TrainingRun> = {}): TrainingRun =>
  training({ hosts: [brokenHost()], model: undefined, metrics: [], ...changes });

export const stop = (changes: Changes<StopRun> = {}): StopRun =>
  change<StopRun>(
    {
      exitCode: 0,
      oomKilled: false,
      timedOut: false,
      seconds: 6,
      logTail: ['epoch 1', 'SIGTERM: saving'],
      stopSeconds: 0.4,
      graceSeconds: 120,
      sigkilled: false,
      handlesSigterm: true,
      undisturbedSeconds: 10,
      sentAfterSeconds: 5,
    },
    changes,
  );

export const invocation = (changes: Changes<Invocation> = {}): Invocation =>
  change<Invocation>(
    {
      payload: 'container/sample/payload.json',
      contentType: 'application/json',
      accept: 'application/json',
      status: 200,
      answerType: 'application/json; charset=utf-8',
      answer: '{"predictions":[0]}',
      answerBytes: 19,
      seconds: 0.05,
      expect: '{"predictions":[0]}',
      asExpected: true,
    },
    changes,
  );

export const hosting = (changes: Changes<HostingRun> = {}): HostingRun =>
  change<HostingRun>(
    {
      logTail: ['listening', 'POST /invocations 200'],
      windowSeconds: 600,
      networkIsolation: false,
      memoryPeakBytes: 90 * 1024 ** 2,
      oomKilled: false,
      model: 'training',
      listeners: ['0.0.0.0:8080'],
      portOpen: true,
      readyAfterSeconds: 1.25,
      pingsUnderLoad: [
        { status: 200, seconds: 0.01 },
        { status: 200, seconds: 0.3 },
      ],
      loadConcurrency: 4,
      invocations: [invocation()],
      badPayload: invocation({
        payload: 'bytes that are no text, JSON or CSV',
        status: 400,
        answer: 'no JSON',
        answerType: 'text/plain',
        accept: undefined,
        expect: undefined,
        asExpected: undefined,
      }),
      aliveAfterBadPayload: true,
      executionParameters: { status: 404, body: 'not found' },
      stop: { seconds: 0.2, sigkilled: false, graceSeconds: 30, handlesSigterm: true },
    },
    changes,
  );

/** A server that never became ready: nothing was asked of it. */
export const brokenHosting = (changes: Changes<HostingRun> = {}): HostingRun =>
  hosting({
    end: { exitCode: 1, oomKilled: false, timedOut: false, seconds: 2.5 },
    logTail: ['starting', 'boom'],
    listeners: [],
    portOpen: false,
    readyAfterSeconds: undefined,
    pingsUnderLoad: [],
    invocations: [],
    badPayload: undefined,
    aliveAfterBadPayload: undefined,
    executionParameters: undefined,
    stop: undefined,
    ...changes,
  });

/** A server that became ready and ended by itself later on. */
export const lostHosting = (changes: Changes<HostingRun> = {}): HostingRun =>
  hosting({
    end: { exitCode: 1, oomKilled: false, timedOut: false, seconds: 12 },
    badPayload: invocation({ status: undefined, answer: undefined, error: 'ECONNREFUSED' }),
    aliveAfterBadPayload: false,
    executionParameters: undefined,
    stop: undefined,
    ...changes,
  });

export const diagnosis = (changes: Partial<Diagnosis> = {}): Diagnosis => ({
  id: 'T27',
  class: 'some-class',
  cause: 'The cause.',
  fix: 'The fix.',
  evidence: 'the text',
  ...changes,
});

export const ran = <Run>(run: Run): Observed<Run> => ({ run });
export const notMade = (notObserved: string): Observed<never> => ({ notObserved });

/** A container that does everything right: every check that can be judged passes. */
export const green = (changes: Partial<Observations> = {}): Observations => ({
  image: image(),
  training: ran(training()),
  brokenInput: ran(
    brokenTraining({ hosts: [brokenHost({ failureFile: 'ValueError: no channel `train`' })] }),
  ),
  stop: ran(stop()),
  hosting: ran(hosting()),
  ...changes,
});

/** What one check says. */
export function resultOf(id: string, observations: Observations): CheckResult {
  const check = CHECKS.find((candidate) => candidate.id === id);
  if (check === undefined) {
    throw new Error(`There is no check ${id}.`);
  }
  const [result] = judge(observations, new Map(), [check]);
  if (result === undefined) {
    throw new Error(`${id} gave no result.`);
  }
  return result;
}

/** The result of a check that looks at the image, the training run or the hosting run alone. */
export const ofImage = (id: string, changes: Changes<ImageFacts> = {}): CheckResult =>
  resultOf(id, green({ image: image(changes) }));
export const ofTraining = (id: string, run: TrainingRun): CheckResult =>
  resultOf(id, green({ training: ran(run) }));
export const ofHosting = (id: string, run: HostingRun): CheckResult =>
  resultOf(id, green({ hosting: ran(run) }));

/** The verdict in one line. */
export const said = ({ status, evidence }: CheckResult): string => `${status}: ${evidence}`;
