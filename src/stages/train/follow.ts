import { AwsError } from '../../aws/aws-error.js';
import type { LogEvent } from '../../aws/job-logs.js';
import type { DescribeTrainingJobResponse } from '../../aws/training-jobs.js';
import { CanceledError } from '../../docker/docker.js';
import type { FollowPlan, MetricDefinition, MetricRecord } from '../../plan.js';
import type { Log } from '../../runner/log.js';
import { linesOf } from '../../runner/tame.js';
import { isCapacityFailure } from './capacity-failure.js';
import type { Connect, Connection } from './connection.js';
import { Interval, limitAfter } from './interval.js';
import type { JobClock } from './job-clock.js';
import { JobMetrics } from './job-metrics.js';
import { LogReader } from './log-reader.js';
import { type HostTail, LogTails } from './log-tails.js';
import { machinesOf } from './machines.js';
import { Patience, wantsCredentials } from './patience.js';
import { stopReason } from './stop-when.js';
import { TransitionTeller, transitionsOf } from './transitions.js';
import { duration, figure } from './words.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Attempts of each call: following asks again by itself, with more patience. */
const ATTEMPTS = 3;

/** Milliseconds after a change until the job is asked again, and the bounds of what that grows to. */
const ASK = { first: 2 * SECOND, shortest: 10 * SECOND, longest: 25 * SECOND };
/** The same while its end is what comes next. */
const ASK_AT_END = { shortest: 5 * SECOND, longest: 15 * SECOND };
/** The same for the logs. */
const READ = { first: 4 * SECOND, shortest: 20 * SECOND, longest: 30 * SECOND };
/** For streams that are new: until every host has one, and then for those of hosts that are started again. */
const LOOK = { first: 3 * SECOND, longest: 30 * SECOND, allThere: 2 * MINUTE };
/** A pass over the logs lets the status be asked in between. */
const LONGEST_PASS = 10 * SECOND;
/**
 * The quota of GetLogEvents is the account's, 10 a second in many Regions. Calls that are refused mean that many follow
 * at once: each of them then reads less often, and more often again as passes come through.
 */
const CROWDED = { more: 2, less: 0.8, most: 4 };
const LOGS_DENIED = 5 * MINUTE;

/**
 * After the end: passes that bring nothing, and the time between them. CloudWatch promises no delay; for so long after
 * the end the first line of a host is waited for whose container was started. Only of a job that failed it is what
 * tells why: one that ended well and in silence is not held up for it.
 */
const DRAIN = {
  quietPasses: 2,
  between: 5 * SECOND,
  firstLine: { failed: MINUTE, other: 15 * SECOND },
  patience: MINUTE,
  longest: 20 * MINUTE,
};

/** A status that nobody knows is believed in for so long. */
const UNKNOWN_STATUS = 30 * MINUTE;
/** A job that AWS has taken the request to stop of, and that goes on: asked for again, and for so long in all. */
const STOP_AGAIN = { after: MINUTE, longest: 15 * MINUTE };
/** A container has 120 s to stop, then its model is uploaded. */
const LONGEST_STOP = 60 * MINUTE;

const PROGRESS = { shortest: MINUTE, longest: 10 * MINUTE };

/** Before these are over no container has written a line. Two are of elder jobs. */
const BEFORE_LOGS =
  /^(?:Starting|Pending|Downloading|LaunchingMLInstances|PreparingTrainingStack|DownloadingTrainingImage)$/;
const ENDING = /^(?:Uploading|Stopping)$/;

export interface FollowOptions {
  readonly name: string;
  readonly connect: Connect;
  readonly clock: JobClock;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly plan: FollowPlan;
  readonly metricDefinitions: readonly MetricDefinition[];
  /** False for a job that is not this run's own: it is never stopped. */
  readonly mayStop: boolean;
  /** US dollars for an hour of one instance, as soon as it is known. */
  readonly hourlyPrice: () => number | undefined;
  /** Called with the job whenever it was asked. */
  readonly onSeen: (job: DescribeTrainingJobResponse) => void;
}

