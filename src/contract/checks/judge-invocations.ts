import type { HostingRun, Observations } from '../observations.js';
import { hostingFault } from './attribution.js';
import { skipped, type Verdict } from './check.js';
import { isObserved, notObserved, seeInstead } from './words.js';

/** The common start of the checks on /invocations: they need a server that is up and a sample to send. */
export function judgeInvocations({ hosting }: Observations, judge: (run: HostingRun) => Verdict): Verdict {
  if (!isObserved(hosting)) {
    return notObserved(hosting);
  }
  const { run } = hosting;
  const fault = hostingFault(run);
  if (fault !== undefined) {
    return seeInstead(fault);
  }
  return run.invocations.length === 0
    ? skipped('No sample payload is given: set `smoke-payload` to a file in the repository.')
    : judge(run);
}
