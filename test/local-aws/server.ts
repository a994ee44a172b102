import { randomUUID } from 'node:crypto';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished, pipeline } from 'node:stream/promises';
import type { Gate } from './gate.js';
import { readInput, type Wording } from './read-input.js';
import { nameOperation, type Protocol, readSignature } from './request.js';
import { matchRest, type RestCall, readRestInput } from './rest.js';
import {
  AwsError,
  type CallContext,
  type RestAnswer,
  type RestHandler,
  type ServiceHandler,
} from './service.js';
import { type ServiceModel, writeOutput } from './service-model.js';
import { type Answer, writeError } from './write-error.js';

/** A service of ours, with what its requests are checked against. */
export interface Mounted {
  readonly handler: ServiceHandler;
  readonly model: ServiceModel;
  readonly wording: Wording;
}

/** Its companion, which has the same signing name and REST paths. */
export interface MountedRest {
  readonly handler: RestHandler;
  readonly model: ServiceModel;
  readonly wording: Wording;
}

export interface FrontDoorOptions {
  /** Port on 127.0.0.1. */
  readonly port: number;
  readonly account: string;
  /** For calls that say none: unsigned ones. */
  readonly region: string;
  /** Port of moto's server on 127.0.0.1. */
  readonly motoPort: number;
  readonly gate: Gate;
  now(): Date;
  log(line: string): void;
}

/** Calls of STS that have no signature, because they are made to get credentials. */
const UNSIGNED = ['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'];
const BODY_LIMIT = 10 * 1024 * 1024;
const CONTROL = '/_local-aws/';

/**
 * The one endpoint of local AWS: `sagemaker`, `ecr` and what else is mounted are answered here, all other services
 * by moto; which it is stands in the request's signature.
 */
export class FrontDoor {
  /** By signing name. Filled after the start, as services want to know the endpoint. */
  readonly services = new Map<string, Mounted>();
  /** By the same name. */
  readonly companions = new Map<string, MountedRest>();
  private readonly options: FrontDoorOptions;
  private readonly server: Server;

