import { askEndpoint, badProof } from './ask-endpoint.js';
import { leaveToOthers, replacedByOthers } from './changed-by-others.js';
import type { Change, Deployment, DeployResult } from './deployment.js';
import { endBadCreation } from './end-bad-creation.js';
import { finish } from './finish.js';
import type { Sample } from './prove.js';
import { restore } from './restore.js';

/** Asks what has come into service; what answers badly is taken back, or deleted when it is the first. */
export async function proveChange(
  deployment: Deployment,
  change: Change,
  samples: readonly Sample[],
): Promise<DeployResult> {
  deployment.phase = 'unproven';
  deployment.known({ action: change.kind });
  const modifiedAt = deployment.facts?.endpoint?.LastModifiedTime?.getTime();
  if (deployment.state !== undefined && modifiedAt !== undefined) {
    deployment.remember({ ...deployment.state, modifiedAt });
  }
  const proof = samples.length > 0 ? await askEndpoint(deployment, samples) : undefined;
  if (proof?.kind === 'judged') deployment.known({ proof: proof.record });
  if (proof?.kind === 'impossible' && proof.lost) return deployment.lost(proof.why, proof.fix);
  const bad = badProof(proof);
  if (bad !== undefined) {
    await deployment.watch.drainLogs();
    const message = `${deployment.wantedName} came into service, but it does not answer as it should: ${bad.why}`;
    return change.kind === 'updated'
      ? restore(deployment, change, { message, ...(bad.fix && { fix: bad.fix }) }, samples)
      : endBadCreation(deployment, { message, ...(bad.fix && { fix: bad.fix }), explain: true });
  }
  if (proof !== undefined) {
    const others = await replacedByOthers(deployment);
    if (others !== undefined) return leaveToOthers(deployment, others);
  }
  return finish(deployment, change, proof);
}
