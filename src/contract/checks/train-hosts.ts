import { failedHosts, trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { failingLog, isObserved, notObserved, seeInstead } from './words.js';

export const trainHosts: CheckDefinition = {
  id: 'train-hosts',
  group: 'training',
  severity: 'error',
  title: 'Training works on several hosts',
  proves: 'Every host, each with its own resourceconfig.json, finds its peers and ends with exit code 0.',
  why: 'Each instance runs the same container. A host that fails, or waits for a peer that never answers, fails the job or keeps all its instances on the bill.',
  fix: 'Read `hosts` and `current_host` from /opt/ml/input/config/resourceconfig.json, retry until the peers’ names resolve, and let every host end with 0.',
  source: '[doc] your-algorithms-training-algo-running-container.md; [obs] failure T40',
  judged: 'when `smoke-hosts` is more than 1',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    if (run.hosts.length < 2) {
      return skipped('The run has one host: `smoke-hosts` is 1.');
    }
    const fault = trainingFault(run);
    if (fault === 'train-hosts') {
      const broken = failedHosts(run).map((host) =>
        host.timedOut ? `${host.host} did not end` : `${host.host} ended with exit code ${host.exitCode}`,
      );
      return failed(`Of ${run.hosts.length} hosts, ${broken.join(', ')}.`, { lines: failingLog(run) });
    }
    return fault === undefined
      ? passed(`All ${run.hosts.length} hosts ended with exit code 0.`)
      : seeInstead(fault);
  },
};