  constructor(options: FrontDoorOptions) {
    this.options = options;
    this.server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        options.log(
          `${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`,
        );
        if (response.headersSent) response.destroy();
        else {
          const known = error instanceof AwsError ? error : internalFailure(error);
          send(request, response, writeError('json', known, randomUUID()));
        }
      });
    });
  }

  /** @returns the endpoint, `http://127.0.0.1:<port>` */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.options.port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname.startsWith(CONTROL)) {
      await this.control(request, response, url);
      return;
    }
    const requestId = randomUUID();
    const isForm = String(request.headers['content-type'] ?? '').startsWith(
      'application/x-www-form-urlencoded',
    );
    const isJson = request.headers['x-amz-target'] !== undefined;
    let body = isForm || isJson ? await readBody(request) : undefined;
    const rest = isJson ? undefined : this.matchRest(request, url);
    const guessed: Protocol = isJson
      ? 'json'
      : rest !== undefined
        ? 'rest-json'
        : isForm || url.searchParams.has('Action')
          ? 'query'
          : 's3';

    let service: string;
    let region = this.options.region;
    let accessKeyId = '';
    try {
      const signature = readSignature(request.headers, url.searchParams);
      if (signature !== undefined) {
        ({ service, region, accessKeyId } = signature);
      } else if (UNSIGNED.includes(nameOperation('query', request, url, body?.toString('utf8')))) {
        service = 'sts';
      } else if (guessed === 's3') {
        throw new AwsError('AccessDenied', 'Access Denied', 403);
      } else {
        const code =
          guessed !== 'query' ? 'MissingAuthenticationTokenException' : 'MissingAuthenticationToken';
        throw new AwsError(code, 'Request is missing Authentication Token', guessed === 'json' ? 400 : 403);
      }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      send(request, response, writeError(guessed, error, requestId));
      return;
    }

    const restCall = rest !== undefined && rest.service === service ? rest : undefined;
    const protocol = protocolOf(service, guessed, restCall !== undefined);
    if (restCall !== undefined) body ??= await readBody(request);
    const text = body?.toString('utf8');
    const operation = restCall?.operation ?? nameOperation(protocol, request, url, text);
    const resource =
      protocol === 's3' ? url.pathname.slice(1) : nameResource(service, restCall?.text ?? text);
    const entry = this.options.gate.enter(
      {
        service,
        operation,
        accessKeyId,
        via: 'api',
        region,
        resource,
        ...(text !== undefined && { body: text }),
      },
      protocol,
    );
    const { call, fault, error } = entry;
    response.on('close', () => {
      if (response.headersSent) call.status = response.statusCode;
    });
    if (fault?.delayMs !== undefined) await pause(fault.delayMs, response);

    const mounted = this.services.get(service);
    const context = {
      region,
      account: this.options.account,
      accessKeyId,
      now: () => this.options.now(),
      requestId,
    };
    const carryOut = (): Promise<Answer | RestAnswer> =>
      restCall === undefined
        ? this.callService(mounted as Mounted, operation, text ?? '', context, fault?.answer)
        : this.callRest(restCall, request, body ?? Buffer.alloc(0), context);
    const replaced = error !== undefined || fault?.kind === 'reset' || fault?.kind === 'no-answer';
    if (replaced) {
      if (fault?.executed === true) {
        if (mounted !== undefined) drop(await carryOut());
        else await this.forward(request, body, undefined);
      } else if (body === undefined) {
        request.resume();
        // A client that is still sending may see the broken connection instead of the answer.
        if (error !== undefined && !request.complete) await finished(request).catch(() => {});
      }
      if (error !== undefined) send(request, response, writeError(protocol, error, requestId));
      else if (fault?.kind === 'reset') request.socket.resetAndDestroy();
      return;
    }
    if (mounted !== undefined) await sendAnswer(request, response, await carryOut());
    else await this.forward(request, body, response);
  }

  /** The call of a companion that a path stands for; only a signature can tell whether it is meant. */
  private matchRest(
    request: IncomingMessage,
    url: URL,
  ): (RestCall & { readonly service: string; readonly mounted: MountedRest }) | undefined {
    for (const [service, mounted] of this.companions) {
      const found = matchRest(mounted.model, request.method ?? '', url.pathname);
      if (found !== undefined) return { ...found, service, mounted };
    }
    return undefined;
  }

  private async callRest(
    call: RestCall & { readonly mounted: MountedRest },
    request: IncomingMessage,
    body: Buffer,
    context: CallContext,
  ): Promise<Answer | RestAnswer> {
    const { mounted, operation } = call;
    try {
      const input = readRestInput(mounted.model, call, request.headers, body, mounted.wording);
      const answer = await mounted.handler.handle(operation, input, context);
      return { ...answer, headers: { ...answer.headers, 'x-amzn-requestid': context.requestId } };
    } catch (error) {
      if (!(error instanceof AwsError)) {
        this.options.log(`${operation}: ${error instanceof Error ? error.stack : String(error)}`);
      }
      return writeError(
        'rest-json',
        error instanceof AwsError ? error : internalFailure(error),
        context.requestId,
      );
    }
  }

  private async callService(
    { handler, model, wording }: Mounted,
    operation: string,
    text: string,
    context: CallContext,
    scripted?: unknown,
  ): Promise<Answer> {
    try {
      const input = readInput(model, operation, parseJson(text), wording, (path) =>
        this.options.log(
          `${operation}: ${path} is no member of the request, as AWS's model has it; AWS drops it`,
        ),
      );
      const output = writeOutput(
        model,
        operation,
        scripted ?? (await handler.handle(operation, input, context)),
      );
      return {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': context.requestId },
        body: JSON.stringify(output),
      };
    } catch (error) {
      if (!(error instanceof AwsError) || error.status >= 500) {
        this.options.log(`${operation}: ${error instanceof Error ? error.stack : String(error)}`);
      }
      return writeError(
        'json',
        error instanceof AwsError ? error : internalFailure(error),
        context.requestId,
      );
    }
  }

  /** To moto, both bodies as streams. Without a response, what moto answers is dropped. */
  private forward(
    request: IncomingMessage,
    body: Buffer | undefined,
    response: ServerResponse | undefined,
  ): Promise<void> {
    const { expect: _, connection: __, ...headers } = request.headers;
    return new Promise((resolve, reject) => {
      const onward = httpRequest(
        {
          host: '127.0.0.1',
          port: this.options.motoPort,
          method: request.method,
          path: request.url,
          headers: { ...headers, connection: 'close' },
          agent: false,
        },
        (answer) => {
          answer.on('error', reject);
          if (response === undefined) {
            answer.on('end', resolve).resume();
            return;
          }
          const { connection: ___, ...answerHeaders } = answer.headers;
          response.writeHead(answer.statusCode ?? 502, answerHeaders);
          answer.pipe(response);
          response.on('close', () => {
            answer.destroy();
            resolve();
          });
        },
      );
      onward.on('error', reject);
      // A client that goes away in the middle of its upload takes the onward call with it.
      request.on('aborted', () => onward.destroy());
      if (body !== undefined) onward.end(body);
      else request.pipe(onward);
    });
  }

  /** What tests, scenario files and people script. Needs no signature. */
  private async control(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    try {
      const text = (await readBody(request)).toString('utf8');
      const body = text === '' ? undefined : parseJson(text);
      const path = url.pathname.slice(CONTROL.length);
      const result = await this.script(request.method ?? 'GET', path, url.searchParams, body);
      reply(response, 200, result ?? {});
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      reply(response, error.status, { code: error.code, message: error.message });
    }
  }

  /**
   * One call of the control API; a scenario is a `POST` of `scenario`.
   * @throws AwsError when there is no such thing
   */
  async script(method: string, path: string, query: URLSearchParams, body: unknown): Promise<unknown> {
    const { gate } = this.options;
    const accessKeyId = query.get('accessKeyId') ?? undefined;
    const [first = '', ...rest] = path.split('/').map(decodeURIComponent);
    switch (`${method} ${first}`) {
      case 'GET health':
        return { status: 'ready' };
      case 'GET faults':
        return gate.faults.list();
      case 'POST faults':
        gate.faults.add(body);
        return gate.faults.list();
      case 'DELETE faults':
        gate.faults.clear(accessKeyId);
        return gate.faults.list();
      case 'GET calls':
        return query.has('list') ? gate.calls.list(accessKeyId) : gate.calls.count(accessKeyId);
      case 'DELETE calls':
        gate.calls.clear();
        return {};
      case 'PUT policies':
      case 'DELETE policies':
        gate.setPolicy(rest[0] ?? '', method === 'PUT' ? (body ?? null) : undefined);
        return {};
      case 'POST scenario':
        await this.play(body);
        return {};
    }
    const control = this.services.get(first)?.handler;
    if (control?.control === undefined) throw new AwsError('NotFound', `no ${method} ${CONTROL}${path}`, 404);
    return control.control(method, rest.join('/'), body);
  }

  /** `{"faults": [...], "<service>/<path>": …}`: each member but the faults is PUT to its path. */
  private async play(scenario: unknown): Promise<void> {
    if (typeof scenario !== 'object' || scenario === null || Array.isArray(scenario)) {
      throw new AwsError('BadScenario', 'a scenario is an object');
    }
    for (const [name, part] of Object.entries(scenario)) {
      if (name === 'faults') this.options.gate.faults.add(part);
      else await this.script('PUT', name, new URLSearchParams(), part);
    }
  }
}

