import { connectEndpointMetrics, type EndpointMetrics } from '../../aws/endpoint-metrics.js';
import type { AwsPlan } from '../../plan.js';
import { connectDeployTo, type DeployConnection } from '../deploy/connection.js';

/** The ways to AWS that moving traffic needs. What not every shift needs is made when it is first asked for. */
export interface ShiftConnection extends DeployConnection {
  metrics(): Promise<EndpointMetrics>;
}

/**
 * Makes a new connection, with credentials asked of the provider chain again.
 *
 * @param attempts of each call
 */
export type ConnectShift = (attempts: number) => Promise<ShiftConnection>;

export const connectShiftTo = (plan: AwsPlan): ConnectShift => {
  const connect = connectDeployTo(plan);
  return async (attempts) => {
    const connection = await connect(attempts);
    let metrics: Promise<EndpointMetrics> | undefined;
    return {
      ...connection,
      metrics: () => {
        metrics ??= connectEndpointMetrics(plan, attempts);
        return metrics;
      },
    };
  };
};
