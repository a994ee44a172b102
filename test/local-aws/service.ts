import type { Readable } from 'node:stream';

/**
 * What local AWS's front door and its services know of each other. A service of ours is a {@link ServiceHandler};
 * the front door reads the request, checks its signature's form and its input against AWS's published model, and
 * calls it with plain data; what it returns or throws goes back over the wire as AWS would write it.
 */

/** One call, as a service sees it. */
export interface CallContext {
  /** From the credential scope of the request's signature. */
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
  /** Whose key signed the request. */
  readonly accessKeyId: string;
  now(): Date;
  readonly requestId: string;
}

export interface ServiceHandler {
  /**
   * One operation of the API, for example `CreateTrainingJob`.
   *
   * `input` has the form of the service model, checked against it already: timestamps are Dates. The output is
   * the model's too; Dates become what the protocol writes (epoch seconds), members that are undefined are left out.
   * @throws AwsError for what AWS answers with an error; anything else becomes InternalFailure with status 500.
   */
  handle(operation: string, input: unknown, context: CallContext): Promise<unknown>;

  /**
   * `/_local-aws/<service>/<path>`: what a test or a person scripts for this service. `body` is parsed JSON,
   * undefined when there was none. What it returns is written as JSON.
   */
  control?(method: string, path: string, body: unknown): Promise<unknown>;

  /** Ends everything that the service started: containers, timers, files. */
  close?(): Promise<void>;

  /** The REST service that shares its signing name, by its own name in AWS's models. */
  readonly companion?: { readonly name: string; readonly handler: RestHandler };
}

/** A service whose requests have a path and headers of their own in place of an operation's name and JSON. */
export interface RestHandler {
  /**
   * As {@link ServiceHandler.handle}: headers, parts of the path and the body are members of the input, the body as
   * a Buffer. What it returns is written as it is.
   */
  handle(operation: string, input: unknown, context: CallContext): Promise<RestAnswer>;
}

export interface RestAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | Readable;
}

/** What a service is given when local AWS starts. */
export interface World {
  /** The front door: what clients have in AWS_ENDPOINT_URL, for example `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  /** moto's server, behind the front door: calls there meet no scripted faults and are not counted. */
  readonly motoEndpoint: string;
  readonly region: string;
  readonly account: string;
  /** Credentials that both endpoints take. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The OCI registry behind ECR. Its host stands where AWS has `<account>.dkr.ecr.<region>.amazonaws.com`. */
  readonly registry: { readonly host: string; readonly username: string; readonly password: string };
  /** A folder that is removed when local AWS ends. */
  readonly folder: string;
  now(): Date;
  /** One line for the person who runs local AWS (stderr). */
  log(line: string): void;
}

/** A service's own file exports one of these: `createSageMaker`, `createEcr`. */
export type ServiceFactory = (world: World) => ServiceHandler | Promise<ServiceHandler>;

/** An error as AWS's services send it. */
export class AwsError extends Error {
  /** As the service model names it: `ValidationException`, `ResourceInUse`. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Further members of the error's shape. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
