import type { AwsPlan } from '../plan.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { RetryPolicy } from './retry-policy.js';

/** An alarm of CloudWatch as it is now. */
export interface AlarmState {
  readonly name: string;
  /** StateValue: `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  /** StateReason: CloudWatch's own words, with the values. Untrusted. */
  readonly reason?: string;
}

/** Metric and composite alarms of one Region. Every call rejects with AwsError, or CanceledError. */
export interface Alarms {
  /** @returns those that there are, in no order */
  states(names: readonly string[], signal: AbortSignal): Promise<readonly AlarmState[]>;
}

/** Names of one DescribeAlarms. [doc] AlarmNames */
const BATCH = 100;

/**
 * A client of its own: its credentials are asked of the provider chain again.
 *
 * @param attempts of one call
 */
export async function connectAlarms(plan: AwsPlan, attempts: number): Promise<Alarms> {
  const sdk = await import('@aws-sdk/client-cloudwatch');
  const client = new sdk.CloudWatchClient({
    ...clientOptions(plan),
    maxAttempts: attempts,
    retryStrategy: new RetryPolicy(attempts),
  });
  return {
    async states(names, signal) {
      const found: AlarmState[] = [];
      for (let first = 0; first < names.length; first += BATCH) {
        const { MetricAlarms = [], CompositeAlarms = [] } = await call(
          'cloudwatch:DescribeAlarms',
          signal,
          (options) =>
            client.send(
              new sdk.DescribeAlarmsCommand({
                AlarmNames: names.slice(first, first + BATCH),
                AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
                MaxRecords: BATCH,
              }),
              options,
            ),
        );
        for (const { AlarmName, StateValue, StateReason } of [...MetricAlarms, ...CompositeAlarms]) {
          if (AlarmName === undefined) continue;
          found.push({
            name: AlarmName,
            state: StateValue ?? 'INSUFFICIENT_DATA',
            ...(StateReason && { reason: StateReason }),
          });
        }
      }
      return found;
    },
  };
}
