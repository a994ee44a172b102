import type { DeploymentState } from '../../runner/state.js';
import { deleteByHand, type EndpointFacts, followByHand, updateByHand } from './endpoint-record.js';
import type { Undone } from './undo.js';

/** How a canceled deployment stands, in words. */
export interface Canceled {
  readonly detail: string;
  /** True when there is nothing left that post could do. */
  readonly isOver: boolean;
  readonly facts: Pick<EndpointFacts, 'action' | 'status' | 'changedByOthers'>;
}

/** How to take a deployment back by hand. */
export const undoByHand = ({ endpointName, previousConfigName, region }: DeploymentState): string =>
  previousConfigName === undefined
    ? deleteByHand(endpointName, region)
    : updateByHand(endpointName, previousConfigName, region);

/** @param restoring the previous configuration was being put back when the run was canceled */
export function canceled(undone: Undone, state: DeploymentState, restoring: boolean): Canceled {
  const { endpointName: name, previousConfigName: previous, wantedConfigName: wanted, region } = state;
  const follow = `Follow it: \`${followByHand(name, region)}\`.`;
  const over = (detail: string, facts: Canceled['facts'] = {}): Canceled => ({ detail, isOver: true, facts });
  switch (undone.kind) {
    case 'restoring':
      return over(
        `The endpoint ${name} was live on ${wanted}, which was not proven: ${previous} is being put back. ${follow}`,
        { action: 'restored', status: 'Updating' },
      );
    case 'deleting':
      return over(`The endpoint ${name}, which this run created, is being deleted.`, { status: 'Deleting' });
    case 'previous':
      return over(
        `The endpoint ${name} is live on ${previous}, as before.`,
        restoring ? { action: 'restored' } : {},
      );
    case 'not-ours':
      return over(`The endpoint ${name} has been changed by others since: it was left alone. ${follow}`, {
        changedByOthers: true,
      });
    case 'proven':
      return over(`The endpoint ${name} stays live on ${wanted}: another run has proven it since. ${follow}`);
    case 'absent':
      return {
        detail: `The endpoint ${name} was not there to be taken back. The post step looks again.`,
        isOver: false,
        facts: {},
      };
    case 'failed':
      return {
        detail: `The deployment of ${wanted} to the endpoint ${name} could not be taken back yet: ${undone.why} ${undone.fix} The post step tries again. By hand: \`${undoByHand(state)}\`.`,
        isOver: false,
        facts: { status: 'Unknown' },
      };
    case 'left':
      return {
        detail: leftText(undone, state, restoring),
        // An endpoint that is created can be deleted later; an update goes its way, which was said.
        isOver: !state.firstCreation,
        facts: { status: undone.status, ...(restoring && { action: 'restored' }) },
      };
  }
}

/** What becomes of a first creation that nobody deletes. */
export const unprovenText =
  'If it is not deleted and its container serves, it comes into service all the same, unproven, and is paid for; the next deployment to it proves it.';

function leftText(
  { status, configName }: Extract<Undone, { kind: 'left' }>,
  state: DeploymentState,
  restoring: boolean,
): string {
  const { endpointName: name, previousConfigName: previous, wantedConfigName: wanted, region } = state;
  const follow = `Follow it: \`${followByHand(name, region)}\`.`;
  const byHand = `\`${undoByHand(state)}\``;
  if (state.firstCreation) {
    return `The endpoint ${name} is ${status}, and cannot be deleted as long as it is. The post step waits for that for some minutes, and deletes it. ${unprovenText} By hand, when it is settled: ${byHand}. ${follow}`;
  }
  if (restoring) {
    return `The endpoint ${name} is ${status}: ${previous} is being put back in place of ${wanted}, which was not proven. ${follow}`;
  }
  const on = configName === undefined ? '' : ` from ${configName}`;
  const before = previous ?? 'What was live before';
  const goBack = previous === undefined ? '' : ` Go back when it is InService: ${byHand}.`;
  return `The endpoint ${name} is ${status}${on} to ${wanted}: an update cannot be stopped. ${before} takes requests until it is through; then ${wanted} is live, unproven. ${follow}${goBack}`;
}
