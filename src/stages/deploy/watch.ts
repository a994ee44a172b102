import { AwsError } from '../../aws/aws-error.js';
import { variantOfStream } from '../../aws/endpoint-logs.js';
import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { LogEvent, LogStreams } from '../../aws/log-streams.js';
import { LogTail } from '../../contract/log-lines.js';
import { CanceledError } from '../../docker/docker.js';
import type { SecondaryTransition } from '../../plan.js';
import type { Log } from '../../runner/log.js';
import { Interval, limitAfter } from '../train/interval.js';
import type { JobClock } from '../train/job-clock.js';
import { LogReader } from '../train/log-reader.js';
import { Patience, wantsCredentials } from '../train/patience.js';
import { duration } from '../train/words.js';
import type { ConnectDeploy, DeployConnection } from './connection.js';
import { type CrashLoop, CrashWatch } from './crash-watch.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Attempts of each call: watching asks again by itself, with more patience. */
const ATTEMPTS = 3;
/** Milliseconds after a change until the endpoint is asked again, and the bounds of what that grows to. */
const ASK = { first: 2 * SECOND, shortest: 8 * SECOND, longest: 20 * SECOND };
const READ = { first: 3 * SECOND, shortest: 6 * SECOND, longest: 15 * SECOND };
const LOGS_DENIED = 5 * MINUTE;
/** After a failure: passes over the logs that bring nothing, and the time between them. */
const DRAIN = { quietPasses: 2, between: 3 * SECOND, longest: 30 * SECOND };
const TAIL_LINES = 200;
const PROGRESS = 2 * MINUTE;

type Variant = NonNullable<DescribeEndpointOutput['ProductionVariants']>[number];

const OLD_FLEET = ' (old fleet)';

export interface WatchOptions {
  readonly name: string;
  readonly connect: ConnectDeploy;
  readonly clock: JobClock;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly streamLogs: boolean;
  /** Called with the endpoint whenever it was asked. */
  readonly onSeen: (endpoint: DescribeEndpointOutput | undefined) => void;
}

export interface Goal {
  /** Whether what is seen is the end of waiting; an endpoint that is not there is `undefined`. */
  readonly reached: (endpoint: DescribeEndpointOutput | undefined) => boolean;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** A crash loop ends the waiting too. */
  readonly endOnCrashLoop?: boolean;
  /** What is said when there is one. */
  readonly onCrashLoop?: string;
}

export type Watched =
  | { readonly end: 'reached'; readonly endpoint?: DescribeEndpointOutput }
  | { readonly end: 'timeout'; readonly endpoint?: DescribeEndpointOutput }
  | { readonly end: 'crash-loop'; readonly loop: CrashLoop; readonly endpoint?: DescribeEndpointOutput }
  /** It could not be asked any more. */
  | {
      readonly end: 'lost';
      readonly why: string;
      readonly fix: string;
      readonly endpoint?: DescribeEndpointOutput;
    };

/**
 * Watches an endpoint through a deployment: tells of each status of it and of its variants once, with the time that
 * it took, and of each line that its new containers print. It changes nothing.
 */
export class EndpointWatch {
  readonly notices: string[] = [];
  readonly #transitions: { -readonly [Key in keyof SecondaryTransition]: SecondaryTransition[Key] }[] = [];
  readonly #variantStatuses = new Set<string>();
  readonly #tails = new Map<string, LogTail>();
  readonly #crashes = new Map<string, CrashWatch>();
  readonly #patience: { readonly ask: Patience; readonly logs: Patience };

  #connection: DeployConnection | undefined;
  #logs: LogStreams | undefined;
  #logsSince: number | undefined;
  #reader: LogReader | undefined;
  #logsDenied = false;
  #lastStream = '';
  #crashTold = false;
  #status: string | undefined;
  #reason: string | undefined;
  #earlierReason: string | undefined;
  #isFirstSight = true;

  constructor(private readonly options: WatchOptions) {
    const random = () => options.clock.random();
    this.#patience = { ask: new Patience(random), logs: new Patience(random) };
  }

  /**
   * Statuses of the endpoint and (`AllTraffic: Baking`; of an update, `AllTraffic (new fleet): Baking`) of its variants,
   * each once, the oldest first.
   */
  get transitions(): readonly SecondaryTransition[] {
    return this.#transitions.map((transition) => ({ ...transition }));
  }

