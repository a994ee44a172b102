import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { KeptModel } from './models.js';
import type { EndpointScenario } from './scenario.js';

/** A request as it goes to the container. */
export interface ModelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** From the first byte sent to the last byte received. */
  readonly limitSeconds: number;
}

export interface ModelAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it comes; it fails when the container breaks it off or its time is over. */
  readonly body: Readable;
}

/** A request that the container gave no answer to. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(
    /** `unhealthy`: there is no container to ask, as it is being replaced. */
    readonly kind: 'time-out' | 'broken' | 'unhealthy',
    message: string,
  ) {
    super(message);
  }
}

/** What serves a variant: its container, or a script. One, however many instances the variant is said to have. */
export interface ModelServer {
  /**
   * Resolves when GET /ping has answered 200.
   * @throws DeploymentFailure with the endpoint's FailureReason
   */
  start(): Promise<void>;
  /** @throws NoAnswer */
  request(request: ModelRequest): Promise<ModelAnswer>;
  /** SIGTERM, SIGKILL after the grace, and nothing is left of it. Safe at any time, and to repeat. */
  stop(): Promise<void>;
}

export interface ServerSpec {
  readonly endpointName: string;
  readonly variantName: string;
  readonly model: KeptModel;
  readonly region: string;
  readonly networkIsolation: boolean;
  /** Of a serverless variant. */
  readonly memoryBytes?: number;
  /** Seconds until the first 200 of /ping. */
  readonly windowSeconds: number;
  readonly scenario: EndpointScenario;
  readonly onLine: (line: string) => void;
}

export interface ModelServers {
  create(spec: ServerSpec): ModelServer;
  close(): Promise<void>;
}
