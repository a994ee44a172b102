import { AwsError } from '../../aws/aws-error.js';
import { pinningTags } from '../pinning-tags.js';
import { refusal } from '../register/refusal.js';
import { provenText } from './ask-endpoint.js';
import { autoScale } from './auto-scale.js';
import type { Change, Deployment, DeployResult } from './deployment.js';
import type { Proof } from './prove.js';
import { rememberProven } from './proven-config.js';
import { removeSuperseded } from './remove-superseded.js';

/** All is well: now what was replaced may go. */
export async function finish(
  deployment: Deployment,
  change: Change,
  proof: Proof | undefined,
): Promise<DeployResult> {
  const { name } = deployment.part;
  deployment.forget();
  deployment.phase = 'settled';
  await rememberProven(deployment, proof);
  await tagAnew(deployment, change);
  const scaled = await setAutoScaling(deployment);
  if (scaled !== undefined && 'outcome' in scaled) return scaled;
  if (proof === undefined) {
    deployment.notice(
      `The endpoint ${name} is in service, and whether it answers is not known: there is no \`endpoint-payload\`. Nothing superseded was removed.`,
    );
  } else if (deployment.part.removeSuperseded) await removeReplaced(deployment, change);
  const what = { created: 'Created', updated: 'Updated', replaced: 'Replaced' }[change.kind];
  return deployment.passed(
    `${what} the endpoint ${name}: it is live on ${deployment.wantedName}${provenText(proof)}.`,
  );
}

/** The endpoint's tags lead to the run that made what is live; UpdateEndpoint itself takes none. */
async function tagAnew(deployment: Deployment, { kind, owner }: Change): Promise<void> {
  if (kind !== 'updated' || owner !== 'ours') return;
  const { context, plan } = deployment;
  const tags = pinningTags(context.source, plan.aws.tags);
  const arn = deployment.facts?.endpoint?.EndpointArn ?? '';
  try {
    await deployment.aws.call(({ endpoints }) => endpoints.tag(arn, tags, context.signal));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    deployment.notice(`The endpoint's tags still name the run before: ${error.message} ${error.fix}`);
  }
}

/** @returns undefined when none is asked for; a result when AWS refuses it */
export async function setAutoScaling(
  deployment: Deployment,
): Promise<{ readonly changed: boolean } | DeployResult | undefined> {
  const { part, context } = deployment;
  const { autoScaling } = part;
  if (autoScaling === undefined) return undefined;
  const variants = part.variants.filter(({ hosting }) => hosting.kind === 'instance');
  const names = variants.map((variant) => variant.name);
  try {
    const changed = await deployment.aws.call(async (connection) =>
      autoScale(await connection.scaling(), part.name, names, autoScaling, context.signal),
    );
    deployment.known({ autoScaled: true });
    if (changed.length > 0) deployment.say(`Auto-scaling is set of ${changed.join(', ')}.`);
    return { changed: changed.length > 0 };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { failure, diagnosis } = refusal(
      error,
      `The endpoint ${part.name} is live on ${deployment.wantedName}, but its auto-scaling could not be set.`,
      deployment.region,
    );
    const result = deployment.failed(failure);
    return { ...(await result), ...(diagnosis && { diagnosis }) };
  }
}

async function removeReplaced(
  deployment: Deployment,
  { previousConfigName: previous, previousServed = false }: Change,
): Promise<void> {
  const { part, context } = deployment;
  try {
    const removed = await deployment.aws.call((connection) =>
      removeSuperseded(
        connection,
        {
          endpointName: part.name,
          live: deployment.wantedName,
          ...(previous !== undefined && { previous }),
          previousServed,
          source: context.source,
          now: deployment.clock.now(),
        },
        context.signal,
      ),
    );
    deployment.takeRemoved(removed);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    deployment.notice(`Superseded models and configurations were left: ${error.message} ${error.fix}`);
  }
}
