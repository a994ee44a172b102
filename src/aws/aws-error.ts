import { CanceledError } from '../docker/docker.js';

/** What kind of trouble a call of AWS had: what can be done about it depends on this, not on the service. */
export type AwsErrorKind =
  | 'throttled'
  | 'access-denied'
  | 'expired-credentials'
  | 'no-credentials'
  | 'invalid-credentials'
  | 'no-region'
  | 'network'
  /** The way is there, and what answers is not who it should be: no further attempt helps. */
  | 'certificate'
  | 'server'
  | 'not-found'
  | 'conflict'
  | 'quota'
  | 'invalid';

/** A call of AWS that failed for good: its retries are used up, or it is of no use to repeat it. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  constructor(
    readonly kind: AwsErrorKind,
    /** The call as IAM names it: `ecr:CreateRepository`. */
    readonly action: string,
    /** AWS's own code (`RepositoryNotFoundException`), or the system's (`ECONNREFUSED`). */
    readonly code: string,
    /** What happened, in a sentence. Holds AWS's own words: untrusted. */
    message: string,
    /** What to do. */
    readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the SDK and Node put on errors. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response?: unknown;
}

/** The error's code, without `Exception`: services do not agree on whether it has one. */
const nameOf = (thrown: Thrown): string => (thrown.name ?? '').replace(/(?:Exception|Error|Fault)$/, '');

const KINDS: readonly (readonly [AwsErrorKind, RegExp])[] = [
  ['no-credentials', /^(?:CredentialsProvider|MissingAuthenticationToken|TokenProvider)$/],
  ['expired-credentials', /^(?:ExpiredToken|TokenRefreshRequired|RequestExpired|ExpiredTokenId)$/],
  [
    'invalid-credentials',
    /^(?:UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure|IncompleteSignature|NotAuthorized|RequestTimeTooSkewed|RequestInTheFuture|InvalidIdentityToken)$/,
  ],
  ['access-denied', /^(?:AccessDenied|UnauthorizedOperation|Unauthorized|KMSAccessDenied|Forbidden)$/],
  [
    'throttled',
    /^(?:Throttling|Throttled|ThrottledRequest|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete|ProvisionedThroughputExceeded)$/,
  ],
  ['network', /^(?:Timeout|RequestTimeout)$/],
  ['quota', /^(?:LimitExceeded|ResourceLimitExceeded|ServiceQuotaExceeded|TooManyTags)$/],
  ['not-found', /(?:NotFound|^NoSuch\w+|DoesNotExist)$/],
  ['conflict', /(?:AlreadyExists|InUse|Conflict|NotEmpty|^InvalidLayerPart|^UploadInProgress)$/],
  ['server', /^(?:InternalFailure|InternalServer|Server|ServiceUnavailable|Internal|ServiceInternal)$/],
];

const SYSTEM_CODES =
  /^(?:E(?:CONNREFUSED|CONNRESET|CONNABORTED|NOTFOUND|AI_AGAIN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|NETDOWN|PROTO)|UND_ERR_\w+|CERT_\w+|\w*_CERT\w*|UNABLE_TO_\w+|ERR_(?:TLS|SSL|HTTP2|PROXY)_\w+|HPE_\w+)$/;

/** By its members: errors of Node's own may come from another realm (a worker, a test's sandbox). */
const isError = (error: unknown): error is Error & Thrown =>
  typeof error === 'object' && error !== null && 'message' in error && 'name' in error;

