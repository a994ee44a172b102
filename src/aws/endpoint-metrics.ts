import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { AwsPlan } from '../plan.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { RetryPolicy } from './retry-policy.js';

/** A metric of one variant of an endpoint over some time. */
export interface VariantMetric {
  readonly variant: string;
  /** CloudWatch's name of it: `ModelLatency`. */
  readonly metric: string;
  /**
   * In CloudWatch's own unit. Of counts the sum, of simultaneous requests the maximum, of all else the average of
   * the single measurements. Absent: CloudWatch has no data points.
   */
  readonly value?: number;
}

export interface MetricWindow {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** CloudWatch's metrics of endpoints. Every call rejects with AwsError, or CanceledError. */
export interface EndpointMetrics {
  /** @returns one for each variant and metric */
  read(
    endpointName: string,
    variants: readonly string[],
    metrics: readonly string[],
    window: MetricWindow,
    signal: AbortSignal,
  ): Promise<readonly VariantMetric[]>;
}

/** How the values of a minute become one of the whole time. */
type Kind = 'sum' | 'maximum' | 'average';

/** [doc] monitoring-cloudwatch.md; all else is averaged. */
const KINDS: Readonly<Record<string, Kind>> = {
  Invocations: 'sum',
  InvocationsPerInstance: 'sum',
  Invocation4XXErrors: 'sum',
  Invocation5XXErrors: 'sum',
  InvocationModelErrors: 'sum',
  ConcurrentRequestsPerModel: 'maximum',
};

/** What becomes of a metric's values: `Invocation5XXErrors` are counted, `ModelLatency` is averaged. */
export const metricKind = (metric: string): Kind => KINDS[metric] ?? 'average';

/** Metrics of the instances have a namespace of their own. [doc] */
const OF_INSTANCES = /Utilization$/;

/** Data points of SageMaker are a minute's. */
const MINUTE = 60_000;

/** An average over several minutes is that of the measurements, not of the minutes: hence the sample count. */
const STATISTICS: Readonly<Record<Kind, readonly string[]>> = {
  sum: ['Sum'],
  maximum: ['Maximum'],
  average: ['Sum', 'SampleCount'],
};

/**
 * A client of its own: its credentials are asked of the provider chain again.
 *
 * @param attempts of one call
 */
export async function connectEndpointMetrics(plan: AwsPlan, attempts: number): Promise<EndpointMetrics> {
  const sdk = await import('@aws-sdk/client-cloudwatch');
  const client = new sdk.CloudWatchClient({
    ...clientOptions(plan),
    maxAttempts: attempts,
    retryStrategy: new RetryPolicy(attempts),
  });

  /** All values of each query, by its id. */
  async function valuesOf(
    MetricDataQueries: MetricDataQuery[],
    { from, to }: MetricWindow,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly number[]>> {
    const values = new Map<string, number[]>();
    let NextToken: string | undefined;
    do {
      const page = await call('cloudwatch:GetMetricData', signal, (options) =>
        client.send(
          new sdk.GetMetricDataCommand({
            MetricDataQueries,
            StartTime: new Date(Math.floor(from / MINUTE) * MINUTE),
            // The end is exclusive, and the current minute counts as far as it is known.
            EndTime: new Date(Math.ceil(to / MINUTE) * MINUTE),
            ...(NextToken && { NextToken }),
          }),
          options,
        ),
      );
      for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) {
        values.set(Id, [...(values.get(Id) ?? []), ...Values]);
      }
      NextToken = page.NextToken;
    } while (NextToken);
    return values;
  }

  return {
    async read(endpointName, variants, metrics, window, signal) {
      const wanted = variants.flatMap((variant) => metrics.map((metric) => ({ variant, metric })));
      if (wanted.length === 0) return [];
      const queries = wanted.flatMap(({ variant, metric }, index) =>
        STATISTICS[metricKind(metric)].map((Stat) => ({
          Id: queryId(index, Stat),
          MetricStat: {
            Metric: {
              Namespace: OF_INSTANCES.test(metric) ? '/aws/sagemaker/Endpoints' : 'AWS/SageMaker',
              MetricName: metric,
              Dimensions: [
                { Name: 'EndpointName', Value: endpointName },
                { Name: 'VariantName', Value: variant },
              ],
            },
            Period: MINUTE / 1000,
            Stat,
          },
        })),
      );
      const values = await valuesOf(queries, window, signal);
      return wanted.map(({ variant, metric }, index) => {
        const of = (statistic: string) => values.get(queryId(index, statistic)) ?? [];
        const value = overall(metricKind(metric), of);
        return { variant, metric, ...(value !== undefined && { value }) };
      });
    },
  };
}

/** Ids begin with a lower-case letter. [doc] */
const queryId = (index: number, statistic: string): string => `m${index}_${statistic.toLowerCase()}`;

function overall(kind: Kind, of: (statistic: string) => readonly number[]): number | undefined {
  if (kind === 'maximum') {
    const values = of('Maximum');
    return values.length === 0 ? undefined : Math.max(...values);
  }
  const sums = of('Sum');
  if (sums.length === 0) return undefined;
  if (kind === 'sum') return total(sums);
  const count = total(of('SampleCount'));
  return count > 0 ? total(sums) / count : undefined;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
