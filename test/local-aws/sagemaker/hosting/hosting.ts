import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../../service.js';
import type { Tags } from '../tags.js';
import type { EndpointSurroundings } from './endpoint.js';
import { EndpointConfigs } from './endpoint-configs.js';
import { Endpoints } from './endpoints.js';
import { type ModelSources, Models } from './models.js';
import { type EndpointScenario, EndpointScenarios, readEndpointScenarios } from './scenario.js';

/** SageMaker's hosting: models, endpoint configurations and endpoints, as long as local AWS lives. */
export class Hosting {
  readonly models: Models;
  readonly endpoints: Endpoints;
  readonly #configs: EndpointConfigs;
  readonly #scenarios = new EndpointScenarios();

  constructor(tags: Tags, sources: ModelSources, around: EndpointSurroundings) {
    this.models = new Models(tags, sources);
    this.#configs = new EndpointConfigs(tags, this.models);
    this.endpoints = new Endpoints(around, this.#configs, this.models, tags, this.#scenarios);
  }

  /** By the operation's name. */
  readonly operations: Readonly<Record<string, (input: never, context: CallContext) => unknown>> = {
    CreateModel: (input: api.CreateModelInput, context) => this.models.create(input, context),
    DescribeModel: (input: api.DescribeModelInput, context) => this.models.describe(input, context),
    ListModels: (input: api.ListModelsInput) => this.models.list(input),
    DeleteModel: (input: api.DeleteModelInput, context) => this.models.delete(input, context),
    CreateEndpointConfig: (input: api.CreateEndpointConfigInput, context) =>
      this.#configs.create(input, context),
    DescribeEndpointConfig: (input: api.DescribeEndpointConfigInput, context) =>
      this.#configs.describe(input, context),
    ListEndpointConfigs: (input: api.ListEndpointConfigsInput) => this.#configs.list(input),
    DeleteEndpointConfig: (input: api.DeleteEndpointConfigInput, context) =>
      this.#configs.delete(input, context),
    CreateEndpoint: (input: api.CreateEndpointInput, context) => this.endpoints.create(input, context),
    DescribeEndpoint: (input: api.DescribeEndpointInput, context) => this.endpoints.describe(input, context),
    ListEndpoints: (input: api.ListEndpointsInput) => this.endpoints.list(input),
    UpdateEndpoint: (input: api.UpdateEndpointInput, context) => this.endpoints.update(input, context),
    UpdateEndpointWeightsAndCapacities: (input: api.UpdateEndpointWeightsAndCapacitiesInput, context) =>
      this.endpoints.updateWeights(input, context),
    DeleteEndpoint: (input: api.DeleteEndpointInput, context) => this.endpoints.delete(input, context),
  };

  /**
   * `POST endpoints`: an {@link EndpointScenario} or a list of them, for the operations to come, in front of those in
   * force; `PUT`: in their place; `DELETE`: none; `GET`: those in force.
   */
  controlScenarios(method: string, body: unknown): readonly EndpointScenario[] {
    if (method === 'POST') this.#scenarios.add(read(body));
    else if (method !== 'GET') this.#scenarios.set(method === 'DELETE' ? [] : read(body));
    return this.#scenarios.all;
  }

  /** `POST endpoint-status/<name>` with `{"status": …, "forMs": …}`: what the platform does to it on its own. */
  controlStatus(name: string, body: unknown): object {
    const endpoint = this.endpoints.find(name);
    if (endpoint === undefined) throw new AwsError('NotFound', `there is no endpoint ${name}`, 404);
    const { status, forMs } = Object(body) as { readonly status?: string; readonly forMs?: number };
    if (!FORCED.includes(status as api.EndpointStatus)) {
      throw new AwsError('BadStatus', `status is none of ${FORCED.join(', ')}: ${status}`);
    }
    endpoint.force(status as api.EndpointStatus, forMs);
    return { EndpointStatus: endpoint.status };
  }

  close(): Promise<void> {
    return this.endpoints.close();
  }
}

const FORCED: readonly api.EndpointStatus[] = [
  'InService',
  'OutOfService',
  'SystemUpdating',
  'Updating',
  'RollingBack',
  'UpdateRollbackFailed',
  'Failed',
];

function read(body: unknown): readonly EndpointScenario[] {
  try {
    return readEndpointScenarios(body);
  } catch (error) {
    throw new AwsError('BadScenario', error instanceof Error ? error.message : String(error));
  }
}