/** What following found out, however it ended. */
export interface Followed {
  /**
   * `ended`: the job is over. `left`: it goes on, and is followed no more. `lost`: it could not be asked any more.
   */
  readonly end: 'ended' | 'left' | 'lost';
  /** Why it was left or lost, as a sentence, and what to do. */
  readonly why?: string;
  readonly fix?: string;
  /** As it was seen last; absent when it never was. */
  readonly job?: DescribeTrainingJobResponse;
  /** Why the action stopped it. */
  readonly stopped?: { readonly kind: 'stall' | 'stop-when' | 'timeout'; readonly because: string };
  readonly series: readonly MetricRecord[];
  readonly tail: HostTail;
  /** Lines that were read, of all hosts. */
  readonly lines: number;
  /** Log streams that appeared; absent when it may not be looked. */
  readonly logStreams?: number;
  readonly notices: readonly string[];
  /** What the job suffers nothing from, and its user should see to: a sentence with the fix each. */
  readonly warnings: readonly string[];
}

/**
 * Follows a job to its end, whether this run has started it or found it there: tells of each change of its status
 * and of each line of its logs once. The job itself is not touched, but for the reasons to stop it that the plan
 * names.
 *
 * @throws CanceledError when the signal is aborted before the job was seen to be over
 */
export function follow(options: FollowOptions): Promise<Followed> {
  return new Follower(options).run();
}

class Follower {
  readonly #notices: string[] = [];
  readonly #teller = new TransitionTeller();
  readonly #tails = new LogTails();
  readonly #metrics: JobMetrics;
  readonly #reader: LogReader;
  readonly #patience: { readonly job: Patience; readonly logs: Patience; readonly stop: Patience };
  readonly #intervals: { readonly job: Interval; readonly logs: Interval; readonly look: Interval };
  readonly #started: number;

  #connection: Connection | undefined;
  #connectedAt = 0;
  #job: DescribeTrainingJobResponse | undefined;
  #secondary = '';
  #secondarySince: number;
  #unknownSince: number | undefined;
  #stoppingSince: number | undefined;

  #jobDue = 0;
  #logsDue = 0;
  #lookDue = 0;
  /** Why the logs cannot be shown; undefined as long as they can. */
  #logsDenied: string | undefined;
  #caughtUp = false;
  /** By how much passes over the logs are further apart than they would be without throttled calls. */
  #crowded = 1;
  #lines = 0;
  #lastLine = 0;
  /** When a pass over the logs last came to its end; only then is silence known to be silence. */
  #lastPass: number | undefined;
  /** The one after which stop-when was asked for last. */
  #judgedPass: number | undefined;

  #stopped: Followed['stopped'];
  #stopDue = 0;
  /** When AWS first took the request to stop it. */
  #stopTaken: number | undefined;
  /** When asking for it first failed. */
  #stopSince = 0;
  #end: Pick<Followed, 'end' | 'why' | 'fix'> | undefined;

  #progressAt: number;
  #progressSaid = '';

