/** What script/bench measures of following a training job. The work is in test/bench. */
import { join } from 'node:path';
import '../../test/local-aws/load-typescript.mjs';

const LINES = 1_000_000;
const FOLLOWERS = 200;
/** Published for CloudWatch Logs: the lowest of the usual Regions. DescribeTrainingJob has no published one. */
const QUOTAS = { GetLogEvents: 10, DescribeLogStreams: 25 };
/** CreateTrainingJob is answered about once a second: so many jobs are not started at one moment. */
const STARTED_WITHIN = FOLLOWERS;

/**
 * @param root the repository's
 * @param rounds of reading all lines
 * @param row writes one row of the table: what, figure, goal
 */
export async function follow(root, rounds, row) {
  const load = (name) => import(join(root, 'test/bench', name));
  const { median } = await load('figures.ts');
  const { millionLines } = await load('million-lines.ts');
  const { sameJobs } = await load('same-jobs.ts');
  const { followFleet } = await load('fleet.ts');

  const { action, sdk } = await millionLines(root, rounds, LINES);
  const rate = (readings) => median(readings.map(({ linesPerSecond }) => linesPerSecond));
  const peak = Math.max(...action.map(({ peakBytes }) => peakBytes ?? Number.NaN));
  const of = (count) => count.toLocaleString('en');
  row(
    `${of(LINES)} log lines from 4 hosts`,
    `${of(action[0].lines)} printed, once and in order a host, in each of ${rounds} rounds`,
    'all, once, in order a host',
  );
  row('peak memory at that', `${Math.round(peak / 1e6)} MB`, 'under 200 MB');
  row(
    'rate at that, against the SageMaker Python SDK',
    `${(rate(action) / rate(sdk)).toFixed(1)} (${of(Math.round(rate(action) / 1000))} 000 : ${of(Math.round(rate(sdk) / 1000))} 000 lines a second)`,
    'at least 5',
  );

  const real = await sameJobs(root, 4, [60, 150]);
  row(
    'end of a job of one to three minutes seen, in real time, median of 4',
    `${real.action.medianDelay.toFixed(1)} s (the SDK: ${real.sdk.medianDelay.toFixed(1)} s)`,
    'under 5 s',
  );
  row(
    'calls a minute at that, against the SageMaker Python SDK',
    `${real.action.callsPerMinute.toFixed(1)} : ${real.sdk.callsPerMinute.toFixed(1)}`,
    'no more than the SDK',
  );

  const free = await followFleet({
    followers: FOLLOWERS,
    quotas: {},
    seed: 1,
    startedWithin: STARTED_WITHIN,
  });
  row(
    `end of a job of 6 to 65 minutes seen, simulated, median of ${FOLLOWERS}`,
    `${free.medianDelay.toFixed(1)} s, at ${free.callsPerMinute.toFixed(1)} calls a minute`,
    'under 5 s, no more calls than the SDK',
  );
  const peaks = ({ peaks: all }) =>
    ['GetLogEvents', 'DescribeLogStreams', 'DescribeTrainingJob']
      .map((operation) => `${operation} ${all[operation].tenSeconds.toFixed(1)}`)
      .join(', ');
  row(
    `${FOLLOWERS} followers at once, simulated, no quota: calls a second, most in any ten`,
    peaks(free),
    `GetLogEvents ${QUOTAS.GetLogEvents} or 25, by Region; DescribeLogStreams ${QUOTAS.DescribeLogStreams}`,
  );
  const limited = await followFleet({
    followers: FOLLOWERS,
    quotas: QUOTAS,
    seed: 1,
    startedWithin: STARTED_WITHIN,
  });
  row(
    `the same with a quota of ${QUOTAS.GetLogEvents} GetLogEvents a second`,
    `no follower failed, no line was lost; ${of(limited.throttled)} calls throttled; end seen after ${limited.medianDelay.toFixed(1)} s (median), ${limited.longestDelay.toFixed(0)} s (longest); with the throttled ones ${peaks(limited)}`,
    'none fails, none lost',
  );
}
