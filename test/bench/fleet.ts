import type { Log } from '../../src/runner/log.js';
import { follow } from '../../src/stages/train/follow.js';
import type { JobClock } from '../../src/stages/train/job-clock.js';
import { VirtualClock } from '../unit/stages/train/virtual-clock.js';
import { median, mostWithin, seededRandom } from './figures.js';
import { linesOfJob, type Operation, type Quotas, SimulatedAccount } from './simulated-account.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const { signal } = new AbortController();

export interface FleetOptions {
  readonly followers: number;
  readonly quotas: Quotas;
  readonly seed: number;
  /** Seconds within which the jobs are started; 0: all at once. */
  readonly startedWithin: number;
}

export interface FleetResult {
  /** Seconds from the end of a job until its follower said so. */
  readonly medianDelay: number;
  readonly longestDelay: number;
  readonly callsPerMinute: number;
  /** Of each operation, in any second, and a second's share of any ten. */
  readonly peaks: Readonly<Record<Operation, { readonly second: number; readonly tenSeconds: number }>>;
  readonly throttled: number;
}

/**
 * The action's own following, once for each of many jobs of an account, in simulated time. The jobs train for 5 to 60
 * minutes, write a line every 2 s, and take 5 to 60 s to upload their models; all at random.
 *
 * @throws Error when a follower does not see its job's end, or not each of its lines once and in order
 */
export async function followFleet(options: FleetOptions): Promise<FleetResult> {
  const random = seededRandom(options.seed);
  const time = new VirtualClock();
  const clock: JobClock = {
    now: () => time.now(),
    sleep: (milliseconds, until) => time.sleep(milliseconds, until),
    random,
  };
  const account = new SimulatedAccount(clock, options.quotas);
  const between = (least: number, most: number) => least + (most - least) * random();
  const delays: number[] = [];
  let followed = 0;

  const one = async (number: number): Promise<void> => {
    await clock.sleep(between(0, options.startedWithin * SECOND));
    const name = `job-${number}`;
    const created = clock.now();
    const training = created + between(1 * MINUTE, 4 * MINUTE);
    const uploading = training + between(5 * MINUTE, 60 * MINUTE);
    const job = {
      name,
      created,
      training,
      uploading,
      end: uploading + between(5, 60) * SECOND,
      lineEvery: 2_000,
    };
    account.jobs.set(name, job);
    let lines = 0;
    let seen: number | undefined;
    const log: Log = {
      info: () => {},
      group: (_, run) => run(),
      untrusted: (_, texts) => {
        for (const text of [texts].flat()) {
          if (text !== String(lines)) throw new Error(`${name}: the line ${text} instead of ${lines}.`);
          lines += 1;
        }
      },
    };
    const result = await follow({
      name,
      connect: async (attempts) => account.connect(attempts),
      clock,
      signal,
      log,
      plan: { wait: true, stopOnCancel: true, streamLogs: true },
      metricDefinitions: [],
      mayStop: true,
      hourlyPrice: () => undefined,
      onSeen: ({ TrainingJobStatus }) => {
        if (TrainingJobStatus === 'Completed') seen ??= clock.now();
      },
    });
    if (result.end !== 'ended' || seen === undefined)
      throw new Error(`${name} was not followed: ${result.why}`);
    if (lines !== linesOfJob(job))
      throw new Error(`${name}: ${lines} of ${linesOfJob(job)} lines were read.`);
    delays.push((seen - job.end) / SECOND);
    followed += clock.now() - created;
  };
  await time.run(Promise.all(Array.from({ length: options.followers }, (_, number) => one(number))));

  const operations = Object.keys(account.calls) as Operation[];
  const peak = (operation: Operation) => ({
    second: mostWithin(account.calls[operation], SECOND),
    tenSeconds: mostWithin(account.calls[operation], 10 * SECOND) / 10,
  });
  const calls = operations.reduce((sum, operation) => sum + account.calls[operation].length, 0);
  return {
    medianDelay: median(delays),
    longestDelay: Math.max(...delays),
    callsPerMinute: calls / (followed / MINUTE),
    peaks: Object.fromEntries(
      operations.map((operation) => [operation, peak(operation)]),
    ) as FleetResult['peaks'],
    throttled: account.throttled,
  };
}
