import type { AwsPlan } from '../plan.js';
import { AwsError, toAwsError } from './aws-error.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { readEventsAnswer } from './events-answer.js';
import { type Pace, RetryPolicy, systemPace } from './retry-policy.js';

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
  /**
   * The events, some hundred at a time. To be gone through once, and before the next page is asked for: a page is a
   * megabyte, and is taken apart as it is gone through. Throws AwsError at the piece from which on it makes no sense.
   */
  readonly pieces: Iterable<readonly LogEvent[]>;
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
  /** How often AWS has refused a call so far because the account made too many, made again or not. */
  readonly throttles: number;
  /**
   * Its streams, page by page.
   *
   * @param prefix that their names begin with; absent: all, the one that was written to last first
   */
  list(prefix: string | undefined, signal: AbortSignal): AsyncGenerator<readonly LogStream[]>;
  page: LogStreams['page'];
}

/**
 * @param attempts of one call
 * @param pace time and chance of waiting between them
 */
export async function openLogGroup(
  plan: AwsPlan,
  attempts: number,
  name: string,
  pace: Pace = systemPace,
): Promise<LogGroup> {
  const sdk = await import('@aws-sdk/client-cloudwatch-logs');
  const retryStrategy = new RetryPolicy(attempts, pace);
  const client = new sdk.CloudWatchLogsClient({
    ...clientOptions(plan, pace),
    maxAttempts: attempts,
    retryStrategy,
  });
  return {
    get throttles() {
      return retryStrategy.throttles;
    },
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
      const command = new sdk.GetLogEventsCommand({
        logGroupName: name,
        logStreamName: stream,
        startFromHead: true,
        ...(token && { nextToken: token }),
      });
      let pieces: Iterable<readonly LogEvent[]> = [];
      // The SDK takes each member of each event through its description of the API, which is slow for a million
      // lines: it is given the answer without the events.
      command.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          const response = result.response as { statusCode: number; body: AsyncIterable<Buffer> };
          if (response.statusCode !== 200) return result;
          const answer = await readEventsAnswer(response.body);
          pieces = piecesOf(answer.pieces, signal);
          return { ...result, response: { ...response, body: Buffer.from(answer.rest) } };
        },
        { step: 'deserialize', priority: 'low', name: 'eventsOfPage' },
      );
      try {
        const page = await orUndefined(
          call('logs:GetLogEvents', signal, (options) => client.send(command, options)),
        );
        // AWS's is never null; without one there is nothing to go on from but the place that we had.
        return page && { pieces, next: page.nextForwardToken ?? token ?? '' };
      } catch (error) {
        if (token && error instanceof AwsError && /^InvalidParameter/.test(error.code)) {
          throw new StaleTokenError(error.message, { cause: error });
        }
        throw error;
      }
    },
  };
}

function* piecesOf(
  pieces: Iterable<readonly LogEvent[]>,
  signal: AbortSignal,
): Generator<readonly LogEvent[], void, undefined> {
  try {
    yield* pieces;
  } catch (error) {
    throw toAwsError(error, 'logs:GetLogEvents', signal);
  }
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
