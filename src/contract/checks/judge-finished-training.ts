import type { Observations, TrainingRun } from '../observations.js';
import { trainingFault } from './attribution.js';
import type { Verdict } from './check.js';
import { isObserved, notObserved, seeInstead } from './words.js';

/** The common start of the checks on what a training run leaves that ended with 0. */
export function judgeFinishedTraining(
  { training }: Observations,
  judge: (run: TrainingRun) => Verdict,
): Verdict {
  if (!isObserved(training)) {
    return notObserved(training);
  }
  const fault = trainingFault(training.run);
  return fault === undefined ? judge(training.run) : seeInstead(fault);
}
