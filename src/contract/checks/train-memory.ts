import { trainingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { bytes, failingLog, isObserved, notObserved, seeInstead } from './words.js';

export const trainMemory: CheckDefinition = {
  id: 'train-memory',
  group: 'training',
  severity: 'error',
  title: 'Training is not killed for its memory use',
  proves: 'No process was killed for lack of memory, within `smoke-memory` when it is given.',
  why: 'A container that outgrows the instance’s memory is killed with SIGKILL: exit code 137, and nothing else in the reason.',
  fix: 'Use smaller batches, fewer workers or streaming input; or choose an instance with more memory and raise `smoke-memory` to match.',
  source: '[obs] failures T04, T09',
  judged: 'with every training run',
  judge({ training }) {
    if (!isObserved(training)) {
      return notObserved(training);
    }
    const { run } = training;
    const limit = run.memoryLimitBytes ? ` of ${bytes(run.memoryLimitBytes)}` : '';
    const fault = trainingFault(run);
    if (fault === 'train-starts') {
      return seeInstead(fault);
    }
    // A killed child process does not always end the program with an error.
    if (run.hosts.some((host) => host.oomKilled)) {
      return failed(`A process was killed: the memory limit${limit} was reached.`, {
        lines: failingLog(run),
      });
    }
    const peak = Math.max(...run.hosts.map((host) => host.memoryPeakBytes ?? 0));
    return passed(
      peak > 0
        ? `Highest memory use seen: ${bytes(peak)}${limit}.`
        : `Nothing was killed; too short to sample the memory use${limit ? ` (limit${limit})` : ''}.`,
    );
  },
};
