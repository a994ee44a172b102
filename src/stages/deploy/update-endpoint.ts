import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { DeployConnection } from './connection.js';
import { isSettled } from './decide.js';
import type { Deployment, DeployResult } from './deployment.js';
import { judgeLanding } from './judge-landing.js';
import { onceSeen } from './make.js';
import { makeResources } from './make-resources.js';
import type { Owner } from './ownership.js';
import type { Sample } from './prove.js';
import { rememberPrevious, withPrevious } from './proven-config.js';
import { type DeploymentRequests, shownRequests, updateRequest } from './requests.js';
import { UNSEEN_MS } from './time-limits.js';

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
  const previousName = live === undefined ? undefined : liveName;
  const config = withPrevious(requests.config, previousName);
  await makeResources(deployment, { ...requests, config });
  if (previousName !== undefined && !deployment.ownWork.some(({ name }) => name === deployment.wantedName)) {
    await rememberPrevious(deployment, previousName);
  }
  const update = updateRequest(part, requests.config, live);
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
  deployment.answerFor({ firstCreation: false, created: false, ...previous, excluded });
  deployment.phase = 'updating';
  try {
    await deployment.change(async ({ endpoints }, sending) => {
      try {
        await onceSeen(() => endpoints.update(update, sending), { clock: deployment.clock, signal: sending });
      } catch (error) {
        // The answer to an attempt before this one may have been lost.
        if (!isInProgress(error) || !(await isOnItsWay(deployment, endpoints))) throw error;
      }
    });
  } catch (error) {
    deployment.forgetUnlessCanceled();
    if (!isInProgress(error)) throw error;
    deployment.say(`Somebody else has just begun to change the endpoint ${name}.`);
    deployment.phase = 'before';
    return undefined;
  }
  deployment.say(
    `Updating the endpoint ${name} in ${deployment.region} from ${liveName} to ${deployment.wantedName}.`,
  );
  deployment.tellConsole();
  deployment.watch.followLogs(began);
  let moved = false;
  const watched = await deployment.watch.until({
    reached: (now) => {
      if (now === undefined) return true;
      const settled = isSettled(now.EndpointStatus ?? '');
      // For a moment AWS may still show the endpoint as it was before the update.
      const isAsBefore =
        !moved &&
        now.EndpointConfigName === liveName &&
        now.LastModifiedTime?.getTime() === endpoint?.LastModifiedTime?.getTime() &&
        deployment.clock.now() - began < UNSEEN_MS;
      moved ||= !settled;
      return settled && !isAsBefore;
    },
    deadline: deployment.deadline,
    onCrashLoop: `The update cannot succeed like this. SageMaker takes it back by itself; ${liveName} stays live, and this is followed.`,
  });
  return judgeLanding(
    deployment,
    watched,
    { kind: 'updated', owner, ...previous, liveBefore: liveName, update },
    requests,
    samples,
  );
}

async function isOnItsWay(
  deployment: Deployment,
  endpoints: DeployConnection['endpoints'],
): Promise<boolean> {
  const endpoint = await endpoints.describe(deployment.part.name, deployment.context.signal);
  return endpoint?.PendingDeploymentSummary?.EndpointConfigName === deployment.wantedName;
}

/** `Cannot update in-progress endpoint "arn:…"`: somebody is changing it. [obs] */
const isInProgress = (error: unknown): boolean =>
  error instanceof AwsError && /in-progress endpoint/i.test(error.message);
