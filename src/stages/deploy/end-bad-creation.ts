import { AwsError } from '../../aws/aws-error.js';
import type { Failure, RemovedResource } from '../../plan.js';
import { changedByOthers, isBornAt, leaveToOthers } from './changed-by-others.js';
import type { Deployment, DeployResult } from './deployment.js';
import { deleteByHand } from './endpoint-record.js';
import { removeEndpoint } from './remove-endpoint.js';
import { removal } from './remove-superseded.js';
import { DELETE_MS } from './time-limits.js';

/** The first deployment of an endpoint is bad: there is nothing to go back to. */
export async function endBadCreation(
  deployment: Deployment,
  bad: Failure & { readonly explain: boolean },
): Promise<DeployResult> {
  const { part } = deployment;
  const { name } = part;
  const { explain, ...failure } = bad;
  await deployment.watch.drainLogs();
  const explanation = explain ? deployment.explain() : undefined;
  const status = deployment.facts?.endpoint?.EndpointStatus ?? 'gone';
  const byHand = `\`${deleteByHand(name, deployment.region)}\``;
  if (part.failedEndpoint === 'keep') {
    deployment.forget();
    return deployment.failed(
      {
        ...failure,
        message: `${failure.message} The endpoint is kept as it is (${status}), and paid for: failed-endpoint is keep.`,
        fix: [failure.fix, `Delete it when it is no longer needed: ${byHand}.`].filter(Boolean).join(' '),
      },
      { explanation },
    );
  }
  const others = await changedByOthers(deployment, deployment.facts?.endpoint);
  if (others !== undefined) return leaveToOthers(deployment, `${failure.message} ${others}`);
  const deleted = await deleteBad(deployment);
  const told = { ...failure, message: `${failure.message} ${deleted}` };
  return deployment.failed(told, { explanation });
}

/** @returns what became of it, as a sentence */
async function deleteBad(deployment: Deployment): Promise<string> {
  const { name } = deployment.part;
  const byHand = `\`${deleteByHand(name, deployment.region)}\``;
  const bornAt = deployment.facts?.endpoint?.CreationTime?.getTime();
  deployment.phase = 'deleting';
  try {
    await removeEndpoint(deployment, deployment.facts?.endpoint);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    deployment.forget();
    const status = deployment.facts?.endpoint?.EndpointStatus ?? '';
    return status === 'Creating'
      ? `The endpoint cannot be deleted while SageMaker is creating it (${error.message}). It gives up after a while, about 24 min where that was seen; then the endpoint is Failed, costs nothing, and the next deployment replaces it. Or delete it then: ${byHand}.`
      : `The endpoint could not be deleted: ${error.message} Delete it by hand: ${byHand}.`;
  }
  const watched = await deployment.watch.until({
    // What has another CreationTime is not this one.
    reached: (endpoint) => !isBornAt(endpoint, bornAt) || endpoint === undefined,
    deadline: deployment.clock.now() + DELETE_MS,
  });
  deployment.forget();
  if (watched.end !== 'reached') return 'The endpoint is being deleted.';
  if (watched.endpoint !== undefined) {
    deployment.known({ changedByOthers: true });
    return 'The endpoint was deleted, and has been created anew by others since.';
  }
  deployment.known({ action: 'deleted', status: 'Deleted' });
  deployment.takeRemoved([
    {
      kind: 'endpoint',
      name,
      why: 'its first deployment was bad (failed-endpoint: delete)',
      result: 'removed',
    },
    ...(await removeMade(deployment)),
  ]);
  return 'The endpoint was deleted.';
}

/** Models and the configuration that this run made for nothing; the configuration first, which names the models. */
async function removeMade(deployment: Deployment): Promise<readonly RemovedResource[]> {
  const { signal } = deployment.context;
  const removed: RemovedResource[] = [];
  const why = 'made for the endpoint whose first deployment was bad';
  for (const { kind, name } of deployment.ownWork.toReversed()) {
    const remove = () =>
      deployment.aws.call(({ endpoints, models }) =>
        kind === 'model' ? models.remove(name, signal) : endpoints.removeConfig(name, signal),
      );
    removed.push(await removal(kind, name, remove, why));
  }
  return removed;
}
