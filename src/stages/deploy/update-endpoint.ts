import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import { isLost } from '../register/steady-connection.js';
import type { Deployment, DeployResult } from './deployment.js';
import { judgeLanding } from './judge-landing.js';
import { makeResources } from './make-resources.js';
import type { Owner } from './ownership.js';
import type { Sample } from './prove.js';
import { rememberPrevious, wasProven, withPrevious } from './proven-config.js';
import { type DeploymentRequests, shownRequests, updateRequest } from './requests.js';
import { requireCalm } from './require-calm.js';
import { sendUpdate } from './send-update.js';
import { isUntouched, settledAgain } from './settled-again.js';

/** Updates the endpoint, and follows it until it is judged. @returns undefined when somebody else was quicker */
export async function updateEndpoint(
  deployment: Deployment,
  requests: DeploymentRequests,
  samples: readonly Sample[],
  endpoint: DescribeEndpointOutput | undefined,
  owner: Owner,
): Promise<DeployResult | undefined> {
  const { part, context } = deployment;
  const { signal } = context;
  const { name } = part;
  if (owner === 'nobody') {
    deployment.notice(
      `The endpoint ${name} was not made by this repository: it is updated, since endpoint-name names it, and never deleted.`,
    );
  }
  const liveName = endpoint?.EndpointConfigName ?? '';
  const live = await deployment.aws.call(({ endpoints }) => endpoints.describeConfig(liveName, signal));
  if (live === undefined) {
    deployment.notice(`The live configuration ${liveName} is gone: there is nothing to go back to.`);
  }
  const update = updateRequest(part, requests.config, live);
  await requireCalm(deployment, update);
  const previousName = live === undefined ? undefined : liveName;
  const config = withPrevious(requests.config, previousName);
  await makeResources(deployment, { ...requests, config });
  deployment.wasProven = await wasProven(deployment);
  if (previousName !== undefined && !deployment.ownWork.some(({ name }) => name === deployment.wantedName)) {
    await rememberPrevious(deployment, previousName);
  }
  const previous = previousName === undefined ? {} : { previousConfigName: previousName };
  deployment.known({
    ...previous,
    configs: [requests.config, ...(live ? [live] : [])],
    requests: shownRequests({ ...requests, config }, update),
  });
  const excluded = (update.ExcludeRetainedVariantProperties ?? []).flatMap(
    ({ VariantPropertyType }) => VariantPropertyType ?? [],
  );
  const began = deployment.clock.now();
  deployment.bornAt = endpoint?.CreationTime?.getTime();
  deployment.answerFor({ firstCreation: false, created: false, ...previous, excluded });
  deployment.phase = 'updating';
  let sent: boolean;
  try {
    sent = await sendUpdate(deployment, update, endpoint);
  } catch (error) {
    // An answer that is lost may have been a yes: post looks.
    if (error instanceof AwsError && !isLost(error)) deployment.forgetUnlessCanceled();
    throw error;
  }
  if (!sent) {
    deployment.forgetUnlessCanceled();
    deployment.say(`Somebody else has just begun to change the endpoint ${name}.`);
    deployment.phase = 'before';
    return undefined;
  }
  deployment.say(
    `Updating the endpoint ${name} in ${deployment.region} from ${liveName} to ${deployment.wantedName}.`,
  );
  deployment.tellConsole();
  deployment.watch.followLogs(began);
  const watched = await deployment.watch.until({
    reached: settledAgain(deployment.clock, (now) => isUntouched(now, endpoint)),
    deadline: deployment.deadline,
    onCrashLoop: `The update cannot succeed like this. SageMaker takes it back by itself; ${liveName} stays live, and this is followed.`,
  });
  return judgeLanding(
    deployment,
    watched,
    {
      ...{ kind: 'updated', owner, ...previous, liveBefore: liveName, update },
      previousServed: endpoint?.EndpointStatus === 'InService',
    },
    requests,
    samples,
  );
}
