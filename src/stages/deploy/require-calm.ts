import { AwsError } from '../../aws/aws-error.js';
import type { UpdateEndpointInput } from '../../aws/endpoints.js';
import { lookAtAlarms } from '../look-at-alarms.js';
import { StageFailure } from '../stage-failure.js';
import type { Deployment } from './deployment.js';

/**
 * Looks at the alarms that are to take the update back, before anything is changed: one that is not there watches
 * nothing, and one that is off already would take back the best model. Where they may not be read, that is told.
 *
 * @throws StageFailure when one is not there, or in ALARM
 * @throws AwsError when AWS cannot be asked; CanceledError
 */
export async function requireCalm(deployment: Deployment, update: UpdateEndpointInput): Promise<void> {
  const { aws, context, part } = deployment;
  // The overrides may name alarms, too.
  const names = (update.DeploymentConfig?.AutoRollbackConfiguration?.Alarms ?? []).flatMap(
    ({ AlarmName }) => AlarmName ?? [],
  );
  try {
    const { firing, absent } = await lookAtAlarms(aws, names, context.signal);
    const untouched = `Nothing was changed at the endpoint ${part.name}.`;
    if (absent !== undefined) {
      throw new StageFailure({
        message: `${absent} The update would not be taken back by what does not exist. ${untouched}`,
        fix: 'Check the names in `rollback-alarms` and `aws-region`. docs/alarms.md makes such alarms.',
      });
    }
    if (firing.length > 0) {
      throw new StageFailure({
        message: `${firing.join(' ')} The update would be taken back, however good its model is. ${untouched}`,
        fix: 'Look at why it is in alarm; run this again when it is OK, or leave it out of `rollback-alarms` when the update is to mend it.',
      });
    }
  } catch (error) {
    if (!(error instanceof AwsError) || error.kind !== 'access-denied') throw error;
    deployment.notice(
      `Whether the alarms ${names.join(', ')} exist and are not in ALARM could not be looked at: ${error.message} ${error.fix}`,
    );
  }
}
