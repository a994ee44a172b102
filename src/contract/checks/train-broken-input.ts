import { failedHosts } from './attribution.js';
import { type CheckDefinition, failed, passed, skipped } from './check.js';
import { isObserved, notObserved, seconds, tail } from './words.js';

export const trainBrokenInput: CheckDefinition = {
  id: 'train-broken-input',
  group: 'training',
  severity: 'error',
  title: 'Training without its data fails',
  proves: 'Run without any of its channels, the program ends with a non-zero exit code.',
  why: 'A program that swallows its errors ends with 0: the job is Completed, and a model that learnt nothing goes on to the registry and the endpoint.',
  fix: 'Let the exception end the program, or call `sys.exit(1)`; do not end with 0 after an error. If training really works without the channels, turn the check off: `smoke-severity: train-broken-input=off`.',
  source: '[doc] your-algorithms-training-signal-success-failure.md; [obs] failure T39',
  judged: 'when there are `smoke-channels` to leave out, and the training run ended with 0',
  judge({ brokenInput }) {
    if (!isObserved(brokenInput)) {
      return notObserved(brokenInput);
    }
    const { run } = brokenInput;
    const [broken] = failedHosts(run);
    if (broken === undefined) {
      return failed('Without its channels the program still ended with exit code 0.', {
        lines: tail(run.hosts[0]?.logTail ?? []),
      });
    }
    if (broken.startError !== undefined) {
      return skipped(`The run without channels could not be started: ${broken.startError}`);
    }
    if (broken.timedOut) {
      return failed(`Without its channels the program did not end within ${seconds(run.timeoutSeconds)}.`, {
        lines: tail(broken.logTail),
      });
    }
    return passed(`Exit code ${broken.exitCode} after ${seconds(broken.seconds)}.`, {
      seconds: broken.seconds,
    });
  },
};
