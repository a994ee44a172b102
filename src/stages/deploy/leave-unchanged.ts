import type { Failure } from '../../plan.js';
import { askEndpoint, badProof, provenText } from './ask-endpoint.js';
import { leaveToOthers, replacedByOthers } from './changed-by-others.js';
import type { Deployment, DeployResult } from './deployment.js';
import { updateByHand } from './endpoint-record.js';
import { setAutoScaling } from './finish.js';
import type { Owner } from './ownership.js';
import type { Sample } from './prove.js';
import { originOfWanted, rememberProven, type WayBack, wayBack } from './proven-config.js';
import { type DeploymentRequests, updateRequest } from './requests.js';
import { restore } from './restore.js';

/**
 * The endpoint is as it should be: only whether it answers, and its auto-scaling, are seen to. What answers badly is
 * taken back when no run has ever proven it: the one that put it live was ended before its proof.
 */
export async function leaveUnchanged(
  deployment: Deployment,
  samples: readonly Sample[],
  requests: DeploymentRequests,
  owner: Owner,
): Promise<DeployResult> {
  const { name } = deployment.part;
  deployment.known({ action: 'unchanged' });
  deployment.phase = 'settled';
  deployment.say(
    `The endpoint ${name} is in service on ${deployment.wantedName} already: nothing is changed.`,
  );
  const proof = samples.length > 0 ? await askEndpoint(deployment, samples) : undefined;
  if (proof?.kind === 'judged') deployment.known({ proof: proof.record });
  if (proof?.kind === 'impossible' && proof.lost) return deployment.lost(proof.why, proof.fix);
  const bad = badProof(proof);
  if (bad !== undefined) {
    const back = owner === 'ours' ? await wayBack(deployment) : undefined;
    const message = `The endpoint ${name} is in service on ${deployment.wantedName}, but it does not answer as it should: ${bad.why}`;
    if (back !== undefined && !back.wasAccepted) {
      return takeBack(deployment, back, requests, { ...bad, message }, samples);
    }
    const previousName = back?.previous.EndpointConfigName;
    if (previousName !== undefined) deployment.known({ previousConfigName: previousName });
    const byHand =
      previousName === undefined
        ? ''
        : `To put the configuration before back: \`${updateByHand(name, previousName, deployment.region)}\`.`;
    const fix = [bad.fix, byHand].filter(Boolean).join(' ');
    return deployment.failed(
      {
        message,
        ...(fix !== '' && { fix }),
      },
      { explain: true },
    );
  }
  if (proof !== undefined) {
    const others = await replacedByOthers(deployment);
    if (others !== undefined) return leaveToOthers(deployment, others);
  }
  if (owner === 'ours' && proof !== undefined && (await rememberProven(deployment, proof))) {
    // The run that has put it live may have been about to take it back: from now on it sees that it was proven.
    const others = await replacedByOthers(deployment);
    if (others !== undefined) return leaveToOthers(deployment, others);
  }
  const scaled = await setAutoScaling(deployment);
  if (scaled !== undefined && 'outcome' in scaled) return scaled;
  const scaling = scaled?.changed ? ' Its auto-scaling was changed.' : '';
  if (scaling !== '') deployment.known({ action: 'updated' });
  if (owner === 'ours') deployment.known(await originOfWanted(deployment));
  return deployment.passed(
    `${scaling === '' ? 'Unchanged: the' : 'The'} endpoint ${name} is live on ${deployment.wantedName}${provenText(proof)}.${scaling}${unreadText(deployment)}`,
  );
}

/** An address alone does not tell whether the model behind it is the one that the endpoint serves. */
function unreadText({ facts }: Deployment): string {
  const unread = [...(facts?.models.values() ?? [])].filter(({ unread }) => unread !== undefined);
  if (unread.length === 0) return '';
  const addresses = [...new Set(unread.flatMap(({ modelArtifacts }) => modelArtifacts ?? []))].join(', ');
  return ` Whether what is at ${addresses} is still the model that it serves is not known.`;
}

/** Puts back what was live before a configuration that never was proven. */
function takeBack(
  deployment: Deployment,
  { previous }: WayBack,
  { config }: DeploymentRequests,
  bad: Failure,
  samples: readonly Sample[],
): Promise<DeployResult> {
  const previousConfigName = previous.EndpointConfigName;
  const update = updateRequest(deployment.part, config, previous);
  const excluded = (update.ExcludeRetainedVariantProperties ?? []).flatMap(
    ({ VariantPropertyType }) => VariantPropertyType ?? [],
  );
  deployment.known({ previousConfigName, configs: [config, previous] });
  deployment.bornAt = deployment.facts?.endpoint?.CreationTime?.getTime();
  deployment.answerFor({ firstCreation: false, created: false, previousConfigName, excluded });
  const message = `${bad.message} No run has ever proven it: the one that put it live ended before that.`;
  const change = { kind: 'updated', owner: 'ours', previousConfigName, update } as const;
  return restore(deployment, change, { ...bad, message }, samples);
}
