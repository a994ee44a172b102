import { lossFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeReadyServer } from './judge-ready-server.js';
import { seeInstead, shortest } from './words.js';

export const serveBadPayload: CheckDefinition = {
  id: 'serve-bad-payload',
  group: 'hosting',
  severity: 'warning',
  title: 'A payload that makes no sense is answered with a 4xx status',
  proves: 'Bytes that fit no content type are refused as the caller’s mistake.',
  why: 'A 5xx counts as the model’s error in CloudWatch (Invocation5XXErrors) and sets off the alarms that roll deployments back; a 4xx does not.',
  fix: 'Catch errors of parsing and answer 400 (or 415 for a content type that is not supported).',
  source: '[doc] deployment guardrails’ alarms on Invocation5XXErrors; [inf] the made-up payload',
  judged: 'with every hosting run that becomes ready',
  judge: (observations) =>
    judgeReadyServer(observations, (run) => {
      const { badPayload } = run;
      if (badPayload === undefined) {
        return skipped('No such payload was sent.');
      }
      const { status } = badPayload;
      if (status === undefined) {
        // No answer because there was nobody left to give one.
        const loss = lossFault(run);
        if (loss !== undefined) {
          return seeInstead(loss);
        }
        return failed(`${badPayload.payload} got no answer (${badPayload.error}).`, {
          lines: run.logTail.slice(-15),
        });
      }
      return status >= 400 && status < 500
        ? passed(`${badPayload.payload}: ${status}.`)
        : failed(
            `${badPayload.payload} was answered with ${status} ${shortest(badPayload.answer ?? '', 120)}`,
            {
              lines: run.logTail.slice(-15),
            },
          );
    }),
};
