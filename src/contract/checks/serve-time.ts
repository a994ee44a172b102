import { INVOCATION_LIMIT_SECONDS } from '../hosting-limits.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeInvocations } from './judge-invocations.js';
import { seconds } from './words.js';

export const serveTime: CheckDefinition = {
  id: 'serve-time',
  group: 'hosting',
  severity: 'error',
  title: 'Each sample is answered within 60 seconds',
  proves: 'No sample takes longer than a real-time endpoint may.',
  why: 'InvokeEndpoint gives up after 60 seconds: “Your invocation timed out while waiting for a response from container primary”.',
  fix: 'Load the model before the first request, make the work smaller, or deploy it as an asynchronous endpoint.',
  source: '[doc] your-algorithms-inference-code.md; [obs] failure I01',
  judged: 'when a sample payload is given (`smoke-payload`)',
  judge: (observations) =>
    judgeInvocations(observations, (run) => {
      const slow = run.invocations.find(
        (invocation) => invocation.error === 'time-out' || invocation.seconds > INVOCATION_LIMIT_SECONDS,
      );
      if (slow) {
        return failed(`${slow.payload} was not answered within ${INVOCATION_LIMIT_SECONDS} s.`, {
          lines: run.logTail.slice(-30),
          seconds: slow.seconds,
        });
      }
      const answered = run.invocations.filter(({ status }) => status !== undefined);
      if (answered.length === 0) {
        return skipped('No sample was answered: see serve-invocations.');
      }
      const slowest = Math.max(...answered.map((invocation) => invocation.seconds));
      return passed(`The slowest answer took ${seconds(slowest)}.`, { seconds: slowest });
    }),
};