/** The kind of what an SDK client threw; undefined when it did not come from AWS or the way to it. */
export function kindOf(error: unknown): AwsErrorKind | undefined {
  if (!isError(error)) return undefined;
  const thrown: Thrown = error;
  const status = thrown.$metadata?.httpStatusCode;
  // SageMaker and S3 say in a message of a general code what ECR has codes for.
  if (/^(?:The )?security token included in the request is expired/i.test(error.message)) {
    return 'expired-credentials';
  }
  if (/^Token is expired|SSO session .* has expired/i.test(error.message)) return 'expired-credentials';
  if (/^Region is missing/.test(error.message)) return 'no-region';
  const name = nameOf(thrown);
  for (const [kind, pattern] of KINDS) if (pattern.test(name)) return kind;
  const system = systemCode(error);
  if (system !== undefined) return CERTIFICATE.test(system) ? 'certificate' : 'network';
  if (status === undefined) return undefined;
  if (status === 429) return 'throttled';
  if (status >= 500) return 'server';
  if (status === 401 || status === 403) return 'access-denied';
  if (status === 404) return 'not-found';
  // 200 or none of AWS's words: a proxy or a captive portal answered in its place.
  return status >= 400 ? 'invalid' : 'network';
}

/** The system's code of a lost or refused connection, wherever in the chain of causes it stands. */
function systemCode(error: unknown, depth = 0): string | undefined {
  if (!isError(error) || depth > 5) return undefined;
  const { code, cause, errors } = error;
  if (typeof code === 'string' && SYSTEM_CODES.test(code)) return code;
  // The SDK wraps what it does not take for an error, and keeps the text only.
  const told = /\b(?:connect|getaddrinfo|read|write) (E[A-Z_]+)\b/.exec(error.message)?.[1];
  if (told !== undefined && SYSTEM_CODES.test(told)) return told;
  if (/\bsocket hang up$/.test(error.message)) return 'ECONNRESET';
  return (
    systemCode(cause, depth + 1) ??
    errors?.map((inner) => systemCode(inner, depth + 1)).find((found) => found)
  );
}

/**
 * What a client threw as an {@link AwsError}; a cancel as {@link CanceledError}. Anything else is a bug and comes
 * back as it is.
 *
 * @param action the call as IAM names it
 */
export function toAwsError(error: unknown, action: string, signal?: AbortSignal): unknown {
  if (error instanceof AwsError || error instanceof CanceledError) return error;
  if (signal?.aborted || (error as Thrown | undefined)?.name === 'AbortError') return new CanceledError();
  const kind = kindOf(error);
  if (kind === undefined) return error;
  const thrown = error as Error & Thrown;
  const code = systemCode(error) ?? thrown.name;
  const { message, fix } = WORDS[kind](action, thrown, code);
  return new AwsError(kind, action, code, message, fix, { cause: error });
}

type Words = (action: string, error: Error & Thrown, code: string) => { message: string; fix: string };

const CONFIGURE =
  'Add aws-actions/configure-aws-credentials with `role-to-assume` and `aws-region` before this step, and `permissions: { id-token: write, contents: read }` to the job.';

