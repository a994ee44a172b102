import type { HostRun } from '../observations.js';
import { failedHosts, neverRan } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { isObserved, notObserved, shortest } from './words.js';

export const trainFailureFile: CheckDefinition = {
  id: 'train-failure-file',
  group: 'training',
  severity: 'warning',
  title: 'A failing training explains itself in /opt/ml/output/failure',
  proves: 'When the program ends with an error, it has written the reason to the failure file.',
  why: 'The first 1024 characters of that file become the job’s FailureReason. Without it the reason is `AlgorithmError: , exit code: 1`, and somebody has to search the logs.',
  fix: 'Wrap the program: on an exception write the traceback, its end first, to /opt/ml/output/failure and exit non-zero.',
  source: '[doc] your-algorithms-training-signal-success-failure.md; [obs] failure T01',
  judged: 'when a run fails: the broken-input run, or the training run itself',
  judge({ training, brokenInput }) {
    const failing: HostRun[] = [brokenInput, training]
      .filter(isObserved)
      .flatMap(({ run }) => failedHosts(run))
      .filter(
        (host) => host.startError === undefined && !neverRan(host) && !host.oomKilled && !host.timedOut,
      );
    const [host] = failing;
    if (host === undefined) {
      return isObserved(brokenInput)
        ? skipped('No run failed by itself, so none had a failure to explain.')
        : notObserved(brokenInput);
    }
    const text = host.failureFile?.trim();
    if (!text) {
      return failed(
        `A run ended with exit code ${host.exitCode} and no failure file. FailureReason would be “AlgorithmError: , exit code: ${host.exitCode}”.`,
      );
    }
    const cut = text.length > 1024 ? ' Only its first 1024 characters would be shown.' : '';
    return passed(`The failure file says: ${shortest(text)}${cut}`);
  },
};
