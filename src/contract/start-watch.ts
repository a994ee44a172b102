import { type Clock, systemClock } from './clock.js';
import type { Container, ContainerState } from './container.js';
import { PING_LIMIT_SECONDS, SERVER_PORT } from './hosting-limits.js';
import { type HttpAnswer, httpRequest } from './http-request.js';
import type { PingAnswer } from './observations.js';
import type { Engine } from './training-run.js';

const POLL_MS = 100;
/** A server writes a line for each ping: one that answers, and is not ready so soon, is asked less often. */
const PATIENT_POLL_MS = 1000;
const PATIENT_AFTER_SECONDS = 3;
/** A listener on 127.0.0.1:8080 keeps every other one off the port: nothing better can come. */
const LOOPBACK_SECONDS = 5;
/** Another port that answers /ping with 200: a front may still be starting, but not for so long. */
const OTHER_PORT_SECONDS = 20;
/** A server that says it runs on a loopback address: a front that opens 8080 may still be starting. */
const ANNOUNCED_SECONDS = 60;
/** Nothing but words that there is no such route: an application may still be adding its routes. */
const NO_ROUTE_SECONDS = 30;

interface Ping {
  readonly base: string;
  readonly answer: HttpAnswer;
}

export interface Start {
  /** Where the server answers: `http://address:port`. Absent when it never did. */
  readonly base?: string;
  readonly readyAfterSeconds?: number;
  /** How long it was waited for. */
  readonly waitedSeconds: number;
  readonly portOpen: boolean;
  /** Nothing that was tried led to the container, and its listeners cannot be seen: nobody knows. */
  readonly unreachable: boolean;
  readonly listeners?: readonly string[];
  readonly lastPing?: PingAnswer;
}

/**
 * Asks GET /ping until it answers 200, the container ends or the window is over. Gives up before that only
 * when it is certain that nothing will come: a pull request should not wait 8 minutes for a server that
 * listens on the wrong address, or has no route for /ping.
 */
export class StartWatch {
  /** Ends the requests to a container that is gone: nobody would answer them, not even with a refusal. */
  readonly #gone = new AbortController();
  #listenersSince = 0;
  #listeners: readonly string[] | undefined;
  /** Seconds at the first answer. */
  #answersSince: number | undefined;
  /** Seconds at the first of the answers, up to now, that all say that there is no such route. */
  #routelessSince: number | undefined;
  #noted = false;

  constructor(
    private readonly engine: Pick<Engine, 'processTable' | 'signal' | 'onNote'>,
    private readonly container: Pick<Container, 'state' | 'hasEnded' | 'ended' | 'tail'>,
    private readonly spec: { readonly windowSeconds: number },
    private readonly clock: Clock = systemClock,
    private readonly ask: typeof httpRequest = httpRequest,
  ) {}

