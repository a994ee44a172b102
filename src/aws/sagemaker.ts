import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { AwsPlan } from '../plan.js';
import { AwsError } from './aws-error.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { type Pace, RetryPolicy, systemPace } from './retry-policy.js';

/** SageMaker's control plane in one Region: what its files here have in common. */
export interface SageMaker {
  readonly sdk: typeof import('@aws-sdk/client-sagemaker');
  readonly client: SageMakerClient;
  readonly region: string;
}

/**
 * A client of its own: its credentials are asked of the provider chain again.
 *
 * @param attempts of one call. Who asks again and again by himself needs few.
 * @param action the call as IAM names it, for which the Region is wanted
 * @param pace time and chance of waiting between attempts
 */
export async function openSageMaker(
  plan: AwsPlan,
  attempts: number,
  action: string,
  pace: Pace = systemPace,
): Promise<SageMaker> {
  const sdk = await import('@aws-sdk/client-sagemaker');
  const client = new sdk.SageMakerClient({
    ...clientOptions(plan, pace),
    maxAttempts: attempts,
    retryStrategy: new RetryPolicy(attempts, pace),
  });
  const region = await call(action, new AbortController().signal, () => client.config.region());
  return { sdk, client, region };
}

/** What the SDK's commands have in common, as far as it is needed here. */
interface Command {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<never>) => (args: never) => Promise<never>,
      options: { step: 'build'; priority: 'high'; name: string },
    ): void;
  };
}

/**
 * The command with the request as its whole body: the SDK would leave out, without a word, every field that is
 * newer than its version of the API.
 */
export function sendingWhole<Of extends object>(command: Of, request: object): Of {
  (command as unknown as Command).middlewareStack.add(
    (next) => (args) => {
      const { request: http } = args as { request: object };
      return next({ ...(args as object), request: withBody(http, JSON.stringify(request)) } as never);
    },
    { step: 'build', priority: 'high', name: 'wholeRequest' },
  );
  return command;
}

/** The HTTP request with another body; its length is counted after this. */
const withBody = (request: object, body: string): object => Object.assign(request, { body });

/** The tags of anything that SageMaker has, by its ARN; none of what is gone. */
export async function tagsOf(
  { sdk, client }: SageMaker,
  arn: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const tags = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await orAbsent(
      call('sagemaker:ListTags', signal, (options) =>
        client.send(new sdk.ListTagsCommand({ ResourceArn: arn, ...(NextToken && { NextToken }) }), options),
      ),
    );
    if (page === undefined) return new Map();
    for (const { Key, Value } of page.Tags ?? []) if (Key !== undefined) tags.set(Key, Value ?? '');
    NextToken = page.NextToken;
  } while (NextToken);
  return tags;
}

/**
 * Whether AWS says that a model, an endpoint or its configuration is not there. SageMaker has no code of its own
 * for that: it is a ValidationException, `Could not find endpoint "arn:…".` [obs], of ListTags
 * `Requested resource not found.` [obs]
 */
export const isNotFound = (error: unknown): boolean =>
  error instanceof AwsError &&
  (error.kind === 'not-found' ||
    (error.kind === 'invalid' && /\b(?:Could not find|Requested resource not found)\b/i.test(error.message)));

/** What a call gives; undefined when what it names is not there. */
export async function orAbsent<Output>(output: Promise<Output>): Promise<Output | undefined> {
  try {
    return await output;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** `removed`, or that there was nothing to remove. */
export type Removal = 'removed' | 'not-found';

export async function removalOf(call: Promise<unknown>): Promise<Removal> {
  return (await orAbsent(call.then(() => 'removed' as const))) ?? 'not-found';
}
