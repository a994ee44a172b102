import { lossFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { judgeReadyServer } from './judge-ready-server.js';
import { seeInstead } from './words.js';

export const serveSurvives: CheckDefinition = {
  id: 'serve-survives',
  group: 'hosting',
  severity: 'error',
  title: 'The server lives on after a payload that makes no sense',
  proves: 'GET /ping still answers 200 after the bad payload.',
  why: 'One bad request must not take an instance out of service for everybody else.',
  fix: 'Catch errors in the request’s handler; do not exit the process from it.',
  source: '[doc] the health check goes on for the container’s whole life',
  judged: 'with every hosting run that becomes ready',
  judge: (observations) =>
    judgeReadyServer(observations, (run) => {
      if (run.aliveAfterBadPayload === undefined) {
        return skipped('No such payload was sent.');
      }
      if (run.aliveAfterBadPayload) {
        return passed('GET /ping answers 200 after the bad payload.');
      }
      const loss = lossFault(run);
      return loss === undefined || loss === 'serve-survives'
        ? failed('After the bad payload GET /ping no longer answers 200.', { lines: run.logTail.slice(-30) })
        : seeInstead(loss);
    }),
};
