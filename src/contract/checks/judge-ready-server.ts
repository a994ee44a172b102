import type { HostingRun, Observations } from '../observations.js';
import { hostingFault } from './attribution.js';
import type { Verdict } from './check.js';
import { isObserved, notObserved, seeInstead } from './words.js';

/** The common start of the checks on what a server does once it is ready. */
export function judgeReadyServer({ hosting }: Observations, judge: (run: HostingRun) => Verdict): Verdict {
  if (!isObserved(hosting)) {
    return notObserved(hosting);
  }
  const fault = hostingFault(hosting.run);
  return fault === undefined ? judge(hosting.run) : seeInstead(fault);
}
