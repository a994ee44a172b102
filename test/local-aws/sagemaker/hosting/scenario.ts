import type { LogScenario } from '../scenario.js';
import { readScenarioList, ScenarioList } from '../scenario-list.js';

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

/** @throws Error as {@link readScenarioList} */
export const readEndpointScenarios = (given: unknown): readonly EndpointScenario[] =>
  readScenarioList(given, MEMBERS);

/** The scenarios of endpoints in force. */
export class EndpointScenarios extends ScenarioList<EndpointScenario> {
  /** That of an operation. */
  take(operation: EndpointOperation, endpoint: string, config: string): EndpointScenario {
    const found = this.takeFirst(
      (scenario) =>
        endpoint.includes(scenario.endpoints ?? '') &&
        config.includes(scenario.configs ?? '') &&
        (scenario.on ?? operation) === operation,
    );
    return found ?? {};
  }
}
