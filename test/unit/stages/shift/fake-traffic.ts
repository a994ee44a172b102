import type { AlarmState } from '../../../../src/aws/alarms.js';
import type { MetricWindow } from '../../../../src/aws/endpoint-metrics.js';
import type {
  DescribeEndpointOutput,
  UpdateEndpointWeightsAndCapacitiesInput,
} from '../../../../src/aws/endpoints.js';
import { CanceledError } from '../../../../src/docker/docker.js';
import type { ShiftConnection } from '../../../../src/stages/shift/connection.js';
import type { JobClock } from '../../../../src/stages/train/job-clock.js';
import { refused } from '../deploy/fake-hosting.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn';

/** One live endpoint with several variants, its alarms and its metrics, as the stage `shift` sees them. */
export class FakeTraffic {
  /** Absent: there is none. */
  present = true;
  status = 'InService';
  config = 'churn-config';
  /** FailureReason, for ever. */
  reason: string | undefined;
  tags: ReadonlyMap<string, string> = new Map();
  weights = new Map<string, number>();
  /** Seconds that a change of weights takes. */
  takes = 60;
  /** Whether a change of weights holds, by its number from 1. */
  holds: (nth: number) => boolean = () => true;
  /** Names of those there are, with the state and the reason. */
  alarms: () => readonly AlarmState[] = () => [];
  /** Undefined: no data points. */
  metric: (variant: string, metric: string, window: MetricWindow) => number | undefined = () => undefined;
  /** Asked before each call; what it gives is thrown. */
  fault: (operation: string, nth: number) => Error | undefined = () => undefined;
  /** Asked after the weights were taken: an answer that is lost. */
  lostAnswer: (nth: number) => Error | undefined = () => undefined;
  readonly calls: { readonly operation: string; readonly at: number }[] = [];
  /** Weights as they were sent. */
  readonly sent: Readonly<Record<string, number>>[] = [];
  readonly windows: MetricWindow[] = [];
  #busyUntil = 0;
  #pending: { readonly weights: ReadonlyMap<string, number>; readonly holds: boolean } | undefined;

  constructor(readonly clock: JobClock) {}

  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** Somebody else's change, from now on for so many seconds. */
  busy(seconds: number): void {
    this.#busyUntil = this.clock.now() + seconds * 1000;
  }

  /** What is live now, after what is on its way. */
  get live(): Readonly<Record<string, number>> {
    this.#settle();
    return Object.fromEntries(this.weights);
  }

  readonly connect = async (): Promise<ShiftConnection> => {
    this.#called('connect');
    return {
      region: 'eu-west-1',
      endpoints: {
        region: 'eu-west-1',
        describe: async (_name: string, signal: AbortSignal) => {
          this.#called('describe', signal);
          return this.#describe();
        },
        describeConfig: async (_name: string, signal: AbortSignal) => {
          this.#called('describeConfig', signal);
          return {
            EndpointConfigName: this.config,
            ProductionVariants: [...this.weights.keys()].map((VariantName) => ({
              VariantName,
              ModelName: `${VariantName}-model`,
              InstanceType: 'ml.m5.large',
            })),
          };
        },
        tags: async (_arn: string, signal: AbortSignal) => {
          this.#called('tags', signal);
          return this.tags;
        },
        updateWeights: async (request: UpdateEndpointWeightsAndCapacitiesInput, signal: AbortSignal) => {
          this.#called('updateWeights', signal);
          this.#settle();
          if (this.clock.now() < this.#busyUntil) {
            throw refused(`Cannot update in-progress endpoint "${ARN}".`);
          }
          const weights = new Map(
            (request.DesiredWeightsAndCapacities ?? []).map(({ VariantName = '', DesiredWeight = 0 }) => [
              VariantName,
              // As SageMaker keeps them.
              Math.fround(DesiredWeight),
            ]),
          );
          this.sent.push(
            Object.fromEntries(
              (request.DesiredWeightsAndCapacities ?? []).map(({ VariantName = '', DesiredWeight = 0 }) => [
                VariantName,
                DesiredWeight,
              ]),
            ),
          );
          this.#pending = { weights, holds: this.holds(this.sent.length) };
          this.busy(this.takes);
          const lost = this.lostAnswer(this.sent.length);
          if (lost) throw lost;
        },
      },
      alarms: async () => ({
        states: async (names: readonly string[], signal: AbortSignal) => {
          this.#called('alarms', signal);
          return this.alarms().filter(({ name }) => names.includes(name));
        },
      }),
      metrics: async () => ({
        read: async (
          _endpoint: string,
          variants: readonly string[],
          metrics: readonly string[],
          window: MetricWindow,
          signal: AbortSignal,
        ) => {
          this.#called('metrics', signal);
          this.windows.push(window);
          return variants.flatMap((variant) =>
            metrics.map((metric) => {
              const value = this.metric(variant, metric, window);
              return { variant, metric, ...(value !== undefined && { value }) };
            }),
          );
        },
      }),
    } as unknown as ShiftConnection;
  };

  #called(operation: string, signal?: AbortSignal): void {
    if (signal?.aborted) throw new CanceledError();
    this.calls.push({ operation, at: this.clock.now() });
    const fault = this.fault(operation, this.count(operation));
    if (fault) throw fault;
  }

  #settle(): void {
    if (this.clock.now() < this.#busyUntil || this.#pending === undefined) return;
    if (this.#pending.holds)
      for (const [variant, weight] of this.#pending.weights) this.weights.set(variant, weight);
    this.#pending = undefined;
  }

  #describe(): DescribeEndpointOutput | undefined {
    if (!this.present) return undefined;
    this.#settle();
    const busy = this.clock.now() < this.#busyUntil;
    return {
      EndpointName: 'churn',
      EndpointArn: ARN,
      ...(this.reason !== undefined && { FailureReason: this.reason }),
      EndpointConfigName: this.config,
      EndpointStatus: (busy ? 'Updating' : this.status) as 'InService',
      CreationTime: new Date(0),
      LastModifiedTime: new Date(this.clock.now()),
      ProductionVariants: [...this.weights].map(([VariantName, weight]) => ({
        VariantName,
        CurrentWeight: weight,
        DesiredWeight: this.#pending?.holds ? (this.#pending.weights.get(VariantName) ?? weight) : weight,
      })),
    };
  }
}
