import type { HostingRun, Observations } from '../observations.js';
import { lossFault } from './attribution.js';
import { skipped, type Verdict } from './check.js';
import { judgeReadyServer } from './judge-ready-server.js';
import { seeInstead } from './words.js';

/** The common start of the checks on /invocations: they need a server that is up and a sample to send. */
export function judgeInvocations(observations: Observations, judge: (run: HostingRun) => Verdict): Verdict {
  return judgeReadyServer(observations, (run) => {
    if (run.invocations.length === 0) {
      return skipped(
        'No sample payload is given: put one into the build context as `sample/payload.json` (such as `container/sample/payload.json`; any ending), or set `smoke-payload` to a file in the repository.',
      );
    }
    const verdict = judge(run);
    if (verdict.status !== 'failed') {
      return verdict;
    }
    if (lossFault(run) === 'serve-memory') {
      return seeInstead('serve-memory');
    }
    // A model that could not be loaded cannot answer.
    const load = run.multiModel?.steps[0];
    return load !== undefined && !load.wanted.includes(load.status ?? 0)
      ? seeInstead('serve-multi-model')
      : verdict;
  });
}
