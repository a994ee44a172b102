import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../../src/contract/clock.js';
import type { ContainerState } from '../../../src/contract/container.js';
import type { HttpAnswer, httpRequest } from '../../../src/contract/http-request.js';
import { LogTail } from '../../../src/contract/log-lines.js';
import { StartWatch } from '../../../src/contract/start-watch.js';

const REFUSED: HttpAnswer = { error: 'ECONNREFUSED', hung: false, seconds: 0.001 };
const HUNG: HttpAnswer = { error: 'time-out', hung: true, seconds: 2 };
const status = (code: number): HttpAnswer => ({
  status: code,
  body: Buffer.alloc(0),
  bytes: 0,
  seconds: 0.01,
});

const STATE: ContainerState = {
  ...{ Id: 'id', Running: true, ExitCode: 0, OOMKilled: false, Error: '', Pid: 7 },
  ...{ StartedAt: '', FinishedAt: '', address: '172.18.0.2', publishedPort: 32768 },
};

interface Scene {
  /** What the port of a base answers after so many seconds. */
  readonly answer: (base: string, seconds: number) => HttpAnswer;
  readonly listeners?: (seconds: number) => readonly string[] | undefined;
  /** What the container has printed. */
  readonly log?: readonly string[];
  readonly endsAfter?: number;
  readonly windowSeconds?: number;
  readonly state?: Partial<ContainerState>;
  /** Receives the seconds at each ping. */
  readonly onPing?: (seconds: number) => void;
  readonly onNote?: (words: string) => void;
}

function logOf(lines: readonly string[]): LogTail {
  const tail = new LogTail();
  for (const line of lines) tail.push(line);
  return tail;
}

/** A watch whose time passes only while it waits. */
function watch(scene: Scene) {
  let milliseconds = 0;
  const seconds = () => milliseconds / 1000;
  const clock: Clock = {
    now: () => milliseconds,
    sleep: async (time) => {
      milliseconds += time;
    },
  };
  const state: ContainerState = { ...STATE, ...scene.state };
  const ask = (async (base: string) => {
    scene.onPing?.(seconds());
    return scene.answer(base, seconds());
  }) as typeof httpRequest;
  const processTable = {
    handlesSigterm: async () => undefined,
    listeners: async () => scene.listeners?.(seconds()),
  };
  return new StartWatch(
    { processTable, signal: new AbortController().signal, ...(scene.onNote && { onNote: scene.onNote }) },
    {
      state: async () => state,
      hasEnded: async () => scene.endsAfter !== undefined && seconds() >= scene.endsAfter,
      ended: new Promise(() => {}),
      tail: logOf(scene.log ?? []),
    },
    { windowSeconds: scene.windowSeconds ?? 480 },
    clock,
    ask,
  ).run();
}

describe('waiting for a server to be ready', () => {
  test('a server that answers 200 after a while is ready at that moment', async () => {
    const start = await watch({ answer: (_, seconds) => (seconds < 30 ? REFUSED : status(200)) });
    expect(start.readyAfterSeconds).toBeCloseTo(30, 0);
    expect(start).toMatchObject({ portOpen: true, base: 'http://172.18.0.2:8080' });
  });

  test('503 until the model is loaded is no failure', async () => {
    const start = await watch({ answer: (_, seconds) => status(seconds < 100 ? 503 : 200) });
    expect(start.readyAfterSeconds).toBeCloseTo(100, 0);
  });

  test('the published port serves where the container’s own address leads nowhere', async () => {
    const start = await watch({
      answer: (base) => (base === 'http://127.0.0.1:32768' ? status(200) : REFUSED),
    });
    expect(start).toMatchObject({ readyAfterSeconds: 0, base: 'http://127.0.0.1:32768' });
  });

  test('another status than 200 is remembered until the window is over', async () => {
    const start = await watch({ answer: () => status(404), windowSeconds: 20 });
    expect(start.readyAfterSeconds).toBeUndefined();
    expect(start.waitedSeconds).toBeGreaterThanOrEqual(20);
    expect(start).toMatchObject({ portOpen: true, lastPing: { status: 404 } });
  });

  test('a port that takes connections and never answers counts as open', async () => {
    const start = await watch({ answer: () => HUNG, windowSeconds: 10 });
    expect(start).toMatchObject({ portOpen: true, lastPing: { error: 'time-out' } });
  });

  test('the wait ends with the container', async () => {
    const start = await watch({ answer: () => REFUSED, endsAfter: 3 });
    expect(start.waitedSeconds).toBeCloseTo(3, 0);
    expect(start.portOpen).toBe(false);
  });

  test('a ping that nobody is left to answer is given up', async () => {
    let gone = false;
    const ask = (async (_base, { signal }) => {
      gone = true;
      await new Promise<void>((aborted) => {
        if (signal.aborted) aborted();
        signal.addEventListener('abort', () => aborted());
      });
      return { error: 'ABORT_ERR', hung: false, seconds: 0.1 };
    }) as typeof httpRequest;
    const start = await new StartWatch(
      {
        processTable: { handlesSigterm: async () => undefined, listeners: async () => undefined },
        signal: new AbortController().signal,
      },
      { state: async () => STATE, hasEnded: async () => gone, ended: Promise.resolve(), tail: logOf([]) },
      { windowSeconds: 480 },
      undefined,
      ask,
    ).run();
    expect(start).toMatchObject({ portOpen: false, lastPing: { error: 'ABORT_ERR' } });
  });

  test('a container whose port nobody can see is waited for to the end of the window', async () => {
    const start = await watch({ answer: () => REFUSED, windowSeconds: 480 });
    expect(start.waitedSeconds).toBeGreaterThanOrEqual(480);
  });
});

