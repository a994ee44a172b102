import { AwsError } from '../../aws/aws-error.js';
import type { CreateEndpointInput, DescribeEndpointOutput } from '../../aws/endpoints.js';
import { STEP_TAG } from '../pinning-tags.js';
import { isLost } from '../register/steady-connection.js';
import { isSettled } from './decide.js';
import type { Deployment, DeployResult } from './deployment.js';
import { judgeLanding } from './judge-landing.js';
import { onceSeen } from './make.js';
import { makeResources } from './make-resources.js';
import type { Sample } from './prove.js';
import { wasProven } from './proven-config.js';
import { type DeploymentRequests, shownRequests } from './requests.js';
import { UNSEEN_MS } from './time-limits.js';

/** Creates the endpoint, and follows it until it is judged. @returns undefined when another run was quicker */
export async function createEndpoint(
  deployment: Deployment,
  wanted: DeploymentRequests,
  samples: readonly Sample[],
): Promise<DeployResult | undefined> {
  const { name } = deployment.part;
  const creation = withStep(wanted.creation, deployment.context.runId);
  const requests = { ...wanted, creation };
  await makeResources(deployment, requests);
  deployment.wasProven = await wasProven(deployment);
  const began = deployment.clock.now();
  deployment.known({ requests: shownRequests(requests) });
  deployment.bornAt = undefined;
  deployment.answerFor({ firstCreation: true, created: false, excluded: [] });
  deployment.phase = 'creating';
  try {
    const arn = await deployment.change(({ endpoints }, signal) =>
      onceSeen(() => endpoints.create(creation, signal), { clock: deployment.clock, signal }),
    );
    deployment.known({ arn });
  } catch (error) {
    const isThere = error instanceof AwsError && /already exist/i.test(error.message);
    // It was not there a moment ago: an attempt whose answer was lost, or another run, has created it.
    if (!isThere || !(await isCreatedByThisStep(deployment))) {
      // An answer that is lost may have been a yes: post looks.
      if (error instanceof AwsError && !isLost(error)) deployment.forgetUnlessCanceled();
      if (!isThere) throw error;
      deployment.say(`Another run has just created the endpoint ${name}.`);
      deployment.phase = 'before';
      return undefined;
    }
  }
  deployment.answerFor({ firstCreation: true, created: true, excluded: [] });
  deployment.say(`Creating the endpoint ${name} in ${deployment.region}.`);
  deployment.tellConsole();
  deployment.watch.followLogs(began);
  const watched = await deployment.watch.until({
    reached: (endpoint) => {
      if (endpoint === undefined) return deployment.clock.now() - began > UNSEEN_MS;
      rememberBirth(deployment, endpoint);
      return isSettled(endpoint.EndpointStatus ?? '');
    },
    deadline: deployment.deadline,
    endOnCrashLoop: true,
  });
  const kind = deployment.replacing ? 'replaced' : 'created';
  return judgeLanding(deployment, watched, { kind, owner: 'ours' }, requests, samples);
}

/** With the tag by which it is told from what another step of the same run creates at the same time. */
function withStep({ Tags = [], ...creation }: CreateEndpointInput, step: string): CreateEndpointInput {
  const others = Tags.filter(({ Key }) => Key !== STEP_TAG);
  return { ...creation, Tags: [...others, { Key: STEP_TAG, Value: step }] };
}

/** By this it is told from one that others create under the same name, when this one is deleted. */
function rememberBirth(deployment: Deployment, { CreationTime }: DescribeEndpointOutput): void {
  if (deployment.bornAt !== undefined || CreationTime === undefined) return;
  deployment.bornAt = CreationTime.getTime();
  deployment.answerFor({ firstCreation: true, created: true, excluded: [] });
}

/** Whether an attempt to create the endpoint has come through although its answer was lost. */
async function isCreatedByThisStep(deployment: Deployment): Promise<boolean> {
  const { signal, runId } = deployment.context;
  return deployment.aws.call(async ({ endpoints }) => {
    const endpoint = await endpoints.describe(deployment.part.name, signal);
    return (
      endpoint?.EndpointConfigName === deployment.wantedName &&
      (await endpoints.tags(endpoint.EndpointArn ?? '', signal)).get(STEP_TAG) === runId
    );
  });
}
