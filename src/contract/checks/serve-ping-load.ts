import { inTime, lossFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeReadyServer } from './judge-ready-server.js';
import { seconds, seeInstead, tail } from './words.js';

export const servePingLoad: CheckDefinition = {
  id: 'serve-ping-load',
  group: 'hosting',
  severity: 'error',
  title: 'GET /ping answers within 2 seconds while requests are answered',
  proves: 'The health check gets its 200 in time while invocations are in flight.',
  why: 'The health check goes on for the container’s whole life. A server that answers one request at a time misses it under load, and SageMaker replaces a healthy instance.',
  fix: 'Serve with more than one thread or worker (gunicorn `--threads 4`), or answer /ping from a process of its own, such as nginx.',
  source: '[doc] your-algorithms-inference-code.md (2 s a try)',
  judged: 'when a sample payload is given (`smoke-payload`) and answered',
  judge: (observations) =>
    judgeReadyServer(observations, (run) => {
      if (run.pingsUnderLoad.length === 0) {
        return skipped('There was no load: give a `smoke-payload` that is answered.');
      }
      const slowest = Math.max(...run.pingsUnderLoad.map((ping) => ping.seconds));
      const missed = run.pingsUnderLoad.filter((ping) => !inTime(ping));
      const load = `with ${run.loadConcurrency} requests in flight`;
      if (missed.length === 0) {
        return passed(`${run.pingsUnderLoad.length} pings ${load}, the slowest in ${seconds(slowest)}.`, {
          seconds: slowest,
        });
      }
      const loss = lossFault(run);
      if (loss !== undefined && loss !== 'serve-ping-load') {
        return seeInstead(loss);
      }
      if (run.end?.exitCode !== undefined) {
        return failed(
          `The server became ready, and ended by itself with exit code ${run.end.exitCode} ${load}.`,
          {
            lines: tail(run.logTail),
            fix: 'Look at the last lines of the output: a request must not end the server.',
          },
        );
      }
      const [first] = missed;
      const answer = first?.error ?? (first?.status === 200 ? 'too late' : `status ${first?.status}`);
      return failed(
        `${missed.length} of ${run.pingsUnderLoad.length} pings ${load} missed their 2 s (${answer}, ${seconds(slowest)}).`,
        {
          seconds: slowest,
          // Wrong in time: more threads would not make it right.
          ...(first?.status !== undefined &&
            first.status !== 200 && {
              fix: 'Answer /ping with 200 for as long as the server takes requests: the health check goes on for its whole life.',
            }),
        },
      );
    }),
};