function protocolOf(service: string, guessed: Protocol, isRest: boolean): Protocol {
  if (service === 's3') return 's3';
  if (isRest) return 'rest-json';
  return guessed === 'query' ? 'query' : 'json';
}

/** The resource of a call, for the words of a denial. */
function nameResource(service: string, text: string | undefined): string {
  const [, kind, name] =
    /"(TrainingJobName|ModelName|ModelPackageGroupName|ModelPackageName|ModelCardName|EndpointName|EndpointConfigName|repositoryName|logGroupName)"\s*:\s*"([^"]*)"/.exec(
      text ?? '',
    ) ?? [];
  if (kind === undefined || name === undefined) return '*';
  if (service === 'ecr') return `repository/${name}`;
  if (service === 'logs') return `log-group:${name}`;
  const words = kind.replace(/Name$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '-');
  return `${words.toLowerCase()}/${name}`;
}

const internalFailure = (error: unknown): AwsError =>
  new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new AwsError('SerializationException', 'the body is no JSON');
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT) throw new AwsError('RequestEntityTooLargeException', 'the body is too large', 413);
  }
  return Buffer.concat(chunks);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Omit<Answer, 'body'> & { readonly body: string | Buffer },
): void {
  const bytes = Buffer.from(body);
  // An answer before the end of the request's body: the rest must not be taken for the next request.
  const early = request.complete ? {} : { connection: 'close' };
  response.writeHead(status, { ...headers, ...early, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer | RestAnswer,
): Promise<void> {
  const { status, headers, body } = answer;
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    send(request, response, { status, headers, body });
    return;
  }
  response.writeHead(status, headers);
  // A client that goes away ends the stream; that is no error of ours.
  await pipeline(body, response).catch(() => {});
}

/** An answer that nobody gets. */
function drop({ body }: Answer | RestAnswer): void {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) body.resume();
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(`${JSON.stringify(value, null, 2)}\n`);
}

/** Ends early when the client has gone. */
export function pause(milliseconds: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      response.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    response.on('close', end);
  });
}
