import { failedHosts, trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { failingLog, isObserved, notObserved, seconds, seeInstead, shortest } from './words.js';

export const trainExitCode: CheckDefinition = {
  id: 'train-exit-code',
  group: 'training',
  severity: 'error',
  title: 'Training ends with exit code 0',
  proves: 'The program trains on the sample channels and hyperparameters without an error.',
  why: 'Any other exit code makes the job Failed, and its FailureReason holds no more than the first 1024 characters of /opt/ml/output/failure.',
  fix: 'Mend the error that the last lines of the output show.',
  source: '[doc] your-algorithms-training-signal-success-failure.md; [obs] failure T01',
  judged: 'with every training run',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    const fault = trainingFault(run);
    if (fault === undefined) {
      const longest = Math.max(...run.hosts.map((host) => host.seconds));
      return passed(`Exit code 0 after ${seconds(longest)}.`, { seconds: longest });
    }
    if (fault !== 'train-exit-code') {
      return seeInstead(fault);
    }
    const [host] = failedHosts(run);
    const said = host?.failureFile?.trim();
    const cause = run.diagnosis && run.diagnosis.id !== 'unknown' ? ` ${run.diagnosis.cause}` : '';
    return failed(
      `Exit code ${host?.exitCode} after ${seconds(host?.seconds ?? 0)}.${cause}${
        said ? ` The failure file says: ${shortest(said)}` : ''
      }`,
      {
        lines: failingLog(run),
        ...(run.diagnosis && { fix: run.diagnosis.fix }),
        ...(host && { seconds: host.seconds }),
      },
    );
  },
};
