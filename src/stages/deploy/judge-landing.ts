import type { DescribeEndpointOutput } from '../../aws/endpoints.js';
import type { Failure } from '../../plan.js';
import { answersText, askEndpoint } from './ask-endpoint.js';
import { leaveToOthers } from './changed-by-others.js';
import type { CrashLoop } from './crash-watch.js';
import type { Change, Deployment, DeployResult } from './deployment.js';
import { endBadCreation } from './end-bad-creation.js';
import { followByHand, updateByHand } from './endpoint-record.js';
import type { FoundModel } from './find-model.js';
import { type Landing, landingOf } from './landing.js';
import type { Sample } from './prove.js';
import { proveChange } from './prove-change.js';
import type { DeploymentRequests } from './requests.js';
import { crashSentence, type Watched } from './watch.js';

/** What comes after the endpoint has come down, or has not in time: the proof, the way back, or the end. */
export async function judgeLanding(
  deployment: Deployment,
  watched: Watched,
  change: Change,
  requests: DeploymentRequests,
  samples: readonly Sample[],
): Promise<DeployResult> {
  const { name } = deployment.part;
  if (watched.end === 'lost') return deployment.lost(watched.why, watched.fix);
  if (watched.end === 'crash-loop') {
    return endBadCreation(deployment, { ...crashFailure(watched.loop), explain: true });
  }
  if (watched.end === 'timeout') return timedOut(deployment, change, watched.endpoint);
  const { earlierReason } = deployment.watch;
  const landing = landingOf(watched.endpoint, {
    name,
    config: requests.config,
    ...(change.liveBefore !== undefined && { before: change.liveBefore }),
    ...(deployment.bornAt !== undefined && { bornAt: deployment.bornAt }),
    ...(earlierReason !== undefined && { earlierReason }),
    models: effectiveModels(deployment, requests),
  });
  if (landing.kind === 'others') return leaveToOthers(deployment, landing.why);
  if (landing.kind === 'live') return proveChange(deployment, change, samples);
  return notLanded(deployment, landing, change, samples);
}

const crashFailure = (loop: CrashLoop) => ({
  message: `${crashSentence(loop)} It ended with: ${loop.lastLine}`,
  fix: 'Run the smoke test of the image with this model: it starts the container in the same way.',
});

/** The failure, with the crash loop that led to it first: the endpoint's own reason is but its consequence. */
function withCrash({ watch }: Deployment, failure: Failure): Failure {
  if (watch.crashLoop === undefined) return failure;
  const crash = crashFailure(watch.crashLoop);
  return {
    ...failure,
    message: `${crash.message} ${failure.message}`,
    fix: [crash.fix, failure.fix].filter(Boolean).join(' '),
  };
}

/** By variant, with the images that the overrides may have changed. */
function effectiveModels(
  deployment: Deployment,
  { models }: DeploymentRequests,
): ReadonlyMap<string, FoundModel> {
  return new Map(
    models.flatMap(({ variant, request }) => {
      const found = deployment.facts?.models.get(request.ModelName ?? '');
      const container = request.PrimaryContainer;
      if (found === undefined || container === undefined) return [];
      const { image: _, ...rest } = found;
      const image = container.Image ?? (container.ModelPackageName ? found.image : undefined);
      return [[variant, { ...rest, ...(image !== undefined && { image }) }] as const];
    }),
  );
}

async function notLanded(
  deployment: Deployment,
  landing: Exclude<Landing, { kind: 'live' | 'others' }>,
  change: Change,
  samples: readonly Sample[],
): Promise<DeployResult> {
  const { previousConfigName: previous } = change;
  if (change.kind !== 'updated') {
    return endBadCreation(deployment, { message: landing.why, explain: true });
  }
  await deployment.watch.drainLogs();
  deployment.forget();
  const isBack = landing.kind === 'other' && previous === deployment.facts?.endpoint?.EndpointConfigName;
  const goBack =
    previous === undefined
      ? ''
      : ` To put the configuration before back: \`${updateByHand(deployment.part.name, previous, deployment.region)}\`.`;
  if (!isBack) {
    return deployment.failed(withCrash(deployment, { message: landing.why, fix: goBack.trim() }), {
      explanation: deployment.explain(true),
    });
  }
  const explanation = deployment.explain(true);
  deployment.known({ action: 'restored' });
  const restored = samples.length > 0 ? await askEndpoint(deployment, samples) : undefined;
  if (restored?.kind === 'judged') deployment.known({ restoredProof: restored.record });
  return deployment.failed(
    withCrash(deployment, { message: `${landing.why} ${previous} is live.${answersText(restored)}` }),
    { explanation },
  );
}

async function timedOut(
  deployment: Deployment,
  change: Change,
  endpoint: DescribeEndpointOutput | undefined,
): Promise<DeployResult> {
  const { name } = deployment.part;
  const status = endpoint?.EndpointStatus ?? 'unknown';
  const message = `The endpoint ${name} was not in service within ${deployment.timeoutText}: it is ${status}.`;
  const raise = 'Raise `endpoint-timeout` when it needs longer.';
  if (change.kind !== 'updated') return endBadCreation(deployment, { message, fix: raise, explain: true });
  await deployment.watch.drainLogs();
  deployment.forget();
  const { previousConfigName: previous } = change;
  const stays =
    previous === undefined
      ? ''
      : ` The update to ${deployment.wantedName} goes on, and cannot be stopped; until it is through, ${previous} takes requests. When it comes into service, nobody has proven it.`;
  return deployment.failed(
    withCrash(deployment, {
      message: `${message}${stays}`,
      fix: `Follow it: \`${followByHand(name, deployment.region)}\`; or run this again, which waits for it. ${raise}`,
    }),
    { explain: true },
  );
}
