import { hostingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { isObserved, notObserved, seconds, seeInstead, tail } from './words.js';

export const servePing: CheckDefinition = {
  id: 'serve-ping',
  group: 'hosting',
  severity: 'error',
  title: 'GET /ping answers 200 within the start window',
  proves: 'The server reports itself healthy, each answer within 2 seconds, before SageMaker gives up.',
  why: 'SageMaker asks GET /ping until it gets 200, each try for 2 seconds, for 8 minutes by default. An endpoint that never answers fails with “did not pass the ping health check”. A server that says nothing but 404, 405 or 501 for 30 seconds has no such route: this test does not wait for it any longer.',
  fix: 'Answer GET /ping with status 200 and an empty body once the model is loaded; open the port early and answer 503 until then.',
  source:
    '[doc] your-algorithms-inference-code.md; ContainerStartupHealthCheckTimeoutInSeconds; [obs] failure E01',
  judged: 'with every hosting run',
  judge({ hosting }) {
    if (!isObserved(hosting)) {
      return notObserved(hosting);
    }
    const { run } = hosting;
    const fault = hostingFault(run);
    if (run.readyAfterSeconds !== undefined) {
      return passed(`200 after ${seconds(run.readyAfterSeconds)}.`, { seconds: run.readyAfterSeconds });
    }
    if (fault !== 'serve-ping') {
      return seeInstead(fault ?? 'serve-starts');
    }
    const last =
      run.lastPing?.status !== undefined
        ? `the last answer was ${run.lastPing.status}`
        : `the last try ended with: ${run.lastPing?.error ?? 'no answer'}`;
    return failed(`No 200 within ${seconds(run.windowSeconds)}; ${last}.`, {
      lines: tail(run.logTail),
      ...(run.diagnosis && run.diagnosis.id !== 'unknown' && { fix: run.diagnosis.fix }),
    });
  },
};
