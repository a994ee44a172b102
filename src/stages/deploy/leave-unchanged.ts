import { askEndpoint, badProof, provenText } from './ask-endpoint.js';
import { changedByOthers, leaveToOthers } from './changed-by-others.js';
import type { Deployment, DeployResult } from './deployment.js';
import { setAutoScaling } from './finish.js';
import type { Sample } from './prove.js';

/** The endpoint is as it should be: only whether it answers, and its auto-scaling, are seen to. */
export async function leaveUnchanged(
  deployment: Deployment,
  samples: readonly Sample[],
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
    return deployment.failed(
      {
        message: `The endpoint ${name} is as it should be (${deployment.wantedName}), but it does not answer as it should: ${bad.why}`,
        ...(bad.fix && { fix: bad.fix }),
      },
      { explain: true },
    );
  }
  if (proof !== undefined) {
    const others = await changedByOthers(deployment, deployment.facts?.endpoint);
    if (others !== undefined) return leaveToOthers(deployment, others);
  }
  const scaled = await setAutoScaling(deployment);
  if (scaled !== undefined && 'outcome' in scaled) return scaled;
  const scaling = scaled?.changed ? ' Its auto-scaling was changed.' : '';
  if (scaling !== '') deployment.known({ action: 'updated' });
  return deployment.passed(
    `${scaling === '' ? 'Unchanged: the' : 'The'} endpoint ${name} is live on ${deployment.wantedName}${provenText(proof)}.${scaling}`,
  );
}
