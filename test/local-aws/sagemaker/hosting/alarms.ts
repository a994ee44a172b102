import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';

/** CloudWatch's alarms, as a deployment watches them. */
export interface Alarms {
  /** Those of the names that are in state ALARM. */
  firing(names: readonly string[]): Promise<readonly string[]>;
}

export const cloudWatchAlarms = (client: CloudWatchClient): Alarms => ({
  async firing(names) {
    if (names.length === 0) return [];
    const found = await client.send(
      new DescribeAlarmsCommand({
        AlarmNames: [...names],
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        StateValue: 'ALARM',
      }),
    );
    return [...(found.MetricAlarms ?? []), ...(found.CompositeAlarms ?? [])].flatMap(
      ({ AlarmName, StateValue }) => (AlarmName !== undefined && StateValue === 'ALARM' ? [AlarmName] : []),
    );
  },
});
