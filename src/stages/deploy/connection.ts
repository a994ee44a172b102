import { type Alarms, connectAlarms } from '../../aws/alarms.js';
import { type AutoScaling, connectAutoScaling } from '../../aws/auto-scaling.js';
import { connectEndpointLogs } from '../../aws/endpoint-logs.js';
import { connectEndpointRuntime, type EndpointRuntime } from '../../aws/endpoint-runtime.js';
import { connectEndpoints, type Endpoints } from '../../aws/endpoints.js';
import type { LogStreams } from '../../aws/log-streams.js';
import { connectModelRegistry, type ModelRegistry } from '../../aws/model-registry.js';
import { connectModels, type Models } from '../../aws/models.js';
import { connectObjects, type Objects } from '../../aws/objects.js';
import type { AwsPlan } from '../../plan.js';

/** The ways to AWS that a deployment needs. What not every one needs is made when it is first asked for. */
export interface DeployConnection {
  readonly region: string;
  readonly models: Models;
  readonly endpoints: Endpoints;
  /** @param since milliseconds since 1970: logs of what was started from then on */
  logs(endpointName: string, since: number): Promise<LogStreams>;
  runtime(): Promise<EndpointRuntime>;
  scaling(): Promise<AutoScaling>;
  alarms(): Promise<Alarms>;
  registry(): Promise<ModelRegistry>;
  objects(): Promise<Objects>;
}

/**
 * Makes a new connection, with credentials asked of the provider chain again.
 *
 * @param attempts of each call
 */
export type ConnectDeploy = (attempts: number) => Promise<DeployConnection>;

export const connectDeployTo =
  (plan: AwsPlan): ConnectDeploy =>
  async (attempts) => {
    const [models, endpoints] = await Promise.all([
      connectModels(plan, attempts),
      connectEndpoints(plan, attempts),
    ]);
    return {
      region: endpoints.region,
      models,
      endpoints,
      logs: (endpointName, since) => connectEndpointLogs(plan, attempts, endpointName, since),
      runtime: once(() => connectEndpointRuntime(plan)),
      scaling: once(() => connectAutoScaling(plan, attempts)),
      alarms: once(() => connectAlarms(plan, attempts)),
      registry: once(() => connectModelRegistry(plan, attempts)),
      objects: once(() => connectObjects(plan, attempts)),
    };
  };

function once<Client>(connect: () => Promise<Client>): () => Promise<Client> {
  let client: Promise<Client> | undefined;
  return () => {
    client ??= connect();
    return client;
  };
}