const WORDS: Readonly<Record<AwsErrorKind, Words>> = {
  'no-credentials': (action, error) => ({
    message: `There are no AWS credentials for ${action}: ${said(error)}.`,
    fix: `${CONFIGURE} Pull requests from forks get neither; run this stage for pushes only.`,
  }),
  'expired-credentials': (action, error) => ({
    message: `The AWS credentials have expired at ${action}: ${said(error)}.`,
    fix: 'Give the session more time: `role-duration-seconds` of aws-actions/configure-aws-credentials, up to the role’s maximum session duration; or get credentials again right before this step.',
  }),
  'invalid-credentials': (action, error, code) => ({
    message: `AWS does not take the credentials for ${action}: ${said(error)} (${code}).`,
    fix: `Check that access key, secret and session token belong together, that the user or role still exists, and that the runner’s clock is right. Better: no keys at all. ${CONFIGURE}`,
  }),
  'no-region': (action) => ({
    message: `No AWS Region is known for ${action}.`,
    fix: 'Set `aws-region`, or `aws-region` of aws-actions/configure-aws-credentials, which sets AWS_REGION for the steps after it.',
  }),
  'access-denied': (action, error) => accessDenied(action, error),
  throttled: (action, error, code) => ({
    message: `AWS kept refusing ${action} for too many calls${attempts(error)}: ${said(error)} (${code}).`,
    fix: 'Run it again later. When many workflows start at once, spread them, or let them wait for each other with a `concurrency:` group.',
  }),
  network: (action, error, code) => ({
    message: `AWS could not be reached for ${action}${attempts(error)}: ${said(error)} (${code}).`,
    fix: 'Run it again. On a runner of your own, check that it reaches AWS in this Region (DNS, proxy by HTTPS_PROXY, VPC endpoints), and `aws-region` for a typing error.',
  }),
  certificate: (action, error, code) => ({
    message: `The server’s certificate is not trusted at ${action}: ${said(error)} (${code}).`,
    fix: 'A proxy that opens TLS may stand in between. Put its certificate into a file on the runner, and have NODE_EXTRA_CA_CERTS name that file, in `env:` of the job.',
  }),
  server: (action, error, code) => ({
    message: `AWS had an error of its own at ${action}${attempts(error)}: ${said(error)} (${code}).`,
    fix: 'Run it again. If it goes on, look at https://health.aws.amazon.com/health/status.',
  }),
  'not-found': (action, error) => ({
    message: `AWS does not find what ${action} names: ${said(error)}.`,
    fix: 'Check the name, the account and `aws-region`.',
  }),
  conflict: (action, error) => ({
    message: `${action} met something that is there already, or in use: ${said(error)}.`,
    fix: 'Use another name, or run it again when the other one is done.',
  }),
  quota: (action, error) => ({
    message: `A quota of the account does not allow ${action}: ${said(error)}.`,
    fix: 'Ask for more in the console of Service Quotas, or remove what is no longer needed.',
  }),
  invalid: (action, error, code) => ({
    message: `AWS refuses the request of ${action}: ${said(error)} (${code}).`,
    fix: 'Change the input that the message names.',
  }),
};

const CERTIFICATE = /CERT|UNABLE_TO_|SELF_SIGNED/;

/** AWS's message as the part of a sentence. */
function said({ message, name }: Error): string {
  const text = message.replace(/\s+/g, ' ').trim();
  return /^(?:|UnknownError|Unknown)$/.test(text) ? `it gave no reason but ${name}` : text.replace(/\.$/, '');
}

function attempts({ $metadata }: Thrown): string {
  const count = $metadata?.attempts ?? 1;
  return count > 1 ? ` (${count} attempts)` : '';
}

/** IAM's sentence: who, what, on what, and which policy said no. */
function accessDenied(action: string, error: Error): { message: string; fix: string } {
  const text = said(error);
  const missing = /not authorized to perform:? ([a-z0-9-]+:\w+)/i.exec(text)?.[1] ?? action;
  const resource = /on resource:? ([^\s,]+)/i.exec(text)?.[1];
  const allowed = resource === undefined ? '' : ` on ${ofEveryRun(resource)}`;
  const user = /User:? (\S+)/.exec(text)?.[1];
  const who = user ?? 'the role that the job uses';
  return {
    message: `AWS denies ${missing}: ${text}.`,
    fix: /explicit deny/i.test(text)
      ? `A policy denies ${missing} to ${who} outright (often one of the organization, or a permissions boundary), so allowing it elsewhere is not enough: meet its condition, or have it changed.`
      : /resource-based policy/i.test(text)
        ? `Allow ${missing} to ${who} in the policy of ${resource ?? 'the resource itself'}: it belongs to another account, whose owner must agree.`
        : `Allow ${missing}${allowed} in the policy of ${who}. docs/permissions.md has the whole policy.`,
  };
}

/** The ARN for a policy: what a run names anew each time is to be allowed whatever its name is. */
const ofEveryRun = (arn: string): string =>
  arn
    .replace(/^(arn:[^:]*:sagemaker:[^:]*:\d*:(?:training-job|model|endpoint-config)\/).+$/, '$1*')
    .replace(/^(arn:[^:]*:logs:[^:]*:\d*:log-group:\/aws\/sagemaker\/[^:]*:log-stream:).*$/, '$1*');
