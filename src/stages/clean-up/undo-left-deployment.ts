import { reasonOf } from '../../runner/errno.js';
import type { DeploymentState } from '../../runner/state.js';
import { undoByHand, unprovenText } from '../deploy/canceled.js';
import { followByHand } from '../deploy/endpoint-record.js';
import { undoDeployment } from '../deploy/undo.js';
import { systemJobClock } from '../train/job-clock.js';
import { duration } from '../train/words.js';
import { endpointsIn, STOP_MS, type StopWorld } from './stop-world.js';

/** The deployment of a run that ended before it was proven. */
export async function undoLeftDeployment(
  state: DeploymentState,
  runId: string,
  {
    within = STOP_MS,
    clock = systemJobClock,
    connectEndpoints: connect = endpointsIn,
    waitForCreation = 0,
    say = () => {},
    onDeploymentSettled,
  }: StopWorld,
): Promise<readonly string[]> {
  const { endpointName: name, region, previousConfigName: previous, wantedConfigName: wanted } = state;
  const what = `The deployment of ${wanted} to the endpoint ${name} ended before it was proven`;
  const follow = `Follow it: \`${followByHand(name, region)}\`.`;
  const byHand = `Take it back by hand: \`${undoByHand(state)}\`.`;
  if (!state.undo) return [`${what}; it goes on, since stop-on-cancel is false. ${follow} ${byHand}`];
  try {
    const onWaiting = () =>
      say(
        `The endpoint ${name} of this run is being created, and cannot be deleted before it is: it is waited for, up to ${duration(waitForCreation / 1_000)}.`,
      );
    const undone = await undoDeployment(
      () => connect(region),
      { state, within, step: runId, waitForCreation, onWaiting },
      clock,
    );
    // What is not there may be on its way.
    if (!/^(?:left|failed|absent)$/.test(undone.kind)) onDeploymentSettled?.(undone.kind);
    switch (undone.kind) {
      case 'restoring':
        return [`${what}: ${previous} is being put back. ${follow}`];
      case 'deleting':
        return [`${what}: the endpoint, which this run created, is being deleted.`];
      case 'left':
        if (state.firstCreation) {
          return [
            `${what}. It is ${undone.status}, and cannot be deleted as long as it is. ${unprovenText} ${follow} ${byHand}`,
          ];
        }
        return [
          `${what}. It is ${undone.status}${undone.configName === undefined ? '' : ` (${undone.configName})`}, and takes no change now. ${follow} ${byHand}`,
        ];
      case 'failed':
        return [`${what}, and could not be taken back. ${undone.why} ${undone.fix} ${follow} ${byHand}`];
      default:
        return [];
    }
  } catch (error) {
    return [`${what}: ${reasonOf(error)}. ${follow} ${byHand}`];
  }
}
