import type { LogScenario } from '../scenario.js';

/**
 * What cannot happen to endpoints on its own here, or happens too fast: scripted for the operations to come. It comes
 * as JSON, `POST /_local-aws/sagemaker/endpoints` with one scenario or a list, in front of those that are there; the
 * first one that fits an operation is its. A member that is absent means: as fast and as well as it goes.
 */
export interface EndpointScenario {
  /** Only endpoints with this text in their name. */
  readonly endpoints?: string;
  /** Only deployments of a configuration with this text in its name. */
  readonly configs?: string;
  readonly on?: EndpointOperation;
  /** How many operations it is for; absent: all. */
  readonly times?: number;
  /** How long each status lasts at least, in milliseconds. */
  readonly delays?: Partial<Record<EndpointPhase, number>>;
  /** `error`: there are no instances for it (E07). */
  readonly capacity?: 'error';
  /** The call itself is refused with ResourceLimitExceeded: the account's quota. */
  readonly quota?: 'exceeded';
  /** The call itself finds no such configuration, as it happens straight after CreateEndpointConfig. */
  readonly config?: 'missing';
  /** The deployment fails, with this FailureReason once its containers would be healthy. */
  readonly failure?: string;
  /** A failed update leaves no FailureReason behind. */
  readonly silent?: boolean;
  /** `error`: going back fails too, the endpoint ends as UpdateRollbackFailed. */
  readonly rollback?: 'error';
  /** Multiplies the waits of a request and of the platform: WaitInterval, TerminationWait, health check. Default 1 */
  readonly timeScale?: number;
  /** Milliseconds for which a container that ends is started again. Default 10 000; about 24 minutes on the platform */
  readonly crashLoop?: number;
  /** Seconds between SIGTERM and SIGKILL. Default 30, as on the platform. */
  readonly stopGraceSeconds?: number;
  readonly log?: LogScenario;
  /** Without containers: requests are answered by this script. */
  readonly script?: ServerScript;
}

export type EndpointOperation = 'create' | 'update' | 'weights' | 'delete';
export type EndpointPhase = 'Creating' | 'Updating' | 'RollingBack' | 'Deleting';

export interface ServerScript {
  /** Milliseconds until it is healthy. Default 0 */
  readonly start?: number;
  /** It never gets healthy: `ping` (E01) or `start` (E02). */
  readonly fails?: 'ping' | 'start';
  /** What it prints when it starts. */
  readonly lines?: readonly string[];
  /** Status of its answers. Default 200 */
  readonly status?: number;
  /** Default: the request's own. */
  readonly body?: string;
  /** Default: the request's own. */
  readonly contentType?: string;
  /** Milliseconds that an answer takes. Default 0 */
  readonly delay?: number;
}

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  '': [
    ...['endpoints', 'configs', 'on', 'times', 'delays', 'capacity', 'quota', 'config', 'failure', 'silent'],
    ...['rollback', 'timeScale', 'crashLoop', 'stopGraceSeconds', 'log', 'script'],
  ],
  delays: ['Creating', 'Updating', 'RollingBack', 'Deleting'],
  log: ['delay', 'interval', 'late', 'written'],
  script: ['start', 'fails', 'lines', 'status', 'body', 'contentType', 'delay'],
};

/**
 * Reads scenarios as they come: one, or a list.
 *
 * @throws Error that names a member which is none: a script that scripts nothing would pass for one that works
 */
export function readEndpointScenarios(given: unknown): readonly EndpointScenario[] {
  return [given].flat().map((scenario: unknown) => {
    for (const [path, members] of Object.entries(MEMBERS)) {
      const part = path === '' ? scenario : (scenario as Record<string, unknown>)[path];
      if (path !== '' && part === undefined) continue;
      const what = `A scenario of endpoints${path && `: its ${path}`}`;
      if (typeof part !== 'object' || part === null) {
        throw new Error(`${what} must be an object, not ${JSON.stringify(part)}.`);
      }
      const unknown = Object.keys(part).filter((name) => !members.includes(name));
      if (unknown.length > 0) {
        throw new Error(`${what} has no ${unknown.join(', ')}. It has: ${members.join(', ')}.`);
      }
    }
    return scenario as EndpointScenario;
  });
}

/** The scenarios in force. */
export class EndpointScenarios {
  #entries: { readonly scenario: EndpointScenario; left: number }[] = [];

  set(scenarios: readonly EndpointScenario[]): void {
    this.#entries = scenarios.map((scenario) => ({
      scenario,
      left: scenario.times ?? Number.POSITIVE_INFINITY,
    }));
  }

  /** In front of those that are there. */
  add(scenarios: readonly EndpointScenario[]): void {
    const before = this.#entries;
    this.set(scenarios);
    this.#entries.push(...before);
  }

  get all(): readonly EndpointScenario[] {
    return this.#entries.map(({ scenario }) => scenario);
  }

  /** The scenario of an operation, looked up once: it counts as used. */
  take(operation: EndpointOperation, endpoint: string, config: string): EndpointScenario {
    const entry = this.#entries.find(
      ({ scenario, left }) =>
        left > 0 &&
        endpoint.includes(scenario.endpoints ?? '') &&
        config.includes(scenario.configs ?? '') &&
        (scenario.on ?? operation) === operation,
    );
    if (entry === undefined) return {};
    entry.left -= 1;
    return entry.scenario;
  }
}
