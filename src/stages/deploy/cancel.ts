import { CanceledError } from '../../docker/docker.js';
import { canceled, undoByHand } from './canceled.js';
import type { Deployment, DeployResult } from './deployment.js';
import { type EndpointFacts, followByHand } from './endpoint-record.js';
import { CHANGE_GRACE_MS, HASTY_ATTEMPTS, UNDO_MS } from './time-limits.js';
import { undoDeployment } from './undo.js';

/** Takes back what is not proven, as far as it can be, and says exactly how things are. */
export async function cancelDeployment(deployment: Deployment): Promise<DeployResult> {
  const { context, plan, part } = deployment;
  const { name } = part;
  if (deployment.facts === undefined) throw new CanceledError();
  await Promise.race([deployment.pending, deployment.clock.sleep(CHANGE_GRACE_MS)]);
  const state = deployment.state;
  const end = (detail: string, change: Partial<EndpointFacts> = {}): DeployResult => {
    context.log.info(detail);
    deployment.known(change);
    return deployment.result({ outcome: 'canceled', detail });
  };
  if (state === undefined) {
    const settled = `The endpoint ${name} is live on ${deployment.wantedName}; what was left to do after that was canceled.`;
    const replacing = `The endpoint ${name}, which could not be updated any more, was deleted or is being deleted; it was not created anew.`;
    const { action, previousConfigName } = deployment.facts;
    if (action === 'restored') {
      return end(
        `The endpoint ${name} is live on ${previousConfigName}, as before ${deployment.wantedName}; whether it answers was not asked to the end.`,
      );
    }
    return end(
      deployment.phase === 'settled'
        ? settled
        : deployment.replacing
          ? replacing
          : `Nothing was changed at the endpoint ${name}.`,
    );
  }
  const restoring = deployment.phase === 'restoring';
  // What was bad is being taken back already: that goes on in any case.
  if (!plan.follow.stopOnCancel && !restoring) {
    deployment.forget();
    return end(
      `The deployment of ${deployment.wantedName} to the endpoint ${name} goes on, unproven: stop-on-cancel is false. Follow it: \`${followByHand(name, state.region)}\`. Take it back: \`${undoByHand(state)}\`.`,
    );
  }
  context.log.info(`The run is canceled: looking how the endpoint ${name} is.`);
  const undone = await undoDeployment(
    async () => (await deployment.connect(HASTY_ATTEMPTS)).endpoints,
    { state, within: UNDO_MS, step: context.runId },
    deployment.clock,
  );
  const { detail, isOver, facts } = canceled(undone, state, restoring);
  if (isOver) deployment.forget();
  const { endpoint } = deployment.facts;
  const isBack =
    undone.kind === 'previous' && endpoint !== undefined && state.previousConfigName !== undefined;
  return end(detail, {
    ...facts,
    ...(isBack && {
      endpoint: { ...endpoint, EndpointStatus: 'InService', EndpointConfigName: state.previousConfigName },
    }),
  });
}
