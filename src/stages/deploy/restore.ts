import { AwsError } from '../../aws/aws-error.js';
import type { Failure } from '../../plan.js';
import { isLost } from '../register/steady-connection.js';
import { answersText, askEndpoint } from './ask-endpoint.js';
import { changedByOthers, leaveToOthers } from './changed-by-others.js';
import type { Change, Deployment, DeployResult } from './deployment.js';
import { followByHand, updateByHand } from './endpoint-record.js';
import type { Sample } from './prove.js';
import { restoreRequest } from './requests.js';
import { sendUpdate } from './send-update.js';
import { isUntouched, settledAgain } from './settled-again.js';

const SECOND = 1_000;

/** Puts the previous configuration back, and proves that it answers. Red in any case. */
export async function restore(
  deployment: Deployment,
  { previousConfigName: previous, update }: Change,
  bad: Failure,
  samples: readonly Sample[],
): Promise<DeployResult> {
  const { name, timeoutSeconds } = deployment.part;
  const before = deployment.facts?.endpoint;
  const others = await changedByOthers(deployment, before);
  if (others !== undefined) return leaveToOthers(deployment, `${bad.message} ${others}`);
  if (previous === undefined || update === undefined) {
    deployment.forget();
    return deployment.failed(
      { ...bad, message: `${bad.message} It stays live: the configuration before is gone.` },
      { explain: true },
    );
  }
  deployment.say(`${bad.message} Putting ${previous} back.`);
  deployment.phase = 'restoring';
  // What is bad goes back in any case; stop-on-cancel is for what is not judged yet.
  if (deployment.state !== undefined) deployment.remember({ ...deployment.state, undo: true });
  const byHand = `\`${updateByHand(name, previous, deployment.region)}\``;
  let sent: boolean;
  try {
    sent = await sendUpdate(deployment, restoreRequest(update, previous), before);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (isLost(error)) return deployment.lost(error.message, error.fix, bad.message);
    return deployment.failed(
      {
        message: `${bad.message} ${previous} could not be put back: ${error.message} ${deployment.wantedName} is live.`,
        fix: `Put it back by hand: ${byHand}. ${error.fix}`,
      },
      { explain: true },
    );
  }
  if (!sent) {
    return leaveToOthers(deployment, `${bad.message} The endpoint ${name} was changed by others meanwhile.`);
  }
  const began = deployment.clock.now();
  const watched = await deployment.watch.until({
    reached: settledAgain(deployment.clock, (now) => isUntouched(now, before)),
    deadline: began + timeoutSeconds * SECOND,
  });
  if (watched.end === 'lost') return deployment.lost(watched.why, watched.fix, bad.message);
  const { EndpointStatus: status, EndpointConfigName: configName } = watched.endpoint ?? {};
  deployment.forget();
  if (watched.end !== 'reached' || status !== 'InService' || configName !== previous) {
    return deployment.failed(
      {
        message: `${bad.message} Putting ${previous} back has not succeeded: the endpoint ${name} is ${status ?? 'gone'}${configName === undefined ? '' : ` on ${configName}`}.`,
        fix: `Look at it (\`${followByHand(name, deployment.region)}\`), and put the configuration back by hand when it is settled: ${byHand}.`,
      },
      { explain: true },
    );
  }
  deployment.known({ action: 'restored' });
  const restored = await askEndpoint(deployment, samples);
  if (restored.kind === 'judged') deployment.known({ restoredProof: restored.record });
  return deployment.failed(
    {
      ...bad,
      message: `${bad.message} ${previous} was put back, and is live.${answersText(restored)}`,
    },
    { explain: true },
  );
}