describe('how often a server is asked', () => {
  test('once a second from the time on that it answers for a while, and it is said once', async () => {
    const pings: number[] = [];
    const notes: string[] = [];
    await watch({
      answer: (_, seconds) => (seconds < 10 ? REFUSED : status(503)),
      onPing: (seconds) => pings.push(seconds),
      onNote: (words) => notes.push(words),
      windowSeconds: 100,
    });
    const within = (from: number, to: number) =>
      pings.filter((seconds) => seconds >= from && seconds < to).length;
    // By two ways each time.
    expect(within(0, 10)).toBe(200);
    expect(within(10, 13)).toBe(60);
    expect(within(13, 100)).toBe(174);
    expect(notes).toEqual(['Waiting for GET /ping to answer 200, at most 100 s; it answers 503.']);
  });

  test('nothing is said of one that is ready soon', async () => {
    const notes: string[] = [];
    await watch({
      answer: (_, seconds) => status(seconds < 2 ? 503 : 200),
      onNote: (words) => notes.push(words),
    });
    expect(notes).toEqual([]);
  });
});

describe('giving up early, on evidence only', () => {
  test.each([404, 405, 501])('a server that answers nothing but %i has no such route', async (code) => {
    const start = await watch({ answer: (_, seconds) => (seconds < 100 ? REFUSED : status(code)) });
    expect(start.waitedSeconds).toBeGreaterThanOrEqual(130);
    expect(start.waitedSeconds).toBeLessThan(132);
    expect(start).toMatchObject({ portOpen: true, lastPing: { status: code } });
    expect(start.readyAfterSeconds).toBeUndefined();
  });

  test('a server that adds its routes after some seconds is ready then', async () => {
    const start = await watch({ answer: (_, seconds) => status(seconds < 25 ? 404 : 200) });
    expect(start.readyAfterSeconds).toBeCloseTo(25, 0);
  });

  test.each<[string, HttpAnswer]>([
    ['503', status(503)],
    ['no answer in time', HUNG],
    ['a refused connection', REFUSED],
  ])('%s in between begins the wait again', async (_what, between) => {
    const start = await watch({
      answer: (_, seconds) => (seconds >= 100 ? status(200) : seconds % 20 < 2 ? between : status(404)),
    });
    expect(start.readyAfterSeconds).toBeCloseTo(100, 0);
  });

  test('127.0.0.1:8080 keeps every other listener off the port: given up after seconds', async () => {
    const start = await watch({ answer: () => REFUSED, listeners: () => ['127.0.0.1:8080'] });
    expect(start.waitedSeconds).toBeCloseTo(5, 0);
    expect(start).toMatchObject({ portOpen: false, listeners: ['127.0.0.1:8080'] });
  });

  test('[::1]:8080 too', async () => {
    const start = await watch({ answer: () => REFUSED, listeners: () => ['[::1]:8080'] });
    expect(start.waitedSeconds).toBeCloseTo(5, 0);
  });

  test('a listener on all interfaces is never given up', async () => {
    const start = await watch({
      answer: () => REFUSED,
      listeners: () => ['0.0.0.0:8080'],
      windowSeconds: 100,
    });
    expect(start.waitedSeconds).toBeGreaterThanOrEqual(100);
  });

  test('another port that answers /ping with 200 is the server, on the wrong port', async () => {
    const start = await watch({
      answer: (base) => (base.endsWith(':5000') ? status(200) : REFUSED),
      listeners: () => ['0.0.0.0:5000'],
    });
    expect(start.waitedSeconds).toBeCloseTo(20, 0);
    expect(start.portOpen).toBe(false);
  });

  test('another port that does not answer /ping may belong to a server that is still starting', async () => {
    const start = await watch({
      answer: (_, seconds) => (seconds < 90 ? REFUSED : status(200)),
      listeners: (seconds) => (seconds < 90 ? ['0.0.0.0:9000'] : ['0.0.0.0:9000', '0.0.0.0:8080']),
    });
    expect(start.readyAfterSeconds).toBeCloseTo(90, 0);
  });

  const announced = '[2026-01-02 03:04:05 +0000] [7] [INFO] Listening at: http://127.0.0.1:5000 (7)';

  test('a backend that says where it runs has a minute until its front opens 8080', async () => {
    const start = await watch({
      answer: (_, seconds) => (seconds < 40 ? REFUSED : status(200)),
      listeners: (seconds) => (seconds < 40 ? ['127.0.0.1:5000'] : ['127.0.0.1:5000', '0.0.0.0:8080']),
      log: [announced],
    });
    expect(start.readyAfterSeconds).toBeCloseTo(40, 0);
  });

  test.each([
    announced,
    ' * Running on http://127.0.0.1:5000 (Press CTRL+C to quit)',
    'INFO:     Uvicorn running on http://localhost:5000',
  ])('a server that says it runs on a loopback address is given up after a minute: %s', async (line) => {
    const start = await watch({ answer: () => REFUSED, listeners: () => ['127.0.0.1:5000'], log: [line] });
    expect(start.waitedSeconds).toBeCloseTo(60, 0);
  });

  test('loopback ports that nobody announced may be those of a program that loads its model', async () => {
    const start = await watch({
      answer: (_, seconds) => (seconds < 200 ? REFUSED : status(200)),
      listeners: (seconds) => (seconds < 200 ? ['127.0.0.1:5000'] : ['127.0.0.1:5000', '0.0.0.0:8080']),
      log: ['distributed_init_method=tcp://127.0.0.1:5000', 'Listening at: http://127.0.0.1:50001'],
    });
    expect(start.readyAfterSeconds).toBeCloseTo(200, 0);
  });

  test('a container that listens nowhere may be loading its model: waited for to the end', async () => {
    const start = await watch({ answer: () => REFUSED, listeners: () => [] });
    expect(start.waitedSeconds).toBeGreaterThanOrEqual(480);
  });
});

