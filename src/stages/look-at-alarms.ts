import type { AlarmState, Alarms } from '../aws/alarms.js';
import type { SteadyConnection } from './register/steady-connection.js';

/** How the alarms of a deployment or a shift are. */
export interface AlarmsSeen {
  /** Those in ALARM, a sentence each. `INSUFFICIENT_DATA` is no alarm: an endpoint without requests has none. */
  readonly firing: readonly string[];
  /** A sentence about those that there are not; undefined: all are there. */
  readonly absent?: string;
}

/**
 * Looks at CloudWatch's alarms. Without names, nothing is asked.
 *
 * @throws AwsError when they may not be read, or AWS cannot be asked; CanceledError
 */
export async function lookAtAlarms(
  aws: SteadyConnection<{ readonly region: string; alarms(): Promise<Alarms> }>,
  names: readonly string[],
  signal: AbortSignal,
): Promise<AlarmsSeen> {
  if (names.length === 0) return { firing: [] };
  const { region, states } = await aws.call(async (connection) => ({
    region: connection.region,
    states: await (await connection.alarms()).states(names, signal),
  }));
  const missing = names.filter((name) => !states.some((state) => state.name === name));
  return {
    firing: firing(states),
    ...(missing.length > 0 && { absent: `There is no alarm ${missing.join(', ')} in ${region}.` }),
  };
}

const firing = (states: readonly AlarmState[]): readonly string[] =>
  states
    .filter(({ state }) => state === 'ALARM')
    .map(({ name, reason }) => `The alarm ${name} is in ALARM${reason ? `: ${withoutStop(reason)}` : ''}.`);

const withoutStop = (reason: string): string => reason.replace(/\.\s*$/, '');
