import { hostingFault } from './attribution.js';
import { type CheckDefinition, failed, passed } from './check.js';
import { isObserved, notObserved, seeInstead, tail } from './words.js';

export const serveReadOnlyModel: CheckDefinition = {
  id: 'serve-read-only-model',
  group: 'hosting',
  severity: 'error',
  title: 'Serving works with a read-only /opt/ml/model',
  proves: 'The server starts without writing into the model’s folder.',
  why: 'Hosting mounts /opt/ml/model read-only. A server that unpacks, compiles or caches there works in local tests and fails on the endpoint.',
  fix: 'Write to /tmp (for example a cache folder set by an environment variable), or prepare those files in training.',
  source: '[doc] hosting model mount; [obs] failure E11',
  judged: 'with every hosting run',
  judge({ hosting }) {
    if (!isObserved(hosting)) {
      return notObserved(hosting);
    }
    const { run } = hosting;
    const fault = hostingFault(run);
    if (fault === 'serve-read-only-model') {
      return failed(
        `The server wrote to /opt/ml/model: ${run.diagnosis?.evidence ?? 'read-only file system'}`,
        {
          lines: tail(run.logTail),
        },
      );
    }
    return fault === undefined ? passed('Serves with /opt/ml/model mounted read-only.') : seeInstead(fault);
  },
};
