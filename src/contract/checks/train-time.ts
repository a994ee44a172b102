import { failedHosts, trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { failingLog, isObserved, notObserved, seconds, seeInstead } from './words.js';

export const trainTime: CheckDefinition = {
  id: 'train-time',
  group: 'training',
  severity: 'error',
  title: 'Training ends by itself within the time limit',
  proves: 'The program ends when its work is done; nothing keeps the container alive.',
  why: 'A job that never ends is paid for until MaxRuntimeInSeconds, a day by default, and then counts as Stopped.',
  fix: 'Make the sample smaller (`smoke-channels`, `smoke-hyperparameters`), raise `smoke-timeout`, or find what keeps the process running: a thread, a child process, a wait for a peer.',
  source: '[doc] StoppingCondition, default 86400 s; [obs] failure T30',
  judged: 'with every training run',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    const fault = trainingFault(run);
    if (fault === 'train-time') {
      const [host] = failedHosts(run);
      return failed(`Still running after ${seconds(run.timeoutSeconds)} (\`smoke-timeout\`); stopped.`, {
        lines: failingLog(run),
        ...(host && { seconds: host.seconds }),
      });
    }
    return fault === undefined ? passed(`Ended within ${seconds(run.timeoutSeconds)}.`) : seeInstead(fault);
  },
};