  /** Streams that appeared; undefined when logs were not asked for, or may not be seen. */
  get logStreams(): number | undefined {
    return this.#logsDenied ? undefined : this.#reader?.streamCount;
  }

  /**
   * FailureReason that the endpoint had before this run began to change it, as long as it has no other: SageMaker
   * leaves what it says of one update until the next has ended, or for good.
   */
  get earlierReason(): string | undefined {
    return this.#earlierReason;
  }

  get crashLoop(): CrashLoop | undefined {
    for (const watch of this.#crashes.values()) if (watch.loop !== undefined) return watch.loop;
    return undefined;
  }

  /** The last lines of the container that most likely has the reason for trouble. */
  get tail(): readonly string[] {
    const tails = [...this.#tails].map(([stream, tail]) => ({ stream, lines: tail.lines }));
    const telling =
      tails.find(({ lines }) => lines.some((line) => line.startsWith('Traceback (most recent call last)'))) ??
      tails.find(({ lines }) => lines.slice(-20).some((line) => /error|exception|fatal/i.test(line))) ??
      tails.find(({ stream }) => stream === this.#lastStream);
    return telling?.lines ?? [];
  }

  /**
   * This run has begun to change the endpoint: from now on the logs of containers that were started since then are
   * shown too, and what SageMaker gave as a reason until now is none of this change.
   */
  followLogs(since: number): void {
    if (this.#logsSince !== undefined) return;
    this.#earlierReason = this.#reason;
    this.#logsSince = since;
    this.#reader = new LogReader(
      this.options.name,
      (variant, events, stream) => {
        for (const event of events) this.#take(variant, event, stream);
      },
      variantOfStream,
    );
  }

  /** @throws CanceledError when the signal is aborted */
  async until({ reached, deadline, endOnCrashLoop = false, onCrashLoop }: Goal): Promise<Watched> {
    const { clock, signal, log } = this.options;
    const random = () => clock.random();
    const intervals = { ask: new Interval(ASK.first, random), logs: new Interval(READ.first, random) };
    let statusSince = clock.now();
    let askDue = 0;
    let logsDue = 0;
    let progressAt = statusSince;
    let endpoint: DescribeEndpointOutput | undefined;
    let trouble: { readonly why: string; readonly fix: string } | undefined;
    for (;;) {
      this.#throwIfCanceled();
      const now = clock.now();
      if (now >= askDue) {
        const before = this.#transitions.length;
        const answer = await this.#ask();
        this.#throwIfCanceled();
        if (answer.kind === 'lost') return { end: 'lost', ...answer, ...(endpoint && { endpoint }) };
        if (answer.kind === 'later') {
          trouble = { why: answer.why, fix: answer.fix };
          askDue = clock.now() + answer.wait;
        } else {
          trouble = undefined;
          endpoint = answer.endpoint;
          if (this.#transitions.length > before) {
            statusSince = clock.now();
            intervals.ask.wake();
            intervals.logs.wake();
          }
          if (reached(endpoint)) return { end: 'reached', ...(endpoint && { endpoint }) };
          askDue =
            clock.now() +
            intervals.ask.next(limitAfter(clock.now() - statusSince, ASK.shortest, ASK.longest));
        }
      }
      if (clock.now() >= logsDue && this.#reader !== undefined) {
        const wait = await this.#readLogs(false);
        this.#throwIfCanceled();
        logsDue =
          clock.now() +
          (wait ?? intervals.logs.next(limitAfter(clock.now() - statusSince, READ.shortest, READ.longest)));
        const loop = this.#tellCrashLoop(onCrashLoop);
        if (endOnCrashLoop && loop !== undefined) {
          return { end: 'crash-loop', loop, ...(endpoint && { endpoint }) };
        }
      }
      if (clock.now() >= deadline) {
        // How it is by now nobody knows when it could not be asked at the end.
        if (trouble !== undefined) return { end: 'lost', ...trouble, ...(endpoint && { endpoint }) };
        return { end: 'timeout', ...(endpoint && { endpoint }) };
      }
      if (clock.now() - progressAt >= PROGRESS && endpoint !== undefined) {
        progressAt = clock.now();
        log.info(
          `${duration((progressAt - statusSince) / SECOND)} since the last change · ${endpoint.EndpointStatus}`,
        );
      }
      const due = Math.min(askDue, this.#reader === undefined ? askDue : logsDue, deadline);
      await clock.sleep(Math.max(due - clock.now(), 10), signal);
    }
  }

  /** What CloudWatch still brings, until nothing more comes: for the end of a failure. */
  async drainLogs(): Promise<void> {
    if (this.#reader === undefined) return;
    const { clock, signal } = this.options;
    const started = clock.now();
    for (let quiet = 0; quiet < DRAIN.quietPasses && clock.now() - started < DRAIN.longest; ) {
      const before = this.#lines;
      await this.#readLogs(true);
      this.#throwIfCanceled();
      if (this.#logsDenied) return;
      quiet = this.#lines > before ? 0 : quiet + 1;
      if (quiet < DRAIN.quietPasses) await clock.sleep(DRAIN.between, signal);
    }
    if (this.#reader.streamCount === 0) {
      this.#notice(
        'No log stream of the new containers ever appeared: they did not start, or wrote nothing, or the execution role may not write logs (logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents).',
      );
    }
  }

  // The status

  async #ask(): Promise<
    | { readonly kind: 'seen'; readonly endpoint: DescribeEndpointOutput | undefined }
    | { readonly kind: 'later'; readonly wait: number; readonly why: string; readonly fix: string }
    | { readonly kind: 'lost'; readonly why: string; readonly fix: string }
  > {
    const { clock, name, signal, log, onSeen } = this.options;
    try {
      const { endpoints } = await this.#connected();
      const endpoint = await endpoints.describe(name, signal);
      const lasted = this.#patience.ask.worked(clock.now());
      if (lasted > MINUTE) log.info(`AWS answers again, after ${duration(lasted / SECOND)}.`);
      this.#see(endpoint);
      onSeen(endpoint);
      return { kind: 'seen', endpoint };
    } catch (error) {
      this.#throwIfCanceled();
      if (!(error instanceof AwsError)) throw error;
      const first = !this.#patience.ask.failing;
      const wait = this.#patience.ask.failed(error.kind, clock.now());
      if (wait === undefined) return { kind: 'lost', why: error.message, fix: error.fix };
      if (first) log.info(`The endpoint cannot be asked for now, which is tried again. ${error.message}`);
      if (wantsCredentials(error.kind)) this.#disconnect();
      return { kind: 'later', wait, why: error.message, fix: error.fix };
    }
  }

  #see(endpoint: DescribeEndpointOutput | undefined): void {
    const status = endpoint?.EndpointStatus ?? 'Deleted';
    // An endpoint that never was is no news.
    if (endpoint === undefined && this.#status === undefined) return;
    this.#seeReason(status, endpoint?.FailureReason);
    if (status !== this.#status) {
      this.#status = status;
      const reason = this.#reason === this.#earlierReason ? undefined : this.#reason;
      this.#transition(status, this.options.clock.now(), reason);
    }
    const { ProductionVariants: live = [], PendingDeploymentSummary } = endpoint ?? {};
    const pending = PendingDeploymentSummary?.ProductionVariants ?? [];
    // A variant has the same name in both fleets of an update.
    if (pending.length === 0) this.#seeVariants(live, '');
    else {
      this.#seeVariants(pending, ' (new fleet)');
      this.#seeVariants(live, OLD_FLEET);
    }
  }

  #seeReason(status: string, reason: string | undefined): void {
    this.#reason = reason;
    // Why it is Failed now is no news of another update.
    if (this.#isFirstSight && status !== 'Failed') this.#earlierReason = reason;
    else if (reason !== this.#earlierReason) this.#earlierReason = undefined;
    this.#isFirstSight = false;
  }

  #seeVariants(variants: readonly Pick<Variant, 'VariantName' | 'VariantStatus'>[], fleet: string): void {
    for (const { VariantName, VariantStatus = [] } of variants) {
      for (const { Status, StatusMessage, StartTime } of VariantStatus) {
        // When an update is through, its new fleet is the only one, and may still have the status that it had.
        const key = `${VariantName}${fleet === OLD_FLEET ? fleet : ''} ${Status} ${StartTime?.getTime() ?? ''}`;
        if (this.#variantStatuses.has(key)) continue;
        this.#variantStatuses.add(key);
        const now = this.options.clock.now();
        // A clock that is wrong here must not make it the future.
        const at = Math.min(StartTime?.getTime() ?? now, now);
        this.#transition(`${VariantName}${fleet}: ${Status}`, at, StatusMessage);
      }
    }
  }

  /** Of the endpoint, or of one variant: it ends the one before it of the same. */
  #transition(status: string, at: number, message?: string): void {
    const subject = subjectOf(status);
    const before = this.#transitions.findLast((other) => subjectOf(other.status) === subject);
    if (before !== undefined && before.seconds === undefined) {
      before.seconds = Math.max(0, (at - Date.parse(before.startedAt)) / SECOND);
    }
    this.#transitions.push({
      status,
      ...(message && { message }),
      startedAt: new Date(at).toISOString(),
    });
    const took =
      before?.seconds === undefined
        ? ''
        : ` (${before.status.slice(subject.length)} took ${duration(before.seconds)})`;
    this.options.log.info(`${status}${took}${message ? `: ${message}` : ''}`);
  }

  // The logs

  #lines = 0;

  /** @returns milliseconds until the next try, when it is not the usual time */
  async #readLogs(toEnd: boolean): Promise<number | undefined> {
    const { clock, signal, log, name } = this.options;
    const reader = this.#reader;
    if (reader === undefined) return undefined;
    try {
      const connection = await this.#connected();
      this.#logs ??= await connection.logs(name, this.#logsSince ?? 0);
      await reader.look(this.#logs, signal);
      await reader.read(this.#logs, signal, toEnd);
      this.#patience.logs.worked(clock.now());
      this.#logsDenied = false;
      return undefined;
    } catch (error) {
      this.#throwIfCanceled();
      if (!(error instanceof AwsError)) throw error;
      if (error.kind === 'access-denied') {
        if (!this.#logsDenied) {
          this.#logsDenied = true;
          this.#notice(`The endpoint's logs cannot be shown: ${error.message} ${error.fix}`);
        }
        return LOGS_DENIED;
      }
      if (!this.#patience.logs.failing) {
        log.info(`The logs cannot be read for now; they are read again. ${error.message}`);
      }
      if (wantsCredentials(error.kind)) this.#disconnect();
      return this.#patience.logs.failed(error.kind, clock.now()) ?? LOGS_DENIED;
    }
  }

  #take(variant: string, { message, timestamp }: LogEvent, stream: string): void {
    const { log, streamLogs } = this.options;
    let tail = this.#tails.get(stream);
    let crashes = this.#crashes.get(stream);
    if (tail === undefined || crashes === undefined) {
      tail = new LogTail(TAIL_LINES);
      crashes = new CrashWatch(variant);
      this.#tails.set(stream, tail);
      this.#crashes.set(stream, crashes);
    }
    this.#lastStream = stream;
    for (const line of message.replace(/[\r\n]+$/, '').split(/\r\n|\n|\r/)) {
      this.#lines += 1;
      if (streamLogs) log.untrusted(variant, line);
      tail.push(line);
      crashes.push(line, timestamp);
    }
  }

  #tellCrashLoop(consequence = ''): CrashLoop | undefined {
    const loop = this.crashLoop;
    if (loop !== undefined && !this.#crashTold) {
      this.#crashTold = true;
      this.options.log.info(`${crashSentence(loop)} ${consequence}`.trim());
    }
    return loop;
  }

  #notice(message: string): void {
    this.notices.push(message);
    this.options.log.info(message);
  }

  async #connected(): Promise<DeployConnection> {
    this.#connection ??= await this.options.connect(ATTEMPTS);
    return this.#connection;
  }

  #disconnect(): void {
    this.#connection = undefined;
    this.#logs = undefined;
  }

  #throwIfCanceled(): void {
    if (this.options.signal.aborted) throw new CanceledError();
  }
}

/** `AllTraffic: ` of a variant's status, `AllTraffic (new fleet): ` in an update; empty of the endpoint's own. */
const subjectOf = (status: string): string =>
  /^[a-zA-Z0-9-]+(?: \((?:new|old) fleet\))?: /.exec(status)?.[0] ?? '';

export const crashSentence = ({ variant, starts }: CrashLoop): string =>
  `The container of the variant ${variant} ends each time it is started (${starts} starts were seen), before it serves.`;