  constructor(private readonly options: FollowOptions) {
    const { clock, metricDefinitions, name } = options;
    const random = () => clock.random();
    this.#metrics = new JobMetrics(metricDefinitions);
    this.#reader = new LogReader(name, (host, events, stream) => this.#take(host, events, stream));
    this.#patience = { job: new Patience(random), logs: new Patience(random), stop: new Patience(random) };
    this.#intervals = {
      job: new Interval(ASK.first, random),
      logs: new Interval(READ.first, random),
      look: new Interval(LOOK.first, random),
    };
    this.#started = clock.now();
    this.#secondarySince = this.#started;
    this.#progressAt = this.#started;
  }

  async run(): Promise<Followed> {
    const { clock, signal } = this.options;
    while (this.#end === undefined) {
      this.#throwIfCanceled();
      await this.#connect();
      const now = clock.now();
      const connection = this.#connection;
      if (connection !== undefined) {
        await Promise.all([
          now >= this.#jobDue && this.#ask(connection),
          now >= this.#logsDue && this.#readLogs(connection),
        ]);
      }
      // One that has just been seen to be over is told to its end.
      if (this.#end === undefined) this.#throwIfCanceled();
      this.#watch();
      await this.#stop();
      this.#tellProgress();
      if (this.#end === undefined) await clock.sleep(this.#untilNext(), signal);
    }
    if (this.#end.end === 'ended' && !this.#hadNoInstances) await this.#drain();
    // Permission may come minutes after the job was created: what counts is whether it was there in the end.
    const denied = this.#logsDenied === undefined ? [] : [this.#logsDenied];
    return {
      ...this.#end,
      ...(this.#job && { job: this.#job }),
      ...(this.#stopped && { stopped: this.#stopped }),
      series: this.#metrics.series,
      tail: this.#tail(),
      lines: this.#lines,
      ...(this.#logsDenied === undefined && { logStreams: this.#reader.streamCount }),
      notices: [...this.#notices, ...denied],
      warnings: denied,
    };
  }

  /** Milliseconds until there is something to do. */
  #untilNext(): number {
    const now = this.options.clock.now();
    const { timeoutSeconds } = this.options.plan;
    const due = [this.#jobDue, this.#logsDue];
    if (timeoutSeconds !== undefined && this.#stopped === undefined) {
      due.push(this.#started + timeoutSeconds * SECOND);
    }
    if (this.#stopped !== undefined && this.#stoppingSince === undefined) due.push(this.#stopDue);
    return Math.max(Math.min(...due) - now, 10);
  }

  // The status

  async #ask({ jobs }: Connection): Promise<void> {
    const { clock, name, signal, onSeen } = this.options;
    let job: DescribeTrainingJobResponse | undefined;
    try {
      job = await jobs.describe(name, signal);
      if (job === undefined) throw gone(name);
    } catch (error) {
      this.#failedToAsk(error);
      return;
    }
    const now = clock.now();
    const lasted = this.#patience.job.worked(now);
    if (lasted > MINUTE) this.options.log.info(`AWS answers again, after ${duration(lasted / SECOND)}.`);
    this.#job = job;
    onSeen(job);
    const transitions = transitionsOf(job);
    const news = this.#teller.news(transitions);
    for (const line of news) this.options.log.info(line);
    const secondary = job.SecondaryStatus ?? '';
    if (secondary !== this.#secondary || news.length > 0) this.#intervals.job.wake();
    if (secondary !== this.#secondary) {
      const since = job.SecondaryStatusTransitions?.at(-1)?.StartTime?.getTime();
      // A clock that is wrong here must not make it the future.
      this.#secondarySince = Math.min(since ?? now, now);
      this.#secondary = secondary;
      this.#intervals.logs.wake();
      this.#intervals.look.wake();
      this.#logsDue = Math.min(this.#logsDue, now + READ.first);
      this.#lookDue = 0;
    }
    this.#judgeStatus(job.TrainingJobStatus ?? '', now);
    const limits = ENDING.test(secondary) ? ASK_AT_END : ASK;
    const limit = limitAfter(now - this.#secondarySince, limits.shortest, limits.longest);
    this.#jobDue = now + this.#intervals.job.next(limit);
  }

  #judgeStatus(status: string, now: number): void {
    if (/^(?:Completed|Failed|Stopped)$/.test(status)) {
      this.#end = { end: 'ended' };
      return;
    }
    if (status === 'Stopping') {
      this.#stoppingSince ??= now;
      if (now - this.#stoppingSince > LONGEST_STOP) {
        this.#end = {
          end: 'lost',
          why: `The job has been stopping for ${duration(LONGEST_STOP / SECOND)} and has not stopped.`,
          fix: 'Look at the job in the console, and ask AWS support when it stays like this.',
        };
      }
      return;
    }
    if (status === 'InProgress') {
      this.#unknownSince = undefined;
      return;
    }
    if (this.#unknownSince === undefined) {
      this.#unknownSince = now;
      this.options.log.info(`The job has the status ${status}, which this action does not know.`);
    } else if (now - this.#unknownSince > UNKNOWN_STATUS) {
      this.#end = {
        end: 'lost',
        why: `The job has had the status ${status}, which this action does not know, for ${duration(UNKNOWN_STATUS / SECOND)}.`,
        fix: 'Look at the job in the console. A newer version of the action may know this status.',
      };
    }
  }

  #failedToAsk(error: unknown): void {
    this.#throwIfCanceled();
    if (!(error instanceof AwsError)) throw error;
    const now = this.options.clock.now();
    const first = !this.#patience.job.failing;
    const wait = this.#patience.job.failed(error.kind, now);
    if (wait === undefined) {
      this.#end = { end: 'lost', why: error.message, fix: error.fix };
      return;
    }
    if (first) {
      this.options.log.info(
        `The job cannot be asked for now; it goes on, and is asked again. ${error.message}`,
      );
    }
    if (wantsCredentials(error.kind)) this.#connection = undefined;
    this.#jobDue = now + wait;
  }

  /** The first connection, or another one, with credentials as they are now. */
  async #connect(): Promise<void> {
    if (this.#connection !== undefined) return;
    const { clock, connect } = this.options;
    const now = clock.now();
    try {
      this.#connection = await connect(ATTEMPTS);
      this.#connectedAt = now;
    } catch (error) {
      this.#failedToAsk(error);
      this.#logsDue = Math.max(this.#logsDue, this.#jobDue);
    }
  }

  // The logs

  async #readLogs(connection: Connection): Promise<void> {
    const { clock, signal } = this.options;
    if (this.#secondary === '' || BEFORE_LOGS.test(this.#secondary)) {
      this.#logsDue = clock.now() + READ.first;
      return;
    }
    const passStarted = clock.now();
    const enough = () => clock.now() - passStarted > LONGEST_PASS;
    const { throttles } = connection.logs;
    try {
      if (passStarted >= this.#lookDue) await this.#look(connection);
      await this.#reader.read(connection.logs, signal, false, enough);
    } catch (error) {
      this.#failedToRead(error);
      return;
    } finally {
      const change = connection.logs.throttles > throttles ? CROWDED.more : CROWDED.less;
      this.#crowded = Math.min(Math.max(this.#crowded * change, 1), CROWDED.most);
    }
    const now = clock.now();
    this.#logsWorked(now);
    if (enough()) {
      this.#logsDue = now;
      return;
    }
    this.#caughtUp = true;
    this.#lastPass = now;
    // More hosts make more calls: a pass over many of them comes less often.
    const crowd = Math.max(1, this.#reader.streamCount / 4);
    const limit = limitAfter(now - this.#secondarySince, READ.shortest, READ.longest);
    this.#logsDue = now + this.#intervals.logs.next(limit) * crowd * this.#crowded;
  }

  async #look({ logs }: Connection): Promise<number> {
    const { clock, signal } = this.options;
    const found = await this.#reader.look(logs, signal);
    const hosts = machinesOf(this.#job?.ResourceConfig).count;
    const allThere = this.#reader.hostCount >= hosts;
    this.#lookDue = clock.now() + (allThere ? LOOK.allThere : this.#intervals.look.next(LOOK.longest));
    return found;
  }

  #failedToRead(error: unknown): void {
    // A cancel is told where the job's own status is: it may have come to its end at the same time.
    if (this.options.signal.aborted) return;
    if (!(error instanceof AwsError)) throw error;
    const now = this.options.clock.now();
    if (error.kind === 'access-denied') {
      if (this.#logsDenied === undefined) {
        const { stallTimeoutSeconds } = this.options.plan;
        const without = stallTimeoutSeconds === undefined ? '' : ' Nor can stall-timeout be watched.';
        this.#logsDenied = `The job's logs cannot be shown: ${error.message} ${error.fix} The job does not suffer from it.${without}`;
        this.options.log.info(this.#logsDenied);
      }
      this.#logsDue = now + LOGS_DENIED;
      return;
    }
    if (!this.#patience.logs.failing) {
      this.options.log.info(`The logs cannot be read for now; they are read again. ${error.message}`);
    }
    // Logs are never a reason to give up on the job: when the patience is at its end, it begins anew.
    const wait = this.#patience.logs.failed(error.kind, now) ?? LOGS_DENIED;
    // Another connection, but not one for each failure: what the chain gives may be just as old.
    if (wantsCredentials(error.kind) && now - this.#connectedAt > 30 * SECOND) this.#connection = undefined;
    this.#logsDue = now + wait;
  }

  #logsWorked(now: number): void {
    this.#patience.logs.worked(now);
    if (this.#logsDenied !== undefined) {
      this.#logsDenied = undefined;
      this.options.log.info('The logs can be read now.');
    }
  }

  #take(host: string, events: readonly LogEvent[], stream: string): void {
    const { clock, log, plan } = this.options;
    const now = clock.now();
    const lines: string[] = [];
    const times: number[] = [];
    for (const { message, timestamp } of events) {
      // What was written before this run looked has its own time; later, a line counts when it comes.
      this.#lastLine = Math.max(this.#lastLine, this.#caughtUp ? now : timestamp);
      if (!LINE_END.test(message)) {
        lines.push(message);
        times.push(timestamp);
        continue;
      }
      for (const line of linesOf(message.replace(LINE_ENDS, ''))) {
        lines.push(line);
        times.push(timestamp);
      }
    }
    this.#metrics.push(host, lines, times);
    this.#tails.push(host, stream, lines, times);
    this.#lines += lines.length;
    if (plan.streamLogs) log.untrusted(host, lines);
  }

  /** After the end: what CloudWatch still brings, until nothing more comes. */
  async #drain(): Promise<void> {
    const { clock, signal } = this.options;
    const started = clock.now();
    let lastWorked = started;
    let quiet = 0;
    let missing: string | undefined;
    const isDone = () =>
      this.#logsDenied !== undefined || (quiet >= DRAIN.quietPasses && !this.#mayComeLate(started));
    while (!isDone()) {
      const now = clock.now();
      if (signal.aborted) {
        // The job is over: a cancel takes nothing from its result but the patience for its last lines.
        missing = 'the run was canceled while they were read';
        break;
      }
      if (now - lastWorked > DRAIN.patience || now - started > DRAIN.longest) {
        missing = 'CloudWatch did not give them in time';
        break;
      }
      try {
        this.#connection ??= await this.options.connect(ATTEMPTS);
        const found = await this.#look(this.#connection);
        const events = await this.#reader.read(this.#connection.logs, signal, true);
        if (signal.aborted) continue;
        this.#logsWorked(clock.now());
        quiet = found + events > 0 ? 0 : quiet + 1;
        lastWorked = clock.now();
      } catch (error) {
        this.#failedToRead(error);
      }
      if (!isDone()) await clock.sleep(DRAIN.between, signal);
    }
    if (missing !== undefined) this.#notice(`The end of the logs may be missing: ${missing}.`);
    else if (this.#reader.streamCount === 0 && this.#logsDenied === undefined) {
      this.#notice(
        this.#reachedTraining
          ? 'No log stream of the job appeared, though it reached the status Training: its container wrote nothing, or the execution role may not write logs (logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents), or CloudWatch has them later than it was waited for after the end.'
          : 'No log stream of the job ever appeared: it ended before the status Training, so that its container did not run.',
      );
    }
  }

  /** Nothing ever wrote a line, and nothing will. */
  get #hadNoInstances(): boolean {
    return (
      isCapacityFailure(this.#job?.FailureReason) && !this.#reachedTraining && this.#reader.streamCount === 0
    );
  }

  /** Containers are started in this status. */
  get #reachedTraining(): boolean {
    return this.#job?.SecondaryStatusTransitions?.some(({ Status }) => Status === 'Training') === true;
  }

  /** A host whose container was started has no line yet, and the job has not been over for long. */
  #mayComeLate(drainStarted: number): boolean {
    if (!this.#reachedTraining) return false;
    const { ResourceConfig, SecondaryStatusTransitions, TrainingJobStatus } = this.#job ?? {};
    if (this.#reader.heardHostCount >= machinesOf(ResourceConfig).count) return false;
    const ended = SecondaryStatusTransitions?.at(-1)?.StartTime?.getTime() ?? drainStarted;
    // A clock that is wrong here must not make it the future.
    const { failed, other } = DRAIN.firstLine;
    const wait = TrainingJobStatus === 'Failed' ? failed : other;
    return this.options.clock.now() < Math.min(ended, drainStarted) + wait;
  }

  /** The last lines of the host that most likely has the reason, should the job have failed. */
  #tail(): HostTail {
    const transitions = this.#job?.SecondaryStatusTransitions ?? [];
    const broken = transitions.findLastIndex(({ Status }) =>
      /^(?:Interrupted|Restarting)$/.test(Status ?? ''),
    );
    // What follows is the next start; until there is one, the lines before it are the last that there are.
    const restartedAt = broken < 0 ? undefined : transitions[broken + 1]?.StartTime?.getTime();
    return this.#tails.telling({
      failureReason: this.#job?.FailureReason,
      restartedAt,
      lastStream: (host) => this.#reader.lastStreamOf(host),
    });
  }

  // Reasons to stop

  #watch(): void {
    if (this.#end !== undefined || this.#stopped !== undefined || this.#stoppingSince !== undefined) return;
    const { clock, plan } = this.options;
    const now = clock.now();
    const { timeoutSeconds, stallTimeoutSeconds } = plan;
    if (timeoutSeconds !== undefined && now - this.#started >= timeoutSeconds * SECOND) {
      const because = `it did not end within ${duration(timeoutSeconds)} (timeout)`;
      if (plan.stopOnCancel) this.#stopped = { kind: 'timeout', because };
      else this.#leave(`The job was left running: ${because}, and stop-on-cancel is false.`);
      return;
    }
    const reason = this.#noLongerBetter();
    if (reason !== undefined) {
      this.#stopped = { kind: 'stop-when', because: reason };
      return;
    }
    if (
      stallTimeoutSeconds !== undefined &&
      this.#secondary === 'Training' &&
      this.#lastPass !== undefined &&
      this.#lastPass - Math.max(this.#lastLine, this.#secondarySince) >= stallTimeoutSeconds * SECOND
    ) {
      this.#stopped = {
        kind: 'stall',
        because: `it has written no line for ${duration(stallTimeoutSeconds)} (stall-timeout)`,
      };
    }
  }

  /**
   * Judged when a pass over the logs has come to its end, by the values of all hosts: in the middle of one, those of
   * the hosts that were read first would stand alone.
   */
  #noLongerBetter(): string | undefined {
    const { stopWhen } = this.options.plan;
    if (stopWhen === undefined || this.#lastPass === this.#judgedPass) return undefined;
    this.#judgedPass = this.#lastPass;
    const series = this.#metrics.series.find(({ name }) => name === stopWhen.metric);
    return stopReason(stopWhen, series?.values ?? []);
  }

  /** Stops the job when there is a reason to; tries again until AWS has taken it, and is seen to be at it. */
  async #stop(): Promise<void> {
    if (this.#stopped === undefined || this.#stoppingSince !== undefined || this.#end !== undefined) return;
    const { clock, log, mayStop, name, signal } = this.options;
    const { because } = this.#stopped;
    if (!mayStop) {
      this.#leave(
        `The job should be stopped: ${because}. It was left running: this step has not started it.`,
      );
      return;
    }
    const now = clock.now();
    if (now < this.#stopDue || this.#connection === undefined) return;
    if (this.#stopTaken !== undefined && now - this.#stopTaken > STOP_AGAIN.longest) {
      this.#leave(
        `The job should be stopped: ${because}. It goes on, and is paid for: AWS has taken the request ${duration((now - this.#stopTaken) / SECOND)} ago, and the job is not stopping.`,
        'Look at the job in the console, and ask AWS support when it stays like this.',
      );
      return;
    }
    try {
      await this.#connection.jobs.stop(name, signal);
    } catch (error) {
      this.#throwIfCanceled();
      if (!(error instanceof AwsError)) throw error;
      if (error.kind === 'access-denied') {
        this.#leave(`The job should be stopped: ${because}. It goes on: ${error.message}`, error.fix);
        return;
      }
      const first = !this.#patience.stop.failing;
      const failedAt = clock.now();
      const wait = this.#patience.stop.failed(error.kind, failedAt);
      if (wait === undefined) {
        this.#leave(
          `The job should be stopped: ${because}. It goes on, and is paid for: AWS has not taken the request for ${duration((failedAt - this.#stopSince) / SECOND)}. ${error.message}`,
          error.fix,
        );
        return;
      }
      if (first) {
        this.#stopSince = failedAt;
        log.info(
          `The job should be stopped: ${because}. It cannot be for now, which is tried again. ${error.message}`,
        );
      }
      this.#stopDue = failedAt + wait;
      if (wantsCredentials(error.kind)) this.#connection = undefined;
      return;
    }
    this.#patience.stop.worked(now);
    this.#stopDue = now + STOP_AGAIN.after;
    this.#intervals.job.wake();
    this.#jobDue = now + ASK.first;
    if (this.#stopTaken === undefined) log.info(`Stopping the job: ${because}.`);
    this.#stopTaken ??= now;
  }

  #leave(why: string, fix?: string): void {
    this.#end = { end: 'left', why, ...(fix !== undefined && { fix }) };
  }

  // What people read

  #notice(message: string): void {
    this.#notices.push(message);
    this.options.log.info(message);
  }

  /** One line when there is something new to say, less often the longer the job runs. */
  #tellProgress(): void {
    if (this.#end !== undefined || this.#job === undefined) return;
    const now = this.options.clock.now();
    const created = this.#job.CreationTime?.getTime() ?? this.#started;
    const waited = now - this.#progressAt;
    if (waited < limitAfter(now - created, PROGRESS.shortest, PROGRESS.longest)) return;
    const metrics = this.#metrics.series
      .filter(({ values }) => values.length > 0)
      .map(({ name, values }) => `${name} ${figure(values.at(-1) ?? 0)}`)
      .join(', ');
    if (metrics === this.#progressSaid && waited < PROGRESS.longest) return;
    this.#progressSaid = metrics;
    this.#progressAt = now;
    const cost = this.#costSoFar(now);
    const parts = [
      `${duration((now - created) / SECOND)} since the job was created`,
      this.#secondary,
      metrics,
      cost === undefined ? '' : `about $${cost.toFixed(2)} so far`,
    ];
    this.options.log.info(parts.filter(Boolean).join(' · '));
  }

  #costSoFar(now: number): number | undefined {
    const { TrainingStartTime, ResourceConfig } = this.#job ?? {};
    const hourlyPrice = this.options.hourlyPrice();
    if (hourlyPrice === undefined || TrainingStartTime === undefined) return undefined;
    const hours = Math.max(0, now - TrainingStartTime.getTime()) / (60 * MINUTE);
    return hours * hourlyPrice * machinesOf(ResourceConfig).count;
  }

  #throwIfCanceled(): void {
    if (this.options.signal.aborted) throw new CanceledError();
  }
}

const LINE_END = /[\r\n]/;
const LINE_ENDS = /[\r\n]+$/;

const gone = (name: string): AwsError =>
  new AwsError(
    'not-found',
    'sagemaker:DescribeTrainingJob',
    'ValidationException',
    `There is no training job ${name} in this account and Region.`,
    'Check `aws-region` and the account of the credentials.',
  );