describe('whether it is known what the port does', () => {
  test('refused by nobody knows whom, and no listeners to be seen: not known', async () => {
    const start = await watch({ answer: () => REFUSED, windowSeconds: 5 });
    expect(start.unreachable).toBe(true);
  });

  test('refused, with the listeners in sight: closed', async () => {
    const start = await watch({ answer: () => REFUSED, listeners: () => [], windowSeconds: 5 });
    expect(start).toMatchObject({ unreachable: false, portOpen: false });
  });

  test('a connection that Docker’s proxy took and ended: closed', async () => {
    const reset: HttpAnswer = { error: 'ECONNRESET', hung: false, seconds: 0 };
    const start = await watch({
      answer: (base) => (base.startsWith('http://127.') ? reset : REFUSED),
      windowSeconds: 5,
    });
    expect(start).toMatchObject({ unreachable: false, portOpen: false });
  });

  test('an answer that is not HTTP: open', async () => {
    const foreign: HttpAnswer = { error: 'HPE_INVALID_CONSTANT', hung: false, seconds: 0 };
    const start = await watch({ answer: () => foreign, listeners: () => ['0.0.0.0:8080'], windowSeconds: 5 });
    expect(start).toMatchObject({ unreachable: false, portOpen: true });
    expect(start.lastPing).toMatchObject({ error: 'HPE_INVALID_CONSTANT' });
  });
});
