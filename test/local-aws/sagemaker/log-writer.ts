import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-cloudwatch-logs';
import type { JobClock } from './clock.js';
import type { LogScenario } from './scenario.js';

/** Of one PutLogEvents call. [doc] */
const BATCH_EVENTS = 10_000;
const BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD = 26;

interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

interface Waiting {
  readonly stream: string;
  readonly event: LogEvent;
  readonly due: number;
}

/** Where a program's lines go. Group and stream are made when it writes its first line. */
export interface LogDestination {
  readonly group: string;
  /** The stream of a source: a host, an instance. */
  stream(source: string): string;
}

/** A stream a host for one start of a job. @param epoch seconds since 1970: when this start was made */
export const trainingLog = (jobName: string, epoch: number): LogDestination => ({
  group: '/aws/sagemaker/TrainingJobs',
  stream: (host) => `${jobName}/${host}-${epoch}`,
});

/** Of an endpoint; its sources are `<variant>/<instance-id>`. */
export const endpointLog = (endpointName: string): LogDestination => ({
  group: `/aws/sagemaker/Endpoints/${endpointName}`,
  stream: (source) => source,
});

/** Brings lines to CloudWatch Logs, in batches as they come. */
export class LogWriter {
  #waiting: Waiting[] = [];
  readonly #streams = new Set<string>();
  #lines = 0;
  #closing = false;
  #wake = new AbortController();
  #writing: Promise<void> | undefined;

  constructor(
    private readonly client: CloudWatchLogsClient,
    private readonly clock: JobClock,
    private readonly destination: LogDestination,
    private readonly scenario: LogScenario,
    private readonly onError: (error: unknown) => void,
  ) {}

  push(source: string, line: string): void {
    if (this.scenario.written === false) {
      return;
    }
    this.#lines += 1;
    const timestamp = this.clock.now();
    const { delay = 0, late } = this.scenario;
    const extra = late !== undefined && this.#lines % late.every === 0 ? late.by : 0;
    this.#waiting.push({
      stream: this.destination.stream(source),
      // An event may not be empty. [model]
      event: { timestamp, message: line === '' ? ' ' : line },
      due: timestamp + delay + extra,
    });
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Everything that was pushed is there, however late it would have come, unless `now` is false. */
  async flush(now = true): Promise<void> {
    if (now) {
      this.#closing = true;
      this.#wake.abort();
    }
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.clock.sleep(this.scenario.interval ?? 50, this.#wake.signal);
      const now = this.#closing ? Number.POSITIVE_INFINITY : this.clock.now();
      const due = this.#waiting.filter((waiting) => waiting.due <= now);
      this.#waiting = this.#waiting.filter((waiting) => waiting.due > now);
      for (const [stream, events] of Map.groupBy(due, (waiting) => waiting.stream)) {
        await this.#put(
          stream,
          events.map(({ event }) => event),
        ).catch(this.onError);
      }
    }
  }

  async #put(stream: string, events: readonly LogEvent[]): Promise<void> {
    const logGroupName = this.destination.group;
    if (!this.#streams.has(stream)) {
      this.#streams.add(stream);
      const ours = { logGroupName, logStreamName: stream };
      await this.client.send(new CreateLogGroupCommand({ logGroupName })).catch(ignoreExisting);
      await this.client.send(new CreateLogStreamCommand(ours)).catch(ignoreExisting);
    }
    for (const logEvents of batches(events)) {
      await this.client.send(new PutLogEventsCommand({ logGroupName, logStreamName: stream, logEvents }));
    }
  }
}

function* batches(events: readonly LogEvent[]): Generator<LogEvent[]> {
  let batch: LogEvent[] = [];
  let bytes = 0;
  // One call must be in the order of time. [doc]
  for (const event of events.toSorted((a, b) => a.timestamp - b.timestamp)) {
    const size = Buffer.byteLength(event.message) + EVENT_OVERHEAD;
    if (batch.length === BATCH_EVENTS || bytes + size > BATCH_BYTES) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) {
    yield batch;
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof ResourceAlreadyExistsException)) {
    throw error;
  }
}
