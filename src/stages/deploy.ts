import type { DescribeEndpointOutput } from '../aws/endpoints.js';
import { CanceledError } from '../docker/docker.js';
import type { Plan, VariantPlan } from '../plan.js';
import { whenAborted } from '../runner/cancel.js';
import type { StageContext } from './context.js';
import { cancelDeployment } from './deploy/cancel.js';
import { createEndpoint } from './deploy/create-endpoint.js';
import { type Decision, decide } from './deploy/decide.js';
import { Deployment, type DeployResult, type DeployWorld } from './deploy/deployment.js';
import { type FoundModel, findModel } from './deploy/find-model.js';
import { leaveUnchanged } from './deploy/leave-unchanged.js';
import { look, waitUntilSettled } from './deploy/look.js';
import type { Owner } from './deploy/ownership.js';
import { readSamples, type Sample } from './deploy/prove.js';
import { removeToReplace } from './deploy/remove-to-replace.js';
import { type DeploymentRequests, deploymentRequests } from './deploy/requests.js';
import { LOOK_AGAIN_MS } from './deploy/time-limits.js';
import { updateEndpoint } from './deploy/update-endpoint.js';
import type { MadeModel } from './made-model.js';
import { StageFailure } from './stage-failure.js';

export type { DeployResult, DeployWorld } from './deploy/deployment.js';

/**
 * Deploys the model: creates the endpoint or updates it, watches it until it is in service on exactly what was asked
 * for, proves that it answers, and only then removes what it replaced. A deployment that is bad is taken back.
 *
 * @throws StageFailure when nothing was changed at the endpoint, because something is wrong with what was asked for
 * @throws CanceledError when the run is canceled before anything is known
 */
export async function deploy(
  context: StageContext,
  plan: Plan,
  made: MadeModel,
  world: DeployWorld,
): Promise<DeployResult> {
  const { endpoint } = plan;
  if (endpoint === undefined) throw new Error('The plan deploys nothing.');
  const { signal } = context;
  const deployment = new Deployment(context, plan, endpoint, made, world);
  const work = carryOut(deployment).catch((error: unknown) => deployment.troubled(error));
  const canceled = whenAborted(signal).then(() => 'canceled' as const);
  try {
    const result = await Promise.race([work, canceled]);
    if (result !== 'canceled') return result;
  } catch (error) {
    if (!(error instanceof CanceledError) && !signal.aborted) throw error;
  }
  // What is still on its way ends by itself, and what it says then is of no use.
  work.catch(() => {});
  return cancelDeployment(deployment);
}

/** Looks at the endpoint, decides, and does it; again, when others have changed the endpoint meanwhile. */
async function carryOut(deployment: Deployment): Promise<DeployResult> {
  const { part, context, plan } = deployment;
  const samples = await readSamples(part.proof);
  const region = (await deployment.aws.connected()).region;
  const models = await modelsOf(deployment);
  const requests = deploymentRequests({ plan: part, aws: plan.aws, source: context.source, models });
  for (const notice of requests.notices) deployment.notice(notice);
  for (const [variant, { modelArtifacts, unread }] of models) {
    if (!unread?.isDenied) continue;
    deployment.notice(
      `Which model is at ${modelArtifacts} (variant ${variant}) is not known, so another one at the same address is taken for the same: ${unread.why}`,
    );
  }
  deployment.facts = {
    plan: part,
    region,
    arn: '',
    wantedConfigName: requests.config.EndpointConfigName ?? '',
    configs: [requests.config],
    models: new Map(
      requests.models.flatMap(({ variant, request }) => {
        const found = models.get(variant);
        return found === undefined ? [] : [[request.ModelName ?? '', found] as const];
      }),
    ),
    transitions: [],
    autoScaled: false,
    removed: [],
    requests: {},
    overridden: requests.overridden,
    logTail: [],
  };
  for (let looks = 1; ; looks += 1) {
    if (looks > 1) await deployment.clock.sleep(LOOK_AGAIN_MS, context.signal);
    const looked = await look(deployment);
    if (!('now' in looked)) return looked;
    const { endpoint, owner, now } = looked;
    const decision = decide(now, deployment.wantedName);
    const result = await follow(deployment, decision, { requests, samples, endpoint, owner });
    if (result !== undefined) return result;
  }
}

/** @returns undefined when the endpoint is to be looked at again */
async function follow(
  deployment: Deployment,
  decision: Decision,
  {
    requests,
    samples,
    endpoint,
    owner,
  }: {
    readonly requests: DeploymentRequests;
    readonly samples: readonly Sample[];
    readonly endpoint: DescribeEndpointOutput | undefined;
    readonly owner: Owner;
  },
): Promise<DeployResult | undefined> {
  switch (decision.kind) {
    case 'refuse':
      throw new StageFailure({ message: decision.message, fix: decision.fix });
    case 'wait':
      return waitUntilSettled(deployment, decision.why);
    case 'unchanged':
      return leaveUnchanged(deployment, samples, requests, owner);
    case 'replace':
      return removeToReplace(deployment, decision.why, endpoint);
    case 'create':
      return createEndpoint(deployment, requests, samples);
    case 'update':
      return updateEndpoint(deployment, requests, samples, endpoint, owner);
  }
}

/** By variant. */
async function modelsOf(deployment: Deployment): Promise<ReadonlyMap<string, FoundModel>> {
  const models = new Map<string, FoundModel>();
  for (const variant of deployment.part.variants) {
    models.set(variant.name, await modelOf(deployment, variant));
  }
  return models;
}

function modelOf(
  { plan, part, made, context, world, aws }: Deployment,
  variant: VariantPlan,
): Promise<FoundModel> {
  const { ImageConfig } = Object(part.overrides.CreateModel?.['PrimaryContainer']) as Record<string, unknown>;
  return aws.call((connection) =>
    findModel(variant, {
      aws: plan.aws,
      made,
      registry: connection.registry,
      objects: connection.objects,
      signal: context.signal,
      elsewhere: ImageConfig !== undefined,
      ...(world.pin && { pin: world.pin }),
    }),
  );
}
