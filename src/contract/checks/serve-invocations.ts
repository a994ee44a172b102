import type { Invocation } from '../observations.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { judgeInvocations } from './judge-invocations.js';
import { seconds, seeInstead, shortest } from './words.js';

export const serveInvocations: CheckDefinition = {
  id: 'serve-invocations',
  group: 'hosting',
  severity: 'error',
  title: 'POST /invocations answers each sample with a 2xx status',
  proves: 'The server takes each sample payload with its content type and answers it.',
  why: 'Any other status reaches the caller as ModelError 424, with the container’s status inside.',
  fix: 'Look at the answer and the last lines of the output; send the content type that the server expects (`smoke-content-type`).',
  source: '[doc] your-algorithms-inference-code.md; [obs] failure I02',
  judged: 'when a sample payload is given (`smoke-payload`)',
  judge: (observations) =>
    judgeInvocations(observations, (run) => {
      const wrong = run.invocations.filter(
        ({ status, error }) => error !== 'time-out' && (status === undefined || status < 200 || status > 299),
      );
      const [first] = wrong;
      if (first) {
        const answer =
          first.status === undefined
            ? `no answer (${first.error})`
            : `${first.status} ${shortest(first.answer ?? '', 200)}`;
        return failed(
          `${wrong.length} of ${run.invocations.length} samples failed; ${first.payload} (${first.contentType}): ${answer}`,
          // What the server printed later is about the requests and the signal that came after the samples.
          { lines: (run.logAtInvocations ?? run.logTail).slice(-30) },
        );
      }
      const { load } = run;
      // Some refusals under load may be a server's way to protect itself; nothing but refusals is none.
      if (load !== undefined && load.requests > 0 && load.refused === load.requests) {
        return failed(
          `Each sample was answered once, but then every one of ${load.requests} more requests with status ${load.lastStatus}.`,
          { lines: run.logTail.slice(-30) },
        );
      }
      if (run.invocations.some(({ status }) => status === undefined)) {
        return seeInstead('serve-time');
      }
      const slowest = Math.max(...run.invocations.map((invocation) => invocation.seconds));
      return passed(`${run.invocations.map(describe).join(', ')}.`, { seconds: slowest });
    }),
};

/** With its answer where nobody said what it must hold: a 200 can carry an error, which a person sees at once. */
function describe({ payload, status, seconds: time, expect, answer, answerBytes }: Invocation): string {
  const answered = `${payload}: ${status} in ${seconds(time)}`;
  if (expect !== undefined) {
    return answered;
  }
  return answerBytes === 0
    ? `${answered} with nothing in it`
    : `${answered} “${shortest((answer ?? '').trim(), 80)}”`;
}
