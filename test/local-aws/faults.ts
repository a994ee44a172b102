import type { Protocol } from './request.js';
import { AwsError } from './service.js';

export const FAULT_KINDS = [
  'throttling',
  'internal-error',
  'unavailable',
  'expired-token',
  'access-denied',
  'error',
  'reset',
  'no-answer',
  'slow',
  'answer',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What happens to calls, as a test or a scenario file scripts it. */
export interface Fault {
  /** `sagemaker`, `ecr`, `s3`, `logs`, `sts` …; `*`: any. */
  readonly service: string;
  /** As the API names it; `*`: any. A push or pull at the registry goes by the ECR actions that it needs. */
  readonly operation: string;
  /**
   * `error` is any other: with `code`, `message` and `status`. `answer` is no trouble but a call that succeeds with
   * the `answer` scripted, in place of what local AWS has, or where it has nothing.
   */
  readonly kind: FaultKind;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
  /** With kind `answer` or `slow`: what the call is answered with, in the API's own members. JSON APIs only. */
  readonly answer?: Readonly<Record<string, unknown>>;
  /** Calls that pass before it begins; 0 when absent. */
  readonly after?: number;
  /** Calls that it meets; absent: all. */
  readonly times?: number;
  /** Milliseconds for which it lasts, from the first call that it meets; absent: for ever. */
  readonly forMs?: number;
  /** Milliseconds before the answer; for `slow`, and with any other kind too. */
  readonly delayMs?: number;
  /** True: the call is carried out, and only its answer is lost or replaced. */
  readonly executed?: boolean;
  /** Only calls that this key signed. */
  readonly accessKeyId?: string;
  /** Only calls whose JSON or form body has this text. */
  readonly contains?: string;
  /** Only calls of the API, or only of Docker clients at the registry. */
  readonly via?: 'api' | 'registry';
}

/** What a call has that faults are chosen by. */
export interface FaultTarget {
  readonly service: string;
  readonly operation: string;
  readonly accessKeyId: string;
  readonly via: 'api' | 'registry';
  readonly body?: string;
}

interface Scripted {
  readonly fault: Fault;
  seen: number;
  met: number;
  since?: number;
}

const TEXTS = ['service', 'operation', 'kind', 'code', 'message', 'accessKeyId', 'contains', 'via'] as const;
const NUMBERS = ['status', 'after', 'times', 'forMs', 'delayMs'] as const;

export class Faults {
  private scripted: Scripted[] = [];
  private readonly now: () => Date;

  constructor(now: () => Date) {
    this.now = now;
  }

  /** @throws AwsError when it is not a {@link Fault}, saying what is wrong */
  add(value: unknown): void {
    for (const fault of Array.isArray(value) ? value : [value]) {
      this.scripted.push({ fault: checkFault(fault), seen: 0, met: 0 });
    }
  }

  /** All of them, or those of one access key. */
  clear(accessKeyId?: string): void {
    this.scripted =
      accessKeyId === undefined ? [] : this.scripted.filter(({ fault }) => fault.accessKeyId !== accessKeyId);
  }

  list(): readonly (Fault & { readonly met: number })[] {
    return this.scripted.map(({ fault, met }) => ({ ...fault, met }));
  }

  /** The fault that this call meets: the first one scripted that has its turn. Counts the call. */
  meet(target: FaultTarget): Fault | undefined {
    for (const entry of this.scripted) {
      const { fault } = entry;
      if (!concerns(fault, target)) continue;
      entry.seen += 1;
      if (entry.seen <= (fault.after ?? 0)) continue;
      if (fault.times !== undefined && entry.met >= fault.times) continue;
      const now = this.now().getTime();
      entry.since ??= now;
      if (fault.forMs !== undefined && now - entry.since > fault.forMs) continue;
      entry.met += 1;
      return fault;
    }
    return undefined;
  }
}

function concerns(fault: Fault, target: FaultTarget): boolean {
  return (
    (fault.service === '*' || fault.service === target.service) &&
    (fault.operation === '*' || fault.operation === target.operation) &&
    (fault.accessKeyId === undefined || fault.accessKeyId === target.accessKeyId) &&
    (fault.via === undefined || fault.via === target.via) &&
    (fault.contains === undefined || target.body?.includes(fault.contains) === true)
  );
}

function checkFault(value: unknown): Fault {
  const wrong = (message: string) => new AwsError('BadFault', `${message}: ${JSON.stringify(value)}`);
  if (typeof value !== 'object' || value === null) throw wrong('a fault is an object');
  const fault = value as Record<string, unknown>;
  for (const name of Object.keys(fault)) {
    if (![...TEXTS, ...NUMBERS, 'executed', 'answer'].includes(name as never))
      throw wrong(`unknown member ${name}`);
  }
  for (const name of TEXTS) {
    if (fault[name] !== undefined && typeof fault[name] !== 'string') throw wrong(`${name} is not a text`);
  }
  for (const name of NUMBERS) {
    if (fault[name] !== undefined && !(typeof fault[name] === 'number' && fault[name] >= 0)) {
      throw wrong(`${name} is not a number from 0`);
    }
  }
  for (const name of ['service', 'operation', 'kind']) {
    if (fault[name] === undefined) throw wrong(`${name} is missing`);
  }
  if (!FAULT_KINDS.includes(fault['kind'] as FaultKind)) {
    throw wrong(`kind is none of ${FAULT_KINDS.join(', ')}`);
  }
  const { kind, answer } = fault;
  if (
    kind === 'answer'
      ? typeof answer !== 'object' || answer === null
      : answer !== undefined && kind !== 'slow'
  ) {
    throw wrong('kind answer needs an object answer, and no other but slow takes one');
  }
  if (fault['kind'] === 'error' && fault['code'] === undefined) throw wrong('kind error needs a code');
  return fault as unknown as Fault;
}

/**
 * The error that a fault answers with, in the words of AWS for that protocol.
 * @returns undefined for `reset`, `no-answer`, `slow` and `answer`, which answer with none
 */
export function errorOf(
  fault: Fault,
  protocol: Protocol,
  call: { readonly principal: string; readonly action: string; readonly resource: string },
): AwsError | undefined {
  const words = wordsOf(fault.kind, protocol, call);
  if (words === undefined && fault.kind !== 'error') return undefined;
  const [code, message, status] = words ?? ['InternalFailure', '', 400];
  return new AwsError(fault.code ?? code, fault.message ?? message, fault.status ?? status);
}

function wordsOf(
  kind: FaultKind,
  protocol: Protocol,
  {
    principal,
    action,
    resource,
  }: { readonly principal: string; readonly action: string; readonly resource: string },
): readonly [string, string, number] | undefined {
  const json = protocol === 'json' || protocol === 'rest-json';
  const s3 = protocol === 's3';
  switch (kind) {
    case 'throttling':
      if (s3) return ['SlowDown', 'Please reduce your request rate.', 503];
      return [json ? 'ThrottlingException' : 'Throttling', 'Rate exceeded', 400];
    case 'internal-error':
      if (s3) return ['InternalError', 'We encountered an internal error. Please try again.', 500];
      return [
        'InternalFailure',
        'The request processing has failed because of an unknown error, exception or failure.',
        500,
      ];
    case 'unavailable':
      if (s3) return ['ServiceUnavailable', 'Service is unable to handle request.', 503];
      return ['ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', 503];
    case 'expired-token':
      if (s3) return ['ExpiredToken', 'The provided token has expired.', 400];
      return [
        json ? 'ExpiredTokenException' : 'ExpiredToken',
        'The security token included in the request is expired',
        json ? 400 : 403,
      ];
    case 'access-denied':
      return [
        json ? 'AccessDeniedException' : 'AccessDenied',
        `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        protocol === 'json' ? 400 : 403,
      ];
    default:
      return undefined;
  }
}