  async run(): Promise<Start> {
    const began = this.clock.now();
    const elapsed = () => (this.clock.now() - began) / 1000;
    this.container.ended.then(() => this.#gone.abort());
    let state: ContainerState | undefined;
    let portOpen = false;
    let reached = false;
    let lastPing: PingAnswer | undefined;
    const seen = () => ({
      waitedSeconds: elapsed(),
      portOpen,
      unreachable: !reached && this.#listeners === undefined,
      ...(this.#listeners && { listeners: this.#listeners }),
      ...(lastPing && { lastPing }),
    });
    while (elapsed() < this.spec.windowSeconds && !(await this.container.hasEnded())) {
      if (state?.Running !== true || bases(state).length === 0) {
        state = await this.container.state();
      }
      const { base, answer } = best(await this.#pingAll(bases(state)));
      if ('status' in answer) {
        portOpen = true;
        reached = true;
        lastPing = { status: answer.status, seconds: answer.seconds };
        if (answer.status === 200) {
          const readyAfterSeconds = elapsed();
          await this.#look(state, readyAfterSeconds);
          return { base, readyAfterSeconds, ...seen() };
        }
        this.#answersSince ??= elapsed();
      } else {
        // Bytes that are no HTTP are an answer of a kind: of a server that wants TLS, for example.
        portOpen ||= answer.hung || isForeign(answer.error);
        // Docker's proxy takes the connection and ends it when nothing listens behind it.
        reached ||= answer.hung || !NO_CONNECTION.test(answer.error);
        // An answer that came says more than the silence after it.
        if (lastPing?.status === undefined) {
          lastPing = { error: answer.error, seconds: answer.seconds };
        }
      }
      await this.#look(state, elapsed());
      const hopeless = portOpen
        ? this.#hasNoRoute(answer, elapsed())
        : await this.#isHopeless(state, elapsed());
      if (hopeless) {
        break;
      }
      const poll = this.#isPatient(elapsed(), lastPing?.status) ? PATIENT_POLL_MS : POLL_MS;
      await Promise.race([this.clock.sleep(poll), this.container.ended]);
    }
    return seen();
  }

  /** Whether it has answered for a while without being ready; says so, once. */
  #isPatient(now: number, status: number | undefined): boolean {
    if (this.#answersSince === undefined || now - this.#answersSince < PATIENT_AFTER_SECONDS) {
      return false;
    }
    if (!this.#noted) {
      this.#noted = true;
      const limit = `at most ${this.spec.windowSeconds} s`;
      this.engine.onNote?.(`Waiting for GET /ping to answer 200, ${limit}; it answers ${status}.`);
    }
    return true;
  }

  /** 503, no answer in time and a refused connection are how a server that is loading its model looks. */
  #hasNoRoute(answer: HttpAnswer, now: number): boolean {
    if (!('status' in answer && isRouteMissing(answer.status))) {
      this.#routelessSince = undefined;
      return false;
    }
    this.#routelessSince ??= now;
    return now - this.#routelessSince >= NO_ROUTE_SECONDS;
  }

  #pingAll(targets: readonly string[]): Promise<readonly Ping[]> {
    return Promise.all(
      targets.map(async (base) => ({
        base,
        answer: await this.ask(base, {
          method: 'GET',
          path: '/ping',
          limitSeconds: PING_LIMIT_SECONDS,
          signal: AbortSignal.any([this.engine.signal, this.#gone.signal]),
        }),
      })),
    );
  }

  async #look(state: ContainerState, now: number): Promise<void> {
    const found = await this.engine.processTable.listeners(state.Pid, state.Id);
    if (found !== undefined && found.join() !== this.#listeners?.join()) {
      this.#listeners = found;
      this.#listenersSince = now;
    }
  }

  async #isHopeless(state: ContainerState, now: number): Promise<boolean> {
    const stable = now - this.#listenersSince;
    const listeners = this.#listeners ?? [];
    if (listeners.some((one) => one.endsWith(`:${SERVER_PORT}`))) {
      return stable >= LOOPBACK_SECONDS && listeners.every((one) => isLoopback(one) || !isServerPort(one));
    }
    if (listeners.length === 0) {
      return false;
    }
    if (stable >= OTHER_PORT_SECONDS && state.address !== undefined) {
      const outside = listeners.filter((one) => !isLoopback(one));
      const targets = outside.map((one) => `http://${state.address}:${one.slice(one.lastIndexOf(':') + 1)}`);
      const answers = await this.#pingAll(targets);
      if (answers.some(({ answer }) => 'status' in answer && answer.status === 200)) {
        return true;
      }
    }
    return (
      stable >= ANNOUNCED_SECONDS &&
      listeners.every(isLoopback) &&
      listeners.some((one) => this.#isAnnounced(one))
    );
  }

  /**
   * Whether the log says that a server runs there. A listener alone proves nothing: programs that load a large
   * model talk to their own workers by loopback for minutes before they open their port.
   */
  #isAnnounced(listener: string): boolean {
    const port = listener.slice(listener.lastIndexOf(':') + 1);
    const announcement = new RegExp(
      `\\b(?:running|listening|serving)\\b.{0,60}://(?:127\\.0\\.0\\.1|localhost|\\[::1\\]):${port}\\b`,
      'i',
    );
    return this.container.tail.lines.some((line) => announcement.test(line));
  }
}

const isServerPort = (listener: string): boolean => listener.endsWith(`:${SERVER_PORT}`);
const isLoopback = (listener: string): boolean => /^(127\.|\[::1\]:)/.test(listener);

/** Ways from here to the container's port: its own address, and the port that the engine publishes. */
function bases({ address, publishedPort }: ContainerState): readonly string[] {
  return [
    ...(address === undefined ? [] : [`http://${address}:${SERVER_PORT}`]),
    ...(publishedPort === undefined ? [] : [`http://127.0.0.1:${publishedPort}`]),
  ];
}

/** Of several ways to the same port, the one that led furthest. */
function best(pings: readonly Ping[]): Ping {
  return pings.reduce((one, other) => (rank(other) > rank(one) ? other : one), NO_WAY);
}

function rank({ answer }: Ping): number {
  if ('status' in answer) {
    return answer.status === 200 ? 4 : 3;
  }
  return answer.hung ? 2 : NO_CONNECTION.test(answer.error) ? 0 : 1;
}

/** Errors of a connection that was never made, wherever that failed. */
const NO_CONNECTION =
  /^(time-out|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|the container has no address)$/;

/** Not Found, Method Not Allowed, Not Implemented. */
export const isRouteMissing = (status: number | undefined): boolean =>
  status === 404 || status === 405 || status === 501;

/** Node's word for an answer that is not HTTP. */
export const isForeign = (error: string): boolean => error.startsWith('HPE_');

const NO_WAY: Ping = { base: '', answer: { error: 'the container has no address', hung: false, seconds: 0 } };
