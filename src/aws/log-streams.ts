import type { AwsPlan } from '../plan.js';
import { AwsError } from './aws-error.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { RetryPolicy } from './retry-policy.js';

/** Log streams of CloudWatch that belong together. Every call rejects with {@link AwsError}, or CanceledError. */
export interface LogStreams {
  /** Names of the streams so far of a job, or of an endpoint. May be empty. */
  streams(owner: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * The events after the token; without one, from the stream's beginning.
   *
   * @returns undefined when the stream is not there yet
   */
  page(stream: string, token: string | undefined, signal: AbortSignal): Promise<LogPage | undefined>;
}

export interface LogPage {
  readonly events: readonly LogEvent[];
  /** Where the next page begins. The same as the one that was sent: there is nothing more for now. */
  readonly next: string;
}

export interface LogEvent {
  /** What the container wrote. May hold several lines. Untrusted. */
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** Tokens live for 24 hours: the stream is to be read from its beginning again. */
export class StaleTokenError extends Error {
  override readonly name = 'StaleTokenError';
}

/** What is known of a stream before its events are read. */
export interface LogStream {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt?: number;
  readonly lastEventAt?: number;
}

/** One log group. Every call rejects with {@link AwsError}, or CanceledError. */
export interface LogGroup {
  /**
   * Its streams, page by page.
   *
   * @param prefix that their names begin with; absent: all, the one that was written to last first
   */
  list(prefix: string | undefined, signal: AbortSignal): AsyncGenerator<readonly LogStream[]>;
  page: LogStreams['page'];
}

/** @param attempts of one call */
export async function openLogGroup(plan: AwsPlan, attempts: number, name: string): Promise<LogGroup> {
  const sdk = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new sdk.CloudWatchLogsClient({
    ...clientOptions(plan),
    maxAttempts: attempts,
    retryStrategy: new RetryPolicy(attempts),
  });
  return {
    async *list(prefix, signal) {
      const which =
        prefix === undefined
          ? ({ orderBy: 'LastEventTime', descending: true } as const)
          : { logStreamNamePrefix: prefix };
      let nextToken: string | undefined;
      do {
        const page = await orUndefined(
          call('logs:DescribeLogStreams', signal, (options) =>
            client.send(
              new sdk.DescribeLogStreamsCommand({
                logGroupName: name,
                ...which,
                ...(nextToken && { nextToken }),
              }),
              options,
            ),
          ),
        );
        yield (page?.logStreams ?? []).flatMap(({ logStreamName, creationTime, lastEventTimestamp }) =>
          logStreamName
            ? [
                {
                  name: logStreamName,
                  ...(creationTime !== undefined && { createdAt: creationTime }),
                  ...(lastEventTimestamp !== undefined && { lastEventAt: lastEventTimestamp }),
                },
              ]
            : [],
        );
        nextToken = page?.nextToken;
      } while (nextToken);
    },
    async page(stream, token, signal) {
      try {
        const page = await orUndefined(
          call('logs:GetLogEvents', signal, (options) =>
            client.send(
              new sdk.GetLogEventsCommand({
                logGroupName: name,
                logStreamName: stream,
                startFromHead: true,
                ...(token && { nextToken: token }),
              }),
              options,
            ),
          ),
        );
        return (
          page && {
            events: (page.events ?? []).map(({ message = '', timestamp = 0 }) => ({ message, timestamp })),
            // AWS's is never null; without one there is nothing to go on from but the place that we had.
            next: page.nextForwardToken ?? token ?? '',
          }
        );
      } catch (error) {
        if (token && error instanceof AwsError && /^InvalidParameter/.test(error.code)) {
          throw new StaleTokenError(error.message, { cause: error });
        }
        throw error;
      }
    },
  };
}

/** The group and the streams appear when a container first writes: until then they are not found. */
async function orUndefined<Page>(page: Promise<Page>): Promise<Page | undefined> {
  try {
    return await page;
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
