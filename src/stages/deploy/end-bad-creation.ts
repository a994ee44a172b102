import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { Failure, RemovedResource } from '../../plan.js';
import { isLost } from '../register/steady-connection.js';
import { unprovenText } from './canceled.js';
import { changedByOthers, isBornAt, leaveToOthers } from './changed-by-others.js';
import type { Deployment, DeployResult } from './deployment.js';
import { deleteByHand } from './endpoint-record.js';
import { removeEndpoint } from './remove-endpoint.js';
import { removal } from './remove-superseded.js';
import { isInProgress } from './send-update.js';
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
  // What is bad is deleted in any case; stop-on-cancel is for what is not judged yet.
  if (deployment.state !== undefined) deployment.remember({ ...deployment.state, undo: true });
  try {
    const deleted = await deleteBad(deployment);
    return deployment.failed({ ...failure, message: `${failure.message} ${deleted}` }, { explanation });
  } catch (error) {
    if (!(error instanceof AwsError && isLost(error))) throw error;
    const lost = deployment.lost(error.message, error.fix, failure.message);
    return explanation === undefined
      ? lost
      : { ...lost, diagnosis: explanation.diagnosis, annotations: [explanation.annotation] };
  }
}

/**
 * @returns what became of it, as a sentence
 * @throws AwsError when AWS cannot be asked any more: post is to look after it
 */
async function deleteBad(deployment: Deployment): Promise<string> {
  const { name } = deployment.part;
  const byHand = `\`${deleteByHand(name, deployment.region)}\``;
  const bornAt = deployment.facts?.endpoint?.CreationTime?.getTime();
  deployment.phase = 'deleting';
  try {
    await removeEndpoint(deployment, deployment.facts?.endpoint);
  } catch (error) {
    if (!(error instanceof AwsError) || isLost(error)) throw error;
    const now = isInProgress(error) ? await lookAgain(deployment) : deployment.facts?.endpoint;
    const status = now?.EndpointStatus;
    if (status === 'Creating') {
      const becomes =
        deployment.watch.crashLoop === undefined
          ? unprovenText
          : 'SageMaker gives up after a while, about 24 min where that was seen; then the endpoint is Failed, costs nothing, and the next deployment replaces it.';
      return `The endpoint cannot be deleted while SageMaker is creating it (${error.message}). The post step waits for that for some minutes, and deletes it. ${becomes} Or delete it when it is settled: ${byHand}.`;
    }
    // The answer to an attempt before this one may have been lost.
    if (!isInProgress(error) || (now !== undefined && status !== 'Deleting')) {
      // What has settled just now can be deleted: post does.
      if (!isInProgress(error)) deployment.forget();
      return `The endpoint could not be deleted: ${error.message} Delete it by hand: ${byHand}.`;
    }
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

/** Changes nothing of what is known: it may be another one by now. */
const lookAgain = (deployment: Deployment): Promise<DescribeEndpointOutput | undefined> =>
  deployment.aws.call(({ endpoints }) => endpoints.describe(deployment.part.name, deployment.context.signal));

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
