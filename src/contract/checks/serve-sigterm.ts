import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeReadyServer } from './judge-ready-server.js';
import { seconds } from './words.js';

export const serveSigterm: CheckDefinition = {
  id: 'serve-sigterm',
  group: 'hosting',
  severity: 'warning',
  title: 'The server stops within 30 seconds of SIGTERM',
  proves: 'The signal reaches the server, and it ends by itself.',
  why: 'Scale-in and updates send SIGTERM, and SIGKILL 30 seconds later. A server that ignores it cuts off the requests that it was answering.',
  fix: 'Let the server be process 1 (exec-form ENTRYPOINT, `exec` in shell scripts) and handle SIGTERM: finish what is in flight, then exit. gunicorn, uvicorn and nginx do.',
  source: '[doc] your-algorithms-inference-code.md',
  judged: 'with every hosting run that becomes ready',
  judge: (observations) =>
    judgeReadyServer(observations, (run) => {
      const { stop } = run;
      if (stop === undefined) {
        return skipped('The server had ended before SIGTERM could be sent.');
      }
      if (stop.handlesSigterm === false) {
        return failed(
          'Process 1 of the container has no handler for SIGTERM, so the kernel drops the signal.',
        );
      }
      return stop.sigkilled
        ? failed(`Still running ${seconds(stop.graceSeconds)} after SIGTERM; killed.`, {
            seconds: stop.seconds,
          })
        : passed(`Ended ${seconds(stop.seconds)} after SIGTERM.`, { seconds: stop.seconds });
    }),
};
