import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { isObserved, notObserved, seconds, tail } from './words.js';

/** Ending this much earlier than the undisturbed run counts as stopping, not as finishing. */
const CLEARLY_EARLIER = 0.75;
/**
 * A handler that is seen is believed, however long it takes to save, unless the run ended just when it would have
 * ended anyway, give or take this share of the time that was left: it may only have printed something.
 */
const JUST_THEN = 0.1;
/** With less left than this, a machine under load makes stopping look like finishing. */
const ENOUGH_LEFT_SECONDS = 2;
/** A program that has run for less may not have come to install its handler: an interpreter takes its time to start. */
const SETTLED_SECONDS = 1;

export const trainSigterm: CheckDefinition = {
  id: 'train-sigterm',
  group: 'training',
  severity: 'warning',
  title: 'Training stops within 120 seconds of SIGTERM',
  proves: 'The signal reaches the program, and the program ends by itself.',
  why: 'StopTrainingJob, the time limits and spot interruptions send SIGTERM, and SIGKILL 120 seconds later. A program that ignores it loses its last checkpoint and keeps a cancelled job on the bill.',
  fix: 'Handle SIGTERM: save what is worth saving to /opt/ml/model or /opt/ml/checkpoints and exit. The program must be process 1 or get the signal passed on: exec-form ENTRYPOINT, and `exec` in shell scripts.',
  source: '[doc] your-algorithms-training-algo-dockerfile.md, model-managed-spot-training.md',
  judged: 'when `smoke-runs` names `stop`',
  judge({ stop }) {
    if (!isObserved(stop)) {
      return notObserved(stop);
    }
    const { run } = stop;
    if (run.startError !== undefined || run.stopSeconds === undefined) {
      return skipped(
        'The run ended before SIGTERM could be sent: give it more to do (`smoke-hyperparameters`).',
      );
    }
    const after = seconds(run.stopSeconds);
    const sentAfter = run.sentAfterSeconds ?? SETTLED_SECONDS;
    if (run.handlesSigterm === false && sentAfter < SETTLED_SECONDS) {
      return skipped(
        `The run is too short: SIGTERM had to be sent after ${seconds(sentAfter)}, when the program had no handler yet. Give it more to do (\`smoke-hyperparameters\`).`,
      );
    }
    if (run.handlesSigterm === false) {
      return failed(
        'Process 1 of the container has no handler for SIGTERM, so the kernel drops the signal.',
        {
          lines: tail(run.logTail),
          seconds: run.stopSeconds,
        },
      );
    }
    if (run.sigkilled) {
      return failed(`Still running ${seconds(run.graceSeconds)} after SIGTERM; killed.`, {
        lines: tail(run.logTail),
        seconds: run.stopSeconds,
      });
    }
    const expected = (run.undisturbedSeconds ?? Number.POSITIVE_INFINITY) - (run.sentAfterSeconds ?? 0);
    const finished =
      run.handlesSigterm === true
        ? expected >= ENOUGH_LEFT_SECONDS && Math.abs(run.stopSeconds - expected) < expected * JUST_THEN
        : run.stopSeconds > expected * CLEARLY_EARLIER;
    if (finished) {
      return skipped(
        `It ended ${after} after SIGTERM, which is when it would have ended anyway: give it more to do (\`smoke-hyperparameters\`).`,
      );
    }
    return passed(`Ended ${after} after SIGTERM with exit code ${run.exitCode}.`, {
      seconds: run.stopSeconds,
    });
  },
};
