import { type CheckDefinition, failed, passed } from './check.js';
import { bytes, isObserved, notObserved, seeInstead, tail } from './words.js';

export const serveMemory: CheckDefinition = {
  id: 'serve-memory',
  group: 'hosting',
  severity: 'error',
  title: 'Serving is not killed for its memory use',
  proves: 'No process was killed for lack of memory, within `smoke-memory` when it is given.',
  why: 'An endpoint’s container that outgrows its instance is killed and restarted; a worker that is killed behind a web server looks like random time-outs.',
  fix: 'Start fewer workers (each holds a copy of the model), load the model once before forking, or choose an instance with more memory and raise `smoke-memory` to match.',
  source: '[obs] failure T04 and endpoint failures E01, E06',
  judged: 'with every hosting run',
  judge({ hosting }) {
    if (!isObserved(hosting)) {
      return notObserved(hosting);
    }
    const { run } = hosting;
    if (run.end?.startError !== undefined) {
      return seeInstead('serve-starts');
    }
    const limit = run.memoryLimitBytes ? ` of ${bytes(run.memoryLimitBytes)}` : '';
    if (run.oomKilled) {
      return failed(`A process was killed: the memory limit${limit} was reached.`, {
        lines: tail(run.logTail),
      });
    }
    return passed(
      run.memoryPeakBytes
        ? `Highest memory use seen: ${bytes(run.memoryPeakBytes)}${limit}.`
        : 'Nothing was killed; too short to sample the memory use.',
    );
  },
};
