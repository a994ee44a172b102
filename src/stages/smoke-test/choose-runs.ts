import type { ImageFacts } from '../../contract/observations.js';
import type { SmokeRun, SmokeTestPlan } from '../../plan.js';

/** Either the run is to be made, or the reason why not, as a sentence. */
export type Choice = { readonly chosen: true } | { readonly chosen: false; readonly why: string };

/**
 * Which runs of the container are made. `auto` makes those that a pull request should pay for: training,
 * training without its data (which ends early in a healthy program) and hosting, each as far as the image
 * offers it. Stopping costs half of a training run again and up to 120 seconds more: it is made when named.
 */
export function chooseRuns(
  plan: Pick<SmokeTestPlan, 'runs' | 'channels'>,
  image: Pick<ImageFacts, 'training' | 'hosting'>,
): Readonly<Record<SmokeRun, Choice>> {
  const { runs } = plan;
  const named = (run: SmokeRun): Choice =>
    runs !== 'auto' && runs.includes(run) ? yes : no(`\`smoke-runs\` does not name \`${run}\`.`);
  const withoutData = plan.channels.size > 0 ? yes : no('There are no `smoke-channels` to leave out.');
  if (runs !== 'auto') {
    const broken = named('broken-input');
    return {
      train: named('train'),
      'broken-input': broken.chosen ? withoutData : broken,
      stop: named('stop'),
      serve: named('serve'),
    };
  }
  const { training, hosting } = image;
  const train = training.offered ? yes : no(training.reason);
  return {
    train,
    'broken-input': train.chosen ? withoutData : train,
    stop: train.chosen
      ? no('It takes long, so it is made only when asked for: add `stop` to `smoke-runs`.')
      : train,
    serve: hosting.offered ? yes : no(hosting.reason),
  };
}

const yes: Choice = { chosen: true };
const no = (why: string): Choice => ({ chosen: false, why });
